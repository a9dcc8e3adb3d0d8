/**
 * One run of the measured load, in a process of its own: `measure.ts` starts it, and reads the line
 * of JSON that it prints.
 *
 *     node … measureLoad.ts buffers kept      buffers alone: taken, written, given back
 *     node … measureLoad.ts small dropped     small records into batches, from append to deallocate
 *     node … measureLoad.ts large dropped     the same with large ones
 *
 * `kept` is the pool as it is. `dropped` is the same pool told that it is buffers of another size
 * which are to be kept: none ever has that size, so each is made anew, and left to the collector.
 * The budget is counted the same way in both.
 */

import {
  constants,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { MetadataSnapshot } from '../../src/clients/MetadataSnapshot.ts'
import { PartitionMetadata } from '../../src/clients/PartitionMetadata.ts'
import type { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { ConsoleLogger } from '../../src/common/Logger.ts'
import { Node } from '../../src/common/Node.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { SystemTime } from '../../src/common/SystemTime.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { TraceBus } from '../../src/common/Trace.ts'
import { BufferPool } from '../../src/producer/internals/BufferPool.ts'
import { RecordAccumulator } from '../../src/producer/internals/RecordAccumulator.ts'
import { RecordToAppend } from '../../src/producer/internals/RecordToAppend.ts'
import { UnobservedFailures } from '../../src/producer/internals/UnobservedFailures.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { Compression } from '../../src/record/compress/Compression.ts'

export type Load = 'buffers' | 'small' | 'large'
export type Pooling = 'kept' | 'dropped'

/** What a run came to. Times are milliseconds. */
export interface Measured {
  readonly ms: number
  readonly cpuMs: number
  /** Collections of the young generation, and of everything. */
  readonly minor: number
  readonly major: number
  /** All pauses together, and the longest. */
  readonly pauseMs: number
  readonly longestMs: number
  readonly peakMb: number
}

/** `batch.size` and `buffer.memory` at their defaults. */
export const BATCH_SIZE = 16_384
const BUFFER_MEMORY = 33_554_432
/** Batches that are in memory at a time: what a busy producer has queued and in flight. */
export const IN_USE = 256
export const BUFFERS = 200_000
/** Of 200 bytes, and of 4,000: about as many batches each. */
export const RECORDS = { small: 2_000_000, large: 100_000 }
const VALUE_BYTES = { small: 200, large: 4000 }
/**
 * One append after the other, and every now and then a turn of the event loop, as a program has.
 */
const TURN_EVERY = 64

const time = new SystemTime()
const trace = new TraceBus(time).from('measure')
const turn = (): Promise<void> => setImmediate()

const poolOf = (pooling: Pooling): BufferPool => {
  // No buffer has 0 bytes.
  const poolableSize = pooling === 'kept' ? BATCH_SIZE : 0
  return new BufferPool({ memory: BUFFER_MEMORY, poolableSize, time, trace })
}

const takeNow = (pool: BufferPool): ByteBuffer => {
  const buffer = pool.allocate(BATCH_SIZE, 0)
  if (buffer instanceof Promise) throw new Error('The load was to fit into the memory')
  return buffer
}

/** Buffers are taken, written from end to end, and given back in the order in which they came. */
const useBuffers = async (pooling: Pooling): Promise<void> => {
  const pool = poolOf(pooling)
  const content = new Uint8Array(BATCH_SIZE).fill(7)
  const inUse: ByteBuffer[] = []
  for (let i = 0; i < BUFFERS; i++) {
    if (inUse.length === IN_USE) pool.deallocate(inUse.shift()!)
    const buffer = takeNow(pool)
    buffer.putBytes(content)
    inUse.push(buffer)
    if (i % TURN_EVERY === 0) await turn()
  }
}

const TOPIC = 'measure'
const leader = new Node(0, 'localhost', 9092)

const metadata = (): MetadataSnapshot =>
  new MetadataSnapshot({
    clusterId: null,
    nodes: new Map([[leader.id, leader]]),
    partitions: [
      new PartitionMetadata({
        error: Errors.NONE,
        topicPartition: new TopicPartition(TOPIC, 0),
        leaderId: leader.id,
        leaderEpoch: null,
        replicaIds: [leader.id],
        inSyncReplicaIds: [leader.id],
        offlineReplicaIds: [],
      }),
    ],
    unauthorizedTopics: new Set(),
    invalidTopics: new Set(),
    internalTopics: new Set(),
    controller: null,
    topicIds: new Map(),
  })

const accumulatorOn = (bufferPool: BufferPool): RecordAccumulator => {
  const logger = new ConsoleLogger('warn')
  return new RecordAccumulator({
    batchSize: BATCH_SIZE,
    compression: Compression.NONE,
    lingerMs: 5,
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1000,
    deliveryTimeoutMs: 120_000,
    bufferPool,
    failures: new UnobservedFailures(time, logger),
    time,
    random: new SeededRandom(1),
    logger,
    trace,
  })
}

/** Records go the whole way in memory; a batch counts as acknowledged when others were drained. */
const appendRecords = async (load: 'small' | 'large', pooling: Pooling): Promise<void> => {
  const accumulator = accumulatorOn(poolOf(pooling))
  const snapshot = metadata()
  const record = RecordToAppend.of({
    topic: TOPIC,
    partition: 0,
    timestamp: time.milliseconds(),
    key: null,
    value: new Uint8Array(VALUE_BYTES[load]),
    headers: [],
    callback: null,
  })
  const inFlight = []
  let offset = 0
  let acknowledgedBatches = 0
  for (let i = 0; i < RECORDS[load]; i++) {
    const nowMs = time.milliseconds()
    const result = accumulator.append(record, 0, nowMs, snapshot.cluster())
    if (result instanceof Promise) throw new Error('The load was to fit into the memory')
    // A second batch is queued: the first is full.
    if (!(result.newBatchCreated && result.batchIsFull)) continue
    for (const batches of accumulator.drain(snapshot, [leader], 1_048_576, nowMs).values()) {
      inFlight.push(...batches)
    }
    if (inFlight.length >= IN_USE) {
      const acknowledged = inFlight.shift()!
      acknowledged.complete(offset, -1)
      offset += acknowledged.recordCount
      accumulator.completeAndDeallocateBatch(acknowledged)
      if (++acknowledgedBatches % TURN_EVERY === 0) await turn()
    }
  }
}

const measured = async (run: () => Promise<void>): Promise<Measured> => {
  let [minor, major, pauseMs, longestMs] = [0, 0, 0, 0]
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { duration, detail } = entry as PerformanceEntry & { detail: NodeGCPerformanceDetail }
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) minor++
      else major++
      pauseMs += duration
      longestMs = Math.max(longestMs, duration)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  const startMs = time.hiResClockMs()
  const startCpu = process.cpuUsage()
  await run()
  const ms = time.hiResClockMs() - startMs
  const { user, system } = process.cpuUsage(startCpu)
  // What the collector did last is reported a turn later.
  await setTimeout(50)
  observer.disconnect()
  const peakMb = process.resourceUsage().maxRSS / 1024
  return { ms, cpuMs: (user + system) / 1000, minor, major, pauseMs, longestMs, peakMb }
}

const [load, pooling] = process.argv.slice(2) as [Load, Pooling]
const run = () => (load === 'buffers' ? useBuffers(pooling) : appendRecords(load, pooling))
process.stdout.write(`${JSON.stringify(await measured(run))}\n`)
