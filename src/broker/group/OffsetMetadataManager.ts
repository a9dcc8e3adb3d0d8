/**
 * How far each group has come: the offsets that consumers commit, fetch and forget.
 *
 *     commit ─► validate ─► records ─► log ─► replay ─► offsets        (the last two: the runtime)
 *     fetch  ─► offsets
 *     clean  ─► which are too old? ─► tombstones ─► log ─► replay
 *
 * I1  Only `replay` changes `offsets`: what a fetch sees is in the log.
 * I2  A commit of several partitions is one batch: all of it is stored, or the answer is an error.
 * I3  An offset is forgotten by a tombstone and in no other way.
 *
 * @kafka org.apache.kafka.coordinator.group.OffsetMetadataManager
 * @simplified a commit makes the group of a consumer without membership when it is replayed, not
 *   before: nothing has to be taken back when the write fails. TxnOffsetCommit comes with
 *   transactions; what it has written is understood when the log is read.
 */

import {
  GroupIdNotFoundException,
  IllegalGenerationException,
} from '../../common/errors/CoordinatorExceptions.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import { Uuid } from '../../common/Uuid.ts'
import { Errors } from '../../protocol/Errors.ts'
import type {
  OffsetCommitRequestData,
  OffsetCommitResponseInput,
} from '../../protocol/messages/OffsetCommit.ts'
import type {
  OffsetDeleteRequestData,
  OffsetDeleteResponseInput,
} from '../../protocol/messages/OffsetDelete.ts'
import type { OffsetFetchRequestGroup } from '../../protocol/messages/OffsetFetch.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import type { CoordinatorResult } from '../coordinator/CoordinatorResult.ts'
import { type FetchedGroup, fetchedPartition, unstableOffset } from './fetchedOffsets.ts'
import type { Group } from './Group.ts'
import type { GroupCoordinatorConfig } from './GroupCoordinatorConfig.ts'
import type { CoordinatorRecord } from './GroupCoordinatorRecord.ts'
import { GroupCoordinatorRecordHelpers } from './GroupCoordinatorRecordHelpers.ts'
import type { GroupMetadataManager } from './GroupMetadataManager.ts'
import type { GroupRequestContext } from './GroupRequestContext.ts'
import type { OffsetCommitKeyData, OffsetCommitValueData } from './messages/OffsetCommitRecord.ts'
import {
  NO_TIMESTAMP,
  type OffsetAndMetadata,
  offsetAndMetadataOfRecord,
  offsetAndMetadataOfRequest,
} from './OffsetAndMetadata.ts'
import type { OffsetExpirationCondition } from './OffsetExpirationCondition.ts'
import { Offsets, type PartitionOffsets } from './Offsets.ts'
import { PendingTransactionalOffsets } from './PendingTransactionalOffsets.ts'

const { newOffsetCommitRecord, newOffsetCommitTombstoneRecord } = GroupCoordinatorRecordHelpers

type Defined<T> = NonNullable<T>
type CommitTopic = Defined<OffsetCommitResponseInput['topics']>[number]
type CommitPartition = Defined<CommitTopic['partitions']>[number]
type DeleteTopic = Defined<OffsetDeleteResponseInput['topics']>[number]

/** @kafka org.apache.kafka.common.requests.OffsetCommitRequest (DEFAULT_RETENTION_TIME) */
const DEFAULT_RETENTION_TIME = -1
/** Since this version a commit can say that there is no such group. */
const GROUP_ID_NOT_FOUND_VERSION = 9

/** @kafka org.apache.kafka.coordinator.group.GroupCoordinatorShard.DeletedTopic */
export interface DeletedTopic {
  readonly id: Uuid
  readonly name: string
}

export interface OffsetMetadataManagerOptions {
  logger: Logger
  time: Time
  config: GroupCoordinatorConfig
  groupMetadataManager: GroupMetadataManager
}

export class OffsetMetadataManager {
  private readonly logger: Logger
  private readonly time: Time
  private readonly config: GroupCoordinatorConfig
  private readonly groupMetadataManager: GroupMetadataManager
  private readonly offsets = new Offsets()
  private readonly pending = new PendingTransactionalOffsets()

  constructor(options: OffsetMetadataManagerOptions) {
    this.logger = options.logger
    this.time = options.time
    this.config = options.config
    this.groupMetadataManager = options.groupMetadataManager
  }

  // ---- committing

  /**
   * @throws ApiException when the group does not take commits of this member now
   */
  commitOffset(
    context: GroupRequestContext,
    request: OffsetCommitRequestData,
  ): CoordinatorResult<OffsetCommitResponseInput, CoordinatorRecord> {
    this.validateOffsetCommit(context, request)
    const { groupId, retentionTimeMs } = request
    const nowMs = this.time.milliseconds()
    const expireTimestampMs =
      retentionTimeMs === DEFAULT_RETENTION_TIME ? NO_TIMESTAMP : nowMs + retentionTimeMs
    const records: CoordinatorRecord[] = []
    const topics = request.topics.map(({ topicId, name, partitions }): CommitTopic => {
      const responses = partitions.map((partition): CommitPartition => {
        const { partitionIndex, committedMetadata } = partition
        if (this.isMetadataInvalid(committedMetadata)) {
          return { partitionIndex, errorCode: Errors.OFFSET_METADATA_TOO_LARGE.code }
        }
        const offset = offsetAndMetadataOfRequest(topicId, partition, nowMs, expireTimestampMs)
        records.push(newOffsetCommitRecord(groupId, name, partitionIndex, offset))
        return { partitionIndex, errorCode: Errors.NONE.code }
      })
      return { topicId, name, partitions: responses }
    })
    return { records, response: { topics } }
  }

  private validateOffsetCommit(
    context: GroupRequestContext,
    request: OffsetCommitRequestData,
  ): void {
    const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch } = request
    const group = this.groupOrUndefined(groupId)
    if (group === undefined) {
      // A consumer that is no member of anything, or an administrator: the group is made for it.
      if (generationIdOrMemberEpoch < 0) return
      throw context.requestVersion >= GROUP_ID_NOT_FOUND_VERSION
        ? groupIdNotFound(groupId)
        : new IllegalGenerationException(`There is no group ${groupId}, so it has no generation.`)
    }
    group.validateOffsetCommit(
      memberId,
      groupInstanceId,
      generationIdOrMemberEpoch,
      false,
      context.requestVersion,
    )
    // Who commits is alive.
    this.groupMetadataManager.maybeRescheduleClassicGroupMemberHeartbeat(group, memberId)
  }

  private isMetadataInvalid(metadata: string | null): boolean {
    return metadata !== null && metadata.length > this.config.offsetMetadataMaxSize()
  }

  // ---- fetching

  /** What the group has committed for the partitions of `request`; -1 where nothing. */
  fetchOffsets(request: OffsetFetchRequestGroup, requireStable: boolean): FetchedGroup {
    const { groupId } = request
    const group = this.canFetch(request) ? this.offsets.ofGroup(groupId) : undefined
    const topics = (request.topics ?? []).map(({ topicId, name, partitionIndexes }) => ({
      topicId,
      name,
      partitions: partitionIndexes.map((partition) => {
        if (requireStable && this.pending.contains(groupId, name, partition)) {
          return unstableOffset(partition)
        }
        const offset = group?.get(name)?.get(partition)
        const isOther = offset !== undefined && areDifferent(offset.topicId, topicId)
        return fetchedPartition(partition, isOther ? undefined : offset)
      }),
    }))
    return { groupId, topics }
  }

  /** All that the group has committed. */
  fetchAllOffsets(request: OffsetFetchRequestGroup, requireStable: boolean): FetchedGroup {
    const { groupId } = request
    const group = this.canFetch(request) ? this.offsets.ofGroup(groupId) : undefined
    const topics = Array.from(group ?? [], ([name, partitions]) => ({
      topicId: Uuid.ZERO_UUID,
      name,
      partitions: Array.from(partitions, ([partition, offset]) =>
        requireStable && this.pending.contains(groupId, name, partition)
          ? unstableOffset(partition)
          : fetchedPartition(partition, offset),
      ),
    }))
    return { groupId, topics }
  }

  /** A group that is not there has committed nothing, which is no error. */
  private canFetch({ groupId, memberId, memberEpoch }: OffsetFetchRequestGroup): boolean {
    try {
      this.groupMetadataManager.group(groupId).validateOffsetFetch(memberId, memberEpoch)
      return true
    } catch (error) {
      if (error instanceof GroupIdNotFoundException) return false
      throw error
    }
  }

  // ---- deleting

  /**
   * @throws GroupIdNotFoundException, GroupNotEmptyException when the group does not let its
   *   offsets go
   */
  deleteOffsets(
    request: OffsetDeleteRequestData,
  ): CoordinatorResult<OffsetDeleteResponseInput, CoordinatorRecord> {
    const { groupId } = request
    const group = this.groupMetadataManager.group(groupId)
    group.validateOffsetDelete()
    const records: CoordinatorRecord[] = []
    const topics = request.topics.map(({ name, partitions }): DeleteTopic => {
      const isSubscribed = group.isSubscribedToTopic(name)
      const error = isSubscribed ? Errors.GROUP_SUBSCRIBED_TO_TOPIC : Errors.NONE
      for (const { partitionIndex } of isSubscribed ? [] : partitions) {
        if (!this.hasOffset(groupId, name, partitionIndex)) continue
        records.push(newOffsetCommitTombstoneRecord(groupId, name, partitionIndex))
      }
      return {
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: error.code,
        })),
      }
    })
    return { records, response: { topics } }
  }

  /** Adds a tombstone for each offset of a group that is to be deleted; returns how many. */
  deleteAllOffsets(groupId: string, records: CoordinatorRecord[]): number {
    const before = records.length
    for (const [topic, partitions] of this.offsets.ofGroup(groupId) ?? []) {
      for (const partition of partitions.keys()) {
        records.push(newOffsetCommitTombstoneRecord(groupId, topic, partition))
      }
    }
    for (const [topic, partitions] of this.pending.partitionsOf(groupId)) {
      for (const partition of partitions) {
        if (this.hasCommittedOffset(groupId, topic, partition)) continue
        records.push(newOffsetCommitTombstoneRecord(groupId, topic, partition))
      }
    }
    return records.length - before
  }

  /**
   * Adds a tombstone for each offset of the group that is too old. Returns whether none is left:
   * then an empty group may go, too.
   */
  cleanupExpiredOffsets(groupId: string, records: CoordinatorRecord[]): boolean {
    const topics = this.offsets.ofGroup(groupId)
    if (topics === undefined) return !this.pending.containsGroup(groupId)
    const group = this.groupMetadataManager.group(groupId)
    const condition = group.offsetExpirationCondition()
    if (condition === undefined) return false
    let allOffsetsExpired = true
    for (const [topic, partitions] of topics) {
      const expired = group.isSubscribedToTopic(topic)
        ? []
        : this.expiredPartitions(groupId, topic, partitions, condition)
      if (expired.length < partitions.size) allOffsetsExpired = false
      for (const partition of expired) {
        records.push(newOffsetCommitTombstoneRecord(groupId, topic, partition))
      }
    }
    return allOffsetsExpired && !this.pending.containsGroup(groupId)
  }

  private expiredPartitions(
    groupId: string,
    topic: string,
    partitions: PartitionOffsets,
    condition: OffsetExpirationCondition,
  ): number[] {
    const nowMs = this.time.milliseconds()
    const retentionMs = this.config.offsetsRetentionMs()
    return Array.from(partitions)
      .filter(([partition, offset]) => {
        const isOld = condition.isOffsetExpired(offset, nowMs, retentionMs)
        return isOld && !this.pending.contains(groupId, topic, partition)
      })
      .map(([partition]) => partition)
  }

  /** Tombstones for the offsets of topics that are gone, not of new ones of the same name. */
  onTopicsDeleted(deletedTopics: readonly DeletedTopic[]): CoordinatorRecord[] {
    const records: CoordinatorRecord[] = []
    for (const offsets of [this.offsets, ...this.pending.all()]) {
      for (const [groupId, topics] of offsets.groups()) {
        for (const { id, name } of deletedTopics) {
          for (const [partition, { topicId }] of topics.get(name) ?? []) {
            if (areDifferent(topicId, id)) continue
            records.push(newOffsetCommitTombstoneRecord(groupId, name, partition))
          }
        }
      }
    }
    return records
  }

  // ---- what the log says

  /** @param value `null`: the offset is gone */
  replay(
    recordOffset: number,
    producerId: bigint,
    key: OffsetCommitKeyData,
    value: OffsetCommitValueData | null,
  ): void {
    const { group, topic, partition } = key
    if (value === null) {
      this.offsets.remove(group, topic, partition)
      this.pending.clear(group, topic, partition)
      return
    }
    // A consumer that is no member commits to a group that nobody has made.
    this.groupMetadataManager.getOrMaybeCreateClassicGroup(group, true)
    const offset = offsetAndMetadataOfRecord(recordOffset, value)
    if (producerId === RecordBatch.NO_PRODUCER_ID) this.offsets.put(group, topic, partition, offset)
    else this.pending.put(producerId, group, topic, partition, offset)
  }

  /** A transaction is over: what it committed counts now, or never did. */
  replayEndTransactionMarker(producerId: bigint, committed: boolean): void {
    const pending = this.pending.take(producerId)
    if (pending === undefined || !committed) return
    for (const [groupId, topics] of pending.groups()) {
      for (const [topic, partitions] of topics) {
        for (const [partition, offset] of partitions) {
          const known = this.offsets.get(groupId, topic, partition)
          // A plain commit that came later in the log is newer, whenever the transaction ended.
          if (known !== undefined && known.recordOffset >= offset.recordOffset) continue
          this.offsets.put(groupId, topic, partition, offset)
        }
      }
    }
    this.logger.debug(`Committed transactional offset commits for producer id ${producerId}.`)
  }

  /** What the group has committed; `undefined`: nothing. */
  offset(groupId: string, topic: string, partition: number): OffsetAndMetadata | undefined {
    return this.offsets.get(groupId, topic, partition)
  }

  /** What an open transaction of this producer has committed. */
  pendingTransactionalOffset(
    producerId: bigint,
    groupId: string,
    topic: string,
    partition: number,
  ): OffsetAndMetadata | undefined {
    return this.pending.get(producerId, groupId, topic, partition)
  }

  hasPendingTransactionalOffsets(groupId: string, topic: string, partition: number): boolean {
    return this.pending.contains(groupId, topic, partition)
  }

  hasCommittedOffset(groupId: string, topic: string, partition: number): boolean {
    return this.offsets.get(groupId, topic, partition) !== undefined
  }

  private hasOffset(groupId: string, topic: string, partition: number): boolean {
    return (
      this.hasCommittedOffset(groupId, topic, partition) ||
      this.pending.contains(groupId, topic, partition)
    )
  }

  private groupOrUndefined(groupId: string): Group | undefined {
    try {
      return this.groupMetadataManager.group(groupId)
    } catch (error) {
      if (error instanceof GroupIdNotFoundException) return undefined
      throw error
    }
  }
}

const groupIdNotFound = (groupId: string): GroupIdNotFoundException =>
  new GroupIdNotFoundException(`Group ${groupId} not found.`)

/** Two ids that are both known and not the same. */
const areDifferent = (one: Uuid, other: Uuid): boolean =>
  !one.equals(Uuid.ZERO_UUID) && !other.equals(Uuid.ZERO_UUID) && !one.equals(other)
