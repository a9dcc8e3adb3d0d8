/**
 * The queue behind virtual time: callbacks ordered by (time, sequence), a binary heap.
 *
 *                 5 ms #2                  the parent is never later than its children;
 *               ┌────┴─────┐               the first entry is always at the root
 *            5 ms #7    9 ms #1
 *
 * Nearly every wait has a deadline that is called off again, because what was waited for came. Such
 * an entry stays in the heap until its time comes, which in a run that makes thousands of polls per
 * virtual second is far away. So when half of the heap is called off, it is built anew from the
 * other half.
 *
 * I1  Two entries of one moment run in the order in which they were made, so a run is fixed by its
 *     inputs alone.
 * I2  At most half of a large heap is called off.
 */

import type { Scheduled } from './Time.ts'

/** A smaller heap is not worth building anew. */
const SMALL = 64

export class ScheduleQueue {
  private heap: Entry[] = []
  private sequence = 0
  private cancelled = 0

  add(at: number, run: () => void): Scheduled {
    const entry = new Entry(at, this.sequence++, run, this)
    this.heap.push(entry)
    this.up(this.heap.length - 1)
    return entry
  }

  /** Entries in the heap, those called off included. */
  get size(): number {
    return this.heap.length
  }

  /** The time of the next entry that still stands; `undefined` when there is none. */
  nextAt(): number | undefined {
    while (this.heap[0]?.state === 'cancelled') {
      this.pop()
      this.cancelled--
    }
    return this.heap[0]?.at
  }

  /** Takes the next entry that still stands. */
  take(): (() => void) | undefined {
    if (this.nextAt() === undefined) return undefined
    const entry = this.pop()
    entry.state = 'taken'
    return entry.run
  }

  /** I2. Called by an entry that was waiting and has been called off. */
  noteCancelled(): void {
    this.cancelled++
    if (this.heap.length < SMALL || this.cancelled * 2 < this.heap.length) return
    this.heap = this.heap.filter((entry) => entry.state === 'waiting')
    this.cancelled = 0
    for (let i = (this.heap.length >> 1) - 1; i >= 0; i--) this.down(i)
  }

  private pop(): Entry {
    const { heap } = this
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length > 0) {
      heap[0] = last
      this.down(0)
    }
    return first
  }

  private up(from: number): void {
    const { heap } = this
    let i = from
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!heap[i]!.before(heap[parent]!)) return
      this.swap(i, parent)
      i = parent
    }
  }

  private down(from: number): void {
    const { heap } = this
    let i = from
    for (;;) {
      const left = 2 * i + 1
      let least = i
      if (left < heap.length && heap[left]!.before(heap[least]!)) least = left
      if (left + 1 < heap.length && heap[left + 1]!.before(heap[least]!)) least = left + 1
      if (least === i) return
      this.swap(i, least)
      i = least
    }
  }

  private swap(i: number, j: number): void {
    const { heap } = this
    const entry = heap[i]!
    heap[i] = heap[j]!
    heap[j] = entry
  }
}

class Entry implements Scheduled {
  readonly at: number
  readonly sequence: number
  readonly run: () => void
  private readonly queue: ScheduleQueue
  state: 'waiting' | 'taken' | 'cancelled' = 'waiting'

  constructor(at: number, sequence: number, run: () => void, queue: ScheduleQueue) {
    this.at = at
    this.sequence = sequence
    this.run = run
    this.queue = queue
  }

  before(other: Entry): boolean {
    return this.at < other.at || (this.at === other.at && this.sequence < other.sequence)
  }

  cancel(): void {
    if (this.state !== 'waiting') return
    this.state = 'cancelled'
    this.queue.noteCancelled()
  }
}
