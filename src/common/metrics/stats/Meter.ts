/**
 * A rate and a total of the same values: `record-send-rate` and `record-send-total`.
 *
 * @kafka org.apache.kafka.common.metrics.stats.Meter
 */

import { IllegalArgumentException } from '../../errors.ts'
import type { MetricName } from '../../MetricName.ts'
import type { MetricConfig } from '../MetricConfig.ts'
import type { CompoundStat, NamedMeasurable } from '../Stat.ts'
import type { TimeUnit } from '../TimeUnit.ts'
import { CumulativeSum } from './CumulativeSum.ts'
import { Rate } from './Rate.ts'
import type { SampledStat } from './SampledStat.ts'
import { WindowedCount } from './WindowedCount.ts'
import { WindowedSum } from './WindowedSum.ts'

export interface MeterOptions {
  /** The name of the rate. */
  readonly rate: MetricName
  /** The name of the total. */
  readonly total: MetricName
  /** Of the rate; default `SECONDS`. */
  readonly unit?: TimeUnit
  /** `WindowedCount`: how often, whatever the values; default: their sum. */
  readonly stat?: SampledStat
}

export class Meter implements CompoundStat {
  private readonly names: { readonly rate: MetricName; readonly total: MetricName }
  private readonly rate: Rate
  private readonly total = new CumulativeSum()
  /** What a record adds to the total is 1, as it is to the rate. */
  private readonly counts: boolean

  /** @throws IllegalArgumentException when `stat` is neither sum nor count */
  constructor({ rate, total, unit = 'SECONDS', stat = new WindowedSum() }: MeterOptions) {
    if (!(stat instanceof WindowedSum)) {
      throw new IllegalArgumentException('A Meter is made of a WindowedSum or a WindowedCount only')
    }
    this.names = { rate, total }
    this.rate = new Rate({ unit, stat })
    this.counts = stat instanceof WindowedCount
  }

  stats(): readonly NamedMeasurable[] {
    return [
      { name: this.names.total, stat: this.total },
      { name: this.names.rate, stat: this.rate },
    ]
  }

  record(config: MetricConfig, value: number, timeMs: number): void {
    this.rate.record(config, value, timeMs)
    this.total.record(config, this.counts ? 1 : value, timeMs)
  }

  toString(): string {
    return `Meter(rate=${this.rate}, total=${this.total})`
  }
}
