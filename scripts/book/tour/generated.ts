/**
 * `tour.json` of each chapter that has a tour: what the debugger saw, now or when it last walked
 * through the very same files.
 */

import { cached, hashOf } from '../cache.ts'
import type { Generated } from '../Generated.ts'
import { hashOfCode } from '../try/hashOfCode.ts'
import { type ChapterTour, chaptersWithTour, tourOf } from './chapterTours.ts'
import { formattedJson } from './json.ts'
import { Places } from './places.ts'
import { DEADLINE_MS, recordTour } from './record.ts'

/** Each recording is a process with two threads. */
const AT_ONCE = 2

export const tourPath = ({ dir }: Pick<ChapterTour, 'dir'>): string => `${dir}/tour.json`

/** Of what a walk could depend on: the code, the chapter's own but for its pages, the recorder. */
export const hashOfTour = ({ dir }: Pick<ChapterTour, 'dir'>, code = hashOfCode()): string =>
  hashOf({
    folders: [dir, 'scripts/book/tour', 'docs/.vitepress/markdown'],
    leaveOut: /\.(md|json|out|txt)$|\.test\.ts$|\/exercises\/|\/break-it\.ts$/,
    texts: [code],
  })

export const tourGenerated: Generated = {
  name: 'Tours',
  slow: true,
  files: async () => {
    const left = await Promise.all(chaptersWithTour().map(tourOf))
    const texts = new Map(left.map((one) => [tourPath(one), '']))
    const code = hashOfCode()
    const places = new Places()
    const recordOn = async (): Promise<void> => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) {
        const walked = one
        const record = () => recordTour(walked, DEADLINE_MS, places)
        const recorded = await cached('tours', hashOfTour(walked, code), record)
        texts.set(tourPath(walked), formattedJson(recorded))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, recordOn))
    return texts
  },
}
