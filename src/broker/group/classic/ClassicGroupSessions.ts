/**
 * Sessions: each member must be heard from again before its time is over, else it is taken for
 * dead.
 *
 *     answered, heartbeat, given its share ──► the time starts anew
 *     silence for session.timeout.ms ───────► `onExpired`
 *
 * I1  A member that is not waiting for an answer has a timer.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupMetadataManager
 */

import type { CoordinatorTimer } from '../../coordinator/CoordinatorTimer.ts'
import type { CoordinatorRecord } from '../GroupCoordinatorRecord.ts'
import type { ClassicGroup } from './ClassicGroup.ts'
import { type ClassicGroupResult, classicGroupHeartbeatKey } from './ClassicGroupContext.ts'
import type { ClassicGroupMember } from './ClassicGroupMember.ts'

/** The group may be gone by then, or another one under the same name: so ids, not objects. */
export type OnSessionExpired = (groupId: string, memberId: string) => ClassicGroupResult

export class ClassicGroupSessions {
  private readonly timer: CoordinatorTimer<CoordinatorRecord>
  private readonly onExpired: OnSessionExpired

  constructor(timer: CoordinatorTimer<CoordinatorRecord>, onExpired: OnSessionExpired) {
    this.timer = timer
    this.onExpired = onExpired
  }

  /** @param timeoutMs default: what the member asked for */
  rescheduleClassicGroupMemberHeartbeat(
    group: ClassicGroup,
    member: ClassicGroupMember,
    timeoutMs: number = member.sessionTimeoutMs,
  ): void {
    this.schedule(group, member.memberId, timeoutMs)
  }

  /** For one that is no member yet. */
  schedule({ groupId }: ClassicGroup, memberId: string, timeoutMs: number): void {
    this.timer.schedule(classicGroupHeartbeatKey(groupId, memberId), timeoutMs, false, () =>
      this.onExpired(groupId, memberId),
    )
  }

  cancel({ groupId }: ClassicGroup, memberId: string): void {
    this.timer.cancel(classicGroupHeartbeatKey(groupId, memberId))
  }
}
