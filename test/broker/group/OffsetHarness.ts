/**
 * An `OffsetMetadataManager` beside the groups of `GroupHarness`, with the log that its records
 * would go to: what an operation gives is replayed at once, under the next offset.
 *
 * @kafka
 *   org.apache.kafka.coordinator.group.OffsetMetadataManagerTest.OffsetMetadataManagerTestContext
 */

import type { ClassicGroup } from '../../../src/broker/group/classic/ClassicGroup.ts'
import type { FetchedTopic } from '../../../src/broker/group/fetchedOffsets.ts'
import type { GroupCoordinatorConfigInput } from '../../../src/broker/group/GroupCoordinatorConfig.ts'
import type { CoordinatorRecord } from '../../../src/broker/group/GroupCoordinatorRecord.ts'
import { GroupCoordinatorRecordHelpers } from '../../../src/broker/group/GroupCoordinatorRecordHelpers.ts'
import type { OffsetAndMetadata } from '../../../src/broker/group/OffsetAndMetadata.ts'
import {
  type DeletedTopic,
  OffsetMetadataManager,
} from '../../../src/broker/group/OffsetMetadataManager.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import type {
  OffsetCommitRequestData,
  OffsetCommitRequestPartition,
} from '../../../src/protocol/messages/OffsetCommit.ts'
import { RecordBatch } from '../../../src/record/RecordBatch.ts'
import { newMember, toProtocols } from './classicGroupSupport.ts'
import { GroupHarness, requestContext } from './GroupHarness.ts'

export const { newOffsetCommitRecord, newOffsetCommitTombstoneRecord } =
  GroupCoordinatorRecordHelpers

/** What a request to commit says; the group is `foo`, the partition `bar-0`. */
export type CommitFields = Partial<OffsetCommitRequestData> &
  Partial<OffsetCommitRequestPartition> & { readonly topicId?: Uuid }

const LATEST_VERSION = 10

export class OffsetHarness extends GroupHarness {
  readonly offsets: OffsetMetadataManager
  private nextOffset = 0

  constructor(settings: GroupCoordinatorConfigInput = {}) {
    super(settings)
    this.offsets = new OffsetMetadataManager({
      logger: this.logger,
      time: this.time,
      config: this.config,
      groupMetadataManager: this.manager,
    })
  }

  /** The group, made when it is not there. */
  classicGroup(groupId = 'foo'): ClassicGroup {
    return this.manager.getOrMaybeCreateClassicGroup(groupId, true)
  }

  /** A group with one member, `member`, in generation 1, whose shares are not given out yet. */
  groupInFirstGeneration(groupInstanceId: string | null = null): ClassicGroup {
    const group = this.classicGroup()
    const supportedProtocols = toProtocols('range')
    group.add(newMember({ memberId: 'member', groupInstanceId, supportedProtocols }), null)
    group.transitionTo('PreparingRebalance')
    group.initNextGeneration()
    return group
  }

  // ---- operations

  commit(fields: CommitFields = {}, version = LATEST_VERSION) {
    const { topicId = Uuid.ZERO_UUID, ...rest } = fields
    const result = this.offsets.commitOffset(requestContext(version), {
      groupId: 'foo',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      groupInstanceId: null,
      retentionTimeMs: -1,
      topics: [
        {
          name: 'bar',
          topicId,
          partitions: [
            {
              partitionIndex: 0,
              committedOffset: 100,
              committedLeaderEpoch: -1,
              committedMetadata: '',
              ...rest,
            },
          ],
        },
      ],
      ...rest,
    })
    this.replayOffsets(result.records)
    return result
  }

  fetch(
    groupId: string,
    topics: Readonly<Record<string, readonly number[]>>,
    { requireStable = true, topicId = Uuid.ZERO_UUID } = {},
  ): readonly FetchedTopic[] {
    const request = Object.entries(topics).map(([name, partitions]) => ({
      name,
      topicId,
      partitionIndexes: [...partitions],
    }))
    const group = { groupId, memberId: null, memberEpoch: -1, topics: request }
    return this.offsets.fetchOffsets(group, requireStable).topics ?? []
  }

  fetchAll(groupId: string, requireStable = true): readonly FetchedTopic[] {
    const group = { groupId, memberId: null, memberEpoch: -1, topics: null }
    return this.offsets.fetchAllOffsets(group, requireStable).topics ?? []
  }

  /** The error of the one partition. */
  deleteOffset(groupId: string, topic: string, partitionIndex: number) {
    const topics = [{ name: topic, partitions: [{ partitionIndex }] }]
    const { records, response } = this.offsets.deleteOffsets({ groupId, topics })
    this.replayOffsets(records)
    return { records, errorCode: response!.topics![0]!.partitions![0]!.errorCode }
  }

  deleteAllOffsets(groupId: string) {
    const records: CoordinatorRecord[] = []
    const deleted = this.offsets.deleteAllOffsets(groupId, records)
    this.replayOffsets(records)
    return { records, deleted }
  }

  cleanupExpiredOffsets(groupId: string) {
    const records: CoordinatorRecord[] = []
    const isEmpty = this.offsets.cleanupExpiredOffsets(groupId, records)
    this.replayOffsets(records)
    return { records, isEmpty }
  }

  deleteTopics(...topics: DeletedTopic[]): CoordinatorRecord[] {
    const records = this.offsets.onTopicsDeleted(topics)
    this.replayOffsets(records)
    return records
  }

  hasOffset(groupId: string, topic: string, partition: number): boolean {
    return (
      this.offsets.hasCommittedOffset(groupId, topic, partition) ||
      this.offsets.hasPendingTransactionalOffsets(groupId, topic, partition)
    )
  }

  // ---- what the log says

  /** An offset that is in the log already; returns it as it was replayed. */
  committed(
    groupId: string,
    topic: string,
    partition: number,
    offset: Partial<OffsetAndMetadata> & { readonly producerId?: bigint } = {},
  ): OffsetAndMetadata {
    const { producerId = RecordBatch.NO_PRODUCER_ID, ...fields } = offset
    const all: OffsetAndMetadata = {
      committedOffset: 100,
      leaderEpoch: 0,
      metadata: 'metadata',
      commitTimestampMs: this.time.milliseconds(),
      expireTimestampMs: -1,
      topicId: Uuid.ZERO_UUID,
      ...fields,
      recordOffset: this.nextOffset,
    }
    this.replayOffsets([newOffsetCommitRecord(groupId, topic, partition, all)], producerId)
    return all
  }

  endTransaction(producerId: bigint, committed: boolean): void {
    this.offsets.replayEndTransactionMarker(producerId, committed)
    this.nextOffset++
  }

  replayOffsets(
    records: readonly CoordinatorRecord[],
    producerId: bigint = RecordBatch.NO_PRODUCER_ID,
  ): void {
    for (const record of records) {
      if (record.type !== 'OFFSET_COMMIT') throw new Error(`unexpected ${record.type}`)
      const value = record.value?.message ?? null
      this.offsets.replay(this.nextOffset++, producerId, record.key, value)
    }
  }
}
