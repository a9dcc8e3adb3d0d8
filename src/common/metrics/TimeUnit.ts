/**
 * Units of time that a rate can be given in.
 *
 * @kafka org.apache.kafka.common.metrics.internals.MetricsUtils
 */

/** Milliseconds in one of each. */
const MS_PER_UNIT = {
  NANOSECONDS: 1e-6,
  MICROSECONDS: 1e-3,
  MILLISECONDS: 1,
  SECONDS: 1000,
  MINUTES: 60_000,
  HOURS: 3_600_000,
  DAYS: 86_400_000,
} as const

export type TimeUnit = keyof typeof MS_PER_UNIT

/** Parts of a millisecond are multiplied: dividing by 1e-6 would not be exact. */
const UNITS_PER_MS: Partial<Record<TimeUnit, number>> = { NANOSECONDS: 1e6, MICROSECONDS: 1e3 }

/** `timeMs` in the unit asked for, fractions kept. */
export const convert = (timeMs: number, unit: TimeUnit): number => {
  const perMs = UNITS_PER_MS[unit]
  return perMs === undefined ? timeMs / MS_PER_UNIT[unit] : timeMs * perMs
}
