/**
 * Counts values as they are read, and knows from their numbers that none is missing or doubled.
 *
 *     start ─ connect, join ─ first value ├──── measured ────┤ last value ─ close
 *
 * A topic holds the numbers 0 to n-1, each once. After n values their sum is n(n-1)/2; a value that
 * came twice in place of another one changes it.
 *
 * I1  The clock runs from the first value to the last: connections and groups are not in it, for
 *     nobody.
 */

import { numberOf } from '../values.ts'

export class Tally {
  count = 0
  startedMs = 0
  endedMs = 0
  private sum = 0
  private cpuBefore: NodeJS.CpuUsage | null = null
  private cpu: NodeJS.CpuUsage | null = null
  private readonly wanted: number

  /** @param wanted how many values; `whole` holds when that is all of the topic */
  constructor(wanted: number) {
    this.wanted = wanted
  }

  /** @returns whether that was the last one that is wanted */
  take(value: Uint8Array): boolean {
    if (this.count === 0) {
      this.startedMs = performance.now()
      this.cpuBefore = process.cpuUsage()
    }
    this.sum += numberOf(value)
    if (++this.count < this.wanted) return false
    if (this.count === this.wanted) {
      this.endedMs = performance.now()
      this.cpu = process.cpuUsage(this.cpuBefore!)
    }
    return true
  }

  get isDone(): boolean {
    return this.count >= this.wanted
  }

  get seconds(): number {
    return (this.endedMs - this.startedMs) / 1000
  }

  get cpuSeconds(): number {
    return (this.cpu!.user + this.cpu!.system) / 1e6
  }

  /** Throws unless every number of the topic has come, each once. */
  checkWhole(): void {
    const { wanted, count, sum } = this
    if (count === wanted && sum === (wanted * (wanted - 1)) / 2) return
    throw new Error(
      `${wanted} values expected, ${count} read, and the sum of their numbers is ${sum} ` +
        `instead of ${(wanted * (wanted - 1)) / 2}`,
    )
  }
}
