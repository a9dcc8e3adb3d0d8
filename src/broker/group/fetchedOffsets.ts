/**
 * What a fetch of committed offsets is answered, partition by partition.
 *
 * @kafka org.apache.kafka.common.requests.OffsetFetchResponse (INVALID_OFFSET)
 */

import { Errors } from '../../protocol/Errors.ts'
import type { OffsetFetchResponseInput } from '../../protocol/messages/OffsetFetch.ts'
import type { OffsetAndMetadata } from './OffsetAndMetadata.ts'

export type FetchedGroup = NonNullable<OffsetFetchResponseInput['groups']>[number]
export type FetchedTopic = NonNullable<FetchedGroup['topics']>[number]
type FetchedPartition = NonNullable<FetchedTopic['partitions']>[number]

const INVALID_OFFSET = -1

/** @param offset `undefined`: nothing was committed, which is no error */
export const fetchedPartition = (
  partitionIndex: number,
  offset: OffsetAndMetadata | undefined,
): FetchedPartition => ({
  partitionIndex,
  committedOffset: offset?.committedOffset ?? INVALID_OFFSET,
  committedLeaderEpoch: offset?.leaderEpoch ?? -1,
  metadata: offset?.metadata ?? '',
  errorCode: Errors.NONE.code,
})

/** A transaction is open that may change it: ask again. */
export const unstableOffset = (partitionIndex: number): FetchedPartition => ({
  ...fetchedPartition(partitionIndex, undefined),
  errorCode: Errors.UNSTABLE_OFFSET_COMMIT.code,
})
