/**
 * What one fetch request says about partitions, before it is bytes.
 *
 *     session before   a0@10  a1@20  b0@5          what the broker remembers
 *     wanted now       a0@10  a1@27          c0@0
 *     ─────────────────────────────────────────
 *     toSend                  a1@27          c0@0  new or changed
 *     toForget                       b0            no longer wanted
 *     (implied)        a0@10                       unchanged: not a byte on the wire
 *
 * @kafka org.apache.kafka.clients.FetchSessionHandler.FetchRequestData
 */

import type { TopicPartition } from '../common/TopicPartition.ts'
import type { ReadonlyTopicPartitionMap } from '../common/TopicPartitionMap.ts'
import type { Uuid } from '../common/Uuid.ts'
import type { FetchMetadata } from './FetchMetadata.ts'

/**
 * What is wanted of one partition.
 *
 * @kafka org.apache.kafka.common.requests.FetchRequest.PartitionData
 */
export interface FetchPartitionData {
  /** `Uuid.ZERO_UUID` when it is not known. */
  readonly topicId: Uuid
  readonly fetchOffset: number
  /** At most this many bytes of the partition, but always one batch. */
  readonly maxBytes: number
  /** The reign we believe in; `null` when it is not known. */
  readonly currentLeaderEpoch: number | null
}

export const samePartitionData = (a: FetchPartitionData, b: FetchPartitionData): boolean =>
  a.fetchOffset === b.fetchOffset &&
  a.maxBytes === b.maxBytes &&
  a.currentLeaderEpoch === b.currentLeaderEpoch &&
  a.topicId.equals(b.topicId)

/** @kafka org.apache.kafka.common.TopicIdPartition */
export interface TopicIdPartition {
  readonly topicId: Uuid
  readonly topicPartition: TopicPartition
}

export interface FetchRequestData {
  /** New and changed partitions, in the order in which they shall be served. */
  readonly toSend: ReadonlyTopicPartitionMap<FetchPartitionData>
  readonly toForget: readonly TopicIdPartition[]
  /**
   * Partitions whose topic was deleted and made again: the old id must be forgotten, from version
   * 13 on.
   */
  readonly toReplace: readonly TopicIdPartition[]
  /** All that the session holds from here on. */
  readonly sessionPartitions: ReadonlyTopicPartitionMap<FetchPartitionData>
  readonly metadata: FetchMetadata
  /** The id of every topic involved is known, so that the request may name topics by id. */
  readonly canUseTopicIds: boolean
}

export const describeFetchRequest = (data: FetchRequestData): string => {
  const list = (items: Iterable<unknown>): string => `(${[...items].join(', ')})`
  const ids = (items: readonly TopicIdPartition[]): string =>
    list(items.map(({ topicId, topicPartition }) => `${topicId}:${topicPartition}`))
  const toSend = `toSend=${list(data.toSend.keys())}`
  const canUseTopicIds = `canUseTopicIds=${data.canUseTopicIds}`
  if (data.metadata.isFull()) return `FullFetchRequest(${toSend}, ${canUseTopicIds})`
  const implied = [...data.sessionPartitions.keys()].filter((tp) => !data.toSend.has(tp))
  return (
    `IncrementalFetchRequest(${toSend}, toForget=${ids(data.toForget)}, ` +
    `toReplace=${ids(data.toReplace)}, implied=${list(implied)}, ${canUseTopicIds})`
  )
}
