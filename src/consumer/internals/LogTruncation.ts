/**
 * The log was cut before our position: what was read there is gone.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.SubscriptionState.LogTruncation
 */

import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { OffsetAndMetadata } from '../OffsetAndMetadata.ts'
import type { FetchPosition } from './FetchPosition.ts'

export interface LogTruncation {
  readonly topicPartition: TopicPartition
  /** The position that no longer holds. */
  readonly fetchPosition: FetchPosition
  /** The first offset known to differ; `null` when the broker could not say. */
  readonly divergentOffset: OffsetAndMetadata | null
}
