/**
 * Responses as a broker would make them, with little to write.
 *
 * @kafka org.apache.kafka.common.requests.RequestTestUtils
 */

import { MetadataResponse } from '../../src/clients/MetadataResponse.ts'
import type { AnyApiKey, ResponseInputOf } from '../../src/clients/RequestBuilder.ts'
import { throughCodec } from '../../src/clients/throughCodec.ts'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import type { Node } from '../../src/common/Node.ts'
import type { Uuid } from '../../src/common/Uuid.ts'
import { NetworkReceive } from '../../src/network/NetworkReceive.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import type { Errors } from '../../src/protocol/Errors.ts'
import type { MetadataResponseInput } from '../../src/protocol/messages/Metadata.ts'
import { buildResponseSend } from '../../src/protocol/SendBuilder.ts'

export interface MetadataUpdateOptions {
  /** Default: `kafka-cluster`. */
  readonly clusterId?: string | null
  /** Topic to number of partitions. Default: none. */
  readonly topics?: Readonly<Record<string, number>>
  readonly topicErrors?: Readonly<Record<string, Errors>>
  readonly topicIds?: Readonly<Record<string, Uuid>>
  /** Default: -1, not told. */
  readonly leaderEpoch?: number | ((topic: string, partition: number) => number)
  /** What is different about the partitions. */
  readonly partition?: Partial<PartitionInput>
  /** Default: the latest. */
  readonly version?: number
}

type TopicInput = NonNullable<MetadataResponseInput['topics']>[number]
type PartitionInput = NonNullable<TopicInput['partitions']>[number]

/** A response of `nodes` brokers: ids from 0, at localhost:1969 and up, leading in turn. */
export const metadataUpdateWith = (
  nodes: number,
  options: MetadataUpdateOptions = {},
): MetadataResponse => {
  const { topics = {}, topicErrors = {}, topicIds = {}, leaderEpoch = -1 } = options
  const idOf = (topic: string) =>
    topicIds[topic] === undefined ? {} : { topicId: topicIds[topic] }
  const partitionOf = (topic: string, index: number): PartitionInput => ({
    partitionIndex: index,
    leaderId: index % nodes,
    leaderEpoch: typeof leaderEpoch === 'number' ? leaderEpoch : leaderEpoch(topic, index),
    replicaNodes: [index % nodes],
    isrNodes: [index % nodes],
    offlineReplicas: [],
    ...options.partition,
  })
  return metadataResponse(
    {
      clusterId: options.clusterId === undefined ? 'kafka-cluster' : options.clusterId,
      controllerId: 0,
      brokers: Array.from({ length: nodes }, (_, nodeId) => ({
        nodeId,
        host: 'localhost',
        port: 1969 + nodeId,
      })),
      topics: [
        ...Object.entries(topics).map(([name, count]) => ({
          name,
          ...idOf(name),
          isInternal: name.startsWith('__'),
          partitions: Array.from({ length: count }, (_, i) => partitionOf(name, i)),
        })),
        ...Object.entries(topicErrors).map(([name, error]) => ({
          name,
          ...idOf(name),
          errorCode: error.code,
        })),
      ],
    },
    options.version,
  )
}

/** A response as it comes out of the codec. */
export const metadataResponse = (
  data: MetadataResponseInput,
  version = ApiKeys.METADATA.latestVersion(),
): MetadataResponse =>
  new MetadataResponse(throughCodec(ApiKeys.METADATA.response, data, version), version)

/** The frame of a response, as a selector hands it out. */
export const receiveOf = <K extends AnyApiKey>(
  node: Node,
  apiKey: K,
  version: number,
  correlationId: number,
  data: ResponseInputOf<K>,
): NetworkReceive => {
  const slices = buildResponseSend(apiKey, version, correlationId, data)
  const bytes = new Uint8Array(slices.flatMap((slice) => [...slice]))
  return receiveOfBytes(node, bytes.subarray(4))
}

export const receiveOfBytes = (node: Node, payload: Uint8Array): NetworkReceive =>
  new NetworkReceive({ source: node.idString(), buffer: ByteBuffer.wrap(payload) })
