import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MetricName } from '../../../src/common/MetricName.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import {
  DiagnosticsReporter,
  METRICS_CHANNELS,
  type MetricMessage,
  type MetricVisitor,
} from '../../../src/common/metrics/DiagnosticsReporter.ts'
import { Metrics } from '../../../src/common/metrics/Metrics.ts'
import { kafkaMetricsContext } from '../../../src/common/metrics/MetricsContext.ts'
import { diagnosticsChannel as ofPage } from '../../../src/platform/browser/index.ts'

const named = (name: string): MetricName => new MetricName(name, 'diagnostics-test')

let metrics: Metrics
const cleanups: (() => void)[] = []
beforeEach(() => {
  metrics = new Metrics({
    time: new MockTime(),
    reporters: [new DiagnosticsReporter()],
    context: kafkaMetricsContext('diagnostics-test'),
  })
})
afterEach(() => {
  metrics.close()
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** What a channel says of these metrics; other clients of the process speak there, too. */
const listen = (name: string): string[] => {
  const heard: string[] = []
  const hear = (message: unknown): void => {
    const { metric, labels } = message as MetricMessage
    if (labels['_namespace'] === 'diagnostics-test') heard.push(metric.metricName().name)
  }
  subscribe(name, hear)
  cleanups.push(() => unsubscribe(name, hear))
  return heard
}

const readAll = (): Record<string, unknown> => {
  const values: Record<string, unknown> = {}
  const visit: MetricVisitor = ({ metric, labels }) => {
    if (labels['_namespace'] !== 'diagnostics-test') return
    values[metric.metricName().name] = metric.metricValue()
  }
  channel(METRICS_CHANNELS.read).publish(visit)
  return values
}

describe("metrics on Node's diagnostics channels", () => {
  it('tell each metric that comes and goes, and at the end those that are left', () => {
    const registered = listen('annotated-kafka.metrics.registered')
    const removed = listen('annotated-kafka.metrics.removed')
    metrics.addMetric(named('a'), { measure: () => 1 })
    metrics.addMetric(named('b'), { measure: () => 2 })
    metrics.removeMetric(named('a'))
    expect([registered, removed]).toEqual([['a', 'b'], ['a']])
    metrics.close()
    expect(removed).toEqual(['a', 'count', 'b'])
  })

  it('are read by whoever asks, at any time, without having listened before', () => {
    let value = 1
    metrics.addMetric(named('a'), { measure: () => value })
    expect(readAll()).toEqual({ count: 2, a: 1 })
    value = 7
    metrics.removeMetric(named('count'))
    expect(readAll()).toMatchObject({ a: 7 })
    metrics.close()
    expect(readAll()).toEqual({})
  })

  it('take no harm from a message that asks for nothing', () => {
    expect(() => channel(METRICS_CHANNELS.read).publish('what?')).not.toThrow()
  })
})

it('a page has no such channels: nobody is heard there', () => {
  const silent = ofPage(METRICS_CHANNELS.registered)
  const stop = silent.subscribe(() => expect.unreachable())
  silent.publish('a message')
  expect(silent.hasSubscribers).toBe(false)
  stop()
})
