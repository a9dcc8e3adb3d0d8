/**
 * The blocks that a page of the book is made of, besides what Markdown has.
 *
 *     ::: listing RecordAccumulator.append     code from `src/`, with its own line numbers
 *     ::: output demo.out                      what a program printed: a file beside the page
 *     ::: predict                              the question before the run
 *     ::: note                                 beside the text where there is room, else below it
 *     ::: kafka                                in the real Kafka
 *     ::: table errors                         a table of the source, see tables.ts
 *     ::: answer Why does it wait?             check yourself: a question that unfolds
 *
 * Each ends with a line `:::`. They nest by more colons, as VitePress's own containers do.
 *
 * I1  A listing or an output that cannot be found fails the build, with the page and the line.
 */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'
import { escapeHtml, highlightLines } from './highlight.ts'
import { type Listing, parseListing } from './listing.ts'
import { symbols } from './project.ts'
import { markdownTable } from './tables.ts'

type BlockRule = Parameters<MarkdownRenderer['block']['ruler']['before']>[2]
type State = Parameters<BlockRule>[0]

/** What VitePress hands to a rule about the page. */
export interface PageEnv {
  readonly path?: string
  readonly realPath?: string
  /** Files whose change renders the page again. */
  readonly includes?: string[]
}

const NAMES = ['table', 'listing', 'output', 'predict', 'note', 'kafka', 'answer']
const OPENING = new RegExp(`^(:{3,})\\s*(${NAMES.join('|')})(?:\\s+(.*))?$`)

/** Finds the blocks. What is inside is Markdown again. */
export const blockRule: BlockRule = (state, start, end, silent) => {
  const opening = OPENING.exec(lineAt(state, start))
  if (opening === null) return false
  if (silent) return true
  const [, fence = '', name = '', info = ''] = opening
  const close = closingLine(state, start, end, fence)
  const env = state.env as PageEnv
  const where = `${env.realPath ?? env.path ?? 'a page'}:${start + 1}`
  if (name === 'table') {
    state.md.block.parse(markdownTable(info.trim(), where), state.md, state.env, state.tokens)
  } else if (name === 'output') html(state, outputHtml(info.trim(), env, where))
  else if (name === 'listing') listing(state, parseListing(info, where), start, close, where)
  else container(state, name, info.trim(), start, close)
  state.line = Math.min(close + 1, end)
  return true
}

const lineAt = (state: State, line: number): string =>
  state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]).trim()

const closingLine = (state: State, start: number, end: number, fence: string): number => {
  for (let line = start + 1; line < end; line++) if (lineAt(state, line) === fence) return line
  return end
}

const html = (state: State, content: string): void => {
  state.push('html_block', '', 0).content = content
}

const inside = (state: State, start: number, close: number): void => {
  const { parentType, lineMax } = state
  state.lineMax = close
  state.md.block.tokenize(state, start + 1, close)
  state.parentType = parentType
  state.lineMax = lineMax
}

const listing = (state: State, asked: Listing, start: number, close: number, where: string) => {
  const env = state.env as PageEnv
  const found = symbols().listing(asked, where)
  env.includes?.push(symbols().fileOf(found.path))
  const first = found.parts[0]?.firstLine ?? 1
  const source = `<SourceLink path="${found.path}" :line="${first}" />`
  const caption = `<code>${escapeHtml(asked.name)}</code> ${source}`
  html(state, `<figure class="listing"><figcaption>${caption}</figcaption>`)
  html(state, codeHtml(found.parts, found.path))
  inside(state, start, close)
  html(state, '</figure>\n')
}

const codeHtml = (
  parts: readonly { firstLine: number; lines: readonly string[] }[],
  label: string,
): string => {
  const blocks = parts.map(({ firstLine, lines }) =>
    highlightLines(lines.join('\n'))
      .map((line, at) => `<span class="ln"><i>${firstLine + at}</i>${line}\n</span>`)
      .join(''),
  )
  const gap = '<span class="ln gap"><i>⋮</i>\n</span>'
  return (
    `<pre class="code" tabindex="0" role="group" aria-label="${label}" v-pre>` +
    `<code>${blocks.join(gap)}</code></pre>`
  )
}

const outputHtml = (name: string, env: PageEnv, where: string): string => {
  const file = resolve(dirname(env.realPath ?? env.path ?? '.'), name)
  if (!existsSync(file)) throw new Error(`${where}: there is no file '${name}' beside the page`)
  env.includes?.push(file)
  const text = readFileSync(file, 'utf8').trimEnd()
  const lines = highlightLines(text, 'ansi').join('\n')
  return (
    `<pre class="output" tabindex="0" role="group" aria-label="Output" v-pre>` +
    `<code>${lines}</code></pre>\n`
  )
}

const LABELS: Readonly<Record<string, string>> = {
  predict: 'Predict first',
  kafka: 'In the real Kafka',
}

const container = (state: State, name: string, info: string, start: number, close: number) => {
  const tag = name === 'answer' ? 'details' : name === 'note' ? 'aside' : 'section'
  const open = state.push(`${name}_open`, tag, 1)
  open.block = true
  open.attrSet('class', name)
  open.map = [start, close]
  if (name === 'note') open.attrSet('role', 'note')
  const label = name === 'answer' ? state.md.renderInline(info, state.env) : info || LABELS[name]
  if (name === 'answer') html(state, `<summary>${label}</summary><div class="answer-text">\n`)
  else if (label) html(state, `<p class="label">${escapeHtml(label)}</p>\n`)
  inside(state, start, close)
  if (name === 'answer') html(state, '</div>\n')
  state.push(`${name}_close`, tag, -1).block = true
}
