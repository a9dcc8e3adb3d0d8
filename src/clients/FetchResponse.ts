/**
 * A fetch response, read: topic ids turned back into names, so that data can be found by partition.
 *
 * Since version 13 a response names topics by id. What the ids mean the session knows
 * (`FetchSessionHandler`), because it was the request that chose them; data under an id that nobody
 * asked for is left out here, and found out there.
 *
 * @kafka org.apache.kafka.common.requests.FetchResponse
 */

import { TopicPartition } from '../common/TopicPartition.ts'
import { TopicPartitionMap } from '../common/TopicPartitionMap.ts'
import { Errors, type WireError } from '../protocol/Errors.ts'
import type { FetchResponseData } from '../protocol/messages/Fetch.ts'

/** One partition of a fetch response. */
export type FetchedPartitionData = FetchResponseData['responses'][number]['partitions'][number]

/** From here on topics have ids instead of names. */
export const FIRST_VERSION_WITH_TOPIC_IDS = 13

export class FetchResponse {
  readonly data: FetchResponseData
  readonly version: number

  /** @param version the version that the request was sent in */
  constructor(data: FetchResponseData, version: number) {
    this.data = data
    this.version = version
  }

  /** What is wrong with the request as a whole; a partition has its own. */
  get error(): WireError {
    return Errors.forCode(this.data.errorCode)
  }

  get sessionId(): number {
    return this.data.sessionId
  }

  get throttleTimeMs(): number {
    return this.data.throttleTimeMs
  }

  /**
   * The partitions of this response, in its order.
   *
   * @param topicNames names by the text of their ids
   */
  responseData(topicNames: ReadonlyMap<string, string>): TopicPartitionMap<FetchedPartitionData> {
    const byPartition = new TopicPartitionMap<FetchedPartitionData>()
    for (const { topic, topicId, partitions } of this.data.responses) {
      const name = this.usesTopicIds() ? topicNames.get(topicId.toString()) : topic
      if (name === undefined) continue
      for (const partition of partitions) {
        byPartition.set(new TopicPartition(name, partition.partitionIndex), partition)
      }
    }
    return byPartition
  }

  /** The texts of all topic ids that occur; empty for a response that names topics. */
  topicIds(): ReadonlySet<string> {
    if (!this.usesTopicIds()) return new Set()
    return new Set(this.data.responses.map((topic) => topic.topicId.toString()))
  }

  private usesTopicIds(): boolean {
    return this.version >= FIRST_VERSION_WITH_TOPIC_IDS
  }
}

/** Bytes of records that came for this partition. */
export const recordsSize = (partition: FetchedPartitionData): number =>
  partition.records?.length ?? 0
