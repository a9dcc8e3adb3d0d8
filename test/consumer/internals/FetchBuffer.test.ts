import { beforeEach, expect, test } from 'vitest'
import type { FetchedPartitionData } from '../../../src/clients/FetchResponse.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import type { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionSet } from '../../../src/common/TopicPartitionSet.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { CompletedFetch } from '../../../src/consumer/internals/CompletedFetch.ts'
import { FetchBuffer } from '../../../src/consumer/internals/FetchBuffer.ts'
import { SubscriptionState } from '../../../src/consumer/internals/SubscriptionState.ts'
import { covers } from '../../support/covers.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { fetchedPartition, metricAggregator, tp0, tp1, tp2 } from '../support/ConsumerHarness.ts'

const logger = new RecordingLogger()
const trace = new TraceBus(new MockTime()).from('test')
const subscriptions = new SubscriptionState(logger, AutoOffsetResetStrategy.EARLIEST)
let buffer: FetchBuffer

beforeEach(() => {
  buffer = new FetchBuffer(logger, trace)
})

const completedFetch = (partition: TopicPartition): CompletedFetch =>
  new CompletedFetch({
    partition,
    partitionData: fetchedPartition(partition) as FetchedPartitionData,
    fetchOffset: 0,
    metricAggregator: metricAggregator(partition),
    subscriptions,
    logger,
    trace,
  })

test('what came first is handed out first', () => {
  covers('FetchBufferTest.testBasicPeekAndPoll')
  const fetch = completedFetch(tp0)
  expect(buffer.isEmpty()).toBe(true)
  buffer.add(fetch)
  buffer.add(completedFetch(tp1))
  expect(buffer.hasCompletedFetches(({ partition }) => partition === tp1)).toBe(true)
  expect(buffer.isEmpty()).toBe(false)
  expect(buffer.peek()).toBe(fetch)
  expect(buffer.poll()).toBe(fetch)
  buffer.poll()
  expect(buffer.peek()).toBe(null)
  expect(buffer.poll()).toBe(null)
})

test('closing empties it, and twice is only worth a warning', () => {
  covers('FetchBufferTest.testCloseClearsData')
  buffer.add(completedFetch(tp0))
  buffer.setNextInLineFetch(completedFetch(tp1))
  buffer.close()
  expect(buffer.nextInLineFetch()).toBe(null)
  expect(buffer.isEmpty()).toBe(true)
  buffer.close()
  expect(logger.messages('warn')).toEqual(['The fetch buffer was already closed'])
})

test('what is being handed out counts as buffered until it is consumed', () => {
  covers('FetchBufferTest.testBufferedPartitions')
  buffer.setNextInLineFetch(completedFetch(tp0))
  buffer.add(completedFetch(tp1))
  buffer.add(completedFetch(tp2))
  expect([...buffer.bufferedPartitions()]).toEqual([tp0, tp1, tp2])
  buffer.nextInLineFetch()!.drain()
  expect([...buffer.bufferedPartitions()]).toEqual([tp1, tp2])
  buffer.poll()
  expect([...buffer.bufferedPartitions()]).toEqual([tp2])
})

test('what is of other partitions is dropped unopened', () => {
  covers('FetchBufferTest.testAddAllAndRetainAll')
  const fetches = [tp0, tp1, tp2].map(completedFetch)
  buffer.setNextInLineFetch(fetches[0]!)
  buffer.addAll(fetches.slice(1))
  buffer.retainAll(new TopicPartitionSet([tp0, tp1]))
  expect([...buffer.bufferedPartitions()]).toEqual([tp0, tp1])
  buffer.retainAll(new TopicPartitionSet([tp1]))
  expect([...buffer.bufferedPartitions()]).toEqual([tp1])
  expect(buffer.nextInLineFetch()).toBe(null)
  buffer.retainAll(new TopicPartitionSet())
  expect(buffer.isEmpty()).toBe(true)
  expect(fetches.every((fetch) => fetch.isConsumed())).toBe(true)
})
