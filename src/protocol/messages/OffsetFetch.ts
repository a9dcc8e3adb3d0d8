/**
 * A consumer asks where its group stopped reading. The group's coordinator answers.
 *
 * Version 0 is gone since 4.0. 2 made null mean "all partitions the group has committed", 5 brought
 * leader epochs, 6 the flexible form, 7 waiting for open transactions, 8 many groups in one request
 * (which moved everything one level down), 9 members of the new group protocol, 10 topic ids.
 *
 * @kafka org.apache.kafka.common.message.OffsetFetchRequestData
 * @kafka org.apache.kafka.common.message.OffsetFetchResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, bool, int16, int32, int64, string, uuid } from '../schema/types.ts'

/**
 * For which partitions. `groupId` and `topics` up to version 7, `groups` from 8 on.
 *
 *     OffsetFetchRequest v10 => [groups] requireStable {}
 *       groups => groupId memberId memberEpoch [topics] {}
 *         groupId => string
 *         memberId => string | null
 *         memberEpoch => int32
 *         topics => topicId [partitionIndexes] {} | null
 *           topicId => uuid
 *           partitionIndexes => int32
 *       requireStable => bool
 */
export const OffsetFetchRequest = message({
  name: 'OffsetFetchRequest',
  kind: 'request',
  apiKey: 9,
  validVersions: '1-10',
  flexibleVersions: '6+',
  fields: {
    groupId: string({ versions: '0-7' }),
    topics: array(
      { versions: '0-7', nullable: '2-7' },
      {
        name: string(),
        partitionIndexes: array(int32()),
      },
    ),
    groups: array(
      { versions: '8+' },
      {
        groupId: string(),
        memberId: string({ versions: '9+', nullable: '9+', default: null, ignorable: true }),
        memberEpoch: int32({ versions: '9+', default: -1, ignorable: true }),
        topics: array(
          { nullable: '8+' },
          {
            name: string({ versions: '8-9', ignorable: true }),
            topicId: uuid({ versions: '10+', ignorable: true }),
            partitionIndexes: array(int32()),
          },
        ),
      },
    ),
    // Offsets in an open transaction are an error (retriable) instead of the ones before it.
    requireStable: bool({ versions: '7+' }),
  },
})
export type OffsetFetchRequestData = DataOf<typeof OffsetFetchRequest>
export type OffsetFetchRequestInput = InputOf<typeof OffsetFetchRequest>
export type OffsetFetchRequestTopic = ElementOf<OffsetFetchRequestData['topics']>
export type OffsetFetchRequestGroup = ElementOf<OffsetFetchRequestData['groups']>
export type OffsetFetchRequestTopics = ElementOf<OffsetFetchRequestGroup['topics']>

/**
 * An offset per partition; -1 where nothing was committed.
 *
 *     OffsetFetchResponse v10 => throttleTimeMs [groups] {}
 *       throttleTimeMs => int32
 *       groups => groupId [topics] errorCode {}
 *         groupId => string
 *         topics => topicId [partitions] {}
 *           topicId => uuid
 *           partitions => partitionIndex committedOffset committedLeaderEpoch metadata errorCode {}
 *             partitionIndex => int32
 *             committedOffset => int64
 *             committedLeaderEpoch => int32
 *             metadata => string | null
 *             errorCode => int16
 *         errorCode => int16
 */
export const OffsetFetchResponse = message({
  name: 'OffsetFetchResponse',
  kind: 'response',
  apiKey: 9,
  validVersions: '1-10',
  flexibleVersions: '6+',
  fields: {
    throttleTimeMs: int32({ versions: '3+', ignorable: true }),
    topics: array(
      { versions: '0-7' },
      {
        name: string(),
        partitions: array({
          partitionIndex: int32(),
          committedOffset: int64(),
          committedLeaderEpoch: int32({ versions: '5-7', default: -1, ignorable: true }),
          metadata: string({ nullable: '0-7' }),
          errorCode: int16(),
        }),
      },
    ),
    errorCode: int16({ versions: '2-7', ignorable: true }),
    groups: array(
      { versions: '8+' },
      {
        groupId: string(),
        topics: array({
          name: string({ versions: '8-9', ignorable: true }),
          topicId: uuid({ versions: '10+', ignorable: true }),
          partitions: array({
            partitionIndex: int32(),
            committedOffset: int64(),
            committedLeaderEpoch: int32({ default: -1, ignorable: true }),
            metadata: string({ nullable: '8+' }),
            errorCode: int16(),
          }),
        }),
        errorCode: int16(),
      },
    ),
  },
})
export type OffsetFetchResponseData = DataOf<typeof OffsetFetchResponse>
export type OffsetFetchResponseInput = InputOf<typeof OffsetFetchResponse>
export type OffsetFetchResponseTopic = ElementOf<OffsetFetchResponseData['topics']>
export type OffsetFetchResponsePartition = ElementOf<OffsetFetchResponseTopic['partitions']>
export type OffsetFetchResponseGroup = ElementOf<OffsetFetchResponseData['groups']>
export type OffsetFetchResponseTopics = ElementOf<OffsetFetchResponseGroup['topics']>
export type OffsetFetchResponsePartitions = ElementOf<OffsetFetchResponseTopics['partitions']>
