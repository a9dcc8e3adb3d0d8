import { beforeEach, describe, expect, test } from 'vitest'
import { RebalanceInProgressException } from '../../../src/common/errors/CoordinatorExceptions.ts'
import { CommitFailedException } from '../../../src/consumer/CommitFailedException.ts'
import { Generation } from '../../../src/consumer/internals/Generation.ts'
import type { RequestFuture } from '../../../src/consumer/internals/RequestFuture.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { CoordinatorHarness, offsets, t1p, topic1 } from '../support/CoordinatorHarness.ts'
import { committed, mockAssignorName } from '../support/groupResponses.ts'

const at100 = offsets([t1p, 100])
const old = new Generation(1, 'memberId', null)
const next = new Generation(2, 'memberId-new', null)

let harness: CoordinatorHarness

const send = (): RequestFuture<void> => harness.coordinator.committer.sendOffsetCommitRequest(at100)
const failureOf = async (future: RequestFuture<void>): Promise<Error> => {
  expect(await harness.consumerClient.pollFuture(future, harness.timer(30_000))).toBe(true)
  return future.exception()
}

beforeEach(() => {
  harness = new CoordinatorHarness()
})

describe('a commit of an old generation', () => {
  beforeEach(async () => {
    await harness.findCoordinator()
    harness.coordinator.membership.generation = old
  })

  test.each([
    ['ILLEGAL_GENERATION', 'testCommitOffsetIllegalGenerationWithNewGeneration'],
    ['UNKNOWN_MEMBER_ID', 'testCommitOffsetUnknownMemberWithNewGeneration'],
    ['FENCED_INSTANCE_ID', 'testCommitOffsetFencedInstanceWithRebalancingGeneration'],
  ] as const)('and %s do not end the new one, which is rebalancing', async (name, scenario) => {
    covers(`ConsumerCoordinatorTest.${scenario}`)
    const { membership } = harness.coordinator
    harness.prepareCommit(at100, Errors[name])
    const future = send()
    membership.generation = next
    membership.state = 'PREPARING_REBALANCE'
    expect(await failureOf(future)).toBeInstanceOf(RebalanceInProgressException)
    expect(harness.coordinator.generation()).toEqual(next)
  })

  test('and FENCED_INSTANCE_ID end the commit, when the new one is not rebalancing', async () => {
    covers('ConsumerCoordinatorTest.testCommitOffsetFencedInstanceWithNewGeneration')
    harness.prepareCommit(at100, Errors.FENCED_INSTANCE_ID)
    const future = send()
    harness.coordinator.membership.generation = next
    expect(await failureOf(future)).toBeInstanceOf(CommitFailedException)
    expect(harness.coordinator.generation()).toEqual(next)
  })

  test.each([
    ['ILLEGAL_GENERATION', 'testCommitOffsetIllegalGenerationWithResetGeneration'],
    ['UNKNOWN_MEMBER_ID', 'testCommitOffsetUnknownMemberWithResetGeneration'],
  ] as const)('and %s after a reset: the commit has failed', async (name, scenario) => {
    covers(`ConsumerCoordinatorTest.${scenario}`)
    harness.prepareCommit(at100, Errors[name])
    const future = send()
    harness.coordinator.membership.generation = Generation.NO_GENERATION
    expect(await failureOf(future)).toBeInstanceOf(CommitFailedException)
    expect(harness.coordinator.generation()).toEqual(Generation.NO_GENERATION)
  })
})

describe('a commit of the present generation', () => {
  beforeEach(async () => {
    harness.subscribe(topic1)
    await harness.joinAsFollower()
  })

  test('that is illegal ends the generation; the member keeps its id', async () => {
    covers('ConsumerCoordinatorTest.testCommitOffsetIllegalGenerationShouldResetGenerationId')
    harness.prepareCommit(at100, Errors.ILLEGAL_GENERATION)
    expect(await failureOf(send())).toBeInstanceOf(CommitFailedException)
    expect(harness.coordinator.generation()).toEqual(new Generation(-1, 'consumer', null))
  })

  test('of a member that is not known ends both', async () => {
    covers('ConsumerCoordinatorTest.testCommitOffsetUnknownMemberShouldResetToNoGeneration')
    harness.prepareCommit(at100, Errors.UNKNOWN_MEMBER_ID)
    expect(await failureOf(send())).toBeInstanceOf(CommitFailedException)
    expect(harness.coordinator.generation()).toEqual(Generation.NO_GENERATION)
  })

  test.each([
    ['ILLEGAL_GENERATION', 'testCommitOffsetIllegalGeneration'],
    ['UNKNOWN_MEMBER_ID', 'testCommitOffsetUnknownMemberId'],
  ] as const)('cannot be repeated after %s', async (name, scenario) => {
    covers(`ConsumerCoordinatorTest.${scenario}`)
    harness.prepareCommit(at100, Errors[name])
    const commit = harness.coordinator.commitOffsetsSync(at100, harness.forever)
    await expect(commit).rejects.toThrow(CommitFailedException)
    expect(harness.client.hasInFlightRequests()).toBe(false)
  })

  test('says who commits, and in which generation', async () => {
    harness = new CoordinatorHarness('EAGER', { groupInstanceId: 'instance' })
    harness.subscribe(topic1)
    await harness.joinAsFollower(t1p)
    let sent: unknown
    harness.client.prepareResponse(ApiKeys.OFFSET_COMMIT, committed([t1p]), {
      matcher: (request) => {
        sent = request
        return true
      },
    })
    await harness.coordinator.commitOffsetsSync(at100, harness.forever)
    expect(sent).toMatchObject({
      groupId: 'test-group',
      generationIdOrMemberEpoch: 1,
      memberId: 'consumer',
      groupInstanceId: 'instance',
    })
  })
})

describe('a commit without a generation', () => {
  test('is that of a consumer that assigns by itself, and names no instance', async () => {
    covers('ConsumerCoordinatorTest.testCommitOffsetShouldNotSetInstanceIdIfMemberIdIsUnknown')
    harness = new CoordinatorHarness('EAGER', { groupInstanceId: 'test-instance' })
    await harness.findCoordinator()
    harness.client.prepareResponse(ApiKeys.OFFSET_COMMIT, committed([]), {
      matcher: ({ groupInstanceId, memberId }) => groupInstanceId === null && memberId === '',
    })
    const future = send()
    expect(await harness.consumerClient.pollFuture(future, harness.timer(5000))).toBe(true)
    expect(future.succeeded()).toBe(true)
  })

  test('is what a member sends that has left its group', async () => {
    covers('ConsumerCoordinatorTest.testCommitAfterLeaveGroup')
    const { client, coordinator, subscriptions } = harness
    harness.subscribe(topic1)
    await harness.joinAsFollower(t1p)
    client.prepareResponse(ApiKeys.LEAVE_GROUP, {})
    subscriptions.unsubscribe()
    await coordinator.maybeLeaveGroup('DEFAULT', 'test commit after leave')
    harness.assignByHand(t1p)
    client.prepareResponse(ApiKeys.OFFSET_COMMIT, committed([t1p]), {
      matcher: ({ memberId, generationIdOrMemberEpoch }) =>
        memberId === '' && generationIdOrMemberEpoch === -1,
    })
    expect(await coordinator.commitOffsetsSync(at100, harness.forever)).toBe(true)
  })

  test('fails at once for a member that was thrown out', async () => {
    const { coordinator } = harness
    harness.subscribe(topic1)
    await harness.joinAsFollower(t1p)
    coordinator.resetStateAndGeneration('test', true)
    const commit = coordinator.commitOffsetsSync(at100, harness.forever)
    await expect(commit).rejects.toThrow(CommitFailedException)
    await expect(commit).rejects.toThrow('kicked out of the group')
    expect(harness.client.hasInFlightRequests()).toBe(false)
  })
})

test('between two generations nothing is committed, and one can try again after poll', async () => {
  covers('ConsumerCoordinatorTest.testCommitOffsetRebalanceInProgress')
  const { coordinator } = harness
  const commit = () => coordinator.commitOffsetsSync(at100, harness.forever)
  harness.subscribe(topic1)
  await harness.findCoordinator()
  await coordinator.ensureActiveGroup(harness.timer(0))
  expect(coordinator.rejoinNeededOrPending()).toBe(true)
  expect(coordinator.generationIfStable()).toBe(null)
  // Joining: not even sent.
  await expect(commit()).rejects.toThrow(RebalanceInProgressException)
  expect(harness.client.requests().length).toBe(1)

  harness.respondToJoinAsLeader([t1p], { subscriptions: { consumer: [topic1] } })
  await coordinator.poll(harness.forever)
  const joined = new Generation(1, 'consumer', mockAssignorName)
  expect(coordinator.rejoinNeededOrPending()).toBe(false)
  expect(coordinator.generationIfStable()).toEqual(joined)

  // Joined, but the others rebalance already: poll joins again, the generation still counts.
  harness.prepareCommit(at100, Errors.REBALANCE_IN_PROGRESS)
  await expect(commit()).rejects.toThrow(RebalanceInProgressException)
  expect(coordinator.rejoinNeededOrPending()).toBe(true)
  expect(coordinator.generationIfStable()).toEqual(joined)
})
