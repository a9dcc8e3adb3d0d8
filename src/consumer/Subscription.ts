/**
 * What one member of a group wants, and what it has: it says so with every JoinGroup, and the
 * leader assigns by it.
 *
 *     topics            what the member subscribed to
 *     userData          a note of the assignor's own, such as the sticky assignor's memory
 *     ownedPartitions   what it reads at this moment; none under the eager protocol
 *     generationId      the generation in which it got them
 *     rackId            where it stands (`client.rack`)
 *     groupInstanceId   who it is across restarts (`group.instance.id`): not among the bytes, the
 *                       coordinator tells the leader
 *
 * @kafka org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription
 */

import type { TopicPartition } from '../common/TopicPartition.ts'

export interface SubscriptionOptions {
  /** Default `null`: none. Empty bytes are something else, and stay empty bytes. */
  readonly userData?: Uint8Array | null
  /** Default none. */
  readonly ownedPartitions?: readonly TopicPartition[]
  /** Default -1; below 0 means that the member has no generation yet. */
  readonly generationId?: number
  /** Default `null`. */
  readonly rackId?: string | null
  /** Default `null`: a dynamic member. */
  readonly groupInstanceId?: string | null
}

export class Subscription {
  readonly topics: readonly string[]
  readonly userData: Uint8Array | null
  readonly ownedPartitions: readonly TopicPartition[]
  /** `null`: none yet, or a member whose version of the protocol cannot say. */
  readonly generationId: number | null
  readonly rackId: string | null
  private instanceId: string | null

  constructor(topics: readonly string[], options: SubscriptionOptions = {}) {
    const generationId = options.generationId ?? -1
    this.topics = topics
    this.userData = options.userData ?? null
    this.ownedPartitions = options.ownedPartitions ?? []
    this.generationId = generationId < 0 ? null : generationId
    this.rackId = options.rackId ?? null
    this.instanceId = options.groupInstanceId ?? null
  }

  get groupInstanceId(): string | null {
    return this.instanceId
  }

  /** The leader puts in what the coordinator told it; see this file's head. */
  setGroupInstanceId(groupInstanceId: string | null): void {
    this.instanceId = groupInstanceId
  }

  toString(): string {
    const userData = this.userData === null ? '' : `, userDataSize=${this.userData.length}`
    return (
      `Subscription(topics=[${this.topics.join(', ')}]${userData}, ` +
      `ownedPartitions=[${this.ownedPartitions.join(', ')}], ` +
      `groupInstanceId=${this.groupInstanceId}, generationId=${this.generationId ?? -1}, ` +
      `rackId=${this.rackId})`
    )
  }
}
