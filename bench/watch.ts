/** What a process can say of itself while it is measured: pauses, and how late timers come. */

import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

const LOOP_DELAY_RESOLUTION_MS = 2

/** Garbage-collection pauses from now until `stop`. */
export const watchGc = () => {
  const pausesMs: number[] = []
  const take = (entries: readonly { readonly duration: number }[]): void => {
    for (const { duration } of entries) pausesMs.push(duration)
  }
  const observer = new PerformanceObserver((list) => take(list.getEntries()))
  observer.observe({ entryTypes: ['gc'] })
  return {
    async stop() {
      // Entries are handed over by a task of the loop: let it run once more.
      await sleep(1)
      take(observer.takeRecords())
      observer.disconnect()
      return {
        maxMs: Math.max(0, ...pausesMs),
        sumMs: pausesMs.reduce((sum, ms) => sum + ms, 0),
        count: pausesMs.length,
      }
    },
  }
}

/** How late timers come from now until `stop`: what other code of the process waits for. */
export const watchLoop = () => {
  const histogram = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS })
  histogram.enable()
  const lateMs = (nanoseconds: number): number =>
    Math.max(0, nanoseconds / 1e6 - LOOP_DELAY_RESOLUTION_MS)
  return {
    stop() {
      histogram.disable()
      return { p99: lateMs(histogram.percentile(99)), max: lateMs(histogram.max) }
    },
  }
}

export const megabytes = (bytes: number): number => bytes / 2 ** 20
