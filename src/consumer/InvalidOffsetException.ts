/**
 * A partition has no usable offset, and no reset policy says where to go: the caller must decide
 * with `seek`.
 *
 * @kafka org.apache.kafka.clients.consumer.InvalidOffsetException
 */

import { KafkaException } from '../common/errors.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'

export abstract class InvalidOffsetException extends KafkaException {
  /** The partitions that need a `seek`. */
  abstract partitions(): readonly TopicPartition[]
}
