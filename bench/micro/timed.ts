/**
 * How long one operation takes, in nanoseconds, for operations of a few nanoseconds.
 *
 * A clock read costs more than many of them, so a sample is a loop of operations, long enough that
 * the clock does not matter. What a sample has to tidy up afterwards is not in its time.
 */

import { rounded, type Spread, spread } from '../statistics.ts'

/** Does `ops` operations and returns the milliseconds that they took. */
export type Sample = (ops: number) => number

export interface Micro {
  /** What one operation is. */
  readonly name: string
  readonly sample: Sample
  /** Bytes that an operation goes through; 0 where that says nothing. */
  readonly bytes: number
  /** The most operations that a sample can do. Default: any number. */
  readonly maxOps?: number
}

export interface Timed {
  readonly name: string
  readonly nanoseconds: Spread
  readonly megabytesPerSecond: number | null
}

const WARM_UP_MS = 150
const SAMPLE_MS = 20
const SAMPLES = 15

/** A sample of calls of `operation`, without anything to tidy up. */
export const calls =
  (operation: (index: number) => unknown): Sample =>
  (ops) => {
    const startedMs = performance.now()
    for (let i = 0; i < ops; i++) kept.last = operation(i)
    return performance.now() - startedMs
  }

/** Results are put here: a compiler must not find that nobody wants them. */
const kept: { last: unknown } = { last: null }

/** Warms up, finds how many operations make a sample, takes samples. */
export const timed = ({ name, sample, bytes, maxOps = Number.MAX_SAFE_INTEGER }: Micro): Timed => {
  let ops = 1
  for (let spentMs = 0, ms = 0; spentMs < WARM_UP_MS; spentMs += Math.max(ms, 0.001)) {
    ms = sample(ops)
    if (ms < SAMPLE_MS) ops = Math.min(maxOps, Math.ceil(ops * 1.5))
    else if (ms > 2 * SAMPLE_MS) ops = Math.max(1, Math.floor(ops / 2))
  }
  const each = Array.from({ length: SAMPLES }, () => (sample(ops) * 1e6) / ops)
  const { median, min, max } = spread(each)
  return {
    name,
    nanoseconds: { median: rounded(median, 3), min: rounded(min, 3), max: rounded(max, 3) },
    megabytesPerSecond: bytes === 0 ? null : rounded((bytes / median) * 1000, 3),
  }
}
