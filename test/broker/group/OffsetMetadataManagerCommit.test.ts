import { describe, expect, test } from 'vitest'
import { CoordinatorNotAvailableException } from '../../../src/common/errors/ApiExceptions.ts'
import {
  FencedInstanceIdException,
  GroupIdNotFoundException,
  IllegalGenerationException,
  RebalanceInProgressException,
  UnknownMemberIdException,
} from '../../../src/common/errors/CoordinatorExceptions.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { newMember } from './classicGroupSupport.ts'
import { newOffsetCommitRecord, OffsetHarness } from './OffsetHarness.ts'

const asMember = { memberId: 'member', generationIdOrMemberEpoch: 1 } as const
const TOPIC_ID = Uuid.fromString('aaaaaaaaaaaaaaaaaaaaaQ')

describe('a commit by a member', () => {
  test('of a group that is not there is refused, in the words that each version knows', () => {
    covers('OffsetMetadataManagerTest.testOffsetCommitWithUnknownGroup')
    for (const version of ApiKeys.OFFSET_COMMIT.allVersions()) {
      const harness = new OffsetHarness()
      const expected = version >= 9 ? GroupIdNotFoundException : IllegalGenerationException
      expect(() => harness.commit(asMember, version)).toThrow(expected)
      expect([...harness.manager.groupIds()]).toEqual([])
    }
  })

  test('of a group that is dead here asks to look for the coordinator again', () => {
    covers('OffsetMetadataManagerTest.testGenericGroupOffsetCommitWithDeadGroup')
    const harness = new OffsetHarness()
    harness.classicGroup().transitionTo('Dead')
    expect(() => harness.commit(asMember)).toThrow(CoordinatorNotAvailableException)
  })

  test('that the group does not know is refused', () => {
    covers(
      'OffsetMetadataManagerTest.testGenericGroupOffsetCommitWithUnknownMemberId',
      'OffsetMetadataManagerTest.testGenericGroupOffsetCommitWithUnknownInstanceId',
    )
    const harness = new OffsetHarness()
    const group = harness.classicGroup()
    expect(() => harness.commit(asMember)).toThrow(UnknownMemberIdException)
    group.add(newMember({ memberId: 'member' }), null)
    expect(() => harness.commit({ ...asMember, groupInstanceId: 'nobody' })).toThrow(
      UnknownMemberIdException,
    )
  })

  test('whose instance id another one has by now is fenced', () => {
    covers('OffsetMetadataManagerTest.testGenericGroupOffsetCommitWithFencedInstanceId')
    const harness = new OffsetHarness()
    const group = harness.classicGroup()
    group.add(newMember({ memberId: 'member', groupInstanceId: 'new-instance-id' }), null)
    // Under the id that it had before somebody took its place, nobody knows it at all.
    expect(() => harness.commit({ ...asMember, groupInstanceId: 'old-instance-id' })).toThrow(
      UnknownMemberIdException,
    )
    const old = { ...asMember, memberId: 'old', groupInstanceId: 'new-instance-id' }
    expect(() => harness.commit(old)).toThrow(FencedInstanceIdException)
  })

  test('of another generation is refused', () => {
    covers('OffsetMetadataManagerTest.testGenericGroupOffsetCommitWithIllegalGeneration')
    const harness = new OffsetHarness()
    harness.groupInFirstGeneration('new-instance-id').transitionTo('Stable')
    for (const generation of [0, 10]) {
      const fields = { ...asMember, generationIdOrMemberEpoch: generation }
      expect(() => harness.commit(fields)).toThrow(IllegalGenerationException)
    }
  })

  test('waits for the new shares, which it does not know yet', () => {
    covers('OffsetMetadataManagerTest.testGenericGroupOffsetCommitWhileInCompletingRebalanceState')
    const harness = new OffsetHarness()
    harness.groupInFirstGeneration('new-instance-id')
    expect(() => harness.commit(asMember)).toThrow(RebalanceInProgressException)
  })

  test('keeps its session alive, as a heartbeat would', () => {
    covers('OffsetMetadataManagerTest.testGenericGroupOffsetCommitMaintainsSession')
    const harness = new OffsetHarness()
    const group = harness.groupInFirstGeneration()
    group.transitionTo('Stable')
    const { sessionTimeoutMs } = group.member('member')
    harness.manager.maybeRescheduleClassicGroupMemberHeartbeat(group, 'member')
    harness.sleepQuietly(sessionTimeoutMs / 2)
    harness.commit(asMember)
    harness.sleepQuietly(sessionTimeoutMs / 2)
    expect(group.hasMember('member')).toBe(true)
    expect(harness.sleep(sessionTimeoutMs / 2)).toHaveLength(1)
    expect(group.hasMember('member')).toBe(false)
  })
})

describe('a commit by nobody', () => {
  test('is refused while members read', () => {
    covers('OffsetMetadataManagerTest.testGenericGroupOffsetCommitWithoutMemberIdAndGeneration')
    const harness = new OffsetHarness()
    harness.groupInFirstGeneration('new-instance-id')
    expect(() => harness.commit()).toThrow(UnknownMemberIdException)
  })

  test('makes a group for itself, as soon as it is written and not before', () => {
    covers('OffsetMetadataManagerTest.testSimpleGroupOffsetCommit')
    for (const topicId of [Uuid.ZERO_UUID, TOPIC_ID]) {
      const harness = new OffsetHarness()
      const { records, response } = harness.commit({ topicId })
      expect(response).toEqual({
        topics: [{ name: 'bar', topicId, partitions: [{ partitionIndex: 0, errorCode: 0 }] }],
      })
      const offset = {
        recordOffset: -1,
        committedOffset: 100,
        leaderEpoch: -1,
        metadata: '',
        commitTimestampMs: harness.time.milliseconds(),
        expireTimestampMs: -1,
        topicId,
      }
      expect(records).toEqual([newOffsetCommitRecord('foo', 'bar', 0, offset)])
      expect(harness.manager.group('foo')).toMatchObject({ groupId: 'foo', type: 'classic' })
      expect(harness.offsets.offset('foo', 'bar', 0)).toEqual({ ...offset, recordOffset: 0 })
    }
  })

  test('may name an instance, which means nothing without a group', () => {
    covers('OffsetMetadataManagerTest.testSimpleGroupOffsetCommitWithInstanceId')
    const harness = new OffsetHarness()
    const { records } = harness.commit({ groupInstanceId: 'instance-id' })
    expect(records).toHaveLength(1)
  })

  test('that cannot be written leaves no group behind', () => {
    const harness = new OffsetHarness()
    harness.replayOffsets = () => {}
    harness.commit()
    expect([...harness.manager.groupIds()]).toEqual([])
  })
})

describe('what is committed', () => {
  test('expires at the time that an old client asks for', () => {
    covers('OffsetMetadataManagerTest.testGenericGroupOffsetCommitWithRetentionTime')
    const harness = new OffsetHarness()
    harness.groupInFirstGeneration().transitionTo('Stable')
    const { records } = harness.commit({ ...asMember, retentionTimeMs: 1234 }, 4)
    const nowMs = harness.time.milliseconds()
    expect(records[0]?.value).toMatchObject({
      version: 1,
      message: { offset: 100, commitTimestamp: nowMs, expireTimestamp: nowMs + 1234 },
    })
  })

  test('may have a note of so many characters, and no more; other partitions are stored', () => {
    const harness = new OffsetHarness({ 'offset.metadata.max.bytes': 5 })
    const partition = { committedOffset: 100, committedLeaderEpoch: 10 }
    const { records, response } = harness.commit({
      topics: [
        {
          name: 'bar',
          topicId: Uuid.ZERO_UUID,
          partitions: [
            { ...partition, partitionIndex: 0, committedMetadata: 'toolarge' },
            { ...partition, partitionIndex: 1, committedMetadata: 'small' },
            { ...partition, partitionIndex: 2, committedMetadata: null },
          ],
        },
      ],
    })
    const errors = response!.topics![0]!.partitions!.map(({ errorCode }) => errorCode)
    expect(errors).toEqual([Errors.OFFSET_METADATA_TOO_LARGE.code, 0, 0])
    expect(records.map(({ key }) => key)).toMatchObject([{ partition: 1 }, { partition: 2 }])
    expect(harness.offsets.offset('foo', 'bar', 1)).toMatchObject({ metadata: 'small' })
    expect(harness.offsets.offset('foo', 'bar', 2)).toMatchObject({ metadata: '', leaderEpoch: 10 })
  })

  test('is what the log says last', () => {
    covers('OffsetMetadataManagerTest.testReplay')
    for (const topicId of [Uuid.ZERO_UUID, TOPIC_ID]) {
      const harness = new OffsetHarness()
      for (const [partition, offset] of [
        [0, { committedOffset: 100, leaderEpoch: -1 }],
        [0, { committedOffset: 200, leaderEpoch: 10 }],
        [1, { committedOffset: 200, leaderEpoch: 10 }],
        [1, { committedOffset: 300, leaderEpoch: 10, expireTimestampMs: 12_345 }],
      ] as const) {
        // The version that has a place for a time of its own has none for the topic's id.
        const known = 'expireTimestampMs' in offset ? Uuid.ZERO_UUID : topicId
        const expected = harness.committed('foo', 'bar', partition, { ...offset, topicId: known })
        expect(harness.offsets.offset('foo', 'bar', partition)).toEqual(expected)
        expect(harness.manager.group('foo').isEmpty()).toBe(true)
      }
      expect(harness.offsets.offset('foo', 'bar', 0)).toMatchObject({ recordOffset: 1 })
    }
  })
})
