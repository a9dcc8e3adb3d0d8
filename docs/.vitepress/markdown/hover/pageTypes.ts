/**
 * The types that a page's listings show, each text once: a file of its own beside the page, so
 * that the page carries numbers only and the texts come when a reader first asks for one.
 *
 *     <a href="…" data-t="12">deque</a>   …   <ListingHover src="/hover/3f2a….json" />
 *
 * I1  A file's name is made of its content, so it never changes, and two renderings of a page make
 *     the same file.
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { CACHE } from '../project.ts'

export class PageTypes {
  private readonly places = new Map<string, number>()

  /** @returns the number that stands for the text on this page */
  add(html: string): number {
    const known = this.places.get(html)
    if (known !== undefined) return known
    this.places.set(html, this.places.size)
    return this.places.size - 1
  }

  get isEmpty(): boolean {
    return this.places.size === 0
  }

  /** Keeps what was added. @returns its address */
  publish(): string {
    const json = JSON.stringify([...this.places.keys()])
    const name = `${createHash('sha256').update(json).digest('hex').slice(0, 16)}.json`
    published.set(name, json)
    const file = join(FOLDER, name)
    // VitePress keeps a rendered page over a restart of its dev server, which forgets `published`.
    if (!existsSync(file)) {
      mkdirSync(FOLDER, { recursive: true })
      writeFileSync(file, json)
    }
    return `/hover/${name}`
  }
}

const FOLDER = join(CACHE, 'hover/pages')
const ADDRESS = /^\/hover\/([0-9a-f]+\.json)(?:\?|$)/

/** Of all pages that this process has rendered. */
const published = new Map<string, string>()

/** Serves the files, and writes them into the built site. */
export const pageTypesPlugin = (): Plugin => ({
  name: 'page-types',
  configureServer: ({ middlewares }) => {
    middlewares.use((request, response, next) => {
      const name = ADDRESS.exec(request.url ?? '')?.[1]
      const file = join(FOLDER, name ?? '')
      if (name === undefined || !existsSync(file)) next()
      else response.setHeader('content-type', 'application/json').end(readFileSync(file))
    })
  },
  generateBundle() {
    for (const [name, source] of published) {
      this.emitFile({ type: 'asset', fileName: `hover/${name}`, source })
    }
  },
})
