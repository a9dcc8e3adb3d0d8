import { describe, expect, test } from 'vitest'
import { macrotask } from '#platform'
import {
  IllegalArgumentException,
  IllegalStateException,
  TimeoutException,
  WakeupException,
} from '../../src/common/errors.ts'
import { PartitionInfo } from '../../src/common/PartitionInfo.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { ConsumerRebalanceListener } from '../../src/consumer/ConsumerRebalanceListener.ts'
import { NoOffsetForPartitionException } from '../../src/consumer/NoOffsetForPartitionException.ts'
import { OffsetAndMetadata } from '../../src/consumer/OffsetAndMetadata.ts'
import { OffsetOutOfRangeException } from '../../src/consumer/OffsetOutOfRangeException.ts'
import { SubscriptionPattern } from '../../src/consumer/SubscriptionPattern.ts'
import { MockConsumer } from '../../src/testing/MockConsumer.ts'
import { covers } from '../support/covers.ts'

const p0 = new TopicPartition('test', 0)
const p1 = new TopicPartition('test', 1)

const recordAt = (offset: number, partition = 0) => ({
  topic: 'test',
  partition,
  offset,
  key: `key${offset}`,
  value: `value${offset}`,
})

/** Assigned to partition 0, which begins at 0. */
const assigned = (count = 0) => {
  const consumer = new MockConsumer<string, string>('earliest')
  consumer.assign([p0])
  consumer.updateBeginningOffsets([[p0, 0]])
  for (let offset = 0; offset < count; offset++) consumer.addRecord(recordAt(offset))
  return consumer
}

const offsetsOf = (records: Iterable<{ offset: number }>): number[] =>
  Array.from(records, ({ offset }) => offset)

describe('a mock consumer', () => {
  test('returns what was added, from its position on, and commits how far it came', async () => {
    covers('MockConsumerTest.testSimpleMock')
    const consumer = new MockConsumer<string, string>('earliest')
    consumer.subscribe(['test'])
    expect((await consumer.poll(0)).count()).toBe(0)
    await consumer.rebalance([p0, p1])
    consumer.updateBeginningOffsets([
      [p0, 0],
      [p1, 0],
    ])
    consumer.seek(p0, 0)
    consumer.addRecord(recordAt(0))
    consumer.addRecord(recordAt(1))
    const records = await consumer.poll(1)
    expect([...records].map(({ value }) => value)).toEqual(['value0', 'value1'])
    expect(await consumer.position(p0)).toBe(2)
    expect([...records.nextOffsets]).toEqual([[p0, new OffsetAndMetadata(2)]])
    await consumer.commitSync()
    expect((await consumer.committed([p0])).get(p0)?.offset).toBe(2)
  })

  test('returns no records as an empty poll', async () => {
    covers('MockConsumerTest.testConsumerRecordsIsEmptyWhenReturningNoRecords')
    const consumer = assigned(1)
    consumer.updateEndOffsets([[p0, 1]])
    consumer.seekToEnd([p0])
    const records = await consumer.poll(1)
    expect([records.count(), records.isEmpty()]).toEqual([0, true])
  })

  test('keeps what belongs to a paused partition', async () => {
    covers('MockConsumerTest.shouldNotClearRecordsForPausedPartitions')
    const consumer = assigned(1)
    consumer.pause([p0])
    expect([...consumer.paused()]).toEqual([p0])
    expect((await consumer.poll(1)).isEmpty()).toBe(true)
    consumer.resume([p0])
    const records = await consumer.poll(1)
    expect(records.count()).toBe(1)
    expect([...records.nextOffsets]).toEqual([[p0, new OffsetAndMetadata(1)]])
  })

  test('says the ends that it was told, as often as it is asked', async () => {
    covers('MockConsumerTest.endOffsetsShouldBeIdempotent')
    const consumer = new MockConsumer<string, string>('earliest')
    for (const end of [10, 11]) {
      consumer.updateEndOffsets([[p0, end]])
      for (let i = 0; i < 3; i++) expect((await consumer.endOffsets([p0])).get(p0)).toBe(end)
    }
    await expect(consumer.endOffsets([p1])).rejects.toThrow(/test-1 does not have an end offset/)
    consumer.setOffsetsException(new TimeoutException('slow'))
    await expect(consumer.endOffsets([p0])).rejects.toThrow('slow')
    expect((await consumer.endOffsets([p0])).get(p0)).toBe(11)
  })

  test('begins by duration where it was told to', async () => {
    covers('MockConsumerTest.testDurationBasedOffsetReset')
    const consumer = new MockConsumer<string, string>('by_duration:PT1H')
    consumer.subscribe(['test'])
    await consumer.rebalance([p0, p1])
    consumer.updateDurationOffsets([
      [p0, 10],
      [p1, 11],
    ])
    consumer.addRecord(recordAt(9))
    consumer.addRecord(recordAt(10))
    consumer.addRecord(recordAt(11))
    expect(offsetsOf(await consumer.poll(1))).toEqual([10, 11])
  })

  test('tells a listener what goes and what has come', async () => {
    covers('MockConsumerTest.testRebalanceListener')
    const told: string[] = []
    const listener: ConsumerRebalanceListener = {
      onPartitionsRevoked: (partitions) => void told.push(`-${partitions.join()}`),
      onPartitionsAssigned: async (partitions) => void told.push(`+${partitions.join()}`),
    }
    const consumer = new MockConsumer<string, string>('earliest')
    consumer.subscribe(['test'], listener)
    expect((await consumer.poll(0)).count()).toBe(0)
    for (const partitions of [[p0, p1], [], [p0], [p1]]) await consumer.rebalance(partitions)
    expect(told).toEqual(['+test-0,test-1', '-test-0,test-1', '+', '+test-0', '-test-0', '+test-1'])
  })

  test("takes a broker's pattern, and excludes the other ways of subscribing then", () => {
    covers('MockConsumerTest.testRe2JPatternSubscription')
    const consumer = new MockConsumer<string, string>('earliest')
    const none = null as unknown as SubscriptionPattern
    expect(() => consumer.subscribe(none)).toThrow(IllegalArgumentException)
    expect(() => consumer.subscribe(new SubscriptionPattern(''))).toThrow(IllegalArgumentException)
    const pattern = new SubscriptionPattern('t.*')
    const noListener = null as unknown as ConsumerRebalanceListener
    expect(() => consumer.subscribe(pattern, noListener)).toThrow(IllegalArgumentException)
    consumer.subscribe(pattern)
    expect(consumer.subscription().size).toBe(0)
    expect(() => consumer.subscribe(['topic1'])).toThrow(IllegalStateException)
  })

  test('returns as many records as it may', async () => {
    covers('MockConsumerTest.shouldReturnMaxPollRecords')
    const consumer = assigned(10)
    const counts: number[] = []
    consumer.setMaxPollRecords(2)
    for (let i = 0; i < 2; i++) counts.push((await consumer.poll(1)).count())
    consumer.setMaxPollRecords(Number.POSITIVE_INFINITY)
    for (let i = 0; i < 2; i++) counts.push((await consumer.poll(1)).count())
    expect(counts).toEqual([2, 2, 6, 0])
    expect(() => consumer.setMaxPollRecords(0)).toThrow(IllegalArgumentException)
  })

  test('assigns all partitions of the topics that fit a pattern', () => {
    const consumer = new MockConsumer<string, string>('earliest')
    const infos = (topic: string) => [0, 1].map((i) => new PartitionInfo(topic, i, null, [], []))
    for (const topic of ['test', 'testing', 'other']) consumer.updatePartitions(topic, infos(topic))
    consumer.subscribe(/test(ing)?/)
    expect([...consumer.subscription()]).toEqual(['test', 'testing'])
    expect([...consumer.assignment()].join()).toBe('test-0,test-1,testing-0,testing-1')
  })

  test('fails as it was told to, once, and wakes up', async () => {
    const consumer = assigned()
    consumer.setPollException(new TimeoutException('slow'))
    await expect(consumer.poll(1)).rejects.toThrow('slow')
    consumer.wakeup()
    await expect(consumer.poll(1)).rejects.toThrow(WakeupException)
    await expect(consumer.poll({ signal: AbortSignal.abort('end') })).rejects.toBe('end')
    expect((await consumer.poll({ timeoutMs: 7 })).isEmpty()).toBe(true)
    expect(consumer.lastPollTimeout()).toBe(7)
  })

  test('does one task in each poll', async () => {
    const consumer = assigned()
    consumer.schedulePollTask(() => consumer.addRecord(recordAt(0)))
    consumer.scheduleNopPollTask()
    consumer.schedulePollTask(async () => consumer.addRecord(recordAt(1)))
    const counts: number[] = []
    for (let i = 0; i < 4; i++) counts.push((await consumer.poll(1)).count())
    expect(counts).toEqual([1, 0, 1, 0])
  })

  test('knows no place to begin when it was not told one', async () => {
    const consumer = new MockConsumer<string, string>('none')
    consumer.assign([p0])
    await expect(consumer.poll(1)).rejects.toThrow(NoOffsetForPartitionException)
    const earliest = new MockConsumer<string, string>('earliest')
    earliest.assign([p0])
    await expect(earliest.poll(1)).rejects.toThrow(/not told where earliest is in test-0/)
    earliest.seek(p0, 3)
    earliest.updateBeginningOffsets([[p0, 5]])
    earliest.addRecord(recordAt(6))
    await expect(earliest.poll(1)).rejects.toThrow(OffsetOutOfRangeException)
    expect(() => new MockConsumer('whenever')).toThrow(IllegalArgumentException)
  })

  test('takes every call of a consumer, and none after close', async () => {
    const consumer = assigned(1)
    const outcomes: unknown[] = []
    consumer.commitAsync([[p0, new OffsetAndMetadata(1)]], (offsets, error) => {
      outcomes.push([...offsets.keys()].join(), error)
    })
    expect(outcomes).toEqual(['test-0', null])
    consumer.enforceRebalance('because')
    expect(consumer.shouldRebalance()).toBe(true)
    consumer.resetShouldRebalance()
    expect(consumer.shouldRebalance()).toBe(false)
    expect(consumer.groupMetadata().groupId).toBe('dummy.group.id')
    expect(consumer.currentLag(p0)).toBe(0)
    await consumer.close()
    expect(consumer.closed()).toBe(true)
    await expect(consumer.poll(0)).rejects.toThrow(IllegalStateException)
    expect(() => consumer.addRecord(recordAt(1))).toThrow(IllegalStateException)
    expect(() => assigned().addRecord(recordAt(0, 7))).toThrow(/test-7/)
  })
})

describe('a loop over the records of a mock', () => {
  test('waits for what the test adds, and ends by its signal', async () => {
    const consumer = assigned(2)
    const controller = new AbortController()
    const seen: number[] = []
    const reading = (async () => {
      for await (const { offset } of consumer.records({ signal: controller.signal })) {
        seen.push(offset)
      }
    })()
    await macrotask()
    expect(seen).toEqual([0, 1])
    consumer.addRecord(recordAt(2))
    await macrotask()
    expect(seen).toEqual([0, 1, 2])
    controller.abort()
    await reading
    expect(await consumer.position(p0)).toBe(3)
  })

  test('commits only what the body has finished, and gives the rest again', async () => {
    const consumer = assigned(5)
    for await (const { offset } of consumer.records()) {
      if (offset === 2) break
      await consumer.commitSync()
    }
    expect((await consumer.committed([p0])).get(p0)?.offset).toBe(2)
    expect(await consumer.position(p0)).toBe(2)
    expect(offsetsOf(await consumer.poll(1))).toEqual([2, 3, 4])
  })

  test('ends by the error that a poll gives', async () => {
    const consumer = assigned(1)
    const iterator = consumer.records()
    expect((await iterator.next()).value?.offset).toBe(0)
    const next = iterator.next()
    consumer.setPollException(new TimeoutException('slow'))
    await expect(next).rejects.toThrow('slow')
    expect((await iterator.next()).done).toBe(true)
  })
})
