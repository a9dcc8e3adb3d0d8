import { beforeEach, describe, expect, it } from 'vitest'
import { MetricName } from '../../../../src/common/MetricName.ts'
import { MockTime } from '../../../../src/common/MockTime.ts'
import { IntGaugeSuite } from '../../../../src/common/metrics/internals/IntGaugeSuite.ts'
import { Metrics } from '../../../../src/common/metrics/Metrics.ts'
import { RecordingLogger } from '../../../support/RecordingLogger.ts'

let metrics: Metrics
let logger: RecordingLogger
let suite: IntGaugeSuite<string>
beforeEach(() => {
  metrics = new Metrics({ time: new MockTime() })
  logger = new RecordingLogger()
  suite = new IntGaugeSuite<string>({
    logger,
    suiteName: 'mySuite',
    metrics,
    textOf: (key) => key,
    metricNameOf: (key) => new MetricName(key, 'group'),
    maxEntries: 3,
  })
})

const values = () => Object.fromEntries(suite.values())
const names = () => [...metrics.metrics().keys()].map(({ name }) => name)
const valueOfKey = (key: string) => metrics.metric(new MetricName(key, 'group'))?.metricValue()

describe('a suite of gauges (IntGaugeSuiteTest)', () => {
  it('counts each key up and down, and makes its metric when the key comes', () => {
    suite.increment('foo')
    suite.increment('foo')
    suite.increment('bar')
    suite.decrement('foo')
    suite.decrement('never there')
    expect(values()).toEqual({ foo: 1, bar: 1 })
    expect(names()).toEqual(['count', 'foo', 'bar'])
    expect([valueOfKey('foo'), valueOfKey('bar')]).toEqual([1, 1])
    expect(logger.messages('debug')).toEqual([
      'mySuite: cannot decrement never there: it is not counted',
    ])
  })

  it('counts no more keys than it may, unless one is at 0 and can go', () => {
    for (const key of ['foo', 'bar', 'baz', 'quux']) suite.increment(key)
    expect(values()).toEqual({ foo: 1, bar: 1, baz: 1 })
    suite.decrement('bar')
    suite.decrement('baz')
    suite.increment('baz')
    suite.increment('quux')
    expect(values()).toEqual({ foo: 1, baz: 1, quux: 1 })
    expect(names()).toEqual(['count', 'foo', 'baz', 'quux'])
  })

  it('takes its metrics with it when it is closed, and counts no more', () => {
    suite.increment('foo')
    suite.close()
    suite.close()
    expect(names()).toEqual(['count'])
    suite.increment('foo')
    suite.decrement('foo')
    expect(names()).toEqual(['count'])
    expect(logger.messages('warn')).toEqual([
      'mySuite: cannot increment foo: it was closed',
      'mySuite: cannot decrement foo: it was closed',
    ])
  })
})
