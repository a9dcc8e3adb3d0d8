/**
 * Deletes groups with their offsets.
 *
 * @kafka org.apache.kafka.clients.admin.internals.DeleteConsumerGroupsHandler
 * @kafka org.apache.kafka.clients.admin.internals.DeleteGroupsHandler
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { requestBuilder } from '../../clients/RequestBuilder.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { DeleteGroupsResponseData } from '../../protocol/messages/DeleteGroups.ts'
import { type AdminApiHandler, ApiResult, batched, type RequestAndKeys } from './AdminApiHandler.ts'
import { CoordinatorStrategy } from './CoordinatorStrategy.ts'
import { handleGroupError } from './groupErrors.ts'

export class DeleteConsumerGroupsHandler implements AdminApiHandler<string, void> {
  readonly apiName = 'deleteConsumerGroups'
  readonly lookupStrategy: CoordinatorStrategy
  private readonly logger: Logger

  constructor(logger: Logger) {
    this.logger = logger
    this.lookupStrategy = new CoordinatorStrategy(logger)
  }

  buildRequest(
    _coordinatorId: number,
    keys: ReadonlySet<string>,
  ): readonly RequestAndKeys<string>[] {
    return batched(requestBuilder(ApiKeys.DELETE_GROUPS, { groupsNames: [...keys] }), keys)
  }

  handleResponse(
    _coordinator: Node,
    _keys: ReadonlySet<string>,
    response: ClientResponse,
  ): ApiResult<string, void> {
    const result = new ApiResult<string, void>()
    const { results } = response.responseBody as DeleteGroupsResponseData
    for (const { groupId, errorCode } of results) {
      const error = Errors.forCode(errorCode)
      if (error === Errors.NONE) result.completedKeys.set(groupId, undefined)
      else handleGroupError({ api: 'DeleteConsumerGroups', groupId, error }, result, this.logger)
    }
    return result
  }
}
