/** What the producer's tests have in common: a cluster, a clock, parts that are quick to make. */

import { MetadataSnapshot } from '../../src/clients/MetadataSnapshot.ts'
import { PartitionMetadata } from '../../src/clients/PartitionMetadata.ts'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import type { Header } from '../../src/common/header/Header.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import type { Node } from '../../src/common/Node.ts'
import { type Random, SeededRandom } from '../../src/common/Random.ts'
import type { Time } from '../../src/common/Time.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { type Trace, TraceBus } from '../../src/common/Trace.ts'
import type { Uuid } from '../../src/common/Uuid.ts'
import type { Callback } from '../../src/producer/Callback.ts'
import type { AppendCallback } from '../../src/producer/internals/AppendCallbacks.ts'
import { BufferPool } from '../../src/producer/internals/BufferPool.ts'
import type { PartitionResponse } from '../../src/producer/internals/PartitionResponse.ts'
import { ProducerBatch } from '../../src/producer/internals/ProducerBatch.ts'
import type { ProducerBatchContext } from '../../src/producer/internals/ProducerBatchContext.ts'
import { RecordAccumulator } from '../../src/producer/internals/RecordAccumulator.ts'
import { RecordToAppend } from '../../src/producer/internals/RecordToAppend.ts'
import { UnobservedFailures } from '../../src/producer/internals/UnobservedFailures.ts'
import type { RecordMetadata } from '../../src/producer/RecordMetadata.ts'
import { Errors, type WireError } from '../../src/protocol/Errors.ts'
import { CompressionRatioEstimator } from '../../src/record/CompressionRatioEstimator.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { DefaultRecordBatch } from '../../src/record/DefaultRecordBatch.ts'
import { MemoryRecordsBuilder } from '../../src/record/MemoryRecordsBuilder.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

/** Settings and seams of an accumulator. */
export type RecordAccumulatorOptions = ConstructorParameters<typeof RecordAccumulator>[0]

export const { RECORD_BATCH_OVERHEAD } = DefaultRecordBatch
export const TOPIC = 'test'

export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))

/** Draws 0, 1, 2, …: whoever chooses by it chooses in turn. */
export class SequentialRandom implements Random {
  drawn = 0

  nextInt(): number {
    return this.drawn++
  }

  nextDouble(): number {
    return 0.5
  }

  nextBoolean(): boolean {
    return false
  }

  nextBytes(length: number): Uint8Array {
    return new Uint8Array(length)
  }
}

export const traceOn = (time: Time): Trace => new TraceBus(time).from('producer')

/** Who leads partition 0, 1, …; with the leader's epoch where one is given. */
export type Leaders = readonly (Node | readonly [Node, epoch: number] | null)[]

/** A picture of one topic. */
export const snapshotOf = (
  nodes: readonly Node[],
  leaders: Leaders,
  topicId?: Uuid,
): MetadataSnapshot =>
  new MetadataSnapshot({
    clusterId: null,
    nodes: new Map(nodes.map((node) => [node.id, node])),
    partitions: leaders.map((leader, partition) => {
      const [node, epoch] = leader === null || !('length' in leader) ? [leader, null] : leader
      return new PartitionMetadata({
        error: Errors.NONE,
        topicPartition: new TopicPartition(TOPIC, partition),
        leaderId: node?.id ?? null,
        leaderEpoch: epoch,
        replicaIds: [],
        inSyncReplicaIds: [],
        offlineReplicaIds: [],
      })
    }),
    unauthorizedTopics: new Set(),
    invalidTopics: new Set(),
    internalTopics: new Set(),
    controller: null,
    topicIds: new Map(topicId ? [[TOPIC, topicId]] : []),
  })

export const batchContext = (
  time: Time = new MockTime(),
  logger = new RecordingLogger(),
): ProducerBatchContext => ({
  time,
  logger,
  trace: traceOn(time),
  estimator: new CompressionRatioEstimator(),
  batchesMade: 0,
  failures: new UnobservedFailures(time, logger),
})

export interface BatchParts {
  readonly createdMs: number
  readonly bufferSize?: number
  readonly compression?: Compression
  readonly baseOffset?: number
  readonly isSplitBatch?: boolean
  readonly context?: ProducerBatchContext
}

export const builderOf = ({ bufferSize = 512, compression = Compression.NONE, baseOffset = 0 }) =>
  new MemoryRecordsBuilder({ buffer: ByteBuffer.allocate(bufferSize), compression, baseOffset })

export const batchOf = (topicPartition: TopicPartition, parts: BatchParts): ProducerBatch =>
  new ProducerBatch({
    topicPartition,
    recordsBuilder: builderOf(parts),
    createdMs: parts.createdMs,
    isSplitBatch: parts.isSplitBatch ?? false,
    context: parts.context ?? batchContext(),
  })

/** What a broker says of one batch. */
export const partitionResponse = (
  error: WireError = Errors.NONE,
  baseOffset = 500,
): PartitionResponse => ({
  error,
  baseOffset,
  logAppendTime: -1,
  logStartOffset: 500,
  recordErrors: [],
  errorMessage: null,
  currentLeader: null,
})

export interface RecordOptions {
  readonly topic?: string
  readonly partition?: number
  readonly timestamp?: number
  readonly key?: Uint8Array | null
  readonly value?: Uint8Array | null
  readonly headers?: readonly Header[]
  readonly callback?: AppendCallback | null
}

/** Key `key`, value `value`, partition 0, unless something else is said. */
export const record = (options: RecordOptions = {}): RecordToAppend =>
  RecordToAppend.of({
    topic: TOPIC,
    partition: 0,
    timestamp: 0,
    key: ascii('key'),
    value: ascii('value'),
    headers: [],
    callback: null,
    ...options,
  })

export type AccumulatorParts = Partial<RecordAccumulatorOptions> & {
  readonly batchSize: number
  readonly totalSize: number
}

/** With Kafka's values of its own test: delivery time-out 3200 ms, back-off from 100 to 1000 ms. */
export const accumulatorWith = (parts: AccumulatorParts) => {
  const time = parts.time ?? new MockTime()
  const logger = (parts.logger as RecordingLogger | undefined) ?? new RecordingLogger()
  const trace = parts.trace ?? traceOn(time)
  const pool = new BufferPool({
    memory: parts.totalSize,
    poolableSize: parts.batchSize,
    time,
    trace,
  })
  const accumulator = new RecordAccumulator({
    compression: Compression.NONE,
    lingerMs: 0,
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1000,
    deliveryTimeoutMs: 3200,
    bufferPool: pool,
    failures: new UnobservedFailures(time, logger),
    time,
    random: new SeededRandom(7),
    logger,
    trace,
    ...parts,
  })
  return { accumulator, pool, time, logger }
}

/** A callback that remembers its calls. */
export class RecordingCallback {
  readonly calls: { metadata: RecordMetadata; exception: Error | null }[] = []
  readonly fn: Callback = (metadata, exception) => {
    this.calls.push({ metadata, exception })
  }
}

/** Everything that follows at once from what was done: promise continuations, however deep. */
export const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

/** One turn of the event loop, at the time that it is. */
export const turnOf = (time: Time): Promise<void> =>
  new Promise((resolve) => {
    time.schedule(0, resolve)
  })

/** What `promise` was rejected with; fails when it was not. */
export const rejectionOf = async (promise: PromiseLike<unknown>): Promise<Error> => {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('It was not rejected')
}
