/** A wakeup at each station of a rebalance: nothing is done twice, and nothing is lost. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { macrotask } from '#platform'
import { WakeupException } from '../../../src/common/errors.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import {
  DummyHarness,
  HEARTBEAT_INTERVAL_MS,
  SteppedHeartbeatLoop,
} from '../support/DummyCoordinator.ts'

let harness: DummyHarness
let heartbeats: number

beforeEach(() => {
  harness = new DummyHarness()
  heartbeats = 0
})
afterEach(() => harness.close())

const prepareFirstHeartbeat = (): void =>
  harness.prepareHeartbeat(Errors.UNKNOWN_SERVER_ERROR, () => {
    heartbeats++
    return true
  })

const awaitFirstHeartbeat = async (): Promise<void> => {
  harness.time.sleep(HEARTBEAT_INTERVAL_MS)
  await macrotask()
  expect(heartbeats).toBe(1)
}

/** A wakeup that comes before the answer to the join: the client's `send` does not get through. */
const wakeupBeforeJoinIsAnswered = (): void => {
  harness.prepareFindCoordinator()
  harness.prepareJoin(undefined, () => {
    throw new WakeupException('before the request returns')
  })
  harness.prepareJoin()
  harness.prepareSync()
  prepareFirstHeartbeat()
}

/** A wakeup that comes together with the answer to the join. */
const wakeupWithJoin = (): void => {
  harness.prepareFindCoordinator()
  harness.prepareJoin(undefined, () => {
    harness.consumerClient.wakeup()
    return true
  })
  harness.prepareSync()
  prepareFirstHeartbeat()
}

/** A wakeup that comes together with the answer to the sync. */
const wakeupWithSync = (): void => {
  harness = new DummyHarness({
    heartbeatLoopSupplier: (options) => new SteppedHeartbeatLoop(options),
  })
  harness.prepareFindCoordinator()
  harness.prepareJoin()
  harness.prepareSync(Errors.NONE, () => {
    harness.consumerClient.wakeup()
    return true
  })
}

const expectWokenUp = async (): Promise<void> => {
  const { coordinator } = harness
  await expect(coordinator.ensureActiveGroup()).rejects.toThrow(WakeupException)
  expect([coordinator.onJoinPrepareInvokes, coordinator.onJoinCompleteInvokes]).toEqual([1, 0])
  expect(heartbeats).toBe(0)
}

const expectJoined = async (): Promise<void> => {
  const { coordinator } = harness
  await coordinator.ensureActiveGroup()
  expect([coordinator.onJoinPrepareInvokes, coordinator.onJoinCompleteInvokes]).toEqual([1, 1])
}

const expectHeartbeatEnabledOnce = (): void => {
  const loop = harness.coordinator.heartbeatLoop()
  expect(loop).toBeInstanceOf(SteppedHeartbeatLoop)
  expect((loop as SteppedHeartbeatLoop).timesEnabled).toBe(1)
}

test('after the join was sent', async () => {
  covers('AbstractCoordinatorTest.testWakeupAfterJoinGroupSent')
  wakeupBeforeJoinIsAnswered()
  await expectWokenUp()
  await expectJoined()
  await awaitFirstHeartbeat()
})

test('after the join was sent, and somebody else receives its answer', async () => {
  covers('AbstractCoordinatorTest.testWakeupAfterJoinGroupSentExternalCompletion')
  wakeupBeforeJoinIsAnswered()
  await expectWokenUp()
  await harness.poll()
  await expectJoined()
  await awaitFirstHeartbeat()
})

test('with the answer to the join', async () => {
  covers('AbstractCoordinatorTest.testWakeupAfterJoinGroupReceived')
  wakeupWithJoin()
  await expectWokenUp()
  await expectJoined()
  await awaitFirstHeartbeat()
})

test('with the answer to the join, which somebody else hands over', async () => {
  covers('AbstractCoordinatorTest.testWakeupAfterJoinGroupReceivedExternalCompletion')
  wakeupWithJoin()
  await expectWokenUp()
  await harness.poll()
  await expectJoined()
  await awaitFirstHeartbeat()
})

test('with the answer to the sync', async () => {
  covers('AbstractCoordinatorTest.testWakeupAfterSyncGroupReceived')
  wakeupWithSync()
  await expectWokenUp()
  expectHeartbeatEnabledOnce()
  await expectJoined()
})

test('with the answer to the sync, which the next call hands over', async () => {
  covers('AbstractCoordinatorTest.testWakeupAfterSyncGroupReceivedExternalCompletion')
  wakeupWithSync()
  await expectWokenUp()
  expectHeartbeatEnabledOnce()
  await harness.consumerClient.pollNoWakeup()
  expect(harness.coordinator.membership.state).toBe('STABLE')
  expect(harness.coordinator.rejoinNeededOrPending()).toBe(true)
  await expectJoined()
})

test('after the sync was sent, and somebody else receives its answer', async () => {
  covers('AbstractCoordinatorTest.testWakeupAfterSyncGroupSentExternalCompletion')
  wakeupWithSync()
  await expectWokenUp()
  expectHeartbeatEnabledOnce()
  await harness.poll()
  await expectJoined()
})

test('in the listener: the same assignment is handed over again', async () => {
  covers('AbstractCoordinatorTest.testWakeupInOnJoinComplete')
  const { coordinator } = harness
  coordinator.wakeupOnJoinComplete = true
  harness.prepareFindCoordinator()
  harness.prepareJoin()
  harness.prepareSync()
  prepareFirstHeartbeat()
  await expectWokenUp()
  coordinator.wakeupOnJoinComplete = false
  await harness.poll()
  await expectJoined()
  expect(coordinator.assignment).toEqual(new Uint8Array(0))
  await awaitFirstHeartbeat()
})

test('before the coordinator is known is left alone by a try in the background', async () => {
  covers('AbstractCoordinatorTest.testWakeupFromEnsureCoordinatorReady')
  const { coordinator, consumerClient, time } = harness
  consumerClient.wakeup()
  await coordinator.ensureCoordinatorReadyAsync()
  await expect(coordinator.ensureCoordinatorReady(time.timer(0))).rejects.toThrow(WakeupException)
})
