/**
 * What the parts that run the classic protocol share.
 *
 *     Groups ◄── ClassicGroupSessions      who must be heard from until when
 *                ClassicGroupAssignments   what each was given
 *                ClassicGroupRebalance     from one generation to the next
 *                  ├ ClassicGroupJoin ── ClassicGroupStaticMembers
 *                  ├ ClassicGroupSync
 *                  ├ ClassicGroupHeartbeat
 *                  └ ClassicGroupLeave
 *
 * Kafka has all of it in one class of nine thousand lines, `GroupMetadataManager`; here that class
 * holds the parts together.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupMetadataManager
 */

import type { Logger } from '../../../common/Logger.ts'
import type { Random } from '../../../common/Random.ts'
import type { Time } from '../../../common/Time.ts'
import type { Trace } from '../../../common/Trace.ts'
import { Errors } from '../../../protocol/Errors.ts'
import type { CoordinatorResult } from '../../coordinator/CoordinatorResult.ts'
import type { CoordinatorTimer } from '../../coordinator/CoordinatorTimer.ts'
import type { GroupCoordinatorConfig } from '../GroupCoordinatorConfig.ts'
import type { CoordinatorRecord } from '../GroupCoordinatorRecord.ts'
import type { Groups } from '../Groups.ts'

export interface ClassicGroupContext {
  readonly groups: Groups
  readonly logger: Logger
  readonly time: Time
  readonly random: Random
  readonly trace: Trace
  readonly timer: CoordinatorTimer<CoordinatorRecord>
  readonly config: GroupCoordinatorConfig
}

/** What an operation comes to whose caller gets its answer by a future. */
export type ClassicGroupResult = CoordinatorResult<void, CoordinatorRecord>

/** Nothing to write. */
export const EMPTY_RESULT: ClassicGroupResult = { records: [] }

/**
 * What members are told when a group's record could not be written: where the log's trouble is one
 * of the coordinator, they look for another; what is wrong with the record is not their affair.
 */
export const appendGroupMetadataErrorToResponseError = (appendError: Errors): Errors => {
  switch (appendError) {
    case Errors.UNKNOWN_TOPIC_OR_PARTITION:
    case Errors.NOT_ENOUGH_REPLICAS:
    case Errors.REQUEST_TIMED_OUT:
      return Errors.COORDINATOR_NOT_AVAILABLE
    case Errors.NOT_LEADER_OR_FOLLOWER:
    case Errors.KAFKA_STORAGE_ERROR:
      return Errors.NOT_COORDINATOR
    case Errors.MESSAGE_TOO_LARGE:
    case Errors.RECORD_LIST_TOO_LARGE:
    case Errors.INVALID_FETCH_SIZE:
      return Errors.UNKNOWN_SERVER_ERROR
    default:
      return appendError
  }
}

export const classicGroupHeartbeatKey = (groupId: string, memberId: string): string =>
  `heartbeat-${groupId}-${memberId}`

export const classicGroupJoinKey = (groupId: string): string => `join-${groupId}`

export const classicGroupSyncKey = (groupId: string): string => `sync-${groupId}`
