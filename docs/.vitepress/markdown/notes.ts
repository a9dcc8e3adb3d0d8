/**
 * A note stands beside the block that it follows.
 *
 * On a wide page it floats into the margin, and a float begins where it stands in the document: so
 * the note is put before its block, and both into one `div.noted`. On a narrow page that `div` is
 * a column which shows the note last.
 *
 *     p, note        ─►   div.noted( note, p )
 *     p, note, note  ─►   div.noted( note, note, p )
 */

import type { MarkdownRenderer } from 'vitepress'

export type Token = ReturnType<MarkdownRenderer['parse']>[number]

export const placeNotes = (tokens: Token[]): void => {
  for (let at = 0; at < tokens.length; at++) {
    if (tokens[at]?.type !== 'note_open') continue
    const end = closing(tokens, at)
    const last = lastNote(tokens, end)
    const start = previousBlock(tokens, at)
    if (start !== null) {
      const notes = tokens.slice(at, last + 1)
      const block = tokens.slice(start, at)
      const wrapped = [html(tokens[at], '<div class="noted">'), ...notes, ...block]
      wrapped.push(html(tokens[at], '</div>\n'))
      tokens.splice(start, last + 1 - start, ...wrapped)
      at = start + wrapped.length - 1
    } else at = last
  }
}

const html = (like: Token | undefined, content: string): Token => {
  const Made = (like as Token).constructor as new (type: string, tag: string, n: number) => Token
  const token = new Made('html_block', '', 0)
  token.content = content
  return token
}

const closing = (tokens: readonly Token[], open: number): number => {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    depth += tokens[at]?.nesting ?? 0
    if (depth === 0) return at
  }
  return tokens.length - 1
}

const lastNote = (tokens: readonly Token[], end: number): number => {
  let last = end
  while (tokens[last + 1]?.type === 'note_open') last = closing(tokens, last + 1)
  return last
}

/** Where the paragraph or list before `at` begins. Others (headings, figures) keep their place. */
const previousBlock = (tokens: readonly Token[], at: number): number | null => {
  const before = tokens[at - 1]
  if (before === undefined || !/^(paragraph|bullet_list|ordered_list)_close$/.test(before.type)) {
    return null
  }
  let depth = 0
  for (let start = at - 1; start >= 0; start--) {
    depth -= tokens[start]?.nesting ?? 0
    if (depth === 0) return start
  }
  return null
}
