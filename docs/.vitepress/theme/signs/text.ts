/**
 * How much text fits where. A drawing is laid out before any browser measures it (also on the
 * server), so widths are reckoned: 0.6 em for a letter of the mono face, 1 em for a wide one.
 *
 * I1  What `fit` returns is never reckoned wider than it was allowed, but for the ellipsis alone.
 */

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u
const MONO_EM = 0.605
const SERIF_EM = 0.47

export type Face = 'mono' | 'serif'

const letters = (text: string): string[] =>
  [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)].map(
    ({ segment }) => segment,
  )

const letterWidth = (letter: string, fontSize: number, face: Face): number => {
  if (letter.length > 1 || WIDE.test(letter)) return fontSize
  return fontSize * (face === 'mono' ? MONO_EM : SERIF_EM)
}

export const textWidth = (text: string, fontSize: number, face: Face = 'mono'): number =>
  letters(text).reduce((sum, letter) => sum + letterWidth(letter, fontSize, face), 0)

/** `text`, or its beginning and an ellipsis, within `width`. */
export const fit = (text: string, width: number, fontSize: number, face: Face = 'mono'): string => {
  const line = text.replace(/\s+/g, ' ')
  if (textWidth(line, fontSize, face) <= width) return line
  let left = width - letterWidth('…', fontSize, face)
  let kept = ''
  for (const letter of letters(line)) {
    left -= letterWidth(letter, fontSize, face)
    if (left < 0) break
    kept += letter
  }
  return `${kept.trimEnd()}…`
}

/** A place as a CSS transform: a change of it is a move that can be seen. */
export const placed = (x: number, y: number): { transform: string } => ({
  transform: `translate(${Math.round(x * 100) / 100}px, ${Math.round(y * 100) / 100}px)`,
})
