/**
 * Checks what a reader wrote for an exercise, and says in words what came of it.
 *
 *     npm run exercise                    all exercises
 *     npm run exercise 6                  those of a chapter
 *     npm run exercise 6/1                checks one
 *     npm run exercise 6/1 -- --hint 2    its second hint
 *     npm run exercise 6/1 -- --answer    checks the answer instead
 *
 * It ends with 0 when the exercise passes, and with 1 when it does not.
 */

import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import colours from 'picocolors'
import { type BookChapter, bookChapters, chapterNumbered, ROOT } from '../chapters.ts'
import { type ExerciseFile, exercisesOf } from './definitions.ts'
import { type Outcome, RunsForEver, tryOut } from './tryOut.ts'
import { tried } from './Variant.ts'
import { counted, failed, noticedAt, placeText, sentence, whatWentWrong } from './words.ts'

type Write = (text: string) => void

interface Asked {
  readonly chapter: BookChapter
  readonly exercise: ExerciseFile
  /** The file that is tried: the reader's, or the answer. */
  readonly file: string
}

const PATIENCE_MS = 20_000

/** Returns the exit code. */
export const exerciseCommand = async (
  args: readonly string[],
  write: Write,
  writeError: Write,
): Promise<number> => {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { answer: { type: 'boolean', default: false }, hint: { type: 'string' } },
  })
  const [named = '', ...more] = positionals
  if (more.length > 0) {
    writeError(`One exercise at a time, as in: npm run exercise ${named}\n`)
    return 1
  }
  const [chapterName = '', number] = named.split('/')
  if (number === undefined) return list(chapterName, write, writeError)
  const found = find(chapterName, number)
  if (typeof found === 'string') {
    writeError(`${found}\n`)
    return 1
  }
  if (values.hint !== undefined) return hint(found.exercise, Number(values.hint), write, writeError)
  const { exercise } = found
  return check({ ...found, file: values.answer ? exercise.answer : exercise.file }, write)
}

const list = (chapterName: string, write: Write, writeError: Write): number => {
  const chapter = chapterNumbered(chapterName)
  if (chapterName !== '' && chapter === undefined) {
    writeError(`${noChapter(chapterName)}\n`)
    return 1
  }
  const chapters = chapter === undefined ? bookChapters() : [chapter]
  for (const each of chapters) {
    const exercises = exercisesOf(each)
    if (exercises.length === 0 && chapter === undefined) continue
    write(`${each.title}\n`)
    if (exercises.length === 0) write('  It has no exercises.\n')
    for (const exercise of exercises) {
      write(`  ${idOf(each, exercise).padEnd(6)}${exercise.title}\n`)
      write(`        ${colours.dim(exercise.file)}\n`)
    }
  }
  return 0
}

const noChapter = (name: string): string => {
  const some = bookChapters().filter((chapter) => exercisesOf(chapter).length > 0)
  const numbers = some.map(({ number }) => number).join(', ')
  return `There is no chapter '${name}'. Chapters with exercises: ${numbers}`
}

const find = (chapterName: string, number: string): Omit<Asked, 'file'> | string => {
  const chapter = chapterNumbered(chapterName)
  if (chapter === undefined) return noChapter(chapterName)
  const exercises = exercisesOf(chapter)
  const exercise = exercises.find((each) => each.number === Number(number))
  if (exercise !== undefined) return { chapter, exercise }
  const there = exercises.map((each) => idOf(chapter, each)).join(', ') || 'none'
  return `There is no exercise '${chapterName}/${number}'. In this chapter there are: ${there}`
}

export const idOf = (chapter: BookChapter, { number }: ExerciseFile): string =>
  `${chapter.number}/${number}`

const hint = ({ hints }: ExerciseFile, number: number, write: Write, writeError: Write): number => {
  const text = hints[number - 1]
  if (text === undefined) {
    writeError(`There are ${counted(hints.length, 'hint')}: -- --hint 1\n`)
    return 1
  }
  write(`Hint ${number} of ${hints.length}\n\n${indented(text)}\n`)
  return 0
}

const check = async (asked: Asked, write: Write): Promise<number> => {
  const { chapter, exercise, file } = asked
  const whose = file === exercise.answer ? 'answer' : 'exercise'
  write(`${colours.bold(`Exercise ${idOf(chapter, exercise)}: ${exercise.title}`)}\n\n`)
  try {
    const variants = [tried(chapter, exercise, whose)]
    const [outcome] = await tryOut(variants, { patienceMs: PATIENCE_MS, keepModules: true })
    write(toldOf(asked, outcome!))
    return failed(outcome!).length === 0 && outcome!.unloadable === null ? 0 : 1
  } catch (error) {
    if (!(error instanceof RunsForEver)) throw error
    write(runsForEver(file, error))
    return 1
  }
}

const runsForEver = (file: string, { test }: RunsForEver): string =>
  `${colours.red('It never came back.')} Look for a loop without an end in\n    ${file}\n\n` +
  `The test that was running:\n    ${sentence(test.replace(/^.*?\d\d-\w+-\d+ > /, ''))}\n`

/** What came of it, in words. */
export const toldOf = (asked: Asked, outcome: Outcome): string => {
  if (outcome.unloadable !== null) return unloadable(asked, outcome)
  const failures = failed(outcome)
  if (failures.length === 0) return passed(asked, outcome)
  return failures.some(({ notWritten }) => notWritten)
    ? notWritten(asked, outcome)
    : fails(asked, outcome)
}

const unloadable = ({ file }: Asked, { unloadable: failure }: Outcome): string =>
  `${colours.red('The file cannot be loaded')}, so no test has run.\n    ${file}\n\n` +
  `${indented(failure!.message)}\n`

const notWritten = ({ chapter, exercise, file }: Asked, { tests }: Outcome): string =>
  [
    `${colours.yellow('Not written yet.')} The body to write is in`,
    `    ${placeText({ path: file, line: lineToWrite(file) })}`,
    '',
    `While the tests run it stands in for ${exercise.symbol} of`,
    `    ${exercise.module}`,
    '',
    `${counted(tests.length, 'test')} will check it:`,
    ...tests.map(({ test }) => `    · ${sentence(test)}`),
    '',
    ...firstHint(exercise),
    'When you have written something:',
    `    npm run exercise ${idOf(chapter, exercise)}`,
    '',
  ].join('\n')

const firstHint = ({ hints }: ExerciseFile): readonly string[] =>
  hints[0] === undefined ? [] : ['The first hint:', indented(hints[0]), '']

const lineToWrite = (file: string): number => {
  const lines = readFileSync(ROOT + file, 'utf8').split('\n')
  return lines.findIndex((line) => /(?<!import .*)\bnotWrittenYet\(/.test(line)) + 1 || 1
}

const fails = ({ chapter, exercise, file }: Asked, outcome: Outcome): string => {
  const failures = failed(outcome)
  const told = failures.flatMap(({ test, failure }) => {
    if (failure === null) return [`${colours.red('✗')} ${sentence(test)}`]
    const own = failure.places.find(({ path }) => path === file)
    const test_ = noticedAt(failure)
    return [
      `${colours.red('✗')} ${sentence(test)}`,
      ...whatWentWrong(failure).map((line) => `    ${line}`),
      ...(own === undefined ? [] : [`    in your file at  ${placeText(own)}`]),
      ...(test_ === null ? [] : [`    the test is at   ${placeText(test_)}`]),
      '',
    ]
  })
  const fail = failures.length === 1 ? 'fails' : 'fail'
  return [
    `${failures.length} of ${counted(outcome.tests.length, 'test')} ${fail}.`,
    '',
    ...told,
    `Your file: ${file}`,
    `A hint:    npm run exercise ${idOf(chapter, exercise)} -- --hint 1`,
    '',
  ].join('\n')
}

const passed = ({ chapter, exercise, file }: Asked, { tests }: Outcome): string => {
  const all = tests.length === 1 ? 'The test passes' : `All ${tests.length} tests pass`
  if (file === exercise.answer) return `${colours.green(all)} with the answer in\n    ${file}\n`
  return [
    `${colours.green(`${all}.`)} Your version does what the real one does. Well done.`,
    '',
    `Compare it with  ${exercise.answer}`,
    `and with         ${exercise.symbol} in ${exercise.module}`,
    '',
    ...next(chapter, exercise),
    '',
  ].join('\n')
}

const next = (chapter: BookChapter, { number }: ExerciseFile): readonly string[] => {
  const following = exercisesOf(chapter).find((each) => each.number > number)
  return following === undefined
    ? [
        'That was the last one of this chapter. Now break it:',
        `    npm run break-it ${chapter.number}`,
      ]
    : [`The next one: ${following.title}`, `    npm run exercise ${idOf(chapter, following)}`]
}

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n')

const isProgram = pathToFileURL(process.argv[1] ?? '').href === import.meta.url
if (isProgram) {
  try {
    process.exitCode = await exerciseCommand(
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
