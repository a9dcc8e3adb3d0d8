/**
 * Lists that are made from data of the whole book: `::: simplified` from the tags of the source,
 * `::: glossary` from the list of terms.
 */

import { GLOSSARY_FILE, glossary } from '../../../scripts/book/glossary.ts'
import { simplifications } from '../../../scripts/book/simplified.ts'
import { CHAPTERS, chapterUrl } from '../book.ts'
import { type BlockRenderer, html, markdown } from './block.ts'
import { escapeHtml } from './highlight.ts'

const ROOT = new URL('../../..', import.meta.url).pathname

/** By folder, then by file; each file's name leads to the line of the tag. */
export const simplifiedBlock: BlockRenderer = (block) => {
  const all = simplifications()
  for (const folder of new Set(all.map((one) => one.folder))) {
    const rows = all
      .filter((one) => one.folder === folder)
      .map(({ path, line, text }) => {
        const name = path.slice(folder.length + 1).replace(/\.ts$/, '')
        const link = `<SourceLink path="${path}" :line="${line}">${escapeHtml(name)}</SourceLink>`
        return `- ${link}: ${vueSafe(text)}${/[.!?]$/.test(text) ? '' : '.'}`
      })
    markdown(block, `## ${folder}\n\n${rows.join('\n')}\n`)
  }
}

/** A term, its meaning, and a link back to its chapter. */
export const glossaryBlock: BlockRenderer = (block) => {
  block.env.includes?.push(ROOT + GLOSSARY_FILE)
  const { md, env } = block.state
  const rows = glossary().map(({ term, chapter, meaning }) => {
    const { title, written, slug } = CHAPTERS[chapter]!
    const text = escapeHtml(`Chapter ${chapter}, ${title}`)
    const home = written ? `<a href="${chapterUrl({ slug })}">${text}</a>` : text
    const id = term.toLowerCase().replace(/[^a-z0-9]+/g, '-')
    const said = vueSafe(md.renderInline(meaning, env))
    return (
      `<div id="${id}"><dt>${md.renderInline(term, env)}</dt>` +
      `<dd>${said} <span class="facts">${home}</span></dd></div>`
    )
  })
  html(block, `<dl class="glossary">\n${rows.join('\n')}\n</dl>\n`)
}

const vueSafe = (text: string): string => text.replaceAll('{{', '&#123;&#123;')
