/**
 * The door to all groups of this broker: finds the partition of `__consumer_offsets` that a group
 * belongs to, has the operation done there, and turns whatever goes wrong into an error that the
 * client understands.
 *
 *     group 'orders-app' ─► hashCode % 50 = 7 ─► __consumer_offsets-7 ─► its leader coordinates it
 *
 * A request that names several groups is taken apart by partition and put together again.
 *
 * I1  Every future that is given out is completed, and never with an exception where the API has a
 *     place for the error.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupCoordinatorService
 */

import {
  CoordinatorNotAvailableException,
  NotCoordinatorException,
} from '../../common/errors/ApiExceptions.ts'
import { hashOfString } from '../../common/HashMap.ts'
import type { Logger } from '../../common/Logger.ts'
import { Topic } from '../../common/Topic.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'
import type { DeleteGroupsResponseInput } from '../../protocol/messages/DeleteGroups.ts'
import type { DescribeGroupsResponseInput } from '../../protocol/messages/DescribeGroups.ts'
import type {
  HeartbeatRequestData,
  HeartbeatResponseInput,
} from '../../protocol/messages/Heartbeat.ts'
import type {
  JoinGroupRequestData,
  JoinGroupResponseData,
} from '../../protocol/messages/JoinGroup.ts'
import type {
  LeaveGroupRequestData,
  LeaveGroupResponseInput,
} from '../../protocol/messages/LeaveGroup.ts'
import type {
  ListGroupsRequestData,
  ListGroupsResponseInput,
} from '../../protocol/messages/ListGroups.ts'
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
import { CompletableFuture } from '../coordinator/CompletableFuture.ts'
import { operationError } from '../coordinator/CoordinatorOperationExceptionHelper.ts'
import type { CoordinatorRuntime } from '../coordinator/CoordinatorRuntime.ts'
import { joinGroupResponse, syncGroupResponse } from './classic/responses.ts'
import type { FetchedGroup } from './fetchedOffsets.ts'
import type { GroupCoordinatorConfig } from './GroupCoordinatorConfig.ts'
import type { CoordinatorRecord } from './GroupCoordinatorRecord.ts'
import type { GroupCoordinatorShard } from './GroupCoordinatorShard.ts'
import type { GroupRequestContext } from './GroupRequestContext.ts'
import type { DeletedTopic } from './OffsetMetadataManager.ts'
import { offsetCommitError, offsetFetchError } from './offsetErrors.ts'

type DescribedGroup = NonNullable<DescribeGroupsResponseInput['groups']>[number]
type DeletedGroup = NonNullable<DeleteGroupsResponseInput['results']>[number]

export interface GroupCoordinatorServiceOptions {
  logger: Logger
  config: GroupCoordinatorConfig
  runtime: CoordinatorRuntime<GroupCoordinatorShard, CoordinatorRecord>
}

export class GroupCoordinatorService {
  private readonly logger: Logger
  private readonly config: GroupCoordinatorConfig
  private readonly runtime: CoordinatorRuntime<GroupCoordinatorShard, CoordinatorRecord>
  private numPartitions = -1
  private active = false

  constructor(options: GroupCoordinatorServiceOptions) {
    this.logger = options.logger
    this.config = options.config
    this.runtime = options.runtime
  }

  /** @param numPartitions of `__consumer_offsets`, or that it will have */
  startup(numPartitions: number): void {
    this.numPartitions = numPartitions
    this.active = true
  }

  /** Answers whoever waits, and nobody from then on. */
  shutdown(): void {
    this.active = false
    this.runtime.close()
  }

  /**
   * The partition of `__consumer_offsets` whose leader coordinates the group.
   *
   * @throws CoordinatorNotAvailableException before `startup` and after `shutdown`
   */
  partitionFor(groupId: string): number {
    if (!this.active) {
      throw new CoordinatorNotAvailableException('The group coordinator of this broker is not up.')
    }
    const hash = hashOfString(groupId)
    // As in Java, where the smallest int has no absolute value.
    return (hash === -(2 ** 31) ? 0 : Math.abs(hash)) % this.numPartitions
  }

  // ---- members

  joinGroup(
    context: GroupRequestContext,
    request: JoinGroupRequestData,
  ): CompletableFuture<JoinGroupResponseData> {
    const { groupId, memberId, sessionTimeoutMs } = request
    const invalid = this.refusal(groupId) ?? this.sessionTimeoutRefusal(sessionTimeoutMs)
    if (invalid !== undefined) {
      return completed(joinGroupResponse({ memberId, errorCode: invalid.code }))
    }
    const future = new CompletableFuture<JoinGroupResponseData>()
    this.runtime
      .scheduleWriteOperation('classic-group-join', this.topicPartitionFor(groupId), (shard) =>
        shard.classicGroupJoin(context, request, future),
      )
      .whenComplete((_, exception) => {
        if (exception === undefined || future.isDone()) return
        const { code } = this.errorOf('classic-group-join', exception)
        future.complete(joinGroupResponse({ errorCode: code }))
      })
    return future
  }

  private sessionTimeoutRefusal(sessionTimeoutMs: number): WireError | undefined {
    const min = this.config.classicGroupMinSessionTimeoutMs()
    const max = this.config.classicGroupMaxSessionTimeoutMs()
    const isValid = sessionTimeoutMs >= min && sessionTimeoutMs <= max
    return isValid ? undefined : Errors.INVALID_SESSION_TIMEOUT
  }

  syncGroup(
    context: GroupRequestContext,
    request: SyncGroupRequestData,
  ): CompletableFuture<SyncGroupResponseData> {
    const invalid = this.refusal(request.groupId)
    if (invalid !== undefined) return completed(syncGroupResponse({ errorCode: invalid.code }))
    const future = new CompletableFuture<SyncGroupResponseData>()
    const topicPartition = this.topicPartitionFor(request.groupId)
    this.runtime
      .scheduleWriteOperation('classic-group-sync', topicPartition, (shard) =>
        shard.classicGroupSync(context, request, future),
      )
      .whenComplete((_, exception) => {
        if (exception === undefined || future.isDone()) return
        const { code } = this.errorOf('classic-group-sync', exception)
        future.complete(syncGroupResponse({ errorCode: code }))
      })
    return future
  }

  heartbeat(
    context: GroupRequestContext,
    request: HeartbeatRequestData,
  ): CompletableFuture<HeartbeatResponseInput> {
    const invalid = this.refusal(request.groupId)
    if (invalid !== undefined) return completed({ errorCode: invalid.code })
    const topicPartition = this.topicPartitionFor(request.groupId)
    return this.runtime
      .scheduleWriteOperation<HeartbeatResponseInput>(
        'classic-group-heartbeat',
        topicPartition,
        (shard) => shard.classicGroupHeartbeat(context, request),
      )
      .exceptionally((exception) => {
        const error = this.errorOf('classic-group-heartbeat', exception)
        // The member may well be in the part that has not been read yet: it goes on.
        const isLoading = error === Errors.COORDINATOR_LOAD_IN_PROGRESS
        return { errorCode: (isLoading ? Errors.NONE : error).code }
      })
  }

  leaveGroup(
    context: GroupRequestContext,
    request: LeaveGroupRequestData,
  ): CompletableFuture<LeaveGroupResponseInput> {
    const { groupId } = request
    const invalid = this.refusal(groupId)
    if (invalid !== undefined) return completed({ errorCode: invalid.code })
    return this.runtime
      .scheduleWriteOperation<LeaveGroupResponseInput>(
        'classic-group-leave',
        this.topicPartitionFor(groupId),
        (shard) => shard.classicGroupLeave(context, request),
      )
      .exceptionally((exception) => {
        const error = this.errorOf('classic-group-leave', exception)
        if (error !== Errors.UNKNOWN_MEMBER_ID) return { errorCode: error.code }
        // There is no such group, so none of them is in it.
        const members = request.members.map(({ memberId, groupInstanceId }) => ({
          memberId,
          groupInstanceId,
          errorCode: error.code,
        }))
        return { members }
      })
  }

  // ---- groups

  listGroups({
    statesFilter,
    typesFilter,
  }: ListGroupsRequestData): CompletableFuture<ListGroupsResponseInput> {
    if (!this.active) return completed({ errorCode: Errors.COORDINATOR_NOT_AVAILABLE.code })
    const futures = this.runtime
      .scheduleReadAllOperation('list-groups', (shard) =>
        shard.listGroups(statesFilter, typesFilter),
      )
      .map((future) =>
        future.exceptionally((exception) => {
          if (exception instanceof NotCoordinatorException) return []
          throw exception
        }),
      )
    return CompletableFuture.all(futures)
      .thenApply((lists): ListGroupsResponseInput => ({ groups: lists.flat() }))
      .exceptionally((exception) => ({ errorCode: this.errorOf('list-groups', exception).code }))
  }

  describeGroups(
    context: GroupRequestContext,
    groupIds: readonly string[],
  ): CompletableFuture<DescribedGroup[]> {
    const failed = (ids: readonly string[], { code }: WireError) =>
      ids.map((groupId) => ({ groupId, errorCode: code }))
    if (!this.active) return completed(failed(groupIds, Errors.COORDINATOR_NOT_AVAILABLE))
    const futures = this.byPartition(groupIds).map(({ topicPartition, ids }) =>
      this.runtime
        .scheduleReadOperation<DescribedGroup[]>('describe-groups', topicPartition, (shard) =>
          shard.describeGroups(context, ids),
        )
        .exceptionally((exception) => failed(ids, this.errorOf('describe-groups', exception))),
    )
    return CompletableFuture.all(futures).thenApply((lists) => lists.flat())
  }

  deleteGroups(
    context: GroupRequestContext,
    groupIds: readonly string[],
  ): CompletableFuture<DeletedGroup[]> {
    const failed = (ids: readonly string[], { code }: WireError) =>
      ids.map((groupId) => ({ groupId, errorCode: code }))
    if (!this.active) return completed(failed(groupIds, Errors.COORDINATOR_NOT_AVAILABLE))
    const futures = this.byPartition(groupIds).map(({ topicPartition, ids }) =>
      this.runtime
        .scheduleWriteOperation<DeletedGroup[]>('delete-groups', topicPartition, (shard) =>
          shard.deleteGroups(context, ids),
        )
        .exceptionally((exception) => failed(ids, this.errorOf('delete-groups', exception))),
    )
    return CompletableFuture.all(futures).thenApply((lists) => lists.flat())
  }

  // ---- offsets

  /** The empty group id is taken, as ever: it is a name like any other to whoever only commits. */
  commitOffsets(
    context: GroupRequestContext,
    request: OffsetCommitRequestData,
  ): CompletableFuture<OffsetCommitResponseInput> {
    if (!this.active) return completed(offsetCommitError(request, Errors.COORDINATOR_NOT_AVAILABLE))
    return this.runtime
      .scheduleWriteOperation<OffsetCommitResponseInput>(
        'commit-offset',
        this.topicPartitionFor(request.groupId),
        (shard) => shard.commitOffset(context, request),
      )
      .exceptionally((exception) =>
        offsetCommitError(request, this.errorOf('commit-offset', exception)),
      )
  }

  /** All of the group's offsets when `request.topics` is null. */
  fetchOffsets(
    context: GroupRequestContext,
    request: OffsetFetchRequestGroup,
    requireStable: boolean,
  ): CompletableFuture<FetchedGroup> {
    const { requestVersion } = context
    if (!this.active) {
      return completed(offsetFetchError(request, Errors.COORDINATOR_NOT_AVAILABLE, requestVersion))
    }
    const name = request.topics === null ? 'fetch-all-offsets' : 'fetch-offsets'
    return this.runtime
      .scheduleReadOperation(name, this.topicPartitionFor(request.groupId), (shard) =>
        shard.fetchOffsets(request, requireStable),
      )
      .exceptionally((exception) => {
        const error = this.errorOf(name, exception)
        // Consumers before 3.9 do not expect COORDINATOR_NOT_AVAILABLE here.
        const isUnknown = error === Errors.COORDINATOR_NOT_AVAILABLE
        return offsetFetchError(request, isUnknown ? Errors.NOT_COORDINATOR : error, requestVersion)
      })
  }

  deleteOffsets(
    context: GroupRequestContext,
    request: OffsetDeleteRequestData,
  ): CompletableFuture<OffsetDeleteResponseInput> {
    const invalid = this.refusal(request.groupId)
    if (invalid !== undefined) return completed({ errorCode: invalid.code })
    const topicPartition = this.topicPartitionFor(request.groupId)
    return this.runtime
      .scheduleWriteOperation<OffsetDeleteResponseInput>(
        'delete-offsets',
        topicPartition,
        (shard) => shard.deleteOffsets(context, request),
      )
      .exceptionally((exception) => ({ errorCode: this.errorOf('delete-offsets', exception).code }))
  }

  // ---- what the cluster decides

  /** This broker leads the partition now. */
  onElection(partition: number, leaderEpoch: number): void {
    this.runtime.scheduleLoadOperation(offsetsPartition(partition), leaderEpoch)
  }

  /** @param leaderEpoch under which another broker leads; `undefined`: the topic is gone */
  onResignation(partition: number, leaderEpoch: number | undefined): void {
    this.runtime.scheduleUnloadOperation(offsetsPartition(partition), leaderEpoch)
  }

  /** Nobody can go on in a topic that is not there: what was committed for it is forgotten. */
  onTopicsDeleted(deletedTopics: readonly DeletedTopic[]): void {
    if (!this.active || deletedTopics.length === 0) return
    const futures = this.runtime.scheduleWriteAllOperation('on-topics-deleted', (shard) =>
      shard.onTopicsDeleted(deletedTopics),
    )
    for (const future of futures) {
      future.whenComplete((_, exception) => {
        if (exception === undefined) return
        const names = deletedTopics.map(({ name }) => name).join(', ')
        this.logger.error(`Could not delete offsets for deleted topics ${names}`, exception)
      })
    }
  }

  private refusal(groupId: string): WireError | undefined {
    if (!this.active) return Errors.COORDINATOR_NOT_AVAILABLE
    return groupId === '' ? Errors.INVALID_GROUP_ID : undefined
  }

  private errorOf(operationName: string, exception: unknown): WireError {
    return operationError(operationName, exception, this.logger)
  }

  private topicPartitionFor(groupId: string): TopicPartition {
    return offsetsPartition(this.partitionFor(groupId))
  }

  private byPartition(groupIds: readonly string[]): GroupsOfPartition[] {
    const found = new Map<number, GroupsOfPartition>()
    for (const groupId of groupIds) {
      const partition = this.partitionFor(groupId)
      const known = found.get(partition)
      if (known === undefined) {
        found.set(partition, { topicPartition: offsetsPartition(partition), ids: [groupId] })
      } else known.ids.push(groupId)
    }
    return [...found.values()]
  }
}

interface GroupsOfPartition {
  readonly topicPartition: TopicPartition
  readonly ids: string[]
}

const offsetsPartition = (partition: number): TopicPartition =>
  new TopicPartition(Topic.GROUP_METADATA_TOPIC_NAME, partition)

const completed = <T>(value: NoInfer<T>): CompletableFuture<T> =>
  CompletableFuture.completedFuture(value)
