/**
 * What a `Sender` records: batches as they leave, and what became of them.
 *
 *     a request is made ──► updateProduceRequestMetrics   records, bytes, sizes, time in the queue
 *     its answer comes  ──► recordLatency                 of all brokers, and of this one
 *         retry, error, split ──► recordRetries, recordErrors, recordBatchSplit
 *
 * I1  Work is per batch and per request, never per record: the number of records is added at once.
 *
 * @kafka org.apache.kafka.clients.producer.internals.Sender.SenderMetrics
 * @simplified a broker that nothing was drained for is no request; Java counts one of 0 records.
 */

import type { KafkaClient } from '../../clients/KafkaClient.ts'
import type { Metadata } from '../../clients/Metadata.ts'
import type { Metrics } from '../../common/metrics/Metrics.ts'
import type { Sensor } from '../../common/metrics/Sensor.ts'
import { Avg } from '../../common/metrics/stats/Avg.ts'
import { Max } from '../../common/metrics/stats/Max.ts'
import { Meter } from '../../common/metrics/stats/Meter.ts'
import type { Time } from '../../common/Time.ts'
import type { ProducerBatch } from './ProducerBatch.ts'
import type {
  SenderMetricName,
  SenderMetricsRegistry,
  TopicMetricName,
} from './SenderMetricsRegistry.ts'

/** The sensors of one topic. */
interface TopicSensors {
  readonly records: Sensor
  readonly bytes: Sensor
  readonly compressionRate: Sensor
  readonly retries: Sensor
  readonly errors: Sensor
}

export interface SenderMetricsOptions {
  readonly registry: SenderMetricsRegistry
  readonly metadata: Pick<Metadata, 'lastSuccessfulUpdate'>
  readonly client: Pick<KafkaClient, 'inFlightRequestCount'>
  readonly time: Time
}

export class SenderMetrics {
  private readonly registry: SenderMetricsRegistry
  private readonly metrics: Metrics
  private readonly time: Time
  private readonly retry: Sensor
  private readonly error: Sensor
  private readonly queueTime: Sensor
  private readonly requestTime: Sensor
  private readonly recordsPerRequest: Sensor
  private readonly batchSize: Sensor
  private readonly compressionRate: Sensor
  private readonly maxRecordSize: Sensor
  private readonly batchSplit: Sensor
  private readonly topics = new Map<string, TopicSensors>()

  constructor({ registry, metadata, client, time }: SenderMetricsOptions) {
    this.registry = registry
    this.metrics = registry.metrics
    this.time = time
    this.batchSize = this.sensor('batch-size', 'batch-size-avg', 'batch-size-max')
    this.compressionRate = this.sensor('compression-rate', 'compression-rate-avg')
    this.queueTime = this.sensor('queue-time', 'record-queue-time-avg', 'record-queue-time-max')
    this.requestTime = this.sensor('request-time', 'request-latency-avg', 'request-latency-max')
    this.recordsPerRequest = this.meter('records-per-request', 'record-send')
    this.recordsPerRequest.add(registry.name('records-per-request-avg'), new Avg())
    this.retry = this.meter('record-retries', 'record-retry')
    this.error = this.meter('errors', 'record-error')
    this.maxRecordSize = this.sensor('record-size', 'record-size-avg', 'record-size-max')
    this.batchSplit = this.meter('batch-split-rate', 'batch-split')
    this.metrics.addMetric(registry.name('requests-in-flight'), {
      measure: () => client.inFlightRequestCount(),
    })
    this.metrics.addMetric(registry.name('metadata-age'), {
      measure: (_config, nowMs) => (nowMs - metadata.lastSuccessfulUpdate()) / 1000,
    })
  }

  /** Batches are about to leave, those of each broker in one request. */
  updateProduceRequestMetrics(collated: ReadonlyMap<number, readonly ProducerBatch[]>): void {
    const nowMs = this.time.milliseconds()
    for (const batches of collated.values()) {
      if (batches.length === 0) continue
      let records = 0
      for (const batch of batches) {
        this.recordBatch(batch, nowMs)
        records += batch.recordCount
      }
      this.recordsPerRequest.record(records, nowMs)
    }
  }

  /** @param count how many records are sent again */
  recordRetries(topic: string, count: number): void {
    const nowMs = this.time.milliseconds()
    this.retry.record(count, nowMs)
    this.topics.get(topic)?.retries.record(count, nowMs)
  }

  /** @param count how many records have failed for good */
  recordErrors(topic: string, count: number): void {
    const nowMs = this.time.milliseconds()
    this.error.record(count, nowMs)
    this.topics.get(topic)?.errors.record(count, nowMs)
  }

  /** @param node the connection's id, for the sensor that its selector has registered */
  recordLatency(node: string, latencyMs: number): void {
    const nowMs = this.time.milliseconds()
    this.requestTime.record(latencyMs, nowMs)
    if (node !== '') this.metrics.getSensor(`node-${node}.latency`)?.record(latencyMs, nowMs)
  }

  recordBatchSplit(): void {
    this.batchSplit.record()
  }

  private recordBatch(batch: ProducerBatch, nowMs: number): void {
    const { recordCount, maxRecordSize } = batch
    const bytes = batch.estimatedSizeInBytes()
    const compressionRatio = batch.compressionRatio()
    const topic = this.maybeRegisterTopicMetrics(batch.topicPartition.topic)
    topic.records.record(recordCount, nowMs)
    topic.bytes.record(bytes, nowMs)
    topic.compressionRate.record(compressionRatio, nowMs)
    this.batchSize.record(bytes, nowMs)
    this.queueTime.record(batch.queueTimeMs(), nowMs)
    this.compressionRate.record(compressionRatio, nowMs)
    this.maxRecordSize.record(maxRecordSize, nowMs)
  }

  /** The sensors of a topic; all of its metrics come together, with the first batch. */
  maybeRegisterTopicMetrics(topic: string): TopicSensors {
    const known = this.topics.get(topic)
    if (known !== undefined) return known
    const sensor = (what: string) => this.metrics.sensor(`topic.${topic}.${what}`)
    const name = (text: TopicMetricName) => this.registry.topicName(text, topic)
    const meter = (what: string, rate: TopicMetricName, total: TopicMetricName) => {
      const made = sensor(what)
      made.addCompound(new Meter({ rate: name(rate), total: name(total) }))
      return made
    }
    const compressionRate = sensor('compression-rate')
    compressionRate.add(name('compression-rate'), new Avg())
    const sensors: TopicSensors = {
      records: meter('records-per-batch', 'record-send-rate', 'record-send-total'),
      bytes: meter('bytes', 'byte-rate', 'byte-total'),
      compressionRate,
      retries: meter('record-retries', 'record-retry-rate', 'record-retry-total'),
      errors: meter('record-errors', 'record-error-rate', 'record-error-total'),
    }
    this.topics.set(topic, sensors)
    return sensors
  }

  private sensor(sensorName: string, avg: SenderMetricName, max?: SenderMetricName): Sensor {
    return averageAndMax(this.registry, sensorName, avg, max)
  }

  private meter(
    sensorName: string,
    base: 'record-send' | 'record-retry' | 'record-error' | 'batch-split',
  ): Sensor {
    const sensor = this.metrics.sensor(sensorName)
    const rate = this.registry.name(`${base}-rate`)
    const total = this.registry.name(`${base}-total`)
    sensor.addCompound(new Meter({ rate, total }))
    return sensor
  }
}

/**
 * Of the time that brokers hold a producer back. A `NetworkClient` records it, so it is made before
 * the `Sender`.
 *
 * @kafka org.apache.kafka.clients.producer.internals.Sender
 */
export const throttleTimeSensor = (registry: SenderMetricsRegistry): Sensor =>
  averageAndMax(
    registry,
    'produce-throttle-time',
    'produce-throttle-time-avg',
    'produce-throttle-time-max',
  )

const averageAndMax = (
  registry: SenderMetricsRegistry,
  sensorName: string,
  avg: SenderMetricName,
  max?: SenderMetricName,
): Sensor => {
  const sensor = registry.metrics.sensor(sensorName)
  sensor.add(registry.name(avg), new Avg())
  if (max !== undefined) sensor.add(registry.name(max), new Max())
  return sensor
}
