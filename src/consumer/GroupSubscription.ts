/**
 * What all members of a group want, by member id: what `assign` starts from.
 *
 * @kafka org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription
 */

import type { Subscription } from './Subscription.ts'

export class GroupSubscription {
  private readonly subscriptions: ReadonlyMap<string, Subscription>

  constructor(subscriptions: ReadonlyMap<string, Subscription>) {
    this.subscriptions = subscriptions
  }

  groupSubscription(): ReadonlyMap<string, Subscription> {
    return this.subscriptions
  }

  toString(): string {
    const members = Array.from(this.subscriptions, ([id, wants]) => `${id}=${wants}`)
    return `GroupSubscription(subscriptions={${members.join(', ')}})`
  }
}
