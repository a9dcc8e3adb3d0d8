/**
 * What happened to a producer's memory, and to whom: the trace's events of the pool, with names.
 *
 *     trace       producer.bufferPool.wait {bytes: 4096}       somebody waits
 *     before it   producer.waitOnMetadata  {topic: 'c'}        whose send it is
 *     snapshots   waiters: [ ] ─► [ 0: 4096 ]                  which waiter it became
 *
 * The pool knows nothing of topics, and its events name no waiter. Both follow from the run: a send
 * says its topic and then, in the same breath, asks for memory; and a snapshot is noted after every
 * event, so the one who joined or left the line is the difference of two.
 *
 * I1  Every event of the pool is one deed, or none when it changes nothing for anybody.
 * I2  Who *passes* was served at once while others stood in line.
 */

import { is, type Moment } from '../moments.ts'
import type { Recording } from '../Recording.ts'
import { type BufferPoolSnapshot, snapshotAt, type WaiterSnapshot } from '../snapshots.ts'

export type PoolDeedKind =
  | 'served'
  | 'passes'
  | 'waits'
  | 'reserves'
  | 'has'
  | 'gaveUp'
  | 'closed'
  | 'back'

export interface PoolDeed {
  readonly index: number
  readonly atMs: number
  readonly kind: PoolDeedKind
  /** Whose send it is; `null` for memory that comes back. */
  readonly topic: string | null
  /** The number of the waiter, of one who stood in line. */
  readonly waiter: number | null
  readonly bytes: number
  /** What is reserved for it after the deed, or was until it gave up. */
  readonly reserved: number
  readonly waitedMs: number
  /** Whether the buffer was used before. */
  readonly pooled: boolean
  /** Neither in use nor reserved, after the deed. */
  readonly availableBytes: number
  /** Who else stands in line, the first in line first. */
  readonly line: readonly string[]
  /** The bell had rung for the first in line, and it was not awake yet. */
  readonly rung: boolean
  /** For whom the bell rings because of it. */
  readonly rings: string | null
}

type Entry = Omit<PoolDeed, 'rung' | 'rings' | 'line' | 'index' | 'atMs' | 'availableBytes'>

const available = (pool: BufferPoolSnapshot): number =>
  pool.unallocatedBytes + pool.freeBuffers * pool.poolableBytes

export class PoolHistory {
  readonly deeds: PoolDeed[] = []
  private readonly recording: Recording
  private readonly producer: string
  private readonly topics = new Map<number, string>()
  private line: readonly WaiterSnapshot[] = []
  /** Left the line, and the event that says why is still to come. */
  private left: WaiterSnapshot[] = []
  private readonly gaveUp = new Set<number>()
  /** The waiter that was called, and when. It wakes in the same instant. */
  private called: { readonly number: number; readonly atMs: number } | null = null
  private topic = ''
  private next = 0

  constructor(recording: Recording, producer: string) {
    this.recording = recording
    this.producer = producer
  }

  /** Reads on, to the end of what is recorded. */
  read(): this {
    const { moments } = this.recording
    while (this.next < moments.length) this.follow(moments[this.next++]!)
    return this
  }

  /** The deed that the moment `index` is, if it is one. */
  at(index: number): PoolDeed | undefined {
    const deed = this.deeds[this.countUntil(index) - 1]
    return deed?.index === index ? deed : undefined
  }

  /** How many deeds there were up to the moment `index`, this one included. */
  countUntil(index: number): number {
    let [low, high] = [0, this.deeds.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.deeds[middle]!.index <= index) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The topic of the first in line, while the bell has rung for it and it is not awake yet. */
  rungAt(index: number): string | null {
    const atMs = this.recording.moments[index]?.atMs
    for (let i = this.countUntil(index) - 1; i >= 0; i--) {
      const deed = this.deeds[i]!
      if (deed.atMs !== atMs) return null
      if (deed.rings !== null) return deed.rings
      if (deed.kind === 'reserves' || deed.kind === 'has') return null
    }
    return null
  }

  /** Whose send the waiter is. */
  topicOf(waiter: number): string {
    return this.topics.get(waiter) ?? ''
  }

  private follow(moment: Moment): void {
    if (moment.source !== this.producer) return
    const pool = snapshotAt(this.recording, this.producer, moment.index)?.bufferPool
    if (pool === undefined) return
    if (is(moment, 'producer.waitOnMetadata')) this.topic = moment.fields.topic
    if (this.called !== null && moment.atMs > this.called.atMs) this.called = null
    this.seeWhoLeft(pool, moment)
    if (is(moment, 'producer.bufferPool.wait')) this.joins(moment, pool)
    else if (is(moment, 'producer.bufferPool.accumulate')) this.reserves(moment, pool)
    else if (is(moment, 'producer.bufferPool.exhausted')) this.exhausted(moment, pool)
    else if (is(moment, 'producer.bufferPool.allocate')) this.allocates(moment, pool)
    else if (is(moment, 'producer.bufferPool.deallocate')) {
      const { bytes } = moment.fields
      this.add(moment, pool, { ...NOBODY, kind: 'back', bytes }, true)
    }
    this.line = pool.waiters
  }

  private seeWhoLeft(pool: BufferPoolSnapshot, moment: Moment): void {
    const still = new Set(pool.waiters.map(({ number }) => number))
    for (const waiter of this.line) {
      if (still.has(waiter.number) || this.gaveUp.has(waiter.number)) continue
      if (this.called?.number === waiter.number) this.called = null
      if (this.isClosed(moment)) this.add(moment, pool, this.of(waiter, 'closed'), false)
      else this.left.push(waiter)
    }
  }

  private isClosed({ index }: Moment): boolean {
    return snapshotAt(this.recording, this.producer, index)?.accumulator.closed === true
  }

  private joins(moment: Moment<'producer.bufferPool.wait'>, pool: BufferPoolSnapshot): void {
    const waiter = pool.waiters.at(-1)!
    this.topics.set(waiter.number, this.topic)
    this.add(moment, pool, this.of(waiter, 'waits'), false)
  }

  private reserves(
    moment: Moment<'producer.bufferPool.accumulate'>,
    pool: BufferPoolSnapshot,
  ): void {
    const waiter = pool.waiters[0]!
    if (this.called?.number === waiter.number) this.called = null
    this.add(moment, pool, this.of(waiter, 'reserves'), false)
  }

  /** It stands in line still: the first whose time is over, and who had reserved as much. */
  private exhausted(
    moment: Moment<'producer.bufferPool.exhausted'>,
    pool: BufferPoolSnapshot,
  ): void {
    const { bytes, reserved, waitedMs } = moment.fields
    const waiter = [...pool.waiters]
      .filter((w) => w.bytes === bytes && w.accumulated === reserved)
      .sort((a, b) => a.sinceMs + a.maxBlockMs - b.sinceMs - b.maxBlockMs)
      .find(({ number, maxBlockMs }) => maxBlockMs === waitedMs && !this.gaveUp.has(number))
    if (waiter === undefined) {
      const who = { ...NOBODY, topic: this.topic, bytes, waitedMs }
      this.add(moment, pool, { ...who, kind: 'gaveUp' }, false)
      return
    }
    this.gaveUp.add(waiter.number)
    this.add(moment, pool, { ...this.of(waiter, 'gaveUp'), waitedMs }, reserved > 0)
  }

  private allocates(
    moment: Moment<'producer.bufferPool.allocate'>,
    pool: BufferPoolSnapshot,
  ): void {
    const { bytes, pooled, waitedMs } = moment.fields
    const waited = this.left.findIndex((waiter) => waiter.bytes === bytes)
    if (waited >= 0) {
      const [waiter] = this.left.splice(waited, 1)
      const who = { ...this.of(waiter!, 'has'), reserved: 0, waitedMs, pooled }
      this.add(moment, pool, who, available(pool) > 0)
      return
    }
    const kind = pool.waiters.length > 0 ? 'passes' : 'served'
    this.add(moment, pool, { ...NOBODY, kind, topic: this.topic, bytes, pooled }, true)
  }

  private of(waiter: WaiterSnapshot, kind: PoolDeedKind): Entry {
    const { number, bytes, accumulated: reserved } = waiter
    const topic = this.topicOf(number)
    return { kind, topic, waiter: number, bytes, reserved, waitedMs: 0, pooled: false }
  }

  /** @param mayRing it wakes the first in line, if something is left for it */
  private add(moment: Moment, pool: BufferPoolSnapshot, entry: Entry, mayRing: boolean): void {
    const others = pool.waiters.filter(({ number }) => number !== entry.waiter)
    const [first] = others
    const rung = this.called !== null && this.called.number === first?.number
    const left = available(pool) + (entry.kind === 'gaveUp' ? entry.reserved : 0)
    const rings = mayRing && !rung && first !== undefined && left > 0
    if (rings) this.called = { number: first.number, atMs: moment.atMs }
    this.deeds.push({
      ...entry,
      index: moment.index,
      atMs: moment.atMs,
      availableBytes: available(pool),
      line: others.map(({ number }) => this.topicOf(number)),
      rung,
      rings: rings ? this.topicOf(first.number) : null,
    })
  }
}

const NOBODY = { topic: null, waiter: null, reserved: 0, waitedMs: 0, pooled: false } as const
