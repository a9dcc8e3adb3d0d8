/**
 * Where a line of the source stands on the site: each file of `src/` has an annotated page, whose
 * address is the file's path without `.ts`, and each of its lines an anchor.
 *
 *     src/producer/internals/BufferPool.ts, 40  ──►  /source/src/producer/internals/BufferPool#L40
 *
 * Loads nothing, so that the page itself may use it.
 */

const FOLDER = '/source/'
const ADDRESS = /^\/source\/(src\/[^#]+)(?:#L(\d+))?$/

export interface SourcePlace {
  /** From the repository's root. */
  readonly path: string
  /** From 1. */
  readonly line: number | null
}

/** @param line from 1; without it, the page */
export const sourceUrl = (path: string, line?: number): string =>
  `${FOLDER}${path.replace(/\.ts$/, '')}${line === undefined ? '' : `#L${line}`}`

/** Whether the file has such a page. */
export const hasSourcePage = (path: string): boolean => /^src\/.*\.ts$/.test(path)

/** What an address of such a page means; `null` when it is another's. */
export const sourcePlace = (url: string): SourcePlace | null => {
  const [, name, line] = ADDRESS.exec(url) ?? []
  if (name === undefined) return null
  return { path: `${name}.ts`, line: line === undefined ? null : Number(line) }
}
