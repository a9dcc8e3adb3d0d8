/**
 * One error as the answer to a whole commit or fetch of offsets.
 *
 * @kafka org.apache.kafka.common.requests.OffsetCommitRequest (getErrorResponse)
 * @kafka org.apache.kafka.common.requests.OffsetFetchResponse (groupError)
 */

import type { WireError } from '../../protocol/Errors.ts'
import type {
  OffsetCommitRequestData,
  OffsetCommitResponseInput,
} from '../../protocol/messages/OffsetCommit.ts'
import type { OffsetFetchRequestGroup } from '../../protocol/messages/OffsetFetch.ts'
import type { FetchedGroup } from './fetchedOffsets.ts'

/** Since this version a fetch has a place for an error that concerns all of it. */
const TOP_LEVEL_ERROR_AND_NULL_TOPICS_MIN_VERSION = 2

/** A commit has no such place: every partition says it. */
export const offsetCommitError = (
  { topics }: OffsetCommitRequestData,
  { code }: WireError,
): OffsetCommitResponseInput => ({
  topics: topics.map(({ topicId, name, partitions }) => ({
    topicId,
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code })),
  })),
})

export const offsetFetchError = (
  { groupId, topics }: OffsetFetchRequestGroup,
  { code }: WireError,
  version: number,
): FetchedGroup =>
  version >= TOP_LEVEL_ERROR_AND_NULL_TOPICS_MIN_VERSION
    ? { groupId, errorCode: code }
    : {
        groupId,
        topics: (topics ?? []).map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => ({
            partitionIndex,
            errorCode: code,
            committedOffset: -1,
            committedLeaderEpoch: -1,
            metadata: '',
          })),
        })),
      }
