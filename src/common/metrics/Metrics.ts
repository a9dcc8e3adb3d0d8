/**
 * All metrics and sensors of one client.
 *
 *     const sensor = metrics.sensor('request-size')
 *     sensor.add(metrics.metricName('request-size-avg', 'producer-metrics'), new Avg())
 *     …
 *     sensor.record(1_024)                       where it happens
 *     metrics.metric(name)?.metricValue()        whenever somebody wants to know
 *
 *     Sensor ── record ──► Stat ◄── measure ── KafkaMetric ◄── by MetricName ── who reads
 *
 * What is measured is computed when it is read, so a metric that nobody reads costs its records
 * only.
 *
 * I1  A name belongs to one metric at a time.
 * I2  With a sensor go its metrics, and the sensors below it.
 * I3  A reporter that fails is logged, and keeps nobody from anything.
 *
 * @kafka org.apache.kafka.common.metrics.Metrics
 * @simplified no HTML table of names: the reference page is generated. Sensors expire on a timer of
 *   `Time` instead of a thread.
 */

import { IllegalArgumentException } from '../errors.ts'
import { ConsoleLogger, type Logger } from '../Logger.ts'
import { MetricName, type MetricTags } from '../MetricName.ts'
import type { MetricNameTemplate } from '../MetricNameTemplate.ts'
import type { Scheduled, Time } from '../Time.ts'
import { KafkaMetric } from './KafkaMetric.ts'
import { MetricConfig } from './MetricConfig.ts'
import { MetricMap } from './MetricMap.ts'
import { kafkaMetricsContext, type MetricsContext } from './MetricsContext.ts'
import type { MetricsReporter } from './MetricsReporter.ts'
import type { MetricValueProvider } from './MetricValueProvider.ts'
import type { RecordingLevel } from './RecordingLevel.ts'
import { type MetricRegistry, Sensor } from './Sensor.ts'

export interface MetricsOptions {
  readonly time: Time
  /** For what has none of its own. Default: Kafka's defaults. */
  readonly config?: MetricConfig
  readonly reporters?: readonly MetricsReporter[]
  /** Handed to the reporters. */
  readonly context?: MetricsContext
  /** Looks for sensors that expired, every 30 seconds. Default: `false`. */
  readonly enableExpiration?: boolean
  /** Hears of reporters that fail. */
  readonly logger?: Logger
}

export interface SensorInput {
  /** For metrics that have none of their own; default: that of all. */
  readonly config?: MetricConfig
  /** Default: never. */
  readonly inactiveSensorExpirationTimeSeconds?: number
  /** Default: `INFO`. */
  readonly recordingLevel?: RecordingLevel
}

const EXPIRY_INTERVAL_MS = 30_000

export class Metrics implements MetricRegistry {
  readonly config: MetricConfig
  private readonly time: Time
  private readonly logger: Logger
  private readonly registered = new MetricMap()
  private readonly sensors = new Map<string, Sensor>()
  private readonly children = new Map<Sensor, Sensor[]>()
  private readonly reporterList: MetricsReporter[]
  private expiry: Scheduled | null = null

  constructor(options: MetricsOptions) {
    this.time = options.time
    this.config = options.config ?? new MetricConfig()
    this.logger = options.logger ?? new ConsoleLogger()
    this.reporterList = [...(options.reporters ?? [])]
    const context = options.context ?? kafkaMetricsContext('')
    for (const reporter of this.reporterList) {
      reporter.contextChange?.(context)
      reporter.init([])
    }
    if (options.enableExpiration === true) this.scheduleExpiry()
    const count = this.metricName(
      'count',
      'kafka-metrics-count',
      'total number of registered metrics',
    )
    this.addMetric(count, { measure: () => this.registered.size })
  }

  /** A name with the tags of all metrics; a tag that is given here goes before one of those. */
  metricName(name: string, group: string, description = '', tags: MetricTags = {}): MetricName {
    return new MetricName(name, group, description, { ...this.config.tags, ...tags })
  }

  /**
   * The name that a template describes.
   *
   * @throws IllegalArgumentException when these tags are not exactly those of the template
   */
  metricInstance(template: MetricNameTemplate, tags: MetricTags = {}): MetricName {
    const given = new Set([...Object.keys(tags), ...Object.keys(this.config.tags)])
    const same = given.size === template.tags.size && [...given].every((t) => template.tags.has(t))
    if (!same) {
      throw new IllegalArgumentException(
        `For '${template.name}' the tags are [${[...given].join(', ')}], and its template has ` +
          `[${[...template.tags].join(', ')}]`,
      )
    }
    return this.metricName(template.name, template.group, template.description, tags)
  }

  // ---- sensors

  getSensor(name: string): Sensor | undefined {
    return this.sensors.get(name)
  }

  /**
   * The sensor of that name, made if there is none.
   *
   * @param parents hear everything that is recorded with it
   */
  sensor(name: string, parents: readonly Sensor[] = [], input: SensorInput = {}): Sensor {
    const existing = this.sensors.get(name)
    if (existing !== undefined) return existing
    const sensor = new Sensor({
      registry: this,
      name,
      parents,
      config: input.config ?? this.config,
      time: this.time,
      inactiveSensorExpirationTimeSeconds: input.inactiveSensorExpirationTimeSeconds ?? Infinity,
      recordingLevel: input.recordingLevel ?? 'INFO',
    })
    this.sensors.set(name, sensor)
    for (const parent of parents) {
      const siblings = this.children.get(parent)
      if (siblings === undefined) this.children.set(parent, [sensor])
      else siblings.push(sensor)
    }
    return sensor
  }

  /** Removes a sensor, its metrics, and the sensors below it. */
  removeSensor(name: string): void {
    const sensor = this.sensors.get(name)
    if (sensor === undefined) return
    this.sensors.delete(name)
    for (const metric of sensor.metrics()) this.removeMetric(metric.metricName())
    const below = this.children.get(sensor) ?? []
    this.children.delete(sensor)
    for (const parent of sensor.parents) {
      const siblings = this.children.get(parent)
      const at = siblings?.indexOf(sensor) ?? -1
      if (at >= 0) siblings?.splice(at, 1)
    }
    for (const child of [...below]) this.removeSensor(child.name)
  }

  /** Visible for tests. */
  childrenSensors(): ReadonlyMap<Sensor, readonly Sensor[]> {
    return this.children
  }

  /** Removes the sensors that nothing was recorded with for too long. In Java a task. */
  expireSensors(): void {
    for (const [name, sensor] of this.sensors) {
      if (sensor.hasExpired()) this.removeSensor(name)
    }
  }

  private scheduleExpiry(): void {
    this.expiry = this.time.schedule(EXPIRY_INTERVAL_MS, () => {
      this.expireSensors()
      this.scheduleExpiry()
    })
  }

  // ---- metrics

  /**
   * A metric without sensor: its value is found when somebody reads it.
   *
   * @throws IllegalArgumentException when there is one of that name
   */
  addMetric(
    name: MetricName,
    provider: MetricValueProvider,
    config: MetricConfig = this.config,
  ): void {
    const metric = new KafkaMetric(name, provider, config, this.time)
    if (this.registerMetric(metric) === undefined) return
    throw new IllegalArgumentException(
      `A metric named '${name}' already exists, another cannot be registered`,
    )
  }

  /** As `addMetric`; one that is there already is returned instead. */
  addMetricIfAbsent(
    name: MetricName,
    provider: MetricValueProvider,
    config: MetricConfig = this.config,
  ): KafkaMetric {
    const metric = new KafkaMetric(name, provider, config, this.time)
    return this.registerMetric(metric) ?? metric
  }

  registerMetric(metric: KafkaMetric): KafkaMetric | undefined {
    const existing = this.registered.putIfAbsent(metric)
    if (existing !== undefined) return existing
    this.tell('a new metric', (reporter) => reporter.metricChange(metric))
    return undefined
  }

  /** Returns the metric that was removed, if there was one. */
  removeMetric(name: MetricName): KafkaMetric | undefined {
    const metric = this.registered.remove(name)
    if (metric !== undefined) {
      this.tell('a removed metric', (reporter) => reporter.metricRemoval(metric))
    }
    return metric
  }

  /** All of them; those that come and go later show in it. */
  metrics(): ReadonlyMap<MetricName, KafkaMetric> {
    return this.registered
  }

  metric(name: MetricName): KafkaMetric | undefined {
    return this.registered.get(name)
  }

  // ---- reporters

  reporters(): readonly MetricsReporter[] {
    return this.reporterList
  }

  /** From now on it hears of metrics; first of those that there are. */
  addReporter(reporter: MetricsReporter): void {
    reporter.init([...this.registered.values()])
    this.reporterList.push(reporter)
  }

  /** Closes it. One that was never added is left alone. */
  removeReporter(reporter: MetricsReporter): void {
    const at = this.reporterList.indexOf(reporter)
    if (at < 0) return
    this.reporterList.splice(at, 1)
    reporter.close()
  }

  /** Stops looking for expired sensors, and closes the reporters. Metrics can still be read. */
  close(): void {
    this.expiry?.cancel()
    this.expiry = null
    this.tell('the end', (reporter) => reporter.close())
  }

  /** I3. */
  private tell(what: string, to: (reporter: MetricsReporter) => void): void {
    for (const reporter of this.reporterList) {
      try {
        to(reporter)
      } catch (error) {
        const { name } = reporter.constructor
        this.logger.error(`The metrics reporter ${name} failed when told of ${what}`, error)
      }
    }
  }
}
