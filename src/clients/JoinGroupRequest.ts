/**
 * The request to become, or to stay, a member of a group; and the words that all group requests
 * share.
 *
 * @kafka org.apache.kafka.common.requests.JoinGroupRequest
 */

import {
  InvalidConfigurationException,
  UnsupportedVersionException,
} from '../common/errors/ApiExceptions.ts'
import { Topic } from '../common/Topic.ts'
import { ApiKeys } from '../protocol/ApiKeys.ts'
import type { JoinGroupRequestInput } from '../protocol/messages/JoinGroup.ts'
import { type RequestBuilder, requestBuilder } from './RequestBuilder.ts'

/** The id of a member that the coordinator has not named yet. */
export const UNKNOWN_MEMBER_ID = ''
/** The round of one who is in none. */
export const UNKNOWN_GENERATION_ID = -1

/** Static members are known from this version on (KIP-345). */
const FIRST_VERSION_WITH_STATIC_MEMBERS = 5
/** What the coordinator keeps and shows of a reason (KIP-800), in characters. */
const LONGEST_REASON = 255

export const joinGroupRequest = (
  data: JoinGroupRequestInput,
): RequestBuilder<typeof ApiKeys.JOIN_GROUP> =>
  requestBuilder(ApiKeys.JOIN_GROUP, (version) => {
    if ((data.groupInstanceId ?? null) !== null && version < FIRST_VERSION_WITH_STATIC_MEMBERS) {
      throw new UnsupportedVersionException(
        `The broker speaks version ${version} of JoinGroup, which does not know static members: ` +
          'unset group.instance.id, or upgrade the broker.',
      )
    }
    return data
  })

/** A reason for joining or leaving, cut to what the broker takes. */
export const maybeTruncateReason = (reason: string): string => reason.slice(0, LONGEST_REASON)

/** @throws InvalidConfigurationException for a name that no topic could have either */
export const validateGroupInstanceId = (id: string): void => {
  const reason = Topic.detectInvalidName(id)
  if (reason !== null) {
    throw new InvalidConfigurationException(`Group instance id is invalid: ${reason}`)
  }
}
