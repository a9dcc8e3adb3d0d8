/**
 * The outcome of `listGroups`: what the brokers that answered know, and why the others did not.
 *
 * @kafka org.apache.kafka.clients.admin.ListGroupsResult
 * @kafka org.apache.kafka.clients.admin.ListConsumerGroupsResult
 * @simplified one class for both.
 */

import { type KafkaFutureImpl, observed } from './internals/KafkaFutureImpl.ts'
import type { ListGroupsResults } from './internals/ListGroupsCall.ts'

export class ListGroupsResult<G> {
  private readonly future: KafkaFutureImpl<ListGroupsResults<G>>

  constructor(future: KafkaFutureImpl<ListGroupsResults<G>>) {
    this.future = future
  }

  /** All groups; fails when a broker could not be asked. */
  all(): Promise<readonly G[]> {
    return observed(
      this.future.promise.then(({ groups, errors }) => {
        if (errors[0] !== undefined) throw errors[0]
        return groups
      }),
    )
  }

  /** The groups of the brokers that answered. Never fails. */
  valid(): Promise<readonly G[]> {
    return observed(this.future.promise.then(({ groups }) => groups))
  }

  /** Why the others did not. Never fails. */
  errors(): Promise<readonly Error[]> {
    return observed(this.future.promise.then(({ errors }) => errors))
  }
}
