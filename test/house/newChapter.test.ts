/** `npm run new-chapter`: what it makes has every heading, builds, and replaces nothing. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHAPTERS } from '../../docs/.vitepress/book.ts'
import { HEADINGS, missingIn, partsOf } from '../../scripts/book/anatomy.ts'
import { bookChapters } from '../../scripts/book/chapters.ts'
import { makeChapter, newChapterCommand } from '../../scripts/book/newChapter.ts'
import { headingsOf } from '../../scripts/book/pageParts.ts'
import { longFunctions, tooWide } from './shape.ts'
import { sourceOf } from './sources.ts'

const root = `${mkdtempSync(`${tmpdir()}/new-chapter-`)}/`
const made = `${root}chapters/09-the-sender`
let files: string[] = []

beforeAll(() => {
  mkdirSync(`${root}chapters`)
  files = makeChapter(CHAPTERS[9]!, `${root}chapters/`)
})
afterAll(() => rmSync(root, { recursive: true }))

const textOf = (file: string): string => readFileSync(`${made}/${file}`, 'utf8')

describe('a new chapter', () => {
  test('has its page, its demo, its tests, its lab, its tour and its break-its', () => {
    expect(files).toEqual([
      'break-it.ts',
      'chapter.test.ts',
      'controls.ts',
      'demo.out',
      'demo.test.ts',
      'demo.ts',
      'index.md',
      'lab.ts',
      'tour.ts',
    ])
  })

  test('has number and title from the outline, and nothing left to fill in', () => {
    const [chapter] = bookChapters(root)
    expect(chapter).toMatchObject({ number: 9, title: 'The sender', finished: false })
    expect(textOf('index.md')).toContain('npm run chapter 9\n')
    expect(textOf('index.md')).toContain('npm test -- chapters/09\n')
    expect(files.filter((file) => /CHAPTER [A-Z]/.test(textOf(file)))).toEqual([])
  })

  test('has all headings of the anatomy in order, each with what to write', () => {
    const headings = headingsOf(textOf('index.md'))
    expect(headings).toEqual(HEADINGS.map((heading) => heading.replace(/[()]/g, '')))
    const [chapter] = bookChapters(root)
    const missing = missingIn(partsOf(chapter!))
    // What only an author can write is missing; its frame is not.
    expect(missing.filter((part) => /heading|map|eight questions|demo|kafka/.test(part))).toEqual(
      [],
    )
    expect(missing.join('\n')).toContain('exercises with answers')
  })

  test('keeps the rules of the house', () => {
    const sources = files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => sourceOf(textOf(file), `chapters/09-the-sender/${file}`))
    expect(sources.flatMap((source) => [...tooWide(source), ...longFunctions(source)])).toEqual([])
  })

  test('is not written over one that is there', () => {
    expect(() => makeChapter(CHAPTERS[9]!, `${root}chapters/`)).toThrow('is there already')
  })
})

describe('npm run new-chapter', () => {
  const called = async (...args: string[]) => {
    let [out, err] = ['', '']
    const code = await newChapterCommand(
      args,
      (text) => {
        out += text
      },
      (text) => {
        err += text
      },
      (chapter) => makeChapter(chapter, `${root}chapters/`),
      async () => 0,
    )
    return { code, out, err }
  }

  test('makes a chapter of the outline and names its files', async () => {
    const { code, out } = await called('10')
    expect(code).toBe(0)
    expect(out).toContain('chapters/10-the-network-client/\n  break-it.ts\n')
  })

  test.each([[['99']], [['sender']], [[]], [['9', '10']]])('refuses %j', async (args) => {
    const { code, err } = await called(...args)
    expect(code).toBe(1)
    expect(err).toContain('npm run new-chapter <number>, 0 to 32')
  })

  test('refuses one that is there, in one line', async () => {
    const { code, err } = await called('9')
    expect([code, err]).toEqual([
      1,
      'chapters/09-the-sender is there already; nothing was written\n',
    ])
  })
})
