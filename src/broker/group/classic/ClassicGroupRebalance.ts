/**
 * From one generation of a classic group to the next.
 *
 *     prepareRebalance ───── who waits for its share is sent back to join
 *         │ the group was empty: wait group.initial.rebalance.delay.ms, longer while more come
 *         │ else: wait for all members, at most the longest rebalance time-out among them
 *         ▼
 *     completeClassicGroupJoin ── dynamic members that did not come are out; a leader is there
 *         │ nobody is left:    a record says that the group is empty
 *         │ nobody has come:   wait once more (static members stay until their session ends)
 *         ▼
 *     every join is answered; now each has to ask for its share (`ClassicGroupSync`)
 *         │ who does not within the rebalance time-out is out, and it begins again
 *
 * I1  One join timer and one sync timer per group, never both.
 * I2  Every join that waits is answered: with the generation, or when its member is removed.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupMetadataManager
 */

import { Errors } from '../../../protocol/Errors.ts'
import { CompletableFuture } from '../../coordinator/CompletableFuture.ts'
import { GroupCoordinatorRecordHelpers } from '../GroupCoordinatorRecordHelpers.ts'
import type { ClassicGroup } from './ClassicGroup.ts'
import type { ClassicGroupAssignments } from './ClassicGroupAssignments.ts'
import {
  appendGroupMetadataErrorToResponseError,
  type ClassicGroupContext,
  type ClassicGroupResult,
  classicGroupJoinKey,
  classicGroupSyncKey,
  EMPTY_RESULT,
} from './ClassicGroupContext.ts'
import type { ClassicGroupSessions } from './ClassicGroupSessions.ts'
import { joinGroupResponse, NO_LEADER } from './responses.ts'

export class ClassicGroupRebalance {
  private readonly context: ClassicGroupContext
  private readonly sessions: ClassicGroupSessions
  private readonly assignments: ClassicGroupAssignments

  constructor(
    context: ClassicGroupContext,
    sessions: ClassicGroupSessions,
    assignments: ClassicGroupAssignments,
  ) {
    this.context = context
    this.sessions = sessions
    this.assignments = assignments
  }

  // ---- beginning

  /**
   * Somebody came, left or changed: begin anew, or see whether that was the last one to wait for.
   */
  maybePrepareRebalanceOrCompleteJoin(group: ClassicGroup, reason: string): ClassicGroupResult {
    return group.canRebalance()
      ? this.prepareRebalance(group, reason)
      : this.maybeCompleteJoinPhase(group)
  }

  /** @param reason for the log */
  prepareRebalance(group: ClassicGroup, reason: string): ClassicGroupResult {
    const { groupId } = group
    if (group.isInState('CompletingRebalance')) {
      this.assignments.resetAndPropagateAssignmentWithError(group, Errors.REBALANCE_IN_PROGRESS)
    }
    this.removeSyncExpiration(group)
    const isInitialRebalance = group.isEmpty()
    if (isInitialRebalance) this.scheduleInitialRebalance(group)
    group.transitionTo('PreparingRebalance')
    this.context.logger.info(
      `Preparing to rebalance group ${groupId} in state ${group.currentState()} with old ` +
        `generation ${group.generationId} (reason: ${reason}).`,
    )
    if (this.context.trace.enabled) {
      this.context.trace.emit('broker.group.prepareRebalance', {
        groupId,
        generationId: group.generationId,
        members: group.numMembers(),
        reason,
      })
    }
    return isInitialRebalance ? EMPTY_RESULT : this.maybeCompleteJoinElseSchedule(group)
  }

  /** A group that starts: all its members start at about the same time, so wait for the others. */
  private scheduleInitialRebalance(group: ClassicGroup): void {
    const delayMs = this.context.config.classicGroupInitialRebalanceDelayMs()
    const remainingMs = Math.max(group.rebalanceTimeoutMs() - delayMs, 0)
    this.scheduleInitialCompletion(group.groupId, delayMs, remainingMs)
  }

  private scheduleInitialCompletion(groupId: string, delayMs: number, remainingMs: number): void {
    this.context.timer.schedule(classicGroupJoinKey(groupId), delayMs, false, () =>
      this.tryCompleteInitialRebalanceElseSchedule(groupId, delayMs, remainingMs),
    )
  }

  private tryCompleteInitialRebalanceElseSchedule(
    groupId: string,
    delayMs: number,
    remainingMs: number,
  ): ClassicGroupResult {
    const group = this.context.groups.findClassicGroup(groupId)
    if (group === undefined) return EMPTY_RESULT
    if (!group.newMemberAdded || remainingMs === 0) return this.completeClassicGroupJoin(group)
    group.newMemberAdded = false
    const initialDelayMs = this.context.config.classicGroupInitialRebalanceDelayMs()
    this.scheduleInitialCompletion(
      groupId,
      Math.min(initialDelayMs, remainingMs),
      Math.max(remainingMs - delayMs, 0),
    )
    return EMPTY_RESULT
  }

  private maybeCompleteJoinElseSchedule(group: ClassicGroup): ClassicGroupResult {
    if (group.hasAllMembersJoined()) return this.completeClassicGroupJoin(group)
    this.scheduleJoinCompletion(group)
    return EMPTY_RESULT
  }

  private scheduleJoinCompletion(group: ClassicGroup): void {
    const { groupId } = group
    this.context.timer.schedule(
      classicGroupJoinKey(groupId),
      group.rebalanceTimeoutMs(),
      false,
      () => {
        const found = this.context.groups.findClassicGroup(groupId)
        return found === undefined ? EMPTY_RESULT : this.completeClassicGroupJoin(found)
      },
    )
  }

  // ---- everybody is there

  /** Unless somebody is missing, or this is the first rebalance, which waits for its time. */
  maybeCompleteJoinPhase(group: ClassicGroup): ClassicGroupResult {
    const isComplete =
      group.isInState('PreparingRebalance') &&
      group.previousState() !== 'Empty' &&
      group.hasAllMembersJoined()
    if (isComplete) return this.completeClassicGroupJoin(group)
    this.context.logger.debug(
      `Cannot complete join phase of group ${group.groupId} in ${group.currentState()} state ` +
        `after ${group.previousState()}: Members=${group.numMembers()}, ` +
        `AwaitingJoinResponses=${group.numAwaitingJoinResponse()}, ` +
        `PendingJoinMembers=${group.numPendingJoinMembers()}.`,
    )
    return EMPTY_RESULT
  }

  completeClassicGroupJoin(group: ClassicGroup): ClassicGroupResult {
    const { logger, timer } = this.context
    const { groupId } = group
    timer.cancel(classicGroupJoinKey(groupId))
    this.removeNotYetRejoinedDynamicMembers(group)
    if (group.isInState('Dead')) {
      logger.info(`Group ${groupId} is dead, skipping rebalance stage.`)
      return EMPTY_RESULT
    }
    if (!group.maybeElectNewJoinedLeader() && group.numMembers() > 0) {
      // Static members only, and none of them has come: their sessions will end, or they will come.
      logger.error(`Group ${groupId} could not complete rebalance because no members rejoined.`)
      this.scheduleJoinCompletion(group)
      return EMPTY_RESULT
    }
    group.initNextGeneration()
    if (this.context.trace.enabled) {
      this.context.trace.emit('broker.group.completeJoin', {
        groupId,
        generationId: group.generationId,
        members: group.numMembers(),
        leader: group.leaderOrNull(),
        protocolName: group.protocolName,
      })
    }
    if (group.isEmpty()) return this.writeEmptyGroup(group)
    logger.info(
      `Stabilized group ${groupId} generation ${group.generationId} with ${group.numMembers()} ` +
        'members.',
    )
    this.answerJoins(group)
    this.schedulePendingSync(group)
    return EMPTY_RESULT
  }

  private removeNotYetRejoinedDynamicMembers(group: ClassicGroup): void {
    const missing = group.notYetRejoinedMembers().filter((member) => !member.isStaticMember())
    if (missing.length === 0) return
    for (const { memberId } of missing) {
      group.remove(memberId)
      this.sessions.cancel(group, memberId)
    }
    const memberIds = missing.map(({ memberId }) => memberId).join(', ')
    this.context.logger.info(
      `Group ${group.groupId} removed dynamic members who haven't joined: ${memberIds}`,
    )
  }

  /** Losing this record does no harm: the generation before it has no living members either. */
  private writeEmptyGroup(group: ClassicGroup): ClassicGroupResult {
    const { logger } = this.context
    const { groupId, generationId } = group
    logger.info(`Group ${groupId} with generation ${generationId} is now empty.`)
    const appendFuture = new CompletableFuture<void>().whenComplete((_, error) => {
      if (error === undefined) return
      const { message } = appendGroupMetadataErrorToResponseError(Errors.forException(error))
      logger.warn(`Failed to write empty metadata for group ${groupId}: ${message}`)
    })
    const record = GroupCoordinatorRecordHelpers.newGroupMetadataRecord(group, new Map())
    return { records: [record], appendFuture, replayRecords: false }
  }

  private answerJoins(group: ClassicGroup): void {
    for (const member of group.allMembers()) {
      const { memberId } = member
      const response = joinGroupResponse({
        members: group.isLeader(memberId) ? group.currentClassicGroupMembers() : [],
        memberId,
        generationId: group.generationId,
        protocolName: group.protocolName,
        protocolType: group.protocolType,
        leader: group.leaderOrNull() ?? NO_LEADER,
      })
      group.completeJoinFuture(member, response)
      this.sessions.rescheduleClassicGroupMemberHeartbeat(group, member)
      member.isNew = false
      group.addPendingSyncMember(memberId)
    }
  }

  // ---- everybody asks for its share

  private schedulePendingSync(group: ClassicGroup): void {
    const { groupId, generationId } = group
    this.context.timer.schedule(
      classicGroupSyncKey(groupId),
      group.rebalanceTimeoutMs(),
      false,
      () => this.expirePendingSync(groupId, generationId),
    )
  }

  /** A new round begins, so nobody has to ask for the share of the last one. */
  private removeSyncExpiration(group: ClassicGroup): void {
    group.clearPendingSyncMembers()
    this.context.timer.cancel(classicGroupSyncKey(group.groupId))
  }

  private expirePendingSync(groupId: string, generationId: number): ClassicGroupResult {
    const group = this.context.groups.findClassicGroup(groupId)
    if (group === undefined) return EMPTY_RESULT
    const isWaiting = group.isInState('CompletingRebalance') || group.isInState('Stable')
    if (generationId !== group.generationId || !isWaiting) {
      this.context.logger.error(
        `Received unexpected notification of sync expiration for generation ${generationId} of ` +
          `${group}`,
      )
      return EMPTY_RESULT
    }
    if (group.hasReceivedSyncFromAllMembers()) return EMPTY_RESULT
    const pending = [...group.allPendingSyncMembers()]
    for (const memberId of pending) {
      group.remove(memberId)
      this.sessions.cancel(group, memberId)
    }
    const reason = `Removing ${pending.join(', ')} on pending sync request expiration`
    this.context.logger.debug(`Group ${groupId}: ${reason}`)
    return this.prepareRebalance(group, reason)
  }
}
