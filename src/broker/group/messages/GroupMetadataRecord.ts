/**
 * The record in `__consumer_offsets` that holds one classic group: its generation, its members, and
 * what each of them wants and has.
 *
 * It is written whenever a generation is complete, so a broker that takes the group over knows all
 * members and can go on with them, without a rebalance.
 *
 * 1 brought the rebalance time-out, 2 the time of the last change of state (from which on the
 * offsets of an empty group grow old), 3 static members, 4 the flexible form.
 *
 * @kafka org.apache.kafka.coordinator.group.generated.GroupMetadataKey
 * @kafka org.apache.kafka.coordinator.group.generated.GroupMetadataValue
 */

import {
  type DataOf,
  type ElementOf,
  type InputOf,
  message,
} from '../../../protocol/schema/message.ts'
import { array, bytes, int32, int64, string } from '../../../protocol/schema/types.ts'

/**
 *     GroupMetadataKey => group
 *       group => string
 */
export const GroupMetadataKey = message({
  name: 'GroupMetadataKey',
  kind: 'data',
  validVersions: '0',
  flexibleVersions: 'none',
  fields: { group: string() },
})
export type GroupMetadataKeyData = DataOf<typeof GroupMetadataKey>

/**
 *     GroupMetadataValue v4 => protocolType generation protocol leader currentStateTimestamp
 *         [members] {}
 *       protocolType => string
 *       generation => int32
 *       protocol => string | null
 *       leader => string | null
 *       currentStateTimestamp => int64
 *       members => memberId groupInstanceId clientId clientHost rebalanceTimeout sessionTimeout
 *           subscription assignment {}
 *         memberId => string
 *         groupInstanceId => string | null
 *         clientId => string
 *         clientHost => string
 *         rebalanceTimeout => int32
 *         sessionTimeout => int32
 *         subscription => bytes
 *         assignment => bytes
 */
export const GroupMetadataValue = message({
  name: 'GroupMetadataValue',
  kind: 'data',
  validVersions: '0-4',
  flexibleVersions: '4+',
  fields: {
    protocolType: string(),
    generation: int32(),
    protocol: string({ nullable: '0+' }),
    leader: string({ nullable: '0+' }),
    // -1: unknown.
    currentStateTimestamp: int64({ versions: '2+', default: -1, ignorable: true }),
    members: array({
      memberId: string(),
      groupInstanceId: string({
        versions: '3+',
        nullable: '3+',
        default: null,
        ignorable: true,
      }),
      clientId: string(),
      clientHost: string(),
      // -1: the session time-out.
      rebalanceTimeout: int32({ versions: '1+', default: -1, ignorable: true }),
      sessionTimeout: int32(),
      // For consumers a `ConsumerProtocolSubscription`.
      subscription: bytes(),
      // For consumers a `ConsumerProtocolAssignment`.
      assignment: bytes(),
    }),
  },
})
export type GroupMetadataValueData = DataOf<typeof GroupMetadataValue>
export type GroupMetadataValueInput = InputOf<typeof GroupMetadataValue>
export type MemberMetadata = ElementOf<GroupMetadataValueData['members']>
