/**
 * The half of the admin client that looks after groups and their offsets.
 *
 *     const admin = new KafkaAdminClient({ 'bootstrap.servers': 'localhost:9092' })
 *     for (const { groupId } of await admin.listGroups().all()) console.log(groupId)
 *     await admin.alterConsumerGroupOffsets('billing', [[partition, start]]).all()
 *
 * Each group has a coordinator, each partition a leader. To find it, to ask it, and to find it
 * again when it has moved is the work of `AdminApiDriver`; what is asked say the handlers.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient
 * @kafka org.apache.kafka.clients.admin.Admin
 * @simplified a class of its own below `KafkaAdminClient`; in Java all is one. Groups of Kafka
 *   Streams and share groups are left out.
 */

import { maybeTruncateReason } from '../clients/JoinGroupRequest.ts'
import { IllegalArgumentException, KafkaException } from '../common/errors.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import { TopicPartitionMap } from '../common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../common/TopicPartitionSet.ts'
import type { OffsetAndMetadata } from '../consumer/OffsetAndMetadata.ts'
import { PROTOCOL_TYPE } from '../protocol/ConsumerProtocol.ts'
import type { ListedGroup } from '../protocol/messages/ListGroups.ts'
import type {
  AbstractOptions,
  AlterConsumerGroupOffsetsOptions,
  DeleteConsumerGroupOffsetsOptions,
  DeleteConsumerGroupsOptions,
  DescribeClassicGroupsOptions,
  DescribeConsumerGroupsOptions,
  ListConsumerGroupOffsetsOptions,
  ListConsumerGroupsOptions,
  ListGroupsOptions,
  ListOffsetsOptions,
  RemoveMembersFromConsumerGroupOptions,
} from './AdminOptions.ts'
import { AlterConsumerGroupOffsetsResult } from './AlterConsumerGroupOffsetsResult.ts'
import type {
  ClassicGroupDescription,
  ConsumerGroupDescription,
} from './ConsumerGroupDescription.ts'
import { DeleteConsumerGroupOffsetsResult } from './DeleteConsumerGroupOffsetsResult.ts'
import { DeleteConsumerGroupsResult } from './DeleteConsumerGroupsResult.ts'
import { DescribeGroupsResult } from './DescribeGroupsResult.ts'
import type { ConsumerGroupListing, GroupListing } from './GroupListing.ts'
import { parseGroupState, parseGroupType } from './GroupState.ts'
import { SimpleAdminApiFuture } from './internals/AdminApiFuture.ts'
import type { AdminApiHandler } from './internals/AdminApiHandler.ts'
import type { AdminContext } from './internals/AdminContext.ts'
import {
  AlterConsumerGroupOffsetsHandler,
  type PartitionErrors,
} from './internals/AlterConsumerGroupOffsetsHandler.ts'
import { DeleteConsumerGroupOffsetsHandler } from './internals/DeleteConsumerGroupOffsetsHandler.ts'
import { DeleteConsumerGroupsHandler } from './internals/DeleteConsumerGroupsHandler.ts'
import { DescribeClassicGroupsHandler } from './internals/DescribeClassicGroupsHandler.ts'
import { DescribeConsumerGroupsHandler } from './internals/DescribeConsumerGroupsHandler.ts'
import { invokeDriver } from './internals/DriverCall.ts'
import { KafkaFutureImpl } from './internals/KafkaFutureImpl.ts'
import { ListConsumerGroupOffsetsHandler } from './internals/ListConsumerGroupOffsetsHandler.ts'
import {
  FindAllBrokersCall,
  type ListGroupsCallOptions,
  type ListGroupsResults,
} from './internals/ListGroupsCall.ts'
import { ListOffsetsHandler } from './internals/ListOffsetsHandler.ts'
import { PartitionLeaderCache } from './internals/PartitionLeaderCache.ts'
import { PartitionLeaderFuture } from './internals/PartitionLeaderFuture.ts'
import {
  type LeavingMember,
  type MemberError,
  RemoveMembersFromConsumerGroupHandler,
} from './internals/RemoveMembersFromConsumerGroupHandler.ts'
import {
  type CommittedOffsets,
  ListConsumerGroupOffsetsResult,
} from './ListConsumerGroupOffsetsResult.ts'
import type { ListConsumerGroupOffsetsSpec } from './ListConsumerGroupOffsetsSpec.ts'
import { ListGroupsResult } from './ListGroupsResult.ts'
import { ListOffsetsResult, type ListOffsetsResultInfo } from './ListOffsetsResult.ts'
import type { OffsetSpec } from './OffsetSpec.ts'
import { RemoveMembersFromConsumerGroupResult } from './RemoveMembersFromConsumerGroupResult.ts'

/** For the broker's log, as Kafka's own client has it. */
const DEFAULT_LEAVE_GROUP_REASON = 'member was removed by an admin'

export abstract class GroupAdmin {
  protected abstract readonly context: AdminContext
  protected abstract readonly defaultApiTimeoutMs: number
  private readonly partitionLeaderCache = new PartitionLeaderCache()

  // ---- groups

  /** Lists the groups of all kinds: of consumers, of Kafka Connect's workers, … */
  listGroups(options: ListGroupsOptions = {}): ListGroupsResult<GroupListing> {
    const { groupStates = [], types = [], protocolTypes = [] } = options
    const listingOf = (group: ListedGroup): GroupListing | null =>
      protocolTypes.length === 0 || protocolTypes.includes(group.protocolType)
        ? groupListing(group)
        : null
    const callName = 'listGroups'
    return this.findAllGroups({ callName, groupStates, types, listingOf }, options)
  }

  /**
   * Lists the groups of consumers.
   *
   * @deprecated since Kafka 4.1; use `listGroups(forConsumerGroups())`
   */
  listConsumerGroups(
    options: ListConsumerGroupsOptions = {},
  ): ListGroupsResult<ConsumerGroupListing> {
    const { groupStates = [], types = [] } = options
    const listingOf = (group: ListedGroup): ConsumerGroupListing | null => {
      const { groupId, groupState, type, protocol } = groupListing(group)
      if (protocol !== PROTOCOL_TYPE && protocol !== '') return null
      return { groupId, groupState, type, isSimpleConsumerGroup: protocol === '' }
    }
    const callName = 'listConsumerGroups'
    return this.findAllGroups({ callName, groupStates, types, listingOf }, options)
  }

  /**
   * Describes groups of consumers and their members. A group fails with a
   * `GroupIdNotFoundException` when there is none of this id.
   */
  describeConsumerGroups(
    groupIds: Iterable<string>,
    options: DescribeConsumerGroupsOptions = {},
  ): DescribeGroupsResult<ConsumerGroupDescription> {
    const { includeAuthorizedOperations = false } = options
    const { logger } = this.context
    const handler = new DescribeConsumerGroupsHandler(includeAuthorizedOperations, logger)
    return new DescribeGroupsResult(this.askForGroups(groupIds, handler, options).all())
  }

  /** Describes groups of the classic protocol, of whatever kind. */
  describeClassicGroups(
    groupIds: Iterable<string>,
    options: DescribeClassicGroupsOptions = {},
  ): DescribeGroupsResult<ClassicGroupDescription> {
    const { includeAuthorizedOperations = false } = options
    const { logger } = this.context
    const handler = new DescribeClassicGroupsHandler(includeAuthorizedOperations, logger)
    return new DescribeGroupsResult(this.askForGroups(groupIds, handler, options).all())
  }

  /**
   * Deletes groups and their offsets. A group that still has members fails with a
   * `GroupNotEmptyException`.
   */
  deleteConsumerGroups(
    groupIds: Iterable<string>,
    options: DeleteConsumerGroupsOptions = {},
  ): DeleteConsumerGroupsResult {
    const handler = new DeleteConsumerGroupsHandler(this.context.logger)
    return new DeleteConsumerGroupsResult(this.askForGroups(groupIds, handler, options).all())
  }

  /**
   * Takes members out of a group: those named, or all.
   *
   * @throws IllegalArgumentException for an empty list of members
   */
  removeMembersFromConsumerGroup(
    groupId: string,
    options: RemoveMembersFromConsumerGroupOptions = {},
  ): RemoveMembersFromConsumerGroupResult {
    const { members } = options
    if (members?.length === 0) {
      throw new IllegalArgumentException('Invalid empty members has been provided')
    }
    const reason = maybeTruncateReason(options.reason || DEFAULT_LEAVE_GROUP_REASON)
    const future = new SimpleAdminApiFuture<string, readonly MemberError[]>([groupId])
    const remove = (leaving: readonly LeavingMember[]): void => {
      const { logger } = this.context
      const handler = new RemoveMembersFromConsumerGroupHandler(groupId, leaving, logger)
      this.invoke(handler, future, options)
    }
    if (members === undefined) {
      this.membersOf(groupId, reason)
        .then(remove)
        .catch((error: Error) => {
          future.completeExceptionally(new Map([[groupId, error]]))
        })
    } else {
      remove(members.map(({ groupInstanceId }) => ({ memberId: '', groupInstanceId, reason })))
    }
    return new RemoveMembersFromConsumerGroupResult(future.get(groupId), members ?? null)
  }

  private async membersOf(groupId: string, reason: string): Promise<LeavingMember[]> {
    try {
      const described = await this.describeConsumerGroups([groupId]).all()
      const { members } = described.get(groupId)!
      return members.map(({ consumerId, groupInstanceId }) => ({
        memberId: groupInstanceId === null ? consumerId : '',
        groupInstanceId,
        reason,
      }))
    } catch (cause) {
      const why = (cause as Error).message
      throw new KafkaException(`Cannot find the members of group '${groupId}': ${why}`, { cause })
    }
  }

  // ---- offsets of groups

  /**
   * Tells where groups stopped reading.
   *
   * @param groups a group's id, for all that it has committed; or what is asked of each group
   */
  listConsumerGroupOffsets(
    groups: string | ReadonlyMap<string, ListConsumerGroupOffsetsSpec>,
    options: ListConsumerGroupOffsetsOptions = {},
  ): ListConsumerGroupOffsetsResult {
    const { requireStable = false } = options
    const groupSpecs = typeof groups === 'string' ? new Map([[groups, {}]]) : groups
    const { logger } = this.context
    const handler = new ListConsumerGroupOffsetsHandler(groupSpecs, requireStable, logger)
    const future = new SimpleAdminApiFuture<string, CommittedOffsets>(groupSpecs.keys())
    return new ListConsumerGroupOffsetsResult(this.invoke(handler, future, options).all())
  }

  /**
   * Sets where a group goes on reading. The group must not have members, else its partitions fail
   * with an `UnknownMemberIdException`.
   *
   * @param offsets partitions, each with the next offset to read
   */
  alterConsumerGroupOffsets(
    groupId: string,
    offsets: Iterable<readonly [TopicPartition, OffsetAndMetadata]>,
    options: AlterConsumerGroupOffsetsOptions = {},
  ): AlterConsumerGroupOffsetsResult {
    const wanted = new TopicPartitionMap(offsets)
    const handler = new AlterConsumerGroupOffsetsHandler(groupId, wanted, this.context.logger)
    const future = new SimpleAdminApiFuture<string, PartitionErrors>([groupId])
    return new AlterConsumerGroupOffsetsResult(this.invoke(handler, future, options).get(groupId))
  }

  /**
   * Forgets offsets of a group. A partition of a topic that a member subscribes to fails with a
   * `GroupSubscribedToTopicException`.
   */
  deleteConsumerGroupOffsets(
    groupId: string,
    partitions: Iterable<TopicPartition>,
    options: DeleteConsumerGroupOffsetsOptions = {},
  ): DeleteConsumerGroupOffsetsResult {
    const wanted = new TopicPartitionSet(partitions)
    const handler = new DeleteConsumerGroupOffsetsHandler(groupId, wanted, this.context.logger)
    const future = new SimpleAdminApiFuture<string, PartitionErrors>([groupId])
    const outcome = this.invoke(handler, future, options).get(groupId)
    return new DeleteConsumerGroupOffsetsResult(outcome, wanted)
  }

  // ---- offsets of partitions

  /**
   * Tells the first offset of partitions, their end, or the offset of a time.
   *
   * @param topicPartitionOffsets partitions, each with what is asked for
   */
  listOffsets(
    topicPartitionOffsets: Iterable<readonly [TopicPartition, OffsetSpec]>,
    options: ListOffsetsOptions = {},
  ): ListOffsetsResult {
    const specs = new TopicPartitionMap(topicPartitionOffsets)
    const handler = new ListOffsetsHandler({
      timestamps: new Map(Array.from(specs, ([partition, spec]) => [partition, spec.timestamp])),
      isolationLevel: options.isolationLevel ?? 'read_uncommitted',
      timeoutMs: options.timeoutMs ?? this.defaultApiTimeoutMs,
      logger: this.context.logger,
    })
    const future = new PartitionLeaderFuture<ListOffsetsResultInfo>(
      specs.keys(),
      this.partitionLeaderCache,
    )
    this.invoke(handler, future, options)
    return new ListOffsetsResult(future.all())
  }

  // ---- parts

  protected calcDeadlineMs({ timeoutMs }: AbstractOptions): number {
    return this.context.time.milliseconds() + Math.max(0, timeoutMs ?? this.defaultApiTimeoutMs)
  }

  private askForGroups<V>(
    groupIds: Iterable<string>,
    handler: AdminApiHandler<string, V>,
    options: AbstractOptions,
  ): SimpleAdminApiFuture<string, V> {
    return this.invoke(handler, new SimpleAdminApiFuture<string, V>(groupIds), options)
  }

  private invoke<K, V, F extends SimpleAdminApiFuture<K, V>>(
    handler: AdminApiHandler<K, V>,
    future: F,
    options: AbstractOptions,
  ): F {
    const { context } = this
    invokeDriver({ context, handler, future, deadlineMs: this.calcDeadlineMs(options) })
    return future
  }

  private findAllGroups<G extends { readonly groupId: string }>(
    call: Pick<ListGroupsCallOptions<G>, 'callName' | 'groupStates' | 'types' | 'listingOf'>,
    options: AbstractOptions,
  ): ListGroupsResult<G> {
    const future = new KafkaFutureImpl<ListGroupsResults<G>>()
    const { context } = this
    const deadlineMs = this.calcDeadlineMs(options)
    const groupIdOf = ({ groupId }: G): string => groupId
    context.submit(new FindAllBrokersCall({ ...call, context, deadlineMs, groupIdOf, future }))
    return new ListGroupsResult(future)
  }
}

const groupListing = (group: ListedGroup): GroupListing => {
  const type = group.groupType === '' ? null : parseGroupType(group.groupType)
  return {
    groupId: group.groupId,
    type,
    protocol: group.protocolType,
    groupState: group.groupState === '' ? null : parseGroupState(group.groupState),
    isSimpleConsumerGroup: type === 'Classic' && group.protocolType === '',
  }
}
