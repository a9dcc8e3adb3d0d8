/**
 * SyncGroup: the leader hands in who gets what, the others ask for their share.
 *
 *     leader:   assignments ──► a record ──► written: Stable, everybody is answered
 *                                       └──► not written: everybody has to join again
 *     follower: waits for the leader; in a stable group it is answered at once
 *
 * I1  What a member is given has been written down first: a coordinator that takes over knows it.
 * I2  An answer of the log that comes after the next rebalance has begun changes nothing.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupMetadataManager
 */

import { IllegalStateException, KafkaException } from '../../../common/errors.ts'
import { Errors } from '../../../protocol/Errors.ts'
import type {
  SyncGroupRequestData,
  SyncGroupResponseData,
} from '../../../protocol/messages/SyncGroup.ts'
import { CompletableFuture } from '../../coordinator/CompletableFuture.ts'
import { GroupCoordinatorRecordHelpers } from '../GroupCoordinatorRecordHelpers.ts'
import type { ClassicGroup } from './ClassicGroup.ts'
import type { ClassicGroupAssignments } from './ClassicGroupAssignments.ts'
import {
  appendGroupMetadataErrorToResponseError,
  type ClassicGroupContext,
  type ClassicGroupResult,
  classicGroupSyncKey,
  EMPTY_RESULT,
} from './ClassicGroupContext.ts'
import { EMPTY_ASSIGNMENT } from './ClassicGroupMember.ts'
import type { ClassicGroupRebalance } from './ClassicGroupRebalance.ts'
import { syncGroupResponse } from './responses.ts'

export class ClassicGroupSync {
  private readonly context: ClassicGroupContext
  private readonly rebalance: ClassicGroupRebalance
  private readonly assignments: ClassicGroupAssignments

  constructor(
    context: ClassicGroupContext,
    rebalance: ClassicGroupRebalance,
    assignments: ClassicGroupAssignments,
  ) {
    this.context = context
    this.rebalance = rebalance
    this.assignments = assignments
  }

  classicGroupSync(
    group: ClassicGroup,
    request: SyncGroupRequestData,
    responseFuture: CompletableFuture<SyncGroupResponseData>,
  ): ClassicGroupResult {
    const { memberId } = request
    const error = validateSyncGroup(group, request)
    if (error !== Errors.NONE) {
      responseFuture.complete(syncGroupResponse({ errorCode: error.code }))
      return EMPTY_RESULT
    }
    const member = group.member(memberId)
    switch (group.currentState()) {
      case 'PreparingRebalance':
        responseFuture.complete(syncGroupResponse({ errorCode: Errors.REBALANCE_IN_PROGRESS.code }))
        return EMPTY_RESULT
      case 'CompletingRebalance':
        group.awaitSync(member, responseFuture)
        this.removePendingSyncMember(group, memberId)
        return group.isLeader(memberId) ? this.takeAssignment(group, request) : EMPTY_RESULT
      case 'Stable':
        this.removePendingSyncMember(group, memberId)
        responseFuture.complete(
          syncGroupResponse({
            protocolType: group.protocolType,
            protocolName: group.protocolName,
            assignment: member.assignment,
          }),
        )
        return EMPTY_RESULT
      default:
        throw new IllegalStateException(`A member of ${group} asks for its share`)
    }
  }

  /** The leader's share-out is written down, and counts from then on. */
  private takeAssignment(group: ClassicGroup, request: SyncGroupRequestData): ClassicGroupResult {
    const { logger } = this.context
    const { groupId, generationId } = group
    logger.info(
      `Assignment received from leader ${request.memberId} for group ${groupId} for generation ` +
        `${generationId}. The group has ${group.numMembers()} members, ` +
        `${group.allStaticMemberIds().size} of which are static.`,
    )
    const assignment = this.assignmentOfAll(group, request)
    const appendFuture = new CompletableFuture<void>().whenComplete((_, error) => {
      // I2
      if (!group.isInState('CompletingRebalance') || generationId !== group.generationId) return
      if (error === undefined) this.stabilize(group, assignment)
      else this.startOver(group, request.memberId, error)
    })
    const record = GroupCoordinatorRecordHelpers.newGroupMetadataRecord(group, assignment)
    return { records: [record], appendFuture, replayRecords: false }
  }

  /** A member that the leader forgot gets an empty share. */
  private assignmentOfAll(
    group: ClassicGroup,
    { assignments }: SyncGroupRequestData,
  ): Map<string, Uint8Array> {
    const all = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]))
    const missing = [...group.allMemberIds()].filter((memberId) => !all.has(memberId))
    for (const memberId of missing) all.set(memberId, EMPTY_ASSIGNMENT)
    if (missing.length > 0) {
      this.context.logger.warn(
        `Setting empty assignments for members ${missing.join(', ')} of ${group.groupId} for ` +
          `generation ${group.generationId}.`,
      )
    }
    return all
  }

  private stabilize(group: ClassicGroup, assignment: ReadonlyMap<string, Uint8Array>): void {
    this.assignments.setAndPropagateAssignment(group, assignment)
    group.transitionTo('Stable')
    if (this.context.trace.enabled) {
      this.context.trace.emit('broker.group.stable', {
        groupId: group.groupId,
        generationId: group.generationId,
        members: group.numMembers(),
      })
    }
  }

  /** Whatever this comes to is lost with the log; the members come back by themselves. */
  private startOver(group: ClassicGroup, leaderId: string, thrown: unknown): void {
    const error = appendGroupMetadataErrorToResponseError(Errors.forException(thrown))
    this.assignments.resetAndPropagateAssignmentWithError(group, error)
    this.rebalance.maybePrepareRebalanceOrCompleteJoin(
      group,
      `Error ${error} when storing group assignment during SyncGroup (member: ${leaderId}).`,
    )
  }

  private removePendingSyncMember(group: ClassicGroup, memberId: string): void {
    group.removePendingSyncMember(memberId)
    if (group.hasReceivedSyncFromAllMembers()) {
      this.context.timer.cancel(classicGroupSyncKey(group.groupId))
    }
  }
}

const validateSyncGroup = (group: ClassicGroup, request: SyncGroupRequestData): Errors => {
  // The group is moving to another broker: the member shall look for it there.
  if (group.isInState('Dead')) return Errors.COORDINATOR_NOT_AVAILABLE
  try {
    group.validateMember(request.memberId, request.groupInstanceId, 'sync-group')
  } catch (error) {
    if (!(error instanceof KafkaException)) throw error
    return Errors.forException(error)
  }
  if (request.generationId !== group.generationId) return Errors.ILLEGAL_GENERATION
  return isProtocolInconsistent(request.protocolType, group.protocolType) ||
    isProtocolInconsistent(request.protocolName, group.protocolName)
    ? Errors.INCONSISTENT_GROUP_PROTOCOL
    : Errors.NONE
}

/** Only newer clients name it. */
const isProtocolInconsistent = (given: string | null, groups: string | null): boolean =>
  given !== null && given !== groups
