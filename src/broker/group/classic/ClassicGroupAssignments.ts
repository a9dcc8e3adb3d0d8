/**
 * Gives every member its share, or tells it that there is none.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupMetadataManager
 */

import { IllegalStateException } from '../../../common/errors.ts'
import type { Logger } from '../../../common/Logger.ts'
import { Errors } from '../../../protocol/Errors.ts'
import type { ClassicGroup } from './ClassicGroup.ts'
import { EMPTY_ASSIGNMENT } from './ClassicGroupMember.ts'
import type { ClassicGroupSessions } from './ClassicGroupSessions.ts'
import { syncGroupResponse } from './responses.ts'

export class ClassicGroupAssignments {
  private readonly logger: Logger
  private readonly sessions: ClassicGroupSessions

  constructor(logger: Logger, sessions: ClassicGroupSessions) {
    this.logger = logger
    this.sessions = sessions
  }

  /**
   * What was given counts no more, and who waits for more is told why.
   *
   * @throws IllegalStateException unless the group waits for its leader
   */
  resetAndPropagateAssignmentWithError(group: ClassicGroup, error: Errors): void {
    this.setAndPropagate(group, new Map(), error)
  }

  /**
   * @param assignment member id → share; who is not in it gets an empty one
   * @throws IllegalStateException unless the group waits for its leader
   */
  setAndPropagateAssignment(
    group: ClassicGroup,
    assignment: ReadonlyMap<string, Uint8Array>,
  ): void {
    this.setAndPropagate(group, assignment, Errors.NONE)
  }

  private setAndPropagate(
    group: ClassicGroup,
    assignment: ReadonlyMap<string, Uint8Array>,
    error: Errors,
  ): void {
    if (!group.isInState('CompletingRebalance')) {
      throw new IllegalStateException(
        `Group ${group.groupId} must be in CompletingRebalance state but is in ` +
          `${group.currentState()}.`,
      )
    }
    for (const member of group.allMembers()) {
      member.assignment = assignment.get(member.memberId) ?? EMPTY_ASSIGNMENT
    }
    this.propagateAssignment(group, error)
  }

  private propagateAssignment(group: ClassicGroup, error: Errors): void {
    const isShare = error === Errors.NONE
    for (const member of group.allMembers()) {
      if (isShare && !member.hasAssignment()) {
        this.logger.warn(
          `Sending empty assignment to member ${member.memberId} of ${group.groupId} for ` +
            `generation ${group.generationId} with no errors`,
        )
      }
      const response = syncGroupResponse({
        protocolName: isShare ? group.protocolName : null,
        protocolType: isShare ? group.protocolType : null,
        assignment: member.assignment,
        errorCode: error.code,
      })
      // A session that ended while the member waited was let pass, and nothing would end it again.
      if (group.completeSyncFuture(member, response)) {
        this.sessions.rescheduleClassicGroupMemberHeartbeat(group, member)
      }
    }
  }
}
