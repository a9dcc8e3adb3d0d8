/** TCP on Node: `node:net`, reduced to the primitives of `../primitives.ts`. */

import { createServer, connect as netConnect, type Socket } from 'node:net'
import type { RawAccept, RawServer, RawSocket, RawSocketEvents } from '../primitives.ts'

class NodeSocket implements RawSocket {
  private readonly socket: Socket
  private flushed: () => void = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.setKeepAlive(true)
  }

  /**
   * Wires the callbacks. They only pass on what happened: no logic runs in the event loop's hands.
   */
  listen(events: RawSocketEvents): void {
    let told = false
    // An error is told when it happens: 'close' comes only after the event loop has gone on, and
    // until then the socket would look like one with nothing left to write.
    const closed = (error: Error | undefined): void => {
      if (told) return
      told = true
      events.closed(error)
    }
    // Runs once the last chunk of a write has left, also when it left at once.
    this.flushed = () => {
      if (!told && this.socket.writableLength === 0) events.flushed()
    }
    this.socket
      .on('connect', () => events.connected())
      .on('data', (b: Buffer) => events.data(new Uint8Array(b.buffer, b.byteOffset, b.byteLength)))
      .on('end', () => events.ended())
      .on('error', (error) => closed(explained(error)))
      .on('close', () => closed(undefined))
  }

  write(chunks: readonly Uint8Array[]): void {
    const { socket } = this
    const last = chunks.length - 1
    if (last < 0) return
    // Corked chunks leave in one writev; without cork each would be a system call of its own.
    if (last > 0) socket.cork()
    for (let i = 0; i < last; i++) socket.write(chunks[i]!)
    socket.write(chunks[last]!, this.flushed)
    if (last > 0) socket.uncork()
  }

  pendingBytes(): number {
    return this.socket.writableLength
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  end(): void {
    this.socket.end()
  }

  destroy(): void {
    this.socket.destroy()
  }

  get localAddress(): string {
    return this.socket.localAddress ?? ''
  }

  get localPort(): number {
    return this.socket.localPort ?? 0
  }

  get remoteAddress(): string {
    return this.socket.remoteAddress ?? ''
  }

  get remotePort(): number {
    return this.socket.remotePort ?? 0
  }
}

/**
 * A name with several addresses is tried at each; the error then holds one error per address, and
 * an empty message of its own.
 */
const explained = (error: Error): Error =>
  error instanceof AggregateError
    ? new Error(error.errors.map((e: Error) => e.message).join('; '), { cause: error })
    : error

/**
 * Starts connecting; the outcome comes as `connected` or `closed`. Names are resolved by the
 * machine.
 */
export const connectTcp = (host: string, port: number, events: RawSocketEvents): RawSocket => {
  const socket = new NodeSocket(netConnect({ host, port, allowHalfOpen: true }))
  socket.listen(events)
  return socket
}

/**
 * Binds and listens; port 0 takes a free one. Rejects when the address cannot be had.
 *
 * An accepted connection is not read before `resume` is called on it. `failed` hears of connections
 * that could not be accepted, for want of file descriptors for example; listening goes on.
 */
export const listenTcp = (
  host: string,
  port: number,
  accept: RawAccept,
  failed: (error: Error) => void,
): Promise<RawServer> =>
  new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      const raw = new NodeSocket(socket)
      raw.listen(accept(raw))
    })
    server.once('error', reject)
    server.listen({ host, port, backlog: 511 }, () => {
      server.off('error', reject)
      server.on('error', failed)
      const address = server.address()
      const bound = typeof address === 'object' && address !== null ? address.port : port
      resolve({
        host,
        port: bound,
        // The port is free when `close` returns. Its callback would wait for every connection that
        // was ever accepted to end; those are not the listener's business.
        close: () => {
          server.close()
          return Promise.resolve()
        },
      })
    })
  })
