/**
 * The name of a connection on a broker: both ends, who serves it, and a counter.
 *
 *     10.0.0.5:9092-10.0.0.9:51234-2-17
 *     local         remote         │ └ counter: a port may come back before its old
 *                                  └ processor          connection is gone
 *
 * @kafka org.apache.kafka.common.network.ServerConnectionId
 */

import type { SocketChannel } from './nio/SocketChannel.ts'

const PATTERN = /^([\w%.:]*):(\d+)-([\w%.:]*):(\d+)-(\d+)-(\d+)$/

export class ServerConnectionId {
  readonly localHost: string
  readonly localPort: number
  readonly remoteHost: string
  readonly remotePort: number
  readonly processorId: number
  readonly index: number

  private constructor(parts: readonly string[]) {
    this.localHost = parts[1]!
    this.localPort = Number(parts[2])
    this.remoteHost = parts[3]!
    this.remotePort = Number(parts[4])
    this.processorId = Number(parts[5])
    this.index = Number(parts[6])
  }

  /** The id for a connection that `processorId` serves; `connectionIndex` makes it unique. */
  static generateConnectionId(
    channel: SocketChannel,
    processorId: number,
    connectionIndex: number,
  ): string {
    // A dash parts the ends, and a host of a network in memory may have one.
    const local = `${channel.localAddress.replaceAll('-', '_')}:${channel.localPort}`
    const remote = `${channel.remoteAddress.replaceAll('-', '_')}:${channel.remotePort}`
    return `${local}-${remote}-${processorId}-${connectionIndex}`
  }

  /** Takes an id apart; `null` when it is none. */
  static fromString(connectionId: string): ServerConnectionId | null {
    const parts = PATTERN.exec(connectionId)
    return parts === null ? null : new ServerConnectionId(parts)
  }
}
