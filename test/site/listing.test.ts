/**
 * Listings as a page prints them: captions, names that link, types, parts that belong together.
 * Rendered from this repository, as the site does it.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMarkdownRenderer, type MarkdownRenderer } from 'vitepress'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inkTheme } from '../../docs/.vitepress/markdown/highlight.ts'
import { Homes } from '../../docs/.vitepress/markdown/homes.ts'
import { AnnotatedFiles } from '../../docs/.vitepress/markdown/hover/AnnotatedFiles.ts'
import { installMarkdown } from '../../docs/.vitepress/markdown/install.ts'
import { ListingIds } from '../../docs/.vitepress/markdown/listingFigures.ts'
import { CACHE, symbols } from '../../docs/.vitepress/markdown/project.ts'
import { sourcePlace, sourceUrl } from '../../docs/.vitepress/markdown/sourceUrl.ts'
import { destination } from '../../docs/.vitepress/theme/listing/destination.ts'
import { bookChapters, ROOT } from '../../scripts/book/chapters.ts'

let md: MarkdownRenderer
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'listing-'))
  md = await createMarkdownRenderer(folder, { theme: inkTheme, config: installMarkdown })
})
afterAll(() => rmSync(folder, { recursive: true }))

const render = (text: string, path = join(folder, 'index.md')): string => md.render(text, { path })
const listing = (asked: string, path?: string): string => render(`::: listing ${asked}\n:::`, path)

/** What a reader sees of it. */
const plain = (html: string): string =>
  html
    .replace(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

const typesOf = (html: string): readonly string[] => {
  const src = /<ListingHover src="\/hover\/([^"]+)"/.exec(html)?.[1]
  if (src === undefined) return expect.fail('the page has no types')
  return JSON.parse(readFileSync(join(CACHE, 'hover/pages', src), 'utf8')) as string[]
}

/** The type that a reader is shown on the first `name` of the listing. */
const typeOf = (html: string, name: string): string => {
  const at = new RegExp(`data-t="(\\d+)">${name}<`).exec(html)?.[1] ?? expect.fail(`no ${name}`)
  return plain(typesOf(html)[Number(at)] ?? '')
}

describe('a listing', () => {
  test.each([
    ['a head comment', 'BufferPool#head'],
    ['the face of a class', 'BufferPool'],
    ['an interface', 'RecordAccumulatorOptions'],
    ['a type', 'SendAllReason'],
    ['a constant', 'NEVER_MS'],
    ['a function', 'murmur2'],
    ['a member', 'BufferPool.allocate'],
    ['a part', 'Sender.runOnce lines "const nowMs … await this.client.poll"'],
  ])('of %s prints the very lines of the file', (_, asked) => {
    const html = listing(asked)
    const { path, parts } = symbols().listing(
      { name: asked.split(' ')[0]!, ...wordsOf(asked) },
      'test',
    )
    const file = readFileSync(join(ROOT, path), 'utf8').split('\n')
    const lines = [...html.matchAll(/<span class="ln"><i>(\d+)<\/i>(.*)\n/g)]
    expect(lines.length).toBe(parts.reduce((sum, part) => sum + part.lines.length, 0))
    for (const [, number, line = ''] of lines) {
      expect(plain(line).trim()).toBe(file[Number(number) - 1]?.trim())
    }
    expect(html).toMatch(/class="(kw|cm)"/)
  })

  test('has its keywords in colour, whatever stands before it in the file', () => {
    // The method before it ends in a ternary that misleads the grammar.
    const html = listing('KafkaProducer.append')
    expect(html).toMatch(/<span class="kw">private<\/span> <[ab] /)
    expect(html).toMatch(/<span class="kw">const<\/span> <b data-t="\d+">partition<\/b>/)
  })

  test('names its symbol, its path and its lines, and leads to the whole file', () => {
    const html = listing('BufferPool')
    const caption = html.slice(0, html.indexOf('</figcaption>'))
    const [, id] = /<figure class="listing" id="([^"]+)"><figcaption>/.exec(caption) ?? []
    const [, href] = /<a class="symbol" href="([^"]+)">/.exec(caption) ?? []
    const [, place] = /<SourceLink [^>]+>([^<]+)</.exec(caption) ?? []
    expect(id).toBe('listing-BufferPool')
    expect(place).toMatch(/^src\/producer\/internals\/BufferPool\.ts:\d+–\d+, \d+$/)
    const line = sourcePlace(href ?? '')?.line ?? 0
    const file = readFileSync(join(ROOT, 'src/producer/internals/BufferPool.ts'), 'utf8')
    expect(file.split('\n')[line - 1]).toMatch(/^export class BufferPool/)
  })
})

const wordsOf = (asked: string): { from: string | null; to: string | null } => {
  const [, from = null, to = null] = /lines "(.+) … (.+)"/.exec(asked) ?? []
  return { from, to }
}

describe('the names in a listing', () => {
  test('lead to their line on the annotated page when no story prints them', () => {
    const [, href] = /<a href="([^"]+)" data-t="\d+">\w+<\/a>/.exec(listing('Simulation')) ?? []
    expect(sourcePlace(href ?? '')?.path).toMatch(/^src\//)
  })

  test('lead to the figure of the story that is their home', () => {
    const home = new Homes().refresh().homeOf({
      path: 'src/producer/internals/BuiltInPartitioner.ts',
      line: 72,
      name: 'BuiltInPartitioner.partitionForKey',
    })
    expect(home?.url).toContain('/#listing-BuiltInPartitioner.partitionForKey')
    const html = listing(
      'BuiltInPartitioner.partitionForKey',
      home?.chapter.dir.concat('/index.md'),
    )
    // At home it does not link to itself, and has its type.
    expect(html).toMatch(/<b data-t="\d+">partitionForKey<\/b>/)
    expect(typeOf(html, 'partitionForKey')).toContain('BuiltInPartitioner.partitionForKey(')
  })

  test('have no link when they are local or a library’s', () => {
    const html = listing('KafkaProducer.append')
    expect(html).toMatch(/<b data-t="\d+">maxWaitMs<\/b>/)
    expect(html).toMatch(/<b data-t="\d+">Math<\/b>/)
    expect(html).toMatch(/<a href="\/[^"]+" data-t="\d+">maxBlockMs<\/a>/)
  })

  test('say what an editor says, with the first paragraph of their comment', () => {
    const html = listing('KafkaProducer.append')
    expect(typeOf(html, 'maxBlockMs')).toMatch(
      /^\(property\) KafkaProducer<K, V>\.maxBlockMs: number/,
    )
    expect(typeOf(html, 'maxWaitMs')).toBe('const maxWaitMs: number')
    expect(typeOf(listing('RecordAccumulatorOptions'), 'estimator')).toContain(
      '\n\nHow well topics compress. Default: one that has yet to learn.',
    )
  })

  test('share one table per page, fetched when it is first asked for', () => {
    const html = render('::: listing Sender.runOnce\n:::\n\nText.\n\n::: listing Sender.run\n:::')
    expect(html.match(/<ListingHover/g)).toHaveLength(1)
    const types = typesOf(html)
    expect(new Set(types).size).toBe(types.length)
    const used = [...html.matchAll(/data-t="(\d+)"/g)].map(([, at]) => Number(at))
    expect(Math.max(...used)).toBe(types.length - 1)
    expect(render('No listing.')).not.toContain('ListingHover')
  })
})

describe('parts of a symbol', () => {
  const FIRST = '::: listing KafkaProducer.append lines "this.serialize(record) … const partition"'
  const SECOND = '::: listing KafkaProducer.append lines "const maxWaitMs … const result"'

  test('in a row are one figure with a gap and one caption', () => {
    const html = render(`${FIRST}\n:::\n\n${SECOND}\n:::\n\nAfter.`)
    expect(html.match(/<figure class="listing"/g)).toHaveLength(1)
    expect(html.match(/<pre class="code"/g)).toHaveLength(1)
    expect(html.match(/class="ln gap"/g)).toHaveLength(1)
    expect(html).toMatch(/KafkaProducer\.ts:\d+–\d+, \d+–\d+<\/SourceLink>/)
    expect(html).toMatch(/<\/figure>\s*<p>After\./)
  })

  test('with words between them, or in the wrong order, are two', () => {
    const apart = render(`${FIRST}\n:::\n\nThen.\n\n${SECOND}\n:::`)
    expect(apart.match(/<figure class="listing"/g)).toHaveLength(2)
    expect(apart).toContain('id="listing-KafkaProducer.append-2"')
    const backwards = render(`${SECOND}\n:::\n\n${FIRST}\n:::`)
    expect(backwards.match(/<figure class="listing"/g)).toHaveLength(2)
  })

  test('a text that is missing or ambiguous fails with the page and the line in its file', () => {
    const path = join(folder, 'page.md')
    const page =
      '---\ntitle: A page\n---\n\n# A page\n\n::: listing Sender.runOnce lines "never"\n:::'
    writeFileSync(path, page)
    expect(() => render(page, path)).toThrow(`${path}:7: no line of 'Sender.runOnce'`)
    expect(() => listing('KafkaProducer.append lines "const"')).toThrow(
      /index\.md:1: 'const' stands on lines .* write more of the line/,
    )
  })
})

/** The other kinds of block have tests of their own. */
const onlyListings = (markdown: string): string =>
  markdown.replace(/^:{3,}\s*(?!listing\b)\w.*$/gm, 'Another block.')

describe('homes', () => {
  const earlier = (): { folder: string; name: string; url: string } => {
    const [first] = bookChapters()
    return {
      folder: first?.folder ?? '',
      name: 'BuiltInPartitioner.partitionForKey',
      url: `/chapters/${first?.folder}/#listing-BuiltInPartitioner.partitionForKey`,
    }
  }

  test('a symbol that an earlier chapter showed says so, with a link', () => {
    const { name, url } = earlier()
    const later = join(ROOT, 'chapters/99-later/index.md')
    expect(listing(name, later)).toContain(
      `<a class="seen" href="${url}">seen before in chapter 0</a>`,
    )
  })

  test('the chapter that showed it first does not, nor does a page that is no chapter', () => {
    const { name, folder: slug } = earlier()
    expect(listing(name, join(ROOT, `chapters/${slug}/index.md`))).not.toContain('class="seen"')
    expect(listing(name)).not.toContain('class="seen"')
  })

  test('every anchor that is linked to is on its page', () => {
    for (const { dir, folder: slug, markdown } of bookChapters()) {
      const html = md.render(onlyListings(markdown), { path: `${dir}/index.md` })
      const ids = new Set(
        [...html.matchAll(/<figure class="listing" id="([^"]+)"/g)].map((m) => m[1]),
      )
      for (const [, id] of html.matchAll(/href="#(listing-[^"]+)"/g)) expect(ids).toContain(id)
      for (const id of ids) expect(id, slug).not.toMatch(/[#\s"]/)
    }
  })

  test('the same name twice on a page gets two anchors', () => {
    const ids = new ListingIds()
    expect([ids.next('A.b'), ids.next('A.b'), ids.next('File#A')]).toEqual([
      'listing-A.b',
      'listing-A.b-2',
      'listing-File-A',
    ])
  })
})

describe('addresses', () => {
  test('a line of the source has one, and it says which line it is', () => {
    const url = sourceUrl('src/producer/internals/BufferPool.ts', 40)
    expect(url).toBe('/source/src/producer/internals/BufferPool#L40')
    expect(sourcePlace(url)).toEqual({ path: 'src/producer/internals/BufferPool.ts', line: 40 })
    expect(sourcePlace('/chapters/')).toBeNull()
  })

  test('are told to the reader in words', () => {
    expect(destination('/source/src/common/Node#L6')).toBe('src/common/Node.ts, line 6')
    expect(destination('#listing-Sender.run')).toBe('Sender.run, on this page')
    expect(destination('/chapters/00-the-journey-of-a-record/#listing-Sender.runOnce')).toBe(
      'Sender.runOnce, in 0 The journey of a record',
    )
  })
})

describe('the cache of types', () => {
  const CONFIG =
    '{ "compilerOptions": { "target": "es2023", "allowImportingTsExtensions": true, ' +
    '"noEmit": true } }'
  let root: string
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'types-'))
    writeFileSync(join(root, 'tsconfig.json'), CONFIG)
  })
  afterAll(() => rmSync(root, { recursive: true }))

  /** What is said of `one` in `a.ts`, after a new process would have started. */
  const said = (): string => {
    const files = new AnnotatedFiles(root, () => ['a.ts', 'b.ts', 'c.ts'], join(root, 'cache'))
    const { lines, types } = files.of('a.ts')
    const segment = lines.flat().find(([name]) => name === 'one')
    return plain(types[segment?.[2] ?? -1] ?? '')
  }

  test('a change of what a file imports, however far away, is seen', () => {
    writeFileSync(join(root, 'a.ts'), "import { two } from './b.ts'\nexport const one = two\n")
    writeFileSync(
      join(root, 'b.ts'),
      "import { three } from './c.ts'\nexport const two = three()\n",
    )
    writeFileSync(join(root, 'c.ts'), 'export const three = (): number => 3\n')
    expect(said()).toBe('const one: number')
    writeFileSync(join(root, 'c.ts'), "export const three = (): string => '3'\n")
    expect(said()).toBe('const one: string')
  })

  test('while nothing changed the stored answer is taken, and a broken one is not', () => {
    said()
    const stored = join(root, 'cache/a.ts.json')
    expect(existsSync(stored)).toBe(true)
    const marked = readFileSync(stored, 'utf8').replaceAll('string', 'text')
    writeFileSync(stored, marked)
    expect(said()).toBe('const one: text')
    writeFileSync(stored, marked.slice(0, 40))
    expect(said()).toBe('const one: string')
  })
})
