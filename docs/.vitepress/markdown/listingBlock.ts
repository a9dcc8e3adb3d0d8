/**
 * `::: listing RecordAccumulator.append`: code from `src/`, with its own line numbers.
 *
 * Two listings of one symbol with nothing between them are one figure with a gap.
 *
 * I1  A listing that cannot be found fails the build, with the page and the line.
 */

import { relative } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'
import { type Block, type BlockRenderer, html, inside, pageFile, type State } from './block.ts'
import { Homes } from './homes.ts'
import { PageTypes } from './hover/pageTypes.ts'
import { parseListing, symbolOf } from './listing.ts'
import { joins, ListingIds } from './listingFigures.ts'
import { captionHtml, codeHtml, type Figure, type Page } from './listingHtml.ts'
import { symbols } from './project.ts'

type Token = State['tokens'][number]
type CoreState = Parameters<Parameters<MarkdownRenderer['core']['ruler']['push']>[1]>[0]

const ROOT = new URL('../../..', import.meta.url).pathname
const homes = new Homes()

/** What a page's listings share. */
interface PageListings extends Page {
  readonly chapter: number | null
  readonly ids: ListingIds
  readonly types: PageTypes
  /** The figure that was written last, and its tokens. */
  last: { figure: Figure; caption: Token; code: Token; close: Token } | null
}

/** By VitePress's object for one rendering of a page. */
const pages = new WeakMap<object, PageListings>()

export const listingBlock: BlockRenderer = (block) => {
  const { env, info, where } = block
  const asked = parseListing(info, where)
  const found = symbols().listing(asked, where)
  env.includes?.push(symbols().fileOf(found.path))
  const page = pageOf(block)
  const tokens = block.state.tokens
  const { last } = page
  const goesOn =
    last !== null &&
    last.close === tokens.at(-1) &&
    symbolOf(last.figure.name) === symbolOf(asked.name) &&
    joins(last.figure.found, found)
  if (goesOn) {
    tokens.pop()
    const parts = [...last.figure.found.parts, ...found.parts]
    const figure = { ...last.figure, found: { ...found, parts } }
    last.caption.content = opening(figure)
    // What is written between two parts keeps them apart; else they share one box.
    const apart = tokens.at(-1) !== last.code
    const code = apart ? push(block, codeHtml({ ...figure, found }, page)) : last.code
    if (!apart) code.content = codeHtml(figure, page)
    finish(block, page, { figure, caption: last.caption, code })
  } else {
    const { name } = asked
    const before =
      page.chapter === null ? null : page.homes.before(page.chapter, symbolOf(name), found)
    const figure = { id: page.ids.next(name), name, found, before }
    const caption = push(block, opening(figure))
    finish(block, page, { figure, caption, code: push(block, codeHtml(figure, page)) })
  }
}

const opening = (figure: Figure): string =>
  `<figure class="listing" id="${figure.id}">${captionHtml(figure)}`

const finish = (
  block: Block,
  page: PageListings,
  parts: Omit<NonNullable<PageListings['last']>, 'close'>,
): void => {
  inside(block)
  page.last = { ...parts, close: push(block, '</figure>\n') }
}

const push = (block: Block, content: string): Token => {
  html(block, content)
  return block.state.tokens.at(-1) as Token
}

const pageOf = (block: Block): PageListings => {
  const known = pages.get(block.env)
  if (known !== undefined) return known
  const folder = /^chapters\/((\d+)-[^/]+)\/index\.md$/.exec(relative(ROOT, pageFile(block)))
  const types = new PageTypes()
  const page: PageListings = {
    url: folder === null ? null : `/chapters/${folder[1]}/`,
    chapter: folder === null ? null : Number(folder[2]),
    homes: homes.refresh(),
    ids: new ListingIds(),
    types,
    typeNumber: (text) => types.add(text),
    last: null,
  }
  pages.set(block.env, page)
  return page
}

/** Behind everything else, what shows the types of the listings' names. */
export const listingHoverRule = (state: CoreState): void => {
  const page = pages.get(state.env as object)
  if (state.inlineMode || page === undefined || page.types.isEmpty) return
  const token = new state.Token('html_block', '', 0)
  token.content = `<ListingHover src="${page.types.publish()}" />\n`
  state.tokens.push(token)
}
