/**
 * What has been fetched and not yet handed out, in the order of arrival, and the one that is being
 * handed out.
 *
 *     add ─► │ CompletedFetch │ CompletedFetch │ ─► nextInLineFetch ─► poll
 *
 * It stays small by itself: a partition that has something here is not fetched
 * (`AbstractFetch.prepareFetchRequests`), so behind a slow caller there is at most one fetch per
 * partition, and its size has a limit.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.FetchBuffer
 * @simplified no `awaitWakeup`: here the one who waits drives the network himself, and looks again
 *   after each poll.
 */

import { recordsSize } from '../../clients/FetchResponse.ts'
import type { Logger } from '../../common/Logger.ts'
import {
  type ReadonlyTopicPartitionSet,
  TopicPartitionSet,
} from '../../common/TopicPartitionSet.ts'
import type { Trace } from '../../common/Trace.ts'
import type { CompletedFetch } from './CompletedFetch.ts'

export class FetchBuffer {
  private readonly logger: Logger
  private readonly trace: Trace
  private completedFetches: CompletedFetch[] = []
  private nextInLine: CompletedFetch | null = null
  private closed = false

  constructor(logger: Logger, trace: Trace) {
    this.logger = logger
    this.trace = trace
  }

  /** Nothing is waiting; what is being handed out does not count. */
  isEmpty(): boolean {
    return this.completedFetches.length === 0
  }

  hasCompletedFetches(matches: (fetch: CompletedFetch) => boolean): boolean {
    return this.completedFetches.some(matches)
  }

  add(fetch: CompletedFetch): void {
    if (this.trace.enabled) {
      this.trace.emit('consumer.fetchBuffer.add', {
        topic: fetch.partition.topic,
        partition: fetch.partition.partition,
        fetchOffset: fetch.nextFetchOffset(),
        bytes: recordsSize(fetch.partitionData),
      })
    }
    this.completedFetches.push(fetch)
  }

  /** Puts back what was taken out: of paused partitions. */
  addAll(fetches: readonly CompletedFetch[]): void {
    this.completedFetches.push(...fetches)
  }

  nextInLineFetch(): CompletedFetch | null {
    return this.nextInLine
  }

  setNextInLineFetch(fetch: CompletedFetch | null): void {
    this.nextInLine = fetch
  }

  peek(): CompletedFetch | null {
    return this.completedFetches[0] ?? null
  }

  poll(): CompletedFetch | null {
    return this.completedFetches.shift() ?? null
  }

  /** Drops what is of other partitions. */
  retainAll(partitions: ReadonlyTopicPartitionSet): void {
    this.completedFetches = this.completedFetches.filter((fetch) => !this.drop(partitions, fetch))
    if (this.nextInLine !== null && this.drop(partitions, this.nextInLine)) this.nextInLine = null
  }

  /** The partitions that need not be fetched now. */
  bufferedPartitions(): TopicPartitionSet {
    const partitions = new TopicPartitionSet()
    if (this.nextInLine !== null && !this.nextInLine.isConsumed()) {
      partitions.add(this.nextInLine.partition)
    }
    for (const fetch of this.completedFetches) partitions.add(fetch.partition)
    return partitions
  }

  close(): void {
    if (this.closed) {
      this.logger.warn('The fetch buffer was already closed')
      return
    }
    this.closed = true
    this.retainAll(new TopicPartitionSet())
  }

  private drop(retained: ReadonlyTopicPartitionSet, fetch: CompletedFetch): boolean {
    if (retained.has(fetch.partition)) return false
    this.logger.debug(`Dropping what was fetched of ${fetch.partition}: it is not wanted any more`)
    fetch.drain()
    return true
  }
}
