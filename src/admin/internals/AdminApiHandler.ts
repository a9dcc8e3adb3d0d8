/**
 * One operation that brokers do key by key, such as describing groups: what to ask the broker of
 * some keys, and what becomes of its answer. `AdminApiDriver` does the rest.
 *
 *     ApiResult   completed │ the key has its value
 *                 failed    │ the key has its error
 *                 unmapped  │ asked the wrong broker: look it up again
 *                 (none)    │ ask the same broker again, after the back-off
 *
 * @kafka org.apache.kafka.clients.admin.internals.AdminApiHandler
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import type { RequestBuilder } from '../../clients/RequestBuilder.ts'
import type { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import type { Node } from '../../common/Node.ts'
import type { AdminApiLookupStrategy } from './AdminApiLookupStrategy.ts'

export class ApiResult<K, V> {
  readonly completedKeys = new Map<K, V>()
  readonly failedKeys = new Map<K, Error>()
  readonly unmappedKeys = new Set<K>()

  toString(): string {
    const { completedKeys, failedKeys, unmappedKeys } = this
    return (
      `ApiResult(completed=[${[...completedKeys.keys()].join(', ')}], ` +
      `failed=[${[...failedKeys.keys()].join(', ')}], unmapped=[${[...unmappedKeys].join(', ')}])`
    )
  }
}

export interface RequestAndKeys<K> {
  readonly request: RequestBuilder
  readonly keys: ReadonlySet<K>
}

export interface AdminApiHandler<K, V> {
  /** As messages name the operation. */
  readonly apiName: string
  readonly lookupStrategy: AdminApiLookupStrategy<K>

  /**
   * The requests for these keys, all to the same broker. Only the first is sent; for keys that are
   * not in it the driver asks again when it has its answer.
   */
  buildRequest(brokerId: number, keys: ReadonlySet<K>): readonly RequestAndKeys<K>[]

  handleResponse(broker: Node, keys: ReadonlySet<K>, response: ClientResponse): ApiResult<K, V>

  /**
   * The broker does not serve a version that can say what the request must say.
   *
   * @returns the keys that fail by it; for the others `buildRequest` is called again. Default: all
   */
  handleUnsupportedVersionException?(
    brokerId: number,
    exception: UnsupportedVersionException,
    keys: ReadonlySet<K>,
  ): ReadonlyMap<K, Error>
}

/** All keys in one request: what most handlers return from `buildRequest`. */
export const batched = <K>(
  request: RequestBuilder,
  keys: ReadonlySet<K>,
): readonly RequestAndKeys<K>[] => [{ request, keys }]
