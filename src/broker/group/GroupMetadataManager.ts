/**
 * All groups of one partition of `__consumer_offsets`: what members ask of them, what
 * administrators want to know, and what the log says.
 *
 *     JoinGroup, SyncGroup, Heartbeat, LeaveGroup ──► classic/ClassicGroup…
 *     DescribeGroups, ListGroups, DeleteGroups ─────► here
 *     the log: replay … replay, onLoaded ───────────► groups, sessions begin
 *     the partition moves away: onUnloaded ─────────► who waits hears NOT_COORDINATOR
 *
 * I1  A classic group changes at once, and its record follows; it is replayed only from the log of
 *     a coordinator before this one. So a record that fails to be written is undone by hand
 *     (`appendFuture`).
 * I2  A timer may outlive its group, so it looks the group up by its name.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupMetadataManager
 * @simplified groups of the classic protocol only. What a group of another kind would be answered
 *   is decided here, but nothing makes one. No snapshots: an append is known to be written, or to
 *   have failed, before the next operation begins.
 */

import {
  GroupIdNotFoundException,
  UnknownMemberIdException,
} from '../../common/errors/CoordinatorExceptions.ts'
import { IllegalStateException } from '../../common/errors.ts'
import { Errors } from '../../protocol/Errors.ts'
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
  SyncGroupRequestData,
  SyncGroupResponseData,
} from '../../protocol/messages/SyncGroup.ts'
import type { CompletableFuture } from '../coordinator/CompletableFuture.ts'
import type { CoordinatorResult } from '../coordinator/CoordinatorResult.ts'
import { ClassicGroup } from './classic/ClassicGroup.ts'
import { ClassicGroupAssignments } from './classic/ClassicGroupAssignments.ts'
import {
  type ClassicGroupContext,
  type ClassicGroupResult,
  EMPTY_RESULT,
} from './classic/ClassicGroupContext.ts'
import { ClassicGroupHeartbeat } from './classic/ClassicGroupHeartbeat.ts'
import { ClassicGroupJoin } from './classic/ClassicGroupJoin.ts'
import { ClassicGroupLeave } from './classic/ClassicGroupLeave.ts'
import { ClassicGroupRebalance } from './classic/ClassicGroupRebalance.ts'
import { ClassicGroupSessions } from './classic/ClassicGroupSessions.ts'
import { ClassicGroupStaticMembers } from './classic/ClassicGroupStaticMembers.ts'
import { ClassicGroupSync } from './classic/ClassicGroupSync.ts'
import { classicGroupOfRecord } from './classic/classicGroupOfRecord.ts'
import {
  describedGroup,
  joinGroupResponse,
  syncGroupResponse,
  UNKNOWN_MEMBER_ID,
} from './classic/responses.ts'
import { type Group, parseGroupType } from './Group.ts'
import type { CoordinatorRecord } from './GroupCoordinatorRecord.ts'
import type { GroupRequestContext } from './GroupRequestContext.ts'
import { Groups } from './Groups.ts'
import type {
  GroupMetadataKeyData,
  GroupMetadataValueData,
} from './messages/GroupMetadataRecord.ts'

/** From this version of DescribeGroups on, a group that is not there is an error (KIP-1043). */
const FIRST_VERSION_WITH_GROUP_ID_NOT_FOUND = 6

/** What it needs of the world; `timer` is that of its partition. */
export type GroupMetadataManagerOptions = Omit<ClassicGroupContext, 'groups'>

export class GroupMetadataManager {
  private readonly context: ClassicGroupContext
  private readonly groups: Groups
  private readonly sessions: ClassicGroupSessions
  private readonly rebalance: ClassicGroupRebalance
  private readonly joins: ClassicGroupJoin
  private readonly syncs: ClassicGroupSync
  private readonly heartbeats: ClassicGroupHeartbeat
  private readonly leaves: ClassicGroupLeave

  constructor(options: GroupMetadataManagerOptions) {
    this.groups = new Groups(options.logger, options.time)
    const context = { ...options, groups: this.groups }
    const sessions = new ClassicGroupSessions(options.timer, (groupId, memberId) =>
      this.heartbeats.expireClassicGroupMemberHeartbeat(groupId, memberId),
    )
    const assignments = new ClassicGroupAssignments(options.logger, sessions)
    const rebalance = new ClassicGroupRebalance(context, sessions, assignments)
    const staticMembers = new ClassicGroupStaticMembers(context, sessions, rebalance)
    this.context = context
    this.sessions = sessions
    this.rebalance = rebalance
    this.joins = new ClassicGroupJoin(context, sessions, rebalance, staticMembers)
    this.syncs = new ClassicGroupSync(context, rebalance, assignments)
    this.heartbeats = new ClassicGroupHeartbeat(context, sessions, rebalance)
    this.leaves = new ClassicGroupLeave(context, sessions, rebalance)
  }

  // ---- which groups there are

  /** @throws GroupIdNotFoundException */
  group(groupId: string): Group {
    return this.groups.group(groupId)
  }

  groupIds(): Set<string> {
    return this.groups.ids()
  }

  /**
   * @throws GroupIdNotFoundException when it is not there and must not be made, or is no classic
   */
  getOrMaybeCreateClassicGroup(groupId: string, createIfNotExists: boolean): ClassicGroup {
    return this.groups.getOrMaybeCreateClassicGroup(groupId, createIfNotExists)
  }

  // ---- what members ask

  /** The future is completed when the generation is complete, or with what is in the way. */
  classicGroupJoin(
    context: GroupRequestContext,
    request: JoinGroupRequestData,
    responseFuture: CompletableFuture<JoinGroupResponseData>,
  ): ClassicGroupResult {
    const group = this.groups.get(request.groupId)
    if (group === undefined || group.type === 'classic') {
      return this.joins.classicGroupJoin({ context, request, responseFuture })
    }
    responseFuture.complete(
      joinGroupResponse({
        memberId: UNKNOWN_MEMBER_ID,
        errorCode: Errors.INCONSISTENT_GROUP_PROTOCOL.code,
      }),
    )
    return EMPTY_RESULT
  }

  /** The future is completed when the leader has shared out, or with what is in the way. */
  classicGroupSync(
    _context: GroupRequestContext,
    request: SyncGroupRequestData,
    responseFuture: CompletableFuture<SyncGroupResponseData>,
  ): ClassicGroupResult {
    const group = this.groups.findClassicGroup(request.groupId)
    if (group !== undefined && !group.isEmpty()) {
      return this.syncs.classicGroupSync(group, request, responseFuture)
    }
    responseFuture.complete(syncGroupResponse({ errorCode: Errors.UNKNOWN_MEMBER_ID.code }))
    return EMPTY_RESULT
  }

  /** @throws UnknownMemberIdException, and as `ClassicGroupHeartbeat` */
  classicGroupHeartbeat(
    _context: GroupRequestContext,
    request: HeartbeatRequestData,
  ): CoordinatorResult<HeartbeatResponseData, CoordinatorRecord> {
    return this.heartbeats.classicGroupHeartbeat(this.groupOfMember(request.groupId), request)
  }

  /** @throws UnknownMemberIdException when there is no such group */
  classicGroupLeave(
    _context: GroupRequestContext,
    request: LeaveGroupRequestData,
  ): CoordinatorResult<LeaveGroupResponseData, CoordinatorRecord> {
    return this.leaves.classicGroupLeave(this.groupOfMember(request.groupId), request)
  }

  /** A commit says that its member is alive, in those states in which a heartbeat would. */
  maybeRescheduleClassicGroupMemberHeartbeat(group: Group, memberId: string): void {
    if (!(group instanceof ClassicGroup) || !group.hasMember(memberId)) return
    if (group.isInState('Stable') || group.isInState('PreparingRebalance')) {
      this.sessions.rescheduleClassicGroupMemberHeartbeat(group, group.member(memberId))
    }
  }

  /** Nobody can be a member of a group that is not there. */
  private groupOfMember(groupId: string): ClassicGroup {
    const group = this.groups.findClassicGroup(groupId)
    if (group === undefined) throw new UnknownMemberIdException(`Group ${groupId} not found.`)
    return group
  }

  // ---- what administrators ask

  /**
   * @param statesFilter states in any case; empty: all groups
   * @param typesFilter types in any case; empty: all groups
   */
  listGroups(statesFilter: readonly string[], typesFilter: readonly string[]): ListedGroup[] {
    const states = new Set(statesFilter.map((state) => state.toLowerCase().trim()))
    const types = new Set(typesFilter.map(parseGroupType))
    return [...this.groups.values()]
      .filter((group) => states.size === 0 || group.isInStates(states))
      .filter((group) => types.size === 0 || types.has(group.type))
      .map((group) => group.asListedGroup())
  }

  /** A group that is not there is described as dead. */
  describeGroups(context: GroupRequestContext, groupIds: readonly string[]): DescribedGroup[] {
    return groupIds.map((groupId) => {
      try {
        return describe(this.groups.classicGroup(groupId))
      } catch (error) {
        if (!(error instanceof GroupIdNotFoundException)) throw error
        const isError = context.requestVersion >= FIRST_VERSION_WITH_GROUP_ID_NOT_FOUND
        return describedGroup({
          groupId,
          groupState: 'Dead',
          errorCode: isError ? Errors.GROUP_ID_NOT_FOUND.code : Errors.NONE.code,
          errorMessage: isError ? error.message : null,
        })
      }
    })
  }

  /** @throws GroupIdNotFoundException, GroupNotEmptyException */
  validateDeleteGroup(groupId: string): void {
    this.groups.group(groupId).validateDeleteGroup()
  }

  /**
   * Adds the record that deletes the group; `replay` of it does.
   *
   * @throws GroupIdNotFoundException
   */
  createGroupTombstoneRecordsAndCancelTimers(groupId: string, records: CoordinatorRecord[]): void {
    this.groups.group(groupId).createGroupTombstoneRecords(records)
  }

  /** Deletes the group if it is there and nobody is in it. */
  maybeDeleteGroup(groupId: string, records: CoordinatorRecord[]): void {
    const group = this.groups.get(groupId)
    if (group?.isEmpty()) group.createGroupTombstoneRecords(records)
  }

  // ---- what the log says

  /** @param value `null`: the group is gone */
  replay(key: GroupMetadataKeyData, value: GroupMetadataValueData | null): void {
    if (value === null) this.groups.remove(key.group)
    else this.groups.put(classicGroupOfRecord(key, value, this.context))
  }

  /** The whole log has been replayed: from now on members must be heard from. */
  onLoaded(): void {
    for (const group of this.groups.values()) {
      if (group instanceof ClassicGroup) this.onGroupLoaded(group)
    }
  }

  private onGroupLoaded(group: ClassicGroup): void {
    const { config, logger } = this.context
    logger.info(`Loaded classic group ${group.groupId} with ${group.numMembers()} members.`)
    for (const member of group.allMembers()) {
      this.sessions.rescheduleClassicGroupMemberHeartbeat(group, member)
    }
    if (group.numMembers() > config.classicGroupMaxSize()) {
      this.prepareRebalance(
        group,
        `Freshly-loaded group ${group.groupId} (size ${group.numMembers()}) is over capacity ` +
          `${config.classicGroupMaxSize()}. Rebalancing in order to give a chance for consumers ` +
          'to commit offsets',
      )
    }
  }

  /**
   * Makes all members of a group join again.
   *
   * @param reason for the log
   */
  prepareRebalance(group: ClassicGroup, reason: string): ClassicGroupResult {
    return this.rebalance.prepareRebalance(group, reason)
  }

  /** Another broker has these groups now. */
  onUnloaded(): void {
    for (const group of this.groups.values()) {
      if (!(group instanceof ClassicGroup)) continue
      this.context.logger.info(
        `Unloading group metadata of ${group.groupId} for generation ${group.generationId}.`,
      )
      group.transitionTo('Dead')
      group.completeAllJoinFutures(Errors.NOT_COORDINATOR)
      group.completeAllSyncFutures(Errors.NOT_COORDINATOR)
    }
  }
}

const describe = (group: ClassicGroup): DescribedGroup => {
  const { groupId, protocolName } = group
  const fields = {
    groupId,
    groupState: group.stateAsString(),
    protocolType: group.protocolType ?? '',
  }
  if (!group.isInState('Stable')) {
    const members = group.allMembers().map((member) => member.describeNoMetadata())
    return describedGroup({ ...fields, members })
  }
  if (protocolName === null) {
    throw new IllegalStateException('Invalid null group protocol for stable group')
  }
  return describedGroup({
    ...fields,
    protocolData: protocolName,
    members: group.allMembers().map((member) => member.describe(protocolName)),
  })
}
