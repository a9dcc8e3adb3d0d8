/**
 * Between the loops that read requests and the loops that do what they ask: a queue there, and a
 * way back for each processor.
 *
 *     Processor 0 ┐                                ┌ handler 0
 *     Processor 1 ┼─► queue (queued.max.requests) ─┼ handler 1 …
 *     Processor 2 ┘                                └
 *         ▲ responses, each to the processor that owns the connection
 *
 * I1  The queue never holds more than `queued.max.requests`: who wants to add one waits for room.
 *
 * @kafka kafka.network.RequestChannel
 */

import type { Trace } from '../../common/Trace.ts'
import type { AnyApiKey } from '../../protocol/ApiKeys.ts'
import { buildResponseSend } from '../../protocol/SendBuilder.ts'
import type { InputOf } from '../../protocol/schema/message.ts'
import type { Request, Response } from './Request.ts'

/** Who sends responses: a `Processor`. */
export interface ResponseSink {
  readonly id: number
  enqueueResponse(response: Response): void
}

export class RequestChannel {
  private readonly capacity: number
  private readonly trace: Trace
  private readonly queue: Request[] = []
  private readonly processors = new Map<number, ResponseSink>()
  /** Handlers that have nothing to do. */
  private readonly idleHandlers: (() => void)[] = []
  /** Processors that wait for room. */
  private readonly waitingForRoom: (() => void)[] = []
  private closed = false

  /** @param capacity `queued.max.requests` */
  constructor(capacity: number, trace: Trace) {
    this.capacity = capacity
    this.trace = trace
  }

  addProcessor(processor: ResponseSink): void {
    this.processors.set(processor.id, processor)
  }

  removeProcessor(id: number): void {
    this.processors.delete(id)
  }

  queueSize(): number {
    return this.queue.length
  }

  hasRoom(): boolean {
    return this.queue.length < this.capacity
  }

  /** Resolves when there may be room: ask again. */
  room(): Promise<void> {
    return new Promise((resolve) => this.waitingForRoom.push(resolve))
  }

  sendRequest(request: Request): void {
    this.queue.push(request)
    if (this.trace.enabled) {
      this.trace.emit('broker.requestChannel.sendRequest', {
        connection: request.context.connectionId,
        api: request.apiKey.name,
        correlationId: request.header.correlationId,
        queueSize: this.queue.length,
      })
    }
    this.idleHandlers.shift()?.()
  }

  /** The request that has waited longest; `undefined` when there is none. */
  receiveRequest(): Request | undefined {
    const request = this.queue.shift()
    if (request !== undefined) this.waitingForRoom.shift()?.()
    return request
  }

  /** Resolves when there may be a request, or the channel was closed: ask again. */
  nextRequest(): Promise<void> {
    if (this.closed || this.queue.length > 0) return Promise.resolve()
    return new Promise((resolve) => this.idleHandlers.push(resolve))
  }

  isClosed(): boolean {
    return this.closed
  }

  // ---- the way back

  /** @param version of the body; the version that was asked, unless that one is unknown */
  sendResponse<K extends AnyApiKey>(
    request: Request,
    apiKey: K,
    data: InputOf<K['response']>,
    version: number = request.header.apiVersion,
  ): void {
    const { correlationId } = request.header
    const { fault } = request
    const answer = fault?.amend === undefined ? data : (fault.amend(data as Fields) as typeof data)
    const slices = buildResponseSend(apiKey, version, correlationId, answer)
    if (this.trace.enabled) {
      let bytes = 0
      for (const slice of slices) bytes += slice.length
      this.trace.emit('broker.requestChannel.sendResponse', {
        connection: request.context.connectionId,
        api: apiKey.name,
        correlationId,
        bytes,
      })
    }
    this.enqueue({ kind: 'send', request, slices })
  }

  /** Nobody waits for an answer; the connection may be read again. */
  sendNoOpResponse(request: Request): void {
    this.enqueue({ kind: 'noOp', request })
  }

  closeConnection(request: Request): void {
    this.enqueue({ kind: 'close', request })
  }

  /** Wakes everybody who waits; what is queued is dropped. */
  close(): void {
    this.closed = true
    for (const request of this.queue.splice(0)) request.releaseBuffer()
    for (const wake of this.idleHandlers.splice(0)) wake()
    for (const wake of this.waitingForRoom.splice(0)) wake()
  }

  private enqueue(response: Response): void {
    response.request.releaseBuffer()
    const { fault, processor } = response.request
    if (fault?.deliver === undefined) this.processors.get(processor)?.enqueueResponse(response)
    else fault.deliver(response, (each) => this.processors.get(processor)?.enqueueResponse(each))
  }
}

type Fields = Readonly<Record<string, unknown>>
