/**
 * One partition of `__consumer_offsets`: its groups, their offsets, and the order in which the two
 * are asked.
 *
 *     CoordinatorRuntime ──► GroupCoordinatorShard ─┬─► GroupMetadataManager     who is in
 *       operations, replay, timers                  └─► OffsetMetadataManager    how far they are
 *
 * I1  Offsets and group go together: a group is deleted with all its offsets in one batch.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupCoordinatorShard
 */

import { ApiException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import { Uuid } from '../../common/Uuid.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { DeletableGroupResult } from '../../protocol/messages/DeleteGroups.ts'
import type { DescribedGroup } from '../../protocol/messages/DescribeGroups.ts'
import type {
  HeartbeatRequestData,
  HeartbeatResponseData,
} from '../../protocol/messages/Heartbeat.ts'
import type {
  JoinGroupRequestData,
  JoinGroupResponseData,
} from '../../protocol/messages/JoinGroup.ts'
import type {
  LeaveGroupRequestData,
  LeaveGroupResponseData,
} from '../../protocol/messages/LeaveGroup.ts'
import type { ListedGroup } from '../../protocol/messages/ListGroups.ts'
import type {
  OffsetCommitRequestData,
  OffsetCommitResponseInput,
} from '../../protocol/messages/OffsetCommit.ts'
import type {
  OffsetDeleteRequestData,
  OffsetDeleteResponseInput,
} from '../../protocol/messages/OffsetDelete.ts'
import type { OffsetFetchRequestGroup } from '../../protocol/messages/OffsetFetch.ts'
import type {
  SyncGroupRequestData,
  SyncGroupResponseData,
} from '../../protocol/messages/SyncGroup.ts'
import type { CompletableFuture } from '../coordinator/CompletableFuture.ts'
import type { CoordinatorResult } from '../coordinator/CoordinatorResult.ts'
import type { CoordinatorShard } from '../coordinator/CoordinatorShard.ts'
import type { CoordinatorTimer } from '../coordinator/CoordinatorTimer.ts'
import type { FetchedGroup } from './fetchedOffsets.ts'
import type { GroupCoordinatorConfig } from './GroupCoordinatorConfig.ts'
import type { CoordinatorRecord } from './GroupCoordinatorRecord.ts'
import { GroupMetadataManager, type GroupMetadataManagerOptions } from './GroupMetadataManager.ts'
import type { GroupRequestContext } from './GroupRequestContext.ts'
import type { OffsetCommitValueData } from './messages/OffsetCommitRecord.ts'
import { type DeletedTopic, OffsetMetadataManager } from './OffsetMetadataManager.ts'

/** The name of the timer that looks for old offsets. */
export const GROUP_EXPIRATION_KEY = 'expire-group-metadata'

type Result<T> = CoordinatorResult<T, CoordinatorRecord>

export class GroupCoordinatorShard implements CoordinatorShard<CoordinatorRecord> {
  private readonly logger: Logger
  private readonly time: Time
  private readonly timer: CoordinatorTimer<CoordinatorRecord>
  private readonly config: GroupCoordinatorConfig
  private readonly groupMetadataManager: GroupMetadataManager
  private readonly offsetMetadataManager: OffsetMetadataManager

  constructor(options: GroupMetadataManagerOptions) {
    const { logger, time, timer, config } = options
    this.logger = logger
    this.time = time
    this.timer = timer
    this.config = config
    const groupMetadataManager = new GroupMetadataManager(options)
    this.groupMetadataManager = groupMetadataManager
    this.offsetMetadataManager = new OffsetMetadataManager({
      logger,
      time,
      config,
      groupMetadataManager,
    })
  }

  // ---- members

  classicGroupJoin(
    context: GroupRequestContext,
    request: JoinGroupRequestData,
    responseFuture: CompletableFuture<JoinGroupResponseData>,
  ): Result<void> {
    return this.groupMetadataManager.classicGroupJoin(context, request, responseFuture)
  }

  classicGroupSync(
    context: GroupRequestContext,
    request: SyncGroupRequestData,
    responseFuture: CompletableFuture<SyncGroupResponseData>,
  ): Result<void> {
    return this.groupMetadataManager.classicGroupSync(context, request, responseFuture)
  }

  classicGroupHeartbeat(
    context: GroupRequestContext,
    request: HeartbeatRequestData,
  ): Result<HeartbeatResponseData> {
    return this.groupMetadataManager.classicGroupHeartbeat(context, request)
  }

  classicGroupLeave(
    context: GroupRequestContext,
    request: LeaveGroupRequestData,
  ): Result<LeaveGroupResponseData> {
    return this.groupMetadataManager.classicGroupLeave(context, request)
  }

  // ---- groups

  listGroups(statesFilter: readonly string[], typesFilter: readonly string[]): ListedGroup[] {
    return this.groupMetadataManager.listGroups(statesFilter, typesFilter)
  }

  describeGroups(context: GroupRequestContext, groupIds: readonly string[]): DescribedGroup[] {
    return this.groupMetadataManager.describeGroups(context, groupIds)
  }

  /** Each group gets an answer of its own; those that may go are deleted together. */
  deleteGroups(
    _context: GroupRequestContext,
    groupIds: readonly string[],
  ): Result<DeletableGroupResult[]> {
    const records: CoordinatorRecord[] = []
    const deletedGroups: string[] = []
    let numDeletedOffsets = 0
    const response = groupIds.map((groupId) => {
      try {
        this.groupMetadataManager.validateDeleteGroup(groupId)
      } catch (error) {
        if (!(error instanceof ApiException)) throw error
        return { groupId, errorCode: Errors.forException(error).code }
      }
      numDeletedOffsets += this.offsetMetadataManager.deleteAllOffsets(groupId, records)
      this.groupMetadataManager.createGroupTombstoneRecordsAndCancelTimers(groupId, records)
      deletedGroups.push(groupId)
      return { groupId, errorCode: Errors.NONE.code }
    })
    this.logger.info(
      `The following groups were deleted: ${deletedGroups.join(', ')}. A total of ` +
        `${numDeletedOffsets} offsets were removed.`,
    )
    return { records, response }
  }

  // ---- offsets

  commitOffset(
    context: GroupRequestContext,
    request: OffsetCommitRequestData,
  ): Result<OffsetCommitResponseInput> {
    return this.offsetMetadataManager.commitOffset(context, request)
  }

  /** All that the group has committed when `request.topics` is null. */
  fetchOffsets(request: OffsetFetchRequestGroup, requireStable: boolean): FetchedGroup {
    return request.topics === null
      ? this.offsetMetadataManager.fetchAllOffsets(request, requireStable)
      : this.offsetMetadataManager.fetchOffsets(request, requireStable)
  }

  deleteOffsets(
    _context: GroupRequestContext,
    request: OffsetDeleteRequestData,
  ): Result<OffsetDeleteResponseInput> {
    return this.offsetMetadataManager.deleteOffsets(request)
  }

  onTopicsDeleted(deletedTopics: readonly DeletedTopic[]): Result<void> {
    const startMs = this.time.milliseconds()
    const records = this.offsetMetadataManager.onTopicsDeleted(deletedTopics)
    const names = deletedTopics.map(({ name }) => name).join(', ')
    this.logger.info(
      `Generated ${records.length} tombstone records in ${this.time.milliseconds() - startMs} ` +
        `milliseconds while deleting offsets for topics ${names}.`,
    )
    return { records, isAtomic: false }
  }

  // ---- growing old

  /**
   * Forgets offsets that are too old, and groups that have neither members nor offsets. Each record
   * stands for itself, so they need not go to the log together.
   */
  cleanupGroupMetadata(): Result<void> {
    const startMs = this.time.milliseconds()
    const records: CoordinatorRecord[] = []
    for (const groupId of this.groupMetadataManager.groupIds()) {
      if (!this.groupMetadataManager.group(groupId).shouldExpire()) continue
      if (this.offsetMetadataManager.cleanupExpiredOffsets(groupId, records)) {
        this.groupMetadataManager.maybeDeleteGroup(groupId, records)
      }
    }
    if (records.length > 0) {
      this.logger.info(
        `Generated ${records.length} tombstone records while cleaning up group metadata in ` +
          `${this.time.milliseconds() - startMs} milliseconds.`,
      )
    }
    this.scheduleGroupMetadataExpiration()
    return { records, isAtomic: false }
  }

  private scheduleGroupMetadataExpiration(): void {
    const intervalMs = this.config.offsetsRetentionCheckIntervalMs()
    const cleanup = (): Result<void> => this.cleanupGroupMetadata()
    this.timer.schedule(GROUP_EXPIRATION_KEY, intervalMs, true, cleanup, intervalMs)
  }

  // ---- what the log says

  onLoaded(): void {
    this.groupMetadataManager.onLoaded()
    this.scheduleGroupMetadataExpiration()
  }

  onUnloaded(): void {
    this.timer.cancel(GROUP_EXPIRATION_KEY)
    this.groupMetadataManager.onUnloaded()
  }

  replay(
    offset: number,
    producerId: bigint,
    _producerEpoch: number,
    record: CoordinatorRecord,
  ): void {
    switch (record.type) {
      case 'LEGACY_OFFSET_COMMIT': {
        const value = record.value === null ? null : fromLegacy(record.value.message)
        this.offsetMetadataManager.replay(offset, producerId, record.key, value)
        break
      }
      case 'OFFSET_COMMIT':
        this.offsetMetadataManager.replay(
          offset,
          producerId,
          record.key,
          record.value?.message ?? null,
        )
        break
      case 'GROUP_METADATA':
        this.groupMetadataManager.replay(record.key, record.value?.message ?? null)
        break
    }
  }

  replayEndTransactionMarker(producerId: bigint, _producerEpoch: number, committed: boolean): void {
    this.offsetMetadataManager.replayEndTransactionMarker(producerId, committed)
  }
}

/** What brokers before 0.9 wrote, in the words of today. */
const fromLegacy = (
  value: Pick<OffsetCommitValueData, 'offset' | 'metadata' | 'commitTimestamp'>,
): OffsetCommitValueData => ({
  ...value,
  leaderEpoch: -1,
  expireTimestamp: -1,
  topicId: Uuid.ZERO_UUID,
})
