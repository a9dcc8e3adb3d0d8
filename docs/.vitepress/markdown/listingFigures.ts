/** How the listings of a page come together in figures, and what each figure is called. */

import type { Found } from './symbols.ts'

/** Whether a listing right behind another of the same symbol goes on in the same figure. */
export const joins = (before: Found, after: Found): boolean => {
  const last = before.parts.at(-1)
  const first = after.parts[0]
  if (last === undefined || first === undefined || before.path !== after.path) return false
  return last.firstLine + last.lines.length <= first.firstLine
}

/** The anchors of a page's listings. */
export class ListingIds {
  private readonly counts = new Map<string, number>()

  next(name: string): string {
    const count = (this.counts.get(name) ?? 0) + 1
    this.counts.set(name, count)
    const id = `listing-${name.replaceAll(/[^\w.$-]/g, '-')}`
    return count === 1 ? id : `${id}-${count}`
  }
}
