/** The numbers of partitions by their topics, as requests have them, in the order given. */

import type { TopicPartition } from '../../common/TopicPartition.ts'

export const partitionsByTopic = (partitions: Iterable<TopicPartition>): Map<string, number[]> => {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of partitions) {
    const numbers = topics.get(topic)
    if (numbers === undefined) topics.set(topic, [partition])
    else numbers.push(partition)
  }
  return topics
}
