/** Rebalance after rebalance: who a member is, why it joins again, what its sync brings. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  FencedInstanceIdException,
  GroupMaxSizeReachedException,
} from '../../../src/common/errors/CoordinatorExceptions.ts'
import { KafkaException } from '../../../src/common/errors.ts'
import { Generation } from '../../../src/consumer/internals/Generation.ts'
import { RequestFuture } from '../../../src/consumer/internals/RequestFuture.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import {
  DummyHarness,
  joined,
  MEMBER_ID,
  PROTOCOL_NAME,
  PROTOCOL_TYPE,
  REQUEST_TIMEOUT_MS,
  refused,
} from '../support/DummyCoordinator.ts'

let harness: DummyHarness

beforeEach(() => {
  harness = new DummyHarness()
})
afterEach(() => harness.close())

interface ExpectedJoin {
  /** Which id it carries; default: none. */
  readonly memberId?: string
  readonly reason?: string
  readonly generation: number
  readonly disconnected?: boolean
}

const expectJoin = ({ memberId = '', reason, generation, disconnected }: ExpectedJoin): void =>
  harness.client.prepareResponse(
    ApiKeys.JOIN_GROUP,
    disconnected ? null : joined({ generation, protocolType: PROTOCOL_TYPE }),
    {
      disconnected: disconnected ?? false,
      matcher: (request) => {
        expect(request.memberId).toBe(memberId)
        expect(request.protocolType).toBe(PROTOCOL_TYPE)
        if (reason !== undefined) expect(request.reason).toBe(reason)
        return true
      },
    },
  )

const expectSync = (generation: number, disconnected = false): void =>
  harness.client.prepareResponse(
    ApiKeys.SYNC_GROUP,
    disconnected ? null : { protocolType: PROTOCOL_TYPE, protocolName: PROTOCOL_NAME },
    {
      disconnected,
      matcher: (request) => {
        expect(request).toMatchObject({
          generationId: generation,
          memberId: MEMBER_ID,
          protocolType: PROTOCOL_TYPE,
          protocolName: PROTOCOL_NAME,
        })
        return true
      },
    },
  )

const ensureActive = async (generation: number): Promise<void> => {
  await harness.coordinator.ensureActiveGroup()
  expect(harness.coordinator.generation().generationId).toBe(generation)
  expect(harness.coordinator.memberId()).toBe(MEMBER_ID)
  expect(harness.coordinator.rejoinNeededOrPending()).toBe(false)
}

const joinFirst = async (generation = 5): Promise<void> => {
  harness.prepareFindCoordinator()
  expectJoin({ generation })
  expectSync(generation)
  await ensureActive(generation)
}

describe('a member keeps its id', () => {
  test('over a join that was lost with its connection', async () => {
    covers('AbstractCoordinatorTest.testRetainMemberIdAfterJoinGroupDisconnect')
    await joinFirst()
    harness.coordinator.requestRejoin('Manual test trigger')
    expect(harness.coordinator.rejoinNeededOrPending()).toBe(true)
    expectJoin({ memberId: MEMBER_ID, generation: 0, disconnected: true })
    harness.prepareFindCoordinator()
    expectJoin({ memberId: MEMBER_ID, generation: 10 })
    expectSync(10)
    await ensureActive(10)
  })

  test('over a sync that was lost: it begins with a join again', async () => {
    covers('AbstractCoordinatorTest.testRetainMemberIdAfterSyncGroupDisconnect')
    await joinFirst()
    harness.coordinator.requestRejoin('Manual test trigger')
    expectJoin({ memberId: MEMBER_ID, generation: 10 })
    expectSync(10, true)
    harness.prepareFindCoordinator()
    expectJoin({ memberId: MEMBER_ID, generation: 10 })
    expectSync(10)
    await ensureActive(10)
  })
})

test('says why it joins: what it was asked to say, or what failed; 255 characters', async () => {
  covers('AbstractCoordinatorTest.testRejoinReason')
  const { coordinator, time } = harness
  harness.prepareFindCoordinator()
  expectJoin({ reason: '', generation: 5 })
  expectSync(5)
  await ensureActive(5)

  const rejoin = async (reason: string): Promise<void> => {
    expectJoin({ memberId: MEMBER_ID, reason, generation: 5 })
    expectSync(5)
    await ensureActive(5)
    expect(coordinator.membership.rejoinReason).toBe('')
  }
  coordinator.requestRejoin('Manual test trigger')
  await rejoin('Manual test trigger')

  harness.prepareJoin(refused(Errors.GROUP_MAX_SIZE_REACHED))
  coordinator.requestRejoin('Manual test trigger 2')
  await expect(coordinator.joinGroupIfNeeded(time.timer(100))).rejects.toThrow(
    GroupMaxSizeReachedException,
  )
  await rejoin('rebalance failed due to GroupMaxSizeReachedException')

  const tooLong = `Very l${'o'.repeat(300)}ng`
  coordinator.requestRejoin(tooLong)
  await rejoin(tooLong.slice(0, 255))
})

test('a change of metadata during a rebalance was not noticed until the next poll', async () => {
  const { coordinator } = harness
  harness.prepareFindCoordinator()
  coordinator.changesOfMetadata = 1
  expectJoin({ generation: 5 })
  expectSync(5)
  expectJoin({ memberId: MEMBER_ID, generation: 6, reason: 'cached metadata has changed' })
  expectSync(6)
  await ensureActive(6)
  expect([coordinator.onJoinPrepareInvokes, coordinator.onJoinCompleteInvokes]).toEqual([2, 2])
})

test('asks for a rejoin once, whoever else asks', () => {
  const { coordinator } = harness
  coordinator.membership.rejoinNeeded = false
  coordinator.requestRejoinIfNecessary('first', 'first, in full')
  coordinator.requestRejoinIfNecessary('second')
  expect(coordinator.membership.rejoinReason).toBe('first')
  expect(harness.logger.messages('info')).toContain('Request joining group due to: first, in full')
})

describe('the answer to a sync', () => {
  test('that the name of this member was taken reaches the user', async () => {
    covers('AbstractCoordinatorTest.testSyncGroupRequestWithFencedInstanceIdException')
    harness.prepareFindCoordinator()
    harness.prepareJoin()
    harness.prepareSync(Errors.FENCED_INSTANCE_ID)
    await expect(harness.coordinator.ensureActiveGroup()).rejects.toThrow(FencedInstanceIdException)
  })

  const lateAnswer = async (error: WireError): Promise<void> => {
    await harness.joinGroup()
    const { client, coordinator } = harness
    coordinator.membership.state = 'PREPARING_REBALANCE'
    const future = coordinator.sendJoinGroupRequest()
    await harness.poll()
    client.respond(ApiKeys.JOIN_GROUP, joined())
    await harness.poll()
    expect(harness.asked()).toEqual(['SyncGroup'])
    const newer = new Generation(1, `${MEMBER_ID}-new`, PROTOCOL_NAME)
    coordinator.membership.generation = newer
    client.respond(ApiKeys.SYNC_GROUP, { errorCode: error.code })
    await harness.consumerClient.pollFuture(future, harness.time.timer(REQUEST_TIMEOUT_MS))
    expect(future.exception().message).toBe(error.message)
    expect(coordinator.generation()).toBe(newer)
  }

  test('to an id that is no longer ours does not take the present one', async () => {
    covers('AbstractCoordinatorTest.testSyncGroupUnknownMemberResponseWithOldGeneration')
    await lateAnswer(Errors.UNKNOWN_MEMBER_ID)
  })

  test('to a round that is over does not end the present one', async () => {
    covers('AbstractCoordinatorTest.testSyncGroupIllegalGenerationResponseWithOldGeneration')
    await lateAnswer(Errors.ILLEGAL_GENERATION)
  })

  test('that the round is over keeps the id, for another join', async () => {
    harness.prepareFindCoordinator()
    harness.prepareJoin()
    harness.prepareSync(Errors.ILLEGAL_GENERATION)
    expectJoin({ memberId: MEMBER_ID, generation: 2 })
    expectSync(2)
    await ensureActive(2)
    // The round was lost, so what had been prepared for it is prepared again.
    expect(harness.coordinator.onJoinPrepareInvokes).toBe(2)
  })

  test('that means nothing to us ends the join with an error that names it', async () => {
    harness.prepareFindCoordinator()
    harness.prepareJoin()
    harness.prepareSync(Errors.INVALID_REQUEST)
    await expect(harness.coordinator.ensureActiveGroup()).rejects.toThrow(
      new KafkaException(`Unexpected error from SyncGroup: ${Errors.INVALID_REQUEST.message}`),
    )
  })
})

describe('the leader', () => {
  const elected = (skipAssignment = false) =>
    joined({
      leader: MEMBER_ID,
      skipAssignment,
      members: [
        { memberId: MEMBER_ID, groupInstanceId: null, metadata: new Uint8Array([1]) },
        { memberId: 'other', groupInstanceId: null, metadata: new Uint8Array([2]) },
      ],
    })

  test('sends a share for each member, a follower none', async () => {
    harness.prepareFindCoordinator()
    harness.prepareJoin(elected())
    harness.coordinator.share = new Uint8Array([7, 8])
    harness.prepareSync(Errors.NONE, ({ assignments }) => {
      expect(assignments.map(({ memberId, assignment }) => [memberId, [...assignment]])).toEqual([
        [MEMBER_ID, [7, 8]],
        ['other', [7, 8]],
      ])
      return true
    })
    await harness.coordinator.ensureActiveGroup()

    harness.coordinator.requestRejoin('again')
    harness.prepareJoin(joined())
    harness.prepareSync(Errors.NONE, ({ assignments }) => assignments.length === 0)
    await harness.coordinator.ensureActiveGroup()
  })

  test('is told when the coordinator keeps the assignment (KIP-814)', async () => {
    harness.prepareFindCoordinator()
    harness.prepareJoin(elected(true))
    harness.prepareSync()
    await harness.coordinator.ensureActiveGroup()
    expect(harness.coordinator.skipped).toBe(true)
  })

  test('that cannot assign fails the join with its own error', async () => {
    harness.prepareFindCoordinator()
    harness.prepareJoin(elected())
    harness.coordinator.assigned = RequestFuture.failure(new KafkaException('No idea'))
    await expect(harness.coordinator.ensureActiveGroup()).rejects.toThrow('No idea')
    expect(harness.coordinator.membership.rejoinReason).toBe(
      'rebalance failed due to KafkaException',
    )
  })

  test('sent a sync for a round that it had lost while it waited for metadata', async () => {
    harness.prepareFindCoordinator()
    harness.prepareJoin(elected())
    const assigned = new RequestFuture<ReadonlyMap<string, Uint8Array>>()
    harness.coordinator.assigned = assigned
    const { coordinator, client, time } = harness
    client.advanceTimeDuringPoll = true
    expect(await coordinator.ensureActiveGroup(time.timer(500))).toBe(false)
    coordinator.membership.resetStateAndRejoin('the coordinator has forgotten us', true)
    assigned.complete(new Map())
    expect(harness.asked()).toEqual([])

    coordinator.assigned = null
    expectJoin({ generation: 9 })
    expectSync(9)
    await ensureActive(9)
  })
})
