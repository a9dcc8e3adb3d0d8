/**
 * The HTML of a listing: its caption, its lines in colours, names that link and have types.
 *
 *     <figure class="listing" id="listing-Sender.runOnce">
 *       <figcaption> name · path and lines · seen before in … </figcaption>
 *       <pre> 178 … </pre>
 *     </figure>
 *
 * I1  Names link to what the page does not already show there: no listing links to itself.
 */

import { codeText, escapeHtml, painted } from './highlight.ts'
import type { Homes, Shown } from './homes.ts'
import type { Segment } from './hover/AnnotatedFiles.ts'
import type { Target } from './hover/names.ts'
import { annotatedFile } from './project.ts'
import { hasSourcePage, sourceUrl } from './sourceUrl.ts'
import type { Found, Part } from './symbols.ts'

export interface Figure {
  readonly id: string
  /** As the page names it. */
  readonly name: string
  readonly found: Found
  /** Where an earlier chapter shows it. */
  readonly before: Shown | null
}

/** What the page knows. */
export interface Page {
  /** Its address, when it is a chapter's. */
  readonly url: string | null
  readonly homes: Homes
  /** The number of a type's text on this page. */
  readonly typeNumber: (html: string) => number
}

export const captionHtml = ({ name, found, before }: Figure): string => {
  const { path, parts } = found
  const first = parts[0]?.firstLine ?? 1
  const symbol = `<code>${escapeHtml(name)}</code>`
  const whole = hasSourcePage(path)
    ? `<a class="symbol" href="${sourceUrl(path, codeLine(parts))}">${symbol}</a>`
    : symbol
  const place = `${path}:${parts.map(rangeOf).join(', ')}`
  const source = `<SourceLink path="${path}" :line="${first}">${place}</SourceLink>`
  const seen =
    before === null
      ? ''
      : `<a class="seen" href="${before.url}">seen before in chapter ${before.chapter.number}</a>`
  return `<figcaption>${whole} ${source}${seen}</figcaption>`
}

/** The first line that is no comment: those have no anchor on the annotated page. */
const codeLine = (parts: readonly Part[]): number => {
  for (const { firstLine, lines } of parts) {
    const at = lines.findIndex((line) => line.trim() !== '' && !/^\s*(\/\/|\/\*|\*)/.test(line))
    if (at >= 0) return firstLine + at
  }
  return 1
}

const rangeOf = ({ firstLine, lines }: Part): string =>
  lines.length === 1 ? String(firstLine) : `${firstLine}–${firstLine + lines.length - 1}`

export const codeHtml = (figure: Figure, page: Page): string => {
  const { path, parts } = figure.found
  const depth = Math.min(...parts.map((part) => part.depth))
  const { types, targets, lines } = annotatedFile(path)
  const names: Names = {
    type: (at) => page.typeNumber(types[at] ?? ''),
    href: (at) => hrefOf(targets[at], figure, page),
  }
  let html = ''
  let next = parts[0]?.firstLine ?? 1
  for (const { firstLine, lines: own } of parts) {
    if (firstLine > next) html += GAP
    for (let line = firstLine; line < firstLine + own.length; line++) {
      const code = lineHtml(lines[line - 1] ?? [], depth, names)
      html += `<span class="ln"><i>${line}</i>${code}\n</span>`
    }
    next = firstLine + own.length
  }
  const label = `${figure.name}, ${path}`
  return (
    `<pre class="code" tabindex="0" role="group" aria-label="${escapeHtml(label)}" v-pre>` +
    `<code>${html}</code></pre>\n`
  )
}

const GAP = '<span class="ln gap"><i>⋮</i>\n</span>'

interface Names {
  readonly type: (at: number) => number
  readonly href: (at: number) => string | null
}

const lineHtml = (segments: readonly Segment[], depth: number, names: Names): string => {
  let cut = depth
  let html = ''
  let run = ''
  let inkNow = ''
  const flush = (): void => {
    html += painted(run, inkNow)
    run = ''
  }
  for (const segment of segments) {
    const [text, ink] = segment
    const kept = text.slice(cut)
    cut = Math.max(0, cut - text.length)
    if (kept === '') continue
    if (ink !== inkNow) flush()
    inkNow = ink
    run += segment.length === 2 ? codeText(kept) : nameHtml(kept, segment[2], segment[3], names)
  }
  flush()
  return html
}

const nameHtml = (text: string, type: number, target: number | null, names: Names): string => {
  const href = target === null ? null : names.href(target)
  const said = `data-t="${names.type(type)}"`
  return href === null
    ? `<b ${said}>${escapeHtml(text)}</b>`
    : `<a href="${href}" ${said}>${escapeHtml(text)}</a>`
}

/** Its home in a story, else its line on the annotated page; `null`: it stands in this figure. */
const hrefOf = (target: Target | undefined, figure: Figure, page: Page): string | null => {
  if (target === undefined) return null
  const { path, line } = target
  const home = page.homes.homeOf(target)
  if (home !== null) {
    const here = page.url !== null && home.url.startsWith(`${page.url}#`)
    if (!here) return home.url
    return home.id === figure.id ? null : `#${home.id}`
  }
  const own = figure.found.path === path
  const shown = figure.found.parts.some(
    ({ firstLine, lines }) => firstLine <= line && line < firstLine + lines.length,
  )
  return (own && shown) || !hasSourcePage(path) ? null : sourceUrl(path, line)
}
