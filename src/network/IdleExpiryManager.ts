/**
 * Finds the connection that has been silent for too long, without looking at the others.
 *
 *     least recently used ──► [ 3: 10.2 s ][ 0: 11.0 s ][ 7: 14.9 s ] ◄── most recently used
 *
 * Each time a connection has something to do it moves to the end; so only the first can be the one
 * to expire, and after a look at it we know how long not to look again. One connection per poll is
 * closed, so that a thousand idle ones do not hold up the others.
 *
 * @kafka org.apache.kafka.common.network.Selector.IdleExpiryManager
 */

export interface ExpiredConnection {
  readonly id: string
  readonly idleMs: number
}

export class IdleExpiryManager {
  /** When each was last active. A `Map` keeps the order of insertion: taken out and put back. */
  private readonly lruConnections = new Map<string, number>()
  private readonly connectionsMaxIdleMs: number
  private nextIdleCloseCheckMs: number

  /** @param nowMs as `Time.hiResClockMs`: a clock that nobody sets must not expire anything */
  constructor(nowMs: number, connectionsMaxIdleMs: number) {
    this.connectionsMaxIdleMs = connectionsMaxIdleMs
    this.nextIdleCloseCheckMs = nowMs + connectionsMaxIdleMs
  }

  /** The connection has something to do now. */
  update(connectionId: string, nowMs: number): void {
    this.lruConnections.delete(connectionId)
    this.lruConnections.set(connectionId, nowMs)
  }

  remove(connectionId: string): void {
    this.lruConnections.delete(connectionId)
  }

  /** The one that has been idle for longest, if that is too long. */
  pollExpiredConnection(nowMs: number): ExpiredConnection | null {
    if (nowMs <= this.nextIdleCloseCheckMs) return null
    const oldest = this.lruConnections.entries().next()
    if (oldest.done) {
      this.nextIdleCloseCheckMs = nowMs + this.connectionsMaxIdleMs
      return null
    }
    const [id, lastActiveMs] = oldest.value
    this.nextIdleCloseCheckMs = lastActiveMs + this.connectionsMaxIdleMs
    if (nowMs <= this.nextIdleCloseCheckMs) return null
    return { id, idleMs: nowMs - lastActiveMs }
  }

  /** The id of the connection that has been idle for longest. */
  leastRecentlyUsed(): string | undefined {
    return this.lruConnections.keys().next().value
  }
}
