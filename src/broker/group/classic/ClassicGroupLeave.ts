/**
 * LeaveGroup: members that go by themselves, and those whom an administrator sends away.
 *
 * | named by                     | who                                    | answered with       |
 * |------------------------------|----------------------------------------|---------------------|
 * | member id                    | a dynamic member, or one about to join | UNKNOWN_MEMBER_ID   |
 * | member id and instance id    | a static member                        | … or FENCED_        |
 * | instance id alone            | the static member that has it now      | UNKNOWN_MEMBER_ID   |
 *
 * I1  However many leave at once, the group rebalances once.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupMetadataManager
 */

import { KafkaException } from '../../../common/errors.ts'
import { Errors } from '../../../protocol/Errors.ts'
import type {
  LeaveGroupRequestData,
  LeaveGroupResponseData,
  MemberIdentity,
} from '../../../protocol/messages/LeaveGroup.ts'
import type { CoordinatorResult } from '../../coordinator/CoordinatorResult.ts'
import type { CoordinatorRecord } from '../GroupCoordinatorRecord.ts'
import type { ClassicGroup } from './ClassicGroup.ts'
import {
  type ClassicGroupContext,
  type ClassicGroupResult,
  EMPTY_RESULT,
} from './ClassicGroupContext.ts'
import type { ClassicGroupRebalance } from './ClassicGroupRebalance.ts'
import type { ClassicGroupSessions } from './ClassicGroupSessions.ts'
import { joinGroupResponse, UNKNOWN_MEMBER_ID } from './responses.ts'

export class ClassicGroupLeave {
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

  classicGroupLeave(
    group: ClassicGroup,
    request: LeaveGroupRequestData,
  ): CoordinatorResult<LeaveGroupResponseData, CoordinatorRecord> {
    if (group.isInState('Dead')) {
      return { records: [], response: leaveGroupResponse(Errors.COORDINATOR_NOT_AVAILABLE) }
    }
    const members = request.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      errorCode: this.leave(group, member).code,
    }))
    const left = members.filter(({ errorCode }) => errorCode === Errors.NONE.code)
    const result =
      left.length === 0
        ? EMPTY_RESULT
        : this.goOnWithoutThem(
            group,
            left.map(({ memberId }) => memberId),
          )
    const { records, appendFuture, replayRecords = true } = result
    return {
      records,
      response: { ...leaveGroupResponse(Errors.NONE), members },
      ...(appendFuture !== undefined && { appendFuture }),
      replayRecords,
    }
  }

  private leave(
    group: ClassicGroup,
    { memberId, groupInstanceId, reason }: MemberIdentity,
  ): Errors {
    if (memberId === UNKNOWN_MEMBER_ID) {
      const staticMemberId =
        groupInstanceId === null ? undefined : group.staticMemberId(groupInstanceId)
      if (staticMemberId === undefined) return Errors.UNKNOWN_MEMBER_ID
      this.removeCurrentMemberFromClassicGroup(group, staticMemberId, reason)
      return Errors.NONE
    }
    if (group.isPendingMember(memberId)) {
      group.remove(memberId)
      this.sessions.cancel(group, memberId)
      this.logLeave(group, `Pending member ${memberId}`, reason)
      return Errors.NONE
    }
    try {
      group.validateMember(memberId, groupInstanceId, 'leave-group')
    } catch (error) {
      if (!(error instanceof KafkaException)) throw error
      return Errors.forException(error)
    }
    this.removeCurrentMemberFromClassicGroup(group, memberId, reason)
    return Errors.NONE
  }

  /** A join of it that waits is told to start over, in case that it did not mean this. */
  private removeCurrentMemberFromClassicGroup(
    group: ClassicGroup,
    memberId: string,
    reason: string | null,
  ): void {
    this.sessions.cancel(group, memberId)
    this.logLeave(group, `Member ${memberId}`, reason)
    if (this.context.trace.enabled) {
      this.context.trace.emit('broker.group.leave', { groupId: group.groupId, memberId })
    }
    const errorCode = Errors.UNKNOWN_MEMBER_ID.code
    group.completeJoinFuture(
      group.member(memberId),
      joinGroupResponse({ memberId: UNKNOWN_MEMBER_ID, errorCode }),
    )
    group.remove(memberId)
  }

  private goOnWithoutThem(group: ClassicGroup, memberIds: readonly string[]): ClassicGroupResult {
    switch (group.currentState()) {
      case 'Stable':
      case 'CompletingRebalance':
        return this.rebalance.maybePrepareRebalanceOrCompleteJoin(
          group,
          `explicit \`LeaveGroup\` request for (${memberIds.join(', ')}) members.`,
        )
      case 'PreparingRebalance':
        return this.rebalance.maybeCompleteJoinPhase(group)
      default:
        return EMPTY_RESULT
    }
  }

  private logLeave({ groupId }: ClassicGroup, who: string, reason: string | null): void {
    this.context.logger.info(
      `[Group ${groupId}] ${who} has left group through explicit \`LeaveGroup\` request; client ` +
        `reason: ${reason ?? 'not provided'}`,
    )
  }
}

const leaveGroupResponse = (error: Errors): LeaveGroupResponseData => ({
  throttleTimeMs: 0,
  errorCode: error.code,
  members: [],
})
