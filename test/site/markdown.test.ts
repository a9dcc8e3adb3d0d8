import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMarkdownRenderer, type MarkdownRenderer } from 'vitepress'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inkTheme } from '../../docs/.vitepress/markdown/highlight.ts'
import { installMarkdown } from '../../docs/.vitepress/markdown/install.ts'

describe('the Markdown of the book', () => {
  let md: MarkdownRenderer
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'page-'))
    writeFileSync(join(folder, 'demo.out'), 'sent <one> record\n')
    md = await createMarkdownRenderer(folder, { theme: inkTheme, config: installMarkdown })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const render = (text: string): string => md.render(text, { path: join(folder, 'index.md') })

  test('a noun in braces becomes its sign, with another word where one is given', () => {
    expect(render('A {record} among {batch|batches}.')).toBe(
      '<p>A <Sign noun="record">record</Sign> among <Sign noun="batch">batches</Sign>.</p>\n',
    )
  })

  test('other braces, and nouns in code, stay what they are', () => {
    expect(render('`{record}`')).not.toContain('<Sign')
    expect(render('{{ record }} and { nothing }')).not.toContain('<Sign')
  })

  test('a word in braces that has no sign fails with the page', () => {
    expect(() => render('What a {fetch} brings.')).toThrow(
      `${folder}/index.md: {fetch} is no sign. There are {record}, {batch}`,
    )
  })

  test('a listing prints the symbol with its own line numbers and its path', () => {
    const html = render('::: listing Sender.runOnce\nThe *loop*.\n:::\n\nAfter.')
    expect(html).toContain('<code>Sender.runOnce</code>')
    expect(html).toMatch(/<SourceLink path="src\/producer\/internals\/Sender.ts" :line="\d+"/)
    expect(html).toMatch(/<span class="ln"><i>\d+<\/i>.*async.*runOnce/)
    expect(html).toContain('<em>loop</em>')
    expect(html).toContain('<p>After.</p>')
  })

  test('a listing of nothing fails with the page and the line', () => {
    expect(() => render('one\n\n::: listing Sender.nothing\n:::')).toThrow(
      `${folder}/index.md:3: 'Sender.nothing' names nothing`,
    )
  })

  test('output is the file beside the page; without the file the page fails', () => {
    expect(render('::: output demo.out\n:::')).toContain('sent &lt;one&gt; record')
    expect(() => render('::: output other.out\n:::')).toThrow("no file 'other.out'")
  })

  test('a note goes before the paragraph that it stands beside', () => {
    const html = render('Text.\n\n::: note\nOne.\n:::\n\n::: note\nTwo.\n:::\n\nMore.')
    expect(html.replace(/\s+/g, '')).toBe(
      '<divclass="noted"><asideclass="note"role="note"><p>One.</p></aside>' +
        '<asideclass="note"role="note"><p>Two.</p></aside><p>Text.</p></div><p>More.</p>',
    )
  })

  test('an answer folds under its question, and blocks nest', () => {
    const html = render('::: answer Why a {batch}?\nBecause.\n\n:::: kafka\nThe same.\n::::\n:::')
    expect(html).toContain('<summary>Why a <Sign noun="batch">batch</Sign>?</summary>')
    expect(html).toMatch(/<section class="kafka">\s*<p class="label">In the real Kafka<\/p>/)
    expect(html).toMatch(/<\/section>[\s\S]*<\/details>/)
  })

  test('a table of the source is made of what the code runs on', () => {
    const html = render('::: table configuration producer\n:::')
    expect(html).toContain('id="producer.linger.ms"')
    expect(html).not.toContain('ssl.keystore.location')
    const refused = render('::: table refused settings producer\n:::')
    expect(refused).toContain('<code>ssl.keystore.location</code>')
    expect(refused).not.toContain('linger.ms')
    expect(render('::: table errors\n:::')).toContain('OFFSET_OUT_OF_RANGE')
    expect(() => render('::: table of contents\n:::')).toThrow("no table 'of contents'")
  })
})
