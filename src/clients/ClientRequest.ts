/**
 * A request on its way: where it goes, how it will be made, and who wants to know the outcome.
 *
 * It is made by `KafkaClient.newClientRequest`, which gives it its correlation id. Nothing is
 * encoded yet: that happens in `NetworkClient.doSend`, when the version is known.
 *
 * @kafka org.apache.kafka.clients.ClientRequest
 */

import type { RequestCompletionHandler } from './ClientResponse.ts'
import type { AnyApiKey, RequestBuilder } from './RequestBuilder.ts'
import type { RequestHeaderInfo } from './RequestHeaderInfo.ts'

export interface ClientRequestOptions<K extends AnyApiKey = AnyApiKey> {
  /** The id of the node, as a connection is keyed by it (`Node.idString`). */
  readonly destination: string
  readonly requestBuilder: RequestBuilder<K>
  readonly correlationId: number
  readonly clientId: string | null
  /** When the request was thought of, milliseconds since 1970; latency is counted from here. */
  readonly createdTimeMs: number
  /** `false`: the request is done once it is sent (acks=0). */
  readonly expectResponse: boolean
  /**
   * How long a response is waited for, from the moment of sending, before the connection is given
   * up.
   */
  readonly requestTimeoutMs: number
  readonly callback: RequestCompletionHandler<K> | null
}

export class ClientRequest<K extends AnyApiKey = AnyApiKey> {
  readonly destination: string
  readonly requestBuilder: RequestBuilder<K>
  readonly correlationId: number
  readonly clientId: string | null
  readonly createdTimeMs: number
  readonly expectResponse: boolean
  readonly requestTimeoutMs: number
  readonly callback: RequestCompletionHandler<K> | null

  constructor(options: ClientRequestOptions<K>) {
    this.destination = options.destination
    this.requestBuilder = options.requestBuilder
    this.correlationId = options.correlationId
    this.clientId = options.clientId
    this.createdTimeMs = options.createdTimeMs
    this.expectResponse = options.expectResponse
    this.requestTimeoutMs = options.requestTimeoutMs
    this.callback = options.callback
  }

  get apiKey(): K {
    return this.requestBuilder.apiKey
  }

  /** The header this request has in `version`. */
  makeHeader(version: number): RequestHeaderInfo<K> {
    return {
      apiKey: this.apiKey,
      apiVersion: version,
      correlationId: this.correlationId,
      clientId: this.clientId,
    }
  }

  toString(): string {
    return (
      `ClientRequest(${this.apiKey.name}, correlationId=${this.correlationId}, ` +
      `destination=${this.destination}, expectResponse=${this.expectResponse})`
    )
  }
}
