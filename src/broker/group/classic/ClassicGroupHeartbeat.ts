/**
 * Heartbeats: a member says that it is alive and learns whether it has to join again; and what
 * happens when it does not.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupMetadataManager
 */

import { CoordinatorNotAvailableException } from '../../../common/errors/ApiExceptions.ts'
import { IllegalGenerationException } from '../../../common/errors/CoordinatorExceptions.ts'
import { Errors } from '../../../protocol/Errors.ts'
import type {
  HeartbeatRequestData,
  HeartbeatResponseData,
} from '../../../protocol/messages/Heartbeat.ts'
import type { CoordinatorResult } from '../../coordinator/CoordinatorResult.ts'
import type { CoordinatorRecord } from '../GroupCoordinatorRecord.ts'
import type { ClassicGroup } from './ClassicGroup.ts'
import {
  type ClassicGroupContext,
  type ClassicGroupResult,
  EMPTY_RESULT,
} from './ClassicGroupContext.ts'
import type { ClassicGroupMember } from './ClassicGroupMember.ts'
import type { ClassicGroupRebalance } from './ClassicGroupRebalance.ts'
import type { ClassicGroupSessions } from './ClassicGroupSessions.ts'
import { joinGroupResponse, UNKNOWN_MEMBER_ID } from './responses.ts'

export class ClassicGroupHeartbeat {
  private readonly context: ClassicGroupContext
  private readonly sessions: ClassicGroupSessions
  private readonly rebalance: ClassicGroupRebalance

  constructor(
    context: ClassicGroupContext,
    sessions: ClassicGroupSessions,
    rebalance: ClassicGroupRebalance,
  ) {
    this.context = context
    this.sessions = sessions
    this.rebalance = rebalance
  }

  /**
   * @throws CoordinatorNotAvailableException, UnknownMemberIdException, FencedInstanceIdException,
   *   IllegalGenerationException when this is no member of the present generation
   */
  classicGroupHeartbeat(
    group: ClassicGroup,
    request: HeartbeatRequestData,
  ): CoordinatorResult<HeartbeatResponseData, CoordinatorRecord> {
    this.validateClassicGroupHeartbeat(group, request)
    if (group.isEmpty()) return answer(Errors.UNKNOWN_MEMBER_ID)
    // A member may send heartbeats as soon as it has the answer to its join, before it has a share.
    const member = group.member(request.memberId)
    this.sessions.rescheduleClassicGroupMemberHeartbeat(group, member)
    const mustRejoin = group.isInState('PreparingRebalance')
    return answer(mustRejoin ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE)
  }

  private validateClassicGroupHeartbeat(group: ClassicGroup, request: HeartbeatRequestData): void {
    if (group.isInState('Dead')) {
      throw new CoordinatorNotAvailableException(Errors.COORDINATOR_NOT_AVAILABLE.message)
    }
    group.validateMember(request.memberId, request.groupInstanceId, 'heartbeat')
    if (request.generationId !== group.generationId) {
      throw new IllegalGenerationException(Errors.ILLEGAL_GENERATION.message)
    }
  }

  // ---- silence

  expireClassicGroupMemberHeartbeat(groupId: string, memberId: string): ClassicGroupResult {
    const { groups, logger } = this.context
    const group = groups.findClassicGroup(groupId)
    if (group === undefined || group.isInState('Dead')) {
      logger.debug(`The session of member ${memberId} ended after its group ${groupId} was gone.`)
      return EMPTY_RESULT
    }
    if (group.isPendingMember(memberId)) {
      logger.info(
        `Pending member ${memberId} in group ${groupId} has been removed after session timeout ` +
          'expiration.',
      )
      return this.removePendingMemberAndUpdateClassicGroup(group, memberId)
    }
    if (!group.hasMember(memberId)) {
      logger.debug(`Member ${memberId} has already been removed from the group.`)
      return EMPTY_RESULT
    }
    const member = group.member(memberId)
    if (member.hasSatisfiedHeartbeat()) return EMPTY_RESULT
    logger.info(`Member ${memberId} in group ${groupId} has failed, removing it from the group.`)
    if (this.context.trace.enabled) {
      this.context.trace.emit('broker.group.expire', {
        groupId,
        memberId,
        sessionTimeoutMs: member.sessionTimeoutMs,
      })
    }
    return this.removeMemberAndUpdateClassicGroup(
      group,
      member,
      `removing member ${memberId} on heartbeat expiration.`,
    )
  }

  private removeMemberAndUpdateClassicGroup(
    group: ClassicGroup,
    member: ClassicGroupMember,
    reason: string,
  ): ClassicGroupResult {
    // A new member may be removed while its join still waits. It is told to start over, in case
    // that it is alive.
    const errorCode = Errors.UNKNOWN_MEMBER_ID.code
    group.completeJoinFuture(member, joinGroupResponse({ memberId: UNKNOWN_MEMBER_ID, errorCode }))
    group.remove(member.memberId)
    if (group.isInState('Stable') || group.isInState('CompletingRebalance')) {
      return this.rebalance.maybePrepareRebalanceOrCompleteJoin(group, reason)
    }
    return this.completeJoinIfNobodyIsMissing(group)
  }

  private removePendingMemberAndUpdateClassicGroup(
    group: ClassicGroup,
    memberId: string,
  ): ClassicGroupResult {
    group.remove(memberId)
    return this.completeJoinIfNobodyIsMissing(group)
  }

  private completeJoinIfNobodyIsMissing(group: ClassicGroup): ClassicGroupResult {
    return group.isInState('PreparingRebalance') && group.hasAllMembersJoined()
      ? this.rebalance.completeClassicGroupJoin(group)
      : EMPTY_RESULT
  }
}

const answer = (error: Errors): CoordinatorResult<HeartbeatResponseData, CoordinatorRecord> => ({
  records: [],
  response: { throttleTimeMs: 0, errorCode: error.code },
})
