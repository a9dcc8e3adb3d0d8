/**
 * What a coordinator's error means for a group: the same for almost all operations on groups.
 *
 *     COORDINATOR_LOAD_IN_PROGRESS                 ask the same broker again
 *     COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR   look the coordinator up again
 *     any other                                    the group's future fails
 *
 * @kafka org.apache.kafka.clients.admin.internals.DeleteGroupsHandler
 * @simplified in Java each handler has these lines.
 */

import type { Logger } from '../../common/Logger.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { ApiResult } from './AdminApiHandler.ts'

export interface GroupError {
  /** As messages name the request. */
  readonly api: string
  readonly groupId: string
  readonly error: Errors
  /** What the broker said; default: the error's own text. */
  readonly message?: string | null
}

export const handleGroupError = (
  { api, groupId, error, message = null }: GroupError,
  result: ApiResult<string, unknown>,
  logger: Logger,
): void => {
  switch (error) {
    case Errors.COORDINATOR_LOAD_IN_PROGRESS:
      logger.debug(`${api} for group '${groupId}': the coordinator is still loading. Will retry.`)
      break
    case Errors.COORDINATOR_NOT_AVAILABLE:
    case Errors.NOT_COORDINATOR:
      logger.debug(
        `${api} for group '${groupId}' returned ${error}. Will look for its coordinator.`,
      )
      result.unmappedKeys.add(groupId)
      break
    default:
      logger.debug(`${api} for group '${groupId}' failed: ${error}`)
      result.failedKeys.set(groupId, error.exception(message)!)
  }
}
