/** Whom a selector under test talks to: an echo server, and a peer that sends raw bytes. */

import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import type { Time } from '../../src/common/Time.ts'
import { ByteBufferSend } from '../../src/network/ByteBufferSend.ts'
import type { NetworkReceive } from '../../src/network/NetworkReceive.ts'
import { NetworkSend } from '../../src/network/NetworkSend.ts'
import { NioSelector } from '../../src/network/nio/NioSelector.ts'
import { SelectionKey } from '../../src/network/nio/SelectionKey.ts'
import type { ServerSocketChannel, SocketChannel } from '../../src/network/nio/SocketChannel.ts'
import { Selector } from '../../src/network/Selector.ts'
import type { World } from './world.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const bytesOf = (text: string): Uint8Array => encoder.encode(text)

export const textOf = (receive: NetworkReceive): string => {
  const payload = receive.payload()
  return decoder.decode(payload.bytes.subarray(payload.position, payload.limit))
}

/** A frame with `text` for connection `id`. */
export const frame = (id: string, text: string): NetworkSend =>
  new NetworkSend(id, ByteBufferSend.sizePrefixed(bytesOf(text)))

/** The bytes of a frame as they stand on the wire. */
export const frameBytes = (payload: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(4 + payload.length)
  new DataView(bytes.buffer).setInt32(0, payload.length)
  bytes.set(payload, 4)
  return bytes
}

/** A listening socket with what it takes to wait for connections. */
export class Listener {
  private readonly channel: ServerSocketChannel
  private readonly nioSelector: NioSelector<ServerSocketChannel>
  private readonly time: Time

  private constructor(world: World) {
    this.time = world.time
    this.channel = world.serverNetwork.openServerSocketChannel()
    this.nioSelector = new NioSelector(world.time)
    this.nioSelector.register(this.channel, SelectionKey.OP_ACCEPT)
    world.atEnd(() => this.close())
  }

  static async open(world: World): Promise<Listener> {
    const listener = new Listener(world)
    await listener.channel.bind(world.serverHost, 0)
    return listener
  }

  get port(): number {
    return this.channel.port
  }

  /** The next connection; waits for it. `undefined` once the listener is closed. */
  async accept(): Promise<SocketChannel | undefined> {
    while (this.channel.isOpen()) {
      const accepted = this.channel.accept()
      if (accepted !== null) return accepted
      await this.nioSelector.select(60_000)
    }
    return undefined
  }

  async acceptPeer(): Promise<RawPeer> {
    const channel = await this.accept()
    if (channel === undefined) throw new Error('the listener was closed')
    return new RawPeer(this.time, channel)
  }

  close(): void {
    this.channel.close()
    this.nioSelector.close()
  }
}

/** One end of a connection that knows nothing of frames. */
export class RawPeer {
  readonly channel: SocketChannel
  private readonly nioSelector: NioSelector<SocketChannel>
  private readonly key: SelectionKey<SocketChannel>

  constructor(time: Time, channel: SocketChannel) {
    this.channel = channel
    this.nioSelector = new NioSelector(time)
    this.key = this.nioSelector.register(channel, 0)
  }

  static async connect(world: World, port: number): Promise<RawPeer> {
    const channel = world.clientNetwork.openSocketChannel()
    channel.connect(world.serverHost, port)
    const peer = new RawPeer(world.time, channel)
    peer.key.setInterestOps(SelectionKey.OP_CONNECT)
    while (!channel.finishConnect()) await peer.nioSelector.select(60_000)
    return peer
  }

  /** Resolves when the kernel has taken all of it. */
  async write(...slices: Uint8Array[]): Promise<void> {
    this.channel.write(slices)
    this.key.setInterestOps(SelectionKey.OP_WRITE)
    while (this.channel.hasPendingWrites()) await this.nioSelector.select(60_000)
  }

  /** Exactly `count` bytes, or fewer when the stream ends. */
  async read(count: number): Promise<Uint8Array> {
    const into = ByteBuffer.allocate(count)
    this.key.setInterestOps(SelectionKey.OP_READ)
    while (into.hasRemaining()) {
      const n = this.channel.read(into)
      if (n < 0) break
      if (n === 0) await this.nioSelector.select(60_000)
    }
    return into.bytes.subarray(0, into.position)
  }

  /** Waits until the stream has ended or broken; what still comes is dropped. */
  async readToEnd(): Promise<'end' | 'error'> {
    const into = ByteBuffer.allocate(65_536)
    this.key.setInterestOps(SelectionKey.OP_READ)
    try {
      for (;;) {
        const n = this.channel.read(into.clear())
        if (n < 0) return 'end'
        if (n === 0) await this.nioSelector.select(60_000)
      }
    } catch {
      return 'error'
    }
  }

  close(): void {
    this.channel.close()
    this.nioSelector.close()
  }
}

/** Sends every frame back, in order; a server loop as a broker's processor is one. */
export class EchoServer {
  readonly selector: Selector
  private readonly listener: Listener
  private readonly waiting = new Map<string, Uint8Array[]>()
  private accepted = 0
  /** Frames that were sent back. */
  echoed = 0
  private running = true
  private readonly loops: Promise<unknown>

  private constructor(world: World, listener: Listener) {
    this.listener = listener
    this.selector = new Selector(
      world.selectorOptions({
        network: world.serverNetwork,
        trace: world.traceBus.from('server'),
        connectionMaxIdleMs: Selector.NO_IDLE_TIMEOUT_MS,
        maxReceiveSize: 100 * 1024 * 1024,
      }),
    )
    this.loops = Promise.all([this.acceptAll(), this.echoAll()])
  }

  static async start(world: World): Promise<EchoServer> {
    const server = new EchoServer(world, await Listener.open(world))
    world.atEnd(() => server.close())
    return server
  }

  get port(): number {
    return this.listener.port
  }

  /** Drops all connections; new ones are welcome. */
  closeConnections(): void {
    for (const channel of this.selector.channels()) this.selector.closeChannel(channel.id)
    this.waiting.clear()
  }

  async close(): Promise<void> {
    this.running = false
    this.listener.close()
    this.selector.wakeup()
    await this.loops
    this.selector.close()
  }

  private async acceptAll(): Promise<void> {
    for (;;) {
      const channel = await this.listener.accept()
      if (channel === undefined) return
      this.selector.register(`server-${this.accepted++}`, channel)
      this.selector.wakeup()
    }
  }

  private async echoAll(): Promise<void> {
    while (this.running) {
      await this.selector.poll(60_000)
      for (const id of this.selector.disconnected().keys()) this.waiting.delete(id)
      for (const send of this.selector.completedSends()) {
        this.echoed++
        const queue = this.waiting.get(send.destinationId)
        queue?.shift()
        this.sendFirst(send.destinationId)
      }
      for (const receive of this.selector.completedReceives()) {
        const queue = this.waiting.get(receive.source) ?? []
        this.waiting.set(receive.source, queue)
        queue.push(receive.payload().bytes)
        if (queue.length === 1) this.sendFirst(receive.source)
      }
    }
  }

  private sendFirst(id: string): void {
    const first = this.waiting.get(id)?.[0]
    if (first === undefined || this.selector.channel(id) === undefined) return
    this.selector.send(new NetworkSend(id, ByteBufferSend.sizePrefixed(first)))
  }
}
