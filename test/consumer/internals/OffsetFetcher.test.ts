import { beforeEach, describe, expect, test } from 'vitest'
import { TopicAuthorizationException } from '../../../src/common/errors/ApiExceptions.ts'
import { TimeoutException } from '../../../src/common/errors.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionMap } from '../../../src/common/TopicPartitionMap.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type Errors as WireError } from '../../../src/protocol/Errors.ts'
import type {
  ListOffsetsRequestData,
  ListOffsetsResponseInput,
} from '../../../src/protocol/messages/ListOffsets.ts'
import { covers } from '../../support/covers.ts'
import {
  ConsumerHarness,
  type HarnessOptions,
  metadataResponse,
  nodes,
  topicId,
  topicName,
  tp0,
  tp1,
} from '../support/ConsumerHarness.ts'

const { EARLIEST, LATEST } = AutoOffsetResetStrategy
let harness: ConsumerHarness

const setUp = (options: HarnessOptions<Uint8Array, Uint8Array> = {}): void => {
  harness = new ConsumerHarness(options)
  harness.assign(tp0)
}
beforeEach(() => setUp())

interface Found {
  readonly offset?: number
  readonly timestamp?: number
  readonly error?: WireError
  readonly leaderEpoch?: number
}
const offsetsOf = (...found: (readonly [TopicPartition, Found])[]): ListOffsetsResponseInput => ({
  topics: found.map(([{ topic, partition }, answer]) => ({
    name: topic,
    partitions: [
      {
        partitionIndex: partition,
        errorCode: answer.error?.code ?? 0,
        offset: answer.error ? -1 : (answer.offset ?? -1),
        timestamp: answer.timestamp ?? -1,
        leaderEpoch: answer.leaderEpoch ?? -1,
      },
    ],
  })),
})

/** Prepares an answer, and notes the question. */
const prepare = (
  answer: ListOffsetsResponseInput,
  options: { disconnected?: boolean; onRequest?: (request: ListOffsetsRequestData) => void } = {},
): ListOffsetsRequestData[] => {
  const asked: ListOffsetsRequestData[] = []
  harness.client.prepareResponse(ApiKeys.LIST_OFFSETS, answer, {
    disconnected: options.disconnected ?? false,
    matcher: (request) => {
      asked.push(request)
      options.onRequest?.(request)
      return true
    },
  })
  return asked
}
const timestampOf = (request: ListOffsetsRequestData | undefined): number | undefined =>
  request?.topics[0]?.partitions[0]?.timestamp

/** Asks for what is missing, and lets the answer arrive. */
const resetPositions = async (): Promise<void> => {
  harness.offsetFetcher.resetPositionsIfNeeded()
  await harness.consumerClient.pollNoWakeup()
}

describe('a missing position', () => {
  test('is not asked for when there is one', () => {
    covers('OffsetFetcherTest.testUpdateFetchPositionNoOpWithPositionSet')
    harness.seek(tp0, 5)
    harness.offsetFetcher.resetPositionsIfNeeded()
    expect(harness.client.hasInFlightRequests()).toBe(false)
    expect(harness.position(tp0)).toBe(5)
  })

  test.each([
    ['EARLIEST', EARLIEST, -2, 'OffsetFetcherTest.testUpdateFetchPositionResetToEarliestOffset'],
    ['LATEST', LATEST, -1, 'OffsetFetcherTest.testUpdateFetchPositionResetToLatestOffset'],
  ] as const)('is found by %s', async (_, strategy, timestamp, scenario) => {
    covers(scenario)
    harness.subscriptions.requestOffsetReset(tp0, strategy)
    const asked = prepare(offsetsOf([tp0, { offset: 5, timestamp: 1 }]))
    await resetPositions()
    expect(timestampOf(asked[0])).toBe(timestamp)
    expect(asked[0]).toMatchObject({ replicaId: -1, isolationLevel: 0 })
    expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(false)
    expect(harness.subscriptions.isFetchable(tp0)).toBe(true)
    expect(harness.position(tp0)).toBe(5)
  })

  test('is found by the policy when the caller has not said', async () => {
    covers('OffsetFetcherTest.testUpdateFetchPositionResetToDefaultOffset')
    harness.subscriptions.resetInitializingPositions()
    const asked = prepare(offsetsOf([tp0, { offset: 5 }]))
    await resetPositions()
    expect(timestampOf(asked[0])).toBe(-2)
    expect(harness.position(tp0)).toBe(5)
  })

  test('is found by a duration before now', async () => {
    covers('OffsetFetcherTest.testUpdateFetchPositionResetToDurationOffset')
    harness.subscriptions.requestOffsetReset(
      tp0,
      AutoOffsetResetStrategy.fromString('by_duration:PT1H'),
    )
    const asked = prepare(offsetsOf([tp0, { offset: 5 }]))
    await resetPositions()
    expect(timestampOf(asked[0])).toBe(harness.time.milliseconds() - 3_600_000)
    expect(harness.position(tp0)).toBe(5)
  })

  test('of a paused partition is found too', async () => {
    covers(
      'OffsetFetcherTest.testUpdateFetchPositionOfPausedPartitionsRequiringOffsetReset',
      'OffsetFetcherTest.testUpdateFetchPositionOfPausedPartitionsWithoutAValidPosition',
      'OffsetFetcherTest.testUpdateFetchPositionOfPausedPartitionsWithAValidPosition',
    )
    harness.subscriptions.pause(tp0)
    expect(harness.subscriptions.hasValidPosition(tp0)).toBe(false)
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    prepare(offsetsOf([tp0, { offset: 10 }]))
    await resetPositions()
    expect(harness.subscriptions.isFetchable(tp0)).toBe(false)
    expect(harness.subscriptions.hasValidPosition(tp0)).toBe(true)
    expect(harness.position(tp0)).toBe(10)
    harness.offsetFetcher.resetPositionsIfNeeded()
    expect(harness.client.hasInFlightRequests()).toBe(false)
  })

  test('is asked for again, after a pause, while leaders change', async () => {
    covers('OffsetFetcherTest.testFetchOffsetErrors')
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    for (const error of [Errors.OFFSET_NOT_AVAILABLE, Errors.LEADER_NOT_AVAILABLE]) {
      prepare(offsetsOf([tp0, { error }]))
      await resetPositions()
      expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(true)
      expect(harness.subscriptions.isFetchable(tp0)).toBe(false)
      harness.offsetFetcher.resetPositionsIfNeeded()
      expect(harness.consumerClient.hasPendingRequests()).toBe(false)
      await harness.time.sleep(100)
    }
    prepare(offsetsOf([tp0, { offset: 5 }]))
    await resetPositions()
    expect(harness.position(tp0)).toBe(5)
  })

  test('is asked of the new leader', async () => {
    covers('OffsetFetcherTest.testresetPositionsMetadataRefresh')
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    prepare(offsetsOf([tp0, { error: Errors.NOT_LEADER_OR_FOLLOWER }]))
    await resetPositions()
    expect(harness.metadata.updateRequested()).toBe(true)
    harness.client.prepareMetadataUpdate(
      metadataResponse({ topics: { [topicName]: 4 }, topicIds: { [topicName]: topicId } }),
    )
    await harness.consumerClient.pollNoWakeup()
    expect(harness.client.hasPendingMetadataUpdates()).toBe(false)
    await harness.time.sleep(100)
    prepare(offsetsOf([tp0, { offset: 5 }]))
    await resetPositions()
    expect(harness.position(tp0)).toBe(5)
  })

  test('waits for a node that cannot be reached', async () => {
    covers('OffsetFetcherTest.testresetPositionsSkipsBlackedOutConnections')
    harness.subscriptions.requestOffsetReset(tp0, EARLIEST)
    const node = harness.metadata.fetch().nodes[0]!
    harness.client.backoff(node, 500)
    await resetPositions()
    expect(harness.consumerClient.pendingRequestCount()).toBe(0)
    expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(true)
    await harness.time.sleep(500)
    prepare(offsetsOf([tp0, { offset: 5 }]))
    await resetPositions()
    expect(harness.position(tp0)).toBe(5)
  })

  test('is asked for again when the connection is lost', async () => {
    covers('OffsetFetcherTest.testUpdateFetchPositionDisconnect')
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    prepare(offsetsOf([tp0, { offset: 5 }]), { disconnected: true })
    await resetPositions()
    expect(harness.subscriptions.hasValidPosition(tp0)).toBe(false)
    await resetPositions()
    expect(harness.client.hasInFlightRequests()).toBe(false)
    await harness.time.sleep(100)
    prepare(offsetsOf([tp0, { offset: 5 }]))
    await resetPositions()
    expect(harness.position(tp0)).toBe(5)
  })

  test('that we may not ask for is told to whoever asks for positions next, once', async () => {
    covers('OffsetFetcherTest.testResetOffsetsAuthorizationFailure')
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    prepare(offsetsOf([tp0, { error: Errors.TOPIC_AUTHORIZATION_FAILED }]))
    await resetPositions()
    expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(true)
    expect(() => harness.offsetFetcher.resetPositionsIfNeeded()).toThrow(
      TopicAuthorizationException,
    )
    await harness.time.sleep(100)
    prepare(offsetsOf([tp0, { offset: 5 }]))
    await resetPositions()
    expect(harness.position(tp0)).toBe(5)
  })

  test('is asked for with the isolation level', async () => {
    covers(
      'OffsetFetcherTest.testListOffsetSendsReadUncommitted',
      'OffsetFetcherTest.testListOffsetSendsReadCommitted',
    )
    for (const [isolationLevel, id] of [
      ['read_uncommitted', 0],
      ['read_committed', 1],
    ] as const) {
      setUp({ fetchConfig: { isolationLevel } })
      harness.subscriptions.requestOffsetReset(tp0, LATEST)
      const asked = prepare(offsetsOf([tp0, { offset: 5 }]))
      await resetPositions()
      expect(asked[0]!.isolationLevel).toBe(id)
      expect(harness.position(tp0)).toBe(5)
    }
  })
})

describe('an answer that comes late', () => {
  test('does nothing for a partition that was dropped', async () => {
    covers('OffsetFetcherTest.testAssignmentChangeWithInFlightReset')
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    await resetPositions()
    harness.assign(tp1)
    harness.client.respond(ApiKeys.LIST_OFFSETS, offsetsOf([tp0, { offset: 5 }]))
    await harness.consumerClient.pollNoWakeup()
    expect(harness.subscriptions.isAssigned(tp0)).toBe(false)
  })

  test('does nothing when the caller has seeked meanwhile', async () => {
    covers('OffsetFetcherTest.testSeekWithInFlightReset')
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    await resetPositions()
    harness.seek(tp0, 237)
    harness.client.respond(ApiKeys.LIST_OFFSETS, offsetsOf([tp0, { offset: 5 }]))
    await harness.consumerClient.pollNoWakeup()
    expect(harness.position(tp0)).toBe(237)
  })

  test('does nothing when another reset was asked for meanwhile', async () => {
    covers('OffsetFetcherTest.testChangeResetWithInFlightReset')
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    await resetPositions()
    harness.subscriptions.requestOffsetReset(tp0, EARLIEST)
    harness.client.respond(ApiKeys.LIST_OFFSETS, offsetsOf([tp0, { offset: 5 }]))
    await harness.consumerClient.pollNoWakeup()
    expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(true)
    expect(harness.subscriptions.resetStrategy(tp0)).toBe(EARLIEST)
  })

  test('counts when the same reset was asked for again', async () => {
    covers('OffsetFetcherTest.testIdempotentResetWithInFlightReset')
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    await resetPositions()
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    harness.client.respond(ApiKeys.LIST_OFFSETS, offsetsOf([tp0, { offset: 5 }]))
    await harness.consumerClient.pollNoWakeup()
    expect(harness.position(tp0)).toBe(5)
  })

  test('of an earlier reset gives way to the later one', async () => {
    covers('OffsetFetcherTest.testEarlierOffsetResetArrivesLate')
    harness.subscriptions.requestOffsetReset(tp0, EARLIEST)
    prepare(offsetsOf([tp0, { offset: 0 }]), {
      onRequest: () => harness.subscriptions.requestOffsetReset(tp0, LATEST),
    })
    await resetPositions()
    expect(harness.subscriptions.resetStrategy(tp0)).toBe(LATEST)
    const asked = prepare(offsetsOf([tp0, { offset: 10 }]))
    await resetPositions()
    expect(timestampOf(asked[0])).toBe(-1)
    expect(harness.position(tp0)).toBe(10)
  })
})

describe('the leader epoch', () => {
  test('goes along with the question', async () => {
    covers('OffsetFetcherTest.testGetOffsetsIncludesLeaderEpoch')
    harness.updateMetadata({ leaderEpoch: () => 99 })
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    const asked = prepare(offsetsOf([tp0, { offset: 5 }]))
    await resetPositions()
    expect(asked[0]!.topics[0]!.partitions[0]!.currentLeaderEpoch).toBe(99)
  })

  test('of the answer is noted when it is newer', async () => {
    covers('OffsetFetcherTest.testListOffsetUpdateEpoch')
    harness.updateMetadata({ leaderEpoch: () => 1 })
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    prepare(offsetsOf([tp0, { offset: 5, leaderEpoch: 2 }]))
    await resetPositions()
    expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(false)
    expect(harness.metadata.updateRequested()).toBe(true)
    expect(harness.metadata.lastSeenLeaderEpoch(tp0)).toBe(2)
  })

  test('may be missing in the answer', async () => {
    covers('OffsetFetcherTest.testListOffsetNoUpdateMissingEpoch')
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    prepare(offsetsOf([tp0, { offset: 5 }]))
    await resetPositions()
    expect(harness.metadata.lastSeenLeaderEpoch(tp0)).toBe(null)
    expect(harness.position(tp0)).toBe(5)
  })

  test.each([
    [Errors.FENCED_LEADER_EPOCH, 'OffsetFetcherTest.testGetOffsetsFencedLeaderEpoch'],
    [Errors.UNKNOWN_LEADER_EPOCH, 'OffsetFetcherTest.testGetOffsetsUnknownLeaderEpoch'],
  ])('that the broker answers with %s to is asked for anew', async (error, scenario) => {
    covers(scenario)
    harness.subscriptions.requestOffsetReset(tp0, LATEST)
    prepare(offsetsOf([tp0, { error }]))
    await resetPositions()
    expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(true)
    expect(harness.subscriptions.isFetchable(tp0)).toBe(false)
    expect(harness.metadata.updateRequested()).toBe(true)
  })
})

describe('a caller who wants to know', () => {
  const timer = (ms = 5000) => harness.time.timer(ms)
  const times = (...entries: [TopicPartition, number][]) => new TopicPartitionMap(entries)

  test.each([
    [
      'beginning',
      -2,
      'OffsetFetcherTest.testBeginningOffsets',
      'OffsetFetcherTest.testBeginningOffsetsEmpty',
    ],
    ['end', -1, 'OffsetFetcherTest.testEndOffsets', 'OffsetFetcherTest.testEndOffsetsEmpty'],
  ] as const)('learns the %s of a log', async (which, timestamp, scenario, ofNothing) => {
    covers(scenario, ofNothing)
    const ask = (partitions: TopicPartition[]) =>
      which === 'beginning'
        ? harness.offsetFetcher.beginningOffsets(partitions, timer())
        : harness.offsetFetcher.endOffsets(partitions, timer())
    const asked = prepare(offsetsOf([tp0, { offset: 2 }]))
    expect([...(await ask([tp0]))]).toEqual([[tp0, 2]])
    expect(timestampOf(asked[0])).toBe(timestamp)
    expect((await ask([])).size).toBe(0)
  })

  test('may ask twice for one partition, and for several', async () => {
    covers(
      'OffsetFetcherTest.testBeginningOffsetsDuplicateTopicPartition',
      'OffsetFetcherTest.testBeginningOffsetsMultipleTopicPartitions',
      'OffsetFetcherTest.testEndOffsetsDuplicateTopicPartition',
      'OffsetFetcherTest.testEndOffsetsMultipleTopicPartitions',
    )
    for (const ask of [
      (partitions: TopicPartition[]) => harness.offsetFetcher.beginningOffsets(partitions, timer()),
      (partitions: TopicPartition[]) => harness.offsetFetcher.endOffsets(partitions, timer()),
    ]) {
      const asked = prepare(offsetsOf([tp0, { offset: 2 }]))
      expect((await ask([tp0, new TopicPartition(topicName, 0)])).size).toBe(1)
      expect(asked[0]!.topics[0]!.partitions).toHaveLength(1)
      prepare(offsetsOf([tp0, { offset: 2 }], [tp1, { offset: 4 }]))
      const offsets = await ask([tp0, tp1])
      expect([offsets.get(tp0), offsets.get(tp1)]).toEqual([2, 4])
    }
  })

  test('learns the first record at or after a time, or that there is none', async () => {
    covers('OffsetFetcherTest.testGetOffsetsForTimes')
    expect((await harness.offsetFetcher.offsetsForTimes(times(), timer())).size).toBe(0)
    prepare(offsetsOf([tp0, { offset: 10, timestamp: 100, leaderEpoch: 4 }], [tp1, {}]))
    const found = await harness.offsetFetcher.offsetsForTimes(times([tp0, 50], [tp1, 50]), timer())
    expect(found.get(tp0)).toMatchObject({ offset: 10, timestamp: 100, leaderEpoch: 4 })
    expect(found.get(tp1)).toBe(null)
    expect(found.size).toBe(2)
  })

  test.each([
    Errors.NOT_LEADER_OR_FOLLOWER,
    Errors.UNKNOWN_TOPIC_OR_PARTITION,
    Errors.BROKER_NOT_AVAILABLE,
  ])('is served after %s as well: what is missing is asked for again', async (error) => {
    covers('OffsetFetcherTest.testGetOffsetsForTimes')
    prepare(offsetsOf([tp0, { offset: 10, timestamp: 100 }], [tp1, { error }]))
    const again = prepare(offsetsOf([tp1, { offset: 20, timestamp: 100 }]))
    const found = await harness.offsetFetcher.offsetsForTimes(times([tp0, 50], [tp1, 50]), timer())
    expect([found.get(tp0)?.offset, found.get(tp1)?.offset]).toEqual([10, 20])
    expect(again[0]!.topics.map((topic) => topic.partitions.map((p) => p.partitionIndex))).toEqual([
      [1],
    ])
  })

  test('is served by the new leader, with the epoch that came with it', async () => {
    covers('OffsetFetcherTest.testGetOffsetByTimeWithPartitionsRetryCouldTriggerMetadataUpdate')
    setUp({ nodes: nodes(2) })
    harness.assign(tp0, tp1)
    const [, newLeader] = harness.nodes
    harness.updateMetadata({ leader: () => harness.nodes[0]! })
    prepare(
      offsetsOf(
        [tp0, { offset: 4, timestamp: 10 }],
        [tp1, { error: Errors.NOT_LEADER_OR_FOLLOWER }],
      ),
    )
    harness.client.prepareMetadataUpdate(
      metadataResponse({
        nodes: harness.nodes,
        topics: { [topicName]: 4 },
        topicIds: { [topicName]: topicId },
        leader: () => newLeader!,
        leaderEpoch: () => 3,
      }),
    )
    harness.client.prepareResponse(
      ApiKeys.LIST_OFFSETS,
      offsetsOf([tp1, { offset: 5, timestamp: 10 }]),
      {
        node: newLeader!,
        matcher: (request) => request.topics[0]!.partitions[0]!.currentLeaderEpoch === 3,
      },
    )
    const found = await harness.offsetFetcher.offsetsForTimes(times([tp0, 10], [tp1, 10]), timer())
    expect([found.get(tp0)?.offset, found.get(tp1)?.offset]).toEqual([4, 5])
  })

  test('may ask about a topic that was not known: metadata is asked for first', async () => {
    covers('OffsetFetcherTest.testGetOffsetsForTimesWhenSomeTopicPartitionLeadersNotKnownInitially')
    const another = new TopicPartition('another', 0)
    prepare(offsetsOf([tp0, { offset: 11, timestamp: 1000 }]))
    harness.client.prepareMetadataUpdate(
      metadataResponse({ topics: { [topicName]: 4, another: 1 } }),
    )
    prepare(offsetsOf([another, { offset: 54, timestamp: 1000 }]))
    const found = await harness.offsetFetcher.offsetsForTimes(
      times([tp0, 1], [another, 1]),
      timer(),
    )
    expect([found.get(tp0)?.offset, found.get(another)?.offset]).toEqual([11, 54])
    // It was transient: the next picture is without it.
    harness.updateMetadata({ topics: { [topicName]: 4, another: 1 } })
    expect(harness.metadata.fetch().topics()).toEqual([topicName])
  })

  test('is served when the leader has to be connected again', async () => {
    covers(
      'OffsetFetcherTest.testGetOffsetsForTimesWhenSomeTopicPartitionLeadersDisconnectException',
    )
    prepare(offsetsOf([tp0, { offset: 11, timestamp: 1000 }]), { disconnected: true })
    prepare(offsetsOf([tp0, { offset: 11, timestamp: 1000 }]))
    const found = await harness.offsetFetcher.offsetsForTimes(times([tp0, 1]), timer())
    expect(found.get(tp0)?.offset).toBe(11)
  })

  test('is told that the time was not enough', async () => {
    covers(
      'OffsetFetcherTest.testGetOffsetsForTimesTimeout',
      'OffsetFetcherTest.testBatchedListOffsetsMetadataErrors',
    )
    harness.client.advanceTimeDuringPoll = true
    const unknown = new TopicPartition('nowhere', 2)
    await expect(
      harness.offsetFetcher.offsetsForTimes(times([unknown, 1000]), timer(100)),
    ).rejects.toThrow(TimeoutException)
    prepare(
      offsetsOf(
        [tp0, { error: Errors.NOT_LEADER_OR_FOLLOWER }],
        [tp1, { error: Errors.UNKNOWN_TOPIC_OR_PARTITION }],
      ),
    )
    await expect(
      harness.offsetFetcher.offsetsForTimes(times([tp0, -2], [tp1, -2]), timer(1)),
    ).rejects.toThrow(/test-0, test-1/)
  })

  test('without any time does not wait, and learns nothing', async () => {
    covers('OffsetFetcherTest.testListOffsetsWithZeroTimeout')
    const found = await harness.offsetFetcher.offsetsForTimes(times([tp0, 1], [tp1, 1]), timer(0))
    expect([...found.values()]).toEqual([null, null])
    expect((await harness.offsetFetcher.endOffsets([tp0], timer(0))).size).toBe(0)
  })

  test('is told that he may not ask', async () => {
    prepare(offsetsOf([tp0, { error: Errors.TOPIC_AUTHORIZATION_FAILED }]))
    await expect(harness.offsetFetcher.endOffsets([tp0], timer())).rejects.toThrow(
      TopicAuthorizationException,
    )
  })

  test('also tells the consumer how far behind it is', async () => {
    harness.seek(tp0, 5)
    prepare(offsetsOf([tp0, { offset: 50 }]))
    await harness.offsetFetcher.endOffsets([tp0], timer())
    expect(harness.offsetFetcher.currentLag(tp0)).toBe(45)
  })
})
