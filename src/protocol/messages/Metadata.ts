/**
 * Which brokers are there, which topics, who leads each partition? The first thing a client asks
 * after ApiVersions, and again whenever its picture turns out to be old. Any broker can answer.
 *
 * 1 made null mean "all topics" and brought racks and the controller, 4 the choice whether asking
 * may create a topic, 7 leader epochs, 8 rights, 9 the flexible form, 10 topic ids (to be asked for
 * from 12 on), 13 an error for the answer as a whole.
 *
 * @kafka org.apache.kafka.common.message.MetadataRequestData
 * @kafka org.apache.kafka.common.message.MetadataResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, bool, int16, int32, string, uuid } from '../schema/types.ts'

/**
 * About which topics. In version 0 an empty list asks for all of them; later null does, and an
 * empty list asks for the brokers alone.
 *
 *     MetadataRequest v13 => [topics] allowAutoTopicCreation includeTopicAuthorizedOperations {}
 *       topics => topicId name {} | null
 *         topicId => uuid
 *         name => string | null
 *       allowAutoTopicCreation => bool
 *       includeTopicAuthorizedOperations => bool
 */
export const MetadataRequest = message({
  name: 'MetadataRequest',
  kind: 'request',
  apiKey: 3,
  validVersions: '0-13',
  flexibleVersions: '9+',
  fields: {
    topics: array(
      { nullable: '1+' },
      {
        topicId: uuid({ versions: '10+', ignorable: true }),
        // null when the topic is asked for by its id.
        name: string({ nullable: '10+' }),
      },
    ),
    // A broker with `auto.create.topics.enable` makes the topics that it does not have.
    allowAutoTopicCreation: bool({ versions: '4+', default: true }),
    // Moved to DescribeCluster.
    includeClusterAuthorizedOperations: bool({ versions: '8-10' }),
    includeTopicAuthorizedOperations: bool({ versions: '8+' }),
  },
})
export type MetadataRequestData = DataOf<typeof MetadataRequest>
export type MetadataRequestInput = InputOf<typeof MetadataRequest>
export type MetadataRequestTopic = ElementOf<MetadataRequestData['topics']>

/**
 * The picture of the cluster, as that broker has it.
 *
 *     MetadataResponse v13 => throttleTimeMs [brokers] clusterId controllerId [topics] errorCode {}
 *       throttleTimeMs => int32
 *       brokers => nodeId host port rack {}
 *         nodeId => int32
 *         host => string
 *         port => int32
 *         rack => string | null
 *       clusterId => string | null
 *       controllerId => int32
 *       topics => errorCode name topicId isInternal [partitions] topicAuthorizedOperations {}
 *         errorCode => int16
 *         name => string | null
 *         topicId => uuid
 *         isInternal => bool
 *         partitions => errorCode partitionIndex leaderId leaderEpoch [replicaNodes] [isrNodes]
 *             [offlineReplicas] {}
 *           errorCode => int16
 *           partitionIndex => int32
 *           leaderId => int32
 *           leaderEpoch => int32
 *           replicaNodes => int32
 *           isrNodes => int32
 *           offlineReplicas => int32
 *         topicAuthorizedOperations => int32
 *       errorCode => int16
 */
export const MetadataResponse = Object.assign(
  message({
    name: 'MetadataResponse',
    kind: 'response',
    apiKey: 3,
    validVersions: '0-13',
    flexibleVersions: '9+',
    fields: {
      throttleTimeMs: int32({ versions: '3+', ignorable: true }),
      brokers: array({
        nodeId: int32(),
        host: string(),
        port: int32(),
        rack: string({ versions: '1+', nullable: '1+', default: null, ignorable: true }),
      }),
      clusterId: string({ versions: '2+', nullable: '2+', default: null, ignorable: true }),
      controllerId: int32({ versions: '1+', default: -1, ignorable: true }),
      topics: array({
        errorCode: int16(),
        // null for an id that no topic has.
        name: string({ nullable: '12+' }),
        topicId: uuid({ versions: '10+', ignorable: true }),
        isInternal: bool({ versions: '1+', ignorable: true }),
        partitions: array({
          errorCode: int16(),
          partitionIndex: int32(),
          // -1 while there is none.
          leaderId: int32(),
          leaderEpoch: int32({ versions: '7+', default: -1, ignorable: true }),
          replicaNodes: array(int32()),
          isrNodes: array(int32()),
          // Replicas whose broker, or disk, is down.
          offlineReplicas: array({ versions: '5+', ignorable: true }, int32()),
        }),
        // A bit per operation; the default says that nobody asked.
        topicAuthorizedOperations: int32({ versions: '8+', default: -0x80000000 }),
      }),
      clusterAuthorizedOperations: int32({ versions: '8-10', default: -0x80000000 }),
      errorCode: int16({ versions: '13+', ignorable: true }),
    },
  }),
  {
    NO_CONTROLLER_ID: -1,
    NO_LEADER_ID: -1,
    /** In place of the bits of authorized operations, when nobody asked for them. */
    AUTHORIZED_OPERATIONS_OMITTED: -0x80000000,
  } as const,
)
export type MetadataResponseData = DataOf<typeof MetadataResponse>
export type MetadataResponseInput = InputOf<typeof MetadataResponse>
export type MetadataResponseBroker = ElementOf<MetadataResponseData['brokers']>
export type MetadataResponseTopic = ElementOf<MetadataResponseData['topics']>
export type MetadataResponsePartition = ElementOf<MetadataResponseTopic['partitions']>
