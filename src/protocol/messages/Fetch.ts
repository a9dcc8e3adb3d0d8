/**
 * A consumer, or a follower, asks for the bytes of partitions from given offsets on. The broker may
 * hold the request back until `minBytes` are there or `maxWaitMs` are over: long polling.
 *
 * Versions 0 to 3 are gone since 4.0.
 *
 * A fetch session (version 7) lets both sides remember the partitions, so that later requests and
 * responses name only what changed. 9 brought fencing by leader epochs, 10 zstd, 11 racks, 12 the
 * flexible form and the detection of diverged logs, 13 topic ids; 15 moved the follower's id into a
 * tagged field, 16 brought the addresses of new leaders, 17 the follower's directory, 18 its high
 * watermark.
 *
 * @kafka org.apache.kafka.common.message.FetchRequestData
 * @kafka org.apache.kafka.common.message.FetchResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import {
  array,
  bigint64,
  int8,
  int16,
  int32,
  int64,
  records,
  string,
  struct,
  uuid,
} from '../schema/types.ts'

/**
 * What to read, from where.
 *
 *     FetchRequest v18 => maxWaitMs minBytes maxBytes isolationLevel sessionId sessionEpoch
 *         [topics] [forgottenTopicsData] rackId {0: clusterId, 1: replicaState}
 *       clusterId => string | null
 *       replicaState => replicaId replicaEpoch {}
 *         replicaId => int32
 *         replicaEpoch => int64
 *       maxWaitMs => int32
 *       minBytes => int32
 *       maxBytes => int32
 *       isolationLevel => int8
 *       sessionId => int32
 *       sessionEpoch => int32
 *       topics => topicId [partitions] {}
 *         topicId => uuid
 *         partitions => partition currentLeaderEpoch fetchOffset lastFetchedEpoch logStartOffset
 *             partitionMaxBytes {0: replicaDirectoryId, 1: highWatermark}
 *           partition => int32
 *           currentLeaderEpoch => int32
 *           fetchOffset => int64
 *           lastFetchedEpoch => int32
 *           logStartOffset => int64
 *           partitionMaxBytes => int32
 *           replicaDirectoryId => uuid
 *           highWatermark => int64
 *       forgottenTopicsData => topicId [partitions] {}
 *         topicId => uuid
 *         partitions => int32
 *       rackId => string
 */
export const FetchRequest = Object.assign(
  message({
    name: 'FetchRequest',
    kind: 'request',
    apiKey: 1,
    validVersions: '4-18',
    flexibleVersions: '12+',
    fields: {
      // Only controllers ask with it, before they know each other.
      clusterId: string({
        versions: '12+',
        nullable: '12+',
        tag: 0,
        default: null,
        ignorable: true,
      }),
      // -1 is a consumer; a follower says who it is here, and from version 15 on in `replicaState`.
      replicaId: int32({ versions: '0-14', default: -1 }),
      replicaState: struct(
        { versions: '15+', tag: 1 },
        {
          replicaId: int32({ default: -1 }),
          replicaEpoch: int64({ default: -1 }),
        },
      ),
      maxWaitMs: int32(),
      minBytes: int32(),
      // A limit that may be broken: the first batch comes whole, or no progress would be possible.
      maxBytes: int32({ default: 0x7fffffff, ignorable: true }),
      // 0: everything up to the high watermark. 1: only what no open transaction can take back.
      isolationLevel: int8({ ignorable: true }),
      // 0: no session yet. The epoch counts its requests; -1 ends it, 0 begins a new one.
      sessionId: int32({ versions: '7+', ignorable: true }),
      sessionEpoch: int32({ versions: '7+', default: -1, ignorable: true }),
      topics: array({
        topic: string({ versions: '0-12', ignorable: true }),
        topicId: uuid({ versions: '13+', ignorable: true }),
        partitions: array({
          partition: int32(),
          // The leader that we believe in: who lags behind is told so (fencing).
          currentLeaderEpoch: int32({ versions: '9+', default: -1, ignorable: true }),
          fetchOffset: int64(),
          // With the offset it tells the leader whether our log still is a beginning of its own.
          lastFetchedEpoch: int32({ versions: '12+', default: -1 }),
          // From followers only: how far back their log goes.
          logStartOffset: int64({ versions: '5+', default: -1, ignorable: true }),
          partitionMaxBytes: int32(),
          replicaDirectoryId: uuid({ versions: '17+', tag: 0, ignorable: true }),
          // What the follower believes it to be; the default says that it does not tell (KIP-1166).
          highWatermark: bigint64({
            versions: '18+',
            tag: 1,
            default: 0x7fffffffffffffffn,
            ignorable: true,
          }),
        }),
      }),
      // What the session no longer has to look at.
      forgottenTopicsData: array(
        { versions: '7+' },
        {
          topic: string({ versions: '7-12', ignorable: true }),
          topicId: uuid({ versions: '13+', ignorable: true }),
          partitions: array(int32()),
        },
      ),
      rackId: string({ versions: '11+', ignorable: true }),
    },
  }),
  {
    CONSUMER_REPLICA_ID: -1,
    INVALID_LOG_START_OFFSET: -1,
  } as const,
)
export type FetchRequestData = DataOf<typeof FetchRequest>
export type FetchRequestInput = InputOf<typeof FetchRequest>
export type ReplicaState = NonNullable<FetchRequestData['replicaState']>
export type FetchTopic = ElementOf<FetchRequestData['topics']>
export type FetchPartition = ElementOf<FetchTopic['partitions']>
export type ForgottenTopic = ElementOf<FetchRequestData['forgottenTopicsData']>

/**
 * What was there. `records` is a piece of the log as it lies on disk: its first batch may begin
 * before the offset that was asked, and its last one may be cut off.
 *
 *     FetchResponse v18 => throttleTimeMs errorCode sessionId [responses] {0: [nodeEndpoints]}
 *       throttleTimeMs => int32
 *       errorCode => int16
 *       sessionId => int32
 *       responses => topicId [partitions] {}
 *         topicId => uuid
 *         partitions => partitionIndex errorCode highWatermark lastStableOffset logStartOffset
 *             [abortedTransactions] preferredReadReplica records {0: divergingEpoch, 1:
 *             currentLeader, 2: snapshotId}
 *           partitionIndex => int32
 *           errorCode => int16
 *           highWatermark => int64
 *           lastStableOffset => int64
 *           logStartOffset => int64
 *           divergingEpoch => epoch endOffset {}
 *             epoch => int32
 *             endOffset => int64
 *           currentLeader => leaderId leaderEpoch {}
 *             leaderId => int32
 *             leaderEpoch => int32
 *           snapshotId => endOffset epoch {}
 *             endOffset => int64
 *             epoch => int32
 *           abortedTransactions => producerId firstOffset {} | null
 *             producerId => int64
 *             firstOffset => int64
 *           preferredReadReplica => int32
 *           records => records | null
 *       nodeEndpoints => nodeId host port rack {}
 *         nodeId => int32
 *         host => string
 *         port => int32
 *         rack => string | null
 */
export const FetchResponse = Object.assign(
  message({
    name: 'FetchResponse',
    kind: 'response',
    apiKey: 1,
    validVersions: '4-18',
    flexibleVersions: '12+',
    fields: {
      throttleTimeMs: int32({ ignorable: true }),
      errorCode: int16({ versions: '7+', ignorable: true }),
      // 0 when the broker keeps no session for this client.
      sessionId: int32({ versions: '7+' }),
      responses: array({
        topic: string({ versions: '0-12', ignorable: true }),
        topicId: uuid({ versions: '13+', ignorable: true }),
        partitions: array({
          partitionIndex: int32(),
          errorCode: int16(),
          // Records before it are on all in-sync replicas. Consumers see nothing beyond.
          highWatermark: int64(),
          // Every transaction before it is decided.
          lastStableOffset: int64({ default: -1, ignorable: true }),
          logStartOffset: int64({ versions: '5+', default: -1, ignorable: true }),
          // Set when the two logs part: the last epoch they share, and where it ends.
          divergingEpoch: struct(
            { versions: '12+', tag: 0 },
            {
              epoch: int32({ default: -1 }),
              endOffset: int64({ default: -1 }),
            },
          ),
          currentLeader: struct(
            { versions: '12+', tag: 1 },
            {
              leaderId: int32({ default: -1 }),
              leaderEpoch: int32({ default: -1 }),
            },
          ),
          // Only in the metadata log of the controllers.
          snapshotId: struct(
            { versions: '12+', tag: 2 },
            {
              endOffset: int64({ default: -1 }),
              epoch: int32({ default: -1 }),
            },
          ),
          // What a consumer that reads committed records only has to leave out, by producer.
          abortedTransactions: array(
            { nullable: '4+', ignorable: true },
            {
              producerId: bigint64(),
              firstOffset: int64(),
            },
          ),
          // A nearer replica that the consumer should ask next time (KIP-392); -1: stay here.
          preferredReadReplica: int32({ versions: '11+', default: -1 }),
          records: records({ nullable: '0+' }),
        }),
      }),
      nodeEndpoints: array(
        { versions: '16+', tag: 0 },
        {
          nodeId: int32(),
          host: string(),
          port: int32(),
          rack: string({ nullable: '16+', default: null }),
        },
      ),
    },
  }),
  {
    INVALID_HIGH_WATERMARK: -1,
    INVALID_LAST_STABLE_OFFSET: -1,
    INVALID_LOG_START_OFFSET: -1,
    INVALID_PREFERRED_REPLICA_ID: -1,
  } as const,
)
export type FetchResponseData = DataOf<typeof FetchResponse>
export type FetchResponseInput = InputOf<typeof FetchResponse>
export type FetchableTopicResponse = ElementOf<FetchResponseData['responses']>
export type PartitionData = ElementOf<FetchableTopicResponse['partitions']>
export type EpochEndOffset = NonNullable<PartitionData['divergingEpoch']>
export type LeaderIdAndEpoch = NonNullable<PartitionData['currentLeader']>
export type SnapshotId = NonNullable<PartitionData['snapshotId']>
export type AbortedTransaction = ElementOf<PartitionData['abortedTransactions']>
export type NodeEndpoint = ElementOf<FetchResponseData['nodeEndpoints']>
