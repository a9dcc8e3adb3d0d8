/**
 * Describes groups of the classic protocol, of consumers or of others.
 *
 * @kafka org.apache.kafka.clients.admin.internals.DescribeClassicGroupsHandler
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { requestBuilder } from '../../clients/RequestBuilder.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { PROTOCOL_TYPE } from '../../protocol/ConsumerProtocol.ts'
import { Errors } from '../../protocol/Errors.ts'
import type {
  DescribedGroup,
  DescribeGroupsResponseData,
} from '../../protocol/messages/DescribeGroups.ts'
import { validAclOperations } from '../AclOperation.ts'
import type { ClassicGroupDescription } from '../ConsumerGroupDescription.ts'
import { parseClassicGroupState } from '../GroupState.ts'
import { type AdminApiHandler, ApiResult, batched, type RequestAndKeys } from './AdminApiHandler.ts'
import { CoordinatorStrategy } from './CoordinatorStrategy.ts'
import { handleGroupError } from './groupErrors.ts'
import { classicMember } from './memberDescriptions.ts'

export class DescribeClassicGroupsHandler
  implements AdminApiHandler<string, ClassicGroupDescription>
{
  readonly apiName = 'describeClassicGroups'
  readonly lookupStrategy: CoordinatorStrategy
  private readonly includeAuthorizedOperations: boolean
  private readonly logger: Logger

  constructor(includeAuthorizedOperations: boolean, logger: Logger) {
    this.includeAuthorizedOperations = includeAuthorizedOperations
    this.logger = logger
    this.lookupStrategy = new CoordinatorStrategy(logger)
  }

  buildRequest(
    _coordinatorId: number,
    keys: ReadonlySet<string>,
  ): readonly RequestAndKeys<string>[] {
    const { includeAuthorizedOperations } = this
    const data = { groups: [...keys], includeAuthorizedOperations }
    return batched(requestBuilder(ApiKeys.DESCRIBE_GROUPS, data), keys)
  }

  handleResponse(
    coordinator: Node,
    _keys: ReadonlySet<string>,
    response: ClientResponse,
  ): ApiResult<string, ClassicGroupDescription> {
    const result = new ApiResult<string, ClassicGroupDescription>()
    const { groups } = response.responseBody as DescribeGroupsResponseData
    for (const group of groups) {
      const { groupId } = group
      const error = Errors.forCode(group.errorCode)
      if (error === Errors.NONE)
        result.completedKeys.set(groupId, descriptionOf(group, coordinator))
      else handleGroupError({ api: 'DescribeGroups', groupId, error }, result, this.logger)
    }
    return result
  }
}

const descriptionOf = (group: DescribedGroup, coordinator: Node): ClassicGroupDescription => {
  const { groupId, protocolType } = group
  const isConsumer = protocolType === PROTOCOL_TYPE || protocolType === ''
  return {
    groupId,
    protocol: protocolType,
    protocolData: group.protocolData,
    isSimpleConsumerGroup: protocolType === '',
    members: group.members.map((member) => classicMember(member, isConsumer)),
    state: parseClassicGroupState(group.groupState),
    coordinator,
    authorizedOperations: validAclOperations(group.authorizedOperations),
  }
}
