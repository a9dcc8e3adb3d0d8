/**
 * Reading record by record: what `for await (const record of consumer.records())` walks on.
 *
 *     poll ─► │ 0 │ 1 │ 2 │ 3 │ 4 │ 5 │          what one poll has brought of a partition
 *                      ▲   ▲               ▲
 *                      │   │               └ the consumer's position: past all of it
 *                      │   └ comes next
 *                      └ in the hands of the loop's body
 *
 * The difficulty is the position. A poll moves it past everything that it returns, and whoever
 * commits commits the position. For a loop over single records that would be wrong: the body that
 * fails at record 2 would have committed 5. So whenever the loop does not go on to the next record
 * (it ends, or its body calls the consumer) the rest is *put back*: the positions are set to what
 * comes next. If the body then does ask for the next record, and nobody has moved the positions
 * meanwhile, they are set forward again and the walk goes on, without a fetch.
 *
 *     body asks for the next record      one step in a list
 *     body commits, asks its position    put back behind the record in hand, then taken up again
 *     body seeks, pauses, assigns        put back; what no longer fits is not taken up
 *     break, throw, close, poll          put back before the record in hand
 *     left while `next` waits            the poll ends; what it still brings is put back
 *
 * Is the record in the body's hands done? The body says so by asking for the next one, or by
 * committing. If it is left by `break` or an exception (JavaScript tells an iterator only that it
 * was left) the record counts as not done and comes again: at least once, always.
 *
 * I1  Outside of `next` the positions are those of what the body has finished. What it has not seen
 *     is never committed.
 * I2  A partition is read on without a gap and in order: what was put back and not taken up again
 *     is fetched again.
 * I3  No promise and no object is made per record while records are at hand.
 *
 * I3 is a trick with one promise, fulfilled long ago with one result object, whose `value` is the
 * next record each time. It is given out only when the value that was in it has been taken; a
 * caller that does not read one result before it asks for the next gets results of its own.
 */

import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { ConsumerRecord } from '../ConsumerRecord.ts'
import type { ConsumerRecords } from '../ConsumerRecords.ts'
import { FetchPosition } from './FetchPosition.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export interface RecordIteratorOptions<K, V> {
  readonly subscriptions: SubscriptionState
  /** Waits for records; may come back without any. Rejects when `leaving` aborts. */
  poll(leaving: AbortSignal): Promise<ConsumerRecords<K, V>>
  /** Called once, when the iteration is over. */
  onEnd(iterator: RecordIterator<K, V>): void
  readonly signal?: AbortSignal | undefined
}

/** What a poll has brought of one partition, and how far it was handed out. */
interface Share<K, V> {
  readonly partition: TopicPartition
  readonly records: readonly ConsumerRecord<K, V>[]
  /** The index of the record that comes next. */
  next: number
  /** Where the position stood when the poll returned: past all of them. */
  readonly end: FetchPosition | null
  /** While it is put back: where the position was set to. */
  putBackTo: number | null
}

type State = 'walking' | 'put back' | 'ended'

export class RecordIterator<K, V> implements AsyncIterableIterator<ConsumerRecord<K, V>> {
  private readonly options: RecordIteratorOptions<K, V>
  private readonly result = new SharedResult<ConsumerRecord<K, V>>()
  private readonly sharedPromise: Promise<IteratorResult<ConsumerRecord<K, V>, undefined>>
  private shares: Share<K, V>[] = []
  /** The share that is walked on, and a copy of its list and index for the fast path. */
  private share: Share<K, V> | null = null
  private list: readonly ConsumerRecord<K, V>[] = []
  private at = 0
  private state: State = 'walking'
  /** Whether `next` may just take one step: walking, not aborted, and nobody waits. */
  private flowing = true
  /** Whether the record handed out last is still in the body's hands. */
  private inHand = false
  /** How many callers of `next` wait. */
  private asking = 0
  private lastAnswer: Promise<unknown> = Promise.resolve()
  /** Ends a poll that waits: by the caller's signal, or since nobody wants its records any more. */
  private readonly leaving = new AbortController()

  private readonly onAbort = (): void => {
    this.flowing = false
    this.leaving.abort(this.options.signal?.reason)
  }

  constructor(options: RecordIteratorOptions<K, V>) {
    this.options = options
    this.sharedPromise = Promise.resolve(this.result)
    options.signal?.addEventListener('abort', this.onAbort, { once: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /**
   * The next record; waits as long as it takes. The record before it counts as done.
   *
   * A result belongs to the caller until the next call: read its `value` once, before that.
   *
   * @returns `done` once the signal has aborted
   * @throws as `poll`
   */
  next(): Promise<IteratorResult<ConsumerRecord<K, V>, undefined>> {
    if (!this.flowing || this.at === this.list.length) return this.queue()
    const record = this.list[this.at++]!
    this.inHand = true
    if (!this.result.taken) return Promise.resolve({ done: false, value: record })
    this.result.put(record)
    return this.sharedPromise
  }

  /** The loop was left. What its body had in hand comes again, and everything after it. */
  async return(): Promise<IteratorResult<ConsumerRecord<K, V>, undefined>> {
    this.end()
    // One who waits in `next` ends first: after this the consumer is free for other calls.
    await this.lastAnswer
    return { done: true, value: undefined }
  }

  /**
   * The consumer is about to be used otherwise: sets the positions to what comes next.
   *
   * @param handIsDone whether the record in the body's hands is done with that
   */
  putBack(handIsDone: boolean): void {
    if (this.state === 'ended') return
    if (handIsDone) this.inHand = false
    if (this.share !== null) this.share.next = this.at
    this.state = 'put back'
    this.flowing = false
    this.putBackShares()
  }

  /** The caller goes elsewhere in this partition: what is at hand of it is dropped. */
  drop(partition: TopicPartition): void {
    this.shares = this.shares.filter((share) => !share.partition.equals(partition))
    if (this.share?.partition.equals(partition)) this.inHand = false
  }

  /** Whether the body has `record.offset` of that partition in hand, at or below `offset`. */
  hasInHandBelow(partition: TopicPartition, offset: number): boolean {
    if (!this.inHand || this.share === null || !this.share.partition.equals(partition)) return false
    const record = this.share.records[this.at - 1]
    return record !== undefined && record.offset < offset
  }

  toString(): string {
    const left = this.shares.reduce((sum, share) => sum + share.records.length - share.next, 0)
    return `RecordIterator(${this.state}, ${left} records at hand)`
  }

  // ---- going on

  /** One at a time, in order: who asks before the answer stands behind. */
  private queue(): Promise<IteratorResult<ConsumerRecord<K, V>, undefined>> {
    this.asking++
    this.flowing = false
    const mine = this.lastAnswer.then(() => this.advance())
    this.lastAnswer = mine.catch(() => undefined)
    return mine
  }

  private async advance(): Promise<IteratorResult<ConsumerRecord<K, V>, undefined>> {
    const { signal } = this.options
    this.inHand = false
    try {
      while (this.state !== 'ended') {
        if (signal?.aborted) this.end()
        else if (this.state === 'put back') this.takeUp()
        else if (this.at < this.list.length) return this.step()
        else if (!this.nextShare()) await this.refill()
      }
      return { done: true, value: undefined }
    } catch (error) {
      this.end()
      throw error
    } finally {
      this.asking--
      this.flowing = this.asking === 0 && this.state === 'walking' && !signal?.aborted
    }
  }

  private step(): IteratorResult<ConsumerRecord<K, V>, undefined> {
    this.inHand = true
    return { done: false, value: this.list[this.at++]! }
  }

  private nextShare(): boolean {
    if (this.share !== null) this.shares.shift()
    return this.walkOn(this.shares[0] ?? null)
  }

  private walkOn(share: Share<K, V> | null): boolean {
    this.share = share
    this.list = share?.records ?? []
    this.at = share?.next ?? 0
    return share !== null
  }

  private async refill(): Promise<void> {
    const { subscriptions } = this.options
    const { signal } = this.leaving
    try {
      const records = await this.options.poll(signal)
      this.shares = records.partitions().map((partition) => ({
        partition,
        records: records.records(partition),
        next: 0,
        end: subscriptions.positionOrNull(partition),
        putBackTo: null,
      }))
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error
    }
    // Left while it waited: nobody will take these.
    if (this.state === 'ended') this.putBackShares()
  }

  /** For good. What is at hand and not handed out is put back. */
  end(): void {
    if (this.state === 'ended') return
    this.putBack(false)
    this.state = 'ended'
    this.shares = []
    this.walkOn(null)
    this.options.signal?.removeEventListener('abort', this.onAbort)
    this.leaving.abort()
    this.options.onEnd(this)
  }

  // ---- putting back, taking up

  private putBackShares(): void {
    for (const share of this.shares) this.putBackShare(share)
  }

  private putBackShare(share: Share<K, V>): void {
    const { subscriptions } = this.options
    const { partition, end } = share
    const present = subscriptions.positionOrNull(partition)
    const expected = share.putBackTo ?? end?.offset
    // Whoever has moved it since knows better where to go on.
    if (present === null || end === null || present.offset !== expected) return
    const again = share.records[this.firstAgain(share)]
    const offset = again?.offset ?? end.offset
    share.putBackTo = offset
    if (offset === present.offset) return
    const epoch = again === undefined ? end.offsetEpoch : again.leaderEpoch
    this.move(partition, new FetchPosition(offset, epoch, present.currentLeader))
  }

  /** The index of the record that would come again if the loop were left now. */
  private firstAgain(share: Share<K, V>): number {
    return share === this.share && this.inHand ? share.next - 1 : share.next
  }

  /** Goes on with what is still where it was put; the rest is fetched again if need be. */
  private takeUp(): void {
    const { subscriptions } = this.options
    // The record that was in hand is done: `next` was called.
    this.putBackShares()
    this.shares = this.shares.filter(({ partition, end, putBackTo }) => {
      const present = subscriptions.positionOrNull(partition)
      if (end === null || present === null || present.offset !== putBackTo) return false
      if (!subscriptions.isFetchable(partition)) return false
      this.move(partition, new FetchPosition(end.offset, end.offsetEpoch, present.currentLeader))
      return true
    })
    for (const share of this.shares) share.putBackTo = null
    this.state = 'walking'
    this.walkOn(this.shares[0] ?? null)
  }

  /** A position that waits for the leader's word goes on waiting, for the new place. */
  private move(partition: TopicPartition, position: FetchPosition): void {
    const { subscriptions } = this.options
    if (subscriptions.hasValidPosition(partition)) subscriptions.setPosition(partition, position)
    else subscriptions.seekUnvalidated(partition, position)
  }
}

/** One result for all records: `taken` says whether its value has been read. */
class SharedResult<T> {
  readonly done = false
  taken = true
  private record: T | undefined

  get value(): T {
    this.taken = true
    return this.record as T
  }

  put(record: T): void {
    this.record = record
    this.taken = false
  }
}
