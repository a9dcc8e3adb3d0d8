import { beforeEach, describe, expect, test } from 'vitest'
import { NodeApiVersions } from '../../../src/clients/NodeApiVersions.ts'
import {
  GroupAuthorizationException,
  TopicAuthorizationException,
  UnsupportedVersionException,
} from '../../../src/common/errors/ApiExceptions.ts'
import { KafkaException } from '../../../src/common/errors.ts'
import { TopicPartitionMap } from '../../../src/common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../../../src/common/TopicPartitionSet.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { OffsetAndMetadata } from '../../../src/consumer/OffsetAndMetadata.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { CoordinatorHarness, microtasks, t1p, topic1 } from '../support/CoordinatorHarness.ts'
import { groupId, type StoredOffset, storedOffsets } from '../support/groupResponses.ts'

let harness: CoordinatorHarness

const stored = (offset: StoredOffset, error?: WireError): void =>
  harness.client.prepareResponse(ApiKeys.OFFSET_FETCH, storedOffsets([[t1p, offset]], error))
const initialize = (timeoutMs = Number.MAX_SAFE_INTEGER): Promise<boolean> =>
  harness.coordinator.initWithCommittedOffsetsIfNeeded(harness.timer(timeoutMs))
const fetchCommitted = (timeoutMs = Number.MAX_SAFE_INTEGER) =>
  harness.coordinator.fetchCommittedOffsets(new TopicPartitionSet([t1p]), harness.timer(timeoutMs))

const expectPosition = (offset: number): void => {
  const { subscriptions } = harness
  expect(subscriptions.initializingPartitions().size).toBe(0)
  expect(subscriptions.hasAllFetchPositions()).toBe(true)
  expect(subscriptions.position(t1p)?.offset).toBe(offset)
}

beforeEach(() => {
  harness = new CoordinatorHarness()
  harness.assignByHand(t1p)
})

describe('a partition without position', () => {
  beforeEach(() => harness.findCoordinator())

  test('begins where the group stopped', async () => {
    covers('ConsumerCoordinatorTest.testRefreshOffset')
    stored({ offset: 100 })
    expect(await initialize()).toBe(true)
    expectPosition(100)
  })

  test('has the leader confirm it first, when the epochs are known', async () => {
    covers('ConsumerCoordinatorTest.testRefreshOffsetWithValidation')
    harness.updateMetadata({ topics: { [topic1]: 1 }, leaderEpoch: () => 4 })
    stored({ offset: 100, leaderEpoch: 3 })
    await initialize()
    const { subscriptions } = harness
    expect(subscriptions.initializingPartitions().size).toBe(0)
    expect(subscriptions.hasAllFetchPositions()).toBe(false)
    expect(subscriptions.awaitingValidation(t1p)).toBe(true)
    expect(subscriptions.position(t1p)?.offset).toBe(100)
    expect(subscriptions.validPosition(t1p)).toBe(null)
  })

  test('stays without one when nothing was committed', async () => {
    covers('ConsumerCoordinatorTest.testRefreshOffsetWithNoFetchableOffsets')
    stored({ offset: -1 })
    expect(await initialize()).toBe(true)
    const { subscriptions } = harness
    expect([...subscriptions.initializingPartitions()]).toEqual([t1p])
    expect(subscriptions.partitionsNeedingReset(harness.time.milliseconds()).size).toBe(0)
    expect(subscriptions.position(t1p)).toBe(null)
  })

  test('waits for the end of a transaction that commits for it', async () => {
    covers('ConsumerCoordinatorTest.testRefreshOffsetWithPendingTransactions')
    stored({ error: Errors.UNSTABLE_OFFSET_COMMIT })
    stored({ offset: 100 })
    expect(await initialize(0)).toBe(false)
    expect([...harness.subscriptions.initializingPartitions()]).toEqual([t1p])
    expect(await initialize(0)).toBe(true)
    expectPosition(100)
  })

  test.each([
    ['NOT_COORDINATOR', true],
    ['COORDINATOR_NOT_AVAILABLE', true],
    ['COORDINATOR_LOAD_IN_PROGRESS', false],
    ['NETWORK_EXCEPTION', false],
  ] as const)('is asked about again after %s; coordinator found anew: %s', async (error, anew) => {
    covers('ConsumerCoordinatorTest.testRefreshOffsetRetriableErrorCoordinatorLookup')
    stored({}, Errors[error])
    if (anew) harness.prepareCoordinator()
    stored({ offset: 100 })
    expect(await initialize()).toBe(true)
    expectPosition(100)
  })

  test('that does not exist is an error', async () => {
    covers('ConsumerCoordinatorTest.testRefreshOffsetUnknownTopicOrPartition')
    stored({ error: Errors.UNKNOWN_TOPIC_OR_PARTITION })
    await expect(initialize()).rejects.toThrow(KafkaException)
    stored({ error: Errors.INVALID_REQUEST })
    await expect(initialize()).rejects.toThrow(/Unexpected error.*test1-0/)
  })

  test('of a group that we may not be in is an error', async () => {
    covers('ConsumerCoordinatorTest.testRefreshOffsetsGroupNotAuthorized')
    stored({}, Errors.GROUP_AUTHORIZATION_FAILED)
    const failure = await initialize().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(GroupAuthorizationException)
    expect(failure).toMatchObject({ groupId })
  })

  test('that was given up while we asked is left alone', async () => {
    const initializing = initialize()
    await microtasks()
    harness.assignByHand()
    const answer = storedOffsets([[t1p, { offset: 100 }]])
    harness.client.respond(ApiKeys.OFFSET_FETCH, answer)
    expect(await initializing).toBe(true)
    expect(harness.logger.messages('info').join()).toContain('no longer assigned')
  })
})

describe('the coordinator is not looked for', () => {
  test('when all positions are known', async () => {
    covers('ConsumerCoordinatorTest.testNoCoordinatorDiscoveryIfPositionsKnown')
    harness.subscriptions.seek(t1p, 500)
    expect(await initialize()).toBe(true)
    expectPosition(500)
    expect(harness.coordinator.coordinatorUnknown()).toBe(true)
  })

  test('when they are being reset', async () => {
    covers('ConsumerCoordinatorTest.testNoCoordinatorDiscoveryIfPartitionAwaitingReset')
    const { subscriptions, time } = harness
    subscriptions.requestOffsetReset(t1p, AutoOffsetResetStrategy.EARLIEST)
    expect(await initialize()).toBe(true)
    expect(subscriptions.initializingPartitions().size).toBe(0)
    expect(subscriptions.hasAllFetchPositions()).toBe(false)
    expect([...subscriptions.partitionsNeedingReset(time.milliseconds())]).toEqual([t1p])
    expect(subscriptions.resetStrategy(t1p)).toBe(AutoOffsetResetStrategy.EARLIEST)
    expect(harness.coordinator.coordinatorUnknown()).toBe(true)
  })
})

describe('committed offsets', () => {
  beforeEach(() => harness.findCoordinator())

  test('come with epoch and metadata, and with null where there are none', async () => {
    covers('ConsumerCoordinatorTest.testFetchCommittedOffsets')
    stored({ offset: 500, leaderEpoch: 15, metadata: 'blahblah' })
    const expected = new OffsetAndMetadata(500, 15, 'blahblah')
    expect(await fetchCommitted()).toEqual(new TopicPartitionMap([[t1p, expected]]))
    stored({})
    expect((await fetchCommitted())?.get(t1p)).toBe(null)
  })

  test('of topics that we may not read are an error that names them', async () => {
    covers('ConsumerCoordinatorTest.testTopicAuthorizationFailedInOffsetFetch')
    stored({ error: Errors.TOPIC_AUTHORIZATION_FAILED })
    const failure = await fetchCommitted().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TopicAuthorizationException)
    expect(failure).toMatchObject({ unauthorizedTopics: new Set([topic1]) })
  })

  test('are asked for once, however often the time is over before the answer', async () => {
    expect(await fetchCommitted(0)).toBe(null)
    expect(await fetchCommitted(0)).toBe(null)
    expect(harness.client.requests().length).toBe(1)
    harness.client.respond(ApiKeys.OFFSET_FETCH, storedOffsets([[t1p, { offset: 5 }]]))
    expect((await fetchCommitted(0))?.get(t1p)?.offset).toBe(5)
  })

  test('of other partitions are another question', async () => {
    expect(await fetchCommitted(0)).toBe(null)
    const none = await harness.coordinator.fetchCommittedOffsets(
      new TopicPartitionSet(),
      harness.timer(0),
    )
    expect(none?.size).toBe(0)
    harness.coordinator.membership.state = 'STABLE'
    expect(await fetchCommitted(0)).toBe(null)
    expect(harness.client.requests().length).toBe(2)
  })

  test.each([
    [6, true, 'testThrowOnUnsupportedStableFlag'],
    [7, false, 'testNoThrowWhenStableFlagIsSupported'],
  ] as const)(
    'of a broker with version %i, when only final offsets will do: throws %s',
    async (version, throws, scenario) => {
      covers(`ConsumerCoordinatorTest.${scenario}`)
      harness = new CoordinatorHarness('EAGER', { throwOnFetchStableOffsetsUnsupported: true })
      await harness.findCoordinator()
      const { id: apiKey } = ApiKeys.OFFSET_FETCH
      const versions = [{ apiKey, minVersion: 0, maxVersion: version }]
      harness.client.setNodeApiVersions(NodeApiVersions.create(versions))
      const { groups } = storedOffsets([[t1p, { offset: 500 }]])
      const [{ topics = [] } = {}] = groups ?? []
      harness.client.prepareResponse(ApiKeys.OFFSET_FETCH, {
        topics: topics.map(({ name = '', partitions = [] }) => ({ name, partitions })),
      })
      if (throws) await expect(fetchCommitted()).rejects.toThrow(UnsupportedVersionException)
      else expect((await fetchCommitted())?.get(t1p)?.offset).toBe(500)
    },
  )

  test.each([
    [Errors.NOT_COORDINATOR, true],
    [Errors.UNKNOWN_TOPIC_OR_PARTITION, false],
  ])('of version 1 say %s about the group in a partition: %s', async (error, isOfGroup) => {
    const { id: apiKey } = ApiKeys.OFFSET_FETCH
    harness.client.setNodeApiVersions(
      NodeApiVersions.create([{ apiKey, minVersion: 0, maxVersion: 1 }]),
    )
    const partition = {
      partitionIndex: 0,
      committedOffset: -1,
      metadata: '',
      errorCode: error.code,
    }
    const topics = [{ name: topic1, partitions: [partition] }]
    harness.client.prepareResponse(ApiKeys.OFFSET_FETCH, { topics })
    if (isOfGroup) expect(await fetchCommitted(0)).toBe(null)
    else await expect(fetchCommitted(0)).rejects.toThrow('does not exist')
    expect(harness.coordinator.coordinatorUnknown()).toBe(isOfGroup)
  })
})
