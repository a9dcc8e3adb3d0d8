/**
 * `break-it.json` of each chapter: which of its tests notice each mutation, from a real run.
 *
 * I1  Nothing in it changes unless a test or the code does: names and words, no lines, no times.
 */

import { type BookChapter, bookChapters } from '../chapters.ts'
import type { Generated } from '../Generated.ts'
import { breakItsOf } from './definitions.ts'
import { outcomesOf } from './proofs.ts'
import type { Outcome, Tried } from './tryOut.ts'
import { broken, real, type Variant } from './Variant.ts'
import { caughtBy, sentence, whatWentWrong } from './words.ts'

/** A test that notices a mutation. */
export interface Noticed {
  /** `a batch: leaves when it is full`. */
  readonly test: string
  /** How it failed, line by line; said of the first one only. */
  readonly words: readonly string[]
}

/** The chapter as it is, and each of its mutations. */
export const breakItVariants = (chapter: BookChapter): readonly Variant[] => {
  const breakIts = breakItsOf(chapter)
  return breakIts.length === 0
    ? []
    : [real(chapter), ...breakIts.map((breakIt) => broken(chapter, breakIt))]
}

const noticed = (caught: readonly Tried[]): readonly Noticed[] =>
  caught.map(({ test, failure }, at) => ({
    test: sentence(test),
    words: at > 0 || failure === null ? [] : whatWentWrong(failure),
  }))

export const breakItsGenerated: Generated = {
  name: 'which tests notice a break-it',
  slow: true,
  files: async () => {
    const chapters = bookChapters().filter((chapter) => breakItsOf(chapter).length > 0)
    const outcomes = await outcomesOf(chapters.flatMap(breakItVariants))
    return new Map(
      chapters.map((chapter) => [
        `chapters/${chapter.folder}/break-it.json`,
        of(chapter, outcomes),
      ]),
    )
  },
}

const of = (chapter: BookChapter, outcomes: readonly Outcome[]): string => {
  const outcomeOf = ({ id }: Variant): Outcome => outcomes.find((each) => each.id === id)!
  const unbroken = outcomeOf(real(chapter))
  const told = breakItsOf(chapter).map((breakIt) => {
    const outcome = outcomeOf(broken(chapter, breakIt))
    return [breakIt.name, noticed(caughtBy(unbroken, outcome))]
  })
  return `${JSON.stringify(Object.fromEntries(told), null, 2)}\n`
}
