/**
 * Topics and partitions in pages, for clusters in which one Metadata response would be too large.
 * Any broker can answer. It is also the only way to see which replicas, though not in sync, may
 * still be elected without loss (ELR, KIP-966).
 *
 * @kafka org.apache.kafka.common.message.DescribeTopicPartitionsRequestData
 * @kafka org.apache.kafka.common.message.DescribeTopicPartitionsResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, bool, int16, int32, string, struct, uuid } from '../schema/types.ts'

/**
 * Which topics, and where to go on. The broker goes through them in the order of their names.
 *
 *     DescribeTopicPartitionsRequest v0 => [topics] responsePartitionLimit cursor {}
 *       topics => name {}
 *         name => string
 *       responsePartitionLimit => int32
 *       cursor => topicName partitionIndex {} | null
 *         topicName => string
 *         partitionIndex => int32
 */
export const DescribeTopicPartitionsRequest = message({
  name: 'DescribeTopicPartitionsRequest',
  kind: 'request',
  apiKey: 75,
  validVersions: '0',
  flexibleVersions: '0+',
  fields: {
    topics: array({
      name: string(),
    }),
    // The broker has a limit of its own, `max.request.partition.size.limit`, and takes the lower.
    responsePartitionLimit: int32({ default: 2000 }),
    cursor: struct(
      { nullable: '0+', default: null },
      {
        topicName: string(),
        partitionIndex: int32(),
      },
    ),
  },
})
export type DescribeTopicPartitionsRequestData = DataOf<typeof DescribeTopicPartitionsRequest>
export type DescribeTopicPartitionsRequestInput = InputOf<typeof DescribeTopicPartitionsRequest>
export type TopicRequest = ElementOf<DescribeTopicPartitionsRequestData['topics']>

/**
 * One page. `nextCursor` is where the next one begins, null at the end.
 *
 *     DescribeTopicPartitionsResponse v0 => throttleTimeMs [topics] nextCursor {}
 *       throttleTimeMs => int32
 *       topics => errorCode name topicId isInternal [partitions] topicAuthorizedOperations {}
 *         errorCode => int16
 *         name => string | null
 *         topicId => uuid
 *         isInternal => bool
 *         partitions => errorCode partitionIndex leaderId leaderEpoch [replicaNodes] [isrNodes]
 *             [eligibleLeaderReplicas] [lastKnownElr] [offlineReplicas] {}
 *           errorCode => int16
 *           partitionIndex => int32
 *           leaderId => int32
 *           leaderEpoch => int32
 *           replicaNodes => int32
 *           isrNodes => int32
 *           eligibleLeaderReplicas => int32 | null
 *           lastKnownElr => int32 | null
 *           offlineReplicas => int32
 *         topicAuthorizedOperations => int32
 *       nextCursor => topicName partitionIndex {} | null
 *         topicName => string
 *         partitionIndex => int32
 */
export const DescribeTopicPartitionsResponse = message({
  name: 'DescribeTopicPartitionsResponse',
  kind: 'response',
  apiKey: 75,
  validVersions: '0',
  flexibleVersions: '0+',
  fields: {
    throttleTimeMs: int32({ ignorable: true }),
    topics: array({
      errorCode: int16(),
      name: string({ nullable: '0+' }),
      topicId: uuid({ ignorable: true }),
      isInternal: bool({ ignorable: true }),
      partitions: array({
        errorCode: int16(),
        partitionIndex: int32(),
        leaderId: int32(),
        leaderEpoch: int32({ default: -1, ignorable: true }),
        replicaNodes: array(int32()),
        isrNodes: array(int32()),
        // null when the cluster does not keep them.
        eligibleLeaderReplicas: array({ nullable: '0+', default: null }, int32()),
        lastKnownElr: array({ nullable: '0+', default: null }, int32()),
        offlineReplicas: array({ ignorable: true }, int32()),
      }),
      topicAuthorizedOperations: int32({ default: -0x80000000 }),
    }),
    nextCursor: struct(
      { nullable: '0+', default: null },
      {
        topicName: string(),
        partitionIndex: int32(),
      },
    ),
  },
})
export type DescribeTopicPartitionsResponseData = DataOf<typeof DescribeTopicPartitionsResponse>
export type DescribeTopicPartitionsResponseInput = InputOf<typeof DescribeTopicPartitionsResponse>
export type DescribeTopicPartitionsResponseTopic = ElementOf<
  DescribeTopicPartitionsResponseData['topics']
>
export type DescribeTopicPartitionsResponsePartition = ElementOf<
  DescribeTopicPartitionsResponseTopic['partitions']
>
export type Cursor = NonNullable<DescribeTopicPartitionsResponseData['nextCursor']>
