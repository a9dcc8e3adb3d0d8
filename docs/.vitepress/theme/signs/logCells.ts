/**
 * Which cells of a log a strip of a given width shows, and where.
 *
 *      (…│ 4 │ 5 │ 6 ┆ 7     the newest entries, and room for the next
 *
 * I1  The newest entry and the next offset are always shown.
 * I2  Cells do not overlap, and none reaches beyond the strip.
 */

export interface LogStripEntry {
  readonly offset: number
  readonly text?: string
  readonly solid?: boolean
}

export interface LogCells {
  readonly width: number
  readonly places: readonly {
    readonly offset: number
    readonly x: number
    readonly entry: LogStripEntry
  }[]
  /** Where the cell of the next offset begins; `null` when nothing but the newest fits. */
  readonly next: number | null
  /** Entries that are not shown. */
  readonly hidden: number
}

export interface LogShape {
  readonly w: number
  readonly h: number
  readonly cell: number
  readonly entries: readonly LogStripEntry[]
}

export const logCells = ({ w, h, cell, entries }: LogShape): LogCells => {
  const from = h / 2 + 5
  const room = Math.max(1, Math.floor((w - from) / cell))
  const shown = entries.slice(-Math.max(1, room - 1))
  const places = shown.map((entry, i) => ({ offset: entry.offset, x: from + i * cell, entry }))
  const next = shown.length < room ? from + shown.length * cell : null
  return { width: cell, places, next, hidden: entries.length - shown.length }
}
