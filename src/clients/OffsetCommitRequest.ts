/**
 * The request that stores how far a group has come.
 *
 * @kafka org.apache.kafka.common.requests.OffsetCommitRequest
 */

import { UnsupportedVersionException } from '../common/errors/ApiExceptions.ts'
import { ApiKeys } from '../protocol/ApiKeys.ts'
import type { OffsetCommitRequestInput } from '../protocol/messages/OffsetCommit.ts'
import { type RequestBuilder, requestBuilder } from './RequestBuilder.ts'

/** Static members are known from this version on (KIP-345). */
const FIRST_VERSION_WITH_STATIC_MEMBERS = 7
/** From the next version on topics go by id. */
const LAST_VERSION_WITH_TOPIC_NAMES = 9

/** Commits for topics by name, as a consumer knows them. */
export const offsetCommitRequestForTopicNames = (
  data: OffsetCommitRequestInput,
): RequestBuilder<typeof ApiKeys.OFFSET_COMMIT> =>
  requestBuilder(
    ApiKeys.OFFSET_COMMIT,
    (version) => {
      if ((data.groupInstanceId ?? null) !== null && version < FIRST_VERSION_WITH_STATIC_MEMBERS) {
        throw new UnsupportedVersionException(
          `The broker speaks version ${version} of OffsetCommit, which does not know static ` +
            'members: unset group.instance.id, or upgrade the broker.',
        )
      }
      return data
    },
    { latest: LAST_VERSION_WITH_TOPIC_NAMES },
  )
