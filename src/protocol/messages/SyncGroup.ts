/**
 * The second half of joining: the leader hands in who gets what, everybody else asks for its
 * share. The coordinator holds the answers back until the leader has spoken.
 *
 * 1 and 2 only say that they know throttling, 3 brought static members, 4 the flexible form, 5 the
 * protocol's type and name, so that a member with another idea of them is told (KIP-559).
 *
 * @kafka org.apache.kafka.common.message.SyncGroupRequestData
 * @kafka org.apache.kafka.common.message.SyncGroupResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, bytes, int16, int32, string } from '../schema/types.ts'

/**
 * From the leader with an assignment for each member, from the others with none.
 *
 *     SyncGroupRequest v5 => groupId generationId memberId groupInstanceId protocolType
 *         protocolName [assignments] {}
 *       groupId => string
 *       generationId => int32
 *       memberId => string
 *       groupInstanceId => string | null
 *       protocolType => string | null
 *       protocolName => string | null
 *       assignments => memberId assignment {}
 *         memberId => string
 *         assignment => bytes
 */
export const SyncGroupRequest = message({
  name: 'SyncGroupRequest',
  kind: 'request',
  apiKey: 14,
  validVersions: '0-5',
  flexibleVersions: '4+',
  fields: {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string({ versions: '3+', nullable: '3+', default: null }),
    protocolType: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
    protocolName: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
    assignments: array({
      memberId: string(),
      // For consumers a `ConsumerProtocolAssignment`; opaque to the coordinator.
      assignment: bytes(),
    }),
  },
})
export type SyncGroupRequestData = DataOf<typeof SyncGroupRequest>
export type SyncGroupRequestInput = InputOf<typeof SyncGroupRequest>
export type SyncGroupRequestAssignment = ElementOf<SyncGroupRequestData['assignments']>

/**
 * One member's share.
 *
 *     SyncGroupResponse v5 => throttleTimeMs errorCode protocolType protocolName assignment {}
 *       throttleTimeMs => int32
 *       errorCode => int16
 *       protocolType => string | null
 *       protocolName => string | null
 *       assignment => bytes
 */
export const SyncGroupResponse = message({
  name: 'SyncGroupResponse',
  kind: 'response',
  apiKey: 14,
  validVersions: '0-5',
  flexibleVersions: '4+',
  fields: {
    throttleTimeMs: int32({ versions: '1+', ignorable: true }),
    errorCode: int16(),
    protocolType: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
    protocolName: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
    // For consumers a `ConsumerProtocolAssignment`; opaque to the coordinator.
    assignment: bytes(),
  },
})
export type SyncGroupResponseData = DataOf<typeof SyncGroupResponse>
export type SyncGroupResponseInput = InputOf<typeof SyncGroupResponse>
