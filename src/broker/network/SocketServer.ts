/**
 * The broker's door: one acceptor, some processors, and the channel between them and the handlers.
 *
 *     Acceptor ─ new connection ─► Processor 0 … n ─ Request ─► RequestChannel ─► handlers
 *                                                 ◄─ Response ─
 *
 * @kafka kafka.network.SocketServer
 * @simplified one listener, plaintext.
 */

import type { Logger } from '../../common/Logger.ts'
import type { Random } from '../../common/Random.ts'
import type { Time } from '../../common/Time.ts'
import type { Trace } from '../../common/Trace.ts'
import { MemoryPool } from '../../network/MemoryPool.ts'
import type { SelectorProvider } from '../../network/nio/SocketChannel.ts'
import { SimpleMemoryPool } from '../../network/SimpleMemoryPool.ts'
import type { ApiVersionManager } from '../ApiVersionManager.ts'
import type { KafkaConfig } from '../KafkaConfig.ts'
import { Acceptor } from './Acceptor.ts'
import { ConnectionQuotas } from './ConnectionQuotas.ts'
import { Processor } from './Processor.ts'
import { RequestChannel } from './RequestChannel.ts'

export interface SocketServerOptions {
  config: KafkaConfig
  time: Time
  random: Random
  network: SelectorProvider
  logger: Logger
  trace: Trace
  apiVersionManager: ApiVersionManager
}

export class SocketServer {
  readonly requestChannel: RequestChannel
  readonly connectionQuotas: ConnectionQuotas
  readonly processors: readonly Processor[]
  private readonly acceptor: Acceptor

  constructor(options: SocketServerOptions) {
    const { config, time, random, network, logger, trace, apiVersionManager } = options
    const requestChannel = new RequestChannel(config.get('queued.max.requests'), trace)
    const connectionQuotas = new ConnectionQuotas(config)
    const memoryPool = memoryPoolOf(config)
    this.requestChannel = requestChannel
    this.connectionQuotas = connectionQuotas
    this.processors = Array.from(
      { length: config.get('num.network.threads') },
      (_, id) =>
        new Processor({
          id,
          time,
          random,
          network,
          logger,
          trace,
          requestChannel,
          connectionQuotas,
          apiVersionManager,
          memoryPool,
          maxRequestSize: config.get('socket.request.max.bytes'),
          connectionsMaxIdleMs: config.get('connections.max.idle.ms'),
        }),
    )
    for (const processor of this.processors) requestChannel.addProcessor(processor)
    const { processors } = this
    this.acceptor = new Acceptor({ time, network, logger, connectionQuotas, processors })
  }

  /**
   * Takes the address, so that its port is known. Nobody is let in before
   * `enableRequestProcessing`.
   *
   * @throws IOException naming host and port
   */
  bind(host: string, port: number): Promise<void> {
    return this.acceptor.bind(host, port)
  }

  get port(): number {
    return this.acceptor.port
  }

  /** Lets connections in. */
  enableRequestProcessing(): void {
    for (const processor of this.processors) processor.start()
    this.acceptor.start()
  }

  connectionCount(): number {
    return this.connectionQuotas.count()
  }

  /** Stops listening. Connections that are there are still served. */
  stopAccepting(): Promise<void> {
    return this.acceptor.close()
  }

  /** Nothing that is queued is handled or answered any more; `shutdown` closes the connections. */
  abort(): void {
    this.requestChannel.close()
    for (const processor of this.processors) processor.abort()
  }

  /** Closes all connections. */
  async shutdown(): Promise<void> {
    await this.acceptor.close()
    this.requestChannel.close()
    for (const processor of this.processors) await processor.close()
  }
}

const memoryPoolOf = (config: KafkaConfig): MemoryPool => {
  const bytes = config.get('queued.max.request.bytes')
  if (bytes <= 0) return MemoryPool.NONE
  return new SimpleMemoryPool({
    sizeBytes: bytes,
    maxSingleAllocationBytes: config.get('socket.request.max.bytes'),
    strict: false,
  })
}
