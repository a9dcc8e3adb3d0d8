/**
 * A partition has no position to start from, and `auto.offset.reset` is `none`.
 *
 * @kafka org.apache.kafka.clients.consumer.NoOffsetForPartitionException
 */

import type { TopicPartition } from '../common/TopicPartition.ts'
import { InvalidOffsetException } from './InvalidOffsetException.ts'

export class NoOffsetForPartitionException extends InvalidOffsetException {
  private readonly undefinedPartitions: readonly TopicPartition[]

  constructor(partitions: readonly TopicPartition[]) {
    super(
      `Undefined offset with no reset policy for partitions: [${partitions.join(', ')}]. ` +
        "Seek to an offset, or set 'auto.offset.reset' to earliest, latest or by_duration:<…>.",
    )
    this.undefinedPartitions = partitions
  }

  override partitions(): readonly TopicPartition[] {
    return this.undefinedPartitions
  }
}
