/**
 * Looks at a built site as a reader's browser would: does every link lead to a page, every
 * `#anchor` to an element of that page, every script, style and picture to a file? And is nothing
 * loaded from another origin?
 *
 * VitePress checks links between Markdown files; links in components, anchors and assets it does
 * not.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

interface Page {
  /** `/chapters/00-…/` */
  readonly address: string
  readonly html: string
  readonly ids: ReadonlySet<string>
}

export interface Verdict {
  readonly pages: number
  /** One line each. */
  readonly problems: readonly string[]
}

export const checkSite = (folder: string): Verdict => {
  const pages = new Map<string, Page>()
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (path.endsWith('.html')) pages.set(`/${path}`, readPage(folder, path))
  }
  const problems = [...pages.values()].flatMap((page) =>
    [...new Set(references(page.html))].flatMap((reference) => {
      const reason = check(reference, page, pages, folder)
      return reason === null ? [] : [`${page.address}: ${reference.url}: ${reason}`]
    }),
  )
  return { pages: pages.size, problems: [...new Set(problems)] }
}

const readPage = (folder: string, path: string): Page => {
  const html = readFileSync(join(folder, path), 'utf8')
  const ids = new Set(
    [...html.matchAll(/\s(?:id|name)="([^"]+)"/g)].map(([, id = '']) => plain(id)),
  )
  return {
    address: `/${path.replace(/(^|\/)index\.html$/, '$1').replace(/\.html$/, '')}`,
    html,
    ids,
  }
}

interface Reference {
  readonly url: string
  readonly kind: 'link' | 'asset'
}

const TAG = /<(a|link|script|img|source|iframe|use)\s([^>]*)>/g

const references = (html: string): Reference[] =>
  [...html.matchAll(TAG)].flatMap(([, tag = '', attributes = '']) => {
    const url = /(?:^|\s)(?:href|src)="([^"]*)"/.exec(attributes)?.[1]
    return url === undefined ? [] : [{ url: plain(url), kind: tag === 'a' ? 'link' : 'asset' }]
  })

const plain = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

/** What is wrong with it; `null` when it leads somewhere. */
const check = (
  { url, kind }: Reference,
  page: Page,
  pages: ReadonlyMap<string, Page>,
  folder: string,
): string | null => {
  if (/^(data|mailto):/.test(url)) return null
  if (/^([a-z]+:)?\/\//.test(url)) return kind === 'link' ? null : 'is loaded from another origin'
  const { pathname, hash } = new URL(url, `http://site${page.address}`)
  const path = decodeURIComponent(pathname)
  const target = [`${path}`, `${path}.html`, `${path}index.html`, `${path}/index.html`]
    .map((candidate) => pages.get(candidate))
    .find((candidate) => candidate !== undefined)
  if (target === undefined) return isFile(join(folder, path)) ? null : 'leads nowhere'
  const anchor = decodeURIComponent(hash.slice(1))
  return anchor === '' || target.ids.has(anchor) ? null : 'has no such anchor'
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile()
