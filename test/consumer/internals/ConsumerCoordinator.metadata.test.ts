import { describe, expect, test } from 'vitest'
import {
  GroupAuthorizationException,
  TopicAuthorizationException,
} from '../../../src/common/errors/ApiExceptions.ts'
import { deserializeSubscription } from '../../../src/consumer/internals/ConsumerProtocol.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import type { JoinGroupRequestData } from '../../../src/protocol/messages/JoinGroup.ts'
import { covers } from '../../support/covers.ts'
import {
  bothTopics,
  CoordinatorHarness,
  t1p,
  t2p,
  topic1,
  topic2,
} from '../support/CoordinatorHarness.ts'
import { joinedAsFollower } from '../support/groupResponses.ts'

const onlyTopic1 = { topics: { [topic1]: 1 } }
const withBoth = { topics: bothTopics }

const topicsOf = ({ protocols }: JoinGroupRequestData): readonly string[] =>
  deserializeSubscription(protocols[0]!.metadata).topics

/** `coordinator.poll` looks at the metadata first of all. */
const look = (harness: CoordinatorHarness): Promise<boolean> =>
  harness.coordinator.poll(harness.timer(0), false)

describe.each(['EAGER', 'COOPERATIVE'] as const)('a pattern of a member that is %s', (protocol) => {
  test.each([
    ['leader', 'testPatternJoinGroupLeader'],
    ['follower', 'testPatternJoinGroupFollower'],
  ])('is matched against fresh metadata before it joins as %s', async (role, scenario) => {
    covers(`ConsumerCoordinatorTest.${scenario}`)
    const harness = new CoordinatorHarness(protocol)
    const { coordinator, listener, subscriptions } = harness
    harness.subscribeToPattern(/test.*/)
    harness.updateMetadata(onlyTopic1)
    await harness.findCoordinator()
    if (role === 'follower') harness.prepareJoinAsFollower([t1p, t2p])
    else harness.prepareJoinAsLeader([t1p, t2p], { subscriptions: { consumer: [topic1] } })
    harness.prepareMetadataUpdate(withBoth)
    await coordinator.poll(harness.forever)
    expect(coordinator.rejoinNeededOrPending()).toBe(false)
    expect(harness.assigned()).toEqual([t1p, t2p])
    expect([...subscriptions.subscription()].sort()).toEqual([topic1, topic2])
    expect(listener.revokedCount).toBe(0)
    expect(listener.assigned).toEqual([t1p, t2p])
  })

  test('is matched again when the topics change, and changes the subscription', async () => {
    covers('ConsumerCoordinatorTest.testMetadataRefreshDuringRebalance')
    const harness = new CoordinatorHarness(protocol)
    const { coordinator, listener, subscriptions } = harness
    const subscribed = (): string[] => [...subscriptions.subscription()].sort()
    harness.subscribeToPattern(/.*/)
    harness.updateMetadata(onlyTopic1)
    await harness.findCoordinator()
    harness.prepareJoinAsLeader([t1p], {
      subscriptions: { consumer: [topic1] },
      onSync: () => harness.updateMetadata(withBoth),
    })
    await coordinator.poll(harness.forever)
    // That there is more to read is seen by the next poll.
    expect(coordinator.rejoinNeededOrPending()).toBe(false)
    expect(subscribed()).toEqual([topic1])
    expect(harness.assigned()).toEqual([t1p])
    expect(listener.revokedCount).toBe(0)

    harness.prepareJoinAsLeader([t1p, t2p], {
      generationId: 2,
      subscriptions: { consumer: [topic1, topic2] },
      onJoin: (request) => topicsOf(request).includes(topic2),
      onSync: () => harness.updateMetadata(onlyTopic1),
    })
    await coordinator.poll(harness.forever)
    expect(coordinator.rejoinNeededOrPending()).toBe(false)
    expect(subscribed()).toEqual([topic1, topic2])
    expect(listener.assigned).toEqual(protocol === 'EAGER' ? [t1p, t2p] : [t2p])

    harness.prepareJoinAsLeader([t1p], {
      generationId: 3,
      subscriptions: { consumer: [topic1] },
      onJoin: (request) => topicsOf(request).join() === topic1,
    })
    await coordinator.poll(harness.forever)
    expect(coordinator.rejoinNeededOrPending()).toBe(false)
    expect(subscribed()).toEqual([topic1])
    expect(harness.assigned()).toEqual([t1p])
    expect(listener.revoked).toEqual(protocol === 'EAGER' ? [t1p, t2p] : [t2p])
    expect(listener.revokedCount).toBe(protocol === 'EAGER' ? 2 : 1)
    expect(listener.assigned).toEqual(protocol === 'EAGER' ? [t1p] : [])
    expect([listener.assignedCount, listener.lostCount]).toEqual([3, 0])
  })

  test.each([
    ['more', onlyTopic1, withBoth, 'testForceMetadataRefreshForPatternSubscriptionDuringRebalance'],
    ['less', withBoth, onlyTopic1, 'testForceMetadataDeleteForPatternSubscriptionDuringRebalance'],
  ])('fits %s topics by the time it joins, and needs no second join', async (...row) => {
    const [, before, after, scenario] = row
    covers(`ConsumerCoordinatorTest.${scenario}`)
    const harness = new CoordinatorHarness(protocol)
    const { coordinator, metadata, subscriptions } = harness
    harness.subscribeToPattern(/test.*/)
    harness.updateMetadata(before)
    coordinator.updatePatternSubscription(metadata.fetch())
    expect([...subscriptions.subscription()].sort()).toEqual(Object.keys(before.topics))
    await harness.findCoordinator()
    harness.prepareMetadataUpdate(after)
    harness.prepareJoinAsFollower([t1p])
    await coordinator.poll(harness.forever)
    expect([...subscriptions.subscription()].sort()).toEqual(Object.keys(after.topics))

    metadata.requestUpdate(true)
    await harness.settle()
    expect(coordinator.rejoinNeededOrPending()).toBe(false)
  })

  test('takes topics over from the leader that it has not seen yet', async () => {
    const harness = new CoordinatorHarness(protocol)
    const { coordinator, subscriptions } = harness
    harness.subscribeToPattern(/test.*/)
    harness.updateMetadata(onlyTopic1)
    await harness.findCoordinator()
    harness.prepareMetadataUpdate(onlyTopic1)
    harness.prepareJoinAsFollower([t1p, t2p])
    await coordinator.joinGroupIfNeeded(harness.forever)
    expect(harness.assigned()).toEqual([t1p, t2p])
    expect(subscriptions.subscription().has(topic2)).toBe(true)
    expect(coordinator.rejoinNeededOrPending()).toBe(false)
  })
})

test.each([
  [false, 'testExcludeInternalTopicsConfigOption'],
  [true, 'testIncludeInternalTopicsConfigOption'],
])('a pattern fits topics of Kafka itself, if it may: %s', async (includes, scenario) => {
  covers(`ConsumerCoordinatorTest.${scenario}`)
  const harness = new CoordinatorHarness('EAGER', { includeInternalTopics: includes })
  harness.subscribeToPattern(/.*/)
  const internal = '__consumer_offsets'
  harness.updateMetadata({ topics: { [internal]: 1 }, internalTopics: [internal] })
  harness.coordinator.updatePatternSubscription(harness.metadata.fetch())
  expect(harness.subscriptions.subscription().has(internal)).toBe(includes)
})

describe.each([
  ['a list', false, {}, 'WithSubscribe'],
  ['a pattern', true, {}, 'WithPatternSubscribe'],
  ['a pattern', true, { notmatching: Errors.UNKNOWN_TOPIC_OR_PARTITION }, 'NotMatching'],
] as const)('a topic that is not there, subscribed to by %s (%#)', (_, isPattern, errors, kind) => {
  test('is assigned when it has come', async () => {
    const name = kind === 'NotMatching' ? 'NotMatchingTopicUnavailableWithPattern' : 'Topic'
    const end = kind === 'NotMatching' ? 'Subscribe' : `Unavailable${kind}`
    covers(`ConsumerCoordinatorTest.testRebalanceAfter${name}${end}`)
    const harness = new CoordinatorHarness()
    const { coordinator, listener, metadata } = harness
    if (isPattern) harness.subscribeToPattern(/test.*/)
    else harness.subscribe(topic1)
    const missing = { [topic1]: Errors.UNKNOWN_TOPIC_OR_PARTITION }
    harness.prepareMetadataUpdate({ errors: missing })
    await harness.findCoordinator()
    const subscriptions = { consumer: [topic1] }
    harness.prepareJoinAsLeader([], { subscriptions })
    await coordinator.poll(harness.forever)
    expect(coordinator.rejoinNeededOrPending()).toBe(false)
    expect(listener.assigned).toEqual([])
    expect(metadata.updateRequested()).toBe(true)

    harness.prepareMetadataUpdate({ ...onlyTopic1, errors })
    await harness.consumerClient.poll(harness.timer(0))
    harness.prepareJoinAsLeader([t1p], { subscriptions, generationId: 2 })
    await coordinator.poll(harness.forever)
    expect(metadata.updateRequested()).toBe(false)
    expect(coordinator.rejoinNeededOrPending()).toBe(false)
    expect(listener.assigned).toEqual([t1p])
  })
})

test('metadata is needed for old and new topics while the subscription changes', async () => {
  covers('ConsumerCoordinatorTest.testMetadataTopicsDuringSubscriptionChange')
  const harness = new CoordinatorHarness()
  const { coordinator, subscriptions } = harness
  const topics = (): string[] => [...subscriptions.metadataTopics()].sort()
  harness.subscribe(topic1)
  expect(topics()).toEqual([topic1])
  await harness.findCoordinator()
  harness.prepareJoinAsLeader([t1p], { subscriptions: { consumer: [topic1] } })
  await coordinator.poll(harness.timer(0))
  expect(topics()).toEqual([topic1])

  harness.subscribe(topic2)
  expect(topics()).toEqual([topic1, topic2])
  // The first round ends with what nobody wants any more, and is followed by a second.
  harness.prepareJoinAsLeader([t2p], { subscriptions: { consumer: [topic2] }, generationId: 2 })
  await coordinator.poll(harness.forever)
  expect(coordinator.rejoinNeededOrPending()).toBe(false)
  expect(harness.assigned()).toEqual([t2p])
  expect(topics()).toEqual([topic2])
})

test('topics that we may not read are an error; dropped, they are forgotten', async () => {
  covers('ConsumerCoordinatorTest.testSubscriptionChangeWithAuthorizationFailure')
  const harness = new CoordinatorHarness()
  const { client, coordinator, subscriptions } = harness
  harness.subscribe(topic1, topic2)
  const errors = { [topic2]: Errors.TOPIC_AUTHORIZATION_FAILED }
  harness.prepareMetadataUpdate({ ...onlyTopic1, errors })
  await expect(coordinator.poll(harness.forever)).rejects.toThrow(TopicAuthorizationException)

  await harness.respondWithCoordinator()
  const error = Errors.GROUP_AUTHORIZATION_FAILED
  client.prepareResponse(ApiKeys.JOIN_GROUP, joinedAsFollower({ error }))
  await expect(coordinator.poll(harness.forever)).rejects.toThrow(GroupAuthorizationException)

  harness.subscribe(topic1)
  expect([...subscriptions.metadataTopics()]).toEqual([topic1])
  harness.prepareMetadataUpdate(onlyTopic1)
  harness.prepareJoinAsLeader([t1p], { subscriptions: { consumer: [topic1] } })
  await coordinator.poll(harness.forever)
  expect([...subscriptions.subscription()]).toEqual([topic1])
  expect([...subscriptions.metadataTopics()]).toEqual([topic1])
})

test('a topic that appears during a rebalance brings about another one', async () => {
  covers('ConsumerCoordinatorTest.testUpdateMetadataDuringRebalance')
  const harness = new CoordinatorHarness()
  harness.subscribe(topic1, topic2)
  harness.updateMetadata(onlyTopic1)
  await harness.findCoordinator()
  const subscriptions = { consumer: [topic1, topic2] }
  harness.prepareJoinAsLeader([t1p], {
    subscriptions,
    onSync: () => harness.updateMetadata(withBoth),
  })
  await harness.coordinator.poll(harness.forever)
  harness.prepareJoinAsLeader([t1p, t2p], { subscriptions, generationId: 2 })
  await harness.coordinator.poll(harness.forever)
  expect(harness.coordinator.rejoinNeededOrPending()).toBe(false)
  expect(harness.assigned()).toEqual([t1p, t2p])
})

test('a leader joins again when a topic gets more partitions; a follower does not', async () => {
  covers('ConsumerCoordinatorTest.testMetadataChangeTriggersRebalance')
  for (const leads of [true, false]) {
    const harness = new CoordinatorHarness()
    harness.subscribe(topic1)
    await harness.findCoordinator()
    if (!leads) harness.prepareJoinAsFollower([t1p])
    else harness.prepareJoinAsLeader([t1p], { subscriptions: { consumer: [topic1] } })
    await harness.coordinator.poll(harness.forever)
    expect(harness.coordinator.rejoinNeededOrPending()).toBe(false)
    harness.updateMetadata({ topics: { [topic1]: 2 } })
    await look(harness)
    expect(harness.coordinator.rejoinNeededOrPending()).toBe(leads)
  }
})
