import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseListing } from '../../docs/.vitepress/markdown/listing.ts'
import { symbols } from '../../docs/.vitepress/markdown/project.ts'
import { makeSpokenLines } from '../../docs/.vitepress/markdown/spokenLinesPlugin.ts'
import { type Found, Symbols } from '../../docs/.vitepress/markdown/symbols.ts'
import { TRACE_POINTS } from '../../src/common/TraceEvents.ts'

const POOL = `/**
 * Lends memory.
 */

import { x } from './x.ts'

/** A pool. */
export class Pool {
  readonly size: number
  private free = 0

  constructor(size: number) {
    this.size = size
  }

  /** Lends. */
  lend(bytes: number): boolean {
    // first: is there enough?
    if (bytes > this.size) {
      return false
    }
    this.free -= bytes
    return true
  }
}

export const helper = (text: string): string => text

export const TABLE = {
  /** Zero. */
  NONE: 0,
} as const

/** Who lends. */
export interface Lender {
  /** Per cent. */
  readonly rate: number
}

export function lender(): Pool {
  return new Pool(1)
}
`

const text = ({ parts }: Found): string => parts.flatMap(({ lines }) => lines).join('\n')

describe('Symbols', () => {
  let root: string
  let all: Symbols
  const found = (listing: string): Found => all.listing(parseListing(listing, 'page:1'), 'page:1')

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'symbols-'))
    mkdirSync(join(root, 'src/deep'), { recursive: true })
    writeFileSync(join(root, 'src/deep/Pool.ts'), POOL)
    writeFileSync(
      join(root, 'src/Other.ts'),
      'export const helper = 1\nexport type Only = string\n',
    )
    all = new Symbols(root, ['src'])
  })
  afterEach(() => rmSync(root, { recursive: true }))

  test('a method comes with its comment and its numbers in the file, without indentation', () => {
    const { path, parts } = found('Pool.lend')
    expect(path).toBe('src/deep/Pool.ts')
    expect(parts).toHaveLength(1)
    expect(parts[0]?.firstLine).toBe(16)
    expect(parts[0]?.lines[0]).toBe('/** Lends. */')
    expect(parts[0]?.lines.at(-1)).toBe('}')
  })

  test('a class is shown by its comment, its heading and its fields', () => {
    const { parts } = found('Pool')
    expect(parts.map(({ firstLine }) => firstLine)).toEqual([7, 25])
    expect(text({ path: '', parts })).toBe(
      '/** A pool. */\nexport class Pool {\n  readonly size: number\n  private free = 0\n}',
    )
  })

  test('a constructor, a type and a row of a table have names too', () => {
    expect(text(found('Pool.constructor'))).toMatch(/^constructor\(size/)
    expect(text(found('Only'))).toBe('export type Only = string')
    expect(text(found('Pool#TABLE.NONE'))).toBe('/** Zero. */\nNONE: 0,')
  })

  test("a file's head is its first comment", () => {
    const { parts } = found('Pool#head')
    expect(parts).toEqual([{ firstLine: 1, lines: ['/**', ' * Lends memory.', ' */'], depth: 0 }])
  })

  test('a part goes from the line with the first words to the line with the last', () => {
    const { parts } = found('Pool.lend lines "first: … return false"')
    expect(parts[0]?.firstLine).toBe(18)
    expect(parts[0]?.lines).toEqual([
      '// first: is there enough?',
      'if (bytes > this.size) {',
      '  return false',
    ])
  })

  test('a name that means nothing says so, with the page and the line', () => {
    expect(() => found('Pool.borrow')).toThrow("page:1: 'Pool.borrow' names nothing in src")
    expect(() => found('Nobody')).toThrow("'Nobody' names nothing")
  })

  test('a text that no line of the symbol has says where it was looked for', () => {
    expect(() => found('Pool.lend lines "never"')).toThrow(
      "page:1: no line of 'Pool.lend' (src/deep/Pool.ts, lines 16 to 24) has 'never'; " +
        'copy the first words of a comment or a statement there',
    )
    // It does stand in the file, and not in this symbol.
    expect(() => found('Pool.lend lines "constructor"')).toThrow("has 'constructor'")
    // Behind the first words there is no such line any more.
    expect(() => found('Pool.lend lines "return true … first:"')).toThrow("has 'first:'")
  })

  test('a text that two lines have says which, and to write more', () => {
    expect(() => found('Pool.lend lines "return … return true"')).toThrow(
      "page:1: 'return' stands on lines 20 and 23 of 'Pool.lend' " +
        '(src/deep/Pool.ts, lines 16 to 24); write more of the line',
    )
    expect(() => found('Pool.lend lines "first: … return"')).toThrow('write more of the line')
  })

  test('the same words at both ends are one line', () => {
    expect(found('Pool.lend lines "return true … return true"').parts[0]?.lines).toEqual([
      'return true',
    ])
  })

  test('a function, an interface, a type, a constant and a member of an interface resolve', () => {
    expect(text(found('Pool#helper'))).toMatch(/^export const helper/)
    expect(text(found('Pool#lender'))).toBe(
      'export function lender(): Pool {\n  return new Pool(1)\n}',
    )
    expect(text(found('Pool#Lender'))).toMatch(/^\/\*\* Who lends\. \*\/\nexport interface Lender/)
    expect(text(found('Pool#Lender.rate'))).toBe('/** Per cent. */\nreadonly rate: number')
    expect(text(found('Pool#TABLE'))).toMatch(/^export const TABLE = \{/)
    expect(text(found('Only'))).toBe('export type Only = string')
  })

  test('a name that means two things asks which', () => {
    expect(() => found('helper')).toThrow("say which: 'File#helper'")
    expect(text(found('Other#helper'))).toBe('export const helper = 1')
  })

  test('a file that has changed is read again', () => {
    expect(found('Pool.lend').parts[0]?.firstLine).toBe(16)
    const file = join(root, 'src/deep/Pool.ts')
    writeFileSync(file, `\n${POOL}`)
    utimesSync(file, new Date(0), new Date(0))
    expect(found('Pool.lend').parts[0]?.firstLine).toBe(17)
  })

  test('what is no listing is refused', () => {
    expect(() => parseListing('Two Words', 'page:9')).toThrow('page:9: a listing is')
    expect(() => parseListing('A lines "… b"', 'page:9')).toThrow('names an empty text')
  })
})

describe('spoken lines', () => {
  test('every event of the trace has the lines around its emit, at most 24', () => {
    const spoken = makeSpokenLines()
    expect(Object.keys(spoken)).toEqual(Object.keys(TRACE_POINTS))
    for (const [event, { firstLine, litLine, lines }] of Object.entries(spoken)) {
      expect(lines.length, event).toBeLessThanOrEqual(24)
      expect(lines[litLine - firstLine], event).toContain(event)
    }
  })

  test('the lines are those of the file', () => {
    const { parts } = symbols().listing(parseListing('Sender.runOnce', 'test'), 'test')
    const { firstLine, lines } = makeSpokenLines()['producer.sender.runOnce'] ?? expect.fail()
    const plain = lines.map((line) =>
      line
        .replace(/<[^>]+>/g, '')
        .replaceAll('&gt;', '>')
        .replaceAll('&lt;', '<')
        .replaceAll('&amp;', '&'),
    )
    const source = parts[0]?.lines.slice(firstLine - (parts[0]?.firstLine ?? 0))
    expect(plain).toEqual(source?.slice(0, plain.length))
  })
})
