import { describe, expect, test } from 'vitest'
import { countedLines, linesOf } from '../../docs/.vitepress/sources/lines.ts'
import { measureFile } from '../../docs/.vitepress/sources/measure.ts'
import {
  listingsOf,
  type Story,
  seenBefore,
  toldIn,
  toldLines,
} from '../../docs/.vitepress/sources/told.ts'
import { jsonOf, readRatchet } from '../../scripts/book/literate.ts'
import {
  type BookMeasure,
  type FileRow,
  measureBook,
  rangesOf,
  rowOf,
} from '../../scripts/book/literateMeasure.ts'
import { complaints, lifted, ratchetOf } from '../../scripts/book/literateRatchet.ts'
import { reportOf } from '../../scripts/book/literateReport.ts'

const POOL = `/**
 * Lends memory.
 *
 * @kafka x.BufferPool
 */

import { a } from './a.ts'
import {
  b,
  type C,
} from './b.ts'
import './c.ts'

/** A pool. */
export class Pool {
  // Nothing is lent at first.
  private lent = 0 // bytes

  lend(bytes: number): void {
    this.lent += bytes
  }
}
`

const story = (number: number, files: readonly string[], ...listings: string[]): Story => ({
  number,
  folder: `0${number}-story`,
  title: `Story ${number}`,
  files,
  markdown: listings.map((name) => `::: listing ${name}\n:::\n`).join('\n'),
})

/** Finds `Name:3-5`: the lines 3 to 5 of src/Name.ts. */
const finder = {
  listing: ({ name }: { readonly name: string }) => {
    const [file = '', range = ''] = name.split(':')
    const [from = 1, to = from] = range.split('-').map(Number)
    const lines = Array.from({ length: to - from + 1 }, () => '')
    return { path: `src/${file}.ts`, parts: [{ firstLine: from, lines }] }
  },
}

describe('which lines count', () => {
  const counted = countedLines(linesOf(POOL))
  const texts = linesOf(POOL).filter((_, at) => counted.has(at + 1))

  test('code and the words of comments; no import, blank line, bracket or empty comment', () => {
    expect(texts.map((line) => line.trim())).toEqual([
      '* Lends memory.',
      '* @kafka x.BufferPool',
      '/** A pool. */',
      'export class Pool {',
      '// Nothing is lent at first.',
      'private lent = 0 // bytes',
      'lend(bytes: number): void {',
      'this.lent += bytes',
    ])
  })

  test('brackets with commas and semicolons are no lines; with a word they are', () => {
    const lines = ['})', ']);', '  },', '], [', '} else {', ') => {', '} as const', '{ a }']
    expect([...countedLines(lines)]).toEqual([5, 6, 7, 8])
  })

  test('an import that is a call is code, and so is an export from another file', () => {
    const lines = ["import('./a.ts')", "export { b } from './b.ts'", "import c from './c.ts'"]
    expect([...countedLines(lines)]).toEqual([1, 2])
  })
})

describe('what is told', () => {
  test('a listing tells the lines that it prints, and a line is told once', () => {
    const told = toldIn([story(1, [], 'Pool:14-15', 'Pool:15-17')], finder)
    const lines = toldLines(told).get('src/Pool.ts')
    expect([...(lines ?? [])]).toEqual([14, 15, 16, 17])
    expect(measureFile('src/Pool.ts', POOL, lines)).toEqual({
      path: 'src/Pool.ts',
      lines: 8,
      shown: 8,
      told: 4,
    })
  })

  test('a listing inside a fence is an example of Markdown', () => {
    const page = ['```md', '::: listing A', '```', '~~~~', '~~~', '::: listing B', '~~~~']
    expect(listingsOf([...page, '::: listing C x'].join('\n'))).toEqual([{ text: 'C x', line: 8 }])
  })

  test('a second story sees before what has its home in the first', () => {
    const told = toldIn([story(1, [], 'Pool:3-5'), story(2, [], 'Pool:4-4')], finder)
    expect(seenBefore(told).map(({ home, again }) => [home.number, again.number])).toEqual([[1, 2]])
  })

  test('a file is at home in the chapter that lists it, also when an earlier one prints it', () => {
    const stories = [story(1, [], 'Pool:3-5'), story(2, ['src/Pool.ts'], 'Pool:3-5')]
    const [again] = seenBefore(toldIn(stories, finder))
    expect([again?.name, again?.home.number, again?.again.number]).toEqual(['Pool:3-5', 2, 1])
  })

  test('two listings on one page, or of different lines, are no second home', () => {
    const stories = [story(1, [], 'Pool:3-5', 'Pool:4-4'), story(2, [], 'Pool:6-6')]
    expect(seenBefore(toldIn(stories, finder))).toEqual([])
  })
})

describe('the ratchet', () => {
  const book = (told: readonly number[], finished = true): BookMeasure => ({
    chapters: [{ ...story(6, ['src/Pool.ts']), finished }],
    files: [rowOf('src/Pool.ts', POOL, new Set(told))],
    again: [],
  })
  const NONE = { told: 0, files: {} }
  const ALL = [2, 4, 14, 15, 16, 17, 19, 20]

  test('a finished chapter tells 60 % of its files, and says what it does not', () => {
    expect(complaints(book(ALL.slice(0, 5)), NONE)).toEqual([])
    const [text] = complaints(book(ALL.slice(0, 4)), NONE)
    expect(text).toContain('06-story/index.md is finished, but tells 50 % of its files')
    expect(text).toContain('1 lines more')
    expect(text).toContain('src/Pool.ts: 16–20')
  })

  test('a chapter that is not finished owes nothing yet', () => {
    expect(complaints(book([], false), NONE)).toEqual([])
  })

  test('a file that has no page fails the finished chapter', () => {
    const hidden: FileRow = { ...rowOf('lab/Pool.ts', POOL, new Set(ALL)) }
    const chapters = [{ ...story(6, ['lab/Pool.ts']), finished: true }]
    const [text] = complaints({ chapters, files: [hidden], again: [] }, NONE)
    expect(text).toContain('of lab/Pool.ts only 0 of 8 lines are shown')
  })

  test('told lines that are lost are named by their file', () => {
    const [text] = complaints(book(ALL.slice(1)), ratchetOf(book(ALL)))
    expect(text).toContain('print 7 lines of src/; they had reached 8')
    expect(text).toContain('src/Pool.ts: 8 lines told before, 7 now')
  })

  test('it rises, and is never lowered', () => {
    const [less, more] = [ratchetOf(book([2])), ratchetOf(book(ALL))]
    expect(lifted(less, more)).toBe(more)
    expect(lifted(more, less)).toBe(more)
  })
})

describe('the report', () => {
  const chapters = [{ ...story(6, ['src/a/Pool.ts']), finished: true }]
  const files = [
    rowOf('src/a/Pool.ts', POOL, new Set([14, 15])),
    rowOf('src/b/Other.ts', POOL),
    rowOf('src/b/Third.ts', POOL),
  ]

  test('names the files of finished chapters, and folders of owed ones', () => {
    const text = reportOf({ chapters, files, again: [] }, { all: false })
    expect(text).toMatch(/src\/a\/Pool\.ts +8 +100 % +2 {2}25 %/)
    expect(text).toMatch(/all of src\/ +24 +100 % +2 {2}8 %/)
    expect(text).toContain('Owed: 2 files without a finished chapter')
    expect(text).toMatch(/src\/b: 2 files +16 +100 % +0 {2}0 %/)
    expect(text).not.toContain('src/b/Other.ts')
  })

  test('with --all names each owed file, and the lines that are not told', () => {
    const text = reportOf({ chapters, files, again: [] }, { all: true })
    expect(text).toContain('src/b/Other.ts')
    expect(text).toContain('not told: 2–4, 16–20')
  })

  test('as JSON it has the sums and a row for each file', () => {
    expect(JSON.parse(jsonOf({ files: files.slice(0, 1) }))).toEqual({
      lines: 8,
      shown: 8,
      told: 2,
      files: [{ path: 'src/a/Pool.ts', lines: 8, shown: 8, told: 2 }],
    })
  })

  test('neighbouring lines are one range', () => {
    expect(rangesOf([1, 2, 3, 5, 9, 20])).toBe('1–5, 9, 20')
  })
})

test('the book shows and tells what it has reached', () => {
  expect(complaints(measureBook(), readRatchet()).join('\n\n')).toBe('')
})
