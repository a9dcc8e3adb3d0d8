/**
 * What exercises and break-its are made of: reading definitions, changing a module's text, words.
 * That each exercise and each mutation does what it should is shown in test/book.
 */

import { describe, expect, test } from 'vitest'
import type { BreakIt } from '../../scripts/book/try/BreakIt.ts'
import { change } from '../../scripts/book/try/change.ts'
import { mutated } from '../../scripts/book/try/definitions.ts'
import { hintsOf } from '../../scripts/book/try/hints.ts'
import { answerOf, exportedLiteral } from '../../scripts/book/try/literal.ts'
import { putIn } from '../../scripts/book/try/putIn.ts'
import { slotIn, withSlot } from '../../scripts/book/try/slots.ts'
import { whatWentWrong } from '../../scripts/book/try/words.ts'

const SOURCE = `/** Head. */
export const double = (n: number): number => n * 2

export class Counter {
  private count = 0
  static of(): Counter { return new Counter() }
  next(): number { return ++this.count }
}
`

describe('a definition', () => {
  test('is read from a file whose code would not compile', () => {
    const text = "export const exercise = define({ title: 'A', tests: [/b c/i] })\nfunction ("
    expect(exportedLiteral(text, 'x.ts', 'exercise')).toEqual({
      value: { title: 'A', tests: [/b c/i] },
      line: 1,
    })
  })

  test('that is computed is refused, with its place', () => {
    const text = '\nexport const exercise = define({ title: name })'
    expect(() => exportedLiteral(text, 'x.ts', 'exercise')).toThrow("x.ts:2: 'name' is no plain")
  })
})

describe('a mutation', () => {
  const breakIt: BreakIt = {
    name: 'thrice',
    file: 'src/x.ts',
    find: 'n * 2',
    replace: 'n * 3',
    breaks: '',
    learn: '',
  }

  test('changes the one place, and is shown as the lines before and after', () => {
    expect(mutated(SOURCE, breakIt)).toContain('=> n * 3')
    expect(change(SOURCE, breakIt)).toEqual({
      line: 2,
      before: ['export const double = (n: number): number => n * 2'],
      after: ['export const double = (n: number): number => n * 3'],
    })
  })

  test('with fewer lines leaves the lines below where they are', () => {
    const shorter = mutated('a\nb\nc\nd', { ...breakIt, find: 'b\nc', replace: 'x' })
    expect(shorter.split('\n')).toEqual(['a', 'x', '', 'd'])
  })

  test('that is not there, or twice, is refused', () => {
    expect(() => mutated(SOURCE, { ...breakIt, find: 'gone' })).toThrow('is not there')
    expect(() => mutated(SOURCE, { ...breakIt, find: 'number' })).toThrow('stands there 3 times')
  })
})

describe('a slot', () => {
  test('makes a constant one that can be set, and moves no line', () => {
    const slotted = withSlot(SOURCE, slotIn(SOURCE, 'x.ts', 'double'))
    expect(slotted.split('\n')[1]).toBe('export let   double = (n: number): number => n * 2')
    expect(slotted.split('\n')).toHaveLength(SOURCE.split('\n').length)
  })

  test('knows which method is static, and which does not exist', () => {
    expect(slotIn(SOURCE, 'x.ts', 'Counter.of').isStatic).toBe(true)
    expect(slotIn(SOURCE, 'x.ts', 'Counter.next').isStatic).toBe(false)
    expect(() => slotIn(SOURCE, 'x.ts', 'Counter.back')).toThrow("no method 'back'")
    expect(() => slotIn(SOURCE, 'x.ts', 'half')).toThrow("declares no 'half'")
  })
})

describe('what an exercise exports', () => {
  class Counter {
    protected count = 0
    next(): number {
      return ++this.count
    }
  }
  const slot = { get: () => Counter, set: () => undefined }
  const wanted = { file: 'mine.ts', module: 'src/x.ts', symbol: 'Counter.next' }

  test('replaces a method by one of a class that extends it, also for old instances', () => {
    const old = new Counter()
    class Mine extends Counter {
      override next(): number {
        this.count += 10
        return this.count
      }
    }
    const before = Counter.prototype.next
    putIn(slot, { Mine }, wanted)
    expect(old.next()).toBe(10)
    Counter.prototype.next = before
  })

  test('must be what is asked for, or the error says what that is', () => {
    expect(() => putIn(slot, {}, wanted)).toThrow('must export a class that extends Counter')
    expect(() => putIn(slot, {}, { ...wanted, symbol: 'double' })).toThrow("must export 'double'")
  })
})

test('hints are those of the one exercise, in their order', () => {
  const page =
    ':::: exercise 1\nDo.\n::: hint\nOne.\n:::\n::: hint\nTwo.\n:::\n::::\n::: hint\nNo.\n:::'
  expect(hintsOf(page, 1)).toEqual(['One.', 'Two.'])
  expect(hintsOf(page, 2)).toEqual([])
})

test('an answer is shown from behind its definition, its comment from the second paragraph on', () => {
  const text =
    '/**\n * Title.\n *\n * Why.\n */\n\nexport const exercise = d({})\n\n/** It. */\nexport ' +
    'const a = 1\n'
  expect(answerOf(text, 'x.ts')).toEqual({
    said: 'Why.',
    firstLine: 9,
    code: '/** It. */\nexport const a = 1',
  })
})

describe('in words', () => {
  const failure = { name: 'AssertionError', message: 'm', expected: '5', actual: '4', places: [] }

  test('short values stand side by side, long ones from where they differ', () => {
    expect(whatWentWrong(failure)).toEqual(['expected  5', 'got       4'])
    const long = { ...failure, expected: `${'a'.repeat(80)}\nb`, actual: `${'a'.repeat(80)}\nc` }
    expect(whatWentWrong(long)).toEqual([
      'They differ from line 2 on.',
      'expected  b',
      'got       c',
    ])
  })

  test('an error that is no assertion is told with its class', () => {
    const thrown = { ...failure, name: 'TypeError', message: 'x is not a function' }
    expect(whatWentWrong(thrown)).toEqual(['TypeError: x is not a function'])
  })
})
