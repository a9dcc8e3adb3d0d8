import { beforeEach, describe, expect, it } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { IllegalStateException, KafkaException } from '../../src/common/errors.ts'
import { RecordHeaders } from '../../src/common/header/RecordHeaders.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { Node } from '../../src/common/Node.ts'
import { type Random, SeededRandom } from '../../src/common/Random.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { AppendCallbacks } from '../../src/producer/internals/AppendCallbacks.ts'
import type { ProducerBatch } from '../../src/producer/internals/ProducerBatch.ts'
import type { RecordAccumulator } from '../../src/producer/internals/RecordAccumulator.ts'
import type { RecordAppendResult } from '../../src/producer/internals/RecordAppendResult.ts'
import { RecordMetadata } from '../../src/producer/RecordMetadata.ts'
import { CompressionRatioEstimator } from '../../src/record/CompressionRatioEstimator.ts'
import { CompressionType } from '../../src/record/CompressionType.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { DefaultRecord } from '../../src/record/DefaultRecord.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import {
  type AccumulatorParts,
  accumulatorWith,
  ascii,
  batchContext,
  batchOf,
  builderOf,
  RECORD_BATCH_OVERHEAD,
  RecordingCallback,
  record,
  rejectionOf,
  SequentialRandom,
  settle,
  snapshotOf,
  TOPIC,
} from './producerSupport.ts'

const node1 = new Node(0, 'localhost', 1111)
const node2 = new Node(1, 'localhost', 1112)
const NODES = [node1, node2]
const [tp1, tp2, tp3, tp4] = [0, 1, 2, 3].map((p) => new TopicPartition(TOPIC, p)) as [
  TopicPartition,
  TopicPartition,
  TopicPartition,
  TopicPartition,
]
/** node1 leads partitions 0 and 1, node2 partition 2. */
const snapshot = snapshotOf(NODES, [node1, node1, node2])
const cluster = snapshot.cluster()
const MAX_BLOCK_MS = 1000
const ANY = RecordMetadata.UNKNOWN_PARTITION
const FOREVER_MS = 2 ** 31 - 1

let time: MockTime
beforeEach(() => {
  time = new MockTime()
})

const accumulatorOf = (parts: AccumulatorParts) => accumulatorWith({ time, ...parts })

const append = (
  accumulator: RecordAccumulator,
  options: Parameters<typeof record>[0] = {},
  maxTimeToBlockMs = MAX_BLOCK_MS,
) => accumulator.append(record(options), maxTimeToBlockMs, time.milliseconds(), cluster)

const readyNodes = (accumulator: RecordAccumulator, metadata = snapshot, nowMs?: number) => [
  ...accumulator.ready(metadata, nowMs ?? time.milliseconds()).readyNodes,
]

const drain = (accumulator: RecordAccumulator, nodes = [node1], maxSize = 2 ** 31 - 1) =>
  accumulator.drain(snapshot, nodes, maxSize, time.milliseconds())

const drainOne = (accumulator: RecordAccumulator, node = node1): ProducerBatch[] =>
  drain(accumulator, [node]).get(node.id) ?? []

const partitionsOf = (drained: Map<number, ProducerBatch[]>): string[] =>
  [...drained.values()].flat().map((batch) => String(batch.topicPartition))

const recordsOf = (batch: ProducerBatch) =>
  [...batch.records().records()].map(({ key, value }) => [key, value])

/** How many records of the usual kind fit into `batchSize` bytes. */
const expectedNumAppends = (batchSize: number): number => {
  let size = 0
  for (let offset = 0; ; offset++) {
    size += DefaultRecord.sizeInBytes(offset, 0, ascii('key'), ascii('value'), [])
    if (size > batchSize) return offset
  }
}

const bytesWithPoorCompression = (random: Random, size: number) => random.nextBytes(size)

const bytesWithGoodCompression = (random: Random): Uint8Array => {
  const buffer = ByteBuffer.allocate(100)
  while (buffer.hasRemaining()) buffer.putInt(random.nextInt(1000))
  return buffer.bytes
}

describe('appending', () => {
  it('fills a batch, then begins another one, and the full one may go', () => {
    covers('RecordAccumulatorTest.testFull')
    const batchSize = 1025
    const { accumulator } = accumulatorOf({
      batchSize: batchSize + RECORD_BATCH_OVERHEAD,
      totalSize: 10 * batchSize,
      lingerMs: 10,
    })
    const appends = expectedNumAppends(batchSize)
    for (let i = 0; i < appends; i++) {
      append(accumulator)
      expect(accumulator.getDeque(tp1)?.size).toBe(1)
      expect(accumulator.getDeque(tp1)?.peekFirst()?.isClosed()).toBe(false)
      expect(readyNodes(accumulator)).toEqual([])
    }
    append(accumulator)
    expect(accumulator.getDeque(tp1)?.size).toBe(2)
    expect(readyNodes(accumulator)).toEqual([node1])
    const batches = drainOne(accumulator)
    expect(batches).toHaveLength(1)
    expect(recordsOf(batches[0]!)).toEqual(new Array(appends).fill([ascii('key'), ascii('value')]))
  })

  it('gives a record larger than a batch a batch of its own', () => {
    covers(
      'RecordAccumulatorTest.testAppendLargeCompressed',
      'RecordAccumulatorTest.testAppendLargeNonCompressed',
    )
    for (const compression of [Compression.NONE, Compression.gzip()]) {
      const { accumulator } = accumulatorOf({
        batchSize: 512 + RECORD_BATCH_OVERHEAD,
        totalSize: 10 * 1024,
        compression,
      })
      const value = new Uint8Array(1024)
      append(accumulator, { value })
      expect(readyNodes(accumulator)).toEqual([node1])
      const deque = accumulator.getDeque(tp1)!
      expect(deque.size).toBe(1)
      const [written, ...others] = deque.peekFirst()!.records().batches()
      expect([written!.baseOffset, others.length]).toEqual([0, 0])
      const [first, ...more] = written!
      expect([first!.offset, first!.timestamp, more.length]).toEqual([0, 0, 0])
      expect([first!.key, first!.value]).toEqual([ascii('key'), value])
    }
  })

  it('says when a batch is full or new, for that is when the Sender should know', () => {
    const { accumulator } = accumulatorOf({ batchSize: 128, totalSize: 1024, lingerMs: 10 })
    const results = Array.from({ length: 6 }, () => {
      const { batchIsFull, newBatchCreated, appendedBytes } = append(
        accumulator,
      ) as RecordAppendResult
      return [batchIsFull, newBatchCreated, appendedBytes > 0]
    })
    expect(results[0]).toEqual([false, true, true])
    expect(results[1]).toEqual([false, false, true])
    expect(results.at(-1)).toEqual([true, expect.any(Boolean), true])
  })

  it('appends all, in order, while somebody else sends', async () => {
    covers('RecordAccumulatorTest.testStressfulSituation')
    const { accumulator, pool } = accumulatorOf({
      batchSize: 1024 + RECORD_BATCH_OVERHEAD,
      totalSize: 10 * 1024,
    })
    const [writers, perWriter] = [5, 400]
    const write = async (writer: number): Promise<void> => {
      for (let i = 0; i < perWriter; i++) {
        const value = new Uint8Array([writer, i >> 8, i & 0xff])
        await append(accumulator, { partition: i % 2, value })
      }
    }
    const writing = Array.from({ length: writers }, (_, writer) => write(writer))
    const read = new Map<string, number[]>()
    let count = 0
    while (count < writers * perWriter) {
      await settle()
      for (const batch of drainOne(accumulator)) {
        for (const { value } of batch.records().records()) {
          const [writer, high, low] = value as unknown as [number, number, number]
          const seen = `${batch.topicPartition} of ${writer}`
          read.set(seen, [...(read.get(seen) ?? []), high * 256 + low])
          count++
        }
        accumulator.completeAndDeallocateBatch(batch)
      }
    }
    await Promise.all(writing)
    for (const numbers of read.values()) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(pool.availableMemory()).toBe(10 * 1024)
  })

  it('looks for an open batch again after it has waited for memory', async () => {
    const { accumulator, pool } = accumulatorOf({ batchSize: 256, totalSize: 512, lingerMs: 0 })
    const large = new Uint8Array(140)
    append(accumulator, { value: large })
    append(accumulator, { partition: 1, value: large })
    const waiting = [1, 2].map(() => append(accumulator, { partition: 2, value: ascii('v') }))
    expect(waiting.every((each) => each instanceof Promise)).toBe(true)
    expect(pool.queued()).toBe(2)

    for (const batch of drainOne(accumulator)) accumulator.completeAndDeallocateBatch(batch)
    const [first, second] = await Promise.all(waiting)
    expect([first!.newBatchCreated, second!.newBatchCreated]).toEqual([true, false])
    expect(first!.future).not.toBe(second!.future)
    // The second one found the batch of the first, so its memory went back.
    expect(accumulator.getDeque(tp3)?.size).toBe(1)
    expect(pool.availableMemory()).toBe(256)
  })

  it('fails one that waits for memory when the producer is closed meanwhile', async () => {
    const { accumulator, pool } = accumulatorOf({ batchSize: 256, totalSize: 256 })
    append(accumulator)
    const rejection = rejectionOf(append(accumulator, { partition: 1 }) as Promise<unknown>)
    accumulator.close()
    expect((await rejection).message).toBe('Producer closed while allocating memory')
    expect(() => append(accumulator)).toThrow('Producer closed while send in progress')
    expect([pool.queued(), pool.availableMemory()]).toEqual([0, 0])
  })
})

describe('when batches may go', () => {
  it('is after linger.ms', () => {
    covers('RecordAccumulatorTest.testLinger')
    const { accumulator } = accumulatorOf({
      batchSize: 1024 + RECORD_BATCH_OVERHEAD,
      totalSize: 10 * 1024,
      lingerMs: 10,
    })
    append(accumulator)
    expect(readyNodes(accumulator)).toEqual([])
    time.sleep(10)
    expect(readyNodes(accumulator)).toEqual([node1])
    const batches = drainOne(accumulator)
    expect(batches.map(recordsOf)).toEqual([[[ascii('key'), ascii('value')]]])
  })

  it('is told by the time until the next look', () => {
    covers('RecordAccumulatorTest.testNextReadyCheckDelay')
    const lingerMs = 10
    const batchSize = 1025
    const { accumulator } = accumulatorOf({
      batchSize: batchSize + RECORD_BATCH_OVERHEAD,
      totalSize: 10 * batchSize,
      lingerMs,
    })
    const appends = expectedNumAppends(batchSize)
    const appendTo = (partition: number, times: number) => {
      for (let i = 0; i < times; i++) append(accumulator, { partition })
    }
    const look = () => {
      const result = accumulator.ready(snapshot, time.milliseconds())
      return [[...result.readyNodes], result.nextReadyCheckDelayMs]
    }
    appendTo(0, appends)
    expect(look()).toEqual([[], lingerMs])
    time.sleep(lingerMs / 2)
    appendTo(2, appends)
    expect(look()).toEqual([[], lingerMs / 2])
    appendTo(1, appends + 1)
    const [nodes, delayMs] = look()
    expect(nodes).toEqual([node1])
    expect(delayMs).toBeLessThanOrEqual(lingerMs)
  })

  it('is at once while somebody waits for memory', () => {
    const { accumulator } = accumulatorOf({ batchSize: 128, totalSize: 128, lingerMs: 1000 })
    append(accumulator)
    expect(readyNodes(accumulator)).toEqual([])
    const waiting = append(accumulator, { partition: 2 }) as Promise<unknown>
    expect(readyNodes(accumulator)).toEqual([node1])
    accumulator.close()
    return rejectionOf(waiting)
  })

  it('is not yet when nobody leads the partition; its topic is named', () => {
    const { accumulator } = accumulatorOf({ batchSize: 128, totalSize: 1024 })
    append(accumulator)
    const result = accumulator.ready(snapshotOf(NODES, [null, node1]), time.milliseconds())
    expect([[...result.readyNodes], [...result.unknownLeaderTopics]]).toEqual([[], [TOPIC]])
  })

  it('is not while the partition is muted', () => {
    covers('RecordAccumulatorTest.testMutedPartitions')
    const { accumulator } = accumulatorOf({
      batchSize: 1025 + RECORD_BATCH_OVERHEAD,
      totalSize: 10 * 1025,
      lingerMs: 10,
    })
    append(accumulator)
    expect(readyNodes(accumulator)).toEqual([])
    time.sleep(2000)
    accumulator.mutePartition(tp1)
    expect(readyNodes(accumulator)).toEqual([])
    accumulator.unmutePartition(tp1)
    expect(readyNodes(accumulator)).toEqual([node1])
    accumulator.mutePartition(tp1)
    expect(drainOne(accumulator)).toEqual([])
    accumulator.unmutePartition(tp1)
    expect(drainOne(accumulator)).toHaveLength(1)
  })
})

describe('draining', () => {
  it('takes one batch of each partition, in turns where the request is too small for all', () => {
    covers('RecordAccumulatorTest.testDrainBatches')
    // node1 leads 0 and 1, node2 leads 2 and 3.
    const four = snapshotOf(NODES, [node1, node1, node2, node2])
    const batchSize = ascii('value').length + RECORD_BATCH_OVERHEAD
    const { accumulator } = accumulatorOf({ batchSize, totalSize: FOREVER_MS, lingerMs: 10 })
    const add = (...partitions: number[]) => {
      for (const partition of partitions) {
        accumulator.append(record({ partition }), MAX_BLOCK_MS, 0, four.cluster())
      }
    }
    const next = (maxSize: number) =>
      partitionsOf(accumulator.drain(four, NODES, maxSize, 0)).map((name) => Number(name.at(-1)))
    add(0, 1, 2, 3)
    expect(next(batchSize)).toEqual([0, 2])
    add(0, 2)
    expect(next(batchSize)).toEqual([1, 3])
    expect(next(batchSize)).toEqual([0, 2])
    add(1, 2, 3)
    accumulator.mutePartition(tp4)
    expect(next(batchSize)).toEqual([1, 2])
    add(0, 1, 2)
    accumulator.unmutePartition(tp4)
    expect(next(FOREVER_MS).toSorted()).toEqual([0, 1, 2, 3])
  })

  it('stops where the request is full', () => {
    covers('RecordAccumulatorTest.testPartialDrain')
    const { accumulator } = accumulatorOf({
      batchSize: 1024 + RECORD_BATCH_OVERHEAD,
      totalSize: 10 * 1024,
      lingerMs: 10,
    })
    const size = DefaultRecord.sizeInBytes(0, 0, ascii('key'), ascii('value'), [])
    for (const partition of [0, 1]) {
      for (let i = 0; i <= 1024 / size; i++) append(accumulator, { partition })
    }
    expect(readyNodes(accumulator)).toEqual([node1])
    expect(drain(accumulator, [node1], 1024).get(node1.id)).toHaveLength(1)
  })

  it('finds nothing for a broker that leads nothing', () => {
    covers('RecordAccumulatorTest.testDrainWithANodeThatDoesntHostAnyPartitions')
    const { accumulator } = accumulatorOf({ batchSize: 10, totalSize: 10 * 1024, lingerMs: 10 })
    const onlyOne = snapshotOf(NODES, [node1])
    expect(accumulator.drain(onlyOne, [node2], 999_999, 0).get(node2.id)).toEqual([])
  })

  it('takes each batch when its own linger is over', () => {
    covers('RecordAccumulatorTest.testSoonToExpireBatchesArePickedUpForExpiry')
    const lingerMs = 500
    const { accumulator } = accumulatorOf({
      batchSize: 1025 + RECORD_BATCH_OVERHEAD,
      totalSize: 10 * 1025,
      lingerMs,
    })
    append(accumulator)
    expect(drain(accumulator, readyNodes(accumulator)).size).toBe(0)
    time.sleep(lingerMs + 1)
    expect(partitionsOf(drain(accumulator, readyNodes(accumulator)))).toEqual([String(tp1)])
    append(accumulator, { partition: 1 })
    time.sleep(lingerMs * 4)
    expect(partitionsOf(drain(accumulator, readyNodes(accumulator)))).toEqual([String(tp2)])
  })
})

describe('trying again', () => {
  const retrying = (retryBackoffMs: number, retryBackoffMaxMs: number, lingerMs: number) => {
    const { accumulator } = accumulatorOf({
      batchSize: 1024 + RECORD_BATCH_OVERHEAD,
      totalSize: 10 * 1024,
      lingerMs,
      retryBackoffMs,
      retryBackoffMaxMs,
      deliveryTimeoutMs: FOREVER_MS,
    })
    /** What would be drained at `nowMs`. */
    const drainAt = (nowMs: number, metadata = snapshot): ProducerBatch[] => {
      const { readyNodes: nodes } = accumulator.ready(metadata, nowMs)
      return [...accumulator.drain(metadata, nodes, FOREVER_MS, nowMs).values()].flat()
    }
    return { accumulator, drainAt }
  }

  it('lets a batch wait, and others pass it meanwhile', () => {
    covers('RecordAccumulatorTest.testRetryBackoff')
    const lingerMs = FOREVER_MS / 16
    const retryBackoffMs = FOREVER_MS / 8
    const { accumulator, drainAt } = retrying(retryBackoffMs, retryBackoffMs * 10, lingerMs)
    const now = time.milliseconds()
    append(accumulator)
    const [batch, ...others] = drainAt(now + lingerMs + 1)
    expect(others).toEqual([])
    accumulator.reenqueue(batch!, now)
    append(accumulator, { partition: 1 })
    const passing = drainAt(now + lingerMs + 1)
    expect(passing.map((each) => String(each.topicPartition))).toEqual([String(tp2)])
    expect(drainAt(now + retryBackoffMs * 1.2 + 1)).toEqual([batch])
  })

  it('waits longer each time', () => {
    covers('RecordAccumulatorTest.testExponentialRetryBackoff')
    const { accumulator, drainAt } = retrying(100, 1000, FOREVER_MS / 16)
    const initial = time.milliseconds()
    append(accumulator)
    const [batch] = drainAt(initial + FOREVER_MS)
    for (let i = 0; 100 * 2 ** i * 1.2 < 1000; i++) {
      accumulator.reenqueue(batch!, initial)
      expect(drainAt(initial + Math.floor(100 * 2 ** i * 0.8) - 1)).toEqual([])
      expect(drainAt(initial + Math.floor(100 * 2 ** i * 1.2) + 1)).toEqual([batch])
    }
  })

  it('goes on counting when the leader has changed without a word of its epoch', () => {
    covers('RecordAccumulatorTest.testExponentialRetryBackoffLeaderChange')
    const { accumulator, drainAt } = retrying(100, 1000, FOREVER_MS / 16)
    const moved = snapshotOf(NODES, [node2, node1, node2])
    const initial = time.milliseconds()
    append(accumulator)
    const [batch] = drainAt(initial + FOREVER_MS)
    for (const [i, metadata] of [snapshot, snapshot, moved, moved].entries()) {
      accumulator.reenqueue(batch!, initial)
      const longestMs = Math.min(1000, Math.floor(100 * 2 ** i * 1.2))
      expect(drainAt(initial + 100 * 2 ** i * 0.8 - 1, metadata)).toEqual([])
      expect(drainAt(initial + longestMs + 1, metadata)).toEqual([batch])
    }
  })

  it('does not wait when it goes to a newer leader', () => {
    covers('RecordAccumulatorTest.testReadyAndDrainWhenABatchIsBeingRetried')
    const { accumulator, drainAt } = retrying(100, 1000, 10)
    const led = (epoch: number) => snapshotOf(NODES, [[node1, epoch]])
    let now = time.milliseconds()
    append(accumulator)
    now += 11
    const [batch] = drainAt(now, led(100))
    expect([batch!.currentLeaderEpoch(), batch!.attemptsWhenLeaderLastChanged()]).toEqual([100, 0])

    // The same leader: it backs off until the time is over.
    accumulator.reenqueue(batch!, now)
    now += 1
    expect(drainAt(now, led(100))).toEqual([])
    // A newer one: it goes at once.
    const [again] = drainAt(now, led(101))
    expect(again).toBe(batch)
    expect([batch!.currentLeaderEpoch(), batch!.attemptsWhenLeaderLastChanged()]).toEqual([101, 1])

    // That leader fails as well, and it waits longer than the first time.
    accumulator.reenqueue(batch!, now)
    expect(drainAt(now + 100, led(101))).toEqual([])
    expect(drainAt(now + 241, led(101))).toEqual([batch])
    expect(batch!.attempts()).toBe(2)
  })

  it('puts a batch back in front of those that came later', () => {
    const { accumulator, drainAt } = retrying(0, 0, 0)
    append(accumulator)
    const [batch] = drainAt(time.milliseconds())
    append(accumulator)
    accumulator.reenqueue(batch!, time.milliseconds())
    expect([...accumulator.getDeque(tp1)!][0]).toBe(batch)
    expect(accumulator.getDeque(tp1)?.size).toBe(2)
  })
})

describe('expiry', () => {
  it('takes what has waited delivery.timeout.ms, muted or not', () => {
    covers(
      'RecordAccumulatorTest.testExpiredBatchSingle',
      'RecordAccumulatorTest.testExpiredBatchSingleMaxValue',
    )
    const lingerMs = 300
    for (const deliveryTimeoutMs of [3200, FOREVER_MS]) {
      const { accumulator } = accumulatorOf({
        batchSize: 1025 + RECORD_BATCH_OVERHEAD,
        totalSize: 10 * 1025,
        lingerMs,
        deliveryTimeoutMs,
      })
      for (const mute of [false, true]) {
        append(accumulator)
        expect(readyNodes(accumulator)).toEqual([])
        time.sleep(lingerMs)
        expect(readyNodes(accumulator)).toEqual([node1])
        expect(accumulator.expiredBatches(time.milliseconds())).toEqual([])
        accumulator.resetNextBatchExpiryTime()
        accumulator.expiredBatches(time.milliseconds())
        expect(accumulator.nextExpiryTimeMs()).toBe(
          time.milliseconds() + deliveryTimeoutMs - lingerMs,
        )
        if (mute) accumulator.mutePartition(tp1)
        time.sleep(deliveryTimeoutMs - lingerMs)
        expect(accumulator.expiredBatches(time.milliseconds())).toHaveLength(1)
        expect(readyNodes(accumulator)).toEqual([])
      }
    }
  })

  const expiring = (lingerMs: number) =>
    accumulatorOf({
      batchSize: 1025 + RECORD_BATCH_OVERHEAD,
      totalSize: 10 * 1025,
      lingerMs,
      deliveryTimeoutMs: 3200,
    })

  it('comes neither early nor twice, for batches never tried, tried again, and muted', () => {
    covers('RecordAccumulatorTest.testExpiredBatches')
    const lingerMs = 30
    const { accumulator } = expiring(lingerMs)
    const expired = () => accumulator.expiredBatches(time.milliseconds()).length
    /** What expires while the partition is muted, and then while it is not. */
    const mutedAndNot = (): number[] => {
      accumulator.mutePartition(tp1)
      const muted = expired()
      accumulator.unmutePartition(tp1)
      return [muted, expired()]
    }
    for (let i = 0; i < expectedNumAppends(1025); i++) {
      append(accumulator)
      expect(readyNodes(accumulator)).toEqual([])
    }
    append(accumulator)
    expect(readyNodes(accumulator)).toEqual([node1])
    time.sleep(3200 + 1)
    expect(mutedAndNot()).toEqual([2, 0])
    expect(readyNodes(accumulator)).toEqual([])
    time.sleep(lingerMs + 61)
    expect(mutedAndNot()).toEqual([0, 0])

    // One that is tried again.
    append(accumulator)
    time.sleep(lingerMs)
    expect(readyNodes(accumulator)).toEqual([node1])
    const [batch, ...others] = drainOne(accumulator)
    expect(others).toEqual([])
    time.sleep(1000)
    accumulator.reenqueue(batch!, time.milliseconds())
    time.sleep(60 + 100)
    expect(expired()).toBe(0)
    time.sleep(1)
    expect(mutedAndNot()).toEqual([0, 0])

    // One behind it, while the broker throttles: neither is over its time.
    append(accumulator)
    time.sleep(lingerMs)
    expect(readyNodes(accumulator)).toEqual([node1])
    time.sleep(60 + 1)
    expect(mutedAndNot()).toEqual([0, 0])
    time.sleep(100)
    expect(expired()).toBe(0)
    expect(readyNodes(accumulator)).toEqual([node1])
  })

  it('takes one that was tried again only if it could not be sent once more', () => {
    covers('RecordAccumulatorTest.testExpiredBatchesRetry')
    const [lingerMs, roundTripMs] = [3000, 1000]
    const { accumulator } = expiring(lingerMs)
    for (const mute of [false, true]) {
      append(accumulator)
      time.sleep(lingerMs)
      expect(readyNodes(accumulator)).toEqual([node1])
      const [batch, ...others] = drainOne(accumulator)
      expect(others).toEqual([])
      time.sleep(roundTripMs)
      accumulator.reenqueue(batch!, time.milliseconds())
      if (mute) accumulator.mutePartition(tp1)
      time.sleep(3200 - roundTripMs)
      drainOne(accumulator)
      expect(accumulator.expiredBatches(time.milliseconds())).toHaveLength(mute ? 1 : 0)
    }
  })

  it('is counted from when the batch was made, whatever was tried meanwhile', () => {
    const { accumulator } = expiring(0)
    append(accumulator)
    time.sleep(1000)
    const [batch] = drainOne(accumulator)
    accumulator.reenqueue(batch!, time.milliseconds())
    time.sleep(2199)
    expect(accumulator.expiredBatches(time.milliseconds())).toEqual([])
    time.sleep(1)
    expect(accumulator.expiredBatches(time.milliseconds())).toEqual([batch])
  })
})

describe('flush', () => {
  it('makes every batch ready, and waits until all have their outcome', async () => {
    covers('RecordAccumulatorTest.testFlush')
    const { accumulator } = accumulatorOf({
      batchSize: 4 * 1024 + RECORD_BATCH_OVERHEAD,
      totalSize: 64 * 1024,
      lingerMs: FOREVER_MS,
    })
    for (let i = 0; i < 100; i++) append(accumulator, { partition: i % 3 })
    expect(readyNodes(accumulator)).toEqual([])

    accumulator.beginFlush()
    let flushed = false
    const flushing = accumulator.awaitFlushCompletion().then(() => {
      flushed = true
    })
    const drained = drain(accumulator, readyNodes(accumulator))
    expect(partitionsOf(drained)).toHaveLength(3)
    for (const batch of [...drained.values()].flat()) {
      await settle()
      expect([flushed, accumulator.flushInProgress()]).toEqual([false, true])
      batch.complete(0, -1)
      accumulator.completeAndDeallocateBatch(batch)
    }
    await flushing
    expect(accumulator.flushInProgress()).toBe(false)
    expect([accumulator.hasUndrained(), accumulator.incomplete.isEmpty()]).toEqual([false, true])
  })

  it('waits for the parts of a batch that was split meanwhile', async () => {
    const { accumulator } = accumulatorOf({ batchSize: 1024, totalSize: 10_240, lingerMs: 10 })
    for (let i = 0; i < 3; i++) append(accumulator, { value: new Uint8Array(300) })
    accumulator.beginFlush()
    let flushed = false
    const flushing = accumulator.awaitFlushCompletion().then(() => {
      flushed = true
    })
    const [big] = drainOne(accumulator)
    Object.defineProperty(big, 'isSplitBatch', { value: true })
    accumulator.splitAndReenqueue(big!)
    accumulator.completeBatch(big!)
    await settle()
    expect(flushed).toBe(false)
    for (let batches = drainOne(accumulator); batches.length > 0; ) {
      batches[0]!.complete(0, -1)
      batches = drainOne(accumulator)
    }
    await flushing
    expect(flushed).toBe(true)
  })
})

describe('a forced close', () => {
  it('fails every batch without outcome, drained or not', () => {
    covers('RecordAccumulatorTest.testAbortIncompleteBatches')
    const { accumulator, pool } = accumulatorOf({
      batchSize: 128 + RECORD_BATCH_OVERHEAD,
      totalSize: 64 * 1024,
      lingerMs: FOREVER_MS,
    })
    const callback = new RecordingCallback()
    for (let i = 0; i < 100; i++) append(accumulator, { partition: i % 3, callback: callback.fn })
    const drained = [...drain(accumulator, readyNodes(accumulator)).values()].flat()
    expect(accumulator.hasUndrained()).toBe(true)
    expect(drained.every((batch) => batch.isClosed())).toBe(true)
    drained[0]!.inflight = true

    accumulator.abortIncompleteBatches()
    expect(callback.calls).toHaveLength(100)
    expect(new Set(callback.calls.map(({ exception }) => exception?.message))).toEqual(
      new Set(['Producer is closed forcefully.']),
    )
    expect([accumulator.hasUndrained(), accumulator.incomplete.isEmpty()]).toEqual([false, true])
    // What a request may still be reading from is not in the pool.
    expect(pool.availableMemory()).toBe(64 * 1024 - (128 + RECORD_BATCH_OVERHEAD))
  })
})

describe('memory', () => {
  it('is not given back while a request is in flight, and not twice', () => {
    const { accumulator, pool, logger } = accumulatorOf({ batchSize: 256, totalSize: 1024 })
    append(accumulator)
    const [batch] = drainOne(accumulator)
    batch!.inflight = true
    expect(() => accumulator.deallocate(batch!)).toThrow(IllegalStateException)
    // The budget is whole again, but with another buffer.
    expect(pool.availableMemory()).toBe(1024)
    expect(pool.allocate(256, 0)).not.toBe(batch!.buffer())
    batch!.inflight = false
    accumulator.deallocate(batch!)
    expect(logger.messages('warn')[0]).toContain('given back before')
  })
})

describe('splitting', () => {
  it('puts the parts in the place of the batch, in order', async () => {
    covers('RecordAccumulatorTest.testSplitAndReenqueue')
    const { accumulator } = accumulatorOf({
      batchSize: 1024,
      totalSize: 10 * 1024,
      compression: Compression.gzip(),
      lingerMs: 10,
    })
    const now = time.milliseconds()
    const context = batchContext(time)
    const batch = batchOf(tp1, { createdMs: now, bufferSize: 4096, isSplitBatch: true, context })
    const callback = new RecordingCallback()
    const value = new Uint8Array(1024)
    const futures = [1, 2].map(
      () => batch.tryAppend(record({ key: null, value, callback: callback.fn }), now)!,
    )
    batch.close()
    accumulator.reenqueue(batch, now)
    time.sleep(121)
    expect(drain(accumulator, readyNodes(accumulator)).get(0)).toEqual([batch])
    expect(accumulator.splitAndReenqueue(batch)).toBe(2)
    time.sleep(101)
    for (const [i, future] of futures.entries()) {
      const [part] = drainOne(accumulator)
      part!.complete(i, 100)
      expect([callback.calls.length, future.isDone()]).toEqual([i + 1, true])
      expect((await future).offset).toBe(i)
    }
  })

  const splitting = (batchSize: number, totalSize: number, lingerMs: number) => {
    const estimator = new CompressionRatioEstimator()
    const compression = Compression.gzip()
    const made = accumulatorOf({ batchSize, totalSize, compression, lingerMs, estimator })
    return { ...made, estimator }
  }

  it('takes no memory of the pool for the parts', () => {
    covers('RecordAccumulatorTest.testSplitBatchOffAccumulator')
    const { accumulator, pool, estimator } = splitting(1024, 3 * 1024, 0)
    // A ratio that these records do not live up to, so the batch comes out too large.
    estimator.setEstimation(TOPIC, CompressionType.GZIP, 0.1)
    const random = new SeededRandom(5)
    for (let i = 0; i < 20; i++) {
      append(accumulator, { key: null, value: bytesWithPoorCompression(random, 100) })
    }
    const [batch, ...others] = drainOne(accumulator)
    expect(others).toEqual([])
    const parts = accumulator.splitAndReenqueue(batch!)
    accumulator.completeAndDeallocateBatch(batch!)
    expect(parts).toBeGreaterThan(1)
    expect(estimator.estimation(TOPIC, CompressionType.GZIP)).toBeGreaterThanOrEqual(1)
    for (let i = 0; i < parts; i++) expect(drainOne(accumulator)).toHaveLength(1)
    expect(readyNodes(accumulator)).toEqual([])
    expect(pool.availableMemory()).toBe(3 * 1024)
  })

  it('is rarely needed, because the ratio is learnt', () => {
    covers('RecordAccumulatorTest.testSplitFrequency')
    const batchSize = 1024
    const { accumulator, estimator } = splitting(batchSize, 3 * 1024, 10)
    const random = new SeededRandom(11)
    const completeOrSplit = (): { split: number; batches: number } => {
      const count = { split: 0, batches: 0 }
      for (;;) {
        const drained = [...drain(accumulator, readyNodes(accumulator)).values()].flat()
        if (drained.length === 0) return count
        for (const batch of drained) {
          count.batches++
          if (batch.estimatedSizeInBytes() > batchSize + RECORD_BATCH_OVERHEAD) {
            accumulator.splitAndReenqueue(batch)
            count.split++
          } else {
            batch.complete(0, 0)
          }
          accumulator.completeAndDeallocateBatch(batch)
        }
      }
    }
    for (const goodPercentage of [1, 20, 40, 60, 80, 99]) {
      estimator.resetEstimation(TOPIC)
      const total = { split: 0, batches: 0 }
      for (let i = 0; i <= 1000; i++) {
        const good = random.nextInt(100) < goodPercentage
        const value = good
          ? bytesWithGoodCompression(random)
          : bytesWithPoorCompression(random, 100)
        if (i < 1000) append(accumulator, { key: null, value }, 0)
        else time.sleep(10)
        const { split, batches } = completeOrSplit()
        total.split += split
        total.batches += batches
      }
      expect(total.split / total.batches).toBeLessThan(0.1)
    }
  })

  it('ends at single records, losing none', () => {
    covers('RecordAccumulatorTest.testSplitAndReenqueuePreventInfiniteRecursion')
    const { accumulator } = accumulatorOf({
      batchSize: 1024 * 1024,
      totalSize: 10 * 1024 * 1024,
      compression: Compression.gzip(),
      lingerMs: 10,
    })
    const createdMs = time.milliseconds()
    const bufferSize = 1024 * 1024
    const big = batchOf(tp1, { createdMs, bufferSize, isSplitBatch: true })
    for (let i = 0; i < 100; i++) {
      const key = new Uint8Array([i])
      big.tryAppend(record({ key, value: new Uint8Array(1024) }), createdMs)
    }
    big.close()
    accumulator.reenqueue(big, createdMs)
    const deque = accumulator.getDeque(tp1)!
    for (let splits = 0; splits < 100; splits++) {
      const largest = [...deque].toSorted((a, b) => b.recordCount - a.recordCount)[0]!
      if (largest.recordCount === 1) break
      deque.remove(largest)
      accumulator.splitAndReenqueue(largest)
    }
    expect(new Set([...deque].map((batch) => batch.recordCount))).toEqual(new Set([1]))
    const keys = [...deque].flatMap((batch) =>
      [...batch.records().records()].map(({ key }) => key![0]!),
    )
    expect(keys.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  it('rests on a batch always taking its first record, and no more when that was too large', () => {
    covers(
      'RecordAccumulatorTest.testHasRoomForAllowsOversizedFirstRecordButRejectsSubsequentRecords',
    )
    const builder = builderOf({ bufferSize: 1024 })
    const large = new Uint8Array(4 * 1024)
    expect(builder.hasRoomFor(0, null, large)).toBe(true)
    builder.append(0, null, large)
    expect(builder.numRecords).toBe(1)
    expect(builder.hasRoomFor(0, null, large)).toBe(false)
    expect(builder.hasRoomFor(0, null, new Uint8Array(100))).toBe(false)
  })
})

describe('records without partition', () => {
  /** A callback that says which partition was chosen. */
  const noting = () => {
    const interceptors = { onAcknowledgement: () => {} }
    return new AppendCallbacks(null, interceptors, new RecordHeaders(), new RecordingLogger())
  }

  it('go to one partition until its batch is full, then to the next', () => {
    covers('RecordAccumulatorTest.testUniformBuiltInPartitioner')
    const random = new SequentialRandom()
    const batchSize = 1024
    const { accumulator } = accumulatorOf({ batchSize, totalSize: 1024 * 1024, random })
    const callback = noting()
    const produce = (value: Uint8Array): number[] => {
      append(accumulator, { partition: ANY, key: null, value, callback })
      return [callback.partition, random.drawn]
    }
    expect(produce(ascii('value'))).toEqual([0, 1])
    // Beyond the sticky size, but the batch is not full: the switch is held back.
    const large = new Uint8Array(batchSize)
    expect(produce(large)).toEqual([0, 1])
    expect(produce(large)).toEqual([1, 2])
    expect(produce(large)).toEqual([2, 3])
    expect(produce(large)).toEqual([0, 4])
  })

  it('go where queues are short, and not to brokers that take nothing', () => {
    covers('RecordAccumulatorTest.testAdaptiveBuiltInPartitioner')
    const random = new SequentialRandom()
    const batchSize = 128
    const { accumulator } = accumulatorOf({
      batchSize,
      totalSize: 1024 * 1024,
      retryBackoffMs: 0,
      retryBackoffMaxMs: 0,
      enableAdaptivePartitioning: true,
      partitionAvailabilityTimeoutMs: 100,
      random,
    })
    const value = new Uint8Array(batchSize)
    const queueSizes = [1, 7, 2]
    for (const [partition, size] of queueSizes.entries()) {
      for (let i = 0; i < size; i++) append(accumulator, { partition, key: null, value })
    }
    accumulator.ready(snapshot, time.milliseconds())
    const callback = noting()
    const produce = (): number => {
      append(accumulator, { partition: ANY, key: null, value, callback })
      return callback.partition
    }
    produce()
    const partitioner = accumulator.queues.getTopicInfo(TOPIC)!.builtInPartitioner
    const frequencies = [0, 0, 0]
    const rounds = 2
    const total = partitioner.loadStatsRangeEnd() * rounds
    for (let i = 0; i < total; i++) frequencies[produce()]!++
    expect(frequencies).toEqual(queueSizes.map((size) => (8 - size) * rounds))

    // node1, which leads partitions 0 and 1, has taken nothing for 200 ms.
    accumulator.nodeStats.update(0, time.milliseconds() - 200, true)
    accumulator.nodeStats.update(0, time.milliseconds(), false)
    accumulator.ready(snapshot, time.milliseconds())
    produce()
    expect(Array.from({ length: 10 }, produce)).toEqual(new Array(10).fill(2))
  })

  it('do not leave fragments behind, however long the linger is', () => {
    covers('RecordAccumulatorTest.testBuiltInPartitionerFractionalBatches')
    const batchSize = 512
    const random = new SeededRandom(2)
    const { accumulator } = accumulatorOf({
      batchSize,
      totalSize: 1024 * 1024,
      lingerMs: 10,
      random,
    })
    const value = new Uint8Array(32)
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < (batchSize * 2) / 3 / 32 - 1; i++) {
        append(accumulator, { partition: ANY, key: null, value })
      }
      time.sleep(10)
      const nodes = readyNodes(accumulator)
      expect(nodes).toHaveLength(1)
      const batches = [...drain(accumulator, nodes).values()].flat()
      expect(batches).toHaveLength(1)
      const bytes = batches[0]!.records().sizeInBytes
      expect(bytes).toBeGreaterThan(batchSize / 2)
      expect(bytes).toBeLessThan(batchSize)
    }
  })
})

it('reports a record that cannot be written, and keeps no memory for it', () => {
  const { accumulator, pool } = accumulatorOf({ batchSize: 128, totalSize: 1024 })
  expect(() => append(accumulator, { timestamp: -5 })).toThrow(KafkaException)
  expect(pool.availableMemory()).toBe(1024)
  expect(accumulator.incomplete.isEmpty()).toBe(true)
})
