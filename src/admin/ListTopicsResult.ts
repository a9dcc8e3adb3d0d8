/**
 * The outcome of `listTopics`.
 *
 * @kafka org.apache.kafka.clients.admin.ListTopicsResult
 */

import { type KafkaFutureImpl, observed } from './internals/KafkaFutureImpl.ts'
import type { TopicListing } from './TopicDescription.ts'

export class ListTopicsResult {
  private readonly future: KafkaFutureImpl<Map<string, TopicListing>>

  constructor(future: KafkaFutureImpl<Map<string, TopicListing>>) {
    this.future = future
  }

  namesToListings(): Promise<Map<string, TopicListing>> {
    return this.future.promise
  }

  listings(): Promise<TopicListing[]> {
    return observed(this.future.promise.then((topics) => [...topics.values()]))
  }

  names(): Promise<Set<string>> {
    return observed(this.future.promise.then((topics) => new Set(topics.keys())))
  }
}
