/**
 * A recorded value took a metric beyond its quota. The value is recorded all the same.
 *
 * @kafka org.apache.kafka.common.metrics.QuotaViolationException
 */

import { KafkaException } from '../errors.ts'
import type { KafkaMetric } from './KafkaMetric.ts'

export class QuotaViolationException extends KafkaException {
  readonly metric: KafkaMetric
  readonly value: number
  readonly bound: number

  constructor(metric: KafkaMetric, value: number, bound: number) {
    super(`'${metric.metricName()}' violated its quota: it is ${value}, and the bound is ${bound}`)
    this.metric = metric
    this.value = value
    this.bound = bound
  }
}
