/**
 * A comment of the source as prose: paragraphs, drawings, lists, invariants and tags.
 *
 *     " * Lends memory."            a paragraph; its lines flow together
 *     " *     ├── total ──┤"        four spaces after a blank line: a drawing, kept as it is
 *     " * - one"                    a list
 *     " * I1  Never negative."      an invariant: its number stands in front
 *     " * @throws KafkaException …" a tag
 *
 * I1  Each line of the comment has its anchor, in order, also where the line itself disappears:
 *     `/**`, the empty ones, the closing one.
 */

import { codeText, escapeHtml } from '../markdown/highlight.ts'
import type { Line } from './sheet.ts'

export interface Block {
  readonly kind: 'text' | 'drawing' | 'item' | 'invariant' | 'tag'
  /** `•`, `1.`, `I1`, `kafka`; empty for text and drawings. */
  readonly label: string
  readonly lines: readonly Line[]
}

/** From the address of a name in a comment; `null`: it has none. */
export type LinkName = (name: string) => string | null

/** The lines without the signs of a comment. The texts of opening and closing lines are empty. */
export const bareLines = (comment: readonly Line[]): Line[] =>
  comment.map(({ number, text }) => {
    const line = text
      .replace(/\s+$/, '')
      .replace(/^#!.*$/, '')
      .replace(/^\s*\/\*\*?\s?/, '')
      .replace(/^\s*\/\/ ?/, '')
      .replace(/(^|\s+)\*\/$/, '')
    return { number, text: line.replace(/^\s*\*( |$)/, '') }
  })

interface Open {
  kind: Block['kind']
  label: string
  lines: Line[]
}

const STARTS: readonly (readonly [kind: Open['kind'], pattern: RegExp])[] = [
  ['tag', /^@(\w+)\s*/],
  ['invariant', /^(I\d+[a-z]?)\s\s?(?=\S)/],
  ['item', /^(?:[-*]|(\d+\.))\s+/],
]

/** I1: the blank lines between two blocks are in the one before. */
export const blocksOf = (comment: readonly Line[]): Block[] => {
  const blocks: Open[] = []
  let blank = true
  for (const line of bareLines(comment)) {
    const last = blocks.at(-1)
    const opened = openedBy(line, last, blank)
    if (opened !== null) {
      // What a comment opens with, `/**` alone, belongs to its first words.
      const empty = blocks.length === 1 && last !== undefined && flow(last) === ''
      if (empty) opened.lines.unshift(...(blocks.pop() as Open).lines)
      blocks.push(opened)
    } else if (last !== undefined) last.lines.push(line)
    else blocks.push({ kind: 'text', label: '', lines: [line] })
    blank = line.text.trim() === ''
  }
  return blocks
}

const openedBy = (line: Line, last: Open | undefined, blank: boolean): Open | null => {
  const { number, text } = line
  if (text.trim() === '') return null
  const indented = /^ {4}/.test(text)
  if (indented) {
    if (last?.kind === 'drawing' || !blank) return null
    return { kind: 'drawing', label: '', lines: [line] }
  }
  for (const [kind, pattern] of STARTS) {
    const found = pattern.exec(text)
    if (found === null) continue
    const rest = { number, text: text.slice(found[0].length) }
    return { kind, label: found[1] ?? '•', lines: [rest] }
  }
  const continues = last !== undefined && (!blank || (last.kind === 'tag' && text.startsWith(' ')))
  return continues && last.kind !== 'drawing' ? null : { kind: 'text', label: '', lines: [line] }
}

/** The text of a block in one line. */
export const flow = ({ lines }: Block): string =>
  lines
    .map(({ text }) => text.trim())
    .filter((text) => text !== '')
    .join(' ')

/** What a file is for: the first sentence of its head comment. */
export const firstSentence = (blocks: readonly Block[]): string => {
  const text = blocks.find((block) => block.kind === 'text' && flow(block) !== '')
  const words = text === undefined ? '' : flow(text)
  return /^.*?[.?!](?=\s|$)/.exec(words)?.[0] ?? words.replace(/:$/, '.')
}

const TAG_NAMES: Readonly<Record<string, string>> = {
  kafka: 'In Kafka',
  simplified: 'Simplified',
  param: '',
  returns: 'gives',
  throws: 'throws',
}

export const anchor = (line: number): string => `<a id="L${line}"></a>`

/** The comment in HTML. `links` says where names in backticks lead. */
export const commentHtml = (comment: readonly Line[], links: LinkName): string =>
  blocksOf(comment)
    .map((block) => blockHtml(block, links))
    .join('')

export const blockHtml = (block: Block, links: LinkName): string => {
  if (block.kind === 'drawing') return drawingHtml(block.lines)
  const text = proseHtml(block.lines, links)
  if (block.kind === 'text') return flow(block) === '' ? text : `<p>${text}</p>`
  if (block.kind === 'tag') return tagHtml(block.label, text)
  return `<p class="${block.kind}"><b>${block.label}</b> ${text}</p>`
}

const tagHtml = (tag: string, text: string): string => {
  if (tag === 'kafka' || tag === 'simplified') {
    return `<p class="real ${tag}"><b>${TAG_NAMES[tag]}</b> ${text}</p>`
  }
  if (tag === 'param') {
    const named = text.replace(/^((?:<a id="L\d+"><\/a>)*)([\w.]+)\s*/, '$1<code>$2</code> ')
    return `<p class="tag">${named}</p>`
  }
  return `<p class="tag"><i>${escapeHtml(TAG_NAMES[tag] ?? tag)}</i> ${text}</p>`
}

const drawingHtml = (lines: readonly Line[]): string => {
  const used = lines.filter(({ text }) => text.trim() !== '')
  const depth = Math.min(...used.map(({ text }) => text.search(/\S/)))
  const [first, last] = [used[0]?.number ?? 0, used.at(-1)?.number ?? 0]
  const rows = lines.map(({ number, text }) =>
    number < first || number > last
      ? anchor(number)
      : `${anchor(number)}${codeText(text.slice(depth))}\n`,
  )
  // It may be wider than its column: who has no mouse scrolls it with the keys.
  const reach = 'tabindex="0" role="group" aria-label="Drawing"'
  return `<pre class="drawing" ${reach}>${rows.join('')}</pre>`
}

/** Lines flow together; code and names keep their own face, also across the end of a line. */
const proseHtml = (lines: readonly Line[], links: LinkName): string => {
  const text = lines
    .map(
      ({ number, text }) => `\uE000${number}\uE001${text.trim() === '' ? '' : `${text.trim()} `}`,
    )
    .join('')
  return escapeHtml(text.trimEnd())
    .replace(/`([^`]+)`/g, (_, code: string) => codeHtml(code, links))
    .replace(/\{@link\s+([^}|]+?)(?:\s*\|[^}]*)?\}/g, (_, name: string) => codeHtml(name, links))
    .replace(/\*\*(?=\S)(.+?)\*\*/g, '<strong>$1</strong>')
    .replace(/(^|[\s(])\*(?=[^\s*])([^*]+)\*(?=[\s.,;:)]|$)/g, '$1<em>$2</em>')
    .replace(/\uE000(\d+)\uE001/g, (_, line: string) => anchor(Number(line)))
    .trim()
}

const codeHtml = (code: string, links: LinkName): string => {
  const anchors = code.match(/\uE000\d+\uE001/g)?.join('') ?? ''
  const words = code.replace(/\uE000\d+\uE001/g, '')
  const url = links(words)
  const shown = `<code>${words}</code>`
  return anchors + (url === null ? shown : `<a class="name" href="${url}">${shown}</a>`)
}
