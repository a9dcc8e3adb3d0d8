/**
 * A regular expression for topics that the broker matches, in the syntax of RE2/J.
 *
 * Only the next group protocol (KIP-848, `group.protocol=consumer`) knows it: there the broker
 * decides who gets what, so it is the broker that has to find the topics. With the classic protocol
 * the consumer matches a JavaScript `RegExp` itself.
 *
 * @kafka org.apache.kafka.clients.consumer.SubscriptionPattern
 */
export class SubscriptionPattern {
  readonly pattern: string

  constructor(pattern: string) {
    this.pattern = pattern
  }

  equals(other: SubscriptionPattern): boolean {
    return this.pattern === other.pattern
  }

  toString(): string {
    return this.pattern
  }
}
