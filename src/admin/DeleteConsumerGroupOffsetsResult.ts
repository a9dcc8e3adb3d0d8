/**
 * The outcome of `deleteConsumerGroupOffsets`, partition by partition.
 *
 * @kafka org.apache.kafka.clients.admin.DeleteConsumerGroupOffsetsResult
 */

import { IllegalArgumentException } from '../common/errors.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import type { ReadonlyTopicPartitionSet } from '../common/TopicPartitionSet.ts'
import type { PartitionErrors } from './internals/AlterConsumerGroupOffsetsHandler.ts'
import { type KafkaFutureImpl, observed } from './internals/KafkaFutureImpl.ts'

export class DeleteConsumerGroupOffsetsResult {
  private readonly future: KafkaFutureImpl<PartitionErrors>
  private readonly partitions: ReadonlyTopicPartitionSet

  constructor(future: KafkaFutureImpl<PartitionErrors>, partitions: ReadonlyTopicPartitionSet) {
    this.future = future
    this.partitions = partitions
  }

  /**
   * When the offset of this partition was deleted, or why it was not.
   *
   * @throws IllegalArgumentException for a partition that was not asked for
   */
  partitionResult(partition: TopicPartition): Promise<void> {
    if (!this.partitions.has(partition)) {
      throw new IllegalArgumentException(
        `Partition ${partition} was not included in the original request`,
      )
    }
    return observed(this.future.promise.then((errors) => check(errors, partition)))
  }

  /** When all were deleted; fails when one was not. */
  all(): Promise<void> {
    return observed(
      this.future.promise.then((errors) => {
        for (const partition of this.partitions) check(errors, partition)
      }),
    )
  }
}

const check = (errors: PartitionErrors, partition: TopicPartition): void => {
  const error = errors.get(partition)
  if (error === undefined) {
    throw new IllegalArgumentException(
      `Offset deletion result for partition '${partition}' was not included in the response`,
    )
  }
  error.maybeThrow()
}
