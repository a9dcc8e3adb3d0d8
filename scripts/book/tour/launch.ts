/**
 * The entries of `.vscode/launch.json` that stop at a tour's stops.
 *
 * An editor keeps its breakpoints elsewhere, so an entry runs the demo with a loader
 * (`standAt.mjs`) that writes `debugger;` before the line of each stop.
 *
 * I1  What was written into launch.json by hand stays, and stays first.
 */

import { readFileSync } from 'node:fs'
import { type Generated, root } from '../Generated.ts'
import { type ChapterTour, chaptersWithTour, tourOf } from './chapterTours.ts'
import { formattedJson } from './json.ts'

const FILE = '.vscode/launch.json'
/** Of generated entries alone. */
const NAME = /^Tour \d\d: /

/** As much of an entry as the tests of the house look at. */
export interface LaunchEntry {
  readonly name: string
  readonly runtimeArgs?: readonly string[]
  readonly program: string
  readonly args: readonly string[]
}

interface LaunchFile {
  readonly version: string
  readonly configurations: readonly LaunchEntry[]
}

export const launchEntry = ({ number, tour }: Pick<ChapterTour, 'number' | 'tour'>) => ({
  name: `Tour ${number}: ${tour.title}`,
  type: 'node',
  request: 'launch',
  runtimeArgs: [
    '--import',
    'ts-blank-space/register',
    '--import',
    './scripts/book/tour/standAt.mjs',
  ],
  program: `\${workspaceFolder}/scripts/book/tour/demo.ts`,
  args: [String(Number(number))],
  cwd: `\${workspaceFolder}`,
  // What runs has the stops in it, and no types: the lines are those of the file, the text is not.
  enableContentValidation: false,
  console: 'integratedTerminal',
  skipFiles: ['<node_internals>/**', '**/node_modules/**', '**/scripts/book/tour/**'],
})

export const launchGenerated: Generated = {
  name: 'Tours in the debugger',
  files: async () => {
    const launch = JSON.parse(readFileSync(root + FILE, 'utf8')) as LaunchFile
    const byHand = launch.configurations.filter(({ name }) => !NAME.test(name))
    const tours = await Promise.all(chaptersWithTour().map(tourOf))
    const configurations = [...byHand, ...tours.map(launchEntry)]
    return new Map([[FILE, formattedJson({ ...launch, configurations })]])
  },
}
