/**
 * The response that says of a whole request that it failed: each API has its own place for that,
 * often one per part.
 *
 * @kafka org.apache.kafka.common.requests.AbstractRequest (getErrorResponse)
 */

import { type AnyApiKey, ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'
import type { CreateTopicsRequestData } from '../../protocol/messages/CreateTopics.ts'
import type { DeleteTopicsRequestData } from '../../protocol/messages/DeleteTopics.ts'
import type { DescribeConfigsRequestData } from '../../protocol/messages/DescribeConfigs.ts'
import type { TopicRequest } from '../../protocol/messages/DescribeTopicPartitions.ts'
import type { FetchRequestData } from '../../protocol/messages/Fetch.ts'
import type { ListOffsetsRequestData } from '../../protocol/messages/ListOffsets.ts'
import type { MetadataRequestData } from '../../protocol/messages/Metadata.ts'
import type { OffsetForLeaderTopic } from '../../protocol/messages/OffsetForLeaderEpoch.ts'
import type { ProduceRequestData } from '../../protocol/messages/Produce.ts'
import type { InputOf } from '../../protocol/schema/message.ts'

/** @returns `undefined` when the API has no way to say it: the connection is closed then */
export const errorResponse = (
  apiKey: AnyApiKey,
  body: unknown,
  thrown: unknown,
): InputOf<AnyApiKey['response']> | undefined => {
  const error = Errors.forException(thrown)
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return MAKERS.get(apiKey.id)?.(body as never, error, message)
}

type Maker = (body: never, error: WireError, message: string) => object | undefined

const produce = (body: ProduceRequestData, { code }: WireError, errorMessage: string) =>
  body.acks === 0
    ? undefined
    : {
        responses: body.topicData.map(({ name, topicId, partitionData }) => ({
          name,
          topicId,
          partitionResponses: partitionData.map(({ index }) => ({
            index,
            errorCode: code,
            baseOffset: -1,
            errorMessage,
          })),
        })),
      }

const fetch = (body: FetchRequestData, { code }: WireError) => ({
  errorCode: code,
  sessionId: body.sessionId,
  responses: body.topics.map(({ topic, topicId, partitions }) => ({
    topic,
    topicId,
    partitions: partitions.map(({ partition }) => ({
      partitionIndex: partition,
      errorCode: code,
      highWatermark: -1,
      records: new Uint8Array(0),
    })),
  })),
})

const listOffsets = (body: ListOffsetsRequestData, { code }: WireError) => ({
  topics: body.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code })),
  })),
})

const metadata = (body: MetadataRequestData, { code }: WireError) => ({
  topics: (body.topics ?? []).map(({ name, topicId }) => ({
    name: name ?? '',
    topicId,
    errorCode: code,
    partitions: [],
  })),
  errorCode: code,
})

const createTopics = (body: CreateTopicsRequestData, { code }: WireError, message: string) => ({
  topics: body.topics.map(({ name }) => ({ name, errorCode: code, errorMessage: message })),
})

const deleteTopics = (body: DeleteTopicsRequestData, { code }: WireError, message: string) => ({
  responses:
    body.topics.length > 0
      ? body.topics.map(({ name, topicId }) => ({
          name,
          topicId,
          errorCode: code,
          errorMessage: message,
        }))
      : body.topicNames.map((name) => ({ name, errorCode: code, errorMessage: message })),
})

const describeConfigs = (
  body: DescribeConfigsRequestData,
  { code }: WireError,
  message: string,
) => ({
  results: body.resources.map(({ resourceType, resourceName }) => ({
    resourceType,
    resourceName,
    errorCode: code,
    errorMessage: message,
    configs: [],
  })),
})

const offsetForLeaderEpoch = (body: { topics: OffsetForLeaderTopic[] }, { code }: WireError) => ({
  topics: body.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition }) => ({ partition, errorCode: code })),
  })),
})

const describeTopicPartitions = (body: { topics: TopicRequest[] }, { code }: WireError) => ({
  topics: body.topics.map(({ name }) => ({ name, errorCode: code, partitions: [] })),
})

const withErrorCode = (_body: unknown, { code }: WireError) => ({ errorCode: code })

const withErrorMessage = (_body: unknown, { code }: WireError, errorMessage: string) => ({
  errorCode: code,
  errorMessage,
})

const MAKERS: ReadonlyMap<number, Maker> = new Map<number, Maker>([
  [ApiKeys.PRODUCE.id, produce],
  [ApiKeys.FETCH.id, fetch],
  [ApiKeys.LIST_OFFSETS.id, listOffsets],
  [ApiKeys.METADATA.id, metadata],
  [ApiKeys.API_VERSIONS.id, withErrorCode],
  [ApiKeys.CREATE_TOPICS.id, createTopics],
  [ApiKeys.DELETE_TOPICS.id, deleteTopics],
  [ApiKeys.INIT_PRODUCER_ID.id, withErrorCode],
  [ApiKeys.OFFSET_FOR_LEADER_EPOCH.id, offsetForLeaderEpoch],
  [ApiKeys.DESCRIBE_CONFIGS.id, describeConfigs],
  [ApiKeys.DESCRIBE_CLUSTER.id, withErrorMessage],
  [ApiKeys.DESCRIBE_TOPIC_PARTITIONS.id, describeTopicPartitions],
])
