/**
 * All metrics of one producer, in one hand: whoever records gets its part from here.
 *
 *     KafkaProducer   calls          flush-time-ns-total, metadata-wait-time-ns-total
 *     BufferPool      bufferPool     bufferpool-wait-ratio, buffer-available-bytes, …
 *     Sender          senderMetrics  record-send-rate, batch-size-avg, and those of each topic
 *     NetworkClient   throttleTime   produce-throttle-time-avg, …
 *     Selector        selector()     connection-count, io-ratio, and those of each node
 *
 * Every metric has the tag `client-id`.
 *
 * I1  After `close` the reporters are closed, and hear no more.
 *
 * @kafka org.apache.kafka.clients.producer.internals.ProducerMetrics
 * @kafka org.apache.kafka.clients.producer.KafkaProducer
 * @simplified no telemetry (KIP-714). What is left of the constructor of `KafkaProducer` here are
 *   the settings of metrics.
 */

import { registerAppInfo, unregisterAppInfo } from '../../clients/AppInfo.ts'
import type { Logger } from '../../common/Logger.ts'
import { PluginMetricsImpl } from '../../common/metrics/internals/PluginMetricsImpl.ts'
import { MetricConfig } from '../../common/metrics/MetricConfig.ts'
import { Metrics } from '../../common/metrics/Metrics.ts'
import { kafkaMetricsContext } from '../../common/metrics/MetricsContext.ts'
import type { Sensor } from '../../common/metrics/Sensor.ts'
import type { Time } from '../../common/Time.ts'
import type { SelectorMetricsOptions } from '../../network/SelectorMetrics.ts'
import type { ProducerConfig } from '../ProducerConfig.ts'
import { BufferPoolMetrics } from './BufferPoolMetrics.ts'
import { KafkaProducerMetrics } from './KafkaProducerMetrics.ts'
import { throttleTimeSensor } from './SenderMetrics.ts'
import { SenderMetricsRegistry } from './SenderMetricsRegistry.ts'

/** What reporters are told whose metrics these are. In Java the domain of its MBeans. */
export const NAMESPACE_OF_PRODUCERS = 'kafka.producer'
/** What is written after it becomes a label of these metrics. */
const METRICS_CONTEXT_PREFIX = 'metrics.context.'

/** Whose metrics they are, and how they are to be measured. */
export interface ProducerMetricsOptions {
  readonly config: ProducerConfig
  readonly clientId: string
  readonly environment: { readonly time: Time }
  readonly logger: Logger
}

export class ProducerMetrics {
  readonly metrics: Metrics
  readonly calls: KafkaProducerMetrics
  readonly bufferPool: BufferPoolMetrics
  readonly senderMetrics: SenderMetricsRegistry
  readonly throttleTime: Sensor
  /** Of records that failed, in a batch or before they came into one. */
  readonly errors: Sensor
  private readonly ofPlugins: PluginMetricsImpl[] = []
  private closed = false

  constructor({ config, clientId, environment: { time }, logger }: ProducerMetricsOptions) {
    const metricConfig = new MetricConfig({
      samples: config.get('metrics.num.samples'),
      timeWindowMs: config.get('metrics.sample.window.ms'),
      recordLevel: config.get('metrics.recording.level'),
      tags: { 'client-id': clientId },
    })
    this.metrics = new Metrics({
      time,
      config: metricConfig,
      reporters: config.getConfiguredInstances('metric.reporters', { 'client.id': clientId }),
      context: kafkaMetricsContext(
        NAMESPACE_OF_PRODUCERS,
        config.originalsWithPrefix(METRICS_CONTEXT_PREFIX),
      ),
      logger,
    })
    this.calls = new KafkaProducerMetrics(this.metrics)
    this.bufferPool = new BufferPoolMetrics(this.metrics)
    this.senderMetrics = new SenderMetricsRegistry(this.metrics)
    this.throttleTime = throttleTimeSensor(this.senderMetrics)
    this.errors = this.metrics.sensor('errors')
    registerAppInfo(this.metrics, time.milliseconds())
  }

  selector(): SelectorMetricsOptions {
    return { metrics: this.metrics, metricGrpPrefix: 'producer' }
  }

  /** @param config the setting that names the plug-in */
  monitor(config: string, plugin: object): void {
    const own = PluginMetricsImpl.of(plugin, this.metrics, config)
    if (own !== null) this.ofPlugins.push(own)
  }

  /** Those of the `Selector` go with it. What the `Sender` counted can still be read. */
  close(): void {
    if (this.closed) return
    this.closed = true
    for (const own of this.ofPlugins) own.close()
    this.calls.close()
    unregisterAppInfo(this.metrics)
    this.metrics.close()
  }

  toString(): string {
    return `ProducerMetrics(${this.metrics.metrics().size} metrics)`
  }
}
