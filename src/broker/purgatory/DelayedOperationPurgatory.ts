/**
 * Where requests wait for something to happen, found by what they wait for.
 *
 *     orders-0 ─► fetch #7, fetch #9         an append to orders-0 looks at these two
 *     orders-1 ─► fetch #9                   and at nothing else
 *
 * An operation that waits for several keys is listed under each, and is taken out of all when it is
 * done: nothing that is over stays in memory.
 *
 * @kafka org.apache.kafka.server.purgatory.DelayedOperationPurgatory
 * @simplified one timer per operation instead of a timing wheel: `Time.schedule` is the event
 *   loop's own, and tens of thousands of timers are no burden to it. So there is nothing to purge
 *   from time to time either.
 */

import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { DelayedOperation } from './DelayedOperation.ts'

export class DelayedOperationPurgatory<T extends DelayedOperation> {
  private readonly time: Time
  private readonly logger: Logger
  private readonly watchers = new Map<string, Set<T>>()
  private readonly keysOf = new Map<T, readonly string[]>()

  constructor(time: Time, logger: Logger) {
    this.time = time
    this.logger = logger
  }

  /** Operations that wait. */
  numDelayed(): number {
    return this.keysOf.size
  }

  /** Entries under all keys; an operation counts once for each of its keys. */
  watched(): number {
    let count = 0
    for (const operations of this.watchers.values()) count += operations.size
    return count
  }

  /**
   * Does it now if it can be done, else keeps it until it can or its time is over. Returns whether
   * it is done.
   */
  tryCompleteElseWatch(operation: T, keys: readonly string[]): boolean {
    if (operation.tryComplete()) return true
    this.keysOf.set(operation, keys)
    for (const key of keys) {
      const operations = this.watchers.get(key)
      if (operations === undefined) this.watchers.set(key, new Set([operation]))
      else operations.add(operation)
    }
    operation.timer = this.time.schedule(operation.delayMs, () => this.expire(operation))
    return false
  }

  /** Something happened to `key`: looks at whoever waits for it. Returns how many are done. */
  checkAndComplete(key: string): number {
    const operations = this.watchers.get(key)
    if (operations === undefined) return 0
    let completed = 0
    for (const operation of [...operations]) {
      if (this.attempt(operation, () => operation.tryComplete())) completed++
      if (operation.isCompleted()) this.forget(operation)
    }
    return completed
  }

  /** Takes out whoever waits for `key`, undone. */
  cancelForKey(key: string): T[] {
    const cancelled = [...(this.watchers.get(key) ?? [])]
    for (const operation of cancelled) {
      operation.timer?.cancel()
      this.forget(operation)
    }
    return cancelled
  }

  /** Ends all waiting at once: nothing is left behind. */
  shutdown(): void {
    for (const operation of [...this.keysOf.keys()]) {
      this.attempt(operation, () => operation.forceComplete())
      this.forget(operation)
    }
  }

  private expire(operation: T): void {
    this.forget(operation)
    if (this.attempt(operation, () => operation.forceComplete())) operation.onExpiration()
  }

  /** One operation that fails is reported; the others are still looked at. */
  private attempt(operation: T, action: () => boolean): boolean {
    try {
      return action()
    } catch (error) {
      this.logger.error(`A waiting operation (${operation}) failed`, error)
      return false
    }
  }

  private forget(operation: T): void {
    for (const key of this.keysOf.get(operation) ?? []) {
      const operations = this.watchers.get(key)
      operations?.delete(operation)
      if (operations?.size === 0) this.watchers.delete(key)
    }
    this.keysOf.delete(operation)
  }
}
