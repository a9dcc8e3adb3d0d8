/**
 * A network in one process: hosts, ports, connections of pipes, and faults that name both ends.
 *
 *     network.host('client')             network.host('broker-1')
 *     ┌────────────────────┐    SYN      ┌─────────────────────────┐
 *     │ connect            ├────────────►│ bind('0.0.0.0', 9092)   │
 *     │ 'broker-1', 9092   │◄────────────┤ accept                  │
 *     └────────────────────┘   SYN_ACK   └─────────────────────────┘
 *              a MemoryPipe each way, on a MemoryLink that `faults` shapes
 *
 * Each host is a `SelectorProvider`, so clients and brokers take it where they would take TCP.
 * Under `Simulation` a run over it is fixed by its seed; on the machine's own clock it serves a
 * page, which has no sockets.
 *
 * I1  Nothing arrives but through `time.schedule`.
 * I2  Chance is drawn in the order in which segments are sent: the same program, seed and clock
 *     give the same run.
 */

import { IOException } from '../../common/errors.ts'
import type { Random } from '../../common/Random.ts'
import type { Time } from '../../common/Time.ts'
import type { TraceBus } from '../../common/Trace.ts'
import type { LinkSettings } from './MemoryLink.ts'
import { MemoryPipe } from './MemoryPipe.ts'
import { type MemoryListening, MemoryServerSocketChannel } from './MemoryServerSocketChannel.ts'
import {
  type MemoryAddress,
  type MemoryDialer,
  MemorySocketChannel,
} from './MemorySocketChannel.ts'
import { NetworkFaults } from './NetworkFaults.ts'
import type { SelectorProvider, ServerSocketChannel, SocketChannel } from './SocketChannel.ts'

export interface MemoryNetworkOptions {
  time: Time
  random: Random
  /** How links behave at first; see `LinkSettings` for the defaults. */
  link?: Partial<LinkSettings>
  /** Bytes on the way or unread in one direction of a connection; default 1 MiB. */
  windowBytes?: number
  /** Hears of every segment, in the name of the host that sent it. */
  traceBus?: TraceBus
  /** A connection to a listener of the same host is made inside `connect`, as loopback may do. */
  connectsAtOnce?: boolean
}

const BROKEN = 'the network broke the connection'
const FIRST_FREE_PORT = 32_768
const LOOPBACK = ['localhost', '127.0.0.1', '::1']
const OWN_ADDRESSES = [...LOOPBACK, '', '0.0.0.0', '::']

export class MemoryNetwork {
  readonly faults: NetworkFaults
  private readonly options: MemoryNetworkOptions
  private readonly hosts = new Map<string, MemoryHost>()
  private connections = 0

  constructor(options: MemoryNetworkOptions) {
    this.options = options
    this.faults = new NetworkFaults(options.random, options.link)
  }

  /** Where the program `name` runs; the same one for the same name. */
  host(name: string): SelectorProvider {
    return this.hostNamed(name)
  }

  private hostNamed(name: string): MemoryHost {
    let host = this.hosts.get(name)
    if (host === undefined) {
      host = new MemoryHost(name, (channel, from, to) => this.dial(channel, from, to))
      this.hosts.set(name, host)
    }
    return host
  }

  private dial(channel: MemorySocketChannel, from: MemoryAddress, to: MemoryAddress): boolean {
    const ends: Ends = { client: channel, server: undefined, number: this.connections++ }
    const toServer = this.pipe(from.host, to.host, ends, 'client', (segment) => {
      if (segment !== 'SYN') ends.server?.receive(segment)
      else if (this.answer(ends, toServer, toClient, from, to)) toClient.transmit('SYN_ACK')
      else {
        toClient.transmit('RST')
        toServer.close()
      }
    })
    const toClient = this.pipe(to.host, from.host, ends, 'server', (segment) =>
      channel.receive(segment),
    )
    channel.attach(toClient, toServer, from)
    if (this.options.connectsAtOnce && from.host === to.host) {
      if (this.answer(ends, toServer, toClient, from, to)) return true
    }
    toServer.transmit('SYN')
    return false
  }

  /** SYN has arrived at `to`: makes the server's end, if somebody listens there. */
  private answer(
    ends: Ends,
    incoming: MemoryPipe,
    outgoing: MemoryPipe,
    from: MemoryAddress,
    to: MemoryAddress,
  ): boolean {
    const host = this.hostNamed(to.host)
    const listener = host.listener(to.port)
    if (listener === undefined) return false
    const server = new MemorySocketChannel(host)
    server.attach(incoming, outgoing, to)
    server.acceptedFrom(from)
    if (!listener.offer(server)) return false
    ends.server = server
    return true
  }

  private pipe(
    from: string,
    to: string,
    ends: Ends,
    writer: 'client' | 'server',
    receive: (segment: Parameters<MemorySocketChannel['receive']>[0]) => void,
  ): MemoryPipe {
    return new MemoryPipe({
      time: this.options.time,
      link: this.faults.link(from, to),
      ...(this.options.traceBus && { trace: this.options.traceBus.from(from) }),
      connection: ends.number,
      windowBytes: this.options.windowBytes ?? 1024 * 1024,
      receive,
      drained: () => ends[writer]?.drained(),
      broken: () => {
        ends.client.fail(BROKEN)
        ends.server?.fail(BROKEN)
      },
      writerBroken: () => ends[writer]?.fail(BROKEN),
    })
  }
}

interface Ends {
  readonly client: MemorySocketChannel
  server: MemorySocketChannel | undefined
  /** Counts the connections of the network. */
  readonly number: number
}

type Dial = (channel: MemorySocketChannel, from: MemoryAddress, to: MemoryAddress) => boolean

/** One machine: its name, and who listens on it. */
class MemoryHost implements SelectorProvider, MemoryDialer, MemoryListening {
  readonly hostName: string
  private readonly dialOut: Dial
  private readonly listeners = new Map<number, MemoryServerSocketChannel>()
  private nextFreePort = FIRST_FREE_PORT

  constructor(name: string, dialOut: Dial) {
    this.hostName = name
    this.dialOut = dialOut
  }

  openSocketChannel(): SocketChannel {
    return new MemorySocketChannel(this)
  }

  openServerSocketChannel(): ServerSocketChannel {
    return new MemoryServerSocketChannel(this)
  }

  dial(channel: MemorySocketChannel, host: string, port: number): boolean {
    const to = { host: LOOPBACK.includes(host) ? this.hostName : host, port }
    return this.dialOut(channel, { host: this.hostName, port: this.freePort() }, to)
  }

  listener(port: number): MemoryServerSocketChannel | undefined {
    return this.listeners.get(port)
  }

  bindListener(channel: MemoryServerSocketChannel, host: string, port: number): number {
    if (host !== this.hostName && !OWN_ADDRESSES.includes(host)) {
      throw new IOException(
        `Cannot listen on ${host}:${port}: it is no address of ${this.hostName}`,
      )
    }
    const bound = port === 0 ? this.freePort() : port
    if (this.listeners.has(bound)) {
      throw new IOException(`Cannot listen on ${host}:${port}: the address is in use already`)
    }
    this.listeners.set(bound, channel)
    return bound
  }

  unbindListener(channel: MemoryServerSocketChannel): void {
    this.listeners.delete(channel.port)
  }

  private freePort(): number {
    do {
      this.nextFreePort = this.nextFreePort === 65_535 ? FIRST_FREE_PORT : this.nextFreePort + 1
    } while (this.listeners.has(this.nextFreePort))
    return this.nextFreePort
  }
}
