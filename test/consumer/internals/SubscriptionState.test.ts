import { beforeEach, describe, expect, test } from 'vitest'
import { ApiVersions } from '../../../src/clients/ApiVersions.ts'
import { LeaderAndEpoch } from '../../../src/clients/LeaderAndEpoch.ts'
import { NodeApiVersions } from '../../../src/clients/NodeApiVersions.ts'
import { IllegalStateException } from '../../../src/common/errors.ts'
import { Node } from '../../../src/common/Node.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionSet } from '../../../src/common/TopicPartitionSet.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { FetchPosition } from '../../../src/consumer/internals/FetchPosition.ts'
import { SubscriptionState } from '../../../src/consumer/internals/SubscriptionState.ts'
import { NoOffsetForPartitionException } from '../../../src/consumer/NoOffsetForPartitionException.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { covers } from '../../support/covers.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'

const tp0 = new TopicPartition('test', 0)
const tp1 = new TopicPartition('test', 1)
const other = new TopicPartition('other', 0)
const broker1 = new Node(1, 'localhost', 9092)

let state: SubscriptionState

const newState = (strategy = AutoOffsetResetStrategy.EARLIEST): SubscriptionState =>
  new SubscriptionState(new RecordingLogger(), strategy)
const assign = (...partitions: TopicPartition[]): boolean =>
  state.assignFromUser(new TopicPartitionSet(partitions))
const position = (offset: number, offsetEpoch: number | null, leaderEpoch: number | null) =>
  new FetchPosition(offset, offsetEpoch, new LeaderAndEpoch(broker1, leaderEpoch))
const endOffset = (leaderEpoch: number, offset: number) => ({
  errorCode: 0,
  partition: 0,
  leaderEpoch,
  endOffset: offset,
  unknownTaggedFields: [],
})
const versions = (maxVersion?: number): ApiVersions => {
  const apiVersions = new ApiVersions()
  const { id: apiKey } = ApiKeys.OFFSET_FOR_LEADER_EPOCH
  const overrides = maxVersion === undefined ? [] : [{ apiKey, minVersion: 0, maxVersion }]
  apiVersions.update('1', NodeApiVersions.create(overrides))
  return apiVersions
}

beforeEach(() => {
  state = newState()
})

describe('the assignment', () => {
  test('holds what was assigned last, and keeps the position of what stays', () => {
    covers('SubscriptionStateTest.partitionAssignment')
    expect(assign(tp0)).toBe(true)
    expect([...state.assignedPartitions()]).toEqual([tp0])
    expect(state.hasAllFetchPositions()).toBe(false)
    state.seek(tp0, 1)
    expect(state.isFetchable(tp0)).toBe(true)
    expect(state.position(tp0)?.offset).toBe(1)

    assign(tp0, tp1)
    expect(state.position(tp0)?.offset).toBe(1)

    assign()
    expect(state.assignedPartitions().size).toBe(0)
    expect(state.isAssigned(tp0)).toBe(false)
    expect(state.isFetchable(tp0)).toBe(false)
  })

  test('is known by an id that grows with each change', () => {
    covers('SubscriptionStateTest.verifyAssignmentId')
    expect(state.assignmentId()).toBe(0)
    assign(tp0)
    expect(state.assignmentId()).toBe(1)
    assign(tp0)
    expect(state.assignmentId()).toBe(1)
    state.unsubscribe()
    expect(state.assignmentId()).toBe(2)
    expect(state.assignedPartitions().size).toBe(0)
    assign(tp0, tp1)
    expect(state.assignmentId()).toBe(3)
  })

  test('says whether the topics have changed, for those need metadata', () => {
    expect(assign(tp0)).toBe(true)
    expect(assign(tp0, tp1)).toBe(false)
    expect(assign(other)).toBe(true)
    expect(state.needsMetadata('other')).toBe(true)
    expect(state.needsMetadata('test')).toBe(false)
    expect([...state.metadataTopics()]).toEqual(['other'])
  })

  test('is empty after unsubscribe, and can be made again', () => {
    covers('SubscriptionStateTest.unsubscribeUserAssignment')
    assign(tp0, tp1)
    state.unsubscribe()
    expect(state.hasNoSubscriptionOrUserAssignment()).toBe(true)
    expect(state.assignedPartitions().size).toBe(0)
    assign(tp0)
    expect(state.isAssigned(tp0)).toBe(true)
  })

  test('lets nobody touch a partition that is not in it', () => {
    covers('SubscriptionStateTest.cantChangePositionForNonAssignedPartition')
    expect(() => state.setPosition(tp0, position(1, null, null))).toThrow(IllegalStateException)
    expect(() => state.pause(tp0)).toThrow(/test-0/)
  })
})

describe('what may be fetched', () => {
  test('is a partition with a position, once there is one', () => {
    covers('SubscriptionStateTest.testIsFetchableOnManualAssignment')
    assign(tp0, tp1)
    expect(state.isFetchable(tp0)).toBe(false)
    state.seek(tp0, 0)
    expect(state.isFetchable(tp0)).toBe(true)
    expect(state.isFetchable(tp1)).toBe(false)
    expect(state.fetchablePartitions(() => true)).toEqual([tp0])
  })

  test('does not include what is paused', () => {
    covers('SubscriptionStateTest.partitionPause')
    assign(tp0)
    state.seek(tp0, 100)
    expect(state.isFetchable(tp0)).toBe(true)
    state.pause(tp0)
    expect(state.isFetchable(tp0)).toBe(false)
    expect([...state.pausedPartitions()]).toEqual([tp0])
    state.resume(tp0)
    expect(state.isFetchable(tp0)).toBe(true)
  })

  test('is asked of the caller only where the cheap checks pass', () => {
    covers('SubscriptionStateTest.testFetchablePartitionsPerformsCheapChecksFirst')
    assign(tp0, tp1)
    state.seek(tp1, 0)
    const asked: string[] = []
    state.fetchablePartitions((partition) => {
      asked.push(partition.key)
      return true
    })
    expect(asked).toEqual(['test-1'])
  })

  test('comes in an order in which whoever has delivered stands last', () => {
    assign(tp0, tp1)
    for (const partition of [tp0, tp1]) state.seek(partition, 0)
    state.movePartitionToEnd(tp0)
    expect(state.fetchablePartitions(() => true)).toEqual([tp1, tp0])
  })
})

describe('resets', () => {
  test('take the position away until the answer comes', () => {
    covers('SubscriptionStateTest.partitionReset')
    assign(tp0)
    state.seek(tp0, 5)
    expect(state.position(tp0)?.offset).toBe(5)
    state.requestOffsetReset(tp0)
    expect(state.isFetchable(tp0)).toBe(false)
    expect(state.isOffsetResetNeeded(tp0)).toBe(true)
    expect(state.position(tp0)).toBe(null)
    state.seek(tp0, 0)
    expect(state.isFetchable(tp0)).toBe(true)
    expect(state.isOffsetResetNeeded(tp0)).toBe(false)
  })

  test('are asked for partitions that never had a position', () => {
    assign(tp0, tp1)
    state.seek(tp1, 3)
    state.resetInitializingPositions()
    expect([...state.partitionsNeedingReset(0)]).toEqual([tp0])
    expect(state.resetStrategy(tp0)).toBe(AutoOffsetResetStrategy.EARLIEST)
  })

  test('are an error without a policy', () => {
    state = newState(AutoOffsetResetStrategy.NONE)
    assign(tp0)
    expect(() => state.resetInitializingPositions()).toThrow(NoOffsetForPartitionException)
  })

  test('wait for their back-off', () => {
    assign(tp0)
    state.requestOffsetReset(tp0)
    state.setNextAllowedRetry([tp0], 100)
    expect(state.partitionsNeedingReset(99).size).toBe(0)
    expect(state.partitionsNeedingReset(100).size).toBe(1)
  })

  test('that come late, for a partition that has gone, do nothing', () => {
    covers('SubscriptionStateTest.testRequestOffsetResetIfPartitionAssigned')
    assign(tp0)
    state.requestOffsetResetIfPartitionAssigned(tp0)
    expect(state.isOffsetResetNeeded(tp0)).toBe(true)
    state.requestOffsetResetIfPartitionAssigned(tp1)
    expect(() => state.isOffsetResetNeeded(tp1)).toThrow(IllegalStateException)
    state.requestFailed([tp1], 5)
  })

  test('need no validation, even with a broker that cannot validate', () => {
    covers('SubscriptionStateTest.resetOffsetNoValidation')
    assign(tp0)
    state.requestOffsetReset(tp0, AutoOffsetResetStrategy.EARLIEST)
    const old = versions(2)
    const leader = new LeaderAndEpoch(broker1, null)
    expect(state.maybeValidatePositionForCurrentLeader(old, tp0, leader)).toBe(false)
    expect(state.isOffsetResetNeeded(tp0)).toBe(true)

    state.seekUnvalidated(tp0, new FetchPosition(10))
    expect(state.hasValidPosition(tp0)).toBe(true)
    expect(state.maybeValidatePositionForCurrentLeader(old, tp0, leader)).toBe(false)
    expect(state.hasValidPosition(tp0)).toBe(true)

    state.requestOffsetReset(tp0, AutoOffsetResetStrategy.EARLIEST)
    state.seekUnvalidated(tp0, position(10, 10, 2))
    expect(state.awaitingValidation(tp0)).toBe(true)
    const known = new LeaderAndEpoch(broker1, 2)
    expect(state.maybeValidatePositionForCurrentLeader(old, tp0, known)).toBe(false)
    expect(state.hasValidPosition(tp0)).toBe(true)
    expect(state.awaitingValidation(tp0)).toBe(false)
  })
})

describe('positions', () => {
  test('can only be moved on from a valid one', () => {
    covers('SubscriptionStateTest.invalidPositionUpdate')
    assign(tp0)
    expect(() => state.setPosition(tp0, position(0, null, null))).toThrow(IllegalStateException)
  })

  test('can be asked for without an assignment', () => {
    covers('SubscriptionStateTest.testPositionOrNull')
    assign(tp0)
    state.seek(tp0, 5)
    expect(state.positionOrNull(tp0)?.offset).toBe(5)
    expect(state.positionOrNull(tp1)).toBe(null)
  })

  test('to be committed are the next offsets, not the last ones read', () => {
    assign(tp0, tp1)
    state.seek(tp0, 0)
    state.setPosition(tp0, position(7, 3, 4))
    const consumed = state.allConsumed()
    expect(consumed.size).toBe(1)
    expect(consumed.get(tp0)).toMatchObject({ offset: 7, leaderEpoch: 3 })
  })
})

describe('seeking to a position in doubt', () => {
  test('without an epoch there is nothing to validate', () => {
    covers('SubscriptionStateTest.testSeekUnvalidatedWithNoOffsetEpoch')
    assign(tp0)
    state.seekUnvalidated(tp0, position(0, null, 5))
    expect(state.hasValidPosition(tp0)).toBe(true)
    for (const epoch of [null, 10]) {
      const leader = new LeaderAndEpoch(broker1, epoch)
      expect(state.maybeValidatePositionForCurrentLeader(versions(), tp0, leader)).toBe(false)
      expect(state.hasValidPosition(tp0)).toBe(true)
      expect(state.awaitingValidation(tp0)).toBe(false)
    }
  })

  test('without an epoch it ends an earlier validation', () => {
    covers('SubscriptionStateTest.testSeekUnvalidatedWithNoEpochClearsAwaitingValidation')
    assign(tp0)
    state.seekUnvalidated(tp0, position(0, 2, 5))
    expect(state.hasValidPosition(tp0)).toBe(false)
    expect(state.awaitingValidation(tp0)).toBe(true)
    state.seekUnvalidated(tp0, position(0, null, 5))
    expect(state.hasValidPosition(tp0)).toBe(true)
    expect(state.awaitingValidation(tp0)).toBe(false)
  })

  test('with an epoch it waits for the leader, until a leader without epochs makes that pointless', () => {
    covers('SubscriptionStateTest.testSeekUnvalidatedWithOffsetEpoch')
    assign(tp0)
    state.seekUnvalidated(tp0, position(0, 2, 5))
    for (const epoch of [5, 15]) {
      const leader = new LeaderAndEpoch(broker1, epoch)
      expect(state.maybeValidatePositionForCurrentLeader(versions(), tp0, leader)).toBe(true)
      expect(state.hasValidPosition(tp0)).toBe(false)
      expect(state.awaitingValidation(tp0)).toBe(true)
    }
    const leader = new LeaderAndEpoch(broker1, null)
    expect(state.maybeValidatePositionForCurrentLeader(versions(), tp0, leader)).toBe(false)
    expect(state.hasValidPosition(tp0)).toBe(true)
  })

  test('a seek to a trusted position ends the wait', () => {
    covers('SubscriptionStateTest.testSeekValidatedShouldClearAwaitingValidation')
    assign(tp0)
    state.seekUnvalidated(tp0, position(10, 5, 10))
    state.seekValidated(tp0, position(8, 4, 10))
    expect(state.awaitingValidation(tp0)).toBe(false)
    expect(state.position(tp0)?.offset).toBe(8)
  })

  test('a reset ends the wait', () => {
    covers('SubscriptionStateTest.testOffsetResetWhileAwaitingValidation')
    assign(tp0)
    state.seekUnvalidated(tp0, position(10, 5, 10))
    state.requestOffsetReset(tp0, AutoOffsetResetStrategy.EARLIEST)
    expect(state.awaitingValidation(tp0)).toBe(false)
    expect(state.isOffsetResetNeeded(tp0)).toBe(true)
  })

  test('completing the validation makes the position valid', () => {
    covers('SubscriptionStateTest.testCompleteValidationShouldClearAwaitingValidation')
    assign(tp0)
    state.seekUnvalidated(tp0, position(10, 5, 10))
    state.completeValidation(tp0)
    expect(state.hasValidPosition(tp0)).toBe(true)
    expect(state.position(tp0)?.offset).toBe(10)
  })

  test('a leader that cannot validate is believed', () => {
    covers('SubscriptionStateTest.testMaybeValidatePositionForCurrentLeader')
    assign(tp0)
    const leader = new LeaderAndEpoch(broker1, 10)
    state.seekUnvalidated(tp0, position(10, 5, 10))
    expect(state.maybeValidatePositionForCurrentLeader(versions(2), tp0, leader)).toBe(false)
    expect(state.hasValidPosition(tp0)).toBe(true)

    state.seekUnvalidated(tp0, position(10, 5, 10))
    expect(state.maybeValidatePositionForCurrentLeader(versions(), tp0, leader)).toBe(true)
    expect(state.hasValidPosition(tp0)).toBe(false)

    expect(state.maybeValidatePositionForCurrentLeader(versions(), tp1, leader)).toBe(false)
  })
})

describe("the leader's word", () => {
  const initial = position(10, 5, 10)

  const validate = (strategy: AutoOffsetResetStrategy, epoch: number, offset: number) => {
    state = newState(strategy)
    assign(tp0)
    state.seekUnvalidated(tp0, initial)
    return state.maybeCompleteValidation(tp0, initial, endOffset(epoch, offset))
  }

  test('that the epoch ends later confirms the position', () => {
    covers('SubscriptionStateTest.testMaybeCompleteValidation')
    expect(validate(AutoOffsetResetStrategy.EARLIEST, 5, 15)).toBe(null)
    expect(state.awaitingValidation(tp0)).toBe(false)
    expect(state.position(tp0)).toEqual(initial)
  })

  test('is of no use any more when the position has changed meanwhile', () => {
    covers('SubscriptionStateTest.testMaybeCompleteValidationAfterPositionChange')
    assign(tp0)
    state.seekUnvalidated(tp0, initial)
    const updated = position(20, 8, 10)
    state.seekUnvalidated(tp0, updated)
    expect(state.maybeCompleteValidation(tp0, initial, endOffset(5, 15))).toBe(null)
    expect(state.awaitingValidation(tp0)).toBe(true)
    expect(state.position(tp0)).toEqual(updated)
  })

  test('is of no use any more when a reset was asked for meanwhile', () => {
    covers('SubscriptionStateTest.testMaybeCompleteValidationAfterOffsetReset')
    assign(tp0)
    state.seekUnvalidated(tp0, initial)
    state.requestOffsetReset(tp0)
    expect(state.maybeCompleteValidation(tp0, initial, endOffset(5, 15))).toBe(null)
    expect(state.isOffsetResetNeeded(tp0)).toBe(true)
    expect(state.position(tp0)).toBe(null)
  })

  test('that the epoch ends earlier moves the position back, with a policy', () => {
    covers('SubscriptionStateTest.testTruncationDetectionWithResetPolicy')
    expect(validate(AutoOffsetResetStrategy.EARLIEST, 7, 5)).toBe(null)
    expect(state.awaitingValidation(tp0)).toBe(false)
    expect(state.position(tp0)).toEqual(position(5, 7, 10))
  })

  test('that the epoch ends earlier is told to the caller, without one', () => {
    covers('SubscriptionStateTest.testTruncationDetectionWithoutResetPolicy')
    const truncation = validate(AutoOffsetResetStrategy.NONE, 7, 5)
    expect(truncation?.divergentOffset).toMatchObject({ offset: 5, leaderEpoch: 7 })
    expect(truncation?.fetchPosition).toBe(initial)
    expect(state.awaitingValidation(tp0)).toBe(true)
  })

  test('that it does not know the epoch leads to a reset, with a policy', () => {
    covers('SubscriptionStateTest.testTruncationDetectionUnknownDivergentOffsetWithResetPolicy')
    expect(validate(AutoOffsetResetStrategy.EARLIEST, -1, -1)).toBe(null)
    expect(state.awaitingValidation(tp0)).toBe(false)
    expect(state.isOffsetResetNeeded(tp0)).toBe(true)
    expect(state.resetStrategy(tp0)).toBe(AutoOffsetResetStrategy.EARLIEST)
  })

  test('that it does not know the epoch is told to the caller, without one', () => {
    covers('SubscriptionStateTest.testTruncationDetectionUnknownDivergentOffsetWithoutResetPolicy')
    const truncation = validate(AutoOffsetResetStrategy.NONE, -1, -1)
    expect(truncation?.divergentOffset).toBe(null)
    expect(state.awaitingValidation(tp0)).toBe(true)
  })
})

describe('the ends of the log', () => {
  test('give no lag while there is no position', () => {
    covers('SubscriptionStateTest.nullPositionLagOnNoPosition')
    assign(tp0)
    expect(state.partitionLag(tp0, 'read_uncommitted')).toBe(null)
    state.updateHighWatermark(tp0, 1)
    state.updateLastStableOffset(tp0, 1)
    expect(state.partitionLag(tp0, 'read_uncommitted')).toBe(null)
    expect(state.partitionLag(tp0, 'read_committed')).toBe(null)
    expect(state.partitionLead(tp0)).toBe(null)
  })

  test('are updated while the partition is assigned, and not afterwards', () => {
    covers(
      'SubscriptionStateTest.testTryUpdatingHighWatermark',
      'SubscriptionStateTest.testTryUpdatingLogStartOffset',
      'SubscriptionStateTest.testTryUpdatingLastStableOffset',
      'SubscriptionStateTest.testTryUpdatingPreferredReadReplica',
    )
    assign(tp0)
    state.seek(tp0, 4)
    expect(state.tryUpdatingHighWatermark(tp0, 10)).toBe(true)
    expect(state.partitionEndOffset(tp0, 'read_uncommitted')).toBe(10)
    expect(state.partitionLag(tp0, 'read_uncommitted')).toBe(6)
    expect(state.tryUpdatingLastStableOffset(tp0, 9)).toBe(true)
    expect(state.partitionEndOffset(tp0, 'read_committed')).toBe(9)
    expect(state.partitionLag(tp0, 'read_committed')).toBe(5)
    expect(state.tryUpdatingLogStartOffset(tp0, 1)).toBe(true)
    expect(state.partitionLead(tp0)).toBe(3)
    expect(state.tryUpdatingPreferredReadReplica(tp0, 10, () => 30)).toBe(true)

    expect(state.tryUpdatingHighWatermark(tp1, 10)).toBe(false)
    expect(state.tryUpdatingLastStableOffset(tp1, 10)).toBe(false)
    expect(state.tryUpdatingLogStartOffset(tp1, 10)).toBe(false)
    expect(state.tryUpdatingPreferredReadReplica(tp1, 10, () => 30)).toBe(false)
  })
})

test('a recommended replica holds for its lease, and is not prolonged by being repeated', () => {
  covers('SubscriptionStateTest.testPreferredReadReplicaLease')
  assign(tp0)
  expect(state.preferredReadReplica(tp0, 0)).toBe(null)
  state.updatePreferredReadReplica(tp0, 42, () => 10)
  expect(state.preferredReadReplica(tp0, 9)).toBe(42)
  expect(state.preferredReadReplica(tp0, 10)).toBe(42)
  expect(state.preferredReadReplica(tp0, 11)).toBe(null)

  state.updatePreferredReadReplica(tp0, 42, () => 20)
  state.updatePreferredReadReplica(tp0, 42, () => 100)
  expect(state.preferredReadReplica(tp0, 20)).toBe(42)
  expect(state.preferredReadReplica(tp0, 21)).toBe(null)

  state.updatePreferredReadReplica(tp0, 43, () => 40)
  expect(state.preferredReadReplica(tp0, 40)).toBe(43)
  expect(state.clearPreferredReadReplica(tp0)).toBe(43)
  expect(state.clearPreferredReadReplica(tp0)).toBe(null)
})
