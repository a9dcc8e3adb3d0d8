/**
 * What a consumer commits and when, and what it reads back.
 */

import { describe, expect, test } from 'vitest'
import {
  AuthenticationException,
  InvalidConfigurationException,
  UnsupportedVersionException,
} from '../../src/common/errors/ApiExceptions.ts'
import { InvalidGroupIdException } from '../../src/common/errors/CoordinatorExceptions.ts'
import { TimeoutException } from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { AutoOffsetResetStrategy } from '../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import type { ClassicKafkaConsumer } from '../../src/consumer/internals/ClassicKafkaConsumer.ts'
import { OffsetAndMetadata } from '../../src/consumer/OffsetAndMetadata.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { batch, fetchResponse, topicName, tp0, tp1 } from './support/ConsumerHarness.ts'
import { setUpConsumer } from './support/consumerSetup.ts'
import { joinedAsFollower, synced } from './support/groupResponses.ts'
import { autoCommitIntervalMs, memberId, setUpMember } from './support/memberSetup.ts'

type Member = ReturnType<typeof setUpMember>

const NO_AUTO_COMMIT = { settings: { 'enable.auto.commit': false } }

const p2 = new TopicPartition('test2', 0)
const p3 = new TopicPartition('test3', 0)

/** Answers the fetch that waits. */
const answerFetch = (
  { client, sent }: Member,
  ...fetched: (readonly [TopicPartition, number, number])[]
): void =>
  client.respondToRequest(
    sent('Fetch')[0]!,
    ApiKeys.FETCH,
    fetchResponse(
      fetched.map(([partition, baseOffset, count]) => [
        partition,
        { records: count === 0 ? new Uint8Array() : batch({ baseOffset, count }) },
      ]),
    ),
  )

const at = (offset: number) => new OffsetAndMetadata(offset)

describe('without a group', () => {
  const operations = async (consumer: ClassicKafkaConsumer<string, string>): Promise<void> => {
    await expect(consumer.committed([tp0])).rejects.toThrow(InvalidGroupIdException)
    expect(() => consumer.commitAsync()).toThrow(InvalidGroupIdException)
    await expect(consumer.commitSync()).rejects.toThrow(InvalidGroupIdException)
  }

  test('there is nobody to commit to, and nothing to subscribe with', async () => {
    covers('KafkaConsumerTest.testOperationsBySubscribingConsumerWithDefaultGroupId')
    expect(() => setUpConsumer({ settings: { 'enable.auto.commit': true } })).toThrow(
      InvalidConfigurationException,
    )
    const { consumer } = setUpConsumer()
    expect(() => consumer.subscribe([topicName])).toThrow(/valid 'group\.id'/)
    await operations(consumer)
  })

  test('that is the same for assigned partitions', async () => {
    covers('KafkaConsumerTest.testOperationsByAssigningConsumerWithDefaultGroupId')
    const { consumer } = setUpConsumer()
    consumer.assign([tp0])
    await operations(consumer)
  })
})

describe('with partitions assigned by hand', () => {
  test('the coordinator is looked for when it is needed, as often as it takes', async () => {
    covers('KafkaConsumerTest.verifyNoCoordinatorLookupForManualAssignmentWithOffsetCommit')
    const member = setUpMember()
    const { consumer, client, prepareCoordinator, prepareStored, prepareCommit } = member
    consumer.assign([tp0])
    prepareCoordinator(Errors.COORDINATOR_NOT_AVAILABLE)
    await consumer.poll(0)
    prepareCoordinator()
    prepareStored([tp0, 50])
    await member.pollUntil(() => member.sent('Fetch').length > 0)
    answerFetch(member, [tp0, 50, 5])
    const records = await consumer.poll(0)
    expect(records.count()).toBe(5)
    expect(records.nextOffsets.get(tp0)).toEqual(at(55))
    expect(await consumer.position(tp0)).toBe(55)
    const commit = prepareCommit([tp0, 55])
    await consumer.commitSync([[tp0, at(55)]])
    expect(commit.received).toBe(true)
    prepareStored([tp0, 55])
    expect((await consumer.committed([tp0], 0)).get(tp0)?.offset).toBe(55)
    expect(client.hasPendingResponses()).toBe(false)
  })

  test('reading begins where the group stopped', async () => {
    covers('KafkaConsumerTest.testResetToCommittedOffset')
    const { consumer, prepareCoordinator, prepareStored } = setUpMember({
      reset: AutoOffsetResetStrategy.NONE,
    })
    consumer.assign([tp0])
    prepareCoordinator()
    prepareStored([tp0, 539])
    for (let i = 0; i < 3; i++) await consumer.poll(0)
    expect(await consumer.position(tp0)).toBe(539)
  })

  test('what is committed can be asked for at any time', async () => {
    covers('KafkaConsumerTest.testCommitsFetchedDuringAssign')
    const { consumer, prepareCoordinator, prepareStored } = setUpMember()
    consumer.assign([tp0])
    prepareCoordinator()
    prepareStored([tp0, 10_000])
    expect((await consumer.committed([tp0])).get(tp0)).toEqual(at(10_000))
    consumer.assign([tp0, tp1])
    prepareStored([tp0, 10_000])
    expect((await consumer.committed([tp0])).get(tp0)).toEqual(at(10_000))
    prepareStored([tp1, 20_000])
    expect((await consumer.committed([tp1])).get(tp1)).toEqual(at(20_000))
  })

  test('a partition of which nothing is committed has null', async () => {
    covers('KafkaConsumerTest.testNoCommittedOffsets')
    const { consumer, prepareCoordinator, prepareStored } = setUpMember()
    consumer.assign([tp0, tp1])
    prepareCoordinator()
    prepareStored([tp0, 10_000], [tp1, -1])
    const committed = await consumer.committed([tp0, tp1])
    expect([committed.size, committed.get(tp0), committed.get(tp1)]).toEqual([2, at(10_000), null])
  })

  test.each([true, false])(
    'other ones instead let the old ones be committed only with auto commit: %s',
    async (autoCommit) => {
      covers(
        autoCommit
          ? 'KafkaConsumerTest.testManualAssignmentChangeWithAutoCommitEnabled'
          : 'KafkaConsumerTest.testManualAssignmentChangeWithAutoCommitDisabled',
      )
      const member = setUpMember({ settings: { 'enable.auto.commit': autoCommit } })
      const { consumer, updateMetadata, prepareCoordinator, prepareStored, prepareOffsets } = member
      const { prepareCommit, time, sent } = member
      updateMetadata({ topics: { [topicName]: 1, test2: 1 } })
      consumer.assign([tp0])
      consumer.seekToBeginning([tp0])
      prepareCoordinator()
      prepareStored([tp0, 0])
      expect((await consumer.committed([tp0])).get(tp0)?.offset).toBe(0)
      prepareOffsets([tp0, 10])
      await member.pollUntil(() => sent('Fetch').length > 0)
      answerFetch(member, [tp0, 10, 1])
      expect((await consumer.poll(0)).nextOffsets.get(tp0)).toEqual(at(11))
      await time.sleep(autoCommitIntervalMs)
      const commit = autoCommit ? prepareCommit([tp0, 11]) : null
      consumer.assign([p2])
      expect([...consumer.assignment()]).toEqual([p2])
      if (commit === null) {
        expect(sent('OffsetCommit')).toEqual([])
      } else {
        prepareStored([p2, 0])
        await consumer.poll(0)
        expect(commit.received).toBe(true)
      }
      await consumer.close(0)
    },
  )

  test('a position is looked for although the partitions are paused', async () => {
    covers('KafkaConsumerTest.testOffsetOfPausedPartitions')
    const { consumer, prepareCoordinator, prepareStored, prepareOffsets, client } = setUpMember()
    consumer.assign([tp0, tp1])
    consumer.pause([tp0, tp1])
    prepareCoordinator()
    prepareStored([tp0, 0], [tp1, 0])
    const committed = await consumer.committed([tp0, tp1])
    expect([committed.get(tp0), committed.get(tp1)]).toEqual([at(0), at(0)])
    prepareStored([tp0, -1], [tp1, -1])
    prepareOffsets([tp0, 3], [tp1, 3])
    expect(await consumer.position(tp0)).toBe(3)
    expect(await consumer.position(tp1)).toBe(3)
    expect([...consumer.paused()]).toEqual([tp0, tp1])
    expect(client.hasPendingResponses()).toBe(false)
  })
})

describe('a commit in the background', () => {
  test('has what was handed out, not what was fetched', async () => {
    covers('KafkaConsumerTest.testAutoCommitSentBeforePositionUpdate')
    const member = setUpMember()
    const { consumer, join, time, prepareCommit } = member
    consumer.subscribe([topicName])
    await join(tp0)
    answerFetch(member, [tp0, 0, 5])
    await time.sleep(autoCommitIntervalMs)
    const commit = prepareCommit([tp0, 0])
    expect((await consumer.poll(0)).count()).toBe(5)
    expect(commit.received).toBe(true)
    await consumer.close(0)
  })

  test('comes before partitions are given up for another subscription', async () => {
    covers('KafkaConsumerTest.testSubscriptionChangesWithAutoCommitEnabled')
    const member = setUpMember({
      settings: { 'partition.assignment.strategy': 'range', 'auto.commit.interval.ms': 60_000 },
    })
    const { consumer, updateMetadata, join, prepareCommit, prepareJoin, prepareStored, client } =
      member
    updateMetadata({ topics: { [topicName]: 1, test2: 1, test3: 1 } })
    consumer.subscribe([topicName, 'test2'])
    expect([[...consumer.subscription()], consumer.assignment().size]).toEqual([
      [topicName, 'test2'],
      0,
    ])
    await join(tp0, p2)
    answerFetch(member, [tp0, 0, 1], [p2, 0, 10])
    expect((await consumer.poll(0)).count()).toBe(11)
    expect([await consumer.position(tp0), await consumer.position(p2)]).toEqual([1, 10])
    answerFetch(member, [tp0, 1, 0], [p2, 10, 0])
    consumer.subscribe([topicName, 'test3'])
    expect([[...consumer.subscription()], consumer.assignment().size]).toEqual([
      [topicName, 'test3'],
      2,
    ])
    updateMetadata({ topics: { [topicName]: 1, test2: 1, test3: 1 } })
    const commit = prepareCommit([tp0, 1], [p2, 10])
    prepareJoin([tp0, p3], 2)
    prepareStored([tp0, 1], [p3, 0])
    await member.pollUntil(() => consumer.assignment().has(p3))
    expect(commit.received).toBe(true)
    await member.pollUntil(() => member.sent('Fetch').length > 0)
    answerFetch(member, [tp0, 1, 1], [p3, 0, 100])
    const records = await consumer.poll(0)
    expect(records.count()).toBe(101)
    expect([records.nextOffsets.get(tp0), records.nextOffsets.get(p3)]).toEqual([at(2), at(100)])
    await consumer.unsubscribe()
    expect([consumer.subscription().size, consumer.assignment().size]).toEqual([0, 0])
    expect(client.hasPendingResponses()).toBe(false)
  })

  test('does not come when it is switched off', async () => {
    covers('KafkaConsumerTest.testSubscriptionChangesWithAutoCommitDisabled')
    const member = setUpMember(NO_AUTO_COMMIT)
    const { consumer, updateMetadata, join, sent } = member
    updateMetadata({ topics: { [topicName]: 1, test2: 1 } })
    consumer.subscribe([topicName])
    await join(tp0)
    consumer.subscribe(['test2'])
    expect([...consumer.subscription()]).toEqual(['test2'])
    expect([...consumer.assignment()]).toEqual([tp0])
    await consumer.unsubscribe()
    expect([consumer.subscription().size, consumer.assignment().size]).toEqual([0, 0])
    expect(sent('OffsetCommit')).toEqual([])
  })
})

describe('while the group rebalances', () => {
  test('records of partitions that stay are handed out', async () => {
    covers('KafkaConsumerTest.testReturnRecordsDuringRebalance')
    const member = setUpMember({
      settings: {
        'partition.assignment.strategy': 'cooperative-sticky',
        'auto.commit.interval.ms': 60_000,
      },
    })
    const { consumer, client, updateMetadata, prepareCoordinator, prepareStored, sent } = member
    const topics = { [topicName]: 1, test2: 1, test3: 1 }
    const protocolName = 'cooperative-sticky'
    const joinAs = (generationId: number) =>
      joinedAsFollower({ memberId, generationId, protocolName })
    updateMetadata({ topics })
    consumer.subscribe([topicName, 'test2'])
    prepareCoordinator()
    client.prepareResponse(ApiKeys.JOIN_GROUP, joinAs(1))
    client.prepareResponse(ApiKeys.SYNC_GROUP, synced([tp0, p2]))
    prepareStored([tp0, 0], [p2, 0])
    await member.pollUntil(() => sent('Fetch').length > 0)
    answerFetch(member, [tp0, 0, 1], [p2, 0, 10])
    expect((await consumer.poll(0)).count()).toBe(11)
    answerFetch(member, [tp0, 1, 1], [p2, 10, 20])

    consumer.subscribe([topicName, 'test3'])
    updateMetadata({ topics })
    const commit = member.prepareCommit([tp0, 1], [p2, 10])
    // It joins again, and hands out meanwhile what it keeps.
    let records = await consumer.poll(0)
    for (let i = 0; i < 5 && records.isEmpty(); i++) records = await consumer.poll(0)
    expect(commit.received).toBe(true)
    expect([...consumer.assignment()]).toEqual([tp0])
    expect([records.count(), records.nextOffsets.get(tp0)]).toEqual([1, at(2)])
    await member.pollUntil(() => sent('JoinGroup').length > 0)
    answerFetch(member, [tp0, 2, 1])
    expect((await consumer.poll(0)).nextOffsets.get(tp0)).toEqual(at(3))

    client.respondToRequest(sent('JoinGroup')[0]!, ApiKeys.JOIN_GROUP, joinAs(2))
    await member.pollUntil(() => sent('SyncGroup').length > 0)
    answerFetch(member, [tp0, 3, 1])
    expect((await consumer.poll(0)).nextOffsets.get(tp0)).toEqual(at(4))
    expect([...consumer.assignment()]).toEqual([tp0])

    client.respondToRequest(sent('SyncGroup')[0]!, ApiKeys.SYNC_GROUP, synced([tp0, p3]))
    prepareStored([p3, 0])
    answerFetch(member, [tp0, 4, 0])
    await member.pollUntil(() => consumer.assignment().has(p3))
    expect([await consumer.position(tp0), await consumer.position(p3)]).toEqual([4, 0])
    await consumer.close(0)
  })
})

describe('a coordinator that cannot be asked', () => {
  const refused = () => {
    const member = setUpMember(NO_AUTO_COMMIT)
    member.client.createPendingAuthenticationError(member.node, 0)
    return member
  }

  test('for lack of a login fails what needs it', async () => {
    covers(
      'KafkaConsumerTest.testCommitSyncAuthenticationFailure',
      'KafkaConsumerTest.testCommittedAuthenticationFailure',
    )
    const committing = refused().consumer.commitSync([[tp0, at(10)]])
    await expect(committing).rejects.toThrow(AuthenticationException)
    await expect(refused().consumer.committed([tp0])).rejects.toThrow(AuthenticationException)
  })

  test('in time is an error that says so', async () => {
    covers('KafkaConsumerTest.testCommittedThrowsTimeoutExceptionForNoResponse')
    const { consumer, prepareCoordinator } = setUpMember({ time: new MockTime(1000) })
    consumer.assign([tp0])
    prepareCoordinator()
    await expect(consumer.committed([tp0], 5000)).rejects.toThrow(TimeoutException)
    await expect(consumer.committed([tp0], 5000)).rejects.toThrow(
      /5000ms expired.*committed offset for partitions test-0.*default\.api\.timeout\.ms/,
    )
    await expect(consumer.commitSync([[tp0, at(3)]], 5000)).rejects.toThrow(
      /5000ms expired before successfully committing offsets \{test-0=.*offset=3/,
    )
  })

  test('for a broker too old to wait for open transactions is an error if wanted', async () => {
    covers(
      'KafkaConsumerTest.testFetchStableOffsetThrowInCommitted',
      'KafkaConsumerTest.testFetchStableOffsetThrowInPoll',
      'KafkaConsumerTest.testFetchStableOffsetThrowInPosition',
    )
    const throwing = () => {
      const member = setUpMember({
        settings: { 'internal.throw.on.fetch.stable.offset.unsupported': true },
      })
      member.prepareCoordinator()
      member.client.prepareUnsupportedVersionResponse(ApiKeys.OFFSET_FETCH)
      member.consumer.assign([tp0])
      return member
    }
    await expect(throwing().consumer.committed([tp0])).rejects.toThrow(UnsupportedVersionException)
    await expect(throwing().consumer.position(tp0)).rejects.toThrow(UnsupportedVersionException)
    const polling = throwing()
    await expect(polling.pollUntil(() => false)).rejects.toThrow(UnsupportedVersionException)
  })
})

describe('the time that calls took', () => {
  const metric = ({ consumer }: Member, name: string): number => {
    const found = [...consumer.metrics()].find(([each]) => each.name === name)
    return found![1].metricValue() as number
  }

  test('is measured, whether they succeed', async () => {
    covers(
      'KafkaConsumerTest.testMeasureCommitSyncDuration',
      'KafkaConsumerTest.testMeasureCommittedDuration',
    )
    const member = setUpMember({ time: new MockTime(1000) })
    const { consumer, prepareCoordinator, prepareCommit, prepareStored } = member
    consumer.assign([tp0])
    prepareCoordinator()
    prepareCommit([tp0, 10])
    await consumer.commitSync([[tp0, at(10)]])
    expect(metric(member, 'commit-sync-time-ns-total')).toBeGreaterThanOrEqual(999e6)
    prepareStored([tp0, 10])
    await consumer.committed([tp0])
    expect(metric(member, 'committed-time-ns-total')).toBeGreaterThanOrEqual(999e6)
  })

  test('or fail', async () => {
    covers(
      'KafkaConsumerTest.testMeasureCommitSyncDurationOnFailure',
      'KafkaConsumerTest.testMeasureCommittedDurationOnFailure',
    )
    const member = setUpMember({ time: new MockTime(1000), ...NO_AUTO_COMMIT })
    member.client.createPendingAuthenticationError(member.node, 0)
    await expect(member.consumer.commitSync([[tp0, at(10)]])).rejects.toThrow()
    expect(metric(member, 'commit-sync-time-ns-total')).toBeGreaterThanOrEqual(999e6)
    await expect(member.consumer.committed([tp0])).rejects.toThrow()
    expect(metric(member, 'committed-time-ns-total')).toBeGreaterThanOrEqual(999e6)
  })
})
