/**
 * Breaks the real code in one place, and shows which of the chapter's tests notice.
 *
 *     npm run break-it 6                   the ways to break what chapter 6 is about
 *     npm run break-it 6 linger-ignored    one of them
 *     npm run break-it 6 all               one after the other
 *
 * No file is changed: the module is changed while it is loaded. It ends with 0 when the tests
 * noticed, and with 1 when they did not.
 */

import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import colours from 'picocolors'
import { type BookChapter, bookChapters, chapterNumbered, ROOT } from '../chapters.ts'
import type { BreakIt } from './BreakIt.ts'
import { change } from './change.ts'
import { breakItsOf } from './definitions.ts'
import { type Outcome, RunsForEver, type Tried, tryOut } from './tryOut.ts'
import { broken, real } from './Variant.ts'
import {
  caughtBy,
  counted,
  failed,
  noticedAt,
  placeText,
  sentence,
  whatWentWrong,
} from './words.ts'

type Write = (text: string) => void

const PATIENCE_MS = 30_000
/** Tests that are told at length; of the others the names are enough. */
const TOLD = 3

/** Returns the exit code. */
export const breakItCommand = async (
  args: readonly string[],
  write: Write,
  writeError: Write,
): Promise<number> => {
  const [chapterName, name] = args
  const chapter = chapterNumbered(chapterName ?? '')
  if (chapter === undefined) {
    writeError(noChapter(chapterName))
    return 1
  }
  const breakIts = breakItsOf(chapter)
  if (name === undefined) {
    write(listed(chapter, breakIts))
    return 0
  }
  const chosen = name === 'all' ? breakIts : breakIts.filter((each) => each.name === name)
  if (chosen.length === 0) {
    const there = breakIts.map((each) => each.name).join(', ') || 'none'
    writeError(`There is no break-it '${name}' in chapter ${chapter.number}. There are: ${there}\n`)
    return 1
  }
  return run(chapter, chosen, write)
}

const noChapter = (name: string | undefined): string => {
  const some = bookChapters().filter((chapter) => breakItsOf(chapter).length > 0)
  const numbers = some.map(({ number }) => number).join(', ')
  const what = name === undefined ? 'Which chapter?' : `There is no chapter '${name}'.`
  const command = `npm run break-it ${some[0]?.number}`
  return `${what} Chapters that can be broken: ${numbers}. As in: ${command}\n`
}

const listed = ({ number, title }: BookChapter, breakIts: readonly BreakIt[]): string => {
  if (breakIts.length === 0) return `${title}: there is nothing to break yet.\n`
  const width = Math.max(...breakIts.map(({ name }) => name.length)) + 2
  return [
    `${title}: ${counted(breakIts.length, 'way')} to break it`,
    ...breakIts.map(({ name, breaks }) => `  ${name.padEnd(width)}${breaks}`),
    '',
    'Guess which test will notice, then look:',
    `  npm run break-it ${number} ${breakIts[0]!.name}`,
    `  npm run break-it ${number} all`,
    '',
  ].join('\n')
}

const run = async (
  chapter: BookChapter,
  breakIts: readonly BreakIt[],
  write: Write,
): Promise<number> => {
  const variants = [real(chapter), ...breakIts.map((breakIt) => broken(chapter, breakIt))]
  try {
    const [unbroken, ...outcomes] = await tryOut(variants, {
      patienceMs: PATIENCE_MS,
      keepModules: true,
    })
    write(alreadyFailing(unbroken!))
    for (const [at, breakIt] of breakIts.entries()) {
      write(toldOf(breakIt, unbroken!, outcomes[at]!))
    }
    const caught = outcomes.every((outcome) => isCaught(unbroken!, outcome))
    return caught ? 0 : 1
  } catch (error) {
    if (!(error instanceof RunsForEver)) throw error
    write(`It never came back. The test that was running:\n    ${sentence(error.test)}\n`)
    return 1
  }
}

export const isCaught = (unbroken: Outcome, outcome: Outcome): boolean =>
  outcome.unloadable === null && caughtBy(unbroken, outcome).length > 0

const alreadyFailing = (unbroken: Outcome): string => {
  const failures = failed(unbroken)
  if (unbroken.unloadable !== null) {
    return `The chapter's tests cannot be loaded:\n${unbroken.unloadable.message}\n\n`
  }
  if (failures.length === 0) return ''
  const names = failures.map(({ test }) => `    ${sentence(test)}\n`).join('')
  return `${colours.yellow('These fail without any change, so they are left out:')}\n${names}\n`
}

/** What the change is, who noticed, and what that shows. */
export const toldOf = (breakIt: BreakIt, unbroken: Outcome, outcome: Outcome): string => {
  const caught = caughtBy(unbroken, outcome)
  const head = [
    `${colours.bold(breakIt.name)}: ${breakIt.breaks}`,
    '',
    ...changedLines(breakIt),
    '',
  ]
  if (outcome.unloadable !== null) {
    return [...head, 'The changed module cannot be loaded:', outcome.unloadable.message, ''].join(
      '\n',
    )
  }
  if (caught.length === 0) {
    return [...head, colours.red('No test noticed.'), '', ''].join('\n')
  }
  const others = caught.slice(TOLD).map(({ test }) => `${colours.red('✗')} ${sentence(test)}`)
  const verb = caught.length === 1 ? 'notices' : 'notice'
  return [
    ...head,
    `${caught.length} of the chapter's ${counted(outcome.tests.length, 'test')} ${verb}:`,
    '',
    ...caught.slice(0, TOLD).flatMap(toldTest),
    ...(others.length === 0 ? [] : [...others, '']),
    `${colours.green('What it shows:')} ${breakIt.learn}`,
    '',
    '',
  ].join('\n')
}

const toldTest = ({ test, failure }: Tried): readonly string[] => {
  const at = failure === null ? null : noticedAt(failure)
  return [
    `${colours.red('✗')} ${sentence(test)}`,
    ...(failure === null ? [] : whatWentWrong(failure).map((line) => `    ${line}`)),
    ...(at === null ? [] : [`    ${colours.dim(placeText(at))}`]),
    '',
  ]
}

/** The changed lines as they were and as they are. */
const changedLines = (breakIt: BreakIt): readonly string[] => {
  const text = readFileSync(ROOT + breakIt.file, 'utf8')
  const { line, before, after } = change(text, breakIt)
  return [
    `  ${placeText({ path: breakIt.file, line })}`,
    ...before.map((each) => colours.red(`  - ${each}`)),
    ...after.map((each) => colours.green(`  + ${each}`)),
  ]
}

const isProgram = pathToFileURL(process.argv[1] ?? '').href === import.meta.url
if (isProgram) {
  try {
    process.exitCode = await breakItCommand(
      process.argv.slice(2),
      (text) => process.stdout.write(text),
      (text) => process.stderr.write(text),
    )
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
  // A thread that runs for ever would keep the process alive.
  process.exit()
}
