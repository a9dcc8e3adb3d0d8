/**
 * A producer gives record batches to the leaders of their partitions; the leader says at which
 * offset each batch begins. One request carries at most one batch per partition.
 *
 * Versions 0 to 2 are gone since 4.0, though brokers still advertise them (librdkafka looks for
 * them). 8 brought the errors of single records, 9 the flexible form, 10 the address of the current
 * leader beside a NOT_LEADER_OR_FOLLOWER, 12 transactions without AddPartitionsToTxn, 13 topic ids
 * instead of names.
 *
 * @kafka org.apache.kafka.common.message.ProduceRequestData
 * @kafka org.apache.kafka.common.message.ProduceResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, int16, int32, int64, records, string, struct, uuid } from '../schema/types.ts'

/**
 * What to write. With `acks` 0 no response comes at all.
 *
 *     ProduceRequest v13 => transactionalId acks timeoutMs [topicData] {}
 *       transactionalId => string | null
 *       acks => int16
 *       timeoutMs => int32
 *       topicData => topicId [partitionData] {}
 *         topicId => uuid
 *         partitionData => index records {}
 *           index => int32
 *           records => records | null
 */
export const ProduceRequest = message({
  name: 'ProduceRequest',
  kind: 'request',
  apiKey: 0,
  validVersions: '3-13',
  flexibleVersions: '9+',
  fields: {
    // Who asks for the right to write transactional batches; null without transactions.
    transactionalId: string({ nullable: '3+', default: null }),
    // 0: do not answer. 1: when the leader has it. -1: when all in-sync replicas have it.
    acks: int16(),
    // How long the leader may wait for the other replicas, not how long the client waits.
    timeoutMs: int32(),
    topicData: array({
      // One of the two says which topic it is; dropping the other is no loss.
      name: string({ versions: '0-12', ignorable: true }),
      topicId: uuid({ versions: '13+', ignorable: true }),
      partitionData: array({
        index: int32(),
        // A whole batch as the producer built it, CRC and all: nobody in between opens it.
        records: records({ nullable: '0+' }),
      }),
    }),
  },
})
export type ProduceRequestData = DataOf<typeof ProduceRequest>
export type ProduceRequestInput = InputOf<typeof ProduceRequest>
export type TopicProduceData = ElementOf<ProduceRequestData['topicData']>
export type PartitionProduceData = ElementOf<TopicProduceData['partitionData']>

/**
 * What became of each batch. It looks unlike other responses: the throttle time stands at the end.
 *
 *     ProduceResponse v13 => [responses] throttleTimeMs {0: [nodeEndpoints]}
 *       responses => topicId [partitionResponses] {}
 *         topicId => uuid
 *         partitionResponses => index errorCode baseOffset logAppendTimeMs logStartOffset
 *             [recordErrors] errorMessage {0: currentLeader}
 *           index => int32
 *           errorCode => int16
 *           baseOffset => int64
 *           logAppendTimeMs => int64
 *           logStartOffset => int64
 *           recordErrors => batchIndex batchIndexErrorMessage {}
 *             batchIndex => int32
 *             batchIndexErrorMessage => string | null
 *           errorMessage => string | null
 *           currentLeader => leaderId leaderEpoch {}
 *             leaderId => int32
 *             leaderEpoch => int32
 *       throttleTimeMs => int32
 *       nodeEndpoints => nodeId host port rack {}
 *         nodeId => int32
 *         host => string
 *         port => int32
 *         rack => string | null
 */
export const ProduceResponse = Object.assign(
  message({
    name: 'ProduceResponse',
    kind: 'response',
    apiKey: 0,
    validVersions: '3-13',
    flexibleVersions: '9+',
    fields: {
      responses: array({
        name: string({ versions: '0-12', ignorable: true }),
        topicId: uuid({ versions: '13+', ignorable: true }),
        partitionResponses: array({
          index: int32(),
          errorCode: int16(),
          baseOffset: int64(),
          // -1 when the topic keeps the timestamps that producers gave.
          logAppendTimeMs: int64({ default: -1, ignorable: true }),
          logStartOffset: int64({ versions: '5+', default: -1, ignorable: true }),
          // Which records of a refused batch were at fault (the others are lost with it).
          recordErrors: array(
            { versions: '8+', ignorable: true },
            {
              batchIndex: int32(),
              batchIndexErrorMessage: string({ nullable: '8+', default: null }),
            },
          ),
          errorMessage: string({ versions: '8+', nullable: '8+', default: null, ignorable: true }),
          // Spares the client a metadata request after an election (KIP-951).
          currentLeader: struct(
            { versions: '10+', tag: 0 },
            {
              leaderId: int32({ default: -1 }),
              leaderEpoch: int32({ default: -1 }),
            },
          ),
        }),
      }),
      throttleTimeMs: int32({ ignorable: true }),
      nodeEndpoints: array(
        { versions: '10+', tag: 0 },
        {
          nodeId: int32(),
          host: string(),
          port: int32(),
          rack: string({ nullable: '10+', default: null }),
        },
      ),
    },
  }),
  {
    /** The base offset beside an error. */
    INVALID_OFFSET: -1,
  } as const,
)
export type ProduceResponseData = DataOf<typeof ProduceResponse>
export type ProduceResponseInput = InputOf<typeof ProduceResponse>
export type TopicProduceResponse = ElementOf<ProduceResponseData['responses']>
export type PartitionProduceResponse = ElementOf<TopicProduceResponse['partitionResponses']>
export type BatchIndexAndErrorMessage = ElementOf<PartitionProduceResponse['recordErrors']>
export type LeaderIdAndEpoch = NonNullable<PartitionProduceResponse['currentLeader']>
export type NodeEndpoint = ElementOf<ProduceResponseData['nodeEndpoints']>
