import { beforeEach, describe, expect, test } from 'vitest'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import {
  autoCommitIntervalMs,
  CoordinatorHarness,
  offsets,
  rebalanceTimeoutMs,
  retryBackoffMs,
  t1p,
  topic1,
} from '../support/CoordinatorHarness.ts'
import { coordinatorIs } from '../support/groupResponses.ts'

const at100 = offsets([t1p, 100])
const at200 = offsets([t1p, 200])

let harness: CoordinatorHarness

const poll = async (timeoutMs = 0): Promise<void> => {
  await harness.coordinator.poll(harness.timer(timeoutMs))
  await harness.settle()
}
const underWay = (): number => harness.client.inFlightRequestCount()

beforeEach(() => {
  harness = new CoordinatorHarness('EAGER', { autoCommit: true })
})

describe('auto commit of what a group has assigned', () => {
  beforeEach(async () => {
    harness.subscribe(topic1)
    await harness.findCoordinator()
  })

  const join = async (): Promise<void> => {
    harness.prepareJoinAsFollower([t1p])
    await harness.coordinator.joinGroupIfNeeded(harness.forever)
    harness.subscriptions.seek(t1p, 100)
  }

  test('commits the positions when the interval is over', async () => {
    covers(
      'ConsumerCoordinatorTest.testAutoCommitDynamicAssignment',
      'ConsumerCoordinatorTest.testAutoCommitDynamicAssignmentRebalance',
    )
    // Before joining there is nothing to commit.
    harness.time.sleep(autoCommitIntervalMs)
    await harness.settle()
    await join()
    await poll()
    expect(underWay()).toBe(0)
    harness.prepareCommit(at100)
    harness.time.sleep(autoCommitIntervalMs)
    await poll()
    expect(harness.client.hasPendingResponses()).toBe(false)
  })

  test('peer bug: commits the next offset to read, not that of the last record', async () => {
    await join()
    // Ten records were handed out: 100 to 109.
    harness.subscriptions.seek(t1p, 110)
    harness.prepareCommit(offsets([t1p, 110]))
    harness.time.sleep(autoCommitIntervalMs)
    await poll()
    expect(harness.client.hasPendingResponses()).toBe(false)
  })

  test('waits for the interval, however long the answer takes', async () => {
    covers('ConsumerCoordinatorTest.testAutoCommitAwaitsInterval')
    await join()
    harness.time.sleep(autoCommitIntervalMs)
    await poll()
    expect(underWay()).toBe(1)
    harness.time.sleep(autoCommitIntervalMs / 2)
    await poll()
    expect(underWay()).toBe(1)

    harness.respondToCommit(at100)
    await poll()
    expect(underWay()).toBe(0)
    harness.subscriptions.seek(t1p, 200)
    await poll()
    expect(underWay()).toBe(0)

    harness.time.sleep(autoCommitIntervalMs / 2)
    await poll()
    expect(underWay()).toBe(1)
    harness.respondToCommit(at200)
  })

  test('tries again after a back-off when it failed in passing', async () => {
    covers('ConsumerCoordinatorTest.testAutoCommitRetryBackoff')
    const { coordinator } = harness
    await join()
    harness.time.sleep(autoCommitIntervalMs)
    harness.prepareCommit(at100, Errors.NOT_COORDINATOR)
    await poll()
    expect(coordinator.coordinatorUnknown()).toBe(true)
    harness.prepareCoordinator()
    await poll(1000)
    expect(coordinator.coordinatorUnknown()).toBe(false)

    harness.subscriptions.seek(t1p, 200)
    harness.time.sleep(retryBackoffMs / 2)
    await poll()
    expect(underWay()).toBe(0)
    harness.time.sleep(retryBackoffMs / 2)
    await poll()
    expect(underWay()).toBe(1)
    harness.respondToCommit(at200)
  })

  test('says when poll is needed next', async () => {
    await join()
    const { coordinator, time } = harness
    expect(coordinator.timeToNextPoll(time.milliseconds())).toBe(autoCommitIntervalMs)
    time.sleep(500)
    await poll()
    expect(coordinator.timeToNextPoll(time.milliseconds())).toBe(autoCommitIntervalMs - 500)
  })

  test('that fails for good is logged, and does not end the consumer', async () => {
    await join()
    harness.time.sleep(autoCommitIntervalMs)
    harness.prepareCommit(at100, Errors.OFFSET_METADATA_TOO_LARGE)
    await poll()
    await poll()
    expect(harness.logger.messages('warn').join()).toContain('auto-commit')
  })
})

describe('auto commit of what the program has assigned', () => {
  beforeEach(() => {
    harness.assignByHand(t1p)
    harness.subscriptions.seek(t1p, 100)
  })

  test('commits when the interval is over', async () => {
    covers('ConsumerCoordinatorTest.testAutoCommitManualAssignment')
    await harness.findCoordinator()
    harness.prepareCommit(at100)
    harness.time.sleep(autoCommitIntervalMs)
    await poll()
    expect(harness.client.hasPendingResponses()).toBe(false)
  })

  test('commits as soon as the coordinator is known, when it is overdue', async () => {
    covers('ConsumerCoordinatorTest.testAutoCommitManualAssignmentCoordinatorUnknown')
    await harness.settle()
    harness.time.sleep(autoCommitIntervalMs)
    await harness.settle()
    await harness.findCoordinator()
    harness.time.sleep(retryBackoffMs)
    harness.prepareCommit(at100)
    await poll()
    expect(harness.client.hasPendingResponses()).toBe(false)
  })

  test('looks for the coordinator itself, and commits once it is found', async () => {
    covers(
      'ConsumerCoordinatorTest.testAutoCommitAsyncWithUserAssignedType',
      'ConsumerCoordinatorTest.testAutoCommitAfterCoordinatorBackToService',
    )
    const { client, coordinator } = harness
    await coordinator.poll(harness.timer(0))
    expect(coordinator.coordinatorUnknown()).toBe(true)
    expect(client.hasInFlightRequests()).toBe(false)

    harness.time.sleep(autoCommitIntervalMs)
    await poll()
    expect(client.requests()[0]?.apiKey).toBe(ApiKeys.FIND_COORDINATOR)
    client.respond(ApiKeys.FIND_COORDINATOR, coordinatorIs(harness.node))
    await poll()
    expect(coordinator.coordinatorUnknown()).toBe(false)
    harness.respondToCommit(at100)

    coordinator.markCoordinatorUnknown('test cause')
    harness.prepareCoordinator()
    harness.prepareCommit(at100)
    harness.time.sleep(autoCommitIntervalMs)
    coordinator.maybeAutoCommitOffsetsAsync(harness.time.milliseconds())
    await harness.settle()
    expect(coordinator.coordinatorUnknown()).toBe(false)
    expect(client.hasPendingResponses()).toBe(false)
    expect(harness.subscriptions.position(t1p)?.offset).toBe(100)
  })

  test('does not look for the coordinator before that', async () => {
    covers('ConsumerCoordinatorTest.testCoordinatorNotAvailableWithUserAssignedType')
    const { coordinator } = harness
    await coordinator.poll(harness.timer(0))
    harness.prepareCoordinator()
    await coordinator.poll(harness.forever)
    expect(coordinator.coordinatorUnknown()).toBe(true)
    expect(harness.client.numAwaitingResponses()).toBe(1)
  })
})

describe('before a rebalance', () => {
  const joined = async (autoCommit: boolean, protocol: 'EAGER' | 'COOPERATIVE' = 'EAGER') => {
    harness = new CoordinatorHarness(protocol, { autoCommit })
    harness.subscribe(topic1)
    await harness.joinAsFollower(t1p)
    harness.subscriptions.seek(t1p, 100)
  }
  const prepare = (timeoutMs = 100): Promise<boolean> =>
    harness.coordinator.onJoinPrepare(harness.timer(timeoutMs), 42, 'consumer-42')
  const expectQuiet = (): void => {
    expect(harness.client.hasPendingResponses()).toBe(false)
    expect(harness.client.hasInFlightRequests()).toBe(false)
  }

  test('the positions are committed once more', async () => {
    covers('ConsumerCoordinatorTest.testJoinPrepareAndCommitCompleted')
    await joined(true)
    harness.prepareCommit(at100)
    expect(await prepare()).toBe(true)
    harness.coordinator.invokeCompletedOffsetCommitCallbacks()
    expectQuiet()
    expect(harness.coordinator.coordinatorUnknown()).toBe(false)
  })

  test('nothing is committed if the program does that', async () => {
    covers('ConsumerCoordinatorTest.testJoinPrepareWithDisableAutoCommit')
    await joined(false)
    harness.prepareCommit(at100)
    expect(await prepare(0)).toBe(true)
    expect(harness.client.numAwaitingResponses()).toBe(1)
    expect(harness.client.hasInFlightRequests()).toBe(false)
  })

  test.each([
    ['UNKNOWN_TOPIC_OR_PARTITION', 'OnJoinPrepareWithOffsetCommitShouldSuccessAfterRetry', false],
    ['COORDINATOR_NOT_AVAILABLE', 'JoinPrepareAndCommitWithCoordinatorNotAvailable', true],
  ] as const)('the commit is tried again after %s', async (error, scenario, isLost) => {
    covers(`ConsumerCoordinatorTest.test${scenario}`)
    await joined(true)
    harness.prepareCommit(at100, Errors[error])
    expect(await prepare()).toBe(false)
    harness.coordinator.invokeCompletedOffsetCommitCallbacks()
    expectQuiet()
    expect(harness.coordinator.coordinatorUnknown()).toBe(isLost)
    expect(harness.assigned()).toEqual([t1p])

    if (isLost) await harness.findCoordinator()
    harness.prepareCommit(at100)
    expect(await prepare()).toBe(true)
    expectQuiet()
    expect(harness.assigned()).toEqual([])
  })

  test('a commit that cannot succeed holds up nobody', async () => {
    const scenario = 'OnJoinPrepareWithOffsetCommitShouldKeepJoinAfterNonRetryableException'
    covers(`ConsumerCoordinatorTest.test${scenario}`)
    covers('ConsumerCoordinatorTest.testJoinPrepareAndCommitWithUnknownMemberId')
    await joined(true)
    harness.prepareCommit(at100, Errors.UNKNOWN_MEMBER_ID)
    expect(await prepare()).toBe(true)
    harness.coordinator.invokeCompletedOffsetCommitCallbacks()
    expectQuiet()
    expect(harness.coordinator.coordinatorUnknown()).toBe(false)
  })

  test('a commit without answer is waited for as long as the group waits for us', async () => {
    const scenario = 'OnJoinPrepareWithOffsetCommitShouldKeepJoinAfterRebalanceTimeout'
    covers(`ConsumerCoordinatorTest.test${scenario}`)
    await joined(true)
    expect(await prepare(0)).toBe(false)
    harness.time.sleep(rebalanceTimeoutMs)
    harness.respondToCommit(at100, Errors.UNKNOWN_TOPIC_OR_PARTITION)
    expect(await prepare()).toBe(true)
    expectQuiet()
    expect(harness.logger.messages('error').join()).toContain('joinPrepare timeout')
  })

  test.each([
    ['EAGER', false],
    ['COOPERATIVE', true],
  ] as const)(
    '%s: while the commit is under way one reads on: %s',
    async (protocol, isFetchable) => {
      await joined(true, protocol)
      expect(await prepare(0)).toBe(false)
      expect(harness.subscriptions.isFetchable(t1p)).toBe(isFetchable)
      expect(harness.assigned()).toEqual([t1p])
    },
  )
})
