/**
 * The question where a group, or several, stopped reading.
 *
 * Version 8 put everything one level down, to ask about many groups at once. Here the new form is
 * the only one; for an old broker it is turned into the old one at the last moment, and
 * `offsetFetchResponseGroup` turns the old answer into the new form.
 *
 * @kafka org.apache.kafka.common.requests.OffsetFetchRequest
 * @kafka org.apache.kafka.common.requests.OffsetFetchResponse
 */

import { UnsupportedVersionException } from '../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../common/errors.ts'
import { Uuid } from '../common/Uuid.ts'
import { ApiKeys } from '../protocol/ApiKeys.ts'
import { Errors } from '../protocol/Errors.ts'
import type {
  OffsetFetchRequestInput,
  OffsetFetchResponseData,
  OffsetFetchResponseGroup,
} from '../protocol/messages/OffsetFetch.ts'
import { type RequestBuilder, requestBuilder } from './RequestBuilder.ts'

/** From here on a response has an error of its own, and a request can ask for all partitions. */
const TOP_LEVEL_ERROR_AND_NULL_TOPICS_MIN_VERSION = 2
const REQUIRE_STABLE_OFFSET_MIN_VERSION = 7
const BATCH_MIN_VERSION = 8
/** From here on topics go by id. */
const TOPIC_ID_MIN_VERSION = 10

/** Several groups, and a broker that takes one at a time: ask for each by itself. */
export class NoBatchedOffsetFetchRequestException extends UnsupportedVersionException {}

export interface OffsetFetchOptions {
  /** `topics: null` asks for all partitions that the group has committed. */
  readonly groups: NonNullable<OffsetFetchRequestInput['groups']>
  /** Whether an open transaction over an offset is a (retriable) error. */
  readonly requireStable: boolean
  /**
   * Whether a broker that knows nothing of `requireStable` is an error; else it is not asked for.
   */
  readonly throwOnFetchStableOffsetsUnsupported: boolean
}

/** Asks for topics by name. */
export const offsetFetchRequestForTopicNames = (
  options: OffsetFetchOptions,
): RequestBuilder<typeof ApiKeys.OFFSET_FETCH> =>
  requestBuilder(
    ApiKeys.OFFSET_FETCH,
    (version) => {
      checkVersion(options, version)
      const requireStable = options.requireStable && version >= REQUIRE_STABLE_OFFSET_MIN_VERSION
      const { groups } = options
      if (version >= BATCH_MIN_VERSION) return { groups, requireStable }
      const { groupId = '', topics } = groups[0] ?? {}
      const oldTopics =
        topics?.map(({ name = '', partitionIndexes = [] }) => ({ name, partitionIndexes })) ?? null
      return { groupId, topics: oldTopics, requireStable }
    },
    { latest: TOPIC_ID_MIN_VERSION - 1 },
  )

const checkVersion = (options: OffsetFetchOptions, version: number): void => {
  const cannot = (what: string, minVersion: number): UnsupportedVersionException =>
    new UnsupportedVersionException(
      `The broker speaks version ${version} of OffsetFetch, which cannot ${what}; version ` +
        `${minVersion} can.`,
    )
  if (options.groups.length > 1 && version < BATCH_MIN_VERSION) {
    const { message } = cannot('ask about several groups at once', BATCH_MIN_VERSION)
    throw new NoBatchedOffsetFetchRequestException(message)
  }
  const { requireStable, throwOnFetchStableOffsetsUnsupported: strict } = options
  if (requireStable && strict && version < REQUIRE_STABLE_OFFSET_MIN_VERSION) {
    throw cannot('wait for open transactions', REQUIRE_STABLE_OFFSET_MIN_VERSION)
  }
  const asksForAll = options.groups.some(({ topics }) => topics === null)
  if (asksForAll && version < TOP_LEVEL_ERROR_AND_NULL_TOPICS_MIN_VERSION) {
    throw cannot('ask for all partitions', TOP_LEVEL_ERROR_AND_NULL_TOPICS_MIN_VERSION)
  }
}

/**
 * What a response says about one group, whatever its version.
 *
 * @throws IllegalArgumentException when it says nothing about this group
 */
export const offsetFetchResponseGroup = (
  response: OffsetFetchResponseData,
  version: number,
  groupId: string,
): OffsetFetchResponseGroup => {
  if (version < BATCH_MIN_VERSION) return oldResponseGroup(response, version, groupId)
  const group = response.groups.find((candidate) => candidate.groupId === groupId)
  if (group === undefined) {
    throw new IllegalArgumentException(`Group ${groupId} not found in the OffsetFetch response`)
  }
  return group
}

const oldResponseGroup = (
  response: OffsetFetchResponseData,
  version: number,
  groupId: string,
): OffsetFetchResponseGroup => {
  const errorCode =
    version < TOP_LEVEL_ERROR_AND_NULL_TOPICS_MIN_VERSION
      ? groupErrorAmongPartitions(response)
      : response.errorCode
  const topics = errorCode !== Errors.NONE.code ? [] : response.topics
  return {
    groupId,
    errorCode,
    topics: topics.map((topic) => ({ ...topic, topicId: Uuid.ZERO_UUID })),
    unknownTaggedFields: [],
  }
}

/** Version 1 has no other place to say that the group is not here. */
const groupErrorAmongPartitions = (response: OffsetFetchResponseData): number => {
  for (const { partitions } of response.topics) {
    for (const { errorCode } of partitions) {
      const error = Errors.forCode(errorCode)
      const isOfPartition =
        error === Errors.UNKNOWN_TOPIC_OR_PARTITION || error === Errors.TOPIC_AUTHORIZATION_FAILED
      if (error !== Errors.NONE && !isOfPartition) return errorCode
    }
  }
  return Errors.NONE.code
}
