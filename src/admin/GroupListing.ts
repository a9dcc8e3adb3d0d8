/**
 * A group in a list.
 *
 * @kafka org.apache.kafka.clients.admin.GroupListing
 * @kafka org.apache.kafka.clients.admin.ConsumerGroupListing
 * @simplified plain objects.
 */

import type { GroupState, GroupType } from './GroupState.ts'

export interface GroupListing {
  readonly groupId: string
  /** `null` when the broker is too old to say. */
  readonly type: GroupType | null
  /** `consumer`, `connect`, …; empty when nobody has ever joined. */
  readonly protocol: string
  /** `null` when the broker is too old to say. */
  readonly groupState: GroupState | null
  /** It has committed offsets, but its members assign partitions by themselves. */
  readonly isSimpleConsumerGroup: boolean
}

export interface ConsumerGroupListing {
  readonly groupId: string
  readonly isSimpleConsumerGroup: boolean
  readonly groupState: GroupState | null
  readonly type: GroupType | null
}
