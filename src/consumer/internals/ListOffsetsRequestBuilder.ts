/**
 * The question "which offset?": the first one, the end, or the first record at or after a time.
 *
 * @kafka org.apache.kafka.common.requests.ListOffsetsRequest.Builder
 * @simplified for consumers only.
 */

import { type RequestBuilder, requestBuilder } from '../../clients/RequestBuilder.ts'
import { IsolationLevel } from '../../common/IsolationLevel.ts'
import type { ReadonlyTopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import {
  ListOffsetsRequest,
  type ListOffsetsRequestInput,
  ListOffsetsResponse,
} from '../../protocol/messages/ListOffsets.ts'

/** What is asked of one partition. */
export interface ListOffsetsTarget {
  /** Milliseconds since 1970, or a place such as `ListOffsetsRequest.EARLIEST_TIMESTAMP`. */
  readonly timestamp: number
  /** The reign we believe in; a leader of another one refuses to answer. */
  readonly currentLeaderEpoch: number | null
}

type TopicInput = NonNullable<ListOffsetsRequestInput['topics']>[number]

/** @param timeoutMs how long the broker may look, when old records are kept elsewhere */
export const listOffsetsRequest = (
  targets: ReadonlyTopicPartitionMap<ListOffsetsTarget>,
  isolationLevel: IsolationLevel,
  timeoutMs: number,
): RequestBuilder<typeof ApiKeys.LIST_OFFSETS> => {
  const topics = new Map<string, TopicInput & { partitions: object[] }>()
  for (const [{ topic, partition }, { timestamp, currentLeaderEpoch }] of targets) {
    let entry = topics.get(topic)
    if (entry === undefined) topics.set(topic, (entry = { name: topic, partitions: [] }))
    entry.partitions.push({
      partitionIndex: partition,
      timestamp,
      currentLeaderEpoch: currentLeaderEpoch ?? ListOffsetsResponse.UNKNOWN_EPOCH,
    })
  }
  return requestBuilder(
    ApiKeys.LIST_OFFSETS,
    {
      replicaId: ListOffsetsRequest.CONSUMER_REPLICA_ID,
      isolationLevel: IsolationLevel.id(isolationLevel),
      topics: [...topics.values()],
      timeoutMs,
    },
    // Version 1 cannot say the isolation level.
    isolationLevel === 'read_committed' ? { oldest: 2 } : {},
  )
}
