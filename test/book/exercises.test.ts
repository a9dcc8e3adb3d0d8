import { beforeAll, describe, expect, test } from 'vitest'
import { bookChapters } from '../../scripts/book/chapters.ts'
import { exercisesOf } from '../../scripts/book/try/definitions.ts'
import { outcomesOf } from '../../scripts/book/try/proofs.ts'
import type { Outcome, Tried } from '../../scripts/book/try/tryOut.ts'
import { tried } from '../../scripts/book/try/Variant.ts'
import { failed } from '../../scripts/book/try/words.ts'

const all = bookChapters().flatMap((chapter) =>
  exercisesOf(chapter).map((exercise) => ({ chapter, exercise, file: exercise.file })),
)
const outcomes = new Map<string, Outcome>()

beforeAll(async () => {
  const variants = all.flatMap(({ chapter, exercise }) => [
    tried(chapter, exercise, 'exercise'),
    tried(chapter, exercise, 'answer'),
  ])
  for (const outcome of await outcomesOf(variants, 1)) outcomes.set(outcome.id, outcome)
}, 600_000)

/** It met the missing body, or an assertion did not hold; anything else is a broken exercise. */
const isRightReason = ({ notWritten, failure }: Tried): boolean =>
  notWritten || failure?.name === 'NotWrittenYet' || failure?.name === 'AssertionError'

describe.each(all)('$file', ({ chapter, exercise }) => {
  const shipped = () => outcomes.get(tried(chapter, exercise, 'exercise').id)!
  const answered = () => outcomes.get(tried(chapter, exercise, 'answer').id)!

  test('fails as shipped, for the right reason', () => {
    expect(shipped().unloadable?.message).toBeUndefined()
    const failures = failed(shipped())
    expect(failures).not.toEqual([])
    expect(failures.some(({ notWritten }) => notWritten)).toBe(true)
    expect(failures.filter((each) => !isRightReason(each))).toEqual([])
  })

  test('passes with the answer', () => {
    expect(answered().unloadable?.message).toBeUndefined()
    expect(failed(answered()).map((each) => [each.test, each.failure?.message])).toEqual([])
    expect(answered().tests.length).toBeGreaterThan(0)
  })

  test('names tests that there are', () => {
    const names = answered().tests.map((each) => each.test)
    const idle = exercise.tests.filter((pattern) => !names.some((name) => pattern.test(name)))
    expect(idle.map(String)).toEqual([])
  })

  test('has three hints on the page', () => {
    expect(exercise.hints).toHaveLength(3)
  })
})
