/**
 * Orders of topics, partitions and members. Texts compare by UTF-16 units, as in Java: what leaders
 * of two languages sort comes out the same.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.Utils
 */

import type { TopicPartition } from '../../common/TopicPartition.ts'

export const compareStrings = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** By topic, then by number. */
export const compareTopicPartitions = (a: TopicPartition, b: TopicPartition): number =>
  compareStrings(a.topic, b.topic) || a.partition - b.partition
