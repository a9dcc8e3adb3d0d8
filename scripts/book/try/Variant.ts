/**
 * One way to run a chapter's tests: on the code as it is, on a change of it, or with something that
 * a reader wrote in its place.
 *
 * Plain data: made where the commands are, used where modules are loaded and tests run.
 */

import type { BookChapter } from '../chapters.ts'
import type { BreakIt } from './BreakIt.ts'
import type { ExerciseFile } from './definitions.ts'

export interface Variant {
  /** `06-real`, `06-break-linger-ignored`, `06-exercise-1`, `06-answer-1`. */
  readonly id: string
  /** `06-record-accumulator`. */
  readonly folder: string
  /** The module of `src/` that is not as it is; `null`: all is. */
  readonly module: string | null
  readonly breakIt: BreakIt | null
  /** What stands in, and for what. */
  readonly standIn: { readonly file: string; readonly symbol: string } | null
  /** Tests whose names none of these match are left out; none given: all run. */
  readonly tests: readonly RegExp[]
  /** For a test, before it counts as failed. Broken code tends to wait for ever. */
  readonly timeoutMs: number
}

const PATIENCE_MS = 20_000
const IMPATIENCE_MS = 5_000

export const numberOf = ({ number }: Pick<BookChapter, 'number'>): string =>
  String(number).padStart(2, '0')

/** The code as it is. */
export const real = (chapter: BookChapter): Variant => ({
  id: `${numberOf(chapter)}-real`,
  folder: chapter.folder,
  module: null,
  breakIt: null,
  standIn: null,
  tests: [],
  timeoutMs: PATIENCE_MS,
})

export const broken = (chapter: BookChapter, breakIt: BreakIt): Variant => ({
  ...real(chapter),
  id: `${numberOf(chapter)}-break-${breakIt.name}`,
  module: breakIt.file,
  breakIt,
  timeoutMs: IMPATIENCE_MS,
})

/** What the reader wrote, or the answer. */
export const tried = (
  chapter: BookChapter,
  exercise: ExerciseFile,
  whose: 'exercise' | 'answer',
): Variant => ({
  ...real(chapter),
  id: `${numberOf(chapter)}-${whose}-${exercise.number}`,
  module: exercise.module,
  standIn: {
    file: whose === 'answer' ? exercise.answer : exercise.file,
    symbol: exercise.symbol,
  },
  tests: exercise.tests,
  timeoutMs: whose === 'answer' ? PATIENCE_MS : IMPATIENCE_MS,
})
