import { describe, expect, test } from 'vitest'
import { DisconnectException } from '../../../src/common/errors.ts'
import type { RequestFuture } from '../../../src/consumer/internals/RequestFuture.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import {
  CoordinatorHarness,
  heartbeatIntervalMs,
  microtasks,
  rebalanceTimeoutMs,
  sessionTimeoutMs,
  t1p,
  t2p,
  topic1,
} from '../support/CoordinatorHarness.ts'

/** Sends a heartbeat, and lets it be answered. */
const beat = async (
  harness: CoordinatorHarness,
  error: WireError = Errors.NONE,
  disconnected = false,
): Promise<RequestFuture<void>> => {
  const { client, consumerClient, coordinator, time } = harness
  time.sleep(sessionTimeoutMs)
  const future = coordinator.sendHeartbeatRequest()
  expect(consumerClient.pendingRequestCount()).toBe(1)
  expect(future.isDone()).toBe(false)
  client.prepareResponse(ApiKeys.HEARTBEAT, { errorCode: error.code }, { disconnected })
  await consumerClient.poll(harness.timer(0))
  expect(future.isDone()).toBe(true)
  return future
}

describe('a heartbeat', () => {
  test('that is answered well changes nothing', async () => {
    covers('ConsumerCoordinatorTest.testNormalHeartbeat')
    const harness = new CoordinatorHarness()
    await harness.findCoordinator()
    expect((await beat(harness)).succeeded()).toBe(true)
    expect(harness.coordinator.coordinatorUnknown()).toBe(false)
  })

  test.each([
    ['COORDINATOR_NOT_AVAILABLE', 'testCoordinatorNotAvailable'],
    ['NOT_COORDINATOR', 'testNotCoordinator'],
  ] as const)('answered %s means that the coordinator is elsewhere', async (name, scenario) => {
    covers(`ConsumerCoordinatorTest.${scenario}`)
    const harness = new CoordinatorHarness()
    await harness.findCoordinator()
    const future = await beat(harness, Errors[name])
    expect(future.exception()).toBeInstanceOf(Errors[name].exceptionClass!)
    expect(harness.coordinator.coordinatorUnknown()).toBe(true)
  })

  test('without answer, for the connection is lost, as well', async () => {
    covers('ConsumerCoordinatorTest.testCoordinatorDisconnect')
    const harness = new CoordinatorHarness()
    await harness.findCoordinator()
    const future = await beat(harness, Errors.NONE, true)
    expect(future.exception()).toBeInstanceOf(DisconnectException)
    expect(harness.coordinator.coordinatorUnknown()).toBe(true)
  })

  test.each([
    ['ILLEGAL_GENERATION', 'testIllegalGeneration'],
    ['UNKNOWN_MEMBER_ID', 'testUnknownMemberId'],
  ] as const)('answered %s: everything is lost, and the member joins again', async (name, scen) => {
    covers(`ConsumerCoordinatorTest.${scen}`)
    const harness = new CoordinatorHarness()
    const { coordinator, listener } = harness
    await harness.findCoordinator()
    harness.subscribe(topic1)
    harness.subscriptions.assignFromSubscribed([t1p])
    const future = await beat(harness, Errors[name])
    expect(future.exception()).toBeInstanceOf(Errors[name].exceptionClass!)
    expect(coordinator.rejoinNeededOrPending()).toBe(true)
    await coordinator.poll(harness.timer(0))
    expect(listener.lostCount).toBe(1)
    expect(listener.lost).toEqual([t1p])
  })
})

test('poll counts as a sign of life, also while the coordinator is not known', async () => {
  covers('ConsumerCoordinatorTest.testUpdateLastHeartbeatPollWhenCoordinatorUnknown')
  const harness = new CoordinatorHarness('EAGER', { heartbeats: true })
  const { client, coordinator, time } = harness
  harness.subscribe(topic1)
  await harness.findCoordinator()
  harness.prepareJoinAsFollower([t1p])
  await coordinator.poll(harness.forever)
  client.prepareResponse(ApiKeys.HEARTBEAT, { errorCode: Errors.NOT_COORDINATOR.code })
  time.sleep(heartbeatIntervalMs)
  await microtasks()
  expect(client.numAwaitingResponses()).toBe(0)
  time.sleep(100)
  await microtasks()

  expect(coordinator.coordinatorUnknown()).toBe(true)
  expect(await coordinator.poll(harness.timer(0))).toBe(false)
  expect(coordinator.heartbeat.lastPollTime()).toBe(time.milliseconds())
  time.sleep(rebalanceTimeoutMs - 1)
  expect(coordinator.heartbeat.pollTimeoutExpired(time.milliseconds())).toBe(false)
  await coordinator.close(harness.timer(0))
})

test('who is in the group, and as whom, can be asked at any time', async () => {
  covers('ConsumerCoordinatorTest.testGetGroupMetadata')
  const dynamic = new CoordinatorHarness()
  expect(dynamic.coordinator.groupMetadata()).toMatchObject({
    groupId: 'test-group',
    generationId: -1,
    memberId: '',
    groupInstanceId: null,
  })
  const harness = new CoordinatorHarness('EAGER', { groupInstanceId: 'test-instance' })
  harness.subscribe(topic1)
  await harness.joinAsFollower(t1p)
  const member = harness.coordinator.groupMetadata()
  expect(`${member}`).toBe(
    'GroupMetadata(groupId = test-group, generationId = 1, memberId = consumer, ' +
      'groupInstanceId = test-instance)',
  )
  expect(member.equals(dynamic.coordinator.groupMetadata())).toBe(false)
})

test('the metrics of commits, of listeners and of the assignment are there', async () => {
  covers('ConsumerCoordinatorTest.testMetrics')
  const harness = new CoordinatorHarness()
  const { metrics } = harness
  const value = (name: string): unknown =>
    metrics.metric(metrics.metricName(name, 'consumer-coordinator-metrics'))?.metricValue()
  for (const latencyMs of [1, 6, 2]) metrics.sensor('commit-latency').record(latencyMs)
  expect(value('commit-latency-avg')).toBe(3)
  expect(value('commit-latency-max')).toBe(6)
  expect(value('commit-rate')).toBeCloseTo(0.1)
  expect(value('commit-total')).toBe(3)
  for (const event of ['revoked', 'assigned', 'lost']) {
    for (const latencyMs of [1, 2]) metrics.sensor(`partition-${event}-latency`).record(latencyMs)
    expect(value(`partition-${event}-latency-avg`)).toBe(1.5)
    expect(value(`partition-${event}-latency-max`)).toBe(2)
  }
  expect(value('assigned-partitions')).toBe(0)
  harness.assignByHand(t1p)
  expect(value('assigned-partitions')).toBe(1)
  harness.assignByHand(t1p, t2p)
  expect(value('assigned-partitions')).toBe(2)
})
