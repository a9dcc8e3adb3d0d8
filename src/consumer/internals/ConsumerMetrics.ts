/**
 * All metrics of one consumer, in one hand: whoever records gets its part from here.
 *
 *     ClassicKafkaConsumer  calls          last-poll-seconds-ago, poll-idle-ratio-avg, …
 *     Fetcher               fetch          records-lag-max, bytes-consumed-rate, and those of each
 *                                          topic and partition
 *     coordinators          metrics        heartbeat-rate, rebalance-latency-avg, commit-rate, …
 *     NetworkClient         throttleTime   fetch-throttle-time-avg, …
 *     Selector              selector()     connection-count, io-ratio, and those of each node
 *
 * Every metric has the tag `client-id`.
 *
 * I1  After `close` the reporters are closed, and hear no more.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerMetrics
 * @simplified no telemetry (KIP-714).
 */

import { registerAppInfo, unregisterAppInfo } from '../../clients/AppInfo.ts'
import { createMetrics } from '../../clients/createMetrics.ts'
import type { Logger } from '../../common/Logger.ts'
import { PluginMetricsImpl } from '../../common/metrics/internals/PluginMetricsImpl.ts'
import type { Metrics } from '../../common/metrics/Metrics.ts'
import type { Sensor } from '../../common/metrics/Sensor.ts'
import type { Time } from '../../common/Time.ts'
import type { SelectorMetricsOptions } from '../../network/SelectorMetrics.ts'
import type { ConsumerConfig } from '../ConsumerConfig.ts'
import { FetchMetricsManager } from './FetchMetricsManager.ts'
import { FetchMetricsRegistry } from './FetchMetricsRegistry.ts'
import { KafkaConsumerMetrics } from './KafkaConsumerMetrics.ts'

/** What the groups of a consumer's metrics begin with. */
export const CONSUMER_METRIC_GROUP_PREFIX = 'consumer'
/** What reporters are told whose metrics these are. In Java the domain of its MBeans. */
export const NAMESPACE_OF_CONSUMERS = 'kafka.consumer'

/** Whose metrics they are, and how they are to be measured. */
export interface ConsumerMetricsOptions {
  readonly config: ConsumerConfig
  readonly environment: { readonly time: Time }
  readonly logger: Logger
}

export class ConsumerMetrics {
  /** What coordinators make their sensors of. */
  readonly metrics: Metrics
  readonly calls: KafkaConsumerMetrics
  readonly fetch: FetchMetricsManager
  private readonly ofPlugins: PluginMetricsImpl[] = []
  private closed = false

  constructor({ config, environment: { time }, logger }: ConsumerMetricsOptions) {
    this.metrics = createMetrics({
      config,
      clientId: config.get('client.id'),
      namespace: NAMESPACE_OF_CONSUMERS,
      time,
      logger,
    })
    this.fetch = new FetchMetricsManager(
      new FetchMetricsRegistry(this.metrics, CONSUMER_METRIC_GROUP_PREFIX),
    )
    this.calls = new KafkaConsumerMetrics(this.metrics)
    registerAppInfo(this.metrics, time.milliseconds())
  }

  get throttleTime(): Sensor {
    return this.fetch.throttleTimeSensor()
  }

  selector(): SelectorMetricsOptions {
    return { metrics: this.metrics, metricGrpPrefix: CONSUMER_METRIC_GROUP_PREFIX }
  }

  /** @param config the setting that names the plug-in */
  monitor(config: string, plugin: object): void {
    const own = PluginMetricsImpl.of(plugin, this.metrics, config)
    if (own !== null) this.ofPlugins.push(own)
  }

  /** Those of the `Selector` go with it. What was fetched can still be read. */
  close(): void {
    if (this.closed) return
    this.closed = true
    for (const own of this.ofPlugins) own.close()
    this.calls.close()
    unregisterAppInfo(this.metrics)
    this.metrics.close()
  }

  toString(): string {
    return `ConsumerMetrics(${this.metrics.metrics().size} metrics)`
  }
}
