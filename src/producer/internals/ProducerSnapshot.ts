/**
 * What is inside a producer at one moment, as plain data: for looking, not for deciding.
 *
 * A snapshot is a copy. It holds nothing that lives on, so who looks may keep it, compare it with
 * the next one, and send it elsewhere. Bytes are counts, times are milliseconds since 1970.
 */

import type { ProducerBatch } from './ProducerBatch.ts'

/** The memory: `inUseBytes` + reserved by waiters + free buffers + unallocated = total. */
export interface BufferPoolSnapshot {
  /** `buffer.memory`. */
  readonly totalBytes: number
  /** `batch.size`: the bytes of each buffer that is kept. */
  readonly poolableBytes: number
  readonly freeBuffers: number
  readonly unallocatedBytes: number
  readonly inUseBytes: number
  /** Who waits for memory, the first in line first. */
  readonly waiters: readonly WaiterSnapshot[]
}

export interface WaiterSnapshot {
  /** Counts all who ever waited for memory of this producer, from 0. */
  readonly number: number
  readonly bytes: number
  /** Bytes that are reserved for it already. */
  readonly accumulated: number
  readonly sinceMs: number
  readonly maxBlockMs: number
}

export interface BatchSnapshot {
  /** Counts the batches of this producer in the order in which they were made, from 0. */
  readonly number: number
  readonly topic: string
  readonly partition: number
  readonly records: number
  /** As `isFull` reckons: estimated, while a codec has not told. */
  readonly bytes: number
  /** It is full from so many bytes on. */
  readonly limitBytes: number
  readonly createdMs: number
  readonly attempts: number
  /** When it was given back last; `createdMs` before the first attempt. */
  readonly lastAttemptMs: number
  /** -1 before the first drain, and without idempotence; so is the sequence. */
  readonly producerEpoch: number
  readonly baseSequence: number
  /** Records may still be appended. */
  readonly open: boolean
  /** It has its bytes; one that was closed before that is neither open nor full. */
  readonly full: boolean
}

export interface DequeSnapshot {
  readonly topic: string
  readonly partition: number
  /** A request with a batch of it is in flight, and may be the only one. */
  readonly muted: boolean
  /** The next to be sent comes first. */
  readonly batches: readonly BatchSnapshot[]
}

export interface AccumulatorSnapshot {
  readonly deques: readonly DequeSnapshot[]
  /** All batches without outcome: in a queue, or in flight. */
  readonly incomplete: readonly BatchSnapshot[]
  readonly flushesInProgress: number
  readonly closed: boolean
  /** By broker: which of its partitions was looked at last, counted from 0. */
  readonly drainIndex: readonly { readonly node: number; readonly index: number }[]
}

export interface ProducerSnapshot {
  /** -1 and -1: an idempotent producer that waits for its id; `null`: it is not idempotent. */
  readonly producerIdAndEpoch: { readonly producerId: string; readonly epoch: number } | null
  readonly accumulator: AccumulatorSnapshot
  readonly bufferPool: BufferPoolSnapshot
  /** Batches in requests that have no answer yet. */
  readonly inFlight: readonly BatchSnapshot[]
  /** Sends that stand in line, by topic. */
  readonly waitingSends: readonly {
    readonly topic: string
    readonly sends: number
    readonly bytes: number
  }[]
}

export const snapshotOf = (batch: ProducerBatch): BatchSnapshot => ({
  number: batch.number,
  topic: batch.topicPartition.topic,
  partition: batch.topicPartition.partition,
  records: batch.recordCount,
  bytes: batch.estimatedSizeInBytes(),
  limitBytes: batch.recordsBuilder.writeLimit,
  createdMs: batch.createdMs,
  attempts: batch.attempts(),
  lastAttemptMs: batch.lastAttemptMs,
  producerEpoch: batch.producerEpoch,
  baseSequence: batch.baseSequence,
  open: !batch.isFull(),
  full: batch.recordsBuilder.writeLimit <= batch.estimatedSizeInBytes(),
})

/** What was drained, for the trace. */
export const drainedFields = (byNode: ReadonlyMap<number, readonly ProducerBatch[]>) => {
  const batches = [...byNode.values()].flat()
  return {
    nodes: [...byNode.keys()],
    batches: batches.length,
    bytes: batches.reduce((total, batch) => total + batch.records().sizeInBytes, 0),
    baseSequences: batches.map(({ baseSequence }) => baseSequence),
  }
}
