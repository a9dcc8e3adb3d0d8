/**
 * A consumer asks to become, or to stay, a member of a group. The coordinator holds the answers
 * back until every member has asked (or its time is over), and then answers all of them at once: a
 * new generation, and to one of them, the leader, the list of all members.
 *
 * 2 and 3 only say that they know throttling, 4 brought the member id that is handed out first
 * (KIP-394), 5 static members (KIP-345), 6 the flexible form, 7 the protocol's type in the answer,
 * 8 the reason (KIP-800), 9 the assignment that the leader may skip (KIP-814).
 *
 * @kafka org.apache.kafka.common.message.JoinGroupRequestData
 * @kafka org.apache.kafka.common.message.JoinGroupResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, bool, bytes, int16, int32, string } from '../schema/types.ts'

/**
 * Who wants to join, and which ways of sharing it knows, the favourite first.
 *
 *     JoinGroupRequest v9 => groupId sessionTimeoutMs rebalanceTimeoutMs memberId groupInstanceId
 *         protocolType [protocols] reason {}
 *       groupId => string
 *       sessionTimeoutMs => int32
 *       rebalanceTimeoutMs => int32
 *       memberId => string
 *       groupInstanceId => string | null
 *       protocolType => string
 *       protocols => name metadata {}
 *         name => string
 *         metadata => bytes
 *       reason => string | null
 */
export const JoinGroupRequest = message({
  name: 'JoinGroupRequest',
  kind: 'request',
  apiKey: 11,
  validVersions: '0-9',
  flexibleVersions: '6+',
  fields: {
    groupId: string(),
    sessionTimeoutMs: int32(),
    // How long the coordinator waits for this member when all must join again.
    rebalanceTimeoutMs: int32({ versions: '1+', default: -1, ignorable: true }),
    memberId: string(),
    groupInstanceId: string({ versions: '5+', nullable: '5+', default: null }),
    protocolType: string(),
    protocols: array({
      name: string(),
      // For consumers a `ConsumerProtocolSubscription`; opaque to the coordinator.
      metadata: bytes(),
    }),
    reason: string({ versions: '8+', nullable: '8+', default: null, ignorable: true }),
  },
})
export type JoinGroupRequestData = DataOf<typeof JoinGroupRequest>
export type JoinGroupRequestInput = InputOf<typeof JoinGroupRequest>
export type JoinGroupRequestProtocol = ElementOf<JoinGroupRequestData['protocols']>

/**
 * The new generation. `members` is full for the leader only.
 *
 *     JoinGroupResponse v9 => throttleTimeMs errorCode generationId protocolType protocolName
 *         leader skipAssignment memberId [members] {}
 *       throttleTimeMs => int32
 *       errorCode => int16
 *       generationId => int32
 *       protocolType => string | null
 *       protocolName => string | null
 *       leader => string
 *       skipAssignment => bool
 *       memberId => string
 *       members => memberId groupInstanceId metadata {}
 *         memberId => string
 *         groupInstanceId => string | null
 *         metadata => bytes
 */
export const JoinGroupResponse = message({
  name: 'JoinGroupResponse',
  kind: 'response',
  apiKey: 11,
  validVersions: '0-9',
  flexibleVersions: '6+',
  fields: {
    throttleTimeMs: int32({ versions: '2+', ignorable: true }),
    errorCode: int16(),
    generationId: int32({ default: -1 }),
    protocolType: string({ versions: '7+', nullable: '7+', default: null, ignorable: true }),
    protocolName: string({ nullable: '7+' }),
    leader: string(),
    // The leader of a group whose assignment still holds need not make one.
    skipAssignment: bool({ versions: '9+' }),
    memberId: string(),
    members: array({
      memberId: string(),
      groupInstanceId: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
      // For consumers a `ConsumerProtocolSubscription`; opaque to the coordinator.
      metadata: bytes(),
    }),
  },
})
export type JoinGroupResponseData = DataOf<typeof JoinGroupResponse>
export type JoinGroupResponseInput = InputOf<typeof JoinGroupResponse>
export type JoinGroupResponseMember = ElementOf<JoinGroupResponseData['members']>
