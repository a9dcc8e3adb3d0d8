/**
 * Finds the coordinator of each group: one FindCoordinator request for all groups, or one for each
 * when the broker is too old for that.
 *
 * @kafka org.apache.kafka.clients.admin.internals.CoordinatorStrategy
 * @kafka org.apache.kafka.clients.admin.internals.CoordinatorKey
 * @simplified groups only, so a key is the group's id; transactional ids come with transactions.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import {
  CoordinatorType,
  coordinatorsOf,
  findCoordinatorRequest,
} from '../../clients/FindCoordinatorRequest.ts'
import type { RequestBuilder } from '../../clients/RequestBuilder.ts'
import { GroupAuthorizationException } from '../../common/errors/ApiExceptions.ts'
import { InvalidGroupIdException } from '../../common/errors/CoordinatorExceptions.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { FindCoordinatorResponseData } from '../../protocol/messages/FindCoordinator.ts'
import type {
  AdminApiLookupStrategy,
  ApiRequestScope,
  LookupResult,
} from './AdminApiLookupStrategy.ts'

/** Answers of older versions do not say whose coordinator it is. */
const MIN_BATCHED_VERSION = 4

const BATCH_REQUEST_SCOPE: ApiRequestScope = { id: 'all groups', destinationBrokerId: null }

export class CoordinatorStrategy implements AdminApiLookupStrategy<string> {
  private readonly logger: Logger
  private batching = true
  private unrepresentable: readonly string[] = []

  constructor(logger: Logger) {
    this.logger = logger
  }

  batch(): boolean {
    return this.batching
  }

  disableBatch(): void {
    this.batching = false
  }

  lookupScope(groupId: string): ApiRequestScope {
    if (this.batching) return BATCH_REQUEST_SCOPE
    return { id: `group ${groupId}`, destinationBrokerId: null }
  }

  buildRequest(groupIds: ReadonlySet<string>): RequestBuilder {
    this.unrepresentable = [...groupIds].filter((groupId) => typeof groupId !== 'string')
    const representable = [...groupIds].filter((groupId) => typeof groupId === 'string')
    const expected = this.batching ? representable.length >= 1 : representable.length === 1
    if (!expected) {
      throw new IllegalArgumentException(
        `Cannot look up the coordinators of ${representable.length} groups in one request`,
      )
    }
    return findCoordinatorRequest(CoordinatorType.GROUP, representable)
  }

  handleResponse(groupIds: ReadonlySet<string>, response: ClientResponse): LookupResult<string> {
    const mappedKeys = new Map<string, number>()
    const failedKeys = new Map<string, Error>()
    for (const groupId of this.unrepresentable) {
      const message = `The given group id '${groupId}' cannot be represented in a request.`
      failedKeys.set(groupId, new InvalidGroupIdException(message))
    }
    for (const { key, nodeId, errorCode } of this.coordinatorsOf(groupIds, response)) {
      const error = Errors.forCode(errorCode)
      if (error === Errors.NONE) mappedKeys.set(key, nodeId)
      else this.handleError(error, key, failedKeys)
    }
    return { mappedKeys, failedKeys }
  }

  private coordinatorsOf(
    groupIds: ReadonlySet<string>,
    response: ClientResponse,
  ): { readonly key: string; readonly nodeId: number; readonly errorCode: number }[] {
    const found = coordinatorsOf(response.responseBody as FindCoordinatorResponseData)
    if (response.requestHeader.apiVersion >= MIN_BATCHED_VERSION) {
      return found.filter(({ key }) => groupIds.has(key))
    }
    const [only] = [...groupIds].filter((groupId) => !this.unrepresentable.includes(groupId))
    return found.map((coordinator) => ({ ...coordinator, key: only! }))
  }

  private handleError(error: Errors, groupId: string, failedKeys: Map<string, Error>): void {
    switch (error) {
      case Errors.COORDINATOR_NOT_AVAILABLE:
      case Errors.COORDINATOR_LOAD_IN_PROGRESS:
        this.logger.debug(`FindCoordinator for '${groupId}' returned ${error}. Will retry`)
        break
      case Errors.GROUP_AUTHORIZATION_FAILED: {
        const message = `Not authorized to find the coordinator of group '${groupId}'`
        failedKeys.set(groupId, new GroupAuthorizationException(message, groupId))
        break
      }
      default: {
        const message = `FindCoordinator request for key '${groupId}' failed due to ${error}`
        failedKeys.set(groupId, error.exception(`${message}. ${error.message}`)!)
      }
    }
  }
}
