/**
 * Takes requests from the queue and does what they ask, one after the other.
 *
 * Nothing in `KafkaApis` blocks, so one of them would do; there are `num.io.threads` as in Kafka,
 * and what they share is the event loop.
 *
 * @kafka kafka.server.KafkaRequestHandler
 */

import type { Logger } from '../common/Logger.ts'
import type { Trace } from '../common/Trace.ts'
import type { Request } from './network/Request.ts'
import type { RequestChannel } from './network/RequestChannel.ts'

/** What a handler hands requests to: `KafkaApis`. */
export interface ApiRequestHandler {
  handle(request: Request): void
}

export class KafkaRequestHandler {
  private readonly requestChannel: RequestChannel
  private readonly apis: ApiRequestHandler
  private readonly logger: Logger
  private readonly trace: Trace

  constructor(options: {
    requestChannel: RequestChannel
    apis: ApiRequestHandler
    logger: Logger
    trace: Trace
  }) {
    this.requestChannel = options.requestChannel
    this.apis = options.apis
    this.logger = options.logger
    this.trace = options.trace
  }

  /** Runs until the channel is closed. */
  async run(): Promise<void> {
    while (!this.requestChannel.isClosed()) {
      const request = this.requestChannel.receiveRequest()
      if (request === undefined) {
        await this.requestChannel.nextRequest()
        continue
      }
      if (this.trace.enabled) {
        this.trace.emit('broker.handler.run', {
          connection: request.context.connectionId,
          api: request.apiKey.name,
          correlationId: request.header.correlationId,
        })
      }
      try {
        this.apis.handle(request)
      } catch (error) {
        // `handle` answers errors itself; what gets here could not even be answered.
        this.logger.error(`Exception when handling ${request}`, error)
        this.requestChannel.closeConnection(request)
      }
    }
  }
}

/** @kafka kafka.server.KafkaRequestHandlerPool */
export class KafkaRequestHandlerPool {
  private readonly loops: Promise<void>[]

  constructor(size: number, makeHandler: () => KafkaRequestHandler) {
    this.loops = Array.from({ length: size }, () => makeHandler().run())
  }

  /** Resolves when all handlers have ended; the request channel must be closed. */
  async shutdown(): Promise<void> {
    await Promise.all(this.loops)
  }
}
