/** `tour.json` of each chapter that has a tour: what the debugger saw. */

import type { Generated } from '../Generated.ts'
import { type ChapterTour, chaptersWithTour, tourOf } from './chapterTours.ts'
import { formattedJson } from './json.ts'
import { recordTour } from './record.ts'

/** Each recording is a process with two threads. */
const AT_ONCE = 2

export const tourPath = ({ dir }: Pick<ChapterTour, 'dir'>): string => `${dir}/tour.json`

export const tourGenerated: Generated = {
  name: 'Tours',
  slow: true,
  files: async () => {
    const left = await Promise.all(chaptersWithTour().map(tourOf))
    const texts = new Map(left.map((one) => [tourPath(one), '']))
    const recordOn = async (): Promise<void> => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) {
        texts.set(tourPath(one), formattedJson(await recordTour(one)))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, recordOn))
    return texts
  },
}
