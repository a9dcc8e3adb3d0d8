/**
 * Forgets a group's offsets in some partitions. A topic that a member still subscribes to is
 * refused.
 *
 * There is only version 0, and it is not flexible.
 *
 * @kafka org.apache.kafka.common.message.OffsetDeleteRequestData
 * @kafka org.apache.kafka.common.message.OffsetDeleteResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, int16, int32, string } from '../schema/types.ts'

/**
 * Which partitions of which group.
 *
 *     OffsetDeleteRequest v0 => groupId [topics]
 *       groupId => string
 *       topics => name [partitions]
 *         name => string
 *         partitions => partitionIndex
 *           partitionIndex => int32
 */
export const OffsetDeleteRequest = message({
  name: 'OffsetDeleteRequest',
  kind: 'request',
  apiKey: 47,
  validVersions: '0',
  flexibleVersions: 'none',
  fields: {
    groupId: string(),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
      }),
    }),
  },
})
export type OffsetDeleteRequestData = DataOf<typeof OffsetDeleteRequest>
export type OffsetDeleteRequestInput = InputOf<typeof OffsetDeleteRequest>
export type OffsetDeleteRequestTopic = ElementOf<OffsetDeleteRequestData['topics']>
export type OffsetDeleteRequestPartition = ElementOf<OffsetDeleteRequestTopic['partitions']>

/**
 * For the group, and for each partition.
 *
 *     OffsetDeleteResponse v0 => errorCode throttleTimeMs [topics]
 *       errorCode => int16
 *       throttleTimeMs => int32
 *       topics => name [partitions]
 *         name => string
 *         partitions => partitionIndex errorCode
 *           partitionIndex => int32
 *           errorCode => int16
 */
export const OffsetDeleteResponse = message({
  name: 'OffsetDeleteResponse',
  kind: 'response',
  apiKey: 47,
  validVersions: '0',
  flexibleVersions: 'none',
  fields: {
    errorCode: int16(),
    throttleTimeMs: int32({ ignorable: true }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  },
})
export type OffsetDeleteResponseData = DataOf<typeof OffsetDeleteResponse>
export type OffsetDeleteResponseInput = InputOf<typeof OffsetDeleteResponse>
export type OffsetDeleteResponseTopic = ElementOf<OffsetDeleteResponseData['topics']>
export type OffsetDeleteResponsePartition = ElementOf<OffsetDeleteResponseTopic['partitions']>
