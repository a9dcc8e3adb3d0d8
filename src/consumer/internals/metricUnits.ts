/** Milliseconds in the units that Kafka's consumer metrics have. */

export const nanoseconds = (ms: number): number => Math.round(ms * 1e6)

/** Whole seconds since then; -1 when it has never happened. */
export const secondsAgo = (thenMs: number | null, nowMs: number): number =>
  thenMs === null ? -1 : Math.trunc((nowMs - thenMs) / 1000)
