/**
 * A consumer as a member of a group: subscribing, joining, staying, leaving.
 */

import { describe, expect, test } from 'vitest'
import { InvalidTopicException } from '../../src/common/errors/ApiExceptions.ts'
import { InvalidGroupIdException } from '../../src/common/errors/CoordinatorExceptions.ts'
import {
  ConcurrentModificationException,
  IllegalArgumentException,
  IllegalStateException,
  KafkaException,
  UnsupportedOperationException,
} from '../../src/common/errors.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { ConsumerRebalanceListener } from '../../src/consumer/ConsumerRebalanceListener.ts'
import { CooperativeStickyAssignor } from '../../src/consumer/CooperativeStickyAssignor.ts'
import { deserializeSubscription } from '../../src/consumer/internals/ConsumerProtocol.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { RangeAssignor } from '../../src/consumer/RangeAssignor.ts'
import { SubscriptionPattern } from '../../src/consumer/SubscriptionPattern.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import type { FetchRequestData } from '../../src/protocol/messages/Fetch.ts'
import type { JoinGroupRequestData } from '../../src/protocol/messages/JoinGroup.ts'
import { covers } from '../support/covers.ts'
import { batch, fetchResponse, topicName, tp0 } from './support/ConsumerHarness.ts'
import { microtasks } from './support/CoordinatorHarness.ts'
import { settings, setUpConsumer, testEnvironment } from './support/consumerSetup.ts'
import { joinedAsFollower, synced } from './support/groupResponses.ts'
import { heartbeatIntervalMs, listenerThat, memberId, setUpMember } from './support/memberSetup.ts'

const other = new TopicPartition('other', 0)

const bodyOf = <D>(request: {
  requestBuilder: { build(version: number): unknown; latestAllowedVersion: number }
}) => request.requestBuilder.build(request.requestBuilder.latestAllowedVersion) as D

describe('subscribing', () => {
  test('notes the topics; partitions come with the group', async () => {
    covers('KafkaConsumerTest.testSubscription')
    const { consumer } = setUpMember()
    consumer.subscribe([topicName])
    expect([...consumer.subscription()]).toEqual([topicName])
    expect(consumer.assignment().size).toBe(0)
    await consumer.subscribe([])
    expect([consumer.subscription().size, consumer.assignment().size]).toEqual([0, 0])
    await consumer.unsubscribe()
    consumer.assign([tp0])
    expect(consumer.subscription().size).toBe(0)
    expect([...consumer.assignment()]).toEqual([tp0])
    await consumer.unsubscribe()
    expect([consumer.subscription().size, consumer.assignment().size]).toEqual([0, 0])
  })

  test('refuses what names no topic', () => {
    covers(
      'KafkaConsumerTest.testSubscriptionOnNullTopicCollection',
      'KafkaConsumerTest.testSubscriptionOnNullTopic',
      'KafkaConsumerTest.testSubscriptionOnEmptyTopic',
      'KafkaConsumerTest.testSubscriptionOnNullPattern',
      'KafkaConsumerTest.testSubscriptionOnEmptyPattern',
    )
    const { consumer } = setUpMember()
    for (const bad of [null, [null], [''], ['  '], /(?:)/, /(?:)/, 'orders']) {
      expect(() => consumer.subscribe(bad as string[])).toThrow(IllegalArgumentException)
    }
    const none = null as unknown as ConsumerRebalanceListener
    expect(() => consumer.subscribe([topicName], none)).toThrow(IllegalArgumentException)
    expect(consumer.subscription().size).toBe(0)
  })

  test('needs a group, and an assignor', () => {
    covers('KafkaConsumerTest.testSubscriptionWithEmptyPartitionAssignment')
    const { consumer: alone } = setUpConsumer()
    expect(() => alone.subscribe([topicName])).toThrow(InvalidGroupIdException)
    expect(() => alone.subscribe(/test/)).toThrow(InvalidGroupIdException)
    const { consumer } = setUpMember({ settings: { 'partition.assignment.strategy': '' } })
    expect(() => consumer.subscribe([topicName])).toThrow(IllegalStateException)
    expect(() => consumer.subscribe(/test/)).toThrow(IllegalStateException)
  })

  test("does not take a broker's pattern", () => {
    covers('KafkaConsumerTest.testSubscribeToRe2jPatternNotSupportedForClassicConsumer')
    const { consumer } = setUpMember()
    const pattern = new SubscriptionPattern('t*')
    expect(() => consumer.subscribe(pattern)).toThrow(UnsupportedOperationException)
    expect(() => consumer.subscribe(pattern, {})).toThrow(/classic protocol.*group\.protocol/)
  })

  test('excludes the other ways until unsubscribe', async () => {
    const { consumer } = setUpMember()
    consumer.subscribe([topicName])
    expect(() => consumer.subscribe(/test/)).toThrow(IllegalStateException)
    expect(() => consumer.assign([tp0])).toThrow(IllegalStateException)
    await consumer.unsubscribe()
    consumer.subscribe(/test/)
  })

  test('does not help a poll that is not told how long it may wait', async () => {
    const { consumer } = setUpMember()
    consumer.subscribe([topicName])
    const bad = undefined as unknown as number
    await expect(consumer.poll(bad)).rejects.toThrow(IllegalArgumentException)
    await expect(consumer.poll(-1)).rejects.toThrow(IllegalArgumentException)
    await expect(consumer.poll({ timeoutMs: Number.NaN })).rejects.toThrow(IllegalArgumentException)
  })

  test('to nothing is nothing to poll for', async () => {
    covers('KafkaConsumerTest.testPollWithEmptySubscription')
    const { consumer } = setUpMember()
    await consumer.subscribe([])
    await expect(consumer.poll(0)).rejects.toThrow(IllegalStateException)
  })

  test('to a topic that cannot be is told by poll', async () => {
    covers('KafkaConsumerTest.testSubscriptionOnInvalidTopic')
    const { consumer, updateMetadata, prepareCoordinator } = setUpMember()
    consumer.subscribe(['topic abc'])
    prepareCoordinator()
    updateMetadata({ topics: {}, errors: { 'topic abc': Errors.INVALID_TOPIC_EXCEPTION } })
    await expect(consumer.poll(0)).rejects.toThrow(InvalidTopicException)
  })

  test('sends nothing; the first poll joins', async () => {
    covers('KafkaConsumerTest.testPollSendsRequestToJoin')
    const { consumer, sent, prepareCoordinator } = setUpMember()
    prepareCoordinator()
    consumer.subscribe([topicName])
    expect(sent('JoinGroup')).toHaveLength(0)
    await consumer.poll(0)
    await consumer.poll(0)
    const [join] = sent('JoinGroup')
    const { protocols, sessionTimeoutMs } = bodyOf<JoinGroupRequestData>(join!)
    expect(protocols.map(({ name }) => name)).toEqual(['range', 'cooperative-sticky'])
    expect(sessionTimeoutMs).toBe(10_000)
  })
})

describe('a pattern', () => {
  test('subscribes to the topics that fit it', async () => {
    covers('KafkaConsumerTest.testRegexSubscription')
    const { consumer, updateMetadata, prepareCoordinator, prepareJoin, prepareStored, pollUntil } =
      setUpMember()
    updateMetadata({ topics: { [topicName]: 1, unmatched: 1 } })
    consumer.subscribe(new RegExp(topicName))
    prepareCoordinator()
    prepareJoin([tp0])
    prepareStored([tp0, 0])
    await pollUntil(() => consumer.assignment().size === 1)
    expect([...consumer.subscription()]).toEqual([topicName])
    expect([...consumer.assignment()]).toEqual([tp0])
  })

  test('can be changed, and the member joins again', async () => {
    covers('KafkaConsumerTest.testChangingRegexSubscription')
    const { consumer, updateMetadata, join, prepareJoin, prepareStored, pollUntil, client } =
      setUpMember({ settings: { 'enable.auto.commit': false } })
    const topics = { [topicName]: 1, other: 1 }
    updateMetadata({ topics })
    consumer.subscribe(new RegExp(topicName))
    await join(tp0)
    expect([...consumer.subscription()]).toEqual([topicName])
    consumer.subscribe(/other/)
    updateMetadata({ topics })
    client.respond(ApiKeys.FETCH, fetchResponse([]))
    prepareJoin([other])
    prepareStored([other, 0])
    await pollUntil(() => consumer.assignment().has(other))
    expect([...consumer.subscription()]).toEqual(['other'])
  })
})

describe('a member', () => {
  test('sends heartbeats, also when records are at hand', async () => {
    covers(
      'KafkaConsumerTest.verifyHeartbeatSent',
      'KafkaConsumerTest.verifyHeartbeatSentWhenFetchedDataReady',
    )
    const { consumer, client, join, time, sent } = setUpMember()
    consumer.subscribe([topicName])
    await join(tp0)
    client.respond(ApiKeys.FETCH, fetchResponse([[tp0, { records: batch({ count: 5 }) }]]))
    await time.sleep(heartbeatIntervalMs)
    expect((await consumer.poll(0)).count()).toBe(5)
    await microtasks()
    await consumer.poll(0)
    expect(sent('Heartbeat').length).toBeGreaterThan(0)
    await consumer.close(0)
  })

  test('fetches nothing before it has joined', async () => {
    covers('KafkaConsumerTest.verifyPollTimesOutDuringMetadataUpdate')
    const { consumer, client, sent, prepareCoordinator } = setUpMember()
    consumer.subscribe([topicName])
    prepareCoordinator()
    client.prepareResponse(
      ApiKeys.JOIN_GROUP,
      joinedAsFollower({ memberId, protocolName: 'range' }),
    )
    for (let i = 0; i < 3; i++) await consumer.poll(0)
    expect(sent('Fetch')).toHaveLength(0)
    expect(sent('SyncGroup')).toHaveLength(1)
    await consumer.close(0)
  })

  test('knows who it is in which generation', async () => {
    covers('KafkaConsumerTest.testGetGroupMetadata')
    const { consumer, join, groupId } = setUpMember({ settings: { 'group.instance.id': 'mine' } })
    const atFirst = consumer.groupMetadata()
    expect(atFirst).toMatchObject({
      groupId,
      memberId: '',
      generationId: -1,
      groupInstanceId: 'mine',
    })
    consumer.subscribe([topicName])
    await join(tp0)
    expect(consumer.groupMetadata()).toMatchObject({
      groupId,
      memberId,
      generationId: 1,
      groupInstanceId: 'mine',
    })
    await consumer.close(0)
  })

  test('says where it stands, to the group and to leaders', async () => {
    const { consumer, sent, client, prepareCoordinator, prepareStored, pollUntil } = setUpMember({
      settings: { 'client.rack': 'here' },
    })
    consumer.subscribe([topicName])
    prepareCoordinator()
    await pollUntil(() => sent('JoinGroup').length > 0)
    const [join] = sent('JoinGroup')
    const [range] = bodyOf<JoinGroupRequestData>(join!).protocols
    expect(deserializeSubscription(range!.metadata).rackId).toBe('here')
    const answer = joinedAsFollower({ memberId, protocolName: 'range' })
    client.respondToRequest(join!, ApiKeys.JOIN_GROUP, answer)
    client.prepareResponse(ApiKeys.SYNC_GROUP, synced([tp0]))
    prepareStored([tp0, 0])
    await pollUntil(() => sent('Fetch').length > 0)
    expect(bodyOf<FetchRequestData>(sent('Fetch')[0]!).rackId).toBe('here')
    await consumer.close(0)
  })

  test('refuses a second caller while one waits, and every caller once closed', async () => {
    covers('KafkaConsumerTest.testInvalidGroupMetadata')
    const { consumer } = setUpMember()
    consumer.subscribe([topicName])
    const polling = consumer.poll(0)
    expect(() => consumer.groupMetadata()).toThrow(ConcurrentModificationException)
    await polling
    await consumer.close(0)
    expect(() => consumer.groupMetadata()).toThrow(IllegalStateException)
    expect(() => setUpConsumer().consumer.groupMetadata()).toThrow(InvalidGroupIdException)
  })

  test('joins again when the answer to its sync is lost with the connection', async () => {
    covers('KafkaConsumerTest.testShouldAttemptToRejoinGroupAfterSyncGroupFailed')
    const setup = setUpMember({ settings: { 'enable.auto.commit': false } })
    const { consumer, client, join, pollUntil, prepareCoordinator, prepareJoin } = setup
    consumer.subscribe([topicName])
    await join(tp0)
    client.respond(ApiKeys.FETCH, fetchResponse([[tp0, { records: batch({ count: 1 }) }]]))
    expect((await consumer.poll(0)).count()).toBe(1)
    client.respond(ApiKeys.FETCH, fetchResponse([]))
    consumer.enforceRebalance()
    client.prepareResponse(
      ApiKeys.JOIN_GROUP,
      joinedAsFollower({ memberId, generationId: 2, protocolName: 'range' }),
    )
    client.prepareResponse(ApiKeys.SYNC_GROUP, synced([tp0]), { disconnected: true })
    prepareCoordinator()
    prepareJoin([tp0], 3)
    setup.prepareStored([tp0, 1])
    await pollUntil(() => consumer.groupMetadata().generationId === 3)
    await pollUntil(() => setup.sent('Fetch').length > 0)
    client.respond(
      ApiKeys.FETCH,
      fetchResponse([[tp0, { records: batch({ baseOffset: 1, count: 1 }) }]]),
    )
    const records = await consumer.poll(0)
    expect(records.nextOffsets.get(tp0)?.offset).toBe(2)
    await consumer.close(0)
  })
})

describe('enforceRebalance', () => {
  test('is nothing for a consumer without group', () => {
    covers('KafkaConsumerTest.testEnforceRebalanceWithManualAssignment')
    const { consumer } = setUpConsumer()
    consumer.assign([tp0])
    expect(() => consumer.enforceRebalance()).toThrow(IllegalStateException)
  })

  test('lets the next poll give up what is owned, and join', async () => {
    covers('KafkaConsumerTest.testEnforceRebalanceTriggersRebalanceOnNextPoll')
    const { consumer, join } = setUpMember({ settings: { 'enable.auto.commit': false } })
    const { told, listener } = listenerThat()
    consumer.subscribe([topicName], listener)
    await join(tp0)
    expect(told).toEqual(['assigned test-0'])
    consumer.enforceRebalance()
    await consumer.poll(0)
    expect(told).toEqual(['assigned test-0', 'revoked test-0'])
    await consumer.close(0)
  })

  test('says why: what the program says, or else that the program wanted it', async () => {
    covers('KafkaConsumerTest.testEnforceRebalanceReason')
    const setup = setUpMember({ settings: { 'enable.auto.commit': false } })
    const { consumer, client, prepareCoordinator, sent } = setup
    consumer.subscribe([topicName])
    prepareCoordinator()
    const reasons: (string | null)[] = []
    const joinAndFail = async (): Promise<void> => {
      for (let i = 0; i < 5 && sent('JoinGroup').length === 0; i++) await consumer.poll(0)
      const [request] = sent('JoinGroup')
      reasons.push(bodyOf<JoinGroupRequestData>(request!).reason)
      const answer = joinedAsFollower({ memberId, protocolName: 'range' })
      client.respondToRequest(request!, ApiKeys.JOIN_GROUP, answer)
      client.prepareResponse(ApiKeys.SYNC_GROUP, synced([]))
      for (let i = 0; i < 3; i++) await consumer.poll(0)
    }
    await joinAndFail()
    for (const reason of [null, '', 'user provided reason']) {
      consumer.enforceRebalance(reason)
      await joinAndFail()
    }
    const byDefault = 'rebalance enforced by user'
    expect(reasons).toEqual(['', byDefault, byDefault, 'user provided reason'])
    await consumer.close(0)
  })
})

describe('construction', () => {
  test('refuses two assignors of the same name', () => {
    covers('KafkaConsumerTest.testAssignorNameConflict')
    class Mine extends CooperativeStickyAssignor {
      override name(): string {
        return 'range'
      }
    }
    const make = () =>
      new KafkaConsumer(
        {
          ...settings,
          'group.id': 'g',
          'partition.assignment.strategy': [RangeAssignor, Mine],
        },
        testEnvironment(),
      )
    expect(make).toThrow(KafkaException)
    expect(make).toThrow(/'range' is used in more than one assignor: RangeAssignor, Mine/)
  })

  test('takes an instance id without a group, which then means nothing', async () => {
    covers('KafkaConsumerTest.shouldIgnoreGroupInstanceIdForEmptyGroupId')
    const consumer = new KafkaConsumer(
      { ...settings, 'group.instance.id': 'instance_id' },
      testEnvironment(),
    )
    expect(consumer.clientId).toBe('consumer-null-instance_id')
    await consumer.close()
  })
})
