/**
 * Reads requests from its connections and writes responses to them: one loop, many connections.
 *
 *     configureNewConnections   what the acceptor brought
 *     processNewResponses       what the handlers have done
 *     poll                      bytes in, bytes out
 *     processCompletedReceives  whole frames become requests; who sent one is not read further
 *     processCompletedSends     answered: the connection is read again
 *     processDisconnected       gone: it is counted no more
 *
 * Muting is what keeps the order: a client may send its next requests at once, but they stay in its
 * socket until the one before is answered. It is also what keeps memory small: a connection has at
 * most one request in this broker.
 *
 * I1  From `REQUEST_RECEIVED` to `RESPONSE_SENT` a connection is muted.
 * I2  One connection's rubbish costs that connection; the loop goes on.
 *
 * @kafka kafka.network.Processor
 */

import { InvalidRequestException } from '../../common/errors/ApiExceptions.ts'
import { KafkaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Random } from '../../common/Random.ts'
import type { Time } from '../../common/Time.ts'
import type { Trace } from '../../common/Trace.ts'
import { ByteBufferSend } from '../../network/ByteBufferSend.ts'
import { ClientInformation } from '../../network/ClientInformation.ts'
import type { KafkaChannel } from '../../network/KafkaChannel.ts'
import type { MemoryPool } from '../../network/MemoryPool.ts'
import type { NetworkReceive } from '../../network/NetworkReceive.ts'
import { NetworkSend } from '../../network/NetworkSend.ts'
import type { SelectorProvider, SocketChannel } from '../../network/nio/SocketChannel.ts'
import { PlaintextChannelBuilder } from '../../network/PlaintextChannelBuilder.ts'
import { Selector } from '../../network/Selector.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import type { ApiVersionsRequestData } from '../../protocol/messages/ApiVersions.ts'
import type { RequestHeader } from '../../protocol/RequestHeader.ts'
import { type ApiVersionManager, isValidIntroduction } from '../ApiVersionManager.ts'
import type { ConnectionQuotas } from './ConnectionQuotas.ts'
import { parseRequest } from './parseRequest.ts'
import { Request, type Response } from './Request.ts'
import type { RequestChannel, ResponseSink } from './RequestChannel.ts'

/** How long a poll waits when nothing happens; a wake-up ends it. */
const POLL_TIMEOUT_MS = 300
/** New connections that are taken in one round. */
const CONNECTION_QUEUE_SIZE = 20

export interface ProcessorOptions {
  id: number
  time: Time
  random: Random
  network: SelectorProvider
  logger: Logger
  trace: Trace
  requestChannel: RequestChannel
  connectionQuotas: ConnectionQuotas
  apiVersionManager: ApiVersionManager
  memoryPool: MemoryPool
  /** `socket.request.max.bytes` */
  maxRequestSize: number
  /** `connections.max.idle.ms` */
  connectionsMaxIdleMs: number
}

export class Processor implements ResponseSink {
  readonly id: number
  readonly selector: Selector
  private readonly options: ProcessorOptions
  private readonly logger: Logger
  private readonly requestChannel: RequestChannel
  private readonly newConnections: SocketChannel[] = []
  private readonly responseQueue: Response[] = []
  private readonly inflightResponses = new Map<string, Response>()
  /** The address that each connection was counted under. */
  private readonly addresses = new Map<string, string>()
  private nextConnectionIndex = 0
  private running = true
  private loop: Promise<void> | undefined

  constructor(options: ProcessorOptions) {
    this.id = options.id
    this.options = options
    this.logger = options.logger
    this.requestChannel = options.requestChannel
    this.selector = new Selector({
      time: options.time,
      network: options.network,
      channelBuilder: new PlaintextChannelBuilder(),
      maxReceiveSize: options.maxRequestSize,
      connectionMaxIdleMs: options.connectionsMaxIdleMs,
      logger: options.logger,
      trace: options.trace,
      memoryPool: options.memoryPool,
      random: options.random,
    })
  }

  start(): void {
    this.loop ??= this.run()
  }

  /** Ends the loop and closes all connections. */
  async close(): Promise<void> {
    this.running = false
    this.selector.wakeup()
    await this.loop
    if (this.loop === undefined) this.closeAll()
  }

  /** Breaks all connections: what is half written stays half written, what waits is not sent. */
  abort(): void {
    this.running = false
    this.responseQueue.length = 0
    for (const id of [...this.addresses.keys()]) this.closeConnection(id)
    this.selector.wakeup()
  }

  /** Takes over a connection that was accepted and counted. */
  accept(channel: SocketChannel): void {
    this.newConnections.push(channel)
    this.selector.wakeup()
  }

  enqueueResponse(response: Response): void {
    if (!this.running) return
    this.responseQueue.push(response)
    this.selector.wakeup()
  }

  connectionCount(): number {
    return this.addresses.size
  }

  private async run(): Promise<void> {
    try {
      while (this.running) {
        try {
          await this.runOnce()
        } catch (error) {
          this.logger.error('A processor got an uncaught exception', error)
        }
      }
    } finally {
      this.closeAll()
    }
  }

  /** One round of the loop. */
  async runOnce(): Promise<void> {
    this.configureNewConnections()
    this.processNewResponses()
    await this.selector.poll(this.newConnections.length === 0 ? POLL_TIMEOUT_MS : 0)
    await this.processCompletedReceives()
    this.processCompletedSends()
    this.processDisconnected()
  }

  private configureNewConnections(): void {
    for (const channel of this.newConnections.splice(0, CONNECTION_QUEUE_SIZE)) {
      const address = channel.remoteAddress
      const id = this.connectionId(channel)
      try {
        this.selector.register(id, channel)
        this.addresses.set(id, address)
      } catch (error) {
        this.options.connectionQuotas.dec(address)
        channel.close()
        this.logger.error(`Cannot take over the connection from ${address}`, error)
      }
    }
  }

  private processNewResponses(): void {
    for (const response of this.responseQueue.splice(0)) {
      const id = response.request.context.connectionId
      try {
        if (response.kind === 'send') this.sendResponse(id, response)
        else if (response.kind === 'noOp') this.answered(id)
        else this.closeConnection(id)
      } catch (error) {
        this.processChannelException(id, `Exception while processing response for ${id}`, error)
      }
    }
  }

  private sendResponse(id: string, response: Response & { kind: 'send' }): void {
    // Gone while its request was worked on: there is nobody to tell.
    if (this.openOrClosingChannel(id) === undefined) return
    this.selector.send(new NetworkSend(id, new ByteBufferSend(response.slices)))
    this.inflightResponses.set(id, response)
  }

  private async processCompletedReceives(): Promise<void> {
    for (const receive of this.selector.completedReceives()) {
      const id = receive.source
      // Shut down meanwhile: there is nobody to handle it, and no connection any more.
      if (!this.running) {
        receive.close()
        continue
      }
      try {
        const request = this.toRequest(receive)
        if (this.options.trace.enabled) {
          this.options.trace.emit('broker.processor.processCompletedReceives', {
            connection: id,
            clientId: request.header.clientId,
            api: request.apiKey.name,
            apiVersion: request.header.apiVersion,
            correlationId: request.header.correlationId,
            bytes: request.sizeInBytes,
          })
        }
        while (!this.requestChannel.hasRoom() && !this.requestChannel.isClosed()) {
          await this.requestChannel.room()
        }
        this.requestChannel.sendRequest(request)
      } catch (error) {
        receive.close()
        this.processChannelException(id, `Cannot process a request from ${id}`, error)
      }
    }
    this.selector.clearCompletedReceives()
  }

  private toRequest(receive: NetworkReceive): Request {
    const id = receive.source
    const channel = this.openOrClosingChannel(id)
    if (channel === undefined) {
      throw new KafkaException(`Channel ${id} was removed before its receive was processed`)
    }
    const buffer = receive.payload()
    const sizeInBytes = buffer.remaining()
    const { header, apiKey, body } = parseRequest(buffer, this.options.apiVersionManager)
    const registry = channel.metadataRegistry
    const introduced = clientInformationOf(header, body)
    if (introduced !== undefined) registry.registerClientInformation(introduced)
    // I1, before anything is awaited: it must hold whatever another loop does meanwhile.
    this.selector.mute(id)
    channel.handleChannelMuteEvent('REQUEST_RECEIVED')
    return new Request({
      processor: this.id,
      context: {
        header,
        connectionId: id,
        clientAddress: this.addresses.get(id) ?? '',
        clientInformation: registry.clientInformation(),
      },
      apiKey,
      body,
      sizeInBytes,
      startTimeMs: this.options.time.milliseconds(),
      releaseBuffer: () => receive.close(),
    })
  }

  private processCompletedSends(): void {
    for (const send of this.selector.completedSends()) {
      const id = send.destinationId
      try {
        const response = this.inflightResponses.get(id)
        if (response === undefined) {
          throw new KafkaException(`A send to ${id} completed, but there was no response for it`)
        }
        this.inflightResponses.delete(id)
        if (response.kind === 'send' && response.thenClose) this.closeConnection(id)
        else this.answered(id)
      } catch (error) {
        this.processChannelException(id, `Cannot process a completed send to ${id}`, error)
      }
    }
    this.selector.clearCompletedSends()
  }

  private processDisconnected(): void {
    for (const id of this.selector.disconnected().keys()) {
      this.inflightResponses.delete(id)
      this.uncount(id)
    }
  }

  /** The connection may be read again. */
  private answered(id: string): void {
    const channel = this.openOrClosingChannel(id)
    if (channel === undefined) return
    channel.handleChannelMuteEvent('RESPONSE_SENT')
    this.selector.unmute(id)
  }

  private closeConnection(id: string): void {
    if (this.openOrClosingChannel(id) === undefined) return
    this.inflightResponses.delete(id)
    this.uncount(id)
    this.selector.closeChannel(id)
  }

  private uncount(id: string): void {
    const address = this.addresses.get(id)
    if (address === undefined) return
    this.addresses.delete(id)
    this.options.connectionQuotas.dec(address)
  }

  /** I2: what went wrong with one connection closes that one. */
  private processChannelException(id: string, what: string, error: unknown): void {
    if (error instanceof InvalidRequestException) {
      this.logger.warn(`${what}, closing the connection: ${error.message}`)
    } else {
      this.logger.error(`${what}, closing the connection`, error)
    }
    this.closeConnection(id)
  }

  private openOrClosingChannel(id: string): KafkaChannel | undefined {
    return this.selector.channel(id) ?? this.selector.closingChannel(id) ?? undefined
  }

  /** `local:port-remote:port-processor-counter`: the counter keeps a reused remote port apart. */
  private connectionId(channel: SocketChannel): string {
    const index = this.nextConnectionIndex
    this.nextConnectionIndex = index === MAX_CONNECTION_INDEX ? 0 : index + 1
    return (
      `${channel.localAddress}:${channel.localPort}-` +
      `${channel.remoteAddress}:${channel.remotePort}-${this.id}-${index}`
    )
  }

  private closeAll(): void {
    for (const channel of this.newConnections.splice(0)) {
      this.options.connectionQuotas.dec(channel.remoteAddress)
      channel.close()
    }
    for (const id of [...this.addresses.keys()]) this.closeConnection(id)
    this.selector.close()
  }
}

const MAX_CONNECTION_INDEX = 2 ** 31 - 1

/** How a client introduces itself from version 3 of ApiVersions on (KIP-511). */
const clientInformationOf = (
  header: RequestHeader,
  body: unknown,
): ClientInformation | undefined => {
  if (header.apiKeyId !== ApiKeys.API_VERSIONS.id) return undefined
  const introduction = body as ApiVersionsRequestData
  if (!isValidIntroduction(header.apiVersion, introduction)) return undefined
  return new ClientInformation(introduction.clientSoftwareName, introduction.clientSoftwareVersion)
}
