/**
 * Walks through a chapter with the debugger and prints what it sees.
 *
 *     npm run tour 6                 also 06, or the folder's name
 *     npm run tour 6 -- --list       the stops, without running
 *     npm run tour 6 -- --update     writes what it saw to tour.json, which the page shows
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { chapterNumbered } from '../chapters.ts'
import { root } from '../Generated.ts'
import { chaptersWithTour, tourOf } from './chapterTours.ts'
import { tourPath } from './generated.ts'
import { formattedJson } from './json.ts'
import { listText, tourText } from './print.ts'
import { recordTour } from './record.ts'

const OPTIONS = ['--list', '--update']

const usage = (): string => {
  const rows = chaptersWithTour().map(({ folder, title }) => `  ${folder.slice(0, 2)}  ${title}\n`)
  return `npm run tour <number> walks through a chapter. Those with a tour:\n${rows.join('')}`
}

/** Returns the exit code. */
export const tourCommand = async (
  args: readonly string[],
  write: (text: string) => void,
  writeError: (text: string) => void,
): Promise<number> => {
  const unknown = args.find((arg) => arg.startsWith('-') && !OPTIONS.includes(arg))
  const [name, more] = args.filter((arg) => !arg.startsWith('-'))
  if (unknown !== undefined || name === undefined || more !== undefined) {
    const complaint = unknown === undefined ? '' : `There is no option '${unknown}'.\n`
    writeError(complaint + usage())
    return 1
  }
  const folder = chapterNumbered(name)?.folder
  const chapter = chaptersWithTour().find((one) => one.folder === folder)
  if (chapter === undefined) {
    writeError(`There is no tour of a chapter '${name}'.\n${usage()}`)
    return 1
  }
  try {
    const walk = await tourOf(chapter)
    if (args.includes('--list')) {
      write(listText(walk.tour))
      return 0
    }
    const recorded = await recordTour(walk)
    if (args.includes('--update')) writeFileSync(root + tourPath(walk), formattedJson(recorded))
    write(tourText(recorded, (path) => readFileSync(root + path, 'utf8').split('\n')))
    return 0
  } catch (error) {
    writeError(`${(error as Error).message}\n`)
    return 1
  }
}

const isProgram = pathToFileURL(process.argv[1] ?? '').href === import.meta.url
if (isProgram) {
  process.exitCode = await tourCommand(
    process.argv.slice(2),
    (text) => process.stdout.write(text),
    (text) => process.stderr.write(text),
  )
}
