/**
 * Which offset belongs to a point in time? A consumer asks the leader of each partition, when it
 * has no position yet, or when it looks for a timestamp. Besides timestamps there are a few that
 * name a place, see `EARLIEST_TIMESTAMP` and the others.
 *
 * Version 0 is gone since 4.0. 2 brought the isolation level, 4 leader epochs, 6 the flexible form,
 * 7 to 9 and 11 more named places, 10 the time-out (places in remote storage take long).
 *
 * @kafka org.apache.kafka.common.message.ListOffsetsRequestData
 * @kafka org.apache.kafka.common.message.ListOffsetsResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, int8, int16, int32, int64, string } from '../schema/types.ts'

/**
 * For which partitions, and which points in time.
 *
 *     ListOffsetsRequest v11 => replicaId isolationLevel [topics] timeoutMs {}
 *       replicaId => int32
 *       isolationLevel => int8
 *       topics => name [partitions] {}
 *         name => string
 *         partitions => partitionIndex currentLeaderEpoch timestamp {}
 *           partitionIndex => int32
 *           currentLeaderEpoch => int32
 *           timestamp => int64
 *       timeoutMs => int32
 */
export const ListOffsetsRequest = Object.assign(
  message({
    name: 'ListOffsetsRequest',
    kind: 'request',
    apiKey: 2,
    validVersions: '1-11',
    flexibleVersions: '6+',
    fields: {
      // -1 is a consumer: it is answered within the high watermark only.
      replicaId: int32(),
      isolationLevel: int8({ versions: '2+' }),
      topics: array({
        name: string(),
        partitions: array({
          partitionIndex: int32(),
          currentLeaderEpoch: int32({ versions: '4+', default: -1, ignorable: true }),
          // Milliseconds since 1970, or one of the places below.
          timestamp: int64(),
        }),
      }),
      timeoutMs: int32({ versions: '10+', ignorable: true }),
    },
  }),
  {
    /** The place after the last record that this client may see. */
    LATEST_TIMESTAMP: -1,
    /** The place of the first record that is left. */
    EARLIEST_TIMESTAMP: -2,
    /** The place of the record with the highest timestamp (version 7). */
    MAX_TIMESTAMP: -3,
    /** The first record on the broker's own disk (8). */
    EARLIEST_LOCAL_TIMESTAMP: -4,
    /** The last record in remote storage (9). */
    LATEST_TIERED_TIMESTAMP: -5,
    /** The first record that still has to go to remote storage (11). */
    EARLIEST_PENDING_UPLOAD_TIMESTAMP: -6,
    CONSUMER_REPLICA_ID: -1,
  } as const,
)
export type ListOffsetsRequestData = DataOf<typeof ListOffsetsRequest>
export type ListOffsetsRequestInput = InputOf<typeof ListOffsetsRequest>
export type ListOffsetsTopic = ElementOf<ListOffsetsRequestData['topics']>
export type ListOffsetsPartition = ElementOf<ListOffsetsTopic['partitions']>

/**
 * One offset per partition: that of the first record at or after the timestamp.
 *
 *     ListOffsetsResponse v11 => throttleTimeMs [topics] {}
 *       throttleTimeMs => int32
 *       topics => name [partitions] {}
 *         name => string
 *         partitions => partitionIndex errorCode timestamp offset leaderEpoch {}
 *           partitionIndex => int32
 *           errorCode => int16
 *           timestamp => int64
 *           offset => int64
 *           leaderEpoch => int32
 */
export const ListOffsetsResponse = Object.assign(
  message({
    name: 'ListOffsetsResponse',
    kind: 'response',
    apiKey: 2,
    validVersions: '1-11',
    flexibleVersions: '6+',
    fields: {
      throttleTimeMs: int32({ versions: '2+', ignorable: true }),
      topics: array({
        name: string(),
        partitions: array({
          partitionIndex: int32(),
          errorCode: int16(),
          // Of the record that was found; -1 for a place, or when no record is that late.
          timestamp: int64({ default: -1 }),
          offset: int64({ default: -1 }),
          // The epoch in which the record at that offset was written.
          leaderEpoch: int32({ versions: '4+', default: -1 }),
        }),
      }),
    },
  }),
  {
    UNKNOWN_TIMESTAMP: -1,
    UNKNOWN_OFFSET: -1,
    UNKNOWN_EPOCH: -1,
  } as const,
)
export type ListOffsetsResponseData = DataOf<typeof ListOffsetsResponse>
export type ListOffsetsResponseInput = InputOf<typeof ListOffsetsResponse>
export type ListOffsetsTopicResponse = ElementOf<ListOffsetsResponseData['topics']>
export type ListOffsetsPartitionResponse = ElementOf<ListOffsetsTopicResponse['partitions']>
