/**
 * What a client is told when an operation on a coordinator failed: not how the log could not be
 * written, but what that means for it.
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorOperationExceptionHelper
 */

import type { Logger } from '../../common/Logger.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'

const TRANSLATIONS: ReadonlyMap<WireError, WireError> = new Map([
  // A client that commits in a transaction retries this one without looking for the coordinator.
  [Errors.NETWORK_EXCEPTION, Errors.COORDINATOR_LOAD_IN_PROGRESS],
  [Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.COORDINATOR_NOT_AVAILABLE],
  [Errors.NOT_ENOUGH_REPLICAS, Errors.COORDINATOR_NOT_AVAILABLE],
  [Errors.REQUEST_TIMED_OUT, Errors.COORDINATOR_NOT_AVAILABLE],
  [Errors.NOT_LEADER_OR_FOLLOWER, Errors.NOT_COORDINATOR],
  [Errors.KAFKA_STORAGE_ERROR, Errors.NOT_COORDINATOR],
  [Errors.MESSAGE_TOO_LARGE, Errors.UNKNOWN_SERVER_ERROR],
  [Errors.RECORD_LIST_TOO_LARGE, Errors.UNKNOWN_SERVER_ERROR],
  [Errors.INVALID_FETCH_SIZE, Errors.UNKNOWN_SERVER_ERROR],
])

/** The error for the client; one that nobody foresaw is logged. */
export const operationError = (
  operationName: string,
  exception: unknown,
  logger: Logger,
): WireError => {
  const error = Errors.forException(exception)
  if (error === Errors.UNKNOWN_SERVER_ERROR) {
    logger.error(`Operation ${operationName} hit an unexpected exception`, exception)
  }
  return TRANSLATIONS.get(error) ?? error
}
