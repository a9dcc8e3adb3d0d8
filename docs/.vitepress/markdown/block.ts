/**
 * What a block of the book is: `::: name arguments` up to a line `:::`, and how one is written out.
 *
 * Each kind of block has a renderer of this shape; `blockTable.ts` lists them. Blocks nest by more
 * colons, as VitePress's own containers do.
 */

import { existsSync, readFileSync } from 'node:fs'
import type { MarkdownRenderer } from 'vitepress'

type BlockRule = Parameters<MarkdownRenderer['block']['ruler']['before']>[2]
export type State = Parameters<BlockRule>[0]

/** What VitePress hands to a rule about the page. */
export interface PageEnv {
  readonly path?: string
  readonly realPath?: string
  /** Files whose change renders the page again. */
  readonly includes?: string[]
  /** The page without its front matter: what is rendered. */
  readonly content?: string
}

/** One block on a page. */
export interface Block {
  readonly state: State
  readonly name: string
  /** What stands behind the name. */
  readonly info: string
  /** The lines of the fences; what is between is Markdown. */
  readonly start: number
  readonly close: number
  readonly env: PageEnv
  /** The page and the line, for errors. */
  readonly where: string
}

export type BlockRenderer = (block: Block) => void

/** The file of the page. */
export const pageFile = ({ env }: Block): string => env.realPath ?? env.path ?? 'a page'

/** Writes HTML, which may hold components of the theme. */
export const html = ({ state }: Block, content: string): void => {
  state.push('html_block', '', 0).content = content
}

/** Writes Markdown that was made, not found on the page. */
export const markdown = ({ state }: Block, text: string): void => {
  state.md.block.parse(text, state.md, state.env, state.tokens)
}

/** Writes what stands between the fences. */
export const inside = ({ state, start, close }: Block): void => {
  const { parentType, lineMax } = state
  state.lineMax = close
  state.md.block.tokenize(state, start + 1, close)
  state.parentType = parentType
  state.lineMax = lineMax
}

/** The text between the fences, as it was written. */
export const rawInside = ({ state, start, close }: Block): string =>
  state.getLines(start + 1, close, state.blkIndent, false)

/** The rule for Markdown's parser. `renderers`: by name. */
export const blockRule = (renderers: Readonly<Record<string, BlockRenderer>>): BlockRule => {
  const opening = new RegExp(`^(:{3,})\\s*(${Object.keys(renderers).join('|')})(?:\\s+(.*))?$`)
  return (state, start, end, silent) => {
    const found = opening.exec(lineAt(state, start))
    if (found === null) return false
    if (silent) return true
    const [, fence = '', name = '', info = ''] = found
    const close = closingLine(state, start, end, fence)
    const env = state.env as PageEnv
    const where = `${env.realPath ?? env.path ?? 'a page'}:${linesBefore(env) + start + 1}`
    renderers[name]?.({ state, name, info: info.trim(), start, close, env, where })
    state.line = Math.min(close + 1, end)
    return true
  }
}

const before = new WeakMap<PageEnv, number>()

/** The lines of the page's front matter, which the parser does not see. */
const linesBefore = (env: PageEnv): number => {
  const known = before.get(env)
  if (known !== undefined) return known
  const file = env.realPath ?? env.path
  const { content } = env
  let lines = 0
  if (file !== undefined && content !== undefined && existsSync(file)) {
    const text = readFileSync(file, 'utf8')
    if (text.endsWith(content)) lines = text.slice(0, -content.length).split('\n').length - 1
  }
  before.set(env, lines)
  return lines
}

const lineAt = (state: State, line: number): string =>
  state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]).trim()

const closingLine = (state: State, start: number, end: number, fence: string): number => {
  for (let line = start + 1; line < end; line++) if (lineAt(state, line) === fence) return line
  return end
}
