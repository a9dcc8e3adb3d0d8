/**
 * A request whose version is not known yet.
 *
 * Which version of an API a request goes out in depends on the broker that it goes to, and a
 * request is often made before that broker was asked. So a caller hands over the way to make it,
 * with the versions it can live with:
 *
 *     oldestAllowedVersion ──┐
 *                            ├─ ∩ what the node serves ─► the newest ─► build(version) ─► bytes
 *     latestAllowedVersion ──┘
 *
 * The API's key carries the types of its two messages, so a builder for `ApiKeys.FETCH` can only
 * build fetch requests, and the response that comes back is typed as well.
 *
 * @kafka org.apache.kafka.common.requests.AbstractRequest.Builder
 * @simplified one small interface instead of a class per request: a message is plain data here, and
 *   most requests look the same in every version.
 */

import type { AnyApiKey } from '../protocol/ApiKeys.ts'
import type { DataOf, InputOf } from '../protocol/schema/message.ts'

export type { AnyApiKey } from '../protocol/ApiKeys.ts'

/** What a request of this API is made from: fields left out take Kafka's defaults. */
export type RequestInputOf<K extends AnyApiKey> = InputOf<K['request']>
/** What a request of this API is decoded to. */
export type RequestDataOf<K extends AnyApiKey> = DataOf<K['request']>
/** What a response of this API is made from. */
export type ResponseInputOf<K extends AnyApiKey> = InputOf<K['response']>
/** What a response of this API is decoded to. */
export type ResponseDataOf<K extends AnyApiKey> = DataOf<K['response']>

export interface RequestBuilder<K extends AnyApiKey = AnyApiKey> {
  readonly apiKey: K
  /** The oldest version that can say what must be said. */
  readonly oldestAllowedVersion: number
  readonly latestAllowedVersion: number
  /** Throws an `UnsupportedVersionException` when this version cannot say what must be said. */
  build(version: number): RequestInputOf<K>
}

/** The versions a request may go out in; by default all that we know. */
export interface AllowedVersions {
  readonly oldest?: number
  readonly latest?: number
}

/**
 * A builder from data that is the same in every version, or from a function of the version.
 *
 * @param data the message, or what makes it for a version
 * @param allowed default: every version that both of us know
 */
export const requestBuilder = <K extends AnyApiKey>(
  apiKey: K,
  data: RequestInputOf<K> | ((version: number) => RequestInputOf<K>),
  allowed: AllowedVersions = {},
): RequestBuilder<K> => ({
  apiKey,
  oldestAllowedVersion: allowed.oldest ?? apiKey.oldestVersion(),
  latestAllowedVersion: allowed.latest ?? apiKey.latestVersion(),
  build: isFunction(data) ? data : () => data,
})

/** A message is an object with fields, never a function. */
const isFunction = <T>(data: T | ((version: number) => T)): data is (version: number) => T =>
  typeof data === 'function'
