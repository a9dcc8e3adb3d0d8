/**
 * How to find out which broker a key belongs to: the first of the two stages of `AdminApiDriver`.
 *
 * A key is what the caller asks about, a group's id or a partition. Keys with the same scope go out
 * in one lookup request.
 *
 * @kafka org.apache.kafka.clients.admin.internals.AdminApiLookupStrategy
 * @kafka org.apache.kafka.clients.admin.internals.ApiRequestScope
 * @simplified a scope is compared by its `id`, where Java's have `equals`.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import type { RequestBuilder } from '../../clients/RequestBuilder.ts'
import type { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'

/** What one request at a time is in flight for. */
export interface ApiRequestScope {
  /** Equal for equal scopes. */
  readonly id: string
  /** Who must be asked; `null`: any broker will do. */
  readonly destinationBrokerId: number | null
}

/** A key that is in none of the two is looked up again. */
export interface LookupResult<K> {
  /** The broker of each key that was found. */
  readonly mappedKeys: ReadonlyMap<K, number>
  /** Those for which asking again would not help, and why. */
  readonly failedKeys: ReadonlyMap<K, Error>
}

export interface AdminApiLookupStrategy<K> {
  /** Which keys share a request. One with a broker of its own needs no lookup. */
  lookupScope(key: K): ApiRequestScope

  buildRequest(keys: ReadonlySet<K>): RequestBuilder

  /** Errors that may pass are left out of the result. */
  handleResponse(keys: ReadonlySet<K>, response: ClientResponse): LookupResult<K>

  /**
   * The broker does not serve a version that can say what the request must say.
   *
   * @returns the keys that fail by it; the others are looked up again
   */
  handleUnsupportedVersionException?(
    exception: UnsupportedVersionException,
    keys: ReadonlySet<K>,
  ): ReadonlyMap<K, Error>

  /** One request per key from now on; for a strategy that has requests with many. */
  disableBatch?(): void
}
