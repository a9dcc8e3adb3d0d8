import { describe, expect, test } from 'vitest'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import {
  autoCommitIntervalMs,
  CoordinatorHarness,
  heartbeatIntervalMs,
  microtasks,
  offsets,
  requestTimeoutMs,
  sessionTimeoutMs,
  t1p,
  topic1,
} from '../support/CoordinatorHarness.ts'
import { committed, joinedAsFollower } from '../support/groupResponses.ts'

interface Setting {
  readonly autoCommit: boolean
  /** Default: a dynamic member. */
  readonly groupInstanceId?: string
  /** Default: a member of a group. */
  readonly isManual?: boolean
  readonly heartbeats?: boolean
}

/** It has t1p, and is at 100. */
const build = async ({ isManual = false, ...options }: Setting): Promise<CoordinatorHarness> => {
  const harness = new CoordinatorHarness('EAGER', options)
  if (isManual) {
    await harness.findCoordinator()
    harness.assignByHand(t1p)
  } else {
    harness.subscribe(topic1)
    await harness.joinAsFollower(t1p)
  }
  harness.subscriptions.seek(t1p, 100)
  await harness.coordinator.poll(harness.timer(0))
  return harness
}

const loseCoordinator = async (
  { client, consumerClient, coordinator, time, timer }: CoordinatorHarness,
  name: 'NOT_COORDINATOR' | 'COORDINATOR_NOT_AVAILABLE',
): Promise<void> => {
  time.sleep(sessionTimeoutMs)
  coordinator.sendHeartbeatRequest()
  client.prepareResponse(ApiKeys.HEARTBEAT, { errorCode: Errors[name].code })
  await consumerClient.poll(timer.call({ time }, 0))
  expect(coordinator.coordinatorUnknown()).toBe(true)
}

/** Closes, and looks how long that takes when nobody answers. */
const expectCloseTakes = async (
  harness: CoordinatorHarness,
  timeoutMs: number,
  expectedMs: number,
): Promise<void> => {
  const { coordinator, time } = harness
  let isClosed = false
  const closing = coordinator
    .close(harness.timer(Math.min(timeoutMs, requestTimeoutMs)))
    .then(() => {
      isClosed = true
    })
  await microtasks()
  if (expectedMs > 0) {
    time.sleep(expectedMs - 1)
    await microtasks()
    expect(isClosed).toBe(false)
    time.sleep(2)
  }
  await microtasks()
  expect(isClosed).toBe(true)
  await closing
}

describe('close', () => {
  test.each([
    ['of a member commits, and leaves the group', false, 'testCloseDynamicAssignment'],
    ['of a consumer that assigns by itself commits', true, 'testCloseManualAssignment'],
  ])('%s', async (_, isManual, scenario) => {
    covers(`ConsumerCoordinatorTest.${scenario}`)
    const harness = await build({ autoCommit: true, isManual })
    const { client, coordinator, listener } = harness
    const requested: string[] = []
    client.prepareResponse(ApiKeys.OFFSET_COMMIT, committed([t1p]), {
      matcher: ({ groupId }) => requested.push(`commit ${groupId}`) > 0,
    })
    if (!isManual) {
      client.prepareResponse(
        ApiKeys.LEAVE_GROUP,
        {},
        {
          matcher: ({ groupId }) => requested.push(`leave ${groupId}`) > 0,
        },
      )
    }
    await coordinator.close(harness.timer(1000))
    expect(requested[0]).toBe('commit test-group')
    expect(requested.slice(1)).toEqual(isManual ? [] : ['leave test-group'])
    expect([listener.revokedCount, listener.revoked]).toEqual(isManual ? [0, null] : [1, [t1p]])
  })

  test('still sends what waits for the coordinator to be committed', async () => {
    const harness = await build({ autoCommit: false, isManual: true })
    const { coordinator } = harness
    const told: unknown[] = []
    coordinator.markCoordinatorUnknown('test cause')
    coordinator.commitOffsetsAsync(offsets([t1p, 7]), (_offsets, error) => told.push(error))
    await microtasks()
    expect(coordinator.committer.pendingAsyncCommits()).toBe(1)
    const closing = coordinator.close(harness.timer(1000))
    await microtasks()
    void harness.respondWithCoordinator()
    await microtasks()
    harness.respondToCommit(offsets([t1p, 7]))
    await closing
    await harness.settle()
    coordinator.invokeCompletedOffsetCommitCallbacks()
    expect(told).toEqual([null])
  })
})

const staticMember = { groupInstanceId: 'test-instance' }

describe('close without answers takes', () => {
  test.each([
    [
      'its time, to find the coordinator and commit',
      { autoCommit: true, isManual: true },
      'NOT_COORDINATOR',
      1000,
      1000,
      'CoordinatorNotKnownManualAssignment',
    ],
    [
      'its time, for a member as well',
      { autoCommit: true },
      'NOT_COORDINATOR',
      1000,
      1000,
      'CoordinatorNotKnownWithCommits',
    ],
    [
      'no time, with nothing to commit',
      { autoCommit: false },
      'NOT_COORDINATOR',
      1000,
      0,
      'CoordinatorNotKnownNoCommits',
    ],
    [
      'no time, whatever the reason',
      { autoCommit: false },
      'COORDINATOR_NOT_AVAILABLE',
      1000,
      0,
      'CoordinatorUnavailableNoCommits',
    ],
    [
      'its time, for a static member',
      { autoCommit: true, ...staticMember },
      'COORDINATOR_NOT_AVAILABLE',
      1000,
      1000,
      'TimeoutCoordinatorUnavailableForCommit',
    ],
    [
      'a request time-out at most',
      { autoCommit: true, ...staticMember },
      'COORDINATOR_NOT_AVAILABLE',
      Infinity,
      requestTimeoutMs,
      'MaxWaitCoordinatorUnavailableForCommit',
    ],
    [
      'as long for a commit',
      { autoCommit: true, ...staticMember },
      null,
      Infinity,
      requestTimeoutMs,
      'NoResponseForCommit',
    ],
    [
      'as long for leaving',
      { autoCommit: false },
      null,
      Infinity,
      requestTimeoutMs,
      'NoResponseForLeaveGroup',
    ],
    ['no time if it has none', { autoCommit: true, ...staticMember }, null, 0, 0, 'NoWait'],
  ] as const)('%s', async (_, setting, lost, timeoutMs, expectedMs, scenario) => {
    covers(`ConsumerCoordinatorTest.testClose${scenario}`)
    const harness = await build(setting)
    if (lost !== null) await loseCoordinator(harness, lost)
    harness.time.sleep(autoCommitIntervalMs)
    await expectCloseTakes(harness, timeoutMs, expectedMs)
  })

  test('the heartbeat loop with it', async () => {
    covers('ConsumerCoordinatorTest.testHeartbeatThreadClose')
    const harness = await build({ autoCommit: true, ...staticMember, heartbeats: true })
    await harness.coordinator.ensureActiveGroup(harness.timer(0))
    const loop = harness.coordinator.heartbeatLoop()
    loop?.enable()
    harness.time.sleep(heartbeatIntervalMs + 100)
    await microtasks()
    expect(harness.client.requests().map(({ apiKey }) => apiKey.name)).toContain('Heartbeat')
    const closing = harness.coordinator.close(harness.timer(requestTimeoutMs))
    await microtasks()
    harness.time.sleep(requestTimeoutMs)
    await closing
    expect(`${loop}`).toContain('closed')
    expect(harness.coordinator.heartbeatLoop()).toBe(null)
  })
})

describe('leaving', () => {
  const expectLeave = async (
    harness: CoordinatorHarness,
    leave: () => Promise<unknown>,
  ): Promise<void> => {
    let isAsked = false
    harness.client.prepareResponse(
      ApiKeys.LEAVE_GROUP,
      {},
      {
        matcher: ({ groupId, members }) => {
          isAsked = true
          return groupId === 'test-group' && members.map((m) => m.memberId).join() === 'consumer'
        },
      },
    )
    await leave()
    expect(isAsked).toBe(true)
    expect(harness.coordinator.generationIfStable()).toBe(null)
  }

  test('is what a dynamic member does when it closes', async () => {
    covers('ConsumerCoordinatorTest.testLeaveGroupOnClose')
    const harness = await build({ autoCommit: false })
    await expectLeave(harness, () => harness.coordinator.close(harness.timer(0)))
  })

  test('can be asked for', async () => {
    covers('ConsumerCoordinatorTest.testMaybeLeaveGroup')
    const harness = await build({ autoCommit: false })
    const { coordinator } = harness
    await expectLeave(harness, async () => coordinator.maybeLeaveGroup('DEFAULT', 'test'))
  })

  test('is possible with an id, before there is a generation', async () => {
    covers('ConsumerCoordinatorTest.testPendingMemberShouldLeaveGroup')
    const harness = new CoordinatorHarness()
    const { coordinator } = harness
    harness.subscribe(topic1)
    await harness.findCoordinator()
    const named = joinedAsFollower({ generationId: -1, error: Errors.MEMBER_ID_REQUIRED })
    harness.client.prepareResponse(ApiKeys.JOIN_GROUP, named)
    await coordinator.joinGroupIfNeeded(harness.timer(0))
    await expectLeave(harness, async () => coordinator.maybeLeaveGroup('DEFAULT', 'test'))
  })
})
