/** Medians, spreads, percentiles and ratios: what the tables are made of. */

/**
 * The middle of `numbers`; of an even count the mean of the middle two. Throws when there are none.
 */
export const median = (numbers: readonly number[]): number => {
  if (numbers.length === 0) throw new Error('There is no median of nothing')
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >>> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** What rounds gave: the median, and the least and the most. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export const spread = (numbers: readonly number[]): Spread => ({
  median: median(numbers),
  min: Math.min(...numbers),
  max: Math.max(...numbers),
})

/** The spread of those that could be measured; `null` when none could. */
export const spreadOfKnown = (numbers: readonly (number | null | undefined)[]): Spread | null => {
  const known = numbers.filter((number) => typeof number === 'number')
  return known.length === 0 ? null : spread(known)
}

/** The smallest number that `share` of all do not exceed; nearest rank. `sorted` must be sorted. */
export const percentile = (sorted: ArrayLike<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))]!

export const percentiles = (numbers: Float64Array): { p50: number; p99: number; p999: number } => {
  const sorted = Float64Array.from(numbers).sort()
  return {
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
  }
}

/** To `digits` significant digits: more would claim more than was measured. */
export const rounded = (number: number, digits = 4): number => Number(number.toPrecision(digits))
