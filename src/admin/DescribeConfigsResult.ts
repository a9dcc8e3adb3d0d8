/**
 * The outcome of `describeConfigs`, resource by resource.
 *
 * @kafka org.apache.kafka.clients.admin.DescribeConfigsResult
 */

import type { Config } from './Config.ts'
import type { ConfigResource } from './ConfigResource.ts'
import { type KafkaFutureImpl, observed, promisesOf } from './internals/KafkaFutureImpl.ts'

export class DescribeConfigsResult {
  private readonly futures: ReadonlyMap<ConfigResource, KafkaFutureImpl<Config>>

  constructor(futures: ReadonlyMap<ConfigResource, KafkaFutureImpl<Config>>) {
    this.futures = futures
  }

  /** By the objects that were given. */
  values(): Map<ConfigResource, Promise<Config>> {
    return promisesOf(this.futures)
  }

  /** All of them; fails when one could not be described. */
  all(): Promise<Map<ConfigResource, Config>> {
    const entries = Array.from(
      this.futures,
      async ([resource, { promise }]) => [resource, await promise] as const,
    )
    return observed(Promise.all(entries).then((described) => new Map(described)))
  }
}
