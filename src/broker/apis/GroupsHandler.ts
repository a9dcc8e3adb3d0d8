/**
 * The APIs about groups and their members: from the request to the coordinator, and from its answer
 * to what this version of the API can say.
 *
 * @kafka kafka.server.KafkaApis (handleJoinGroupRequest … handleDeleteGroupsRequest)
 * @simplified no authorisation: everybody may see and change every group.
 */

import { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import { InconsistentGroupProtocolException } from '../../common/errors/CoordinatorExceptions.ts'
import type {
  DeleteGroupsRequestData,
  DeleteGroupsResponseInput,
} from '../../protocol/messages/DeleteGroups.ts'
import type {
  DescribeGroupsRequestData,
  DescribeGroupsResponseInput,
} from '../../protocol/messages/DescribeGroups.ts'
import type {
  JoinGroupRequestData,
  JoinGroupResponseInput,
} from '../../protocol/messages/JoinGroup.ts'
import type {
  LeaveGroupRequestData,
  LeaveGroupResponseInput,
} from '../../protocol/messages/LeaveGroup.ts'
import type {
  SyncGroupRequestData,
  SyncGroupResponseInput,
} from '../../protocol/messages/SyncGroup.ts'
import type { CompletableFuture } from '../coordinator/CompletableFuture.ts'
import type { GroupCoordinatorService } from '../group/GroupCoordinatorService.ts'
import type { GroupRequestContext } from '../group/GroupRequestContext.ts'

/** Since this version of JoinGroup "no protocol" is null; before, it is empty. */
const NULLABLE_PROTOCOL_NAME_VERSION = 7
/** Since this version of SyncGroup a member must say by which protocol it shares. */
const MANDATORY_PROTOCOL_VERSION = 5
/** Since this version one LeaveGroup can name several members. */
const BATCHED_LEAVE_VERSION = 3
/** All that may be done to a group, as a bit each: READ, DELETE, DESCRIBE, and their configs. */
const ALL_GROUP_OPERATIONS = (1 << 3) | (1 << 6) | (1 << 8) | (1 << 10) | (1 << 11)

export class GroupsHandler {
  private readonly groupCoordinator: GroupCoordinatorService

  constructor(groupCoordinator: GroupCoordinatorService) {
    this.groupCoordinator = groupCoordinator
  }

  /** Answered when the new generation is complete, which can take `rebalance.timeout.ms`. */
  joinGroup(
    context: GroupRequestContext,
    request: JoinGroupRequestData,
  ): CompletableFuture<JoinGroupResponseInput> {
    const isNullable = context.requestVersion >= NULLABLE_PROTOCOL_NAME_VERSION
    return this.groupCoordinator
      .joinGroup(context, request)
      .thenApply((response): JoinGroupResponseInput => {
        const { protocolName } = response
        return { ...response, protocolName: protocolName || (isNullable ? null : '') }
      })
  }

  /**
   * Answered when the leader has shared out.
   *
   * @throws InconsistentGroupProtocolException for a request that does not say by which protocol
   */
  syncGroup(
    context: GroupRequestContext,
    request: SyncGroupRequestData,
  ): CompletableFuture<SyncGroupResponseInput> {
    const { protocolType, protocolName } = request
    const isIncomplete = protocolType === null || protocolName === null
    if (context.requestVersion >= MANDATORY_PROTOCOL_VERSION && isIncomplete) {
      throw new InconsistentGroupProtocolException(
        'A SyncGroup request must name the type and the name of its protocol.',
      )
    }
    return this.groupCoordinator
      .syncGroup(context, request)
      .thenApply((response): SyncGroupResponseInput => response)
  }

  leaveGroup(
    context: GroupRequestContext,
    request: LeaveGroupRequestData,
  ): CompletableFuture<LeaveGroupResponseInput> {
    if (context.requestVersion >= BATCHED_LEAVE_VERSION) {
      return this.groupCoordinator.leaveGroup(context, request)
    }
    const { groupId, memberId } = request
    const members = [{ memberId, groupInstanceId: null, reason: null }]
    return this.groupCoordinator
      .leaveGroup(context, { groupId, memberId: '', members })
      .thenApply((response) => leaveOfOne(response, context.requestVersion))
  }

  describeGroups(
    context: GroupRequestContext,
    request: DescribeGroupsRequestData,
  ): CompletableFuture<DescribeGroupsResponseInput> {
    return this.groupCoordinator.describeGroups(context, request.groups).thenApply((groups) => ({
      groups: request.includeAuthorizedOperations
        ? groups.map((group) =>
            group.errorCode ? group : { ...group, authorizedOperations: ALL_GROUP_OPERATIONS },
          )
        : groups,
    }))
  }

  /** A group that is named twice is deleted once. */
  deleteGroups(
    context: GroupRequestContext,
    { groupsNames }: DeleteGroupsRequestData,
  ): CompletableFuture<DeleteGroupsResponseInput> {
    return this.groupCoordinator
      .deleteGroups(context, [...new Set(groupsNames)])
      .thenApply((results) => ({ results }))
  }
}

/** Before version 3 the error of the one member is that of the whole. */
const leaveOfOne = (
  { errorCode = 0, members = [] }: LeaveGroupResponseInput,
  version: number,
): LeaveGroupResponseInput => {
  if (errorCode !== 0) return { errorCode }
  if (members.length !== 1) {
    throw new UnsupportedVersionException(
      `LeaveGroup response version ${version} can only contain one member, got ${members.length} ` +
        'members.',
    )
  }
  return { errorCode: members[0]!.errorCode }
}
