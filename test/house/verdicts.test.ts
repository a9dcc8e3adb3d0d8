/** What the tests say of the study notes is read whole, and does not contradict itself. */

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../../scripts/book/chapters.ts'
import { type GivenVerdict, verdictsIn } from '../../scripts/book/noteCalls.ts'
import {
  checkedClaims,
  claims,
  claimsOfChapter,
  isAnsweredIn,
  verdictOf,
} from '../../scripts/book/notes.ts'

const given = (
  verdict: GivenVerdict['verdict'],
  path = 'chapters/00-a/a.test.ts',
): GivenVerdict => ({
  id: 'N1',
  verdict,
  because: null,
  path,
  line: 3,
  test: 'a test',
})

describe('the claims', () => {
  test('are all 64, each in a chapter of the outline', () => {
    expect(claims().map(({ id }) => id)).toEqual(Array.from({ length: 64 }, (_, i) => `N${i + 1}`))
    expect(claims().every(({ chapters }) => chapters.every((n) => n >= 0 && n <= 32))).toBe(true)
  })

  test('get no verdicts that contradict each other', () => {
    expect(() => checkedClaims()).not.toThrow()
  })

  test('have their groups on the page of the notes, in order', () => {
    const page = readFileSync(`${ROOT}docs/reference/notes.md`, 'utf8')
    const shown = [...page.matchAll(/^::: notes group (.*)$/gm)].map(([, group]) => group)
    expect(shown).toEqual([...new Set(claims().map(({ group }) => group))])
  })

  test('of chapter 0 have each a verdict', () => {
    const its = claimsOfChapter(checkedClaims(), 0)
    expect(its.map(({ id }) => id)).toEqual(['N1', 'N2', 'N3', 'N4', 'N7'])
    expect(its.every((claim) => isAnsweredIn(claim, '00-the-journey-of-a-record'))).toBe(true)
  })
})

describe('a verdict', () => {
  test('is read with the name and the line of its test', () => {
    const text = "test('one', () => {\n  note('N4', 'wrong', 'for ' + 'a reason')\n})\n"
    expect(verdictsIn('a.test.ts', text)).toEqual([
      {
        id: 'N4',
        verdict: 'wrong',
        because: 'for a reason',
        path: 'a.test.ts',
        line: 1,
        test: 'one',
      },
    ])
  })

  test('in a helper counts for every test that uses it, also by another helper', () => {
    const text = [
      "const shown = () => note('N7', 'holds')",
      'const twice = () => [shown(), shown()]',
      "test('first', () => shown())",
      "test.each([1])('then %s', () => { twice() })",
      "test('neither', () => {})",
    ].join('\n')
    expect(verdictsIn('a.test.ts', text).map(({ test: name }) => name)).toEqual(['first', 'then …'])
  })

  test.each([
    ["test('one', () => note(id, 'holds'))", 'written out'],
    ["test('one', () => note('N7', 'maybe'))", 'written out'],
    ["test('one', () => note('N7', 'wrong', why))", 'written out'],
    ["note('N7', 'holds')", 'in no test'],
    ["const unused = () => note('N7', 'holds')", 'in no test'],
  ])('that would be lost is an error: %s', (text, error) => {
    expect(() => verdictsIn('a.test.ts', text)).toThrow(`a.test.ts:1: `)
    expect(() => verdictsIn('a.test.ts', text)).toThrow(error)
  })

  test('on the whole stands above one in part, and is owed while there is neither', () => {
    expect(verdictOf([])).toBe('owed')
    expect(verdictOf([given('in part')])).toBe('in part')
    expect(verdictOf([given('in part'), given('outdated'), given('outdated')])).toBe('outdated')
  })

  test('that contradicts another is an error which names both', () => {
    const both = [given('holds'), given('wrong', 'chapters/01-b/b.test.ts')]
    expect(() => verdictOf(both)).toThrow(
      "on N1 contradict each other: 'holds' in chapters/00-a/a.test.ts:3, 'wrong' in chapters/01-b",
    )
  })

  test('is owed by a chapter until a test of its own speaks, or another gave it whole', () => {
    const claim = { id: 'N1', group: 'G', chapters: [0, 1], claim: 'c' } as const
    const inPart = { ...claim, verdict: 'in part', given: [given('in part')] } as const
    expect([isAnsweredIn(inPart, '00-a'), isAnsweredIn(inPart, '01-b')]).toEqual([true, false])
    const whole = { ...claim, verdict: 'holds', given: [given('holds')] } as const
    expect(isAnsweredIn(whole, '01-b')).toBe(true)
  })
})
