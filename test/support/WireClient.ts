/**
 * A client of a few lines: one connection, frames out, frames in. What tests of a broker speak, so
 * that they do not depend on the clients they are there to serve.
 */

import type { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { ByteBufferSend } from '../../src/network/ByteBufferSend.ts'
import type { Environment } from '../../src/network/Environment.ts'
import { NetworkSend } from '../../src/network/NetworkSend.ts'
import { PlaintextChannelBuilder } from '../../src/network/PlaintextChannelBuilder.ts'
import { Selector } from '../../src/network/Selector.ts'
import type { AnyApiKey } from '../../src/protocol/ApiKeys.ts'
import { buildRequestSend, parseResponse } from '../../src/protocol/SendBuilder.ts'
import type { DataOf, InputOf } from '../../src/protocol/schema/message.ts'

const ID = 'wire'

/** The broker closed the connection. */
export class Disconnected extends Error {}

export class WireClient {
  private readonly environment: Environment
  private readonly selector: Selector
  private readonly frames: ByteBuffer[] = []
  private correlationId = 0
  private gone = false
  clientId: string | null = 'wire-client'

  private constructor(environment: Environment) {
    this.environment = environment
    this.selector = new Selector({
      time: environment.time,
      network: environment.network,
      channelBuilder: new PlaintextChannelBuilder(),
      connectionMaxIdleMs: Selector.NO_IDLE_TIMEOUT_MS,
      logger: environment.logger,
      trace: environment.traceBus.from('wire-client'),
    })
  }

  static async connect(environment: Environment, host: string, port: number): Promise<WireClient> {
    const client = new WireClient(environment)
    client.selector.connect(ID, host, port)
    while (!client.selector.isChannelReady(ID)) {
      await client.selector.poll(1000)
      if (client.selector.disconnected().size > 0)
        throw new Disconnected(`cannot connect to ${host}:${port}`)
    }
    return client
  }

  /** Sends a request and waits for its response. */
  async request<K extends AnyApiKey>(
    apiKey: K,
    version: number,
    data: InputOf<K['request']>,
    timeoutMs = 15_000,
  ): Promise<DataOf<K['response']>> {
    const correlationId = await this.send(apiKey, version, data)
    const response = parseResponse(apiKey, version, await this.receive(timeoutMs))
    if (response.correlationId !== correlationId) {
      throw new Error(`correlation id ${response.correlationId} instead of ${correlationId}`)
    }
    return response.data
  }

  /** Sends a request without waiting for a response; returns its correlation id. */
  async send<K extends AnyApiKey>(
    apiKey: K,
    version: number,
    data: InputOf<K['request']>,
  ): Promise<number> {
    const correlationId = ++this.correlationId
    await this.sendRaw(buildRequestSend(apiKey, version, correlationId, this.clientId, data))
    return correlationId
  }

  /** Sends bytes as they are. */
  async sendRaw(slices: Uint8Array[]): Promise<void> {
    this.selector.send(new NetworkSend(ID, new ByteBufferSend(slices)))
    for (;;) {
      await this.poll(1000)
      if (this.selector.completedSends().length > 0) return
    }
  }

  /** The next frame, without its size. */
  async receive(timeoutMs = 15_000): Promise<ByteBuffer> {
    const { time } = this.environment
    const deadlineMs = time.hiResClockMs() + timeoutMs
    for (;;) {
      const frame = this.frames.shift()
      if (frame !== undefined) return frame
      const leftMs = deadlineMs - time.hiResClockMs()
      if (leftMs <= 0) throw new Error(`no response within ${timeoutMs} ms`)
      await this.poll(leftMs)
    }
  }

  /** Waits until the broker closes the connection. */
  async closedByBroker(timeoutMs = 15_000): Promise<void> {
    try {
      await this.receive(timeoutMs)
    } catch (error) {
      if (error instanceof Disconnected) return
      throw error
    }
    throw new Error('the broker answered instead of closing the connection')
  }

  close(): void {
    this.selector.close()
  }

  private async poll(timeoutMs: number): Promise<void> {
    if (this.gone) throw new Disconnected('the connection is closed')
    await this.selector.poll(Math.min(timeoutMs, 1000))
    for (const receive of this.selector.completedReceives()) this.frames.push(receive.payload())
    if (this.selector.disconnected().size === 0) return
    this.gone = true
    if (this.frames.length === 0) throw new Disconnected('the broker closed the connection')
  }
}
