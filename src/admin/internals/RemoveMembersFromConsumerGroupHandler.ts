/**
 * Takes members out of a group, so that the others need not wait for their sessions to end.
 *
 * @kafka org.apache.kafka.clients.admin.internals.RemoveMembersFromConsumerGroupHandler
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { leaveGroupRequest } from '../../clients/LeaveGroupRequest.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { LeaveGroupResponseData } from '../../protocol/messages/LeaveGroup.ts'
import { type AdminApiHandler, ApiResult, batched, type RequestAndKeys } from './AdminApiHandler.ts'
import { CoordinatorStrategy } from './CoordinatorStrategy.ts'
import { handleGroupError } from './groupErrors.ts'

/** A static member is known by its instance id alone, another one by its member id. */
export interface LeavingMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly reason: string
}

export interface MemberError {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly error: Errors
}

/** Answers of older versions do not name the members. */
const MANY_MEMBERS_MIN_VERSION = 3

export class RemoveMembersFromConsumerGroupHandler
  implements AdminApiHandler<string, readonly MemberError[]>
{
  readonly apiName = 'leaveGroup'
  readonly lookupStrategy: CoordinatorStrategy
  private readonly groupId: string
  private readonly members: readonly LeavingMember[]
  private readonly logger: Logger

  /** @throws IllegalArgumentException when there is nobody to remove */
  constructor(groupId: string, members: readonly LeavingMember[], logger: Logger) {
    if (members.length === 0) {
      throw new IllegalArgumentException(`There is no member to be removed from group '${groupId}'`)
    }
    this.groupId = groupId
    this.members = members
    this.logger = logger
    this.lookupStrategy = new CoordinatorStrategy(logger)
  }

  buildRequest(
    _coordinatorId: number,
    keys: ReadonlySet<string>,
  ): readonly RequestAndKeys<string>[] {
    const request = leaveGroupRequest(this.groupId, this.members)
    return batched(request, keys)
  }

  handleResponse(
    _coordinator: Node,
    _keys: ReadonlySet<string>,
    response: ClientResponse,
  ): ApiResult<string, readonly MemberError[]> {
    const result = new ApiResult<string, readonly MemberError[]>()
    const { groupId } = this
    const { errorCode, members } = response.responseBody as LeaveGroupResponseData
    const error = Errors.forCode(errorCode)
    if (error !== Errors.NONE) {
      handleGroupError({ api: 'LeaveGroup', groupId, error }, result, this.logger)
    } else if (response.requestHeader.apiVersion >= MANY_MEMBERS_MIN_VERSION) {
      const errors = members.map((member) => ({
        ...member,
        error: Errors.forCode(member.errorCode),
      }))
      result.completedKeys.set(groupId, errors)
    } else {
      result.completedKeys.set(
        groupId,
        this.members.map((member) => ({ ...member, error })),
      )
    }
    return result
  }
}
