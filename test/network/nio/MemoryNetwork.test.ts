import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../../src/common/ByteBuffer.ts'
import { IOException } from '../../../src/common/errors.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { Simulation } from '../../../src/common/Simulation.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import type { LinkSettings } from '../../../src/network/nio/MemoryLink.ts'
import { MemoryNetwork, type MemoryNetworkOptions } from '../../../src/network/nio/MemoryNetwork.ts'
import { SelectionKey } from '../../../src/network/nio/SelectionKey.ts'
import type { ServerSocketChannel, SocketChannel } from '../../../src/network/nio/SocketChannel.ts'

class Lan {
  readonly time: Simulation
  readonly network: MemoryNetwork

  constructor(options: Partial<MemoryNetworkOptions>, seed: number) {
    this.time = new Simulation({ seed })
    const random = new SeededRandom(seed)
    this.network = new MemoryNetwork({ time: this.time, random, ...options })
  }

  /** Runs until nothing is on its way any more. */
  async settle(): Promise<void> {
    while (await this.time.step());
  }

  async listen(host = 'server', port = 9092): Promise<ServerSocketChannel> {
    const channel = this.network.host(host).openServerSocketChannel()
    await channel.bind('0.0.0.0', port)
    return channel
  }

  dial(from: string, to = 'server', port = 9092): SocketChannel {
    const channel = this.network.host(from).openSocketChannel()
    expect(channel.connect(to, port)).toBe(false)
    return channel
  }

  /** A connection from `client` to `server`, both ends. */
  async connection(): Promise<[client: SocketChannel, server: SocketChannel]> {
    const listener = await this.listen()
    const client = this.dial('client')
    await this.settle()
    expect(client.finishConnect()).toBe(true)
    return [client, listener.accept()!]
  }
}

const lan = (
  link: Partial<LinkSettings> = {},
  options: Partial<MemoryNetworkOptions> = {},
  seed = 1,
): Lan => new Lan({ ...options, link }, seed)

/** All that can be read now. */
const readAll = (channel: SocketChannel): number[] => {
  const into = ByteBuffer.allocate(1_000_000)
  while (channel.read(into) > 0);
  return [...into.bytes.subarray(0, into.position)]
}

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values)

describe('connecting', () => {
  test('takes one latency to the server, and one back', async () => {
    const world = lan({ latencyMs: 10 })
    const listener = await world.listen()
    const client = world.dial('client')
    expect(client.readyOps()).toBe(0)
    expect(client.finishConnect()).toBe(false)
    await world.time.step()
    expect(world.time.hiResClockMs()).toBe(10)
    expect(listener.readyOps()).toBe(SelectionKey.OP_ACCEPT)
    await world.time.step()
    expect(world.time.hiResClockMs()).toBe(20)
    expect(client.readyOps()).toBe(SelectionKey.OP_CONNECT)
    expect(client.isConnected()).toBe(false)
    expect(client.finishConnect()).toBe(true)
    const server = listener.accept()!
    expect(server.isConnected()).toBe(true)
    expect([server.remoteAddress, server.remotePort]).toEqual(['client', client.localPort])
    expect([client.remoteAddress, client.remotePort]).toEqual(['server', 9092])
    expect([server.localAddress, server.localPort]).toEqual(['server', 9092])
    expect(listener.accept()).toBeNull()
  })

  test('fails where nobody listens, or nobody listens any more', async () => {
    const world = lan()
    const listener = await world.listen()
    listener.close()
    for (const client of [
      world.dial('client'),
      world.dial('client', 'nowhere'),
      world.dial('client', 'server', 1),
    ]) {
      await world.settle()
      expect(client.readyOps()).toBe(SelectionKey.OP_CONNECT)
      expect(() => client.finishConnect()).toThrow('connection refused')
      expect(() => client.finishConnect()).toThrow(IOException)
    }
    expect([...world.network.faults.link('client', 'server').pipes]).toEqual([])
  })

  test('a listener that closes refuses those whom nobody accepted', async () => {
    const world = lan()
    const listener = await world.listen()
    const client = world.dial('client')
    await world.settle()
    client.finishConnect()
    listener.close()
    await world.settle()
    expect(client.read(ByteBuffer.allocate(1))).toBe(-1)
  })

  test('an address can be bound once, and only on its own host', async () => {
    const world = lan()
    await world.listen()
    const again = world.network.host('server').openServerSocketChannel()
    await expect(again.bind('server', 9092)).rejects.toThrow('server:9092')
    await expect(again.bind('client', 9093)).rejects.toThrow('no address of server')
    await again.bind('localhost', 0)
    expect(again.port).toBeGreaterThan(1024)
    again.close()
    const third = await world.listen('server', again.port)
    await expect(third.bind('server', 1)).rejects.toThrow('Cannot bind')
  })

  test('localhost is the host itself', async () => {
    const world = lan()
    const listener = await world.listen('server')
    const near = world.dial('server', 'localhost')
    const far = world.dial('client', 'localhost')
    await world.settle()
    expect(near.finishConnect()).toBe(true)
    expect(() => far.finishConnect()).toThrow('refused')
    expect(listener.accept()?.remoteAddress).toBe('server')
  })

  test('a connection taken back before it was made is gone for the server too', async () => {
    const world = lan({ latencyMs: 5 })
    const listener = await world.listen()
    const client = world.dial('client')
    client.close()
    await world.settle()
    const server = listener.accept()!
    expect(() => server.read(ByteBuffer.allocate(1))).toThrow('reset by peer')
  })
})

describe('bytes', () => {
  test('arrive in order, whole, after a latency that is drawn anew each time', async () => {
    const world = lan({ latencyMs: [1, 50], segmentBytes: [1, 9] })
    const [client, server] = await world.connection()
    const sent: number[] = []
    for (let i = 0; i < 20; i++) {
      const chunk = Uint8Array.from({ length: 13 }, (_, j) => i * 13 + j)
      expect(client.write([chunk.subarray(0, 6), chunk.subarray(6)])).toBe(13)
      sent.push(...chunk)
    }
    await world.settle()
    expect(readAll(server)).toEqual(sent)
    expect(server.read(ByteBuffer.allocate(1))).toBe(0)
  })

  test('do not overtake each other when the link becomes faster', async () => {
    const world = lan()
    const [client, server] = await world.connection()
    const start = world.time.hiResClockMs()
    for (const [latencyMs, byte] of [
      [50, 1],
      [1, 2],
    ] as const) {
      world.network.faults.shape({ latencyMs })
      client.write([bytes(byte)])
    }
    await world.time.step()
    expect(world.time.hiResClockMs() - start).toBe(50)
    expect(readAll(server)).toEqual([1])
    await world.settle()
    expect(readAll(server)).toEqual([2])
  })

  test('are copied when the wire takes them, so the writer may use its memory again', async () => {
    const world = lan({ latencyMs: 10 })
    const [client, server] = await world.connection()
    const mine = bytes(1, 2, 3)
    client.write([mine])
    expect(client.hasPendingWrites()).toBe(false)
    mine.fill(9)
    await world.settle()
    expect(readAll(server)).toEqual([1, 2, 3])
  })

  test('wait for a reader once the window is full', async () => {
    const world = lan({ latencyMs: 1 }, { windowBytes: 100 })
    const [client, server] = await world.connection()
    expect(client.write([new Uint8Array(250)])).toBe(250)
    expect(client.hasPendingWrites()).toBe(true)
    expect(client.write([bytes(1)])).toBe(0)
    expect(client.readyOps() & SelectionKey.OP_WRITE).toBe(0)
    for (const expected of [100, 100, 50]) {
      await world.settle()
      expect(readAll(server)).toHaveLength(expected)
    }
    await world.settle()
    expect(client.hasPendingWrites()).toBe(false)
    expect(client.readyOps() & SelectionKey.OP_WRITE).toBe(SelectionKey.OP_WRITE)
  })

  test('share the wire: a narrow link takes its time', async () => {
    const world = lan()
    const [client, server] = await world.connection()
    world.network.faults.shape({ bytesPerMs: 10 }, ['client', 'server'])
    const before = world.time.hiResClockMs()
    client.write([new Uint8Array(100)])
    client.write([new Uint8Array(100)])
    await world.time.step()
    expect(world.time.hiResClockMs() - before).toBe(10)
    expect(readAll(server)).toHaveLength(100)
    await world.time.step()
    expect(world.time.hiResClockMs() - before).toBe(20)
    expect(readAll(server)).toHaveLength(100)
  })
})

describe('the end of a connection', () => {
  test('FIN comes behind the bytes', async () => {
    const world = lan({ latencyMs: [0, 5] })
    const [client, server] = await world.connection()
    client.write([bytes(1, 2)])
    client.close()
    client.close()
    expect(client.isOpen()).toBe(false)
    expect(() => client.read(ByteBuffer.allocate(1))).toThrow('is closed')
    expect(() => client.write([bytes(1)])).toThrow('is closed')
    await world.settle()
    expect(readAll(server)).toEqual([1, 2])
    expect(server.read(ByteBuffer.allocate(1))).toBe(-1)
    expect(server.readyOps()).toBe(SelectionKey.OP_READ | SelectionKey.OP_WRITE)
  })

  test('who leaves bytes unread resets', async () => {
    const world = lan()
    const [client, server] = await world.connection()
    server.write([bytes(7)])
    client.write([bytes(1)])
    await world.settle()
    server.close()
    await world.settle()
    expect(readAllBeforeError(client)).toEqual([7])
    expect(() => client.read(ByteBuffer.allocate(1))).toThrow('reset by peer')
    expect(() => client.write([])).toThrow('reset by peer')
  })

  test('bytes for somebody who left are answered with a reset', async () => {
    const world = lan()
    const [client, server] = await world.connection()
    server.close()
    await world.settle()
    expect(client.read(ByteBuffer.allocate(1))).toBe(-1)
    client.write([bytes(1)])
    await world.settle()
    expect(() => client.write([bytes(1)])).toThrow('reset by peer')
  })

  test('nothing of a closed connection stays behind', async () => {
    const world = lan()
    const { faults } = world.network
    const [client, server] = await world.connection()
    expect(faults.link('client', 'server').pipes.size).toBe(1)
    client.close()
    await world.settle()
    server.close()
    await world.settle()
    expect(faults.link('client', 'server').pipes.size).toBe(0)
    expect(faults.link('server', 'client').pipes.size).toBe(0)
  })
})

const readAllBeforeError = (channel: SocketChannel): number[] => {
  const into = ByteBuffer.allocate(100)
  channel.read(into)
  return [...into.bytes.subarray(0, into.position)]
}

describe('faults', () => {
  test('a partition holds everything, and healing lets it through in order', async () => {
    const world = lan({ latencyMs: 2 })
    const [client, server] = await world.connection()
    const { faults } = world.network
    faults.partition('server', 'client')
    client.write([bytes(1)])
    client.write([bytes(2)])
    const late = world.dial('client')
    await world.settle()
    expect(server.readyOps() & SelectionKey.OP_READ).toBe(0)
    expect(late.readyOps()).toBe(0)
    faults.heal('client', 'server')
    await world.settle()
    expect(readAll(server)).toEqual([1, 2])
    expect(late.finishConnect()).toBe(true)
  })

  test('an isolated host is alone with itself', async () => {
    const world = lan()
    const { faults } = world.network
    faults.isolate('server')
    const listener = await world.listen()
    const [near, far] = [world.dial('server'), world.dial('client')]
    await world.settle()
    expect(near.finishConnect()).toBe(true)
    expect(far.finishConnect()).toBe(false)
    faults.healAll()
    await world.settle()
    expect(far.finishConnect()).toBe(true)
    expect([listener.accept(), listener.accept()]).not.toContain(null)
  })

  test('a cut lets so many bytes through, and then breaks both ends', async () => {
    const world = lan()
    const [client, server] = await world.connection()
    world.network.faults.cutAfter('client', 'server', 5)
    client.write([bytes(1, 2, 3)])
    client.write([bytes(4, 5, 6)])
    await world.settle()
    const into = ByteBuffer.allocate(10)
    server.read(into)
    expect([...into.bytes.subarray(0, into.position)]).toEqual([1, 2, 3, 4, 5])
    expect(() => server.read(into)).toThrow('the network broke the connection')
    expect(() => client.write([bytes(7)])).toThrow('the network broke the connection')
    // The next connection is not touched.
    const listener = await world.listen('server', 9093)
    const next = world.dial('client', 'server', 9093)
    await world.settle()
    next.finishConnect()
    next.write([bytes(8)])
    await world.settle()
    expect(readAll(listener.accept()!)).toEqual([8])
  })

  test('a lost segment comes 200 ms later, and holds back what was sent behind it', async () => {
    const world = lan({ latencyMs: 10 })
    const [client, server] = await world.connection()
    world.network.faults.loseNext('client', 'server')
    const sentMs = world.time.hiResClockMs()
    client.write([Uint8Array.of(1)])
    client.write([Uint8Array.of(2)])
    const arrivals: [ms: number, bytes: number[]][] = []
    while (await world.time.step()) {
      const bytes = readAll(server)
      if (bytes.length > 0) arrivals.push([Math.round(world.time.hiResClockMs() - sentMs), bytes])
    }
    expect(arrivals).toEqual([
      [210, [1]],
      [210, [2]],
    ])
    server.write([Uint8Array.of(3)])
    await world.settle()
    expect(readAll(client)).toEqual([3])
  })

  test('its trace names every segment, its loss, its second try and its arrival', async () => {
    const time = new Simulation({ seed: 1 })
    const traceBus = new TraceBus(time)
    const heard: string[] = []
    traceBus.listen(({ name, source, fields }) => {
      const { kind, lost } = fields as { kind: string; lost?: boolean }
      heard.push(`${source} ${name.split('.')[2]} ${kind}${lost ? ' lost' : ''}`)
    })
    const network = new MemoryNetwork({ time, random: time.random, traceBus })
    const listener = network.host('server').openServerSocketChannel()
    await listener.bind('0.0.0.0', 9092)
    const client = network.host('client').openSocketChannel()
    client.connect('server', 9092)
    while (await time.step());
    client.finishConnect()
    network.faults.loseNext('client', 'server')
    client.write([Uint8Array.of(7, 8)])
    while (await time.step());
    expect(heard).toEqual([
      'client transmit SYN',
      'client deliver SYN',
      'server transmit SYN_ACK',
      'server deliver SYN_ACK',
      'client transmit data lost',
      'client transmit data',
      'client deliver data',
    ])
  })

  test('breakConnections ends those between two hosts, or all of one', async () => {
    const world = lan()
    const listener = await world.listen()
    const [a, b] = [world.dial('a'), world.dial('b')]
    await world.settle()
    for (const channel of [a, b]) channel.finishConnect()
    const [serverOfA, serverOfB] = [listener.accept()!, listener.accept()!]
    world.network.faults.breakConnections('a', 'server')
    expect(() => a.write([])).toThrow('broke')
    expect(() => serverOfA.write([])).toThrow('broke')
    expect(b.write([])).toBe(0)
    world.network.faults.breakConnections('server')
    expect(() => b.write([])).toThrow('broke')
    expect(() => serverOfB.write([])).toThrow('broke')
  })

  test('a link that breaks by chance leaves half a frame, the same for the same seed', async () => {
    /** How many bytes arrive before the connection breaks. */
    const survived = async (seed: number): Promise<number> => {
      const world = lan({ breakChance: 0.05, segmentBytes: 100 }, {}, seed)
      const [client, server] = await world.connection()
      const into = ByteBuffer.allocate(100_000)
      try {
        for (;;) {
          client.write([new Uint8Array(100)])
          await world.settle()
          server.read(into)
        }
      } catch (e) {
        expect(e).toBeInstanceOf(IOException)
      }
      expect(() => {
        while (server.read(into) > 0);
      }).toThrow(IOException)
      return into.position
    }
    const results: number[] = []
    for (let seed = 1; seed <= 5; seed++) {
      results.push(await survived(seed))
      expect(await survived(seed)).toBe(results.at(-1))
    }
    expect(new Set(results).size).toBeGreaterThan(1)
    expect(results.some((count) => count % 100 !== 0)).toBe(true)
  })

  test('shaping all links reaches those to come', async () => {
    const world = lan()
    world.network.faults.shape({ latencyMs: 7 })
    await world.connection()
    expect(world.time.hiResClockMs()).toBe(14)
  })
})

test('a host is one host, whoever asks for it', () => {
  const { network } = lan()
  expect(network.host('a')).toBe(network.host('a'))
  expect(network.host('a')).not.toBe(network.host('b'))
})
