/** A record into its batch, and batches out again: `RecordAccumulator` without a network. */

import { MetadataSnapshot } from '../../src/clients/MetadataSnapshot.ts'
import { PartitionMetadata } from '../../src/clients/PartitionMetadata.ts'
import { ConsoleLogger } from '../../src/common/Logger.ts'
import { Node } from '../../src/common/Node.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { SystemTime } from '../../src/common/SystemTime.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { TraceBus } from '../../src/common/Trace.ts'
import { BufferPool } from '../../src/producer/internals/BufferPool.ts'
import type { ProducerBatch } from '../../src/producer/internals/ProducerBatch.ts'
import { RecordAccumulator } from '../../src/producer/internals/RecordAccumulator.ts'
import { RecordToAppend } from '../../src/producer/internals/RecordToAppend.ts'
import { UnobservedFailures } from '../../src/producer/internals/UnobservedFailures.ts'
import { RecordMetadata } from '../../src/producer/RecordMetadata.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { Values } from '../values.ts'
import type { Micro } from './timed.ts'

const TOPIC = 'bench'
const VALUE_BYTES = 100
const BATCH_SIZE = 16_384
const BUFFER_MEMORY = 32 * 2 ** 20
const MAX_REQUEST_SIZE = 2 ** 20
/** So many records fit into `BUFFER_MEMORY` with room to spare. */
const MOST_RECORDS = 200_000

const time = new SystemTime()
const leader = new Node(0, 'localhost', 9092)

const snapshotOf = (partitions: number): MetadataSnapshot =>
  new MetadataSnapshot({
    clusterId: null,
    nodes: new Map([[leader.id, leader]]),
    partitions: Array.from(
      { length: partitions },
      (_, partition) =>
        new PartitionMetadata({
          error: Errors.NONE,
          topicPartition: new TopicPartition(TOPIC, partition),
          leaderId: leader.id,
          leaderEpoch: null,
          replicaIds: [leader.id],
          inSyncReplicaIds: [leader.id],
          offlineReplicaIds: [],
        }),
    ),
    unauthorizedTopics: new Set(),
    invalidTopics: new Set(),
    internalTopics: new Set(),
    controller: null,
    topicIds: new Map(),
  })

const accumulator = (): RecordAccumulator => {
  const logger = new ConsoleLogger('warn')
  const trace = new TraceBus(time).from('bench')
  const pool = { memory: BUFFER_MEMORY, poolableSize: BATCH_SIZE, time, trace }
  return new RecordAccumulator({
    batchSize: BATCH_SIZE,
    compression: Compression.NONE,
    lingerMs: 5,
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1000,
    deliveryTimeoutMs: 120_000,
    bufferPool: new BufferPool(pool),
    failures: new UnobservedFailures(time, logger),
    time,
    random: new SeededRandom(1),
    logger,
    trace,
  })
}

/** An accumulator, the picture of its cluster, and the ways in and out. */
class Load {
  readonly accumulator = accumulator()
  readonly snapshot: MetadataSnapshot
  private readonly partitions: number
  private readonly record: RecordToAppend
  private readonly callback = (): void => {}

  /** @param partition where records go; default: wherever the accumulator likes */
  constructor(partitions: number, partition: number = RecordMetadata.UNKNOWN_PARTITION) {
    this.partitions = partitions
    this.snapshot = snapshotOf(partitions)
    this.record = RecordToAppend.of({
      topic: TOPIC,
      partition,
      timestamp: time.milliseconds(),
      key: null,
      value: new Values(VALUE_BYTES).next(),
      headers: [],
      callback: this.callback,
    })
  }

  append(count: number): void {
    const { accumulator, record } = this
    const cluster = this.snapshot.cluster()
    const nowMs = time.milliseconds()
    for (let i = 0; i < count; i++) accumulator.append(record, 0, nowMs, cluster)
  }

  /** One batch for every partition, full or not. */
  appendToAll(): void {
    const cluster = this.snapshot.cluster()
    const nowMs = time.milliseconds()
    for (let partition = 0; partition < this.partitions; partition++) {
      const record = RecordToAppend.of({ ...this.record, partition })
      this.accumulator.append(record, 0, nowMs, cluster)
    }
  }

  drain(): ProducerBatch[] {
    const nowMs = time.milliseconds() + 10
    const drained = this.accumulator.drain(this.snapshot, [leader], MAX_REQUEST_SIZE, nowMs)
    return drained.get(leader.id) ?? []
  }

  /** Everything out, acknowledged, and its memory given back. */
  clear(): void {
    for (let batches = this.drain(); batches.length > 0; batches = this.drain()) {
      this.acknowledge(batches)
    }
  }

  acknowledge(batches: readonly ProducerBatch[]): void {
    for (const batch of batches) {
      batch.complete(0, RecordMetadata.NO_TIMESTAMP)
      this.accumulator.completeAndDeallocateBatch(batch)
    }
  }
}

const appending = (): Micro => {
  const load = new Load(6)
  return {
    name: 'RecordAccumulator.append, 100 B',
    bytes: VALUE_BYTES,
    maxOps: MOST_RECORDS,
    sample(ops) {
      const startedMs = performance.now()
      load.append(ops)
      const ms = performance.now() - startedMs
      load.clear()
      return ms
    },
  }
}

/** From full batches in the queue to batches that are closed, with their checksums. */
const draining = (): Micro => {
  const load = new Load(6)
  return {
    name: 'RecordAccumulator.drain, per record of 100 B',
    bytes: VALUE_BYTES,
    maxOps: MOST_RECORDS,
    sample(ops) {
      load.append(ops)
      const startedMs = performance.now()
      const drained: ProducerBatch[] = []
      for (let batches = load.drain(); batches.length > 0; batches = load.drain()) {
        drained.push(...batches)
      }
      const ms = performance.now() - startedMs
      load.acknowledge(drained)
      return ms
    },
  }
}

/** From the broker's answer to the callback of every record, and the memory given back. */
const completing = (): Micro => {
  const load = new Load(6)
  return {
    name: 'ProducerBatch.complete, per record',
    bytes: 0,
    maxOps: MOST_RECORDS,
    sample(ops) {
      load.append(ops)
      const drained: ProducerBatch[] = []
      for (let batches = load.drain(); batches.length > 0; batches = load.drain()) {
        drained.push(...batches)
      }
      const startedMs = performance.now()
      load.acknowledge(drained)
      return performance.now() - startedMs
    },
  }
}

const readying = (partitions: number): Micro => {
  const load = new Load(partitions)
  load.appendToAll()
  return {
    name: `RecordAccumulator.ready, ${partitions.toLocaleString('en')} partitions`,
    bytes: 0,
    sample(ops) {
      const nowMs = time.milliseconds()
      const startedMs = performance.now()
      for (let i = 0; i < ops; i++) load.accumulator.ready(load.snapshot, nowMs)
      return performance.now() - startedMs
    },
  }
}

export const accumulating = (): Micro[] => [
  appending(),
  draining(),
  completing(),
  readying(6),
  readying(1000),
]
