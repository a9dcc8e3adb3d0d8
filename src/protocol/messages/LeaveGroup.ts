/**
 * A member goes, so that the others need not wait for its session to end.
 *
 * 3 brought many members in one request and static members, for administrators, 4 the flexible
 * form, 5 the reason (KIP-800).
 *
 * @kafka org.apache.kafka.common.message.LeaveGroupRequestData
 * @kafka org.apache.kafka.common.message.LeaveGroupResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, int16, int32, string } from '../schema/types.ts'

/**
 * Who goes. One member up to version 2, a list from 3 on.
 *
 *     LeaveGroupRequest v5 => groupId [members] {}
 *       groupId => string
 *       members => memberId groupInstanceId reason {}
 *         memberId => string
 *         groupInstanceId => string | null
 *         reason => string | null
 */
export const LeaveGroupRequest = message({
  name: 'LeaveGroupRequest',
  kind: 'request',
  apiKey: 13,
  validVersions: '0-5',
  flexibleVersions: '4+',
  fields: {
    groupId: string(),
    memberId: string({ versions: '0-2' }),
    members: array(
      { versions: '3+' },
      {
        memberId: string(),
        groupInstanceId: string({ nullable: '3+', default: null }),
        reason: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
      },
    ),
  },
})
export type LeaveGroupRequestData = DataOf<typeof LeaveGroupRequest>
export type LeaveGroupRequestInput = InputOf<typeof LeaveGroupRequest>
export type MemberIdentity = ElementOf<LeaveGroupRequestData['members']>

/**
 * For the whole request, and from version 3 on for each member.
 *
 *     LeaveGroupResponse v5 => throttleTimeMs errorCode [members] {}
 *       throttleTimeMs => int32
 *       errorCode => int16
 *       members => memberId groupInstanceId errorCode {}
 *         memberId => string
 *         groupInstanceId => string | null
 *         errorCode => int16
 */
export const LeaveGroupResponse = message({
  name: 'LeaveGroupResponse',
  kind: 'response',
  apiKey: 13,
  validVersions: '0-5',
  flexibleVersions: '4+',
  fields: {
    throttleTimeMs: int32({ versions: '1+', ignorable: true }),
    errorCode: int16(),
    members: array(
      { versions: '3+' },
      {
        memberId: string(),
        groupInstanceId: string({ nullable: '3+' }),
        errorCode: int16(),
      },
    ),
  },
})
export type LeaveGroupResponseData = DataOf<typeof LeaveGroupResponse>
export type LeaveGroupResponseInput = InputOf<typeof LeaveGroupResponse>
export type MemberResponse = ElementOf<LeaveGroupResponseData['members']>
