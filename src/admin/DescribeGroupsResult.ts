/**
 * The outcome of `describeConsumerGroups` and `describeClassicGroups`, group by group.
 *
 * @kafka org.apache.kafka.clients.admin.DescribeConsumerGroupsResult
 * @kafka org.apache.kafka.clients.admin.DescribeClassicGroupsResult
 * @simplified one class for both.
 */

import { type KafkaFutureImpl, observed, promisesOf } from './internals/KafkaFutureImpl.ts'

export class DescribeGroupsResult<D> {
  private readonly futures: ReadonlyMap<string, KafkaFutureImpl<D>>

  constructor(futures: ReadonlyMap<string, KafkaFutureImpl<D>>) {
    this.futures = futures
  }

  describedGroups(): Map<string, Promise<D>> {
    return promisesOf(this.futures)
  }

  /** All of them; fails when one could not be described. */
  all(): Promise<Map<string, D>> {
    const entries = Array.from(
      this.futures,
      async ([groupId, { promise }]) => [groupId, await promise] as const,
    )
    return observed(Promise.all(entries).then((described) => new Map(described)))
  }
}
