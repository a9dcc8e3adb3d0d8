/**
 * Signs in the prose: `{record}` is the sign of a record and the word; `{record|records}` has
 * another word. Only the seven nouns mean this; other braces stay what they are.
 */

import type { MarkdownRenderer } from 'vitepress'
import { NOUNS } from '../theme/vocabulary.ts'

type InlineRule = Parameters<MarkdownRenderer['inline']['ruler']['before']>[2]

const MARK = new RegExp(`\\{(${NOUNS.join('|')})(?:\\|([^{}|]+))?\\}`, 'y')

export const signRule: InlineRule = (state, silent) => {
  if (state.src.charCodeAt(state.pos) !== 0x7b) return false
  MARK.lastIndex = state.pos
  const match = MARK.exec(state.src)
  if (match === null) return false
  const [whole, noun = '', words = noun] = match
  if (!silent) {
    state.push('html_inline', '', 0).content = `<Sign noun="${noun}">`
    state.push('text', '', 0).content = words
    state.push('html_inline', '', 0).content = '</Sign>'
  }
  state.pos += whole.length
  return true
}
