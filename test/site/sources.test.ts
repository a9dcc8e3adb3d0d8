import { describe, expect, test } from 'vitest'
import {
  blocksOf,
  commentHtml,
  firstSentence,
  flow,
} from '../../docs/.vitepress/sources/comment.ts'
import { indexHtml } from '../../docs/.vitepress/sources/indexHtml.ts'
import { library } from '../../docs/.vitepress/sources/library.ts'
import { pageHtml } from '../../docs/.vitepress/sources/pageHtml.ts'
import { type Line, type Sheet, sheetOf } from '../../docs/.vitepress/sources/sheet.ts'
import { namesIn } from '../../docs/.vitepress/sources/sourceNamesPlugin.ts'
import { SourceNameIndex } from '../../docs/.vitepress/theme/source/sourceNames.ts'

const POOL = `/**
 * Lends memory. Takes it back.
 *
 *     ├── total ──┤
 *     │ lent      │
 *
 * - one
 * - and
 *   two
 *
 * I1  Never less
 *     than nothing.
 *
 * @kafka x.BufferPool
 * @simplified no line
 *   of waiters
 */

import { a } from './a.ts'

/** A pool of \`size\` bytes, see {@link Sender.runOnce}. */
export class Pool {
  // First
  // of all.
  private lent = 0 // bytes

  /**
   * Lends.
   *
   * @param bytes how many
   * @throws Error when there is nothing
   */
  lend(bytes: number): string {
    /* why */
    this.lent += bytes
    return \`
    // no comment: a text
    \`
  }

  private hidden(): void {}
}
`

const linesIn = (sheet: Sheet): Line[] => [
  ...sheet.head,
  ...sheet.strips.flatMap(({ comment, code }) => [...comment, ...code]),
]
const toComment = (text: string): Line[] =>
  text.split('\n').map((line, at) => ({ number: at + 1, text: line }))
const html = (text: string): string =>
  commentHtml(toComment(text), (name) => (name === 'Sender' ? '/sender' : null)).replace(
    /<a id="L\d+"><\/a>/g,
    '',
  )

describe('a file taken apart', () => {
  const sheet = sheetOf('src/Pool.ts', POOL)
  const stripAt = (line: number) =>
    sheet.strips.find(({ code }) => code.some(({ number }) => number === line)) ?? expect.fail()
  const lineOf = (words: string): number => sheet.lines.findIndex((l) => l.includes(words)) + 1

  test('each line is in it once, in order', () => {
    expect(linesIn(sheet).map(({ text }) => text)).toEqual(POOL.trimEnd().split('\n'))
    expect(linesIn(sheet).map(({ number }) => number)).toEqual(sheet.lines.map((_, at) => at + 1))
  })

  test('the head comment opens the page, imports are apart', () => {
    expect(sheet.head).toHaveLength(17)
    expect(stripAt(lineOf('import')).kind).toBe('imports')
    expect(stripAt(lineOf('export class')).kind).toBe('code')
  })

  test('a comment stands beside the code below it; behind code it stays with the code', () => {
    const commentAt = (words: string): string =>
      stripAt(lineOf(words))
        .comment.map(({ text }) => text.trim())
        .join(' ')
    expect(commentAt('private lent')).toBe('// First // of all.')
    expect(commentAt('this.lent +=')).toBe('/* why */')
    expect(commentAt('lend(bytes')).toContain('@throws Error')
  })

  test('what looks like a comment inside a text is code', () => {
    const line = lineOf('no comment: a text')
    expect(stripAt(line).comment).toEqual(stripAt(lineOf('this.lent +=')).comment)
  })

  test('its names come with the lines of their own heads', () => {
    expect(sheet.symbols).toEqual([
      { name: 'Pool', line: lineOf('export class'), exported: true },
      { name: 'Pool.lend', line: lineOf('lend(bytes'), exported: true },
      { name: 'Pool.hidden', line: lineOf('private hidden'), exported: false },
    ])
  })

  test('a program with #! and a file without a head keep all their lines', () => {
    for (const text of ['#!/usr/bin/env node\n// Runs.\n\nrun()\n', 'const a = 1\n', '']) {
      const lines = linesIn(sheetOf('src/a.ts', text)).map(({ text: line }) => line)
      expect(lines.join('\n')).toBe(text.replace(/\n$/, ''))
    }
    expect(sheetOf('src/a.ts', '#!x\n// Runs.\n\nrun()\n').head).toHaveLength(2)
  })
})

describe('a comment as prose', () => {
  const { head } = sheetOf('src/Pool.ts', POOL)

  test('paragraphs, drawings, lists, invariants and tags are told apart', () => {
    expect(blocksOf(head).map(({ kind, label }) => [kind, label])).toEqual([
      ['text', ''],
      ['drawing', ''],
      ['item', '•'],
      ['item', '•'],
      ['invariant', 'I1'],
      ['tag', 'kafka'],
      ['tag', 'simplified'],
    ])
    expect(blocksOf(head).slice(3).map(flow)).toEqual([
      'and two',
      'Never less than nothing.',
      'x.BufferPool',
      'no line of waiters',
    ])
  })

  test('a drawing keeps its spaces, and only those', () => {
    const drawn = html(' *     a ── b\n *         └──')
    expect(drawn).toMatch(/>a ── b\n {4}<span class="mark">└<\/span>──\n<\/pre>$/)
  })

  test('code, names, emphasis and tags are set; signs of HTML are harmless', () => {
    expect(html('// `a < b` and *not* **c** 2 * 3 * 4')).toBe(
      '<p><code>a &lt; b</code> and <em>not</em> <strong>c</strong> 2 * 3 * 4</p>',
    )
    expect(html('/** See {@link Sender}. */')).toContain(
      '<a class="name" href="/sender"><code>Sender</code></a>.',
    )
    expect(html('/** @param bytes how many */')).toBe(
      '<p class="tag"><code>bytes</code> how many</p>',
    )
    expect(html('/**\n * @param bytes how many\n */')).toMatch(
      /^<p class="tag"><code>bytes<\/code> how many\s*<\/p>$/,
    )
  })

  test('code that goes on in the next line is one piece', () => {
    expect(html('// a `b\n// c` d')).toBe('<p>a <code>b c</code> d</p>')
  })

  test('the first sentence says what a file is for', () => {
    expect(firstSentence(blocksOf(head))).toBe('Lends memory.')
    expect(firstSentence(blocksOf(toComment('// Asks `a.b` of\n// it: yes?')))).toBe(
      'Asks `a.b` of it: yes?',
    )
  })
})

describe('the pages of src/', () => {
  const all = library()
  const pageOf = (path: string): string => pageHtml({ library: all, path, told: [] })

  const idsIn = (text: string): number[] =>
    [...text.matchAll(/ id="L(\d+)"/g)].map(([, line]) => Number(line))
  const numbers = (lines: readonly Line[]): number[] => lines.map(({ number }) => number)

  test('each line of each file is in its sheet once, and each line of a comment in its prose', () => {
    const wrong = all.paths().filter((path) => {
      const sheet = all.sheet(path)
      const lost = [sheet.head, ...sheet.strips.map(({ comment }) => comment)].some(
        (comment) => idsIn(commentHtml(comment, () => null)).join() !== numbers(comment).join(),
      )
      return lost || numbers(linesIn(sheet)).join() !== sheet.lines.map((_, at) => at + 1).join()
    })
    expect(wrong).toEqual([])
  })

  test('each line of a file is on its page once, in order', () => {
    // Colouring them all takes seconds; of the pages every twentieth.
    const paths = all.paths().filter((_, at) => at % 20 === 0)
    const wrong = paths.filter(
      (path) =>
        idsIn(pageOf(path)).join() !==
        all
          .sheet(path)
          .lines.map((_, at) => at + 1)
          .join(),
    )
    expect(wrong).toEqual([])
  })

  test('what a line of code says stands beside its number', () => {
    const path = 'src/producer/internals/BufferPool.ts'
    const lines = [...pageOf(path).matchAll(/<span class="ln"[^>]*><i>(\d+)<\/i>(.*)\n/g)]
    expect(lines.length).toBeGreaterThan(100)
    for (const [, number, code = ''] of lines) {
      const text = code
        .replace(/<[^>]+>/g, '')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
      expect(text.replaceAll('&amp;', '&')).toBe(all.sheet(path).lines[Number(number) - 1])
    }
  })

  test('a page leads to the tests, the users and the stories of its file', () => {
    const path = 'src/producer/internals/BufferPool.ts'
    const told = {
      story: { number: 7, folder: '07-pool', title: 'The pool', files: [path], markdown: '' },
      name: 'BufferPool',
      path,
      lines: [all.sheet(path).symbols.find(({ name }) => name === 'BufferPool')?.line ?? 0],
    }
    const page = pageHtml({ library: all, path, told: [told] })
    const has = (text: string): boolean => page.includes(text)
    expect(has('path="test/producer/BufferPool.test.ts"')).toBe(true)
    expect(has('<a href="/source/src/producer/internals/RecordAccumulator">')).toBe(true)
    expect(has('told in <a href="/chapters/07-pool/">The pool</a>')).toBe(true)
    expect(page.match(/class="ln told"/g)).toHaveLength(1)
  })

  test('every file says in its first sentence what it is for', () => {
    expect(all.paths().filter((path) => all.purpose(path) === '')).toEqual([])
  })

  test('the index names each file once', () => {
    const links = [...indexHtml(all, []).matchAll(/<li><a href="\/source\/([^"]+)"/g)]
    expect(links.map(([, path]) => `${path}.ts`).sort()).toEqual([...all.paths()].sort())
  })

  test('search finds a method by its name, the whole name first', () => {
    const index = new SourceNameIndex(namesIn(all))
    const [first] = index.find('RecordAccumulator.drain', 5)
    expect(first).toMatchObject({
      name: 'RecordAccumulator.drain',
      path: 'src/producer/internals/RecordAccumulator',
      exact: true,
    })
    expect(index.find('bufferpool', 5)[0]).toMatchObject({ name: 'BufferPool', exact: true })
    expect(index.find('bu', 5)).toEqual([])
    expect(index.find('two words', 5)).toEqual([])
  })
})
