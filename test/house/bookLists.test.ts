/** What the pages of the reference are made of: the glossary's terms, the tags of the source. */

import { describe, expect, test } from 'vitest'
import { CHAPTERS } from '../../docs/.vitepress/book.ts'
import { glossary } from '../../scripts/book/glossary.ts'
import { simplifications, simplificationsIn } from '../../scripts/book/simplified.ts'

describe('the glossary', () => {
  const terms = glossary()

  test('has each term once, at home in a chapter of the outline', () => {
    const names = terms.map(({ term }) => term)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
    expect(terms.filter(({ chapter }) => CHAPTERS[chapter] === undefined)).toEqual([])
  })

  test('explains each in a sentence', () => {
    expect(terms.filter(({ meaning }) => !/^[`A-Z].*[.)]$/.test(meaning))).toEqual([])
  })
})

describe('@simplified', () => {
  test('is read up to the next tag or a blank line, with its place', () => {
    const text = [
      '/**',
      ' * A class.',
      ' *',
      ' * @kafka org.Example',
      ' * @simplified no threads:',
      ' *   one loop.',
      ' * @simplified no locks',
      ' *',
      ' * More.',
      ' */',
      'export class Example {}',
      "const text = '@simplified in a text'",
    ].join('\n')
    const at = { path: 'src/a/Example.ts', folder: 'src/a' }
    expect(simplificationsIn('src/a/Example.ts', text)).toEqual([
      { ...at, line: 5, text: 'no threads: one loop.' },
      { ...at, line: 7, text: 'no locks' },
    ])
  })

  test('says something everywhere in the source', () => {
    expect(simplifications().length).toBeGreaterThan(100)
  })

  test('that says nothing is an error with its place', () => {
    expect(() => simplificationsIn('src/a.ts', '/** @simplified */')).toThrow('src/a.ts:1')
  })
})
