/** Says in words how a test failed. */

import type { Failure, Outcome, Place, Tried } from './tryOut.ts'

/** Longer values are shown by where they begin to differ. */
const SHORT = 72

export const placeText = ({ path, line }: Place): string => `${path}:${line}`

/** `a batch: leaves when it is full`, of `a batch > leaves when it is full`. */
export const sentence = (test: string): string => test.split(' > ').join(': ')

/** What went wrong, a line each: `expected  5`, `got       0`. */
export const whatWentWrong = (failure: Failure): readonly string[] => {
  const { name, message, expected, actual } = failure
  if (/timed out in/.test(message)) return ['It waited for something that never happened.']
  const plain = plainMessage(message)
  if (name !== 'AssertionError') return [name === 'Error' ? plain : `${name}: ${plain}`]
  if (expected === null || actual === null || expected === actual) return [plain]
  return compared(expected, actual)
}

const plainMessage = (message: string): string =>
  (message.split('\n')[0] ?? '').replace(/ \/\/ Object\.is equality$/, '').replaceAll('+0', '0')

const compared = (expected: string, actual: string): readonly string[] => {
  const [wanted, got] = [flat(expected), flat(actual)]
  if (wanted.length <= SHORT && got.length <= SHORT) {
    return [`expected  ${wanted}`, `got       ${got}`]
  }
  const [wantedLines, gotLines] = [expected.split('\n'), actual.split('\n')]
  const at = wantedLines.findIndex((line, i) => line !== gotLines[i])
  const from = at < 0 ? wantedLines.length : at
  return [
    `They differ from line ${from + 1} on.`,
    `expected  ${cut(wantedLines[from] ?? '(nothing more)')}`,
    `got       ${cut(gotLines[from] ?? '(nothing more)')}`,
  ]
}

/** A value that was laid out over several lines, in one. */
const flat = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .replace(/,? ([\]}])/g, '$1')
    .replace(/([[{]) /g, '$1')

const cut = (line: string): string =>
  line.trim().length <= SHORT ? line.trim() : `${line.trim().slice(0, SHORT - 1)}…`

/** Where in the chapter's tests it was noticed. */
export const noticedAt = ({ places }: Failure): Place | null =>
  places.find(({ path }) => path.endsWith('.test.ts')) ?? null

/**
 * The tests that pass on the code as it is, and fail on the changed one. The demo's comes last: its
 * output changes with everything, and says least.
 */
export const caughtBy = (real: Outcome, changed: Outcome): readonly Tried[] => {
  const green = new Set(
    real.tests.filter(({ state }) => state === 'passed').map(({ test }) => test),
  )
  const isDemo = ({ failure }: Tried): boolean =>
    failure !== null && noticedAt(failure)?.path.endsWith('/demo.test.ts') === true
  const caught = changed.tests.filter(({ test, state }) => state === 'failed' && green.has(test))
  return [...caught.filter((each) => !isDemo(each)), ...caught.filter(isDemo)]
}

export const failed = ({ tests }: Outcome): readonly Tried[] =>
  tests.filter(({ state }) => state === 'failed')

export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`
