/**
 * Sees to it that a member that is in a group has a heartbeat loop.
 *
 *     none ──first join──► running ──fails──► failed ──poll throws it──► none, but due
 *      ▲                      │                                              │
 *      └────── close ─────────┘◄──────────── the poll after that ────────────┘
 *
 * I1  What ends a loop is thrown once by `poll`; who catches it may go on.
 * I2  While the member is in a group, a poll after that starts a new loop. In Java only the next
 *     join does, so a consumer whose loop had failed could read on in a group that had long given
 *     its partitions to others.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator
 */

import { NO_TIMEOUT_MS } from '../../clients/KafkaClient.ts'
import type { Heartbeat } from './Heartbeat.ts'
import type { HeartbeatLoop } from './HeartbeatLoop.ts'
import { hasNotJoinedGroup, type MemberState } from './MemberState.ts'

export class HeartbeatKeeper {
  private readonly heartbeat: Heartbeat
  private readonly memberState: () => MemberState
  private readonly newLoop: () => HeartbeatLoop
  private loop: HeartbeatLoop | null = null
  /** I2. */
  private mustRestart = false

  constructor(heartbeat: Heartbeat, memberState: () => MemberState, newLoop: () => HeartbeatLoop) {
    this.heartbeat = heartbeat
    this.memberState = memberState
    this.newLoop = newLoop
  }

  /** `null` before the first join, and after a failure. */
  current(): HeartbeatLoop | null {
    return this.loop
  }

  startIfNeeded(): void {
    this.mustRestart = false
    if (this.loop !== null) return
    this.loop = this.newLoop()
    this.loop.start()
    if (!hasNotJoinedGroup(this.memberState())) this.loop.enable()
  }

  /** The member is in a round: heartbeats begin. */
  enable(): void {
    this.loop?.enable()
  }

  /** The program polls. @throws what ended the loop (I1) */
  poll(nowMs: number): void {
    const cause = this.loop?.failureCause() ?? null
    if (cause !== null) {
      void this.close()
      this.mustRestart = true
      throw cause
    }
    if (this.mustRestart && !hasNotJoinedGroup(this.memberState())) this.startIfNeeded()
    if (this.loop === null) return
    if (this.heartbeat.shouldHeartbeat(nowMs)) this.loop.wakeup()
    this.heartbeat.poll(nowMs)
  }

  /** Milliseconds; without limit while none is wanted. @throws what ended the loop */
  timeToNext(nowMs: number): number {
    if (hasNotJoinedGroup(this.memberState())) return NO_TIMEOUT_MS
    const cause = this.loop?.failureCause() ?? null
    if (cause !== null) throw cause
    return this.heartbeat.timeToNextHeartbeat(nowMs)
  }

  /** Resolves when the loop has ended, and no timer is left. */
  async close(): Promise<void> {
    const { loop } = this
    this.loop = null
    await loop?.close()
  }

  toString(): string {
    return String(this.loop ?? 'no heartbeat loop')
  }
}
