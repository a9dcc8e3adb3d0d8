/**
 * Signs in the prose: `{record}` is the sign of a record and the word; `{record|records}` has
 * another word. A word in braces that is none of the seven nouns is an error.
 */

import type { MarkdownRenderer } from 'vitepress'
import { NOUNS } from '../theme/vocabulary.ts'
import type { PageEnv } from './block.ts'

type InlineRule = Parameters<MarkdownRenderer['inline']['ruler']['before']>[2]

const MARK = /\{([a-z]+)(?:\|([^{}|]+))?\}/y

export const signRule: InlineRule = (state, silent) => {
  if (state.src.charCodeAt(state.pos) !== 0x7b) return false
  MARK.lastIndex = state.pos
  const match = MARK.exec(state.src)
  if (match === null) return false
  const [whole, noun = '', words = noun] = match
  if (!NOUNS.some((each) => each === noun)) {
    const { path } = state.env as PageEnv
    throw new Error(
      `${path}: ${whole} is no sign. There are {${NOUNS.join('}, {')}}; ` +
        'other words go without braces.',
    )
  }
  if (!silent) {
    state.push('html_inline', '', 0).content = `<Sign noun="${noun}">`
    state.push('text', '', 0).content = words
    state.push('html_inline', '', 0).content = '</Sign>'
  }
  state.pos += whole.length
  return true
}
