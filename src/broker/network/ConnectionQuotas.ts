/**
 * Counts connections, in all and for each address, and says when there are too many.
 *
 * @kafka kafka.network.ConnectionQuotas
 * @simplified one listener, and no limit on how fast connections come.
 */

import { KafkaException } from '../../common/errors.ts'
import type { KafkaConfig } from '../KafkaConfig.ts'

/** One address has as many connections as it may. */
export class TooManyConnectionsException extends KafkaException {}

export class ConnectionQuotas {
  private readonly maxConnections: number
  private readonly maxPerIp: number
  private readonly overrides: ReadonlyMap<string, number>
  private readonly counts = new Map<string, number>()
  private readonly waiting: (() => void)[] = []
  private total = 0

  constructor(config: KafkaConfig) {
    this.maxConnections = config.get('max.connections')
    this.maxPerIp = config.get('max.connections.per.ip')
    this.overrides = config.maxConnectionsPerIpOverrides()
  }

  /** Connections of one address, or in all. */
  count(address?: string): number {
    return address === undefined ? this.total : (this.counts.get(address) ?? 0)
  }

  hasSlot(): boolean {
    return this.total < this.maxConnections
  }

  /** Resolves when a connection was closed: ask again. */
  slot(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  /**
   * One more connection. It is counted also when it is refused: closing it takes it off again.
   *
   * @throws TooManyConnectionsException
   */
  inc(address: string): void {
    const count = this.count(address)
    this.counts.set(address, count + 1)
    this.total++
    const max = this.overrides.get(address) ?? this.maxPerIp
    if (count < max) return
    throw new TooManyConnectionsException(
      `Too many connections from ${address} (maximum = ${max}, max.connections.per.ip)`,
    )
  }

  dec(address: string): void {
    const count = this.count(address)
    if (count === 0) {
      throw new KafkaException(`A connection of ${address} was closed that was never counted.`)
    }
    if (count === 1) this.counts.delete(address)
    else this.counts.set(address, count - 1)
    this.total--
    this.waiting.shift()?.()
  }

  /** Wakes whoever waits for a slot. */
  close(): void {
    for (const wake of this.waiting.splice(0)) wake()
  }
}
