/**
 * Goes through calls at one moment: fails those whose deadline has come, and remembers how long it
 * is until the next one.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient.TimeoutProcessor
 * @simplified a deadline has come when the clock shows it, not a millisecond later. Else a loop
 *   under virtual time would poll with a time-out of 0 for ever, and the clock stand still.
 */

import { TimeoutException } from '../../common/errors.ts'
import type { Call } from './Call.ts'

export class TimeoutProcessor {
  private readonly nowMs: number
  /** Milliseconds until the next deadline. */
  nextTimeoutMs = 2 ** 31 - 1

  constructor(nowMs: number) {
    this.nowMs = nowMs
  }

  /**
   * Takes expired calls out of `calls` and hands them over.
   *
   * @returns how many
   */
  handleTimeouts(
    calls: Call[],
    message: string,
    fail: (call: Call, error: TimeoutException) => void,
  ): number {
    const expired = calls.filter((call) => this.callHasExpired(call))
    if (expired.length === 0) return 0
    // Out first: failing a call may put others in.
    const waiting = calls.filter((call) => !expired.includes(call))
    calls.splice(0, calls.length, ...waiting)
    for (const call of expired) {
      fail(call, new TimeoutException(`${message} Call: ${call.callName}.`))
    }
    return expired.length
  }

  callHasExpired(call: Call): boolean {
    const remainingMs = call.remainingMs(this.nowMs)
    if (remainingMs <= 0) return true
    this.nextTimeoutMs = Math.min(this.nextTimeoutMs, remainingMs)
    return false
  }
}
