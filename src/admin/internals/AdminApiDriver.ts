/**
 * Takes an operation over many keys through two stages, until each key has its outcome: find the
 * key's broker, then ask it.
 *
 *                     lookup                       fulfillment
 *     keys ──────► [ ? ? ? ? ] ── any broker ──► broker 1 [ a c ] ──► completed, or failed
 *                      ▲           whose is it?  broker 2 [ b ]
 *                      └──── wrong broker, disconnected ────┘
 *
 * It sends nothing itself. `poll` says which requests are to be sent now, one per scope (all keys
 * that are looked up together, all keys of one broker); who sends them tells the outcome by
 * `onResponse` or `onFailure` and polls again.
 *
 * I1  A key that has no outcome yet is in exactly one stage.
 * I2  A scope has at most one request under way.
 * I3  Requests to the same broker are apart by the back-off; a lookup goes out at once.
 *
 * @kafka org.apache.kafka.clients.admin.internals.AdminApiDriver
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { NoBatchedFindCoordinatorsException } from '../../clients/FindCoordinatorRequest.ts'
import { NoBatchedOffsetFetchRequestException } from '../../clients/OffsetFetchRequest.ts'
import type { RequestBuilder } from '../../clients/RequestBuilder.ts'
import type { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import { DisconnectException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import type { AdminApiFuture } from './AdminApiFuture.ts'
import type { AdminApiHandler, RequestAndKeys } from './AdminApiHandler.ts'
import type { ApiRequestScope } from './AdminApiLookupStrategy.ts'
import { BiMultimap } from './BiMultimap.ts'

export interface AdminApiDriverOptions<K, V> {
  readonly handler: AdminApiHandler<K, V>
  readonly future: AdminApiFuture<K, V>
  /** When all must be over, milliseconds since 1970. */
  readonly deadlineMs: number
  readonly retryBackoff: ExponentialBackoff
  readonly logger: Logger
}

/** A request that is to be sent. */
export interface RequestSpec<K> {
  readonly name: string
  readonly scope: ApiRequestScope
  readonly keys: ReadonlySet<K>
  readonly request: RequestBuilder
  readonly nextAllowedTryMs: number
  readonly deadlineMs: number
  /** Requests of this scope before this one. */
  readonly tries: number
}

interface RequestState {
  inflight: boolean
  tries: number
  nextAllowedRetryMs: number
}

/** All keys of one broker. */
interface FulfillmentScope extends ApiRequestScope {
  readonly destinationBrokerId: number
}

const fulfillmentScope = (destinationBrokerId: number): FulfillmentScope => ({
  id: `broker ${destinationBrokerId}`,
  destinationBrokerId,
})

export class AdminApiDriver<K, V> {
  private readonly options: AdminApiDriverOptions<K, V>
  private readonly handler: AdminApiHandler<K, V>
  private readonly future: AdminApiFuture<K, V>
  private readonly lookupMap = new BiMultimap<ApiRequestScope, K>()
  private readonly fulfillmentMap = new BiMultimap<FulfillmentScope, K>()
  /** By the id of the scope. */
  private readonly requestStates = new Map<string, RequestState>()

  constructor(options: AdminApiDriverOptions<K, V>) {
    this.options = options
    this.handler = options.handler
    this.future = options.future
    // Only the first try trusts what is known from before.
    for (const key of this.future.lookupKeys()) {
      const brokerId = this.future.cachedBrokerId(key)
      if (brokerId === null) this.unmap(key)
      else this.fulfillmentMap.put(fulfillmentScope(brokerId), key)
    }
  }

  /** The broker that the key is with; `null` while it is looked up, or done. */
  keyToBrokerId(key: K): number | null {
    return this.fulfillmentMap.getKey(key)?.destinationBrokerId ?? null
  }

  /** What is to be sent now. To be called at first, and after each outcome. */
  poll(): RequestSpec<K>[] {
    const requests: RequestSpec<K>[] = []
    const { lookupStrategy } = this.handler
    this.collectRequests(requests, this.lookupMap, (keys) => [
      { request: lookupStrategy.buildRequest(keys), keys },
    ])
    this.collectRequests(requests, this.fulfillmentMap, (keys, { destinationBrokerId }) =>
      this.handler.buildRequest(destinationBrokerId, keys),
    )
    return requests
  }

  onResponse(nowMs: number, spec: RequestSpec<K>, response: ClientResponse, node: Node): void {
    this.clearInflightRequest(nowMs, spec)
    if (isFulfillment(spec)) {
      const result = this.handler.handleResponse(node, spec.keys, response)
      this.complete(result.completedKeys)
      this.completeExceptionally(result.failedKeys)
      this.retryLookup(result.unmappedKeys)
    } else {
      const result = this.handler.lookupStrategy.handleResponse(spec.keys, response)
      this.completeLookup(result.mappedKeys)
      this.completeLookupExceptionally(result.failedKeys)
    }
  }

  onFailure(nowMs: number, spec: RequestSpec<K>, error: Error): void {
    this.clearInflightRequest(nowMs, spec)
    if (error instanceof DisconnectException) {
      // Perhaps the broker is gone, and the key with another one meanwhile.
      this.options.logger.debug(`Disconnected before ${spec.name} was answered. Will look up again`)
      this.retryLookup(spec.keys)
    } else if (isAboutBatching(error)) {
      // From here on one request per group, for the coordinators too.
      this.handler.lookupStrategy.disableBatch?.()
      this.retryLookup(spec.keys)
    } else if (error instanceof UnsupportedVersionException) {
      this.onUnsupportedVersion(spec, error)
    } else if (isFulfillment(spec)) {
      this.completeExceptionally(forAll(spec.keys, error))
    } else {
      this.completeLookupExceptionally(forAll(spec.keys, error))
    }
  }

  /**
   * The broker that was to be asked is no longer in the cluster: its keys are looked up again, else
   * they would wait for it until the deadline.
   *
   * @returns false when the broker is fixed, so that there is nothing to look up
   */
  maybeRetryLookup(nowMs: number, spec: RequestSpec<K>): boolean {
    const { lookupStrategy } = this.handler
    const isFixed = (key: K) => lookupStrategy.lookupScope(key).destinationBrokerId !== null
    if ([...spec.keys].every(isFixed)) return false
    this.clearInflightRequest(nowMs, spec)
    this.retryLookup(spec.keys)
    return true
  }

  // ---- from stage to stage

  private onUnsupportedVersion(spec: RequestSpec<K>, error: UnsupportedVersionException): void {
    const { handler } = this
    if (isFulfillment(spec)) {
      const { destinationBrokerId } = spec.scope
      const failed = handler.handleUnsupportedVersionException?.(
        destinationBrokerId,
        error,
        spec.keys,
      )
      this.completeExceptionally(failed ?? forAll(spec.keys, error))
    } else {
      const { lookupStrategy } = handler
      const failed =
        lookupStrategy.handleUnsupportedVersionException?.(error, spec.keys) ??
        forAll(spec.keys, error)
      this.completeLookupExceptionally(failed)
      this.retryLookup([...spec.keys].filter((key) => !failed.has(key)))
    }
  }

  private retryLookup(keys: Iterable<K>): void {
    for (const key of keys) this.unmap(key)
  }

  private unmap(key: K): void {
    this.fulfillmentMap.remove(key)
    const scope = this.handler.lookupStrategy.lookupScope(key)
    if (scope.destinationBrokerId === null) this.lookupMap.put(scope, key)
    else this.fulfillmentMap.put(fulfillmentScope(scope.destinationBrokerId), key)
  }

  private clear(keys: Iterable<K>): void {
    for (const key of keys) {
      this.lookupMap.remove(key)
      this.fulfillmentMap.remove(key)
    }
  }

  private complete(values: ReadonlyMap<K, V>): void {
    if (values.size === 0) return
    this.future.complete(values)
    this.clear(values.keys())
  }

  private completeExceptionally(errors: ReadonlyMap<K, Error>): void {
    if (errors.size === 0) return
    this.future.completeExceptionally(errors)
    this.clear(errors.keys())
  }

  private completeLookup(brokerIds: ReadonlyMap<K, number>): void {
    if (brokerIds.size === 0) return
    this.future.completeLookup(brokerIds)
    for (const [key, brokerId] of brokerIds) {
      this.lookupMap.remove(key)
      this.fulfillmentMap.put(fulfillmentScope(brokerId), key)
    }
  }

  private completeLookupExceptionally(errors: ReadonlyMap<K, Error>): void {
    if (errors.size === 0) return
    this.future.completeLookupExceptionally(errors)
    this.clear(errors.keys())
  }

  // ---- requests

  private collectRequests<S extends ApiRequestScope>(
    requests: RequestSpec<K>[],
    multimap: BiMultimap<S, K>,
    buildRequest: (keys: ReadonlySet<K>, scope: S) => readonly RequestAndKeys<K>[],
  ): void {
    for (const { key: scope, values } of multimap.entries()) {
      const state = this.requestState(scope)
      if (state.inflight) continue
      const [first] = buildRequest(new Set(values), scope)
      if (first === undefined) return
      requests.push({
        name: `${this.handler.apiName}(api=${first.request.apiKey.name})`,
        scope,
        keys: first.keys,
        request: first.request,
        nextAllowedTryMs: state.nextAllowedRetryMs,
        deadlineMs: this.options.deadlineMs,
        tries: state.tries,
      })
      state.inflight = true
      state.tries++
    }
  }

  private requestState({ id }: ApiRequestScope): RequestState {
    let state = this.requestStates.get(id)
    if (state === undefined) {
      state = { inflight: false, tries: 0, nextAllowedRetryMs: 0 }
      this.requestStates.set(id, state)
    }
    return state
  }

  private clearInflightRequest(nowMs: number, spec: RequestSpec<K>): void {
    const state = this.requestState(spec.scope)
    state.inflight = false
    // I3. A lookup that has just been answered leads to another one only when there is news.
    const backoffMs = isFulfillment(spec)
      ? this.options.retryBackoff.backoff(Math.max(0, state.tries - 1))
      : 0
    state.nextAllowedRetryMs = nowMs + backoffMs
  }
}

const isFulfillment = <K>(
  spec: RequestSpec<K>,
): spec is RequestSpec<K> & { readonly scope: FulfillmentScope } =>
  spec.scope.destinationBrokerId !== null

/** The broker is too old for a request about several groups. */
const isAboutBatching = (error: Error): boolean =>
  error instanceof NoBatchedFindCoordinatorsException ||
  error instanceof NoBatchedOffsetFetchRequestException

const forAll = <K>(keys: Iterable<K>, error: Error): ReadonlyMap<K, Error> =>
  new Map(Array.from(keys, (key) => [key, error]))
