import { describe, expect, test } from 'vitest'
import { RebalanceInProgressException } from '../../../src/common/errors/CoordinatorExceptions.ts'
import {
  IllegalStateException,
  KafkaException,
  WakeupException,
} from '../../../src/common/errors.ts'
import type { ConsumerRebalanceListener } from '../../../src/consumer/ConsumerRebalanceListener.ts'
import { Generation } from '../../../src/consumer/internals/Generation.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { CoordinatorHarness, offsets, t1p, t2p, topic1 } from '../support/CoordinatorHarness.ts'
import {
  MockPartitionAssignor,
  RecordingListener,
  ThrowOnAssignmentAssignor,
  throwingAssignorName,
} from '../support/groupDoubles.ts'
import {
  assignmentOf,
  joinedAsFollower,
  mockAssignorName,
  synced,
} from '../support/groupResponses.ts'

const kaboom = (what: string) => (): never => {
  throw new KafkaException(`Kaboom on ${what}!`)
}

describe.each(['EAGER', 'COOPERATIVE'] as const)(
  'a listener of a member that is %s',
  (protocol) => {
    const fatalAssignorName = 'throw-fatal-error-on-assignment-assignor'
    const assignors = () => [
      new MockPartitionAssignor([protocol]),
      new ThrowOnAssignmentAssignor([protocol], new KafkaException('Kaboom for assignment!')),
      new ThrowOnAssignmentAssignor(
        [protocol],
        new Error('Illegal for assignment!'),
        fatalAssignorName,
      ),
    ]

    /** Had t2p and gets t1p; what is thrown, after everybody was told all the same. */
    const complete = async (
      assignorName: string,
      then: ConsumerRebalanceListener,
    ): Promise<KafkaException> => {
      const given = assignors()
      const harness = new CoordinatorHarness(protocol, { assignors: given })
      const listener = new RecordingListener(then)
      harness.subscriptions.subscribe(new Set([topic1]), listener)
      harness.subscriptions.assignFromSubscribed([t2p])
      const thrown = await harness.coordinator
        .onJoinComplete(1, 'memberId', assignorName, assignmentOf([t1p], new Uint8Array(0)))
        .catch((error: unknown) => error)
      expect(listener.revokedCount).toBe(protocol === 'COOPERATIVE' ? 1 : 0)
      expect(listener.lostCount).toBe(0)
      expect(listener.assignedCount).toBe(1)
      expect(given.find((assignor) => assignor.name() === assignorName)?.assignments).toBe(1)
      expect(harness.assigned()).toEqual([t1p])
      expect(thrown).toBeInstanceOf(KafkaException)
      return thrown as KafkaException
    }

    test('that throws on revocation comes before the assignor that throws', async () => {
      covers('ConsumerCoordinatorTest.testRevokeExceptionThrownFirstNonBlockingSubCallbacks')
      const thrown = await complete(throwingAssignorName, { onPartitionsRevoked: kaboom('revoke') })
      // Eager: what goes went before the join.
      const first = protocol === 'COOPERATIVE' ? 'Kaboom on revoke!' : 'Kaboom for assignment!'
      expect(thrown.message).toBe(first)
    })

    test('that throws on assignment comes after the assignor that throws', async () => {
      covers('ConsumerCoordinatorTest.testOnAssignmentExceptionThrownFirstNonBlockingSubCallbacks')
      const thrown = await complete(throwingAssignorName, {
        onPartitionsAssigned: kaboom('assign'),
      })
      expect(thrown.message).toBe('Kaboom for assignment!')
    })

    test('that throws on assignment is heard if nobody threw before', async () => {
      const scenario = 'OnPartitionsAssignExceptionThrownWhenNoPreviousThrownCallbacks'
      covers(`ConsumerCoordinatorTest.test${scenario}`)
      const thrown = await complete(mockAssignorName, { onPartitionsAssigned: kaboom('assign') })
      expect(thrown.message).toBe('Kaboom on assign!')
    })

    test('may throw what it likes: what is no KafkaException is the cause of one', async () => {
      for (const callback of ['OnRevoke', 'OnAssignment', 'OnPartitionsAssign']) {
        const scenario = `${callback}ExceptionShouldBeRenderedIfNotKafkaException`
        covers(`ConsumerCoordinatorTest.test${scenario}`)
      }
      const fail = (): never => {
        throw new Error('Illegal on revoke!')
      }
      const onRevoke = await complete(throwingAssignorName, { onPartitionsRevoked: fail })
      if (protocol === 'COOPERATIVE') {
        expect(onRevoke.message).toMatch('User rebalance callback throws an error')
        expect((onRevoke.cause as Error).message).toBe('Illegal on revoke!')
      } else expect(onRevoke.message).toBe('Kaboom for assignment!')

      const byAssignor = await complete(fatalAssignorName, {
        onPartitionsAssigned: kaboom('assign'),
      })
      expect(byAssignor.message).toMatch('User rebalance callback throws an error')
      expect((byAssignor.cause as Error).message).toBe('Illegal for assignment!')

      const onAssign = await complete(mockAssignorName, {
        onPartitionsAssigned: () => Promise.reject(new Error('Illegal on assign!')),
      })
      expect(onAssign.message).toMatch('User rebalance callback throws an error')
      expect((onAssign.cause as Error).message).toBe('Illegal on assign!')
    })

    test('that was woken up is called again with the same partitions', async () => {
      covers('ConsumerCoordinatorTest.testWakeupFromAssignmentCallback')
      const harness = new CoordinatorHarness(protocol)
      const { coordinator } = harness
      const listener = new RecordingListener({
        onPartitionsAssigned: () => {
          if (listener.assignedCount === 1) throw new WakeupException('woken up')
        },
      })
      harness.subscriptions.subscribe(new Set([topic1]), listener)
      await harness.findCoordinator()
      harness.prepareJoinAsFollower([t1p])
      await expect(coordinator.poll(harness.forever)).rejects.toThrow(WakeupException)
      await coordinator.poll(harness.forever)
      expect(coordinator.rejoinNeededOrPending()).toBe(false)
      expect(listener.revokedCount).toBe(0)
      expect(listener.assignedCount).toBe(2)
    })

    test('sees the new generation while it is told what goes', async () => {
      covers('ConsumerCoordinatorTest.shouldUpdateConsumerGroupMetadataBeforeCallbacks')
      const harness = new CoordinatorHarness(protocol)
      const { coordinator } = harness
      const seen: number[] = []
      harness.subscriptions.subscribe(new Set([topic1]), {
        onPartitionsRevoked: () => void seen.push(coordinator.groupMetadata().generationId),
      })
      await coordinator.onJoinComplete(1, 'memberId', mockAssignorName, assignmentOf([t1p]))
      await coordinator.onJoinComplete(2, 'memberId', mockAssignorName, assignmentOf([]))
      expect(seen).toEqual(protocol === 'COOPERATIVE' ? [2] : [])
      expect(coordinator.groupMetadata().generationId).toBe(2)
    })

    test('that takes its time is waited for, and the assignment changes in between', async () => {
      const harness = new CoordinatorHarness(protocol)
      const { coordinator } = harness
      const story: string[] = []
      const tell = async (what: string): Promise<void> => {
        story.push(`${what}…`)
        await Promise.resolve()
        story.push(`${what}: has [${harness.assigned()}]`)
      }
      harness.subscriptions.subscribe(new Set([topic1, t2p.topic]), {
        onPartitionsRevoked: (partitions) => tell(`-${partitions}`),
        onPartitionsAssigned: (partitions) => tell(`+${partitions}`),
      })
      await harness.joinAsFollower(t1p)
      coordinator.requestRejoin('test')
      harness.prepareJoinAsFollower([t2p], 2)
      if (protocol === 'COOPERATIVE') harness.prepareJoinAsFollower([t2p], 3)
      await coordinator.poll(harness.forever)
      const first = ['+test1-0…', '+test1-0: has [test1-0]']
      const second = [
        '-test1-0…',
        '-test1-0: has [test1-0]',
        '+test2-0…',
        '+test2-0: has [test2-0]',
      ]
      // Cooperative: joins once more, so that somebody can get what it has given up.
      const third = protocol === 'COOPERATIVE' ? ['+…', '+: has [test2-0]'] : []
      expect(story).toEqual([...first, ...second, ...third])
    })

    test('is told of loss when the member leaves without a generation', async () => {
      covers(
        'ConsumerCoordinatorTest.testUnsubscribeWithValidGeneration',
        'ConsumerCoordinatorTest.testUnsubscribeWithInvalidGeneration',
      )
      const harness = new CoordinatorHarness(protocol)
      harness.subscribe(topic1)
      await harness.coordinator.onJoinComplete(1, 'memberId', mockAssignorName, assignmentOf([t1p]))
      await harness.coordinator.onLeavePrepare()
      expect(harness.listener.lostCount).toBe(1)
      expect(harness.listener.revokedCount).toBe(0)
      expect(harness.assigned()).toEqual([])
    })

    test('that knows nothing of loss hears of a revocation', async () => {
      const harness = new CoordinatorHarness(protocol)
      const revoked: string[] = []
      harness.subscriptions.subscribe(new Set([topic1]), {
        onPartitionsRevoked: (partitions) => void revoked.push(`${partitions}`),
      })
      harness.subscriptions.assignFromSubscribed([t1p])
      await harness.coordinator.onLeavePrepare()
      expect(revoked).toEqual(['test1-0'])
    })

    describe('when the generation ends in the middle of a rebalance', () => {
      const joined = async (): Promise<CoordinatorHarness> => {
        const harness = new CoordinatorHarness(protocol, { groupInstanceId: 'group-id' })
        const { coordinator } = harness
        harness.subscribe(topic1)
        await harness.joinAsFollower(t1p)
        harness.prepareCommit(offsets([t1p, 100]), Errors.REBALANCE_IN_PROGRESS)
        const commit = coordinator.commitOffsetsSync(offsets([t1p, 100]), harness.forever)
        await expect(commit).rejects.toThrow(RebalanceInProgressException)
        return harness
      }
      /** Eager has given everything up before it joined. */
      const expectLoss = ({ listener }: CoordinatorHarness): void => {
        expect(listener.lostCount).toBe(protocol === 'COOPERATIVE' ? 1 : 0)
        expect(listener.lost).toEqual(protocol === 'COOPERATIVE' ? [t1p] : null)
      }

      test.each([
        ['UNKNOWN_MEMBER_ID', '', 'AfterDroppingOutOfTheGroup'],
        ['ILLEGAL_GENERATION', 'consumer-42', 'AfterResettingGenerationId'],
      ] as const)(
        'by %s, it hears of loss before the next join',
        async (error, memberId, scenario) => {
          covers(`ConsumerCoordinatorTest.shouldLoseAllOwnedPartitionsBeforeRejoining${scenario}`)
          const harness = await joined()
          const { client, coordinator } = harness
          const second = { generationId: 42, memberId: 'consumer-42' }
          client.prepareResponse(ApiKeys.JOIN_GROUP, joinedAsFollower(second))
          client.prepareResponse(ApiKeys.SYNC_GROUP, synced([], Errors[error]))
          // Time passes while nobody answers the join after that.
          harness.client.advanceTimeDuringPoll = true
          expect(await coordinator.joinGroupIfNeeded(harness.timer(1000))).toBe(false)
          expect(coordinator.generation()).toEqual(new Generation(-1, memberId, null))
          expectLoss(harness)
        },
      )

      test('by leaving, a sync that comes late is not believed', async () => {
        covers('ConsumerCoordinatorTest.testPrepareJoinAndRejoinAfterFailedRebalance')
        const harness = await joined()
        const { client, coordinator } = harness
        const again = { generationId: 42, memberId: 'consumer-42' }
        client.advanceTimeDuringPoll = true
        client.prepareResponse(ApiKeys.JOIN_GROUP, joinedAsFollower(again))
        expect(await coordinator.joinGroupIfNeeded(harness.timer(150))).toBe(false)
        expect(client.inFlightRequestCount()).toBe(1)
        expect(coordinator.generation()).toMatchObject(again)

        await coordinator.maybeLeaveGroup('DEFAULT', 'clear the generation')
        expect(coordinator.generation()).toEqual(Generation.NO_GENERATION)
        client.respond(ApiKeys.SYNC_GROUP, synced([t1p]))
        expect(await coordinator.joinGroupIfNeeded(harness.timer(150))).toBe(false)
        expect(await coordinator.joinGroupIfNeeded(harness.timer(150))).toBe(false)
        expect(client.inFlightRequestCount()).toBe(1)

        client.respond(ApiKeys.JOIN_GROUP, joinedAsFollower(again))
        client.prepareResponse(ApiKeys.SYNC_GROUP, synced([t1p]))
        expect(await coordinator.joinGroupIfNeeded(harness.timer(3000))).toBe(true)
        expect(client.hasInFlightRequests()).toBe(false)
        expectLoss(harness)
      })
    })
  },
)

test('an assignment too short to be one says whose fault that may be', async () => {
  const harness = new CoordinatorHarness()
  harness.subscribe(topic1)
  const complete = harness.coordinator.onJoinComplete(1, 'm', mockAssignorName, new Uint8Array(1))
  await expect(complete).rejects.toThrow(IllegalStateException)
  await expect(complete).rejects.toThrow(/insufficient bytes.*leader's assign function/)
})

test('peer bug: an assignment with empty user data is one like any other', async () => {
  const harness = new CoordinatorHarness()
  harness.subscribe(topic1)
  for (const userData of [null, new Uint8Array(0)]) {
    const bytes = assignmentOf([t1p], userData)
    await harness.coordinator.onJoinComplete(1, 'm', mockAssignorName, bytes)
    expect(harness.assigned()).toEqual([t1p])
  }
})

test('an assignor that we have not named is refused', async () => {
  const harness = new CoordinatorHarness()
  harness.subscribe(topic1)
  const complete = harness.coordinator.onJoinComplete(1, 'm', 'unheard-of', assignmentOf([t1p]))
  await expect(complete).rejects.toThrow('invalid assignment protocol: unheard-of')
})
