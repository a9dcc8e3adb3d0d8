/**
 * What became of a request. There is exactly one for every request that was sent, whatever
 * happened:
 *
 *     responseBody            the node answered (the body may still hold errors of its own)
 *     wasDisconnected         the connection went away first; perhaps the node acted all the same
 *       timedOut              … because we gave up waiting and closed it
 *     versionMismatch         no version fits both sides; it was never sent
 *     authenticationException the node refused us; it was never sent
 *     none of these           it was sent, and no response was asked for
 *
 * I1  `timedOut` implies `wasDisconnected`: a late answer must never be taken for the answer to the
 *     next request.
 *
 * @kafka org.apache.kafka.clients.ClientResponse
 * @kafka org.apache.kafka.clients.RequestCompletionHandler
 */

import type {
  AuthenticationException,
  UnsupportedVersionException,
} from '../common/errors/ApiExceptions.ts'
import { IllegalStateException } from '../common/errors.ts'
import type { Trace } from '../common/Trace.ts'
import type { AnyApiKey, ResponseDataOf } from './RequestBuilder.ts'
import type { RequestHeaderInfo } from './RequestHeaderInfo.ts'

/**
 * What is called once with the outcome of a request, good or bad: a function of the typed response.
 *
 * The detour over a method is deliberate: TypeScript lets a method's parameter be narrower than
 * asked for, so a handler of produce responses can stand in a queue of handlers of any response.
 * The queue is safe because a response is always handed to the handler of its own request.
 */
export type RequestCompletionHandler<K extends AnyApiKey = AnyApiKey> = {
  onComplete(response: ClientResponse<K>): void
}['onComplete']

export interface ClientResponseOptions<K extends AnyApiKey = AnyApiKey> {
  readonly requestHeader: RequestHeaderInfo<K>
  readonly callback: RequestCompletionHandler<K> | null
  readonly destination: string
  readonly createdTimeMs: number
  readonly receivedTimeMs: number
  /** Default: `false`. */
  readonly disconnected?: boolean
  /** Default: `false`. */
  readonly timedOut?: boolean
  readonly versionMismatch?: UnsupportedVersionException | null
  readonly authenticationException?: AuthenticationException | null
  readonly responseBody?: ResponseDataOf<K> | null
  readonly trace?: Trace | null
}

export class ClientResponse<K extends AnyApiKey = AnyApiKey> {
  readonly requestHeader: RequestHeaderInfo<K>
  readonly destination: string
  readonly createdTimeMs: number
  readonly receivedTimeMs: number
  readonly wasDisconnected: boolean
  readonly timedOut: boolean
  readonly versionMismatch: UnsupportedVersionException | null
  readonly authenticationException: AuthenticationException | null
  /** `null` unless the node answered. */
  readonly responseBody: ResponseDataOf<K> | null
  private readonly callback: RequestCompletionHandler<K> | null
  private readonly trace: Trace | null

  constructor(options: ClientResponseOptions<K>) {
    this.requestHeader = options.requestHeader
    this.destination = options.destination
    this.createdTimeMs = options.createdTimeMs
    this.receivedTimeMs = options.receivedTimeMs
    this.wasDisconnected = options.disconnected ?? false
    this.timedOut = options.timedOut ?? false
    this.versionMismatch = options.versionMismatch ?? null
    this.authenticationException = options.authenticationException ?? null
    this.responseBody = options.responseBody ?? null
    this.callback = options.callback
    this.trace = options.trace ?? null
    if (this.timedOut && !this.wasDisconnected) {
      throw new IllegalStateException('I1 a response that timed out must be disconnected as well')
    }
  }

  /** From the making of the request to this outcome, milliseconds. */
  get requestLatencyMs(): number {
    return this.receivedTimeMs - this.createdTimeMs
  }

  hasResponse(): boolean {
    return this.responseBody !== null
  }

  /** Tells whoever made the request. Called once, by the client, from inside `poll`. */
  onComplete(): void {
    const { trace } = this
    if (trace?.enabled) {
      trace.emit('clients.clientResponse.onComplete', {
        api: this.requestHeader.apiKey.name,
        correlationId: this.requestHeader.correlationId,
        failure: this.failure(),
      })
    }
    this.callback?.(this)
  }

  /** Why there is no body; `''` when there is one. */
  failure(): string {
    if (this.responseBody !== null) return ''
    if (this.timedOut) return 'timed out'
    if (this.versionMismatch !== null) return `version mismatch: ${this.versionMismatch.message}`
    if (this.authenticationException !== null) {
      return `authentication failed: ${this.authenticationException.message}`
    }
    return this.wasDisconnected ? 'disconnected' : 'no response was asked for'
  }

  toString(): string {
    const { apiKey, apiVersion, correlationId } = this.requestHeader
    const outcome = this.failure() || 'answered'
    return (
      `ClientResponse(${apiKey.name} v${apiVersion}, correlationId=${correlationId}, ` +
      `destination=${this.destination}, latencyMs=${this.requestLatencyMs}, ${outcome})`
    )
  }
}
