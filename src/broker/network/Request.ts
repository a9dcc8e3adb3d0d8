/**
 * One request on its way through the broker, and the three ways in which it can end.
 *
 *     Processor ─ Request ─► RequestChannel ─► KafkaRequestHandler ─► KafkaApis
 *         ▲                                                              │
 *         └── SendResponse · NoOpResponse (acks=0) · CloseConnectionResponse ┘
 *
 * @kafka kafka.network.RequestChannel.Request
 * @kafka org.apache.kafka.common.requests.RequestContext
 */

import type { ClientInformation } from '../../network/ClientInformation.ts'
import type { AnyApiKey } from '../../protocol/ApiKeys.ts'
import type { RequestHeader } from '../../protocol/RequestHeader.ts'
import type { DataOf } from '../../protocol/schema/message.ts'

/** Where a request came from. */
export interface RequestContext {
  readonly header: RequestHeader
  /** Unique among the connections of this broker, as long as it lasts. */
  readonly connectionId: string
  readonly clientAddress: string
  readonly clientInformation: ClientInformation | null
}

export interface RequestOptions {
  processor: number
  context: RequestContext
  apiKey: AnyApiKey
  body: unknown
  sizeInBytes: number
  startTimeMs: number
  /** Gives the memory of the frame back; its bytes are not looked at any more. */
  releaseBuffer: () => void
}

export class Request {
  /** Which processor will send the answer. */
  readonly processor: number
  readonly context: RequestContext
  readonly apiKey: AnyApiKey
  readonly sizeInBytes: number
  readonly startTimeMs: number
  /** What a fault rule does to the answer; nothing, unless one hit this request. */
  fault: ResponseFault | undefined
  private decoded: unknown
  private readonly release: () => void
  private released = false

  constructor(options: RequestOptions) {
    this.processor = options.processor
    this.context = options.context
    this.apiKey = options.apiKey
    this.decoded = options.body
    this.sizeInBytes = options.sizeInBytes
    this.startTimeMs = options.startTimeMs
    this.release = options.releaseBuffer
  }

  get header(): RequestHeader {
    return this.context.header
  }

  /** The message, as what the caller knows it to be. Its records are views of the frame. */
  body<K extends AnyApiKey>(_apiKey: K): DataOf<K['request']> {
    return this.decoded as DataOf<K['request']>
  }

  /** A fault takes parts of a request out: only the rest is handled. */
  replaceBody(body: unknown): void {
    this.decoded = body
  }

  /** The request is done with: its frame may be used for another. */
  releaseBuffer(): void {
    if (this.released) return
    this.released = true
    this.release()
  }

  toString(): string {
    return `Request(${this.header}, connection=${this.context.connectionId})`
  }
}

export type Response =
  | {
      readonly kind: 'send'
      readonly request: Request
      /** The frame, size in front; records stay where they are. */
      readonly slices: Uint8Array[]
      /** The connection is closed behind it: a fault cut it short. */
      readonly thenClose?: boolean
    }
  | { readonly kind: 'noOp'; readonly request: Request }
  | { readonly kind: 'close'; readonly request: Request }

/** What a fault does on the way of an answer: before it is encoded, and when it goes out. */
export interface ResponseFault {
  amend?(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>
  deliver?(response: Response, forward: (response: Response) => void): void
}
