/**
 * Listens, and hands each new connection to one of the processors in turn.
 *
 * @kafka kafka.network.Acceptor
 */

import { IOException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import { NioSelector } from '../../network/nio/NioSelector.ts'
import { SelectionKey } from '../../network/nio/SelectionKey.ts'
import type {
  SelectorProvider,
  ServerSocketChannel,
  SocketChannel,
} from '../../network/nio/SocketChannel.ts'
import { type ConnectionQuotas, TooManyConnectionsException } from './ConnectionQuotas.ts'
import type { Processor } from './Processor.ts'

const SELECT_TIMEOUT_MS = 500

export interface AcceptorOptions {
  time: Time
  network: SelectorProvider
  logger: Logger
  connectionQuotas: ConnectionQuotas
  processors: readonly Processor[]
}

export class Acceptor {
  private readonly options: AcceptorOptions
  private readonly nioSelector: NioSelector<ServerSocketChannel>
  private readonly serverChannel: ServerSocketChannel
  private nextProcessor = 0
  private running = true
  private loop: Promise<void> | undefined

  constructor(options: AcceptorOptions) {
    this.options = options
    this.nioSelector = new NioSelector(options.time)
    this.serverChannel = options.network.openServerSocketChannel()
  }

  /** @throws IOException naming host and port */
  bind(host: string, port: number): Promise<void> {
    return this.serverChannel.bind(host, port)
  }

  get port(): number {
    return this.serverChannel.port
  }

  start(): void {
    this.nioSelector.register(this.serverChannel, SelectionKey.OP_ACCEPT)
    this.loop ??= this.run()
  }

  /** Stops listening; connections that were made stay with their processors. */
  async close(): Promise<void> {
    this.running = false
    this.options.connectionQuotas.close()
    this.nioSelector.wakeup()
    await this.loop
    this.serverChannel.close()
    this.nioSelector.close()
  }

  private async run(): Promise<void> {
    while (this.running) {
      try {
        await this.nioSelector.select(SELECT_TIMEOUT_MS)
        await this.acceptNewConnections()
      } catch (error) {
        this.options.logger.error('Error while accepting connections', error)
      }
    }
  }

  private async acceptNewConnections(): Promise<void> {
    while (this.running) {
      // Whoever comes now waits in the listener's own queue.
      if (!this.options.connectionQuotas.hasSlot()) await this.options.connectionQuotas.slot()
      if (!this.running) return
      const channel = this.accept()
      if (channel === null) return
      if (channel !== undefined) this.assign(channel)
    }
  }

  /** `null` when nobody waits; `undefined` when one was lost before it could be taken. */
  private accept(): SocketChannel | null | undefined {
    try {
      return this.serverChannel.accept()
    } catch (error) {
      if (!(error instanceof IOException)) throw error
      this.options.logger.info(error.message)
      return undefined
    }
  }

  private assign(channel: SocketChannel): void {
    const { connectionQuotas, processors, logger } = this.options
    const address = channel.remoteAddress
    try {
      connectionQuotas.inc(address)
    } catch (error) {
      connectionQuotas.dec(address)
      channel.close()
      if (!(error instanceof TooManyConnectionsException)) throw error
      logger.info(error.message)
      return
    }
    processors[this.nextProcessor]!.accept(channel)
    this.nextProcessor = (this.nextProcessor + 1) % processors.length
  }
}
