/**
 * What a rebalance listener may do, what becomes of what it throws, and how a member takes its
 * leave.
 */

import { describe, expect, test } from 'vitest'
import { ConcurrentModificationException, KafkaException } from '../../src/common/errors.ts'
import { Simulation } from '../../src/common/Simulation.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { fetchResponse, topicName, tp0 } from './support/ConsumerHarness.ts'
import { microtasks } from './support/CoordinatorHarness.ts'
import { committed } from './support/groupResponses.ts'
import { failureOf, heartbeatIntervalMs, listenerThat, setUpMember } from './support/memberSetup.ts'

describe('a listener', () => {
  test('may use the consumer, and wait for what it does', async () => {
    const setup = setUpMember({ settings: { 'enable.auto.commit': false } })
    const { consumer, client, prepareCoordinator, prepareJoin, prepareStored, prepareCommit } =
      setup
    const told: string[] = []
    consumer.subscribe([topicName], {
      onPartitionsAssigned: async (partitions) => {
        prepareStored([tp0, 7])
        const committed = await consumer.committed(partitions)
        told.push(`committed ${committed.get(tp0)?.offset}`)
        consumer.seek(tp0, 3)
        told.push(`position ${await consumer.position(tp0)}`)
      },
      onPartitionsRevoked: async () => {
        const commit = prepareCommit([tp0, 3])
        await consumer.commitSync()
        told.push(`commit ${commit.received}`)
      },
    })
    prepareCoordinator()
    prepareJoin([tp0])
    await setup.pollUntil(() => told.length > 0)
    await setup.pollUntil(() => setup.sent('Fetch').length > 0)
    client.respond(ApiKeys.FETCH, fetchResponse([]))
    await consumer.unsubscribe()
    expect(told).toEqual(['committed 7', 'position 3', 'commit true'])
  })

  test('may not poll or close, which would begin what it is in the middle of', async () => {
    const { consumer, prepareCoordinator, prepareJoin, pollUntil } = setUpMember()
    const failures: Error[] = []
    consumer.subscribe([topicName], {
      onPartitionsAssigned: async () => {
        await consumer.poll(0).catch((error: Error) => failures.push(error))
        await consumer.close().catch((error: Error) => failures.push(error))
      },
    })
    prepareCoordinator()
    prepareJoin([tp0])
    await pollUntil(() => failures.length > 0)
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(ConcurrentModificationException)
      expect(failure.message).toMatch(/while a rebalance listener of poll\(\) runs/)
    }
    expect(failures).toHaveLength(2)
    await consumer.close(0)
  })

  test('that does not await its own call lets poll go on only when that is over', async () => {
    const { consumer, time, prepareCoordinator, prepareJoin, pollUntil } = setUpMember({
      settings: { 'enable.auto.commit': false },
    })
    const events: string[] = []
    consumer.subscribe([topicName], {
      onPartitionsAssigned: () => {
        void consumer
          .committed([tp0], 300)
          .catch(() => undefined)
          .then(() => events.push('the call is over'))
      },
    })
    prepareCoordinator()
    prepareJoin([tp0])
    const polling = pollUntil(() => consumer.assignment().size === 1).then(() =>
      events.push('poll is over'),
    )
    for (let i = 0; i < 20; i++) {
      await microtasks()
      await time.sleep(100)
    }
    await polling
    expect(events).toEqual(['the call is over', 'poll is over'])
    await consumer.close(0)
  })
})

describe('a listener that throws', () => {
  test('changes nothing in the assignment; poll and close tell what it threw', async () => {
    covers('KafkaConsumerTest.testRebalanceException')
    const setup = setUpMember({ settings: { 'enable.auto.commit': false } })
    const { consumer, subscriptions, prepareCoordinator, prepareJoin, logger } = setup
    const { listener } = listenerThat('always')
    consumer.subscribe([topicName], listener)
    prepareCoordinator()
    prepareJoin([tp0])
    const failure = await failureOf(() => consumer.poll(0))
    expect(failure).toBeInstanceOf(KafkaException)
    expect((failure.cause as Error).message).toBe('assigned test-0')
    expect([...subscriptions.assignedPartitions()]).toEqual([tp0])
    const closing = await failureOf(() => consumer.close(0), 1)
    expect(((closing.cause as Error).cause as Error).message).toBe('revoked test-0')
    expect(subscriptions.assignedPartitions().size).toBe(0)
    await consumer.close(0)
    expect(logger.messages('error').length).toBeGreaterThan(0)
  })

  test('is told by unsubscribe what is revoked', async () => {
    covers('KafkaConsumerTest.testUnsubscribeShouldTriggerPartitionsRevokedWithValidGeneration')
    const { listener } = listenerThat('always')
    const { consumer, prepareCoordinator, prepareJoin } = setUpMember({
      settings: { 'enable.auto.commit': false },
    })
    consumer.subscribe([topicName], listener)
    prepareCoordinator()
    prepareJoin([tp0])
    expect((await failureOf(() => consumer.poll(0))).cause).toMatchObject({
      message: 'assigned test-0',
    })
    expect((await failureOf(() => consumer.unsubscribe(), 1)).cause).toMatchObject({
      message: 'revoked test-0',
    })
  })

  test('is told by unsubscribe what is lost, once the coordinator has forgotten us', async () => {
    covers('KafkaConsumerTest.testUnsubscribeShouldTriggerPartitionsLostWithNoGeneration')
    const { listener } = listenerThat('always')
    const { consumer, client, time, prepareCoordinator, prepareJoin, sent } = setUpMember({
      settings: { 'enable.auto.commit': false },
    })
    consumer.subscribe([topicName], listener)
    prepareCoordinator()
    prepareJoin([tp0])
    await failureOf(() => consumer.poll(0))
    await time.sleep(heartbeatIntervalMs)
    await microtasks()
    if (sent('Heartbeat').length === 0) await microtasks()
    client.respondToRequest(sent('Heartbeat')[0]!, ApiKeys.HEARTBEAT, {
      errorCode: Errors.UNKNOWN_MEMBER_ID.code,
    })
    await time.sleep(100)
    await microtasks()
    expect((await failureOf(() => consumer.unsubscribe(), 1)).cause).toMatchObject({
      message: 'lost test-0',
    })
  })
})

describe('closing', () => {
  test('waits for what is under way to the coordinator, until its time is over', async () => {
    covers('KafkaConsumerTest.testLeaveGroupTimeout')
    const simulation = new Simulation({ seed: 1 })
    await simulation.run(async () => {
      const member = setUpMember({
        time: simulation,
        settings: { 'enable.auto.commit': false },
      })
      const { consumer, client, join, sent } = member
      consumer.subscribe([topicName])
      await join(tp0)
      client.waitDuringPoll = true
      consumer.commitAsync()
      const before = simulation.milliseconds()
      let isClosed = false
      const closing = consumer.close(5000).then(() => {
        isClosed = true
      })
      await simulation.sleep(100)
      expect(isClosed).toBe(false)
      client.respondToRequest(sent('OffsetCommit')[0]!, ApiKeys.OFFSET_COMMIT, committed([tp0]))
      await simulation.sleep(100)
      expect(sent('LeaveGroup')).toHaveLength(1)
      expect(isClosed).toBe(false)
      await closing
      expect(simulation.milliseconds() - before).toBe(5000)
    })
  })

  test.each([
    ['a dynamic member leaves', {}, {}, 1],
    ['unless it is told to remain', {}, { groupMembershipOperation: 'REMAIN_IN_GROUP' }, 0],
    ['a static member remains', { 'group.instance.id': 'mine' }, {}, 0],
    [
      'unless it is told to leave',
      { 'group.instance.id': 'mine' },
      { groupMembershipOperation: 'LEAVE_GROUP' },
      1,
    ],
  ] as const)('%s', async (_, more, options, leaves) => {
    const { consumer, join, sent } = setUpMember({
      settings: { 'enable.auto.commit': false, ...more },
    })
    consumer.subscribe([topicName])
    await join(tp0)
    await consumer.close({ timeoutMs: 0, ...options })
    expect(sent('LeaveGroup')).toHaveLength(leaves)
  })
})
