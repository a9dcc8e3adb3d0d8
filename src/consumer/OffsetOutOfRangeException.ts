/**
 * The log no longer has, or not yet has, the offset that was asked for, and `auto.offset.reset` is
 * `none`.
 *
 * The broker's own error of this name, on the wire, lives with the other errors of the protocol;
 * this one is what a caller of `poll` sees, and it knows the offsets.
 *
 * @kafka org.apache.kafka.clients.consumer.OffsetOutOfRangeException
 */

import type { TopicPartition } from '../common/TopicPartition.ts'
import type { ReadonlyTopicPartitionMap } from '../common/TopicPartitionMap.ts'
import { InvalidOffsetException } from './InvalidOffsetException.ts'

export class OffsetOutOfRangeException extends InvalidOffsetException {
  /** The partitions, each with the offset that was refused. */
  readonly offsetOutOfRangePartitions: ReadonlyTopicPartitionMap<number>

  constructor(message: string, offsetOutOfRangePartitions: ReadonlyTopicPartitionMap<number>) {
    super(message)
    this.offsetOutOfRangePartitions = offsetOutOfRangePartitions
  }

  override partitions(): readonly TopicPartition[] {
    return [...this.offsetOutOfRangePartitions.keys()]
  }
}
