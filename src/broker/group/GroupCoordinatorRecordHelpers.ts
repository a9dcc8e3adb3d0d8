/**
 * Makes the records that a group coordinator writes, each in the version that brokers of 4.3 write.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupCoordinatorRecordHelpers
 */

import { IllegalStateException } from '../../common/errors.ts'
import type { CoordinatorRecord } from './GroupCoordinatorRecord.ts'
import type { GroupMetadataValueData } from './messages/GroupMetadataRecord.ts'
import { NO_TIMESTAMP, type OffsetAndMetadata } from './OffsetAndMetadata.ts'

const GROUP_METADATA_VALUE_VERSION = 3
/** The one version with a place for the time at which an offset expires. */
const OFFSET_COMMIT_VALUE_VERSION_WITH_EXPIRATION = 1
const OFFSET_COMMIT_VALUE_VERSION = 4

/** What of a member is written down. */
interface RecordedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  metadata(protocolName: string): Uint8Array
}

/** What of a group is written down. */
export interface RecordedGroup {
  readonly groupId: string
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  leaderOrNull(): string | null
  /** -1: not known. */
  currentStateTimestampOrDefault(): number
  allMembers(): Iterable<RecordedMember>
}

export const GroupCoordinatorRecordHelpers = {
  /**
   * A group with its members, and what each of them was given.
   *
   * @throws IllegalStateException when a member has no share, or the group no protocol
   */
  newGroupMetadataRecord(
    group: RecordedGroup,
    assignment: ReadonlyMap<string, Uint8Array>,
  ): CoordinatorRecord {
    const members = Array.from(group.allMembers(), (member) => {
      if (group.protocolName === null) {
        throw new IllegalStateException(
          'Attempted to write non-empty group metadata with no defined protocol.',
        )
      }
      const share = assignment.get(member.memberId)
      if (share === undefined) {
        throw new IllegalStateException(
          `Attempted to write member ${member.memberId} of group ${group.groupId} with no ` +
            'assignment.',
        )
      }
      return {
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeout: member.rebalanceTimeoutMs,
        sessionTimeout: member.sessionTimeoutMs,
        subscription: member.metadata(group.protocolName),
        assignment: share,
      }
    })
    return groupMetadataRecord(group.groupId, {
      protocolType: group.protocolType ?? '',
      generation: group.generationId,
      protocol: group.protocolName,
      leader: group.leaderOrNull(),
      currentStateTimestamp: group.currentStateTimestampOrDefault(),
      members,
    })
  },

  /** A group that nobody is in yet. */
  newEmptyGroupMetadataRecord(
    group: Pick<RecordedGroup, 'groupId' | 'currentStateTimestampOrDefault'>,
  ): CoordinatorRecord {
    return groupMetadataRecord(group.groupId, {
      protocolType: '',
      generation: 0,
      protocol: null,
      leader: null,
      currentStateTimestamp: group.currentStateTimestampOrDefault(),
      members: [],
    })
  },

  /** The group is gone. */
  newGroupMetadataTombstoneRecord(group: string): CoordinatorRecord {
    return { type: 'GROUP_METADATA', key: { group }, value: null }
  },

  newOffsetCommitRecord(
    group: string,
    topic: string,
    partition: number,
    offset: OffsetAndMetadata,
  ): CoordinatorRecord {
    const expires = offset.expireTimestampMs !== NO_TIMESTAMP
    return {
      type: 'OFFSET_COMMIT',
      key: { group, topic, partition },
      value: {
        version: expires
          ? OFFSET_COMMIT_VALUE_VERSION_WITH_EXPIRATION
          : OFFSET_COMMIT_VALUE_VERSION,
        message: {
          offset: offset.committedOffset,
          leaderEpoch: offset.leaderEpoch,
          metadata: offset.metadata,
          commitTimestamp: offset.commitTimestampMs,
          expireTimestamp: offset.expireTimestampMs,
          topicId: offset.topicId,
        },
      },
    }
  },

  /** The offset is gone. */
  newOffsetCommitTombstoneRecord(
    group: string,
    topic: string,
    partition: number,
  ): CoordinatorRecord {
    return { type: 'OFFSET_COMMIT', key: { group, topic, partition }, value: null }
  },
} as const

const groupMetadataRecord = (
  group: string,
  message: GroupMetadataValueData,
): CoordinatorRecord => ({
  type: 'GROUP_METADATA',
  key: { group },
  value: { version: GROUP_METADATA_VALUE_VERSION, message },
})
