/**
 * A run as it was recorded: moments in order, and what was watched at each.
 *
 *     index   0     1     2     3     4     5  …
 *     moment  ●     ●     ●     ●     ●     ●
 *     watch   A           B           C          state after 1 is A, after 3 is B
 *
 * I1  It only grows at its end; a moment once recorded does not change.
 */

import type { Json, Moment } from './moments.ts'

interface Change {
  readonly index: number
  readonly value: Json
}

export class Recording {
  readonly moments: Moment[] = []
  /** How many moments there were before the curtain rose: the story starts behind them. */
  curtain = 0
  /** Virtual time up to which everything is recorded, in milliseconds after the curtain rose. */
  recordedMs = 0
  private readonly changes = new Map<string, Change[]>()

  add(moment: Omit<Moment, 'index'>): void {
    this.moments.push({ index: this.moments.length, ...moment })
  }

  /** Notes what a watched state is as of the newest moment. */
  note(name: string, value: Json): void {
    let changes = this.changes.get(name)
    if (changes === undefined) this.changes.set(name, (changes = []))
    changes.push({ index: Math.max(0, this.moments.length - 1), value })
  }

  /** The watched state `name` after the moment `index`. */
  watched(name: string, index: number): Json | undefined {
    const changes = this.changes.get(name) ?? []
    let [low, high] = [0, changes.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (changes[middle]!.index <= index) low = middle + 1
      else high = middle
    }
    return changes[low - 1]?.value
  }

  /** The first moment that happened after `atMs`; the number of moments when there is none. */
  indexAfter(atMs: number): number {
    let [low, high] = [0, this.moments.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.moments[middle]!.atMs <= atMs) low = middle + 1
      else high = middle
    }
    return low
  }

  /** How many moments after the curtain this one and `other` have in common. */
  inCommon(other: Recording): number {
    const length = Math.min(
      this.moments.length - this.curtain,
      other.moments.length - other.curtain,
    )
    for (let i = 0; i < length; i++) {
      if (!same(this.moments[this.curtain + i]!, other.moments[other.curtain + i]!)) return i
    }
    return length
  }
}

const same = (a: Moment, b: Moment): boolean =>
  a.name === b.name &&
  a.source === b.source &&
  a.atMs === b.atMs &&
  JSON.stringify(a.fields) === JSON.stringify(b.fields)
