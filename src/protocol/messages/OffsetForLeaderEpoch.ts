/**
 * Where did an epoch end? After an election, a follower or a consumer asks the new leader for the
 * end of the last epoch that it has records of. If its own log goes further, the rest was lost in
 * the election: the follower truncates, the consumer is told.
 *
 * Versions 0 and 1 are gone since 4.0. 3 brought the replica id, 4 the flexible form.
 *
 * @kafka org.apache.kafka.common.message.OffsetForLeaderEpochRequestData
 * @kafka org.apache.kafka.common.message.OffsetForLeaderEpochResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, int16, int32, int64, string } from '../schema/types.ts'

/**
 * Which epochs, of which partitions.
 *
 *     OffsetForLeaderEpochRequest v4 => replicaId [topics] {}
 *       replicaId => int32
 *       topics => topic [partitions] {}
 *         topic => string
 *         partitions => partition currentLeaderEpoch leaderEpoch {}
 *           partition => int32
 *           currentLeaderEpoch => int32
 *           leaderEpoch => int32
 */
export const OffsetForLeaderEpochRequest = message({
  name: 'OffsetForLeaderEpochRequest',
  kind: 'request',
  apiKey: 23,
  validVersions: '2-4',
  flexibleVersions: '4+',
  fields: {
    // -1 is a consumer. The default, -2, is a tool that may see beyond the high watermark.
    replicaId: int32({ versions: '3+', default: -2, ignorable: true }),
    topics: array({
      topic: string(),
      partitions: array({
        partition: int32(),
        // The leader that we believe in, for fencing.
        currentLeaderEpoch: int32({ default: -1, ignorable: true }),
        leaderEpoch: int32(),
      }),
    }),
  },
})
export type OffsetForLeaderEpochRequestData = DataOf<typeof OffsetForLeaderEpochRequest>
export type OffsetForLeaderEpochRequestInput = InputOf<typeof OffsetForLeaderEpochRequest>
export type OffsetForLeaderTopic = ElementOf<OffsetForLeaderEpochRequestData['topics']>
export type OffsetForLeaderPartition = ElementOf<OffsetForLeaderTopic['partitions']>

/**
 * For each: the largest epoch that is not above the one asked, and the offset after its last
 * record.
 *
 *     OffsetForLeaderEpochResponse v4 => throttleTimeMs [topics] {}
 *       throttleTimeMs => int32
 *       topics => topic [partitions] {}
 *         topic => string
 *         partitions => errorCode partition leaderEpoch endOffset {}
 *           errorCode => int16
 *           partition => int32
 *           leaderEpoch => int32
 *           endOffset => int64
 */
export const OffsetForLeaderEpochResponse = Object.assign(
  message({
    name: 'OffsetForLeaderEpochResponse',
    kind: 'response',
    apiKey: 23,
    validVersions: '2-4',
    flexibleVersions: '4+',
    fields: {
      throttleTimeMs: int32({ ignorable: true }),
      topics: array({
        topic: string(),
        partitions: array({
          errorCode: int16(),
          partition: int32(),
          leaderEpoch: int32({ default: -1, ignorable: true }),
          endOffset: int64({ default: -1 }),
        }),
      }),
    },
  }),
  {
    /** The answer when the leader knows no such epoch. */
    UNDEFINED_EPOCH: -1,
    UNDEFINED_EPOCH_OFFSET: -1,
  } as const,
)
export type OffsetForLeaderEpochResponseData = DataOf<typeof OffsetForLeaderEpochResponse>
export type OffsetForLeaderEpochResponseInput = InputOf<typeof OffsetForLeaderEpochResponse>
export type OffsetForLeaderTopicResult = ElementOf<OffsetForLeaderEpochResponseData['topics']>
export type EpochEndOffset = ElementOf<OffsetForLeaderTopicResult['partitions']>
