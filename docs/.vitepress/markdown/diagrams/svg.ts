/**
 * What both kinds of diagrams are written with: text in lines, arrow heads, signs, places.
 *
 * A diagram is drawn twice, wide and narrow, and the page shows the one that fits: text in a
 * drawing does not wrap by itself, and shrunk text cannot be read.
 */

import { textWidth } from '../../theme/signs/text.ts'
import { type Noun, VOCABULARY } from '../../theme/vocabulary.ts'
import { escapeHtml } from '../highlight.ts'

/** What differs between the two drawings. */
export interface Size {
  readonly name: 'wide' | 'narrow'
  readonly width: number
  readonly fontSize: number
  readonly lineHeight: number
}

export const SIZES: readonly Size[] = [
  { name: 'wide', width: 650, fontSize: 15, lineHeight: 19 },
  { name: 'narrow', width: 350, fontSize: 14, lineHeight: 17 },
]

/** `text` in lines of at most `width`; a word that is wider has a line of its own. */
export const wrapped = (
  text: string,
  width: number,
  fontSize: number,
  face: 'serif' | 'mono' = 'serif',
): string[] => {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    const longer = `${last} ${word}`
    if (last !== undefined && textWidth(longer, fontSize, face) <= width) {
      lines[lines.length - 1] = longer
    } else lines.push(word)
  }
  return lines
}

export const attribute = (text: string): string => escapeHtml(text).replaceAll('"', '&quot;')

export const round = (n: number): number => Math.round(n * 10) / 10

export interface TextStyle {
  readonly fontSize: number
  readonly className?: string
  readonly anchor?: 'start' | 'middle' | 'end'
}

export const textAt = (x: number, y: number, text: string, style: TextStyle): string => {
  const { fontSize, className = '', anchor = 'start' } = style
  return (
    `<text x="${round(x)}" y="${round(y)}"${className === '' ? '' : ` class="${className}"`}` +
    `${anchor === 'start' ? '' : ` text-anchor="${anchor}"`} style="font-size:${fontSize}px">` +
    `${escapeHtml(text)}</text>`
  )
}

export const linesAt = (
  x: number,
  y: number,
  lines: readonly string[],
  lineHeight: number,
  style: TextStyle,
): string => lines.map((line, i) => textAt(x, y + i * lineHeight, line, style)).join('')

/** A line and its head at the end. The head is a path of its own: a marker would need an id. */
export const arrow = (
  points: readonly (readonly [x: number, y: number])[],
  className: string,
): string => {
  const path = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('')
  const [ax, ay] = points.at(-2)!
  const [bx, by] = points.at(-1)!
  const angle = (Math.atan2(by - ay, bx - ax) * 180) / Math.PI
  const place = `translate(${round(bx)} ${round(by)}) rotate(${round(angle)})`
  return (
    `<path class="${`d-way ${className}`.trim()}" d="${path}"/>` +
    `<path class="d-way d-head" transform="${place}" d="M-7 -4L0 0L-7 4"/>`
  )
}

/** The sign of a noun, its middle at `x`, `y`. */
export const sign = (noun: Noun, x: number, y: number, size: number): string => {
  const { glyph, strokes } = VOCABULARY[noun]
  const place = `translate(${round(x - size / 2)} ${round(y - size / 2)}) scale(${size / 16})`
  const filled = noun === 'batch' ? ' class="k-full k-bare"' : ''
  return (
    `<g class="k-${noun}" transform="${place}"><path${filled} d="${glyph}"/>` +
    `<path class="k-none" d="${strokes}"/></g>`
  )
}

/** The drawing, with a name and a description for those who do not see it. */
export const drawing = (
  size: Size,
  height: number,
  content: string,
  words: { readonly id: string; readonly title: string; readonly description: string },
): string => {
  const id = `${words.id}-${size.name}`
  return (
    `<svg class="pic d-${size.name}" viewBox="0 0 ${size.width} ${Math.ceil(height)}" role="img" ` +
    `aria-labelledby="${id}-title" aria-describedby="${id}-desc">` +
    `<title id="${id}-title">${escapeHtml(words.title)}</title>` +
    `<desc id="${id}-desc">${escapeHtml(words.description)}</desc>${content}</svg>`
  )
}
