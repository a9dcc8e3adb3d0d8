/**
 * Which offsets of a group are asked for.
 *
 * @kafka org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec
 * @simplified a plain object.
 */

import type { TopicPartition } from '../common/TopicPartition.ts'

export interface ListConsumerGroupOffsetsSpec {
  /** Default: every partition that the group has committed. */
  readonly topicPartitions?: readonly TopicPartition[]
}
