/**
 * From what the session says to the message on the wire.
 *
 * @kafka org.apache.kafka.common.requests.FetchRequest.Builder
 * @simplified for consumers only; a replica fetcher builds its own.
 */

import type {
  FetchPartitionData,
  FetchRequestData,
  TopicIdPartition,
} from '../../clients/FetchRequestData.ts'
import { FIRST_VERSION_WITH_TOPIC_IDS } from '../../clients/FetchResponse.ts'
import { type RequestBuilder, requestBuilder } from '../../clients/RequestBuilder.ts'
import { IsolationLevel } from '../../common/IsolationLevel.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import type { FetchRequestInput } from '../../protocol/messages/Fetch.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import type { FetchConfig } from './FetchConfig.ts'

type FetchTopicInput = NonNullable<FetchRequestInput['topics']>[number]
type ForgottenTopicInput = NonNullable<FetchRequestInput['forgottenTopicsData']>[number]

export const fetchRequestBuilder = (
  fetchConfig: FetchConfig,
  requestData: FetchRequestData,
): RequestBuilder<typeof ApiKeys.FETCH> =>
  requestBuilder(
    ApiKeys.FETCH,
    (version) => ({
      maxWaitMs: fetchConfig.maxWaitMs,
      minBytes: fetchConfig.minBytes,
      maxBytes: fetchConfig.maxBytes,
      isolationLevel: IsolationLevel.id(fetchConfig.isolationLevel),
      sessionId: requestData.metadata.sessionId,
      sessionEpoch: requestData.metadata.epoch,
      topics: topicsOf(requestData.toSend),
      forgottenTopicsData: forgottenTopicsOf(requestData, version),
      rackId: fetchConfig.clientRackId,
    }),
    requestData.canUseTopicIds ? {} : { latest: FIRST_VERSION_WITH_TOPIC_IDS - 1 },
  )

/**
 * The order is the order of service, so partitions share a topic's entry only where they stand side
 * by side.
 */
const topicsOf = (
  toSend: Iterable<readonly [TopicPartition, FetchPartitionData]>,
): FetchTopicInput[] => {
  const topics: (FetchTopicInput & { partitions: object[] })[] = []
  for (const [{ topic, partition }, data] of toSend) {
    if (topics.at(-1)?.topic !== topic)
      topics.push({ topic, topicId: data.topicId, partitions: [] })
    topics.at(-1)!.partitions.push({
      partition,
      currentLeaderEpoch: data.currentLeaderEpoch ?? RecordBatch.NO_PARTITION_LEADER_EPOCH,
      fetchOffset: data.fetchOffset,
      partitionMaxBytes: data.maxBytes,
    })
  }
  return topics
}

const forgottenTopicsOf = (
  { toForget, toReplace }: FetchRequestData,
  version: number,
): ForgottenTopicInput[] => {
  // By name a replaced partition cannot be told from its successor: forgetting it would forget
  // both.
  const forgotten: readonly TopicIdPartition[] =
    version >= FIRST_VERSION_WITH_TOPIC_IDS ? [...toForget, ...toReplace] : toForget
  const topics = new Map<string, ForgottenTopicInput & { partitions: number[] }>()
  for (const { topicId, topicPartition } of forgotten) {
    const { topic, partition } = topicPartition
    const entry = topics.get(topic)
    if (entry === undefined) topics.set(topic, { topic, topicId, partitions: [partition] })
    else entry.partitions.push(partition)
  }
  return [...topics.values()]
}
