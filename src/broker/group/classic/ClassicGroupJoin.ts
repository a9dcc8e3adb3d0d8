/**
 * JoinGroup: who comes in, and who comes again.
 *
 *     no member id ─► dynamic: gets an id, and is asked to come back with it (MEMBER_ID_REQUIRED);
 *     │               before version 4 it is a member at once
 *     │               static, instance id known: replaces the member that had it
 *     └─► static, instance id new: is a member at once
 *     with one ─────► was asked to come back: is a member now
 *                     is a member: joins again; whether that begins a rebalance depends on what
 *                     has changed and on who it is
 *
 * The id is handed out first because a client that gives up on a slow join and tries again would be
 * a new member each time, and the rebalance would wait for all of them (KIP-394).
 *
 * I1  A group that is made by a join is in the log before anybody hears of it.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupMetadataManager
 */

import { IllegalStateException, KafkaException } from '../../../common/errors.ts'
import { Errors } from '../../../protocol/Errors.ts'
import type {
  JoinGroupRequestData,
  JoinGroupResponseData,
} from '../../../protocol/messages/JoinGroup.ts'
import { CompletableFuture } from '../../coordinator/CompletableFuture.ts'
import { GroupCoordinatorRecordHelpers } from '../GroupCoordinatorRecordHelpers.ts'
import type { GroupRequestContext } from '../GroupRequestContext.ts'
import type { ClassicGroup } from './ClassicGroup.ts'
import {
  appendGroupMetadataErrorToResponseError,
  type ClassicGroupContext,
  type ClassicGroupResult,
  EMPTY_RESULT,
} from './ClassicGroupContext.ts'
import { ClassicGroupMember } from './ClassicGroupMember.ts'
import type { ClassicGroupRebalance } from './ClassicGroupRebalance.ts'
import type { ClassicGroupSessions } from './ClassicGroupSessions.ts'
import type { ClassicGroupStaticMembers } from './ClassicGroupStaticMembers.ts'
import { generateMemberId } from './memberId.ts'
import { joinGroupResponse, joinReason, NO_LEADER, UNKNOWN_MEMBER_ID } from './responses.ts'

/** From this version on a member is given an id before it is let in. */
const FIRST_VERSION_REQUIRING_KNOWN_MEMBER_ID = 4

/** One JoinGroup request on its way through the group. */
interface Join {
  readonly context: GroupRequestContext
  readonly request: JoinGroupRequestData
  readonly responseFuture: CompletableFuture<JoinGroupResponseData>
}

export class ClassicGroupJoin {
  private readonly context: ClassicGroupContext
  private readonly sessions: ClassicGroupSessions
  private readonly rebalance: ClassicGroupRebalance
  private readonly staticMembers: ClassicGroupStaticMembers

  constructor(
    context: ClassicGroupContext,
    sessions: ClassicGroupSessions,
    rebalance: ClassicGroupRebalance,
    staticMembers: ClassicGroupStaticMembers,
  ) {
    this.context = context
    this.sessions = sessions
    this.rebalance = rebalance
    this.staticMembers = staticMembers
  }

  classicGroupJoin(received: Join): ClassicGroupResult {
    const join = withRebalanceTimeout(received)
    const { groupId, memberId } = join.request
    const { groups } = this.context
    const isUnknownMember = memberId === UNKNOWN_MEMBER_ID
    const isNewGroup = !groups.has(groupId)
    // Who has a member id has it from a group that was there, so it is not made for that one.
    if (isNewGroup && !isUnknownMember) return refuse(join, Errors.UNKNOWN_MEMBER_ID)
    const group = groups.getOrMaybeCreateClassicGroup(groupId, true)
    const result = this.joinGroup(join, group, isUnknownMember)
    return isNewGroup && result === EMPTY_RESULT ? this.writeNewGroup(join, group) : result
  }

  private joinGroup(join: Join, group: ClassicGroup, isUnknownMember: boolean): ClassicGroupResult {
    const { memberId } = join.request
    if (!this.acceptJoiningMember(group, memberId)) {
      group.remove(memberId)
      return refuse(join, Errors.GROUP_MAX_SIZE_REACHED, UNKNOWN_MEMBER_ID)
    }
    // The group is moving to another broker; the member shall look for it there.
    if (group.isInState('Dead')) return refuse(join, Errors.COORDINATOR_NOT_AVAILABLE)
    if (!group.supportsProtocols(join.request.protocolType, join.request.protocols)) {
      return refuse(join, Errors.INCONSISTENT_GROUP_PROTOCOL)
    }
    return isUnknownMember
      ? this.classicGroupJoinNewMember(join, group)
      : this.classicGroupJoinExistingMember(join, group)
  }

  /** I1. */
  private writeNewGroup({ responseFuture }: Join, group: ClassicGroup): ClassicGroupResult {
    const { groups, logger } = this.context
    const appendFuture = new CompletableFuture<void>().whenComplete((_, thrown) => {
      if (thrown === undefined) return
      const error = appendGroupMetadataErrorToResponseError(Errors.forException(thrown))
      logger.warn(`Failed to write empty metadata for group ${group.groupId}: ${error}`)
      if (groups.get(group.groupId) === group) groups.remove(group.groupId)
      responseFuture.complete(joinGroupResponse({ errorCode: error.code }))
    })
    const record = GroupCoordinatorRecordHelpers.newEmptyGroupMetadataRecord(group)
    return { records: [record], appendFuture, replayRecords: false }
  }

  /**
   * Whether there is room. While the group rebalances, those who have joined are counted: so the
   * last ones to join again are out when `group.max.size` was lowered.
   */
  private acceptJoiningMember(group: ClassicGroup, memberId: string): boolean {
    const maxSize = this.context.config.classicGroupMaxSize()
    const isMember = group.hasMember(memberId)
    switch (group.currentState()) {
      case 'Empty':
      case 'Dead':
        return true
      case 'PreparingRebalance':
        return (
          (isMember && group.member(memberId).isAwaitingJoin()) ||
          group.numAwaitingJoinResponse() < maxSize
        )
      default:
        return isMember || group.numMembers() < maxSize
    }
  }

  // ---- who comes in

  private classicGroupJoinNewMember(join: Join, group: ClassicGroup): ClassicGroupResult {
    const { context, request, responseFuture } = join
    const { groupInstanceId } = request
    const newMemberId = generateMemberId(this.context.random, context.clientId, groupInstanceId)
    if (groupInstanceId === null) return this.joinNewDynamicMember(join, group, newMemberId)
    const existingMemberId = group.staticMemberId(groupInstanceId)
    this.context.logger.info(
      `Static member with groupInstanceId=${groupInstanceId} and unknown member id joins group ` +
        `${group.groupId} in ${group.currentState()} state. ` +
        (existingMemberId === undefined
          ? `Created a new member id ${newMemberId} for this member and added to the group.`
          : `Replacing previously mapped member ${existingMemberId} with this groupInstanceId.`),
    )
    return existingMemberId === undefined
      ? this.addMemberThenRebalanceOrCompleteJoin(join, group, newMemberId)
      : this.staticMembers.updateStaticMemberThenRebalanceOrCompleteJoin(
          context,
          request,
          group,
          existingMemberId,
          newMemberId,
          responseFuture,
        )
  }

  private joinNewDynamicMember(
    join: Join,
    group: ClassicGroup,
    newMemberId: string,
  ): ClassicGroupResult {
    const mustRejoin = join.context.requestVersion >= FIRST_VERSION_REQUIRING_KNOWN_MEMBER_ID
    this.context.logger.info(
      `Dynamic member with unknown member id joins group ${group.groupId} in ` +
        `${group.currentState()} state. Created a new member id ${newMemberId} and ` +
        (mustRejoin ? 'requesting the member to rejoin with this id.' : 'added it to the group.'),
    )
    if (!mustRejoin) return this.addMemberThenRebalanceOrCompleteJoin(join, group, newMemberId)
    group.addPendingMember(newMemberId)
    this.sessions.schedule(group, newMemberId, join.request.sessionTimeoutMs)
    return refuse(join, Errors.MEMBER_ID_REQUIRED, newMemberId)
  }

  private addMemberThenRebalanceOrCompleteJoin(
    { context, request, responseFuture }: Join,
    group: ClassicGroup,
    memberId: string,
  ): ClassicGroupResult {
    const member = new ClassicGroupMember({
      memberId,
      groupInstanceId: request.groupInstanceId,
      clientId: context.clientId,
      clientHost: context.clientAddress,
      rebalanceTimeoutMs: request.rebalanceTimeoutMs,
      sessionTimeoutMs: request.sessionTimeoutMs,
      protocolType: request.protocolType,
      supportedProtocols: request.protocols,
    })
    member.isNew = true
    if (group.isInState('PreparingRebalance') && group.previousState() === 'Empty') {
      group.newMemberAdded = true
    }
    group.add(member, responseFuture)
    if (this.context.trace.enabled) {
      this.context.trace.emit('broker.group.addMember', {
        groupId: group.groupId,
        memberId,
        groupInstanceId: request.groupInstanceId,
        members: group.numMembers(),
      })
    }
    // It cannot send heartbeats before it is answered, and while it waits nobody notices that its
    // connection is gone. One that tried again after a time-out would leave a dead member behind
    // each time, so they are cleared away after a while; who is alive tries again.
    this.sessions.rescheduleClassicGroupMemberHeartbeat(
      group,
      member,
      this.context.config.classicGroupNewMemberJoinTimeoutMs(),
    )
    return this.rebalance.maybePrepareRebalanceOrCompleteJoin(
      group,
      `Adding new member ${memberId} with group instance id ${request.groupInstanceId}; client ` +
        `reason: ${joinReason(request)}`,
    )
  }

  // ---- who comes again

  private classicGroupJoinExistingMember(join: Join, group: ClassicGroup): ClassicGroupResult {
    const { memberId, groupInstanceId } = join.request
    if (group.isPendingMember(memberId)) {
      if (groupInstanceId !== null) {
        throw new IllegalStateException(
          `Received unexpected JoinGroup with groupInstanceId=${groupInstanceId} for pending ` +
            `member with memberId=${memberId}`,
        )
      }
      this.context.logger.info(
        `Pending dynamic member with id ${memberId} joins group ${group.groupId} in ` +
          `${group.currentState()} state. Adding to the group now.`,
      )
      return this.addMemberThenRebalanceOrCompleteJoin(join, group, memberId)
    }
    try {
      group.validateMember(memberId, groupInstanceId, 'join-group')
    } catch (error) {
      if (!(error instanceof KafkaException)) throw error
      const response = { memberId, errorCode: Errors.forException(error).code, protocolName: null }
      join.responseFuture.complete(joinGroupResponse(response))
      return EMPTY_RESULT
    }
    return this.rejoin(join, group, group.member(memberId))
  }

  private rejoin(join: Join, group: ClassicGroup, member: ClassicGroupMember): ClassicGroupResult {
    const { memberId, protocols } = join.request
    const state = group.currentState()
    const isUnchanged = member.matches(protocols)
    switch (state) {
      case 'PreparingRebalance':
        return this.updateMemberThenRebalanceOrCompleteJoin(join, group, member, 'joining group')
      case 'CompletingRebalance':
        // Perhaps the answer to its last join was lost.
        return isUnchanged
          ? answerWithPresentGeneration(join, group)
          : this.updateMemberThenRebalanceOrCompleteJoin(join, group, member, 'new metadata')
      case 'Stable':
        // The leader may know of something that members do not say, such as new partitions.
        if (group.isLeader(memberId)) {
          return this.updateMemberThenRebalanceOrCompleteJoin(join, group, member, 'leader again')
        }
        return isUnchanged
          ? answerWithPresentGeneration(join, group)
          : this.updateMemberThenRebalanceOrCompleteJoin(join, group, member, 'new metadata')
      default:
        this.context.logger.warn(
          `Attempt to add rejoining member ${memberId} of group ${group.groupId} in unexpected ` +
            `group state ${state}`,
        )
        return refuse(join, Errors.UNKNOWN_MEMBER_ID)
    }
  }

  private updateMemberThenRebalanceOrCompleteJoin(
    { request, responseFuture }: Join,
    group: ClassicGroup,
    member: ClassicGroupMember,
    what: string,
  ): ClassicGroupResult {
    group.updateMember(member, request, responseFuture)
    return this.rebalance.maybePrepareRebalanceOrCompleteJoin(
      group,
      `Member ${member.memberId}: ${what} during ${group.currentState()}; client reason: ` +
        joinReason(request),
    )
  }
}

/** The first version names the session time-out only, which then is the other one, too. */
const withRebalanceTimeout = (join: Join): Join => {
  if (join.context.requestVersion > 0) return join
  const rebalanceTimeoutMs = join.request.sessionTimeoutMs
  return { ...join, request: { ...join.request, rebalanceTimeoutMs } }
}

/** @param memberId default: the one that it came with */
const refuse = (
  { request, responseFuture }: Join,
  error: Errors,
  memberId: string = request.memberId,
): ClassicGroupResult => {
  responseFuture.complete(joinGroupResponse({ memberId, errorCode: error.code }))
  return EMPTY_RESULT
}

const answerWithPresentGeneration = (
  { request, responseFuture }: Join,
  group: ClassicGroup,
): ClassicGroupResult => {
  const { memberId } = request
  const isSharing = group.isInState('CompletingRebalance') && group.isLeader(memberId)
  responseFuture.complete(
    joinGroupResponse({
      members: isSharing ? group.currentClassicGroupMembers() : [],
      memberId,
      generationId: group.generationId,
      protocolName: group.protocolName,
      protocolType: group.protocolType,
      leader: group.leaderOrNull() ?? NO_LEADER,
    }),
  )
  return EMPTY_RESULT
}
