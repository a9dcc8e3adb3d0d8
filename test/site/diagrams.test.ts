import { readFileSync } from 'node:fs'
import { createMarkdownRenderer } from 'vitepress'
import { beforeAll, describe, expect, test } from 'vitest'
import { sequenceSvg } from '../../docs/.vitepress/markdown/diagrams/sequenceSvg.ts'
import { statesSvg } from '../../docs/.vitepress/markdown/diagrams/statesSvg.ts'
import { SIZES, wrapped } from '../../docs/.vitepress/markdown/diagrams/svg.ts'
import { installMarkdown } from '../../docs/.vitepress/markdown/install.ts'
import { packageOf, rosettaMarkdown } from '../../docs/.vitepress/markdown/rosettaBlock.ts'
import type { SequenceDiagram } from '../../lab/diagrams/Sequence.ts'
import type { StatesDiagram } from '../../lab/diagrams/States.ts'
import { retoldClasses } from '../../scripts/book/rosetta.ts'

const root = new URL('../..', import.meta.url).pathname
const page = `${root}chapters/00-the-journey-of-a-record/index.md`

let rendered: (text: string) => Promise<string>
beforeAll(async () => {
  const md = await createMarkdownRenderer(root, { config: installMarkdown })
  rendered = (text) => md.renderAsync(text, { path: page, realPath: page })
})

describe('::: sequence', () => {
  test('draws the file beside the page, wide and narrow, named and described', async () => {
    const html = await rendered('::: sequence journey\nThe *caption*.\n:::\n')
    expect(html.match(/<svg /g)).toHaveLength(2)
    expect(html).toMatch(/<title id="diagram-journey-wide-title">One record/)
    expect(html).toMatch(/aria-describedby="diagram-journey-narrow-desc"/)
    expect(html).toContain('<em>caption</em>')
  })

  test('says the same as a list', async () => {
    const html = await rendered('::: sequence journey\n:::\n')
    expect(html).toContain('<li>25 ms, broker: Produce #4 arrives: offset 0 of')
  })

  test('takes its colours from the vocabulary alone', async () => {
    const html = await rendered('::: sequence journey\n:::\n')
    expect(html).not.toMatch(/#[0-9a-f]{6}\b|fill="|stroke="/)
  })

  test.each([
    ['::: sequence nowhere\n:::\n', /index\.md:1: there is no diagrams\/nowhere\.json/],
    ['::: states journey\n:::\n', /is for '::: sequence', not for '::: states'/],
  ])('%j fails the build with the page and the line', async (text, message) => {
    await expect(rendered(text)).rejects.toThrow(message)
  })
})

/** The numbers of an attribute in a drawing. */
const numbers = (svg: string, attribute: string): number[] =>
  [...svg.matchAll(new RegExp(` ${attribute}="(-?[\\d.]+)"`, 'g'))].map(([, n]) => Number(n))

describe.each(SIZES)('the $name drawing', (size) => {
  const heightOf = (svg: string): number => Number(/viewBox="0 0 \d+ (\d+)"/.exec(svg)![1])

  test('of a sequence stays inside its frame', () => {
    const file = page.replace('index.md', 'diagrams/journey.json')
    const diagram = JSON.parse(readFileSync(file, 'utf8')) as SequenceDiagram
    const svg = sequenceSvg(diagram, size, 'x')
    expect(Math.max(...numbers(svg, 'cx'))).toBeLessThan(size.width)
    expect(Math.max(...numbers(svg, 'cy'), ...numbers(svg, 'y'))).toBeLessThan(heightOf(svg))
    expect(svg.match(/class="d-message"/g)).toHaveLength(diagram.messages.length)
  })

  test('of states has a box for each and an arrow for each way', () => {
    const way = { times: 2, by: ['Sender.runOnce'] }
    const diagram: StatesDiagram = {
      kind: 'states',
      title: 'A batch',
      subjects: 'batches',
      noun: 'batch',
      count: 3,
      states: ['open', 'gone'].map((id) => ({ id, label: id })),
      transitions: [
        { ...way, from: null, to: 'open' },
        { ...way, from: 'open', to: 'gone' },
        { ...way, from: 'gone', to: 'open' },
      ],
    }
    const svg = statesSvg(diagram, size, 'x')
    expect(svg.match(/<rect /g)).toHaveLength(2)
    expect(svg.match(/d-head/g)).toHaveLength(3)
    expect(Math.max(...numbers(svg, 'y'))).toBeLessThan(heightOf(svg))
  })
})

test('text wraps at words, and a word that is too wide has a line of its own', () => {
  expect(wrapped('one two incomprehensibilities', 60, 15)).toEqual([
    'one two',
    'incomprehensibilities',
  ])
})

describe('::: rosetta', () => {
  test('has a row for each tag, which leads to the line in the source', () => {
    const retold = retoldClasses()
    const text = rosettaMarkdown(retold)
    expect(text.match(/^\| <code/gm)).toHaveLength(retold.length)
    const row = text.split('\n').find((line) => line.includes('<code v-pre>BufferPool</code>'))
    expect(row).toMatch(/\[`BufferPool`\]\(\/source\/src\/producer\/internals\/BufferPool#L\d+\)/)
  })

  test('takes nested classes and members as parts of the class', () => {
    expect(packageOf('kafka.network.RequestChannel.Request')).toBe('kafka.network')
  })
})
