/**
 * What to do when a fetch went to the wrong broker.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.FetchUtils
 */

import type { Metadata } from '../../clients/Metadata.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

/**
 * We asked a broker that is not, or no longer, the one to ask: look again who is, and go back to
 * the leader.
 */
export const requestMetadataUpdate = (
  metadata: Metadata,
  subscriptions: SubscriptionState,
  partition: TopicPartition,
): void => {
  metadata.requestUpdate(false)
  subscriptions.clearPreferredReadReplica(partition)
}
