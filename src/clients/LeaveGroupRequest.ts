/**
 * Members leave their group: one per request up to version 2, a list from 3 on.
 *
 * @kafka org.apache.kafka.common.requests.LeaveGroupRequest.Builder
 * @kafka org.apache.kafka.common.requests.LeaveGroupResponse
 */

import { UnsupportedVersionException } from '../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../common/errors.ts'
import { ApiKeys } from '../protocol/ApiKeys.ts'
import { Errors } from '../protocol/Errors.ts'
import type {
  LeaveGroupRequestInput,
  LeaveGroupResponseData,
} from '../protocol/messages/LeaveGroup.ts'
import { type RequestBuilder, requestBuilder } from './RequestBuilder.ts'

export type LeavingMember = NonNullable<LeaveGroupRequestInput['members']>[number]

const FIRST_VERSION_WITH_LISTS = 3

/** @param members who leaves, at least one */
export const leaveGroupRequest = (
  groupId: string,
  members: readonly LeavingMember[],
): RequestBuilder<typeof ApiKeys.LEAVE_GROUP> => {
  const [first] = members
  if (first === undefined) throw new IllegalArgumentException('Nobody leaves the group: no members')
  return requestBuilder(ApiKeys.LEAVE_GROUP, (version) => {
    if (version >= FIRST_VERSION_WITH_LISTS) return { groupId, members: [...members] }
    if (members.length === 1) return { groupId, memberId: first.memberId ?? '' }
    throw new UnsupportedVersionException(
      `The broker speaks version ${version} of LeaveGroup, which lets one member go, not ` +
        `${members.length}.`,
    )
  })
}

/** What went wrong as a whole, or else with the first member with whom something did. */
export const leaveGroupErrorOf = (response: LeaveGroupResponseData): Errors => {
  const topLevel = Errors.forCode(response.errorCode)
  if (topLevel !== Errors.NONE) return topLevel
  const failed = response.members.find(({ errorCode }) => errorCode !== Errors.NONE.code)
  return failed === undefined ? Errors.NONE : Errors.forCode(failed.errorCode)
}
