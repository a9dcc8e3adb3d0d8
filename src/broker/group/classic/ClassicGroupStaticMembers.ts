/**
 * Static members: a consumer with a `group.instance.id` that comes back is still the same member,
 * under a new member id. A restart within the session time-out costs no rebalance.
 *
 *     back in Stable, the protocol stays     written down, answered with the present generation
 *     back in Stable, the protocol changes   rebalance
 *     back in CompletingRebalance            rebalance: the leader shares out for the old id
 *     back in PreparingRebalance             one more that has joined
 *
 * A leader that comes back must not share out again, for its assignment would differ from what the
 * others have. Clients from JoinGroup version 9 on are told so (`skipAssignment`, KIP-814). Older
 * ones are told that the old id is the leader, so none of them takes itself for it.
 *
 * I1  A replacement that could not be written down did not happen: the old id is the member again.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupMetadataManager
 */

import { IllegalStateException } from '../../../common/errors.ts'
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
} from './ClassicGroupContext.ts'
import type { ClassicGroupMember, MemberUpdate } from './ClassicGroupMember.ts'
import type { ClassicGroupRebalance } from './ClassicGroupRebalance.ts'
import type { ClassicGroupSessions } from './ClassicGroupSessions.ts'
import { joinGroupResponse, joinReason, NO_LEADER, UNKNOWN_MEMBER_ID } from './responses.ts'

/** From this version on a leader may be told not to share out. */
const FIRST_VERSION_SKIPPING_ASSIGNMENT = 9

/** A static member under its new id, and what brings it back to the old one. */
interface Replacement {
  readonly group: ClassicGroup
  readonly newMember: ClassicGroupMember
  readonly oldMemberId: string
  readonly oldState: MemberUpdate
  /** Before the replacement. */
  readonly oldLeader: string
}

export class ClassicGroupStaticMembers {
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

  /** @throws IllegalStateException in a group that can have no members */
  updateStaticMemberThenRebalanceOrCompleteJoin(
    requestContext: GroupRequestContext,
    request: JoinGroupRequestData,
    group: ClassicGroup,
    oldMemberId: string,
    newMemberId: string,
    responseFuture: CompletableFuture<JoinGroupResponseData>,
  ): ClassicGroupResult {
    const groupInstanceId = request.groupInstanceId!
    const oldLeader = group.leaderOrNull() ?? NO_LEADER
    const newMember = group.replaceStaticMember(groupInstanceId, oldMemberId, newMemberId)
    // The old id's timer will find no such member.
    this.sessions.rescheduleClassicGroupMemberHeartbeat(group, newMember)
    const { supportedProtocols: protocols, rebalanceTimeoutMs, sessionTimeoutMs } = newMember
    const oldState = { protocols, rebalanceTimeoutMs, sessionTimeoutMs }
    group.updateMember(newMember, request, responseFuture)
    const who = `static member ${newMemberId} with instance id ${groupInstanceId}`
    const clientReason = `client reason: ${joinReason(request)}`
    switch (group.currentState()) {
      case 'Stable':
        if (group.selectProtocol() === group.protocolName) {
          const replacement = { group, newMember, oldMemberId, oldState, oldLeader }
          return this.persist(replacement, requestContext, responseFuture)
        }
        return this.rebalance.maybePrepareRebalanceOrCompleteJoin(
          group,
          `Group's selectedProtocol will change because ${who} joined with change of protocol; ` +
            clientReason,
        )
      case 'CompletingRebalance':
        return this.rebalance.prepareRebalance(
          group,
          `Updating metadata for ${who}; ${clientReason}`,
        )
      case 'PreparingRebalance':
        return this.rebalance.maybeCompleteJoinPhase(group)
      default:
        throw new IllegalStateException(
          `Group ${group.groupId} was not supposed to be in the state ${group.currentState()} ` +
            `when the unknown static member ${groupInstanceId} rejoins.`,
        )
    }
  }

  private persist(
    replacement: Replacement,
    requestContext: GroupRequestContext,
    responseFuture: CompletableFuture<JoinGroupResponseData>,
  ): ClassicGroupResult {
    const { group, newMember, oldLeader } = replacement
    this.context.logger.info(
      `Static member ${newMember.memberId} joins group ${group.groupId} during Stable stage and ` +
        'does not affect the selected protocol, so it does not trigger a rebalance.',
    )
    const appendFuture = new CompletableFuture<void>().whenComplete((_, error) => {
      if (error !== undefined) {
        this.revert(replacement, error, responseFuture)
        return
      }
      const skips = requestContext.requestVersion >= FIRST_VERSION_SKIPPING_ASSIGNMENT
      const isLeader = skips && group.isLeader(newMember.memberId)
      const leader = skips ? (group.leaderOrNull() ?? NO_LEADER) : oldLeader
      group.completeJoinFuture(newMember, {
        ...presentGeneration(group, newMember.memberId, leader),
        members: isLeader ? group.currentClassicGroupMembers() : [],
        skipAssignment: isLeader,
      })
    })
    const record = GroupCoordinatorRecordHelpers.newGroupMetadataRecord(
      group,
      group.groupAssignment(),
    )
    return { records: [record], appendFuture, replayRecords: false }
  }

  /** I1. */
  private revert(
    { group, newMember, oldMemberId, oldState, oldLeader }: Replacement,
    thrown: unknown,
    responseFuture: CompletableFuture<JoinGroupResponseData>,
  ): void {
    const error = appendGroupMetadataErrorToResponseError(Errors.forException(thrown))
    this.context.logger.warn(
      `Failed to persist metadata for group ${group.groupId} static member ${newMember.memberId} ` +
        `with group instance id ${newMember.groupInstanceId} due to ${error}. Reverting to old ` +
        `member id ${oldMemberId}.`,
    )
    group.updateMember(newMember, oldState, null)
    const oldMember = group.replaceStaticMember(
      newMember.groupInstanceId!,
      newMember.memberId,
      oldMemberId,
    )
    this.sessions.rescheduleClassicGroupMemberHeartbeat(group, oldMember)
    responseFuture.complete({
      ...presentGeneration(group, UNKNOWN_MEMBER_ID, oldLeader),
      errorCode: error.code,
    })
  }
}

const presentGeneration = (
  group: ClassicGroup,
  memberId: string,
  leader: string,
): JoinGroupResponseData =>
  joinGroupResponse({
    memberId,
    generationId: group.generationId,
    protocolName: group.protocolName,
    protocolType: group.protocolType,
    leader,
  })
