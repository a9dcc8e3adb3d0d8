/**
 * What chapter 06 says of the accumulator, checked on the real one. The tests are the sender: they
 * append, move the clock, ask who is ready, and take. A batch has room for five records of 100
 * bytes and lingers for 5 ms unless a test says otherwise.
 */

import { describe, expect, test } from 'vitest'
import type { ProducerBatch } from '../../src/producer/internals/ProducerBatch.ts'
import { NEVER_MS } from '../../src/producer/internals/ReadyCheck.ts'
import { RecordMetadata } from '../../src/producer/RecordMetadata.ts'
import { CompressionRatioEstimator } from '../../src/record/CompressionRatioEstimator.ts'
import { CompressionType } from '../../src/record/CompressionType.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { covers } from '../../test/support/covers.ts'
import { note } from '../../test/support/notes.ts'
import { batchOf, TOPIC, Workbench } from './workbench.ts'

const ANY_PARTITION = RecordMetadata.UNKNOWN_PARTITION

/** Records in each batch of partition 0, from first to last. */
const queued = (bench: Workbench): number[] =>
  Array.from(bench.deque(0), ({ recordCount }) => recordCount)

const partitionsOf = (batches: readonly ProducerBatch[]): number[] =>
  batches.map(({ topicPartition }) => topicPartition.partition)

/** Everything that follows at once, however many promises deep. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

describe('appending', () => {
  test('a record joins the open batch; one without room closes it and begins another', () => {
    covers('RecordAccumulatorTest.testFull')
    const bench = new Workbench({ leaders: [1] })
    const made = Array.from({ length: 4 }, () => bench.send(0).newBatchCreated)
    expect([made, queued(bench)]).toEqual([[true, false, false, false], [4]])
    bench.send(0, { bytes: 200 })
    bench.send(0)
    // The room for a fifth small one in the first batch is given up: it would overtake.
    expect(queued(bench)).toEqual([4, 2])
    expect(bench.deque(0).peekFirst()!.isFull()).toBe(true)
  })

  test('a record larger than a batch gets a batch of its own, as large as it needs', () => {
    covers('RecordAccumulatorTest.testAppendLargeNonCompressed')
    const bench = new Workbench({ leaders: [1], batchSize: batchOf(1) })
    bench.send(0, { bytes: 1000 })
    expect(queued(bench)).toEqual([1])
    expect(bench.deque(0).peekFirst()!.estimatedSizeInBytes()).toBeGreaterThan(1000)
    // It lingers like any other: its memory was an upper bound, so by a few bytes it is not full.
    expect(bench.ready().nextReadyCheckDelayMs).toBe(5)
    bench.send(0)
    expect(queued(bench)).toEqual([1, 1])
  })

  test('who waited for memory looks again, and joins the batch that was made meanwhile', async () => {
    note('N56', 'holds with a condition', 'the count is for threads; one event loop needs none')
    const bench = new Workbench({ leaders: [1, 1], memory: 2 * batchOf(5) })
    bench.sendMany(1, 10)
    const waiting = [bench.trySend(0), bench.trySend(0)]
    expect(bench.pool.queued()).toBe(2)

    bench.acknowledge(bench.drain(1)[0]!)
    bench.acknowledge(bench.drain(1)[0]!)
    const made = (await Promise.all(waiting)).map(({ newBatchCreated }) => newBatchCreated)
    expect(made).toEqual([true, false])
    expect(queued(bench)).toEqual([2])
    // The second one did not need its memory any more, so it went back.
    expect(bench.pool.availableMemory()).toBe(batchOf(5))
  })

  test('a record without partition goes round again when its partition has had enough', () => {
    note('N56', 'holds with a condition', 'the loop runs again when the partition has moved')
    const bench = new Workbench({ leaders: [1, 1], batchSize: batchOf(5) })
    for (let i = 0; i < 20; i++) bench.send(ANY_PARTITION)
    // Whole batches everywhere: nobody was moved on in the middle of one.
    const counts = [0, 1].flatMap((p) =>
      Array.from(bench.deque(p), ({ recordCount }) => recordCount),
    )
    expect(new Set(counts)).toEqual(new Set([5]))
    expect(counts).toHaveLength(4)
  })
})

describe('how full a batch is', () => {
  const { GZIP } = CompressionType
  const gzip = (ratio: number) => {
    const estimator = new CompressionRatioEstimator()
    estimator.setEstimation(TOPIC, GZIP, ratio)
    return {
      estimator,
      bench: new Workbench({ leaders: [1], compression: Compression.gzip(), estimator }),
    }
  }

  test('is an estimate, learnt from closed batches: bad news at once, good news slowly', () => {
    covers('CompressionRatioEstimatorTest.testUpdateEstimation')
    const fitting = (ratio: number): number => {
      const { bench } = gzip(ratio)
      while (bench.deque(0).size < 2) bench.send(0)
      return queued(bench)[0]!
    }
    expect([fitting(1), fitting(0.5)]).toEqual([4, 8])

    const good = gzip(0.5)
    good.bench.send(0)
    good.bench.drain(1)
    // Zeros compress to far less than half; the guess takes one small step.
    expect(good.estimator.estimation(TOPIC, GZIP)).toBe(0.495)

    const bad = gzip(0.1)
    bad.bench.send(0, { value: Uint8Array.from({ length: 90 }, (_, i) => (i * 89) % 251) })
    const [batch] = bad.bench.drain(1)
    expect(bad.estimator.estimation(TOPIC, GZIP)).toBe(batch!.compressionRatio())
    expect(batch!.compressionRatio()).toBeGreaterThan(0.9)
  })
})

describe('a broker is ready', () => {
  const reasons: Record<string, (bench: Workbench) => unknown> = {
    'because a batch is full': (bench) => bench.sendMany(0, 5),
    'because another batch stands behind it': (bench) => {
      bench.sendMany(0, 3)
      bench.send(0, { bytes: 300 })
    },
    'because a batch has lingered': (bench) => {
      bench.send(0)
      bench.pass(5)
    },
    'because memory is exhausted and somebody waits for it': (bench) => {
      bench.sendMany(1, 5)
      bench.drain(1)
      bench.send(0)
      void bench.trySend(1)
    },
    'because somebody flushes': (bench) => {
      bench.send(0)
      bench.accumulator.beginFlush()
    },
    'because the producer is closing': (bench) => {
      bench.send(0)
      bench.accumulator.close()
    },
  }

  test.each([
    ['because a batch is full', 'full'],
    ['because another batch stands behind it', 'full'],
    ['because a batch has lingered', 'lingered'],
    ['because memory is exhausted and somebody waits for it', 'exhausted'],
    ['because somebody flushes', 'flush'],
    ['because the producer is closing', 'closed'],
  ])('for a reason that it can name: %s', (name, why) => {
    note('N9', 'holds with a condition', 'there are more reasons to leave, and two vetoes')
    note('N58', 'holds with a condition', 'also: a batch behind it, no memory, flush, close')
    const bench = new Workbench({ leaders: [1, 1], memory: 2 * batchOf(5) })
    reasons[name]!(bench)
    expect(bench.readyBrokers()).toEqual([1])
    expect(bench.reasons).toEqual([`1:orders-0:${why}`])
  })

  test('not before linger.ms is over, and it says when to look again', () => {
    covers('RecordAccumulatorTest.testLinger', 'RecordAccumulatorTest.testNextReadyCheckDelay')
    note('N9', 'holds with a condition', 'whichever comes first: here it is the time')
    const bench = new Workbench({ leaders: [1, 2] })
    bench.send(0)
    bench.pass(2)
    bench.send(1)
    expect([bench.readyBrokers(), bench.ready().nextReadyCheckDelayMs]).toEqual([[], 3])
    bench.pass(3)
    expect(bench.readyBrokers()).toEqual([1])
    bench.pass(2)
    expect(bench.readyBrokers()).toEqual([1, 2])
  })

  test('not while the batch backs off after a failed try, however full the queue behind it', () => {
    covers('RecordAccumulatorTest.testRetryBackoff')
    note('N58', 'holds with a condition', 'a batch that backs off stays, and all behind it')
    const bench = new Workbench({ leaders: [1], retryBackoffMs: 100 })
    bench.sendMany(0, 15)
    const [failed] = bench.drain(1)
    bench.accumulator.reenqueue(failed!, bench.nowMs)
    bench.pass(99)
    expect([bench.readyBrokers(), bench.drain(1)]).toEqual([[], []])
    bench.pass(1)
    expect(bench.readyBrokers()).toEqual([1])
    expect(bench.drain(1)).toEqual([failed])
  })

  test('without a back-off when another broker leads: the trouble was with the old one', () => {
    covers('RecordAccumulatorTest.testReadyAndDrainWhenABatchIsBeingRetried')
    const bench = new Workbench({ leaders: [1, 2], retryBackoffMs: 100 })
    bench.sendMany(0, 5)
    const [failed] = bench.drain(1)
    bench.accumulator.reenqueue(failed!, bench.nowMs)
    expect(bench.readyBrokers()).toEqual([])
    bench.elect(0, 2)
    expect(bench.readyBrokers()).toEqual([2])
    expect(bench.drain(2)).toEqual([failed])
  })

  test('not for a muted partition, and no passing of time will change that', () => {
    covers('RecordAccumulatorTest.testMutedPartitions')
    note('N58', 'holds with a condition', 'a muted partition has its one request in flight')
    const bench = new Workbench({ leaders: [1] })
    bench.sendMany(0, 5)
    const { topicPartition } = bench.deque(0)
    bench.accumulator.mutePartition(topicPartition)
    expect([bench.readyBrokers(), bench.drain(1)]).toEqual([[], []])
    expect(bench.ready().nextReadyCheckDelayMs).toBe(NEVER_MS)
    bench.accumulator.unmutePartition(topicPartition)
    expect(bench.readyBrokers()).toEqual([1])
  })

  test('never for a partition that nobody leads; its topic is named instead', () => {
    const bench = new Workbench({ leaders: [null] })
    bench.sendMany(0, 5)
    const { readyNodes, unknownLeaderTopics } = bench.ready()
    expect([[...readyNodes], [...unknownLeaderTopics]]).toEqual([[], [TOPIC]])
  })
})

describe('drain', () => {
  test('takes the first batch of each partition, closed, whatever made the broker ready', () => {
    const bench = new Workbench({ leaders: [1, 1, 2] })
    bench.sendMany(0, 10)
    bench.send(1)
    bench.send(2)
    const drained = bench.drain(1)
    expect(partitionsOf(drained)).toEqual([0, 1])
    // The single record has waited for nothing, and goes: the request is paid for anyway.
    expect(drained.map(({ recordCount }) => recordCount)).toEqual([5, 1])
    expect(drained.map((batch) => batch.isClosed())).toEqual([true, true])
  })

  test('begins the next request with the partition that had no room in the last one', () => {
    covers('RecordAccumulatorTest.testPartialDrain', 'RecordAccumulatorTest.testDrainBatches')
    const bench = new Workbench({ leaders: [1, 1, 1, 1, 1] })
    for (const partition of [0, 1, 2, 3, 4]) bench.sendMany(partition, 15)
    const requests = Array.from({ length: 5 }, () => partitionsOf(bench.drain(1, 2 * batchOf(5))))
    expect(requests).toEqual([
      [0, 1],
      [2, 3],
      [4, 0],
      [1, 2],
      [3, 4],
    ])
    // A single batch above the limit goes alone, or it would never go.
    expect(bench.drain(1, 10)).toHaveLength(1)
  })

  test('takes a batch that was given back before those that came later', () => {
    const bench = new Workbench({ leaders: [1], retryBackoffMs: 0, retryBackoffMaxMs: 0 })
    bench.sendMany(0, 15)
    const [first] = bench.drain(1)
    bench.accumulator.reenqueue(first!, bench.nowMs)
    const order = Array.from({ length: 3 }, () => bench.drain(1)[0]!)
    expect(order[0]).toBe(first)
    expect(order.map(({ createdMs }) => createdMs)).toEqual([0, 0, 0])
    expect(bench.accumulator.hasUndrained()).toBe(false)
  })
})

describe('expiry', () => {
  test('is counted from when the batch was made, however often it was tried', () => {
    covers('RecordAccumulatorTest.testExpiredBatches')
    const bench = new Workbench({ leaders: [1], deliveryTimeoutMs: 1000 })
    bench.send(0)
    bench.pass(5)
    const [batch] = bench.drain(1)
    bench.pass(795)
    bench.accumulator.reenqueue(batch!, bench.nowMs)
    bench.pass(199)
    expect(bench.accumulator.expiredBatches(bench.nowMs)).toEqual([])
    expect(bench.accumulator.nextExpiryTimeMs()).toBe(1000)
    bench.pass(1)
    expect(bench.accumulator.expiredBatches(bench.nowMs)).toEqual([batch])
  })

  test('takes from the front of each queue, and stops at the first batch that has time', () => {
    covers('RecordAccumulatorTest.testExpiredBatchSingle')
    const bench = new Workbench({ leaders: [1, 1], deliveryTimeoutMs: 1000 })
    bench.sendMany(0, 10)
    bench.send(1)
    bench.accumulator.mutePartition(bench.deque(0).topicPartition)
    bench.pass(400)
    bench.send(0)
    bench.pass(600)
    const expired = bench.accumulator.expiredBatches(bench.nowMs)
    // Muting holds nothing back here: it is about sending.
    expect(partitionsOf(expired)).toEqual([0, 0, 1])
    expect(queued(bench)).toEqual([1])
    expect(bench.accumulator.nextExpiryTimeMs()).toBe(1400)
  })
})

describe('a batch that the broker finds too large', () => {
  test('is replaced by its parts, in order, and they get smaller until they are accepted', async () => {
    covers('RecordAccumulatorTest.testSplitAndReenqueue')
    const bench = new Workbench({ leaders: [1], batchSize: batchOf(8), lingerMs: 0 })
    const futures = Array.from({ length: 8 }, () => bench.send(0).future)
    bench.send(0)
    const refuse = () => {
      const [batch] = bench.drain(1)
      bench.accumulator.splitAndReenqueue(batch!)
      bench.accumulator.completeAndDeallocateBatch(batch!)
      return queued(bench)
    }
    // First to batch.size, which changes nothing without a codec; then to half of what it is.
    expect(refuse()).toEqual([8, 1])
    expect(refuse()).toEqual([3, 3, 2, 1])
    for (const baseOffset of [0, 3, 6]) bench.drain(1)[0]!.complete(baseOffset, -1)
    const offsets = (await Promise.all(futures)).map(({ offset }) => offset)
    expect(offsets).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })
})

describe('flush and abort', () => {
  test('a flush waits for the batches of its moment, and not for those that come later', async () => {
    covers('RecordAccumulatorTest.testFlush')
    const bench = new Workbench({ leaders: [1, 1], lingerMs: 1000 })
    bench.send(0)
    bench.send(1)
    bench.accumulator.beginFlush()
    let over = false
    const flushing = bench.accumulator.awaitFlushCompletion().then(() => {
      over = true
    })
    const [first, second] = bench.drain(1)
    bench.send(0)
    bench.acknowledge(first!)
    await settle()
    expect([over, bench.readyBrokers()]).toEqual([false, [1]])
    bench.acknowledge(second!)
    await flushing
    expect([over, bench.readyBrokers(), queued(bench)]).toEqual([true, [], [1]])
  })

  test('an abort fails every batch; the memory of one in flight stays out of the pool', () => {
    covers('RecordAccumulatorTest.testAbortIncompleteBatches')
    const bench = new Workbench({ leaders: [1], memory: 4 * batchOf(5) })
    const errors: string[] = []
    const callback = (_: unknown, error: Error | null) => errors.push(error?.message ?? 'none')
    for (let i = 0; i < 10; i++) bench.send(0, { callback })
    bench.drain(1)[0]!.inflight = true
    bench.accumulator.abortIncompleteBatches()
    expect(errors).toEqual(new Array(10).fill('Producer is closed forcefully.'))
    expect(bench.accumulator.incomplete.isEmpty()).toBe(true)
    expect(bench.pool.availableMemory()).toBe(3 * batchOf(5))
  })
})

describe('adaptive weights', () => {
  test('draw records to short queues, and away from a broker that takes nothing', () => {
    covers('RecordAccumulatorTest.testAdaptiveBuiltInPartitioner')
    note('N59', 'holds with a condition', 'only with partitioner.availability.timeout.ms above 0')
    const shares = (availability: number): number[] => {
      const bench = new Workbench({
        leaders: [1, 2],
        batchSize: batchOf(1),
        enableAdaptivePartitioning: true,
        partitionAvailabilityTimeoutMs: availability,
      })
      bench.sendMany(0, 1)
      bench.sendMany(1, 9)
      // Broker 1 was ready and could not be sent to, for 200 ms.
      bench.accumulator.nodeStats.update(1, bench.nowMs, true)
      bench.pass(200)
      bench.accumulator.nodeStats.update(1, bench.nowMs, false)
      bench.ready()
      for (let i = 0; i < 100; i++) bench.send(ANY_PARTITION)
      return [bench.deque(0).size - 1, bench.deque(1).size - 9]
    }
    // Weights 9 and 1; nothing is kept of brokers while the time-out is 0, the default.
    const [short, long] = shares(0)
    expect(short).toBeGreaterThan(5 * long!)
    // The first records still go where they were going before the look.
    expect(shares(100)[1]).toBeGreaterThanOrEqual(98)
  })
})
