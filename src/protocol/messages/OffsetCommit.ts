/**
 * A consumer stores how far its group has come. The group's coordinator answers.
 *
 * The coordinator takes a commit from members of the current generation only; generation -1 and an
 * empty member id are consumers that manage their assignment themselves.
 *
 * Versions 0 and 1 are gone since 4.0. 5 dropped the retention time, 6 brought leader epochs, 7
 * static members, 8 the flexible form, 9 the epochs of the new group protocol, 10 topic ids.
 *
 * @kafka org.apache.kafka.common.message.OffsetCommitRequestData
 * @kafka org.apache.kafka.common.message.OffsetCommitResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, int16, int32, int64, string, uuid } from '../schema/types.ts'

/**
 * The positions: in each partition the offset of the next record to read.
 *
 *     OffsetCommitRequest v10 => groupId generationIdOrMemberEpoch memberId groupInstanceId
 *         [topics] {}
 *       groupId => string
 *       generationIdOrMemberEpoch => int32
 *       memberId => string
 *       groupInstanceId => string | null
 *       topics => topicId [partitions] {}
 *         topicId => uuid
 *         partitions => partitionIndex committedOffset committedLeaderEpoch committedMetadata {}
 *           partitionIndex => int32
 *           committedOffset => int64
 *           committedLeaderEpoch => int32
 *           committedMetadata => string | null
 */
export const OffsetCommitRequest = message({
  name: 'OffsetCommitRequest',
  kind: 'request',
  apiKey: 8,
  validVersions: '2-10',
  flexibleVersions: '8+',
  fields: {
    groupId: string(),
    generationIdOrMemberEpoch: int32({ default: -1, ignorable: true }),
    memberId: string({ ignorable: true }),
    groupInstanceId: string({ versions: '7+', nullable: '7+', default: null }),
    retentionTimeMs: int64({ versions: '2-4', default: -1, ignorable: true }),
    topics: array({
      name: string({ versions: '0-9', ignorable: true }),
      topicId: uuid({ versions: '10+', ignorable: true }),
      partitions: array({
        partitionIndex: int32(),
        // The next record to read, not the last one that was read.
        committedOffset: int64(),
        committedLeaderEpoch: int32({ versions: '6+', default: -1, ignorable: true }),
        // A note of the application, at most `offset.metadata.max.bytes` long.
        committedMetadata: string({ nullable: '0+' }),
      }),
    }),
  },
})
export type OffsetCommitRequestData = DataOf<typeof OffsetCommitRequest>
export type OffsetCommitRequestInput = InputOf<typeof OffsetCommitRequest>
export type OffsetCommitRequestTopic = ElementOf<OffsetCommitRequestData['topics']>
export type OffsetCommitRequestPartition = ElementOf<OffsetCommitRequestTopic['partitions']>

/**
 * An error, or none, for each partition.
 *
 *     OffsetCommitResponse v10 => throttleTimeMs [topics] {}
 *       throttleTimeMs => int32
 *       topics => topicId [partitions] {}
 *         topicId => uuid
 *         partitions => partitionIndex errorCode {}
 *           partitionIndex => int32
 *           errorCode => int16
 */
export const OffsetCommitResponse = message({
  name: 'OffsetCommitResponse',
  kind: 'response',
  apiKey: 8,
  validVersions: '2-10',
  flexibleVersions: '8+',
  fields: {
    throttleTimeMs: int32({ versions: '3+', ignorable: true }),
    topics: array({
      name: string({ versions: '0-9', ignorable: true }),
      topicId: uuid({ versions: '10+', ignorable: true }),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  },
})
export type OffsetCommitResponseData = DataOf<typeof OffsetCommitResponse>
export type OffsetCommitResponseInput = InputOf<typeof OffsetCommitResponse>
export type OffsetCommitResponseTopic = ElementOf<OffsetCommitResponseData['topics']>
export type OffsetCommitResponsePartition = ElementOf<OffsetCommitResponseTopic['partitions']>
