/**
 * A connection of `MockClient`: made at the first wish, unless a test says otherwise.
 *
 * @kafka org.apache.kafka.clients.MockClient.ConnectionState
 */

import { NO_TIMEOUT_MS } from './KafkaClient.ts'

/** How long a node that cannot be reached is left alone before the next try. */
const UNREACHABLE_BACKOFF_MS = 100

export class MockConnectionState {
  throttledUntilMs = 0
  readyDelayedUntilMs = 0
  backingOffUntilMs = 0
  unreachableUntilMs = 0
  private state: 'CONNECTING' | 'CONNECTED' | 'DISCONNECTED' = 'DISCONNECTED'

  isConnected(): boolean {
    return this.state === 'CONNECTED'
  }

  isReady(nowMs: number): boolean {
    return this.state === 'CONNECTED' && this.notThrottled(nowMs)
  }

  isBackingOff(nowMs: number): boolean {
    return nowMs < this.backingOffUntilMs
  }

  disconnect(): void {
    this.state = 'DISCONNECTED'
  }

  connectionDelay(nowMs: number): number {
    if (this.state !== 'DISCONNECTED') return NO_TIMEOUT_MS
    return Math.max(0, this.backingOffUntilMs - nowMs)
  }

  pollDelayMs(nowMs: number): number {
    if (this.notThrottled(nowMs)) return this.connectionDelay(nowMs)
    return this.throttledUntilMs - nowMs
  }

  /** Connects if it may; `true` once it is connected and not throttled. */
  ready(nowMs: number): boolean {
    if (this.state === 'DISCONNECTED') {
      if (this.isBackingOff(nowMs)) return false
      if (nowMs < this.unreachableUntilMs) {
        this.backingOffUntilMs = nowMs + UNREACHABLE_BACKOFF_MS
        return false
      }
      this.state = 'CONNECTING'
    }
    if (this.state === 'CONNECTING') {
      if (nowMs < this.readyDelayedUntilMs) return false
      this.state = 'CONNECTED'
    }
    return this.notThrottled(nowMs)
  }

  private notThrottled(nowMs: number): boolean {
    return nowMs > this.throttledUntilMs
  }
}
