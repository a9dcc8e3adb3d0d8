/**
 * What is told of the memory budget: how long sends waited for memory, how many got none, and how
 * much there is.
 *
 * Several sends can wait at the same time, and each counts: three that wait a second each make
 * three seconds of `bufferpool-wait-time-ns-total`, and a `bufferpool-wait-ratio` above 1 if they
 * do all the time. In Java it is the same with threads.
 *
 * @kafka org.apache.kafka.clients.producer.internals.BufferPool
 * @kafka org.apache.kafka.clients.producer.internals.RecordAccumulator
 * @simplified a class of its own; in Java the sensors are in `BufferPool`, the three gauges in
 *   `RecordAccumulator`. `waiting-threads` counts sends.
 */

import type { Metrics } from '../../common/metrics/Metrics.ts'
import type { Sensor } from '../../common/metrics/Sensor.ts'
import { Meter } from '../../common/metrics/stats/Meter.ts'
import { PRODUCER_METRIC_GROUP_NAME } from './KafkaProducerMetrics.ts'

/** The sensor of the times that sends waited for memory, nanoseconds. */
export const WAIT_TIME_SENSOR_NAME = 'bufferpool-wait-time'

/** What is asked of a pool. */
interface Pool {
  readonly totalMemory: number
  availableMemory(): number
  queued(): number
}

export class BufferPoolMetrics {
  private readonly metrics: Metrics
  private readonly waitTime: Sensor
  private readonly bufferExhaustedRecords: Sensor

  constructor(metrics: Metrics) {
    this.metrics = metrics
    const name = (text: string, description: string) =>
      metrics.metricName(text, PRODUCER_METRIC_GROUP_NAME, description)
    this.waitTime = metrics.sensor(WAIT_TIME_SENSOR_NAME)
    this.waitTime.addCompound(
      new Meter({
        rate: name(
          'bufferpool-wait-ratio',
          'The fraction of time that sends waited for memory, added up over those that wait.',
        ),
        total: name(
          'bufferpool-wait-time-ns-total',
          'The total time in nanoseconds that sends waited for memory.',
        ),
        unit: 'NANOSECONDS',
      }),
    )
    this.bufferExhaustedRecords = metrics.sensor('buffer-exhausted-records')
    this.bufferExhaustedRecords.addCompound(
      new Meter({
        rate: name(
          'buffer-exhausted-rate',
          'The average per-second number of record sends that are dropped due to buffer exhaustion',
        ),
        total: name(
          'buffer-exhausted-total',
          'The total number of record sends that are dropped due to buffer exhaustion',
        ),
      }),
    )
  }

  recordWaitTime(waitedMs: number): void {
    this.waitTime.record(Math.round(waitedMs * 1e6))
  }

  recordExhausted(): void {
    this.bufferExhaustedRecords.record()
  }

  /** How much there is, and how many wait for it: read from the pool when somebody asks. */
  registerGauges(pool: Pool): void {
    const add = (name: string, description: string, measure: () => number) => {
      const metricName = this.metrics.metricName(name, PRODUCER_METRIC_GROUP_NAME, description)
      this.metrics.addMetric(metricName, { measure })
    }
    add('waiting-threads', 'The number of sends that wait for buffer memory.', () => pool.queued())
    add(
      'buffer-total-bytes',
      'The maximum amount of buffer memory the client can use (whether or not it is currently ' +
        'used).',
      () => pool.totalMemory,
    )
    add(
      'buffer-available-bytes',
      'The total amount of buffer memory that is not being used (either unallocated or in the ' +
        'free list).',
      () => pool.availableMemory(),
    )
  }
}
