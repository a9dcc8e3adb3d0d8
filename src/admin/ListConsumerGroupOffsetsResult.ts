/**
 * The outcome of `listConsumerGroupOffsets`, group by group.
 *
 * @kafka org.apache.kafka.clients.admin.ListConsumerGroupOffsetsResult
 */

import { IllegalArgumentException, IllegalStateException } from '../common/errors.ts'
import type { ReadonlyTopicPartitionMap } from '../common/TopicPartitionMap.ts'
import type { OffsetAndMetadata } from '../consumer/OffsetAndMetadata.ts'
import { type KafkaFutureImpl, observed } from './internals/KafkaFutureImpl.ts'

/** By partition; `null` where the group was asked for and has committed nothing. */
export type CommittedOffsets = ReadonlyTopicPartitionMap<OffsetAndMetadata | null>

export class ListConsumerGroupOffsetsResult {
  private readonly futures: ReadonlyMap<string, KafkaFutureImpl<CommittedOffsets>>

  constructor(futures: ReadonlyMap<string, KafkaFutureImpl<CommittedOffsets>>) {
    this.futures = futures
  }

  /**
   * The offsets of one group.
   *
   * @param groupId may be left out when only one group was asked for
   * @throws IllegalStateException when it is left out, and there are several
   * @throws IllegalArgumentException for a group that was not asked for
   */
  partitionsToOffsetAndMetadata(groupId?: string): Promise<CommittedOffsets> {
    if (groupId === undefined && this.futures.size !== 1) {
      throw new IllegalStateException(
        'Offsets from multiple consumer groups were requested. ' +
          'Use partitionsToOffsetAndMetadata(groupId) to get those of one group.',
      )
    }
    const [only] = this.futures.keys()
    const future = this.futures.get(groupId ?? only!)
    if (future !== undefined) return future.promise
    throw new IllegalArgumentException(
      `Offsets for consumer group '${groupId}' were not requested. ` +
        `Requested were: ${[...this.futures.keys()].join(', ')}`,
    )
  }

  /** All of them; fails when those of one group could not be had. */
  all(): Promise<Map<string, CommittedOffsets>> {
    const entries = Array.from(
      this.futures,
      async ([groupId, { promise }]) => [groupId, await promise] as const,
    )
    return observed(Promise.all(entries).then((offsets) => new Map(offsets)))
  }
}
