/**
 * The memory as cells of `batch.size`: which cell is whose, at each moment of a run.
 *
 *     │A1│B1│A2│B2│C░│D1│○ │  │      in use ×5, reserved, kept, unallocated
 *
 * A snapshot counts bytes; it knows no places, since a budget has none. The picture gives each
 * owner cells and lets it keep them: what a waiter has reserved becomes its batch where it is, and
 * what comes back is kept, or unallocated, where it was. So the eye can follow a cell.
 *
 * I1  The number of cells of each kind is what the snapshot says, for whole cells.
 * I2  A cell changes only when the snapshot makes it.
 */

import { PoolHistory } from '../../../../../lab/pool/PoolHistory.ts'
import type { Recording } from '../../../../../lab/Recording.ts'
import {
  type BatchSnapshot,
  type ProducerSnapshot,
  snapshotAt,
} from '../../../../../lab/snapshots.ts'

export interface Cell {
  readonly kind: 'used' | 'reserved' | 'kept' | 'unallocated'
  /** Whose it is, of a cell that is in use or reserved. */
  readonly topic: string
  readonly batch: number | null
  readonly waiter: number | null
}

const UNALLOCATED: Cell = { kind: 'unallocated', topic: '', batch: null, waiter: null }
const KEPT: Cell = { ...UNALLOCATED, kind: 'kept' }

interface Claim {
  readonly count: number
  readonly cell: Cell
}

export const allBatches = ({ accumulator, inFlight }: ProducerSnapshot): BatchSnapshot[] => [
  ...new Map([...accumulator.incomplete, ...inFlight].map((b) => [b.number, b])).values(),
]

const same = (a: Cell, b: Cell): boolean =>
  a.kind === b.kind && a.batch === b.batch && a.waiter === b.waiter

/** The cells of a recording, read forwards and remembered at each change. */
export class PoolCells {
  readonly history: PoolHistory
  private readonly recording: Recording
  private readonly producer: string
  private readonly pages: { readonly index: number; readonly cells: readonly Cell[] }[] = []
  private last: ProducerSnapshot | null = null
  private next = 0

  constructor(recording: Recording, producer: string) {
    this.recording = recording
    this.producer = producer
    this.history = new PoolHistory(recording, producer)
  }

  /** The cells after the moment `index`. */
  at(index: number): readonly Cell[] {
    const { moments } = this.recording
    this.history.read()
    while (this.next < moments.length) this.turn(this.next++)
    return this.pages.findLast((page) => page.index <= index)?.cells ?? []
  }

  private turn(index: number): void {
    const snapshot = snapshotAt(this.recording, this.producer, index)
    if (snapshot === null || snapshot === this.last) return
    this.last = snapshot
    const before = this.pages.at(-1)?.cells ?? []
    const cells = this.settle(before, snapshot, this.history.at(index)?.topic ?? '')
    const changed = cells.length !== before.length || cells.some((c, i) => !same(c, before[i]!))
    if (changed) this.pages.push({ index, cells })
  }

  /** @param asking whose send has just been given memory that is in no batch yet */
  private settle(before: readonly Cell[], snapshot: ProducerSnapshot, asking: string): Cell[] {
    const { poolableBytes, totalBytes, freeBuffers, inUseBytes } = snapshot.bufferPool
    const inCells = (bytes: number): number => Math.floor(bytes / poolableBytes)
    const page = new Page(before, inCells(totalBytes))
    const claims = this.claimsOf(snapshot, inCells)
    const inBatches = claims
      .filter(({ cell }) => cell.batch !== null)
      .reduce((sum, { count }) => sum + count, 0)
    // All who stay come first, so that nobody takes the cell of another.
    const missing = claims.map((claim) => ({ ...claim, count: page.stay(claim) }))
    for (const claim of missing) page.take(claim)
    // In use, and not yet in a batch, or in none any more: on its way.
    const onItsWay: Cell = { ...UNALLOCATED, kind: 'used', topic: asking }
    page.linger({ cell: onItsWay, count: inCells(inUseBytes) - inBatches })
    page.take({ cell: KEPT, count: page.stay({ cell: KEPT, count: freeBuffers }) })
    return page.rest()
  }

  private claimsOf(snapshot: ProducerSnapshot, inCells: (bytes: number) => number): Claim[] {
    const batches = allBatches(snapshot).map(({ number, topic, limitBytes }): Claim => {
      const cell = { kind: 'used', topic, batch: number, waiter: null } as const
      return { count: inCells(limitBytes), cell }
    })
    const waiters = snapshot.bufferPool.waiters.map(({ number, accumulated }): Claim => {
      const topic = this.history.topicOf(number)
      const cell = { kind: 'reserved', topic, batch: null, waiter: number } as const
      return { count: inCells(accumulated), cell }
    })
    return [...batches, ...waiters]
  }
}

/** Cells while they are being dealt out. */
class Page {
  private readonly cells: Cell[]
  private readonly dealt = new Set<number>()

  constructor(before: readonly Cell[], count: number) {
    this.cells = Array.from({ length: count }, (_, i) => before[i] ?? UNALLOCATED)
  }

  /** Who has cells keeps as many as it is due. Returns how many it lacks. */
  stay({ cell, count }: Claim): number {
    let left = count
    for (const [i, old] of this.cells.entries()) {
      if (left === 0) break
      if (this.dealt.has(i) || !same(old, cell)) continue
      this.cells[i] = cell
      this.dealt.add(i)
      left--
    }
    return left
  }

  take({ cell, count }: Claim): void {
    for (let left = count; left > 0; left--) {
      const i = this.bestFor(cell)
      if (i < 0) return
      this.cells[i] = cell
      this.dealt.add(i)
    }
  }

  /** What was in use and has no owner any more stays as it looks, until it is back. */
  linger({ cell, count }: Claim): void {
    let left = count
    for (const [i, old] of this.cells.entries()) {
      if (left <= 0) return
      if (this.dealt.has(i) || (old.kind !== 'used' && old.kind !== 'reserved')) continue
      this.cells[i] = { ...cell, topic: old.topic }
      this.dealt.add(i)
      left--
    }
    this.take({ cell, count: left })
  }

  rest(): Cell[] {
    return this.cells.map((cell, i) => (this.dealt.has(i) ? cell : UNALLOCATED))
  }

  /** What was its own under another name, then what nobody has, then what somebody has left. */
  private bestFor({ topic, kind }: Cell): number {
    const free = (fits: (old: Cell) => boolean): number =>
      this.cells.findIndex((old, i) => !this.dealt.has(i) && fits(old))
    const wishes: readonly ((old: Cell) => boolean)[] =
      kind === 'kept'
        ? [(old) => old.kind === 'used', (old) => old.kind === 'reserved', () => true]
        : [
            (old) => old.topic === topic && topic !== '' && old.batch === null,
            (old) => old.kind === 'kept',
            (old) => old.kind === 'unallocated',
            () => true,
          ]
    for (const wish of wishes) {
      const i = free(wish)
      if (i >= 0) return i
    }
    return -1
  }
}
