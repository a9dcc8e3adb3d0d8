/**
 * `::: tour`: the player of the recording beside the page, `tour.json`.
 *
 * All stops are in the page as text; the player (theme/tour/TourPlayer.vue) shows one of them. So a
 * printer has the whole walk, and so has a search.
 *
 * I1  What stands here was seen by the debugger; only the sentences are written by hand.
 * I2  A recording of lines that are no longer there fails the build.
 */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RecordedStop, RecordedTour, TourFrame } from '../../../lab/Tour.ts'
import { linesOf } from '../sources/lines.ts'
import { type Block, type BlockRenderer, html, inside, pageFile } from './block.ts'
import { escapeHtml, highlightLines } from './highlight.ts'
import { symbols } from './project.ts'
import { hasSourcePage, sourceUrl } from './sourceUrl.ts'

/** Lines of a listing; a longer function is shown around the stop. */
const MAX_LINES = 30

interface Step {
  readonly stop: RecordedStop
  readonly index: number
  readonly tour: RecordedTour
  readonly where: string
}

export const tourBlock: BlockRenderer = (block) => {
  const file = join(dirname(pageFile(block)), 'tour.json')
  if (!existsSync(file)) {
    throw new Error(`${block.where}: there is no tour.json beside the page; npm run tour makes it`)
  }
  block.env.includes?.push(file)
  const tour = JSON.parse(readFileSync(file, 'utf8')) as RecordedTour
  const names = JSON.stringify(tour.stops.map(({ at }) => at)).replaceAll("'", '&#39;')
  const title = escapeHtml(tour.title).replaceAll('"', '&quot;')
  html(block, `<div class="plate"><TourPlayer title="${title}" :stops='${names}'>\n`)
  tour.stops.forEach((stop, index) => {
    block.env.includes?.push(symbols().fileOf(stop.path))
    html(block, stopHtml(block, { stop, index, tour, where: block.where }))
  })
  html(block, '</TourPlayer></div>\n')
  inside(block)
}

const stopHtml = (block: Block, step: Step): string => {
  const { stop, index, tour } = step
  const number = `<span class="tour-number" aria-hidden="true">${index + 1}</span>`
  const hidden = index === 0 ? '' : ' hidden'
  const why = block.state.md.renderInline(stop.why, block.state.env)
  return (
    `<article class="tour-stop" aria-label="Stop ${index + 1} of ${tour.stops.length}"${hidden}>` +
    `<p class="tour-why">${number}${why}</p>` +
    `<div class="tour-look">${listingHtml(step)}<div class="tour-seen">` +
    `${valuesHtml(step)}${stackHtml(stop.stack)}${printedHtml(step)}` +
    '</div></div></article>\n'
  )
}

const listingHtml = ({ stop, where }: Step): string => {
  const { at, path } = stop
  const text = readFileSync(symbols().fileOf(path), 'utf8')
  const line = lineNow(stop, text.split('\n'), where)
  const [first, last] = windowAround(line, functionLines(at, where))
  const rows = dedented(text, first, last).map((code, i) => {
    const lit = first + i === line
    const mark = lit ? ' lit" aria-current="step' : ''
    return `<span class="ln${mark}"><i>${first + i}</i>${code}\n</span>`
  })
  return (
    `<figure class="listing"><figcaption><code>${escapeHtml(at)}</code> ` +
    `<SourceLink path="${path}" :line="${line}" /></figcaption>` +
    `<pre class="code" tabindex="0" role="group" aria-label="${path}, line ${line} is lit" v-pre>` +
    `<code>${rows.join('')}</code></pre></figure>`
  )
}

/** Where the recorded line stands now: lines above it may have come or gone since. */
const lineNow = ({ at, line, code }: RecordedStop, lines: readonly string[], where: string) => {
  const places = lines.flatMap((text, i) => (text.trim() === code ? [i + 1] : []))
  const [nearest] = places.sort((a, b) => Math.abs(a - line) - Math.abs(b - line))
  if (nearest !== undefined) return nearest
  throw new Error(`${where}: '${code}', where the tour stops in ${at}, is gone: record it again`)
}

/** Without its comment, which stands above and is not walked through. */
const functionLines = (at: string, where: string): readonly [first: number, last: number] => {
  const parts = symbols().listing({ name: at, from: null, to: null }, where).parts
  const [part = { firstLine: 1, lines: [] }] = parts
  const end = part.firstLine + part.lines.length - 1
  const comment = part.lines[0]?.trim().startsWith('/**')
  const skipped = comment ? part.lines.findIndex((line) => line.trim().endsWith('*/')) + 1 : 0
  return [part.firstLine + skipped, end]
}

const windowAround = (line: number, [first, last]: readonly [number, number]) => {
  if (last - first < MAX_LINES) return [first, last] as const
  const start = Math.max(first, Math.min(line - MAX_LINES / 2, last - MAX_LINES + 1))
  return [start, start + MAX_LINES - 1] as const
}

/** In colours; lines lose the indentation that all of them share. */
const dedented = (text: string, first: number, last: number): string[] => {
  const lines = text.split('\n')
  const shown = lines.slice(first - 1, last).filter((line) => line.trim() !== '')
  const depth = Math.min(...shown.map((line) => line.search(/\S/)))
  // The whole file is coloured: a part may begin inside a comment or a template.
  return highlightLines(linesOf(text).join('\n'), 'typescript', depth).slice(first - 1, last)
}

const valuesHtml = ({ stop, index, tour }: Step): string => {
  const before = tour.stops.slice(0, index).reverse()
  const rows = Object.entries(stop.values).map(([expression, value]) => {
    const last = before.find(({ values }) => expression in values)?.values[expression]
    const changed = last !== undefined && last !== value
    const was = changed ? ` <span class="tour-was">was ${escapeHtml(last)}</span>` : ''
    return (
      `<tr${changed ? ' class="changed"' : ''} v-pre>` +
      `<th scope="row"><code>${escapeHtml(expression)}</code></th>` +
      `<td><code>${escapeHtml(value)}</code>${was}</td></tr>`
    )
  })
  if (rows.length === 0) return ''
  const body = `<tbody>${rows.join('')}</tbody>`
  return `<table class="tour-values"><caption>Values</caption>${body}</table>`
}

const stackHtml = (stack: readonly TourFrame[]): string => {
  const callers = stack.slice(1)
  const [first] = callers
  if (first === undefined) return ''
  const word = first.earlier ? 'Called earlier by' : 'Called by'
  const more = callers.length === 1 ? '' : `, and ${callers.length - 1} more`
  const rows = callers.map(({ name, path, line, earlier }) => {
    const place = `${path.replace(/^.*\//, '')}:${line}`
    const link = hasSourcePage(path)
      ? `<a href="${sourceUrl(path, line)}">${place}</a>`
      : `<span>${place}</span>`
    const wait = earlier ? '<em>earlier</em> ' : ''
    return `<li>${wait}<code>${escapeHtml(name)}</code> ${link}</li>`
  })
  return (
    `<details class="tour-stack"><summary>${word} <code>${escapeHtml(first.name)}</code>${more}` +
    `</summary><ol v-pre>${rows.join('')}</ol></details>`
  )
}

const printedHtml = ({ stop, tour }: Step): string => {
  const text = tour.output.slice(0, stop.printed).trimEnd()
  if (text === '') return ''
  const lines = text.split('\n').length
  return (
    `<details class="tour-printed"><summary>Printed so far: ${lines} ` +
    `${lines === 1 ? 'line' : 'lines'}</summary><pre class="output" tabindex="0" role="group" ` +
    `aria-label="What the demo has printed" v-pre><code>${escapeHtml(text)}</code></pre></details>`
  )
}
