/**
 * A member says that it is alive. The answer is how it learns that the group rebalances: nothing
 * is ever pushed to a member.
 *
 * 1 and 2 only say that they know throttling, 3 brought static members, 4 the flexible form.
 *
 * @kafka org.apache.kafka.common.message.HeartbeatRequestData
 * @kafka org.apache.kafka.common.message.HeartbeatResponseData
 */

import { type DataOf, type InputOf, message } from '../schema/message.ts'
import { int16, int32, string } from '../schema/types.ts'

/**
 * Which member, of which generation.
 *
 *     HeartbeatRequest v4 => groupId generationId memberId groupInstanceId {}
 *       groupId => string
 *       generationId => int32
 *       memberId => string
 *       groupInstanceId => string | null
 */
export const HeartbeatRequest = message({
  name: 'HeartbeatRequest',
  kind: 'request',
  apiKey: 12,
  validVersions: '0-4',
  flexibleVersions: '4+',
  fields: {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string({ versions: '3+', nullable: '3+', default: null }),
  },
})
export type HeartbeatRequestData = DataOf<typeof HeartbeatRequest>
export type HeartbeatRequestInput = InputOf<typeof HeartbeatRequest>

/**
 * NONE, or what the member has to do: join again (REBALANCE_IN_PROGRESS), or start from the
 * beginning (UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION).
 *
 *     HeartbeatResponse v4 => throttleTimeMs errorCode {}
 *       throttleTimeMs => int32
 *       errorCode => int16
 */
export const HeartbeatResponse = message({
  name: 'HeartbeatResponse',
  kind: 'response',
  apiKey: 12,
  validVersions: '0-4',
  flexibleVersions: '4+',
  fields: {
    throttleTimeMs: int32({ versions: '1+', ignorable: true }),
    errorCode: int16(),
  },
})
export type HeartbeatResponseData = DataOf<typeof HeartbeatResponse>
export type HeartbeatResponseInput = InputOf<typeof HeartbeatResponse>
