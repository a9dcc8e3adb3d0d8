/** What the book adds to VitePress's Markdown. */

import { dirname, relative, resolve } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'
import { blockRule, type PageEnv } from './block.ts'
import { BLOCKS } from './blockTable.ts'
import { listingHoverRule } from './listingBlock.ts'
import { placeNotes } from './notes.ts'
import { signRule } from './signs.ts'
import { sourcePlace } from './sourceUrl.ts'

type Tokens = Parameters<typeof placeNotes>[0]

const ROOT = new URL('../../..', import.meta.url).pathname

/** In the repository, and no page: a link to it goes to the source. */
const IN_REPOSITORY = /^(src|lab|test|scripts|bench|chapters|docs)\/|^[A-Z]+(\.md)?$/

export const installMarkdown = (md: MarkdownRenderer): void => {
  md.block.ruler.before('table', 'book_block', blockRule(BLOCKS), {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  })
  md.inline.ruler.before('link', 'sign', signRule)
  md.core.ruler.after('block', 'book_notes', (state) => placeNotes(state.tokens))
  md.core.ruler.after('book_notes', 'book_hover', listingHoverRule)
  md.core.ruler.after('inline', 'book_sources', (state) =>
    linkSources(state.tokens, state.env as PageEnv),
  )
  // Of typography the quotes are wanted; `(c)` and `...` stay what was written.
  md.core.ruler.disable('replacements')
  const table = md.renderer.rules.table_open
  md.renderer.rules.table_open = (tokens, at, options, env, self) =>
    '<div class="table" role="group" aria-label="Table" tabindex="0">' +
    (table?.(tokens, at, options, env, self) ?? self.renderToken(tokens, at, options))
  md.renderer.rules.table_close = () => '</table></div>\n'
}

/** Links to files of the repository that are no pages become links into the source. */
const linkSources = (tokens: Tokens, env: PageEnv): void => {
  const page = env.realPath ?? env.path
  if (page === undefined) return
  for (const token of tokens) {
    let closing: string | null = null
    for (const child of token.children ?? []) {
      if (child.type === 'link_open') {
        const href = String(child.attrGet('href'))
        if (sourcePlace(href) !== null) {
          // As it is: of a link, VitePress would write the anchor `#L12` in small letters.
          Object.assign(child, { type: 'html_inline', content: `<a href="${href}">` })
          continue
        }
        const path = sourcePath(href, page)
        if (path === null) continue
        closing = '</SourceLink>'
        Object.assign(child, { type: 'html_inline', content: `<SourceLink path="${path}">` })
      } else if (child.type === 'link_close' && closing !== null) {
        Object.assign(child, { type: 'html_inline', content: closing })
        closing = null
      }
    }
  }
}

/** The path from the repository's root; `null` when `href` leads to a page or elsewhere. */
export const sourcePath = (href: string, page: string): string | null => {
  if (/^([a-z]+:|[/#])/.test(href)) return null
  const path = relative(ROOT, resolve(dirname(page), href.replace(/#.*$/, '')))
  const isPage = path.startsWith('docs/') || (path.startsWith('chapters/') && !path.endsWith('.ts'))
  return !isPage && IN_REPOSITORY.test(path) ? path : null
}
