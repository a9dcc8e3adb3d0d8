/**
 * Rebalances: how many, how long, how many failed.
 *
 *     started ─── failed ─── failed ─── ended          one rebalance, two failures
 *        │◄──────── rebalance-latency ────►│
 *
 * A rebalance that fails is tried again, and is over only when it has succeeded. So its time runs
 * from the first try.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.metrics.RebalanceMetricsManager
 * @kafka org.apache.kafka.clients.consumer.internals.metrics.ConsumerRebalanceMetricsManager
 * @simplified one class for what Java has twice: here and in `AbstractCoordinator`, with the
 *   descriptions of the latter. Whether a rebalance is under way does not go by the clock, so one
 *   that begins in the millisecond in which the last one ended counts as well.
 */

import type { MetricName } from '../../common/MetricName.ts'
import type { Metrics } from '../../common/metrics/Metrics.ts'
import type { Sensor } from '../../common/metrics/Sensor.ts'
import { Avg } from '../../common/metrics/stats/Avg.ts'
import { CumulativeCount } from '../../common/metrics/stats/CumulativeCount.ts'
import { CumulativeSum } from '../../common/metrics/stats/CumulativeSum.ts'
import { Max } from '../../common/metrics/stats/Max.ts'
import { Rate } from '../../common/metrics/stats/Rate.ts'
import { WindowedCount } from '../../common/metrics/stats/WindowedCount.ts'
import { secondsAgo } from './metricUnits.ts'

/** What the descriptions of successful ones end in. */
const WITH_TRIES = 'composed of several failed re-trials until it succeeded'
const TO_SUCCEED = `for a group to complete a successful rebalance, which may be ${WITH_TRIES}`
const EACH = `each event is ${WITH_TRIES}`

export class RebalanceMetricsManager {
  private readonly metrics: Metrics
  private readonly metricGroupName: string
  private readonly successful: Sensor
  private readonly failed: Sensor
  private startedMs: number | null = null
  private lastEndMs: number | null = null

  /** @param metricGroupName `consumer-coordinator-metrics` */
  constructor(metrics: Metrics, metricGroupName: string) {
    this.metrics = metrics
    this.metricGroupName = metricGroupName
    this.successful = metrics.sensor('rebalance-latency')
    const average = `The average time taken ${TO_SUCCEED}`
    this.successful.add(this.name('rebalance-latency-avg', average), new Avg())
    const longest = `The max time taken ${TO_SUCCEED}`
    this.successful.add(this.name('rebalance-latency-max', longest), new Max())
    const total =
      'The total number of milliseconds this consumer has spent in successful rebalances since ' +
      'creation'
    this.successful.add(this.name('rebalance-latency-total', total), new CumulativeSum())
    const count = `The total number of successful rebalance events, ${EACH}`
    this.successful.add(this.name('rebalance-total', count), new CumulativeCount())
    const perHour = `The number of successful rebalance events per hour, ${EACH}`
    this.successful.add(this.name('rebalance-rate-per-hour', perHour), ratePerHour())

    this.failed = metrics.sensor('failed-rebalance')
    const failures = 'The total number of failed rebalance events'
    this.failed.add(this.name('failed-rebalance-total', failures), new CumulativeCount())
    const failuresPerHour = 'The number of failed rebalance events per hour'
    this.failed.add(this.name('failed-rebalance-rate-per-hour', failuresPerHour), ratePerHour())

    const ago = 'The number of seconds since the last successful rebalance event'
    metrics.addMetric(this.name('last-rebalance-seconds-ago', ago), {
      measure: (_config, nowMs) => secondsAgo(this.lastEndMs, nowMs),
    })
  }

  /** The first try begins. */
  recordRebalanceStarted(nowMs: number): void {
    this.startedMs = nowMs
  }

  /** It has succeeded. */
  recordRebalanceEnded(nowMs: number): void {
    this.successful.record(nowMs - (this.startedMs ?? nowMs), nowMs)
    this.lastEndMs = nowMs
    this.startedMs = null
  }

  /** A try has failed, if a rebalance is under way. */
  maybeRecordRebalanceFailed(): void {
    if (this.startedMs !== null) this.failed.record()
  }

  rebalanceStarted(): boolean {
    return this.startedMs !== null
  }

  private name(name: string, description: string): MetricName {
    return this.metrics.metricName(name, this.metricGroupName, description)
  }
}

const HOUR_MS = 3_600_000

const ratePerHour = (): Rate =>
  new Rate({ unit: 'HOURS', stat: new WindowedCount(), windowMs: HOUR_MS })
