/** What is TCP's own: the suites in `test/network` cover what it shares with the memory network. */

import { createServer, type Server, connect as tcpConnect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../../src/common/ByteBuffer.ts'
import { IllegalArgumentException, IOException } from '../../../src/common/errors.ts'
import { SystemTime } from '../../../src/common/SystemTime.ts'
import { NioSelector } from '../../../src/network/nio/NioSelector.ts'
import { SelectionKey } from '../../../src/network/nio/SelectionKey.ts'
import type {
  SelectableChannel,
  ServerSocketChannel,
  SocketChannel,
} from '../../../src/network/nio/SocketChannel.ts'
import { TcpNetwork } from '../../../src/network/nio/TcpNetwork.ts'
import { connectTcp } from '../../../src/platform/node/sockets.ts'

const network = new TcpNetwork()
const { OP_ACCEPT, OP_CONNECT, OP_READ, OP_WRITE } = SelectionKey
const cleanups: (() => void)[] = []

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

/** Waits until `channel` is ready for one of `ops`. */
const until = async (channel: SelectableChannel, ops: number): Promise<void> => {
  const selector = new NioSelector(new SystemTime())
  selector.register(channel, ops)
  while ((await selector.select(60_000)) === 0);
  selector.close()
}

const listen = async (port = 0): Promise<ServerSocketChannel> => {
  const channel = network.openServerSocketChannel()
  cleanups.push(() => channel.close())
  await channel.bind('127.0.0.1', port)
  return channel
}

const dial = (host: string, port: number): SocketChannel => {
  const channel = network.openSocketChannel()
  cleanups.push(() => channel.close())
  channel.connect(host, port)
  return channel
}

const connection = async (): Promise<[client: SocketChannel, server: SocketChannel]> => {
  const listener = await listen()
  const client = dial('127.0.0.1', listener.port)
  await until(client, OP_CONNECT)
  client.finishConnect()
  await until(listener, OP_ACCEPT)
  const server = listener.accept()!
  cleanups.push(() => server.close())
  return [client, server]
}

/** A server of plain Node, for what no channel of ours would do. */
const plainServer = (onConnection: Parameters<typeof createServer>[1]): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer({}, onConnection)
    cleanups.push(() => void server.close())
    server.listen(0, '127.0.0.1', () => resolve(server))
  })

const portOf = (server: Server): number => (server.address() as { port: number }).port

describe('listening', () => {
  test('an address in use is told with host and port', async () => {
    const { port } = await listen()
    const second = network.openServerSocketChannel()
    await expect(second.bind('127.0.0.1', port)).rejects.toThrow(
      new RegExp(`Cannot listen on 127.0.0.1:${port}: .*EADDRINUSE`),
    )
    await second.bind('127.0.0.1', 0) // another port will do
    await expect(second.bind('127.0.0.1', 0)).rejects.toThrow('Cannot bind')
    second.close()
  })

  test('the port is free once the listener is closed, whatever connections live', async () => {
    const listener = await listen()
    const { port } = listener
    const client = dial('127.0.0.1', port)
    await until(client, OP_CONNECT)
    client.finishConnect()
    await until(listener, OP_ACCEPT)
    const server = listener.accept()!
    listener.close()
    listener.close()
    const next = await listen(port)
    expect(next.port).toBe(port)
    server.write([new Uint8Array([1])])
    await until(client, OP_READ)
    expect(client.read(ByteBuffer.allocate(1))).toBe(1)
    server.close()
  })

  test('a listener closed while it binds does not stay open', async () => {
    const channel = network.openServerSocketChannel()
    const binding = channel.bind('127.0.0.1', 0)
    channel.close()
    await binding
    expect(channel.isOpen()).toBe(false)
    expect(channel.port).toBe(0)
  })

  test('who waits to be accepted is closed with the listener', async () => {
    const listener = await listen()
    const client = dial('127.0.0.1', listener.port)
    await until(client, OP_CONNECT)
    client.finishConnect()
    await until(listener, OP_ACCEPT)
    listener.close()
    await until(client, OP_READ)
    expect(client.read(ByteBuffer.allocate(1))).toBe(-1)
  })

  test('bytes of a connection that nobody accepted stay in the kernel', async () => {
    const listener = await listen()
    const client = dial('127.0.0.1', listener.port)
    await until(client, OP_CONNECT)
    client.finishConnect()
    await until(listener, OP_ACCEPT)
    client.write([new Uint8Array(64 * 1024 * 1024)])
    const selector = new NioSelector<SelectableChannel>(new SystemTime())
    selector.register(client, OP_WRITE)
    expect(await selector.select(50)).toBe(0)
    selector.close()
    expect(client.hasPendingWrites()).toBe(true)
  })
})

describe('connecting', () => {
  test('an impossible port is the caller’s mistake', () => {
    for (const port of [-1, 65_536, 1.5, Number.NaN]) {
      expect(() => network.openSocketChannel().connect('127.0.0.1', port)).toThrow(
        IllegalArgumentException,
      )
    }
  })

  test('a refusal names host, port and reason, for each address of the name', async () => {
    const listener = await listen()
    const { port } = listener
    listener.close()
    for (const host of ['127.0.0.1', 'localhost']) {
      const client = dial(host, port)
      await until(client, OP_CONNECT)
      expect(() => client.finishConnect()).toThrow(
        new RegExp(`Connecting to ${host}:${port} failed: .*ECONNREFUSED`),
      )
    }
  })

  test('a name with several addresses leads to the one that answers', async () => {
    // Where `localhost` is ::1 as well, nobody listens there.
    const listener = await listen()
    const client = dial('localhost', listener.port)
    await until(client, OP_CONNECT)
    expect(client.finishConnect()).toBe(true)
    expect(client.remoteAddress).toBe('localhost')
  })

  test('a channel connects once, and cannot be used before', () => {
    const channel = network.openSocketChannel()
    expect(channel.isConnected()).toBe(false)
    expect(() => channel.read(ByteBuffer.allocate(1))).toThrow('Not connected')
    expect(() => channel.write([])).toThrow('Not connected')
    channel.close()
    expect(() => channel.connect('127.0.0.1', 1)).toThrow('Cannot connect')
    expect(() => channel.read(ByteBuffer.allocate(1))).toThrow('is closed')
  })

  test('both ends know both addresses', async () => {
    const [client, server] = await connection()
    expect(server.remotePort).toBe(client.localPort)
    expect(client.remotePort).toBe(server.localPort)
    expect(server.remoteAddress).toBe('127.0.0.1')
    expect(server.localAddress).toBe(client.localAddress)
    expect(`${client}`).toBe(`TcpSocketChannel(127.0.0.1:${server.localPort}, connected)`)
  })
})

describe('bytes', () => {
  test('slices leave in one piece, and an empty list is nothing', async () => {
    const [client, server] = await connection()
    expect(client.write([])).toBe(0)
    expect(client.write([new Uint8Array(0)])).toBe(0)
    expect(client.write([new Uint8Array([1, 2]), new Uint8Array(0), new Uint8Array([3])])).toBe(3)
    await until(server, OP_READ)
    const into = ByteBuffer.allocate(10)
    expect(server.read(into)).toBe(3)
    expect([...into.bytes.subarray(0, 3)]).toEqual([1, 2, 3])
    expect(server.read(into)).toBe(0)
  })

  test('what piles up unread is bounded, and comes whole when it is read', async () => {
    const [client, server] = await connection()
    const size = 32 * 1024 * 1024
    client.write([new Uint8Array(size).fill(5)])
    // Turns of the event loop in which nobody reads: the platform stops at about 1 MiB.
    const idle = new NioSelector<SelectableChannel>(new SystemTime())
    for (let i = 0; i < 50; i++) await idle.select(1)
    const held = (server as unknown as { received: { footprint: number } }).received.footprint
    expect(held).toBeGreaterThan(1024 * 1024)
    expect(held).toBeLessThan(4 * 1024 * 1024)
    expect(client.hasPendingWrites()).toBe(true)
    const into = ByteBuffer.allocate(size)
    while (into.hasRemaining()) {
      await until(server, OP_READ)
      server.read(into)
    }
    expect(into.bytes.every((byte) => byte === 5)).toBe(true)
    await until(client, OP_WRITE)
    idle.close()
  })

  test('the end comes after the last byte, and writing still works the other way', async () => {
    const received: Buffer[] = []
    const server = await plainServer((socket) => {
      socket.on('data', (chunk) => received.push(chunk))
      socket.on('end', () => socket.destroy())
      socket.write('bye')
      socket.end()
    })
    const client = dial('127.0.0.1', portOf(server))
    await until(client, OP_CONNECT)
    client.finishConnect()
    const into = ByteBuffer.allocate(10)
    let count = 0
    while (count >= 0) {
      await until(client, OP_READ)
      count = client.read(into)
    }
    expect(into.position).toBe(3)
    expect(client.write([new Uint8Array([1])])).toBe(1)
    client.close()
  })

  test('a reset is an error after the bytes before it', async () => {
    let reset = (): void => {}
    const server = await plainServer((socket) => {
      socket.on('error', () => {})
      socket.write('last')
      reset = () => socket.resetAndDestroy()
    })
    const client = dial('127.0.0.1', portOf(server))
    await until(client, OP_CONNECT)
    client.finishConnect()
    await until(client, OP_READ)
    reset()
    const failed = async (): Promise<unknown> => {
      const into = ByteBuffer.allocate(10)
      for (;;) {
        await until(client, OP_READ)
        try {
          client.read(into)
        } catch (e) {
          expect(into.position).toBe(4)
          return e
        }
      }
    }
    const error = await failed()
    expect(error).toBeInstanceOf(IOException)
    expect((error as Error).message).toMatch(/Connection with 127.0.0.1:\d+ failed: .*ECONNRESET/)
    expect(() => client.write([])).toThrow(IOException)
    expect(client.readyOps()).toBe(OP_READ | OP_WRITE)
  })

  test('a write to somebody who left fails at the next try', async () => {
    const [client, server] = await connection()
    server.close()
    await until(client, OP_READ)
    expect(client.read(ByteBuffer.allocate(1))).toBe(-1)
    let failure: unknown
    while (failure === undefined) {
      try {
        client.write([new Uint8Array(1)])
      } catch (e) {
        failure = e
      }
      await until(client, OP_WRITE)
    }
    expect(failure).toBeInstanceOf(IOException)
  })
})

describe('the platform’s sockets', () => {
  test('tell once that they are gone, with the reason', async () => {
    const server = await plainServer((socket) => socket.on('error', () => {}).resetAndDestroy())
    const told: (Error | undefined)[] = []
    await new Promise<void>((resolve) => {
      const raw = connectTcp('127.0.0.1', portOf(server), {
        connected: () => raw.write([]),
        data: () => {},
        flushed: () => {},
        ended: () => {},
        closed: (error) => {
          told.push(error)
          setImmediate(() => setImmediate(resolve))
        },
      })
    })
    expect(told).toHaveLength(1)
    expect(told[0]?.message).toContain('ECONNRESET')
  })

  test('send FIN behind what is pending when they are ended', async () => {
    const server = await plainServer((socket) => {
      let count = 0
      socket.on('data', (chunk) => {
        count += chunk.length
      })
      socket.on('end', () => socket.end(String(count)))
    })
    const chunks: Uint8Array[] = []
    await new Promise<void>((resolve) => {
      const raw = connectTcp('127.0.0.1', portOf(server), {
        connected: () => {
          raw.write([new Uint8Array(100_000), new Uint8Array(5)])
          raw.end()
        },
        data: (chunk) => chunks.push(chunk),
        flushed: () => {},
        ended: resolve,
        closed: () => {},
      })
    })
    expect(Buffer.concat(chunks).toString()).toBe('100005')
    expect(chunks.every((chunk) => Object.getPrototypeOf(chunk) === Uint8Array.prototype)).toBe(
      true,
    )
  })
})

test('a plain client is served as well', async () => {
  const listener = await listen()
  const socket = tcpConnect(listener.port, '127.0.0.1')
  cleanups.push(() => socket.destroy())
  socket.end('hi')
  await until(listener, OP_ACCEPT)
  const server = listener.accept()!
  cleanups.push(() => server.close())
  await until(server, OP_READ)
  const into = ByteBuffer.allocate(9)
  expect(server.read(into)).toBe(2)
})
