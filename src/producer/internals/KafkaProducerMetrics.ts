/**
 * How long calls of the producer took, added up: `flush`, and waiting for metadata.
 *
 * Each call counts, also where several run at the same time: two flushes of a second each make two
 * seconds.
 *
 * I1  What was registered is removed by `close`.
 *
 * @kafka org.apache.kafka.clients.producer.internals.KafkaProducerMetrics
 * @simplified the times of transactions are there and stay at 0 until transactions come.
 */

import type { Metrics } from '../../common/metrics/Metrics.ts'
import type { Sensor } from '../../common/metrics/Sensor.ts'
import { CumulativeSum } from '../../common/metrics/stats/CumulativeSum.ts'

/** The group of most of a producer's metrics. */
export const PRODUCER_METRIC_GROUP_NAME = 'producer-metrics'

const TOTAL_TIME_SUFFIX = '-time-ns-total'

export class KafkaProducerMetrics {
  static readonly GROUP = PRODUCER_METRIC_GROUP_NAME

  private readonly metrics: Metrics
  private readonly sensorNames: string[] = []
  private readonly flushTime: Sensor
  private readonly initTime: Sensor
  private readonly beginTxnTime: Sensor
  private readonly sendOffsetsTime: Sensor
  private readonly commitTxnTime: Sensor
  private readonly abortTxnTime: Sensor
  private readonly prepareTxnTime: Sensor
  private readonly metadataWaitTime: Sensor

  constructor(metrics: Metrics) {
    this.metrics = metrics
    this.flushTime = this.latencySensor('flush', 'in flush')
    this.initTime = this.latencySensor('txn-init', 'in initTransactions')
    this.beginTxnTime = this.latencySensor('txn-begin', 'in beginTransaction')
    this.sendOffsetsTime = this.latencySensor('txn-send-offsets', 'in sendOffsetsToTransaction')
    this.commitTxnTime = this.latencySensor('txn-commit', 'in commitTransaction')
    this.abortTxnTime = this.latencySensor('txn-abort', 'in abortTransaction')
    this.prepareTxnTime = this.latencySensor('txn-prepare', 'in prepareTransaction')
    this.metadataWaitTime = this.latencySensor('metadata-wait', 'waiting on topic metadata')
  }

  recordFlush(durationMs: number): void {
    this.flushTime.record(nanoseconds(durationMs))
  }

  recordInit(durationMs: number): void {
    this.initTime.record(nanoseconds(durationMs))
  }

  recordBeginTxn(durationMs: number): void {
    this.beginTxnTime.record(nanoseconds(durationMs))
  }

  recordSendOffsets(durationMs: number): void {
    this.sendOffsetsTime.record(nanoseconds(durationMs))
  }

  recordCommitTxn(durationMs: number): void {
    this.commitTxnTime.record(nanoseconds(durationMs))
  }

  recordAbortTxn(durationMs: number): void {
    this.abortTxnTime.record(nanoseconds(durationMs))
  }

  recordPrepareTxn(durationMs: number): void {
    this.prepareTxnTime.record(nanoseconds(durationMs))
  }

  recordMetadataWait(durationMs: number): void {
    this.metadataWaitTime.record(nanoseconds(durationMs))
  }

  /** I1. */
  close(): void {
    for (const name of this.sensorNames) this.metrics.removeSensor(name)
  }

  private latencySensor(name: string, spent: string): Sensor {
    const sensorName = name + TOTAL_TIME_SUFFIX
    this.sensorNames.push(sensorName)
    const sensor = this.metrics.sensor(sensorName)
    const description = `Total time producer has spent ${spent} in nanoseconds.`
    const metricName = this.metrics.metricName(sensorName, PRODUCER_METRIC_GROUP_NAME, description)
    sensor.add(metricName, new CumulativeSum())
    return sensor
  }
}

const nanoseconds = (ms: number): number => Math.round(ms * 1e6)
