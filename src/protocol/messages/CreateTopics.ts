/**
 * Make topics. The controller does it; any broker passes the request on.
 *
 * Versions 0 and 1 are gone since 4.0. 4 made partitions and replication factor optional (-1 is the
 * broker's default), 5 brought the flexible form and the resulting configuration in the response, 6
 * quotas, 7 the id of the new topic.
 *
 * @kafka org.apache.kafka.common.message.CreateTopicsRequestData
 * @kafka org.apache.kafka.common.message.CreateTopicsResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, bool, int8, int16, int32, string, uuid } from '../schema/types.ts'

/**
 * Which topics, and what they should be like.
 *
 *     CreateTopicsRequest v7 => [topics] timeoutMs validateOnly {}
 *       topics => name numPartitions replicationFactor [assignments] [configs] {}
 *         name => string
 *         numPartitions => int32
 *         replicationFactor => int16
 *         assignments => partitionIndex [brokerIds] {}
 *           partitionIndex => int32
 *           brokerIds => int32
 *         configs => name value {}
 *           name => string
 *           value => string | null
 *       timeoutMs => int32
 *       validateOnly => bool
 */
export const CreateTopicsRequest = message({
  name: 'CreateTopicsRequest',
  kind: 'request',
  apiKey: 19,
  validVersions: '2-7',
  flexibleVersions: '5+',
  fields: {
    topics: array({
      name: string(),
      // -1: the default of the broker, or as many as `assignments` has.
      numPartitions: int32(),
      replicationFactor: int16(),
      // Which brokers hold which partition; empty to leave it to the controller.
      assignments: array({
        partitionIndex: int32(),
        brokerIds: array(int32()),
      }),
      configs: array({
        name: string(),
        value: string({ nullable: '0+' }),
      }),
    }),
    timeoutMs: int32({ default: 60000 }),
    // Check everything, create nothing.
    validateOnly: bool(),
  },
})
export type CreateTopicsRequestData = DataOf<typeof CreateTopicsRequest>
export type CreateTopicsRequestInput = InputOf<typeof CreateTopicsRequest>
export type CreatableTopic = ElementOf<CreateTopicsRequestData['topics']>
export type CreatableReplicaAssignment = ElementOf<CreatableTopic['assignments']>
export type CreatableTopicConfig = ElementOf<CreatableTopic['configs']>

/**
 * One result per topic: an error, or what the topic has become.
 *
 *     CreateTopicsResponse v7 => throttleTimeMs [topics] {}
 *       throttleTimeMs => int32
 *       topics => name topicId errorCode errorMessage numPartitions replicationFactor [configs] {0:
 *           topicConfigErrorCode}
 *         name => string
 *         topicId => uuid
 *         errorCode => int16
 *         errorMessage => string | null
 *         topicConfigErrorCode => int16
 *         numPartitions => int32
 *         replicationFactor => int16
 *         configs => name value readOnly configSource isSensitive {} | null
 *           name => string
 *           value => string | null
 *           readOnly => bool
 *           configSource => int8
 *           isSensitive => bool
 */
export const CreateTopicsResponse = message({
  name: 'CreateTopicsResponse',
  kind: 'response',
  apiKey: 19,
  validVersions: '2-7',
  flexibleVersions: '5+',
  fields: {
    throttleTimeMs: int32({ ignorable: true }),
    topics: array({
      name: string(),
      topicId: uuid({ versions: '7+', ignorable: true }),
      errorCode: int16(),
      errorMessage: string({ nullable: '0+', ignorable: true }),
      // Why `configs` is missing: usually no right to read it.
      topicConfigErrorCode: int16({ versions: '5+', tag: 0, ignorable: true }),
      numPartitions: int32({ versions: '5+', default: -1, ignorable: true }),
      replicationFactor: int16({ versions: '5+', default: -1, ignorable: true }),
      configs: array(
        { versions: '5+', nullable: '5+', ignorable: true },
        {
          name: string(),
          value: string({ nullable: '5+' }),
          readOnly: bool(),
          configSource: int8({ default: -1, ignorable: true }),
          isSensitive: bool(),
        },
      ),
    }),
  },
})
export type CreateTopicsResponseData = DataOf<typeof CreateTopicsResponse>
export type CreateTopicsResponseInput = InputOf<typeof CreateTopicsResponse>
export type CreatableTopicResult = ElementOf<CreateTopicsResponseData['topics']>
export type CreatableTopicConfigs = ElementOf<CreatableTopicResult['configs']>
