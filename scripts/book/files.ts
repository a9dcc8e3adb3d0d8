/**
 * Files that are asked for again and again while pages are made: when each was changed, and what
 * was made of its text.
 *
 *     const trees = new OfText((text, file) => parse(text, file))
 *     trees.of(file)   reads and parses
 *     trees.of(file)   asks when the file was changed, no more
 *
 * A site of seven hundred pages asks some hundred thousand times, so the asking itself has a price.
 *
 * I1  Within one uninterrupted stretch of work, such as the rendering of a page, a file is looked
 *     at once; a build, during which nobody writes, looks at it once altogether.
 */

import { readFileSync, statSync } from 'node:fs'
import { setImmediate } from 'node:timers'

/** What was found out in this stretch: by the function that found it, by file. */
let found: Map<object, Map<string, unknown>> | null = null

/** The same function, which works once in a stretch for each file. I1. */
export const oncePerStretch = <T>(work: (file: string) => T): ((file: string) => T) => {
  const once = (file: string): T => {
    if (found === null) {
      found = new Map()
      // VitePress says `production` when it builds; its server and the tests do not.
      if (process.env['NODE_ENV'] !== 'production') setImmediate(endStretch)
    }
    let own = found.get(once) as Map<string, T> | undefined
    if (own === undefined) found.set(once, (own = new Map<string, T>()))
    if (!own.has(file)) own.set(file, work(file))
    return own.get(file) as T
  }
  return once
}

const endStretch = (): void => {
  found = null
}

/** When the file was changed; `-1`: it is not there. */
export const changeMs = (file: string): number =>
  statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1

/** The same, once in a stretch: not for who writes a file and asks again at once. */
export const lastChangeMs = oncePerStretch(changeMs)

/** What is made of a file's text, made again only when the file has changed. */
export class OfText<T> {
  private readonly made = new Map<string, { readonly changedMs: number; readonly result: T }>()
  private readonly make: (text: string, file: string) => T
  private readonly changedMs: (file: string) => number

  constructor(make: (text: string, file: string) => T, changedMs = lastChangeMs) {
    this.make = make
    this.changedMs = changedMs
  }

  of(file: string): T {
    const changedMs = this.changedMs(file)
    const known = this.made.get(file)
    if (known?.changedMs === changedMs) return known.result
    const result = this.make(readFileSync(file, 'utf8'), file)
    this.made.set(file, { changedMs, result })
    return result
  }
}
