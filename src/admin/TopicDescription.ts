/**
 * A topic and its partitions, as the brokers tell them.
 *
 * @kafka org.apache.kafka.clients.admin.TopicDescription
 * @kafka org.apache.kafka.clients.admin.TopicListing
 * @kafka org.apache.kafka.common.TopicPartitionInfo
 */

import type { Node } from '../common/Node.ts'
import type { Uuid } from '../common/Uuid.ts'
import type { AclOperation } from './AclOperation.ts'

/** A topic in a list. */
export interface TopicListing {
  readonly name: string
  readonly topicId: Uuid
  /** One of Kafka's own, such as `__consumer_offsets`. */
  readonly isInternal: boolean
}

export interface TopicPartitionInfo {
  readonly partition: number
  /** `null` while there is none. */
  readonly leader: Node | null
  /** The preferred leader first. */
  readonly replicas: readonly Node[]
  /** In sync. */
  readonly isr: readonly Node[]
  /**
   * Not in sync, but may be elected without loss (KIP-966); `null` when the broker does not say.
   */
  readonly elr: readonly Node[] | null
  readonly lastKnownElr: readonly Node[] | null
}

export interface TopicDescription extends TopicListing {
  /** By rising number. */
  readonly partitions: readonly TopicPartitionInfo[]
  /** `null` when it was not asked for, or the broker does not say. */
  readonly authorizedOperations: ReadonlySet<AclOperation> | null
}
