/**
 * A request that was sent and has no outcome yet. Turns into the `ClientResponse` of its outcome.
 *
 * @kafka org.apache.kafka.clients.NetworkClient.InFlightRequest
 */

import type { Trace } from '../common/Trace.ts'
import type { NetworkSend } from '../network/NetworkSend.ts'
import type { ClientRequest } from './ClientRequest.ts'
import { ClientResponse, type RequestCompletionHandler } from './ClientResponse.ts'
import type { AnyApiKey, ResponseDataOf } from './RequestBuilder.ts'
import type { RequestHeaderInfo } from './RequestHeaderInfo.ts'

export interface InFlightRequestOptions {
  readonly request: ClientRequest
  readonly version: number
  /** Made by the client itself: its outcome is not shown to users. */
  readonly isInternalRequest: boolean
  readonly send: NetworkSend
  readonly sendTimeMs: number
  readonly trace: Trace | null
}

export class InFlightRequest {
  readonly header: RequestHeaderInfo
  readonly destination: string
  readonly callback: RequestCompletionHandler | null
  readonly expectResponse: boolean
  readonly isInternalRequest: boolean
  readonly send: NetworkSend
  readonly sendTimeMs: number
  readonly createdTimeMs: number
  readonly requestTimeoutMs: number
  /** How long the node held us back meanwhile; that is not the request's fault. */
  throttleTimeMs = 0
  private readonly trace: Trace | null

  constructor(options: InFlightRequestOptions) {
    const { request } = options
    this.header = request.makeHeader(options.version)
    this.destination = request.destination
    this.callback = request.callback
    this.expectResponse = request.expectResponse
    this.createdTimeMs = request.createdTimeMs
    this.requestTimeoutMs = request.requestTimeoutMs
    this.isInternalRequest = options.isInternalRequest
    this.send = options.send
    this.sendTimeMs = options.sendTimeMs
    this.trace = options.trace
  }

  timeElapsedSinceSendMs(nowMs: number): number {
    return Math.max(0, nowMs - this.sendTimeMs)
  }

  timeElapsedSinceCreateMs(nowMs: number): number {
    return Math.max(0, nowMs - this.createdTimeMs)
  }

  /** The time is up. Time during which the node held us back does not count. */
  isExpired(nowMs: number): boolean {
    return this.timeElapsedSinceSendMs(nowMs) - this.throttleTimeMs > this.requestTimeoutMs
  }

  /** Milliseconds until `isExpired`; never below 0. */
  timeToExpireMs(nowMs: number): number {
    const usedMs = this.timeElapsedSinceSendMs(nowMs) - this.throttleTimeMs
    return Math.max(0, this.requestTimeoutMs - usedMs + 1)
  }

  incrementThrottleTime(throttleTimeMs: number): void {
    this.throttleTimeMs += throttleTimeMs
  }

  /** @param body `null` when no response was asked for */
  completed(body: ResponseDataOf<AnyApiKey> | null, nowMs: number): ClientResponse {
    return this.response(nowMs, { responseBody: body })
  }

  disconnected(nowMs: number): ClientResponse {
    return this.response(nowMs, { disconnected: true })
  }

  /** What timed out was disconnected too: its late answer must not meet the next request. */
  timedOut(nowMs: number): ClientResponse {
    return this.response(nowMs, { disconnected: true, timedOut: true })
  }

  toString(): string {
    const { apiKey, apiVersion, correlationId } = this.header
    return (
      `InFlightRequest(${apiKey.name} v${apiVersion}, correlationId=${correlationId}, ` +
      `destination=${this.destination}, expectResponse=${this.expectResponse}, ` +
      `isInternalRequest=${this.isInternalRequest}, sendTimeMs=${this.sendTimeMs})`
    )
  }

  private response(
    receivedTimeMs: number,
    outcome: { disconnected?: boolean; timedOut?: boolean; responseBody?: unknown },
  ): ClientResponse {
    return new ClientResponse({
      requestHeader: this.header,
      callback: this.callback,
      destination: this.destination,
      createdTimeMs: this.createdTimeMs,
      receivedTimeMs,
      trace: this.trace,
      ...outcome,
    })
  }
}
