/**
 * The response that says of a whole request that it failed: each API has its own place for that,
 * often one per part.
 *
 * @kafka org.apache.kafka.common.requests.AbstractRequest (getErrorResponse)
 */

import { Uuid } from '../../common/Uuid.ts'
import { type AnyApiKey, ApiKeys } from '../../protocol/ApiKeys.ts'
import type { WireError } from '../../protocol/Errors.ts'
import type { CreateTopicsRequestData } from '../../protocol/messages/CreateTopics.ts'
import type { DeleteGroupsRequestData } from '../../protocol/messages/DeleteGroups.ts'
import type { DeleteTopicsRequestData } from '../../protocol/messages/DeleteTopics.ts'
import type { DescribeConfigsRequestData } from '../../protocol/messages/DescribeConfigs.ts'
import type { DescribeGroupsRequestData } from '../../protocol/messages/DescribeGroups.ts'
import type { TopicRequest } from '../../protocol/messages/DescribeTopicPartitions.ts'
import type { FetchRequestData } from '../../protocol/messages/Fetch.ts'
import type { FindCoordinatorRequestData } from '../../protocol/messages/FindCoordinator.ts'
import type { ListOffsetsRequestData } from '../../protocol/messages/ListOffsets.ts'
import type { MetadataRequestData } from '../../protocol/messages/Metadata.ts'
import type { OffsetCommitRequestData } from '../../protocol/messages/OffsetCommit.ts'
import type { OffsetFetchRequestData } from '../../protocol/messages/OffsetFetch.ts'
import type { OffsetForLeaderTopic } from '../../protocol/messages/OffsetForLeaderEpoch.ts'
import type { ProduceRequestData } from '../../protocol/messages/Produce.ts'
import type { InputOf } from '../../protocol/schema/message.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import { joinGroupResponse } from '../group/classic/responses.ts'
import { offsetCommitError, offsetFetchError } from '../group/offsetErrors.ts'
import { apiErrorOf } from './ApiError.ts'

/** @returns `undefined` when the API has no way to say it: the connection is closed then */
export const errorResponse = (
  apiKey: AnyApiKey,
  version: number,
  body: unknown,
  thrown: unknown,
): InputOf<AnyApiKey['response']> | undefined => {
  const { error, message } = apiErrorOf(thrown)
  return MAKERS.get(apiKey.id)?.(body as never, error, message, version)
}

/** What an error says of itself beyond its name; null when that is nothing. */
type Message = string | null

type Maker = (
  body: never,
  error: WireError,
  message: Message,
  version: number,
) => object | undefined

const produce = (body: ProduceRequestData, { code }: WireError, errorMessage: Message) =>
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

/** Who asks in version 13 or later looks at the error of the whole; older clients may not. */
const fetch = (
  { sessionId, topics }: FetchRequestData,
  { code }: WireError,
  _message: Message,
  version: number,
) => ({
  errorCode: code,
  sessionId,
  responses: (version < 13 ? topics : []).map(({ topic, partitions }) => ({
    topic,
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

const createTopics = (body: CreateTopicsRequestData, { code }: WireError, message: Message) => ({
  topics: body.topics.map(({ name }) => ({ name, errorCode: code, errorMessage: message })),
})

const deleteTopics = (
  body: DeleteTopicsRequestData,
  { code }: WireError,
  _message: Message,
  version: number,
) => ({
  responses:
    version >= 6
      ? body.topics.map(({ name, topicId }) => ({ name, topicId, errorCode: code }))
      : body.topicNames.map((name) => ({ name, errorCode: code })),
})

const describeConfigs = (body: DescribeConfigsRequestData, { code, message }: WireError) => ({
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

const apiVersions = (_body: unknown, { code }: WireError) => ({ errorCode: code })

const describeCluster = (_body: unknown, { code }: WireError, errorMessage: Message) => ({
  errorCode: code,
  errorMessage,
})

const initProducerId = (_body: unknown, { code }: WireError) => ({
  errorCode: code,
  producerId: RecordBatch.NO_PRODUCER_ID,
  producerEpoch: RecordBatch.NO_PRODUCER_EPOCH,
})

// ---- groups

const findCoordinator = (
  { coordinatorKeys }: FindCoordinatorRequestData,
  { code, message: errorMessage }: WireError,
  _message: Message,
  version: number,
) =>
  version < 4
    ? { errorCode: code, errorMessage, ...NO_NODE }
    : {
        coordinators: coordinatorKeys.map((key) => ({
          key,
          errorCode: code,
          errorMessage,
          ...NO_NODE,
        })),
      }

const NO_NODE = { nodeId: -1, host: '', port: -1 }

const joinGroup = (_body: unknown, { code }: WireError, _message: Message, version: number) =>
  joinGroupResponse({ errorCode: code, protocolName: version >= 7 ? null : '' })

/** SyncGroup, Heartbeat, LeaveGroup, ListGroups, OffsetDelete: one error for all. */
const errorCodeAlone = (_body: unknown, { code }: WireError) => ({ errorCode: code })

const describeGroups = ({ groups }: DescribeGroupsRequestData, { code }: WireError) => ({
  groups: groups.map((groupId) => ({ groupId, errorCode: code })),
})

const deleteGroups = ({ groupsNames }: DeleteGroupsRequestData, { code }: WireError) => ({
  results: groupsNames.map((groupId) => ({ groupId, errorCode: code })),
})

const offsetCommit = (body: OffsetCommitRequestData, error: WireError) =>
  offsetCommitError(body, error)

const offsetFetch = (
  body: OffsetFetchRequestData,
  error: WireError,
  _message: Message,
  version: number,
) =>
  version < 8
    ? { errorCode: version < 2 ? 0 : error.code, topics: oldOffsetFetch(body, error, version) }
    : { groups: body.groups.map((group) => offsetFetchError(group, error, version)) }

const oldOffsetFetch = (
  { groupId, topics }: OffsetFetchRequestData,
  error: WireError,
  version: number,
) => {
  const named = (topics ?? []).map((topic) => ({ ...topic, topicId: Uuid.ZERO_UUID }))
  const group = { groupId, memberId: null, memberEpoch: -1, topics: named }
  return offsetFetchError(group, error, version).topics
}

const MAKERS: ReadonlyMap<number, Maker> = new Map<number, Maker>([
  [ApiKeys.PRODUCE.id, produce],
  [ApiKeys.FETCH.id, fetch],
  [ApiKeys.LIST_OFFSETS.id, listOffsets],
  [ApiKeys.METADATA.id, metadata],
  [ApiKeys.API_VERSIONS.id, apiVersions],
  [ApiKeys.CREATE_TOPICS.id, createTopics],
  [ApiKeys.DELETE_TOPICS.id, deleteTopics],
  [ApiKeys.INIT_PRODUCER_ID.id, initProducerId],
  [ApiKeys.OFFSET_FOR_LEADER_EPOCH.id, offsetForLeaderEpoch],
  [ApiKeys.DESCRIBE_CONFIGS.id, describeConfigs],
  [ApiKeys.DESCRIBE_CLUSTER.id, describeCluster],
  [ApiKeys.DESCRIBE_TOPIC_PARTITIONS.id, describeTopicPartitions],
  [ApiKeys.FIND_COORDINATOR.id, findCoordinator],
  [ApiKeys.JOIN_GROUP.id, joinGroup],
  [ApiKeys.SYNC_GROUP.id, errorCodeAlone],
  [ApiKeys.HEARTBEAT.id, errorCodeAlone],
  [ApiKeys.LEAVE_GROUP.id, errorCodeAlone],
  [ApiKeys.LIST_GROUPS.id, errorCodeAlone],
  [ApiKeys.DESCRIBE_GROUPS.id, describeGroups],
  [ApiKeys.DELETE_GROUPS.id, deleteGroups],
  [ApiKeys.OFFSET_COMMIT.id, offsetCommit],
  [ApiKeys.OFFSET_FETCH.id, offsetFetch],
  [ApiKeys.OFFSET_DELETE.id, errorCodeAlone],
])
