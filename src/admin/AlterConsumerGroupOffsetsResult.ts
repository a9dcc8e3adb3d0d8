/**
 * The outcome of `alterConsumerGroupOffsets`, partition by partition.
 *
 * @kafka org.apache.kafka.clients.admin.AlterConsumerGroupOffsetsResult
 */

import { IllegalArgumentException } from '../common/errors.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import type { PartitionErrors } from './internals/AlterConsumerGroupOffsetsHandler.ts'
import { type KafkaFutureImpl, observed } from './internals/KafkaFutureImpl.ts'

export class AlterConsumerGroupOffsetsResult {
  private readonly future: KafkaFutureImpl<PartitionErrors>

  constructor(future: KafkaFutureImpl<PartitionErrors>) {
    this.future = future
  }

  /** When the offset of this partition was altered, or why it was not. */
  partitionResult(partition: TopicPartition): Promise<void> {
    return observed(
      this.future.promise.then((errors) => {
        const error = errors.get(partition)
        if (error === undefined) {
          throw new IllegalArgumentException(
            `Alter offset for partition '${partition}' was not attempted`,
          )
        }
        error.maybeThrow()
      }),
    )
  }

  /** When all were altered; fails when one was not. */
  all(): Promise<void> {
    return observed(
      this.future.promise.then((errors) => {
        const failed = [...errors].filter(([, error]) => error.exceptionClass !== null)
        const partitions = failed.map(([partition]) => partition).join(', ')
        for (const [, error] of failed) {
          error.maybeThrow(
            `Failed altering group offsets for the following partitions: ${partitions}. ` +
              error.message,
          )
        }
      }),
    )
  }
}
