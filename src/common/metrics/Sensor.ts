/**
 * Where code says that something happened: a request was so large, a batch waited so long.
 *
 *     sensor.record(bytes) ─┬─► its stats      request-size-avg, request-size-max, request-rate
 *                           └─► its parents    and their stats
 *
 * A sensor knows nothing of what is made of its values, and the code that records knows nothing of
 * who reads them.
 *
 * I1  No sensor is above itself, by whatever way.
 * I2  Recording allocates nothing, unless a window begins that was never used.
 * I3  A sensor that expired takes no more stats.
 *
 * @kafka org.apache.kafka.common.metrics.Sensor
 * @simplified `add` of a compound stat is called `addCompound`.
 */

import { IllegalArgumentException } from '../errors.ts'
import type { MetricName } from '../MetricName.ts'
import type { Time } from '../Time.ts'
import { KafkaMetric } from './KafkaMetric.ts'
import type { MetricConfig } from './MetricConfig.ts'
import { QuotaViolationException } from './QuotaViolationException.ts'
import { type RecordingLevel, shouldRecord } from './RecordingLevel.ts'
import type { CompoundStat, MeasurableStat, Stat } from './Stat.ts'
import { TokenBucket } from './stats/TokenBucket.ts'

/** Where new metrics are entered: `Metrics`. */
export interface MetricRegistry {
  /** Returns the metric that has the name already; enters nothing then. */
  registerMetric(metric: KafkaMetric): KafkaMetric | undefined
}

export interface SensorOptions {
  readonly registry: MetricRegistry
  readonly name: string
  readonly parents: readonly Sensor[]
  readonly config: MetricConfig
  readonly time: Time
  /** Without a record for so long it may be removed; `Infinity`: never. */
  readonly inactiveSensorExpirationTimeSeconds: number
  readonly recordingLevel: RecordingLevel
}

/** A stat, and where its configuration stands: a metric's can be changed. */
interface StatAndConfig {
  readonly stat: Stat
  readonly of: { config(): MetricConfig }
}

export class Sensor {
  readonly name: string
  readonly parents: readonly Sensor[]
  private readonly registry: MetricRegistry
  private readonly config: MetricConfig
  private readonly time: Time
  private readonly inactiveSensorExpirationTimeMs: number
  private readonly recordingLevel: RecordingLevel
  private readonly recording: boolean
  private readonly stats: StatAndConfig[] = []
  private readonly ownMetrics: KafkaMetric[] = []
  private lastRecordTimeMs: number

  /** @throws IllegalArgumentException when two ways lead up to one sensor (I1) */
  constructor(options: SensorOptions) {
    this.registry = options.registry
    this.name = options.name
    this.parents = options.parents
    this.config = options.config
    this.time = options.time
    this.inactiveSensorExpirationTimeMs = options.inactiveSensorExpirationTimeSeconds * 1000
    this.recordingLevel = options.recordingLevel
    this.recording = shouldRecord(this.recordingLevel, this.config.recordLevel)
    this.lastRecordTimeMs = options.time.milliseconds()
    this.checkForest(new Set())
  }

  /** Whether its level is recorded at all. */
  shouldRecord(): boolean {
    return this.recording
  }

  /**
   * Something happened.
   *
   * @param value default 1: it is only counted
   * @param timeMs when; default now
   * @throws QuotaViolationException when a metric is beyond its quota now; the value is recorded
   */
  record(value = 1, timeMs = this.time.milliseconds(), checkQuotas = true): void {
    if (!this.recording) return
    this.lastRecordTimeMs = timeMs
    const { stats, parents } = this
    for (let i = 0; i < stats.length; i++) {
      const { stat, of } = stats[i]!
      stat.record(of.config(), value, timeMs)
    }
    if (checkQuotas) this.checkQuotas(timeMs)
    for (let i = 0; i < parents.length; i++) parents[i]!.record(value, timeMs, checkQuotas)
  }

  /** @throws QuotaViolationException for the first metric that is beyond its quota */
  checkQuotas(timeMs = this.time.milliseconds()): void {
    const { ownMetrics } = this
    for (let i = 0; i < ownMetrics.length; i++) {
      const metric = ownMetrics[i]!
      const { quota } = metric.config()
      if (quota === null) continue
      const value = metric.measurableValue(timeMs)
      // A bucket's bound is how fast it is filled: it is beyond it when it is empty.
      const isBucket = metric.isMeasurable() && metric.measurable() instanceof TokenBucket
      if (isBucket ? value < 0 : !quota.acceptable(value)) {
        throw new QuotaViolationException(metric, value, quota.bound)
      }
    }
  }

  /**
   * Makes a metric of what is recorded here. One that the sensor has already is left as it is.
   *
   * @returns `false` when the sensor has expired
   * @throws IllegalArgumentException when another sensor has a metric of that name
   */
  add(name: MetricName, stat: MeasurableStat, config: MetricConfig | null = null): boolean {
    if (this.hasExpired()) return false
    if (this.hasMetric(name)) return true
    const metric = new KafkaMetric(name, stat, config ?? this.config, this.time)
    this.register(metric)
    this.stats.push({ stat, of: metric })
    return true
  }

  /** As `add`, for all metrics of a compound stat. */
  addCompound(stat: CompoundStat, config: MetricConfig | null = null): boolean {
    if (this.hasExpired()) return false
    const statConfig = config ?? this.config
    this.stats.push({ stat, of: { config: () => statConfig } })
    for (const named of stat.stats()) {
      if (this.hasMetric(named.name)) continue
      this.register(new KafkaMetric(named.name, named.stat, statConfig, this.time))
    }
    return true
  }

  hasMetrics(): boolean {
    return this.ownMetrics.length > 0
  }

  /** In the order of `add`. */
  metrics(): readonly KafkaMetric[] {
    return [...this.ownMetrics]
  }

  /** Nothing was recorded for longer than it may be idle. */
  hasExpired(): boolean {
    const idleMs = this.time.milliseconds() - this.lastRecordTimeMs
    return idleMs > this.inactiveSensorExpirationTimeMs
  }

  toString(): string {
    return `Sensor(${this.name})`
  }

  private register(metric: KafkaMetric): void {
    if (this.registry.registerMetric(metric) !== undefined) {
      throw new IllegalArgumentException(
        `A metric named '${metric.metricName()}' already exists, another cannot be registered`,
      )
    }
    this.ownMetrics.push(metric)
  }

  private hasMetric(name: MetricName): boolean {
    return this.ownMetrics.some((metric) => metric.metricName().equals(name))
  }

  private checkForest(sensors: Set<Sensor>): void {
    if (sensors.has(this)) {
      throw new IllegalArgumentException(
        `Circular dependency in sensors: ${this.name} is its own parent`,
      )
    }
    sensors.add(this)
    for (const parent of this.parents) parent.checkForest(sensors)
  }
}
