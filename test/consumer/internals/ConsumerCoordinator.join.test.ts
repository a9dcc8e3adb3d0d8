import { describe, expect, test } from 'vitest'
import { GroupAuthorizationException } from '../../../src/common/errors/ApiExceptions.ts'
import { ApiException, KafkaException, WakeupException } from '../../../src/common/errors.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { CoordinatorHarness, t1p, t2p, topic1, topic2 } from '../support/CoordinatorHarness.ts'
import { joinedAsFollower, joinedAsLeader, synced } from '../support/groupResponses.ts'

describe.each(['EAGER', 'COOPERATIVE'] as const)('a member that is %s', (protocol) => {
  const build = (): CoordinatorHarness => {
    const harness = new CoordinatorHarness(protocol)
    harness.subscribe(topic1)
    return harness
  }

  const expectFirstAssignment = ({ coordinator, listener, ...harness }: CoordinatorHarness) => {
    expect(coordinator.rejoinNeededOrPending()).toBe(false)
    expect([...harness.subscriptions.assignedPartitions()]).toEqual([t1p])
    expect([...harness.subscriptions.metadataTopics()]).toEqual([topic1])
    expect(listener.revokedCount).toBe(0)
    expect(listener.assignedCount).toBe(1)
    expect(listener.assigned).toEqual([t1p])
  }

  test('joins as a follower, and takes what it is given', async () => {
    covers('ConsumerCoordinatorTest.testNormalJoinGroupFollower')
    const harness = build()
    await harness.joinAsFollower(t1p)
    expectFirstAssignment(harness)
  })

  test('joins as the leader, and assigns for all', async () => {
    covers('ConsumerCoordinatorTest.testNormalJoinGroupLeader')
    const harness = build()
    await harness.findCoordinator()
    harness.prepareJoinAsLeader([t1p], { subscriptions: { consumer: [topic1] } })
    await harness.coordinator.poll(harness.forever)
    expectFirstAssignment(harness)
  })

  test('finds the coordinator and joins again when the connection is lost', async () => {
    covers('ConsumerCoordinatorTest.testDisconnectInJoin')
    const harness = build()
    await harness.findCoordinator()
    harness.client.prepareResponse(ApiKeys.JOIN_GROUP, null, { disconnected: true })
    harness.prepareCoordinator()
    harness.prepareJoinAsFollower([t1p])
    await harness.coordinator.joinGroupIfNeeded(harness.forever)
    expectFirstAssignment(harness)
  })

  test('goes on with its join after a wakeup', async () => {
    covers('ConsumerCoordinatorTest.testWakeupDuringJoin')
    const harness = build()
    const { client, consumerClient, coordinator } = harness
    await harness.findCoordinator()
    harness.assignor.prepare({ consumer: [t1p] })
    const subscriptions = { consumer: [topic1] }
    client.prepareResponse(ApiKeys.JOIN_GROUP, joinedAsLeader({ subscriptions }))
    consumerClient.wakeup()
    await expect(coordinator.poll(harness.forever)).rejects.toThrow(WakeupException)

    client.prepareResponse(ApiKeys.SYNC_GROUP, synced([t1p]))
    await coordinator.poll(harness.forever)
    expectFirstAssignment(harness)
  })

  test('joins again when its subscription has changed', async () => {
    covers('ConsumerCoordinatorTest.testRejoinGroup')
    const harness = build()
    const { coordinator, listener } = harness
    await harness.joinAsFollower(t1p)
    expectFirstAssignment(harness)
    listener.assigned = null

    harness.subscribe(topic1, 'otherTopic')
    harness.prepareJoinAsFollower([t1p], 2)
    await coordinator.joinGroupIfNeeded(harness.forever)
    expect(listener.assignedCount).toBe(2)
    if (protocol === 'EAGER') {
      expect([listener.revokedCount, listener.revoked]).toEqual([1, [t1p]])
      expect(listener.assigned).toEqual([t1p])
    } else {
      expect([listener.revokedCount, listener.revoked]).toEqual([0, null])
      expect(listener.assigned).toEqual([])
    }
  })

  test('takes no partitions of a topic that it has unsubscribed from meanwhile', async () => {
    covers('ConsumerCoordinatorTest.testOutdatedCoordinatorAssignment')
    const harness = new CoordinatorHarness(protocol)
    const { client, coordinator, listener, subscriptions } = harness
    harness.subscribe(topic2)
    await harness.findCoordinator()
    harness.assignor.prepare({ consumer: [t1p] })
    const join = (topic: string) =>
      client.prepareResponse(
        ApiKeys.JOIN_GROUP,
        joinedAsLeader({ subscriptions: { consumer: [topic] } }),
      )
    join(topic2)
    client.prepareResponse(ApiKeys.SYNC_GROUP, synced([t2p]))
    join(topic1)
    client.prepareResponse(ApiKeys.SYNC_GROUP, synced([t1p]))

    await coordinator.poll(harness.timer(0))
    harness.subscribe(topic1)
    await coordinator.poll(harness.timer(0))
    await coordinator.poll(harness.forever)

    expect(coordinator.rejoinNeededOrPending()).toBe(false)
    expect(harness.assigned()).toEqual([t1p])
    expect([...subscriptions.metadataTopics()]).toEqual([topic1])
    expect(listener.revokedCount).toBe(protocol === 'EAGER' ? 1 : 0)
    expect(listener.assignedCount).toBe(1)
    expect(listener.assigned).toEqual([t1p])
  })
})

describe('what the coordinator says against a join', () => {
  test.each([
    ['INVALID_GROUP_ID', ApiException, 'testJoinGroupInvalidGroupId'],
    ['INVALID_SESSION_TIMEOUT', ApiException, 'testInvalidSessionTimeout'],
    ['GROUP_AUTHORIZATION_FAILED', GroupAuthorizationException, 'testGroupReadUnauthorized'],
  ] as const)('%s reaches the caller of poll', async (name, exception, scenario) => {
    covers(`ConsumerCoordinatorTest.${scenario}`)
    const harness = new CoordinatorHarness()
    harness.subscribe(topic1)
    await harness.findCoordinator()
    harness.client.prepareResponse(ApiKeys.JOIN_GROUP, joinedAsFollower({ error: Errors[name] }))
    await expect(harness.coordinator.poll(harness.forever)).rejects.toThrow(exception)
  })

  test('and against looking for it reaches the caller as well', async () => {
    covers('ConsumerCoordinatorTest.testGroupDescribeUnauthorized')
    const harness = new CoordinatorHarness()
    harness.prepareCoordinator(Errors.GROUP_AUTHORIZATION_FAILED)
    await expect(harness.coordinator.ensureCoordinatorReady(harness.forever)).rejects.toThrow(
      GroupAuthorizationException,
    )
  })

  test('a refused login as well', async () => {
    covers('ConsumerCoordinatorTest.testAuthenticationFailureInEnsureActiveGroup')
    const harness = new CoordinatorHarness()
    harness.client.createPendingAuthenticationError(harness.node, 300)
    await expect(harness.coordinator.ensureActiveGroup()).rejects.toThrow('Authentication failed')
  })
})

describe('what the coordinator says against a sync', () => {
  const joinWith = async (name: 'UNKNOWN_SERVER_ERROR' | RetriedError, secondMemberId: string) => {
    const harness = new CoordinatorHarness()
    harness.subscribe(topic1)
    await harness.findCoordinator()
    const { client } = harness
    client.prepareResponse(ApiKeys.JOIN_GROUP, joinedAsFollower())
    client.prepareResponse(ApiKeys.SYNC_GROUP, synced([], Errors[name]))
    client.prepareResponse(ApiKeys.JOIN_GROUP, joinedAsFollower({ generationId: 2 }), {
      matcher: ({ memberId }) => memberId === secondMemberId,
    })
    client.prepareResponse(ApiKeys.SYNC_GROUP, synced([t1p]))
    await harness.coordinator.joinGroupIfNeeded(harness.forever)
    return harness
  }
  type RetriedError = 'UNKNOWN_MEMBER_ID' | 'REBALANCE_IN_PROGRESS' | 'ILLEGAL_GENERATION'

  test.each([
    ['UNKNOWN_MEMBER_ID', '', 'testUnknownMemberIdOnSyncGroup'],
    ['REBALANCE_IN_PROGRESS', 'consumer', 'testRebalanceInProgressOnSyncGroup'],
    ['ILLEGAL_GENERATION', 'consumer', 'testIllegalGenerationOnSyncGroup'],
  ] as const)('%s: the member joins again as "%s"', async (name, memberId, scenario) => {
    covers(`ConsumerCoordinatorTest.${scenario}`)
    const harness = await joinWith(name, memberId)
    expect(harness.coordinator.rejoinNeededOrPending()).toBe(false)
    expect(harness.assigned()).toEqual([t1p])
    expect(harness.coordinator.generation().generationId).toBe(2)
  })

  test('anything unexpected reaches the caller', async () => {
    covers('ConsumerCoordinatorTest.testUnexpectedErrorOnSyncGroup')
    await expect(joinWith('UNKNOWN_SERVER_ERROR', '')).rejects.toThrow(KafkaException)
  })
})
