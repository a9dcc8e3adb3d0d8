/**
 * Two worlds for one suite: a network in memory under `Simulation`, and the machine's TCP on
 * loopback. A test gets the same handles in both; none of them sleeps.
 */

import { test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { Simulation } from '../../src/common/Simulation.ts'
import { SystemTime } from '../../src/common/SystemTime.ts'
import type { Time } from '../../src/common/Time.ts'
import { TraceBus } from '../../src/common/Trace.ts'
import { ByteQueue } from '../../src/network/nio/ByteQueue.ts'
import { MemoryNetwork, type MemoryNetworkOptions } from '../../src/network/nio/MemoryNetwork.ts'
import type { SelectorProvider } from '../../src/network/nio/SocketChannel.ts'
import { TcpNetwork } from '../../src/network/nio/TcpNetwork.ts'
import { PlaintextChannelBuilder } from '../../src/network/PlaintextChannelBuilder.ts'
import { PlaintextTransportLayer } from '../../src/network/PlaintextTransportLayer.ts'
import { Selector, type SelectorOptions } from '../../src/network/Selector.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

export const CONNECTION_MAX_IDLE_MS = 5_000

export class World {
  readonly kind: 'memory' | 'tcp'
  readonly time: Time
  readonly clientNetwork: SelectorProvider
  readonly serverNetwork: SelectorProvider
  /** What clients connect to. */
  readonly serverHost: string
  readonly logger = new RecordingLogger()
  readonly traceBus: TraceBus
  /** Only in memory. */
  readonly memory: MemoryNetwork | undefined
  private readonly cleanups: (() => void | Promise<void>)[] = []
  private readonly moveClock: (ms: number) => Promise<void>

  constructor(clock: Clock, memory: MemoryNetwork | undefined) {
    this.kind = memory === undefined ? 'tcp' : 'memory'
    this.time = clock.time
    this.moveClock = clock.move
    this.traceBus = new TraceBus(clock.time)
    this.memory = memory
    this.clientNetwork = memory?.host('client') ?? new TcpNetwork()
    this.serverNetwork = memory?.host('server') ?? new TcpNetwork()
    this.serverHost = memory === undefined ? '127.0.0.1' : 'server'
  }

  /** Lets `ms` pass: virtual time in memory, a jump of the clock over TCP. */
  pass(ms: number): Promise<void> {
    return this.moveClock(ms)
  }

  /** A client's selector; closed when the test ends. */
  selector(options: Partial<SelectorOptions> = {}): Selector {
    const selector = new Selector(this.selectorOptions(options))
    this.atEnd(() => selector.close())
    return selector
  }

  selectorOptions(options: Partial<SelectorOptions> = {}): SelectorOptions {
    return {
      time: this.time,
      network: this.clientNetwork,
      channelBuilder: new PlaintextChannelBuilder(),
      connectionMaxIdleMs: CONNECTION_MAX_IDLE_MS,
      logger: this.logger,
      trace: this.traceBus.from('client'),
      ...options,
    }
  }

  atEnd(cleanup: () => void | Promise<void>): void {
    this.cleanups.push(cleanup)
  }

  async end(): Promise<void> {
    for (const cleanup of this.cleanups.reverse()) await cleanup()
  }
}

interface Clock {
  readonly time: Time
  readonly move: (ms: number) => Promise<void>
}

/** The machine's clock, with a hand on it: only what is read jumps, what is scheduled does not. */
class ShiftedTime extends SystemTime {
  private shiftMs = 0

  shift(ms: number): void {
    this.shiftMs += ms
  }

  override milliseconds(): number {
    return super.milliseconds() + this.shiftMs
  }

  override hiResClockMs(): number {
    return super.hiResClockMs() + this.shiftMs
  }
}

export type WorldTest = (world: World) => Promise<void>

/** Runs `body` in memory, on virtual time, from `seed`. */
export const runInMemory = async (
  body: WorldTest,
  options: Partial<MemoryNetworkOptions> & { seed?: number } = {},
): Promise<void> => {
  const simulation = new Simulation({ seed: options.seed ?? 1 })
  const random = new SeededRandom(options.seed ?? 1)
  const link = { latencyMs: 0.1, ...options.link }
  const memory = new MemoryNetwork({ time: simulation, random, ...options, link })
  const clock = { time: simulation, move: (ms: number) => simulation.sleep(ms) }
  const world = new World(clock, memory)
  await simulation.run(async () => {
    try {
      await body(world)
    } finally {
      await world.end()
    }
  })
}

export const runOverTcp = async (body: WorldTest): Promise<void> => {
  const time = new ShiftedTime()
  const world = new World({ time, move: async (ms) => time.shift(ms) }, undefined)
  try {
    await body(world)
  } finally {
    await world.end()
  }
}

/** The same behaviour in both worlds. */
export const inBothWorlds = (name: string, body: WorldTest, timeoutMs = 20_000): void => {
  test(`${name} (memory)`, () => runInMemory(body), timeoutMs)
  test(`${name} (tcp)`, () => runOverTcp(body), timeoutMs)
}

/** Takes all that the socket has, as TLS takes whole records, and hands it out later. */
export class ReadingAhead extends PlaintextTransportLayer {
  private readonly ahead = new ByteQueue()

  override read(into: ByteBuffer): number {
    const chunk = ByteBuffer.allocate(65_536)
    super.read(chunk)
    this.ahead.push(chunk.bytes.subarray(0, chunk.position))
    return this.ahead.read(into)
  }

  override hasBytesBuffered(): boolean {
    return this.ahead.length > 0
  }
}
