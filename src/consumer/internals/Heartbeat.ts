/**
 * The three clocks of a member: when the next heartbeat is due, when the coordinator must be given
 * up, and when the program has been away for too long.
 *
 *     heartbeatTimer  heartbeat.interval.ms   since one was sent; after a failure the back-off
 *     sessionTimer    session.timeout.ms      since one was answered, or the coordinator was found
 *     pollTimer       max.poll.interval.ms    since the program polled
 *
 * Nothing happens here by itself: the heartbeat loop asks, and acts.
 *
 * I1  A heartbeat is due more often than a session ends, or a healthy member would be thrown out.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.Heartbeat
 */

import { RETRY_BACKOFF_EXP_BASE, RETRY_BACKOFF_JITTER } from '../../clients/CommonClientConfigs.ts'
import { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import type { Random } from '../../common/Random.ts'
import type { Time } from '../../common/Time.ts'
import type { Timer } from '../../common/Timer.ts'
import type { GroupRebalanceConfig } from './GroupRebalanceConfig.ts'

export class Heartbeat {
  private readonly config: GroupRebalanceConfig
  private readonly time: Time
  private readonly heartbeatTimer: Timer
  private readonly sessionTimer: Timer
  private readonly pollTimer: Timer
  private readonly retryBackoff: ExponentialBackoff
  private lastSendMs = 0
  private isInFlight = false
  private attempts = 0

  /** @throws IllegalArgumentException when I1 cannot hold */
  constructor(config: GroupRebalanceConfig, time: Time, random: Random) {
    if (config.heartbeatIntervalMs >= config.sessionTimeoutMs) {
      throw new IllegalArgumentException(
        `heartbeat.interval.ms (${config.heartbeatIntervalMs}) must be set lower than ` +
          `session.timeout.ms (${config.sessionTimeoutMs}).`,
      )
    }
    this.config = config
    this.time = time
    this.heartbeatTimer = time.timer(config.heartbeatIntervalMs)
    this.sessionTimer = time.timer(config.sessionTimeoutMs)
    this.pollTimer = time.timer(config.rebalanceTimeoutMs)
    this.retryBackoff = new ExponentialBackoff(
      config.retryBackoffMs,
      RETRY_BACKOFF_EXP_BASE,
      config.retryBackoffMaxMs,
      RETRY_BACKOFF_JITTER,
      random,
    )
  }

  /** The program is there: it polls. */
  poll(nowMs: number): void {
    this.update(nowMs)
    this.pollTimer.reset(this.config.rebalanceTimeoutMs)
  }

  hasInflight(): boolean {
    return this.isInFlight
  }

  sentHeartbeat(nowMs: number): void {
    this.lastSendMs = nowMs
    this.isInFlight = true
    this.update(nowMs)
    this.heartbeatTimer.reset(this.config.heartbeatIntervalMs)
  }

  /** The next one is due after a back-off, which grows with each failure. */
  failHeartbeat(): void {
    this.update(this.time.milliseconds())
    this.isInFlight = false
    this.heartbeatTimer.reset(this.retryBackoff.backoff(this.attempts++))
  }

  receiveHeartbeat(): void {
    this.update(this.time.milliseconds())
    this.isInFlight = false
    this.attempts = 0
    this.sessionTimer.reset(this.config.sessionTimeoutMs)
  }

  shouldHeartbeat(nowMs: number): boolean {
    this.update(nowMs)
    return this.heartbeatTimer.isExpired()
  }

  /** Milliseconds since 1970; 0: none was sent yet. */
  lastHeartbeatSend(): number {
    return this.lastSendMs
  }

  /** 0 when it is due. */
  timeToNextHeartbeat(nowMs: number): number {
    this.update(nowMs)
    return this.heartbeatTimer.remainingMs()
  }

  sessionTimeoutExpired(nowMs: number): boolean {
    this.update(nowMs)
    return this.sessionTimer.isExpired()
  }

  /** All three begin anew: a member has just come into a group. */
  resetTimeouts(): void {
    this.update(this.time.milliseconds())
    this.sessionTimer.reset(this.config.sessionTimeoutMs)
    this.pollTimer.reset(this.config.rebalanceTimeoutMs)
    this.heartbeatTimer.reset(this.config.heartbeatIntervalMs)
  }

  resetSessionTimeout(): void {
    this.update(this.time.milliseconds())
    this.sessionTimer.reset(this.config.sessionTimeoutMs)
  }

  pollTimeoutExpired(nowMs: number): boolean {
    this.update(nowMs)
    return this.pollTimer.isExpired()
  }

  /** When any of the clocks was read last; milliseconds since 1970. */
  lastPollTime(): number {
    return this.pollTimer.currentTimeMs()
  }

  toString(): string {
    return (
      `Heartbeat(next=${this.heartbeatTimer.remainingMs()} ms, ` +
      `session=${this.sessionTimer.remainingMs()} ms, poll=${this.pollTimer.remainingMs()} ms)`
    )
  }

  private update(nowMs: number): void {
    this.heartbeatTimer.update(nowMs)
    this.sessionTimer.update(nowMs)
    this.pollTimer.update(nowMs)
  }
}
