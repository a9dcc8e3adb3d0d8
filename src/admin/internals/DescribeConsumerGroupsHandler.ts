/**
 * Describes groups of consumers, of either protocol.
 *
 *     ConsumerGroupDescribe ─► found ──────────────────────────► a group of the new protocol
 *                           ─► GROUP_ID_NOT_FOUND, unsupported ┐
 *     DescribeGroups ◄─────────────────────────────────────────┘ ► a group of the classic one
 *
 * Nobody can know beforehand which one it is. The second answer decides; the text of the first
 * "not found" is kept, since it says more.
 *
 * @kafka org.apache.kafka.clients.admin.internals.DescribeConsumerGroupsHandler
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { requestBuilder } from '../../clients/RequestBuilder.ts'
import type { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { PROTOCOL_TYPE } from '../../protocol/ConsumerProtocol.ts'
import { Errors } from '../../protocol/Errors.ts'
import type {
  ConsumerGroupDescribeResponseData,
  DescribedConsumerGroup,
} from '../../protocol/messages/ConsumerGroupDescribe.ts'
import type {
  DescribedGroup,
  DescribeGroupsResponseData,
} from '../../protocol/messages/DescribeGroups.ts'
import { validAclOperations } from '../AclOperation.ts'
import type { ConsumerGroupDescription } from '../ConsumerGroupDescription.ts'
import { parseGroupState } from '../GroupState.ts'
import { type AdminApiHandler, ApiResult, type RequestAndKeys } from './AdminApiHandler.ts'
import { CoordinatorStrategy } from './CoordinatorStrategy.ts'
import { handleGroupError } from './groupErrors.ts'
import { classicMember, consumerMember } from './memberDescriptions.ts'

type Result = ApiResult<string, ConsumerGroupDescription>

export class DescribeConsumerGroupsHandler
  implements AdminApiHandler<string, ConsumerGroupDescription>
{
  readonly apiName = 'describeConsumerGroups'
  readonly lookupStrategy: CoordinatorStrategy
  private readonly includeAuthorizedOperations: boolean
  private readonly logger: Logger
  private readonly useClassicGroupApi = new Set<string>()
  private readonly groupIdNotFoundMessages = new Map<string, string | null>()

  constructor(includeAuthorizedOperations: boolean, logger: Logger) {
    this.includeAuthorizedOperations = includeAuthorizedOperations
    this.logger = logger
    this.lookupStrategy = new CoordinatorStrategy(logger)
  }

  buildRequest(_coordinatorId: number, keys: ReadonlySet<string>): RequestAndKeys<string>[] {
    const { includeAuthorizedOperations } = this
    const isClassic = (groupId: string) => this.useClassicGroupApi.has(groupId)
    const groupIds = [...keys].filter((groupId) => !isClassic(groupId))
    const groups = [...keys].filter(isClassic)
    const requests: RequestAndKeys<string>[] = []
    if (groupIds.length > 0) {
      const data = { groupIds, includeAuthorizedOperations }
      const request = requestBuilder(ApiKeys.CONSUMER_GROUP_DESCRIBE, data)
      requests.push({ request, keys: new Set(groupIds) })
    }
    if (groups.length > 0) {
      const data = { groups, includeAuthorizedOperations }
      const request = requestBuilder(ApiKeys.DESCRIBE_GROUPS, data)
      requests.push({ request, keys: new Set(groups) })
    }
    return requests
  }

  handleResponse(coordinator: Node, _keys: ReadonlySet<string>, response: ClientResponse): Result {
    const result: Result = new ApiResult()
    if (response.requestHeader.apiKey === ApiKeys.DESCRIBE_GROUPS) {
      const { groups } = response.responseBody as DescribeGroupsResponseData
      for (const group of groups) this.handleClassicGroup(coordinator, group, result)
    } else {
      const { groups } = response.responseBody as ConsumerGroupDescribeResponseData
      for (const group of groups) this.handleConsumerGroup(coordinator, group, result)
    }
    return result
  }

  /** A broker without the new protocol has groups of the classic one only. */
  handleUnsupportedVersionException(
    _brokerId: number,
    exception: UnsupportedVersionException,
    keys: ReadonlySet<string>,
  ): ReadonlyMap<string, Error> {
    const errors = new Map<string, Error>()
    for (const groupId of keys) {
      if (this.useClassicGroupApi.has(groupId)) errors.set(groupId, exception)
      this.useClassicGroupApi.add(groupId)
    }
    return errors
  }

  private handleConsumerGroup(coordinator: Node, group: DescribedConsumerGroup, result: Result) {
    const { groupId, errorMessage: message } = group
    const error = Errors.forCode(group.errorCode)
    if (error === Errors.UNSUPPORTED_VERSION || error === Errors.GROUP_ID_NOT_FOUND) {
      this.logger.debug(
        `ConsumerGroupDescribe for '${groupId}': ${error}. Will ask the classic way`,
      )
      if (error === Errors.GROUP_ID_NOT_FOUND) this.groupIdNotFoundMessages.set(groupId, message)
      this.useClassicGroupApi.add(groupId)
    } else if (error !== Errors.NONE) {
      handleGroupError(
        { api: 'ConsumerGroupDescribe', groupId, error, message },
        result,
        this.logger,
      )
    } else {
      result.completedKeys.set(groupId, {
        groupId,
        isSimpleConsumerGroup: false,
        members: group.members.map(consumerMember),
        partitionAssignor: group.assignorName,
        type: 'Consumer',
        groupState: parseGroupState(group.groupState),
        coordinator,
        authorizedOperations: validAclOperations(group.authorizedOperations),
        groupEpoch: group.groupEpoch,
        targetAssignmentEpoch: group.assignmentEpoch,
      })
    }
  }

  private handleClassicGroup(coordinator: Node, group: DescribedGroup, result: Result) {
    const { groupId, protocolType } = group
    const error = Errors.forCode(group.errorCode)
    if (error !== Errors.NONE) {
      const found = error !== Errors.GROUP_ID_NOT_FOUND
      const earlier = found ? null : this.groupIdNotFoundMessages.get(groupId)
      const message = earlier ?? group.errorMessage
      handleGroupError({ api: 'DescribeGroups', groupId, error, message }, result, this.logger)
    } else if (protocolType !== PROTOCOL_TYPE && protocolType !== '') {
      const message = `GroupId ${groupId} is not a consumer group (${protocolType}).`
      result.failedKeys.set(groupId, new IllegalArgumentException(message))
    } else {
      result.completedKeys.set(groupId, {
        groupId,
        isSimpleConsumerGroup: protocolType === '',
        members: group.members.map((member) => classicMember(member, true)),
        partitionAssignor: group.protocolData,
        type: 'Classic',
        groupState: parseGroupState(group.groupState),
        coordinator,
        authorizedOperations: validAclOperations(group.authorizedOperations),
        groupEpoch: null,
        targetAssignmentEpoch: null,
      })
    }
  }
}
