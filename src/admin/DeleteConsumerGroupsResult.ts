/**
 * The outcome of `deleteConsumerGroups`, group by group.
 *
 * @kafka org.apache.kafka.clients.admin.DeleteConsumerGroupsResult
 */

import { allOf, type KafkaFutureImpl, promisesOf } from './internals/KafkaFutureImpl.ts'

export class DeleteConsumerGroupsResult {
  private readonly futures: ReadonlyMap<string, KafkaFutureImpl<void>>

  constructor(futures: ReadonlyMap<string, KafkaFutureImpl<void>>) {
    this.futures = futures
  }

  deletedGroups(): Map<string, Promise<void>> {
    return promisesOf(this.futures)
  }

  /** When all were deleted; fails when one was not. */
  all(): Promise<void> {
    return allOf(this.deletedGroups().values())
  }
}
