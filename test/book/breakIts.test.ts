import { beforeAll, describe, expect, test } from 'vitest'
import { bookChapters } from '../../scripts/book/chapters.ts'
import { compared } from '../../scripts/book/Generated.ts'
import { breakItsOf } from '../../scripts/book/try/definitions.ts'
import { breakItsGenerated, breakItVariants } from '../../scripts/book/try/generated.ts'
import { outcomesOf } from '../../scripts/book/try/proofs.ts'
import type { Outcome } from '../../scripts/book/try/tryOut.ts'
import { broken, real } from '../../scripts/book/try/Variant.ts'
import { caughtBy, failed } from '../../scripts/book/try/words.ts'

const chapters = bookChapters().filter((chapter) => breakItsOf(chapter).length > 0)
const outcomes = new Map<string, Outcome>()

beforeAll(async () => {
  for (const outcome of await outcomesOf(chapters.flatMap(breakItVariants), 1)) {
    outcomes.set(outcome.id, outcome)
  }
}, 600_000)

describe.each(chapters)('$folder', (chapter) => {
  test('as it is, all of its tests pass', () => {
    const outcome = outcomes.get(real(chapter).id)!
    expect(outcome.unloadable?.message).toBeUndefined()
    expect(failed(outcome).map((each) => each.test)).toEqual([])
    expect(outcome.tests.length).toBeGreaterThan(0)
  })

  test.each(breakItsOf(chapter))('$name is caught', (breakIt) => {
    const outcome = outcomes.get(broken(chapter, breakIt).id)!
    expect(outcome.unloadable?.message, 'the change must be a program').toBeUndefined()
    expect(caughtBy(outcomes.get(real(chapter).id)!, outcome)).not.toEqual([])
  })
})

test('break-it.json of each chapter says who noticed', async () => {
  const differing = (await compared(breakItsGenerated)).filter(({ state }) => state !== 'same')
  expect(
    differing.map(({ path }) => path),
    'npm run update mends this',
  ).toEqual([])
})
