/**
 * How many values fell into which range.
 *
 *     ConstantBinScheme(5, 0, 5)     │ 0‥1 │ 1‥2 │ 2‥3 │ 3‥4 │ 4‥ │      all of one width
 *     LinearBinScheme(4, 10)         │0│ 1.7‥5  │   5‥10       │10‥│    each wider than the last
 *
 * The second keeps the relative error of large and small values alike, as one wants it for
 * latencies.
 *
 * @kafka org.apache.kafka.common.metrics.stats.Histogram
 */

import { IllegalArgumentException } from '../../errors.ts'

/** Which range a value belongs to. */
export interface BinScheme {
  /** How many ranges. */
  bins(): number
  /** The range of `value`, from 0. Values beyond the ends belong to the first and the last. */
  toBin(value: number): number
  /** Where range `bin` begins; an infinity for one that is not there. */
  fromBin(bin: number): number
}

export class Histogram {
  private readonly binScheme: BinScheme
  private readonly hist: Float32Array
  private count = 0

  constructor(binScheme: BinScheme) {
    this.binScheme = binScheme
    this.hist = new Float32Array(binScheme.bins())
  }

  record(value: number): void {
    this.hist[this.binScheme.toBin(value)]! += 1
    this.count += 1
  }

  /** Where the range begins that the given part of all values lies in or below; `NaN` if none. */
  value(quantile: number): number {
    if (this.count === 0) return Number.NaN
    if (quantile > 1) return Number.POSITIVE_INFINITY
    if (quantile < 0) return Number.NEGATIVE_INFINITY
    // As in Java, where it is a float: at a border of two ranges the last digit decides.
    const quant = Math.fround(quantile)
    let sum = 0
    for (let bin = 0; bin < this.hist.length - 1; bin++) {
      sum += this.hist[bin]!
      if (sum / this.count > quant) return this.binScheme.fromBin(bin)
    }
    return this.binScheme.fromBin(this.hist.length - 1)
  }

  /** How many values each range has. */
  counts(): Readonly<Float32Array> {
    return this.hist
  }

  clear(): void {
    this.hist.fill(0)
    this.count = 0
  }

  toString(): string {
    const bins = Array.from(this.hist, (count, bin) => `${this.binScheme.fromBin(bin)}:${count}`)
    return `{${bins.join(',')}}`
  }
}

/** All ranges of one width. */
export class ConstantBinScheme implements BinScheme {
  private readonly min: number
  private readonly binCount: number
  private readonly bucketWidth: number

  /** @param bins how many; at least 2 */
  constructor(bins: number, min: number, max: number) {
    requireTwo(bins)
    this.min = min
    this.binCount = bins
    this.bucketWidth = (max - min) / bins
  }

  bins(): number {
    return this.binCount
  }

  toBin(value: number): number {
    const bin = Math.trunc((value - this.min) / this.bucketWidth)
    return bin > 0 ? Math.min(bin, this.binCount - 1) : 0
  }

  fromBin(bin: number): number {
    if (bin < 0) return Number.NEGATIVE_INFINITY
    if (bin >= this.binCount) return Number.POSITIVE_INFINITY
    return this.min + bin * this.bucketWidth
  }
}

/** From 0; each range is wider than the one before it, by the same amount. */
export class LinearBinScheme implements BinScheme {
  private readonly binCount: number
  private readonly max: number
  private readonly scale: number

  /** @param bins how many; at least 2 */
  constructor(bins: number, max: number) {
    requireTwo(bins)
    this.binCount = bins
    this.max = max
    this.scale = max / ((bins * (bins - 1)) / 2)
  }

  bins(): number {
    return this.binCount
  }

  /** @throws IllegalArgumentException for a negative value */
  toBin(value: number): number {
    if (value < 0) throw new IllegalArgumentException(`Values below 0 are not accepted: ${value}`)
    if (value > this.max) return this.binCount - 1
    return Math.trunc(-0.5 + 0.5 * Math.sqrt(1 + (8 * value) / this.scale))
  }

  fromBin(bin: number): number {
    if (bin > this.binCount - 1) return Number.POSITIVE_INFINITY
    if (bin < 0) return Number.NEGATIVE_INFINITY
    return (this.scale * (bin * (bin + 1))) / 2
  }
}

const requireTwo = (bins: number): void => {
  if (bins < 2) throw new IllegalArgumentException(`There must be at least 2 bins, not ${bins}`)
}
