/**
 * The question "which broker coordinates this group?", in the two forms that it has had: one key
 * and one answer up to version 3, lists of both from 4 on. Who asks sees lists only.
 *
 * @kafka org.apache.kafka.common.requests.FindCoordinatorRequest.Builder
 * @kafka org.apache.kafka.common.requests.FindCoordinatorResponse
 */

import { UnsupportedVersionException } from '../common/errors/ApiExceptions.ts'
import { ApiKeys } from '../protocol/ApiKeys.ts'
import type {
  Coordinator,
  FindCoordinatorResponseData,
} from '../protocol/messages/FindCoordinator.ts'
import { type RequestBuilder, requestBuilder } from './RequestBuilder.ts'

/** What a key names, as the wire numbers it. */
export const CoordinatorType = { GROUP: 0, TRANSACTION: 1, SHARE: 2 } as const
export type CoordinatorType = (typeof CoordinatorType)[keyof typeof CoordinatorType]

/** The first version that takes more than one key (KIP-699). */
const MIN_BATCHED_VERSION = 4
/** The first version that says what a key names. */
const MIN_TYPED_VERSION = 1

/** Several keys, and a broker that takes one at a time: ask for each by itself. */
export class NoBatchedFindCoordinatorsException extends UnsupportedVersionException {}

/** @param keys of one type, at least one */
export const findCoordinatorRequest = (
  keyType: CoordinatorType,
  keys: readonly string[],
): RequestBuilder<typeof ApiKeys.FIND_COORDINATOR> =>
  requestBuilder(ApiKeys.FIND_COORDINATOR, (version) => {
    if (version < MIN_TYPED_VERSION && keyType !== CoordinatorType.GROUP) {
      throw new UnsupportedVersionException(
        `The broker speaks version ${version} of FindCoordinator, which knows groups only.`,
      )
    }
    if (version >= MIN_BATCHED_VERSION) return { keyType, coordinatorKeys: [...keys] }
    if (keys.length > 1) {
      throw new NoBatchedFindCoordinatorsException(
        `The broker speaks version ${version} of FindCoordinator, which takes one key, not ` +
          `${keys.length}.`,
      )
    }
    return { keyType, key: keys[0] ?? '' }
  })

/** The answers, whatever the version; an answer of an old version has no key. */
export const coordinatorsOf = (response: FindCoordinatorResponseData): readonly Coordinator[] => {
  if (response.coordinators.length > 0) return response.coordinators
  const { nodeId, host, port, errorCode, errorMessage } = response
  return [{ key: '', nodeId, host, port, errorCode, errorMessage }]
}
