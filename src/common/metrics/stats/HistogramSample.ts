/**
 * A sample that keeps a histogram instead of one number.
 *
 * @kafka org.apache.kafka.common.metrics.stats.Percentiles.HistogramSample
 * @simplified one class; in Java `Percentiles` and `Frequencies` have each its own.
 */

import { type BinScheme, Histogram } from './Histogram.ts'
import { Sample } from './SampledStat.ts'

export class HistogramSample extends Sample {
  readonly histogram: Histogram

  constructor(scheme: BinScheme, nowMs: number) {
    super(0, nowMs)
    this.histogram = new Histogram(scheme)
  }

  override reset(nowMs: number): void {
    super.reset(nowMs)
    this.histogram.clear()
  }
}
