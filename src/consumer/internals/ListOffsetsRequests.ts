/**
 * The question "which offset?": the first one, the end, or the first record at or after a time.
 *
 * @kafka org.apache.kafka.common.requests.ListOffsetsRequest
 */

import { type RequestBuilder, requestBuilder } from '../../clients/RequestBuilder.ts'
import type { ReadonlyTopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import type { ListOffsetsRequestInput } from '../../protocol/messages/ListOffsets.ts'
import { type IsolationLevel, isolationLevelId } from './IsolationLevel.ts'

/** Stands for the log's first offset. */
export const EARLIEST_TIMESTAMP = -2
/** Stands for the end of the log: the offset that comes next. */
export const LATEST_TIMESTAMP = -1
export const UNKNOWN_EPOCH = -1
const CONSUMER_REPLICA_ID = -1

/** What is asked of one partition. */
export interface ListOffsetsTarget {
  /** Milliseconds since 1970, or one of the two constants. */
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
      currentLeaderEpoch: currentLeaderEpoch ?? UNKNOWN_EPOCH,
    })
  }
  return requestBuilder(
    ApiKeys.LIST_OFFSETS,
    {
      replicaId: CONSUMER_REPLICA_ID,
      isolationLevel: isolationLevelId(isolationLevel),
      topics: [...topics.values()],
      timeoutMs,
    },
    // Version 1 cannot say the isolation level.
    isolationLevel === 'read_committed' ? { oldest: 2 } : {},
  )
}
