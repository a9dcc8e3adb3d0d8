import { beforeEach, describe, expect, test } from 'vitest'
import type { FetchedPartitionData } from '../../../src/clients/FetchResponse.ts'
import { TopicAuthorizationException } from '../../../src/common/errors/ApiExceptions.ts'
import { IllegalStateException, KafkaException } from '../../../src/common/errors.ts'
import { StringDeserializer } from '../../../src/common/serialization/StringDeserializer.ts'
import type { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { CompletedFetch } from '../../../src/consumer/internals/CompletedFetch.ts'
import { Deserializers } from '../../../src/consumer/internals/Deserializers.ts'
import { FetchBuffer } from '../../../src/consumer/internals/FetchBuffer.ts'
import { FetchCollector } from '../../../src/consumer/internals/FetchCollector.ts'
import type { FetchConfig } from '../../../src/consumer/internals/FetchConfig.ts'
import { OffsetOutOfRangeException } from '../../../src/consumer/OffsetOutOfRangeException.ts'
import { Errors, type Errors as WireError } from '../../../src/protocol/Errors.ts'
import { ControlRecordType } from '../../../src/record/ControlRecordType.ts'
import { covers } from '../../support/covers.ts'
import {
  batch,
  ConsumerHarness,
  concat,
  type FetchedOptions,
  fetchedPartition,
  metricAggregator,
  tp0,
  tp1,
  transaction,
} from '../support/ConsumerHarness.ts'

let harness: ConsumerHarness
let buffer: FetchBuffer
let collector: FetchCollector<string, string>

const setUp = (config: Partial<FetchConfig> = {}, reset = AutoOffsetResetStrategy.EARLIEST) => {
  harness = new ConsumerHarness({ fetchConfig: { maxPollRecords: 10, ...config }, reset })
  const { logger, trace, time, metadata, subscriptions, fetchConfig } = harness
  buffer = new FetchBuffer(logger, trace)
  collector = new FetchCollector({
    logger,
    trace,
    time,
    metadata,
    subscriptions,
    fetchConfig,
    metricsManager: harness.fetchMetrics.manager,
    deserializers: new Deserializers(new StringDeserializer(), new StringDeserializer()),
  })
}

const assignAndSeek = (...partitions: TopicPartition[]) => {
  harness.assign(...partitions)
  for (const partition of partitions) harness.subscriptions.seek(partition, 0)
}

const arrive = (
  partition: TopicPartition,
  options: FetchedOptions,
  fetchOffset = 0,
): CompletedFetch => {
  const { subscriptions, logger, trace } = harness
  const fetch = new CompletedFetch({
    partition,
    partitionData: fetchedPartition(partition, options) as FetchedPartitionData,
    fetchOffset,
    metricAggregator: metricAggregator(partition),
    subscriptions,
    logger,
    trace,
  })
  buffer.add(fetch)
  return fetch
}

beforeEach(() => setUp())

describe('collecting', () => {
  test('takes at most max.poll.records, and moves the position with them', () => {
    covers('FetchCollectorTest.testFetchNormal')
    assignAndSeek(tp0)
    const completed = arrive(tp0, { records: batch({ count: 15 }), highWatermark: 1000 })
    expect(completed.isInitialized()).toBe(false)

    const first = collector.collectFetch(buffer)
    expect(first.numRecords()).toBe(10)
    expect(first.positionAdvanced()).toBe(true)
    expect(first.nextOffsets().get(tp0)?.offset).toBe(10)
    expect(completed.isInitialized()).toBe(true)
    expect(completed.isConsumed()).toBe(false)
    expect(harness.position(tp0)).toBe(10)
    expect(harness.subscriptions.partitionLag(tp0, 'read_uncommitted')).toBe(990)

    const second = collector.collectFetch(buffer)
    expect(second.numRecords()).toBe(5)
    expect(harness.position(tp0)).toBe(15)

    const third = collector.collectFetch(buffer)
    expect(third.isEmpty()).toBe(true)
    expect(completed.isConsumed()).toBe(true)
    expect(buffer.isEmpty()).toBe(true)
  })

  test('goes over to the next partition when one is done', () => {
    assignAndSeek(tp0, tp1)
    arrive(tp0, { records: batch({ count: 4 }) })
    arrive(tp1, { records: batch({ count: 4 }) })
    const fetch = collector.collectFetch(buffer)
    expect([...fetch.records().keys()]).toEqual([tp0, tp1])
    expect(fetch.numRecords()).toBe(8)
  })

  test('takes note of a replica that the leader recommends', () => {
    covers('FetchCollectorTest.testFetchWithReadReplica')
    assignAndSeek(tp0)
    arrive(tp0, { records: batch(), preferredReadReplica: 67 })
    collector.collectFetch(buffer)
    expect(harness.subscriptions.preferredReadReplica(tp0, harness.time.milliseconds())).toBe(67)
  })

  test('gives nothing of a partition that has no valid position', () => {
    covers('FetchCollectorTest.testNoResultsIfInitializing')
    harness.assign(tp0)
    const completed = arrive(tp0, { records: batch() })
    expect(collector.collectFetch(buffer).isEmpty()).toBe(true)
    expect(completed.isInitialized()).toBe(false)
    expect(buffer.isEmpty()).toBe(true)
  })

  test('keeps what is paused, and gives it when it is resumed', () => {
    covers('FetchCollectorTest.testFetchingPausedPartitionsYieldsNoRecords')
    assignAndSeek(tp0)
    const completed = arrive(tp0, { records: batch() })
    buffer.setNextInLineFetch(buffer.poll())
    completed.setInitialized()
    harness.subscriptions.pause(tp0)
    expect(collector.collectFetch(buffer).isEmpty()).toBe(true)
    expect(buffer.nextInLineFetch()).toBe(null)
    expect(buffer.peek()).toBe(completed)
    harness.subscriptions.resume(tp0)
    expect(collector.collectFetch(buffer).numRecords()).toBe(3)
  })

  test('drops what was fetched from elsewhere than the position', () => {
    covers('FetchCollectorTest.testCollectFetchInitializationWithNullPosition')
    assignAndSeek(tp0)
    arrive(tp0, { records: batch({ count: 10 }) }, 5)
    expect(collector.collectFetch(buffer).isEmpty()).toBe(true)
    expect(harness.position(tp0)).toBe(0)

    arrive(tp0, { records: batch({ count: 10 }) })
    harness.subscriptions.requestOffsetReset(tp0)
    expect(collector.collectFetch(buffer).isEmpty()).toBe(true)
    expect(buffer.isEmpty()).toBe(true)
  })

  test.each([
    [
      'high watermark',
      'FetchCollectorTest.testCollectFetchInitializationWithUpdateHighWatermarkOnNotAssignedPartition',
    ],
    [
      'log start offset',
      'FetchCollectorTest.testCollectFetchInitializationWithUpdateLogStartOffsetOnNotAssignedPartition',
    ],
    [
      'last stable offset',
      'FetchCollectorTest.testCollectFetchInitializationWithUpdateLastStableOffsetOnNotAssignedPartition',
    ],
    [
      'preferred replica',
      'FetchCollectorTest.testCollectFetchInitializationWithUpdatePreferredReplicaOnNotAssignedPartition',
    ],
  ] as const)('gives nothing when the partition goes while its %s is noted', (what, scenario) => {
    covers(scenario)
    assignAndSeek(tp0)
    const { subscriptions } = harness
    // Gone between the check of the position and the update, as another loop could do it.
    if (what === 'high watermark') subscriptions.tryUpdatingHighWatermark = () => false
    if (what === 'log start offset') subscriptions.tryUpdatingLogStartOffset = () => false
    if (what === 'last stable offset') subscriptions.tryUpdatingLastStableOffset = () => false
    if (what === 'preferred replica') subscriptions.tryUpdatingPreferredReadReplica = () => false
    const completed = arrive(tp0, {
      records: batch(),
      highWatermark: 10,
      logStartOffset: 0,
      lastStableOffset: 10,
      preferredReadReplica: 3,
    })
    expect(collector.collectFetch(buffer).isEmpty()).toBe(true)
    expect(completed.isInitialized()).toBe(false)
  })

  test('skips what was aborted when only committed records are wanted', () => {
    covers('FetchCollectorTest.testReadCommittedWithAbortedTransaction')
    setUp({ isolationLevel: 'read_committed' })
    assignAndSeek(tp0)
    const records = concat(
      transaction(ControlRecordType.ABORT, { producerId: 1n }),
      batch({ baseOffset: 4, count: 2 }),
    )
    arrive(tp0, { records, abortedTransactions: [{ producerId: 1n, firstOffset: 0 }] })
    const fetch = collector.collectFetch(buffer)
    expect(
      fetch
        .records()
        .get(tp0)
        ?.map((record) => record.offset),
    ).toEqual([4, 5])
    expect(harness.position(tp0)).toBe(6)
  })

  test('advances the position also when all that came was aborted', () => {
    setUp({ isolationLevel: 'read_committed' })
    assignAndSeek(tp0)
    arrive(tp0, {
      records: transaction(ControlRecordType.ABORT, { producerId: 1n }),
      abortedTransactions: [{ producerId: 1n, firstOffset: 0 }],
    })
    const fetch = collector.collectFetch(buffer)
    expect(fetch.numRecords()).toBe(0)
    expect(fetch.positionAdvanced()).toBe(true)
    expect(fetch.isEmpty()).toBe(false)
    expect(harness.position(tp0)).toBe(4)
  })
})

describe('errors', () => {
  const failWith = (error: WireError, records?: Uint8Array): CompletedFetch => {
    assignAndSeek(tp0)
    return arrive(tp0, { error, ...(records && { records }) })
  }

  test('while a fetch is opened leave it where it is if it has records, and take it away if not', () => {
    covers('FetchCollectorTest.testErrorInInitialize')
    for (const [records, stays] of [
      [batch(), true],
      [new Uint8Array(0), false],
    ] as const) {
      setUp()
      failWith(Errors.TOPIC_AUTHORIZATION_FAILED, records)
      expect(() => collector.collectFetch(buffer)).toThrow(TopicAuthorizationException)
      expect(buffer.isEmpty()).toBe(!stays)
    }
  })

  test.each([
    Errors.NOT_LEADER_OR_FOLLOWER,
    Errors.REPLICA_NOT_AVAILABLE,
    Errors.KAFKA_STORAGE_ERROR,
    Errors.FENCED_LEADER_EPOCH,
    Errors.OFFSET_NOT_AVAILABLE,
    Errors.UNKNOWN_TOPIC_OR_PARTITION,
    Errors.UNKNOWN_TOPIC_ID,
    Errors.INCONSISTENT_TOPIC_ID,
  ])('%s asks for metadata and goes back to the leader', (error) => {
    covers('FetchCollectorTest.testFetchWithMetadataRefreshErrors')
    failWith(error)
    harness.subscriptions.updatePreferredReadReplica(tp0, 5, () => Number.MAX_SAFE_INTEGER)
    expect(collector.collectFetch(buffer).isEmpty()).toBe(true)
    expect(harness.metadata.updateRequested()).toBe(true)
    expect(harness.subscriptions.preferredReadReplica(tp0, 0)).toBe(null)
  })

  test('a partition with one goes to the end, so that others come first in the next request', () => {
    for (const [error, order] of [
      [Errors.NOT_LEADER_OR_FOLLOWER, [tp1, tp0]],
      [Errors.NONE, [tp0, tp1]],
    ] as const) {
      setUp()
      assignAndSeek(tp0, tp1)
      arrive(tp0, { error })
      collector.collectFetch(buffer)
      expect(harness.subscriptions.fetchablePartitions(() => true)).toEqual(order)
    }
  })

  test('OFFSET_OUT_OF_RANGE resets the offset', () => {
    covers('FetchCollectorTest.testFetchWithOffsetOutOfRange')
    failWith(Errors.OFFSET_OUT_OF_RANGE)
    expect(collector.collectFetch(buffer).isEmpty()).toBe(true)
    expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(true)
  })

  test('OFFSET_OUT_OF_RANGE of a follower goes back to the leader first', () => {
    covers('FetchCollectorTest.testFetchWithOffsetOutOfRangeWithPreferredReadReplica')
    failWith(Errors.OFFSET_OUT_OF_RANGE)
    harness.subscriptions.updatePreferredReadReplica(tp0, 5, () => Number.MAX_SAFE_INTEGER)
    expect(collector.collectFetch(buffer).isEmpty()).toBe(true)
    expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(false)
    expect(harness.subscriptions.preferredReadReplica(tp0, 0)).toBe(null)
  })

  test('OFFSET_OUT_OF_RANGE is raised when no policy says what to do', () => {
    setUp({}, AutoOffsetResetStrategy.NONE)
    failWith(Errors.OFFSET_OUT_OF_RANGE)
    try {
      collector.collectFetch(buffer)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(OffsetOutOfRangeException)
      const exception = error as OffsetOutOfRangeException
      expect(exception.offsetOutOfRangePartitions.get(tp0)).toBe(0)
      expect(exception.partitions()).toEqual([tp0])
    }
  })

  test('OFFSET_OUT_OF_RANGE of an old position is ignored', () => {
    covers(
      'FetchCollectorTest.testCollectFetchInitializationOffsetOutOfRangeErrorWithNullPosition',
      'FetchCollectorTest.testCollectFetchInitializationOffsetOutOfRangeErrorWithOffsetReset',
    )
    failWith(Errors.OFFSET_OUT_OF_RANGE)
    harness.subscriptions.seek(tp0, 5)
    expect(collector.collectFetch(buffer).isEmpty()).toBe(true)
    expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(false)

    // Here the caller has asked for a reset of his own: it stays his.
    failWith(Errors.OFFSET_OUT_OF_RANGE)
    harness.subscriptions.requestOffsetReset(tp0, AutoOffsetResetStrategy.LATEST)
    expect(collector.collectFetch(buffer).isEmpty()).toBe(true)
    expect(harness.subscriptions.resetStrategy(tp0)).toBe(AutoOffsetResetStrategy.LATEST)
  })

  test('TOPIC_AUTHORIZATION_FAILED names the topic', () => {
    covers('FetchCollectorTest.testFetchWithTopicAuthorizationFailed')
    failWith(Errors.TOPIC_AUTHORIZATION_FAILED)
    expect(() => collector.collectFetch(buffer)).toThrow(/topic 'test'/)
  })

  test('UNKNOWN_LEADER_EPOCH and UNKNOWN_SERVER_ERROR are tried again', () => {
    covers(
      'FetchCollectorTest.testFetchWithUnknownLeaderEpoch',
      'FetchCollectorTest.testFetchWithUnknownServerError',
    )
    for (const error of [Errors.UNKNOWN_LEADER_EPOCH, Errors.UNKNOWN_SERVER_ERROR]) {
      setUp()
      failWith(error)
      expect(collector.collectFetch(buffer).isEmpty()).toBe(true)
      expect(harness.subscriptions.isFetchable(tp0)).toBe(true)
    }
  })

  test('CORRUPT_MESSAGE is raised', () => {
    covers('FetchCollectorTest.testFetchWithCorruptMessage')
    failWith(Errors.CORRUPT_MESSAGE)
    expect(() => collector.collectFetch(buffer)).toThrow(
      expect.objectContaining({ constructor: KafkaException }),
    )
  })

  test('an error that no fetch should have is a bug, and said to be one', () => {
    covers('FetchCollectorTest.testFetchWithOtherErrors')
    for (const error of [
      Errors.INVALID_GROUP_ID,
      Errors.REBALANCE_IN_PROGRESS,
      Errors.CLUSTER_AUTHORIZATION_FAILED,
    ]) {
      setUp()
      failWith(error)
      expect(() => collector.collectFetch(buffer)).toThrow(IllegalStateException)
    }
  })

  test('never hide the records before them: those come first, the error with the next call', () => {
    assignAndSeek(tp0, tp1)
    arrive(tp0, { records: batch() })
    arrive(tp1, { error: Errors.TOPIC_AUTHORIZATION_FAILED })
    expect(collector.collectFetch(buffer).numRecords()).toBe(3)
    expect(() => collector.collectFetch(buffer)).toThrow(TopicAuthorizationException)
    expect(collector.collectFetch(buffer).isEmpty()).toBe(true)
  })

  test('bytes without a single batch are no progress', () => {
    assignAndSeek(tp0)
    arrive(tp0, { records: new Uint8Array(7) })
    expect(() => collector.collectFetch(buffer)).toThrow(KafkaException)
    expect(() => collector.collectFetch(buffer)).toThrow(/no complete records/)
  })
})
