import { beforeEach, describe, expect, it } from 'vitest'
import { MockTime } from '../../src/common/MockTime.ts'
import { Metrics } from '../../src/common/metrics/Metrics.ts'
import { KafkaProducerMetrics } from '../../src/producer/internals/KafkaProducerMetrics.ts'
import { covers } from '../support/covers.ts'

let metrics: Metrics
let producerMetrics: KafkaProducerMetrics
beforeEach(() => {
  metrics = new Metrics({ time: new MockTime() })
  producerMetrics = new KafkaProducerMetrics(metrics)
})

/** By metric: what records it, and Kafka's scenario. */
const TIMES = {
  'flush-time-ns-total': ['recordFlush', 'shouldRecordFlushTime'],
  'txn-init-time-ns-total': ['recordInit', 'shouldRecordInitTime'],
  'txn-begin-time-ns-total': ['recordBeginTxn', 'shouldRecordTxBeginTime'],
  'txn-commit-time-ns-total': ['recordCommitTxn', 'shouldRecordTxCommitTime'],
  'txn-abort-time-ns-total': ['recordAbortTxn', 'shouldRecordTxAbortTime'],
  'txn-send-offsets-time-ns-total': ['recordSendOffsets', 'shouldRecordSendOffsetsTime'],
  'txn-prepare-time-ns-total': ['recordPrepareTxn', null],
  'metadata-wait-time-ns-total': ['recordMetadataWait', 'shouldRecordMetadataWaitTime'],
} as const

const metric = (name: string) => metrics.metric(metrics.metricName(name, 'producer-metrics'))

describe('the times of a producer', () => {
  it.each(Object.entries(TIMES))('%s adds up, in nanoseconds', (name, [record, scenario]) => {
    if (scenario !== null) covers(`KafkaProducerMetricsTest.${scenario}`)
    expect(metric(name)?.metricValue()).toBe(0)
    producerMetrics[record](0.000123)
    expect(metric(name)?.metricValue()).toBe(123)
    producerMetrics[record](2)
    expect(metric(name)?.metricValue()).toBe(2_000_123)
  })

  it('are removed when the producer is closed', () => {
    covers('KafkaProducerMetricsTest.shouldRemoveMetricsOnClose')
    producerMetrics.close()
    for (const name of Object.keys(TIMES)) expect(metric(name)).toBeUndefined()
    expect(metrics.metrics().size).toBe(1)
  })
})
