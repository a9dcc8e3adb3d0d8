/**
 * What a program may give to `commitAsync`, to be called once with the outcome.
 *
 * It is called by a later `poll`, `commitSync`, `commitAsync` or `close` of the same consumer,
 * never in between, and in the order in which the outcomes came. What it throws reaches the caller
 * of that method.
 *
 * @param offsets what was to be committed
 * @param error `null` when it is; a `RetriableCommitFailedException` when committing the newest
 *   offsets may succeed
 *
 * @kafka org.apache.kafka.clients.consumer.OffsetCommitCallback
 */

import type { ReadonlyTopicPartitionMap } from '../common/TopicPartitionMap.ts'
import type { OffsetAndMetadata } from './OffsetAndMetadata.ts'

export type OffsetCommitCallback = (
  offsets: ReadonlyTopicPartitionMap<OffsetAndMetadata>,
  error: Error | null,
) => void
