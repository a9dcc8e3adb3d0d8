/**
 * An accumulator on a workbench: real batches, real memory, and a clock that stands still until
 * somebody moves it. No sender, no network, no broker: here you are the sender.
 *
 *     const bench = new Workbench({ leaders: [1, 1, 2] })     broker 1 leads orders-0 and orders-1
 *     bench.send(0)                                           a record of 100 bytes for orders-0
 *     bench.pass(5)                                           five milliseconds later
 *     bench.ready().readyNodes                                brokers that have something to get
 *     bench.drain(1)                                          what a request to broker 1 would take
 *
 * A batch begins with a header of 61 bytes, and every record takes 100 unless something else is
 * said. So `batchOf(5)` bytes is a `batch.size` with room for exactly five.
 */

import { MetadataSnapshot } from '../../src/clients/MetadataSnapshot.ts'
import { PartitionMetadata } from '../../src/clients/PartitionMetadata.ts'
import { ConsoleLogger } from '../../src/common/Logger.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { Node } from '../../src/common/Node.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { TraceBus, type TraceEntry } from '../../src/common/Trace.ts'
import type { AppendCallback } from '../../src/producer/internals/AppendCallbacks.ts'
import { BufferPool } from '../../src/producer/internals/BufferPool.ts'
import type { ProducerBatch } from '../../src/producer/internals/ProducerBatch.ts'
import type { ReadyCheck } from '../../src/producer/internals/ReadyCheck.ts'
import { RecordAccumulator } from '../../src/producer/internals/RecordAccumulator.ts'
import type { RecordAccumulatorOptions } from '../../src/producer/internals/RecordAccumulatorOptions.ts'
import type { RecordAppendResult } from '../../src/producer/internals/RecordAppendResult.ts'
import { RecordToAppend } from '../../src/producer/internals/RecordToAppend.ts'
import type { BatchDeque } from '../../src/producer/internals/TopicInfo.ts'
import { UnobservedFailures } from '../../src/producer/internals/UnobservedFailures.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { RECORD_BATCH_OVERHEAD } from '../../src/record/BatchHeader.ts'
import { Compression } from '../../src/record/compress/Compression.ts'

export const TOPIC = 'orders'
/** Of a record in its batch, unless something else is said. */
export const RECORD_BYTES = 100
/** What the format adds to a value of that size: lengths, the offset and time inside the batch. */
const AROUND_THE_VALUE = 9

/** A `batch.size` that holds this many records of the usual size. */
export const batchOf = (records: number): number => RECORD_BATCH_OVERHEAD + records * RECORD_BYTES

export interface WorkbenchSettings
  extends Partial<Omit<RecordAccumulatorOptions, 'time' | 'logger' | 'trace' | 'failures'>> {
  /** The broker that leads partition 0, 1, …; `null`: nobody does. */
  readonly leaders: readonly (number | null)[]
  /** `buffer.memory`. Default: plenty. */
  readonly memory?: number
}

export class Workbench {
  readonly time = new MockTime(0, 0)
  readonly trace = new TraceBus(this.time)
  readonly pool: BufferPool
  readonly accumulator: RecordAccumulator
  /** Why the last look found brokers ready: `1:orders-0:lingered`. */
  reasons: readonly string[] = []
  /** How many records of the usual size a batch has room for. */
  readonly recordsInBatch: number
  private leaders: readonly (number | null)[]
  private leaderEpoch = 1

  constructor({ leaders, memory, ...settings }: WorkbenchSettings) {
    this.leaders = leaders
    const { time } = this
    const logger = new ConsoleLogger('silent')
    const trace = this.trace.from('producer')
    this.trace.listen((entry) => {
      if (entry.name === 'producer.accumulator.ready') {
        this.reasons = (entry as TraceEntry<'producer.accumulator.ready'>).fields.reasons
      }
    })
    const batchSize = settings.batchSize ?? batchOf(5)
    this.recordsInBatch = Math.floor((batchSize - batchOf(0)) / RECORD_BYTES)
    this.pool = new BufferPool({ memory: memory ?? 1e6, poolableSize: batchSize, time, trace })
    this.accumulator = new RecordAccumulator({
      batchSize,
      compression: Compression.NONE,
      lingerMs: 5,
      retryBackoffMs: 100,
      retryBackoffMaxMs: 100,
      deliveryTimeoutMs: 1000,
      random: new SeededRandom(6),
      bufferPool: this.pool,
      ...settings,
      failures: new UnobservedFailures(time, logger),
      time,
      logger,
      trace,
    })
  }

  get nowMs(): number {
    return this.time.milliseconds()
  }

  pass(ms: number): void {
    this.time.sleep(ms)
  }

  /** A record that finds memory at once. */
  send(partition: number, options: SendOptions = {}): RecordAppendResult {
    const result = this.trySend(partition, options)
    if (result instanceof Promise) throw new Error('There was no memory for this record')
    return result.copy()
  }

  /** A promise, where there is no memory. */
  trySend(
    partition: number,
    { bytes = RECORD_BYTES, topic = TOPIC, value, callback = null }: SendOptions = {},
  ): RecordAppendResult | Promise<RecordAppendResult> {
    const record = RecordToAppend.of({
      topic,
      partition,
      // The same for all, so that each takes the same bytes.
      timestamp: 0,
      key: null,
      value: value ?? new Uint8Array(bytes - AROUND_THE_VALUE),
      headers: [],
      callback,
    })
    return this.accumulator.append(record, 1000, this.nowMs, this.metadata().cluster())
  }

  /** Fills batches with records of the usual size. */
  sendMany(partition: number, records: number): void {
    for (let i = 0; i < records; i++) this.send(partition)
  }

  ready(): ReadyCheck {
    return this.accumulator.ready(this.metadata(), this.nowMs)
  }

  readyBrokers(): number[] {
    return Array.from(this.ready().readyNodes, (node) => node.id).sort()
  }

  /** @param maxRequestBytes `max.request.size`, for the batches alone */
  drain(broker: number, maxRequestBytes = 1e6): ProducerBatch[] {
    const nodes = this.nodes().filter(({ id }) => id === broker)
    const drained = this.accumulator.drain(this.metadata(), nodes, maxRequestBytes, this.nowMs)
    return drained.get(broker) ?? []
  }

  /** A broker's answer: it has the batch. */
  acknowledge(batch: ProducerBatch): void {
    batch.complete(0, -1)
    this.accumulator.completeAndDeallocateBatch(batch)
  }

  /** Another broker leads from now on. */
  elect(partition: number, broker: number | null): void {
    this.leaders = this.leaders.map((leader, at) => (at === partition ? broker : leader))
    this.leaderEpoch++
  }

  deque(partition: number): BatchDeque {
    return this.accumulator.queues.getOrCreateDeque(new TopicPartition(TOPIC, partition))
  }

  private nodes(): Node[] {
    const ids = new Set(this.leaders.filter((id) => id !== null))
    return Array.from(ids, (id) => new Node(id, `broker-${id}`, 9092))
  }

  private metadata(): MetadataSnapshot {
    return new MetadataSnapshot({
      clusterId: null,
      nodes: new Map(this.nodes().map((node) => [node.id, node])),
      partitions: this.leaders.map(
        (leaderId, partition) =>
          new PartitionMetadata({
            error: Errors.NONE,
            topicPartition: new TopicPartition(TOPIC, partition),
            leaderId,
            leaderEpoch: this.leaderEpoch,
            replicaIds: [],
            inSyncReplicaIds: [],
            offlineReplicaIds: [],
          }),
      ),
      unauthorizedTopics: new Set(),
      invalidTopics: new Set(),
      internalTopics: new Set(),
      controller: null,
      topicIds: new Map(),
    })
  }
}

export interface SendOptions {
  /** Of the record in its batch. */
  readonly bytes?: number
  readonly topic?: string
  /** Instead of zeros. */
  readonly value?: Uint8Array
  readonly callback?: AppendCallback | null
}
