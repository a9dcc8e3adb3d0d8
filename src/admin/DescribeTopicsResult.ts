/**
 * The outcome of `describeTopics`, topic by topic.
 *
 * @kafka org.apache.kafka.clients.admin.DescribeTopicsResult
 */

import { type KafkaFutureImpl, observed, promisesOf } from './internals/KafkaFutureImpl.ts'
import type { TopicDescription } from './TopicDescription.ts'

export class DescribeTopicsResult {
  private readonly futures: ReadonlyMap<string, KafkaFutureImpl<TopicDescription>>

  constructor(futures: ReadonlyMap<string, KafkaFutureImpl<TopicDescription>>) {
    this.futures = futures
  }

  /** By the name, or by the text of the id, as the topics were given. */
  values(): Map<string, Promise<TopicDescription>> {
    return promisesOf(this.futures)
  }

  /** All of them; fails when one could not be described. */
  all(): Promise<Map<string, TopicDescription>> {
    const entries = Array.from(
      this.futures,
      async ([topic, { promise }]) => [topic, await promise] as const,
    )
    return observed(Promise.all(entries).then((described) => new Map(described)))
  }
}
