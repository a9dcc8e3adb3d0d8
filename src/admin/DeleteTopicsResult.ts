/**
 * The outcome of `deleteTopics`, topic by topic.
 *
 * @kafka org.apache.kafka.clients.admin.DeleteTopicsResult
 */

import { allOf, type KafkaFutureImpl, promisesOf } from './internals/KafkaFutureImpl.ts'

export class DeleteTopicsResult {
  private readonly futures: ReadonlyMap<string, KafkaFutureImpl<void>>

  constructor(futures: ReadonlyMap<string, KafkaFutureImpl<void>>) {
    this.futures = futures
  }

  /** By the name, or by the text of the id, as the topics were given. */
  values(): Map<string, Promise<void>> {
    return promisesOf(this.futures)
  }

  /** When all were deleted; fails when one was not. */
  all(): Promise<void> {
    return allOf(this.values().values())
  }
}
