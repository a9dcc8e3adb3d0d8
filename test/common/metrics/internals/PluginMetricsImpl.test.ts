import { beforeEach, describe, expect, it } from 'vitest'
import { IllegalArgumentException, IllegalStateException } from '../../../../src/common/errors.ts'
import { MockTime } from '../../../../src/common/MockTime.ts'
import { PluginMetricsImpl } from '../../../../src/common/metrics/internals/PluginMetricsImpl.ts'
import { MetricConfig } from '../../../../src/common/metrics/MetricConfig.ts'
import { Metrics } from '../../../../src/common/metrics/Metrics.ts'
import type { PluginMetrics } from '../../../../src/common/metrics/Monitorable.ts'

let metrics: Metrics
let own: PluginMetricsImpl
beforeEach(() => {
  const config = new MetricConfig({ tags: { 'client-id': 'c' } })
  metrics = new Metrics({ time: new MockTime(), config })
  own = new PluginMetricsImpl(metrics, { config: 'a.setting', class: 'Plugin' })
})

const seven = { measure: () => 7 }

describe('the metrics of a plug-in (PluginMetricsImplTest)', () => {
  it('have its own tags, and those of all metrics', () => {
    const name = own.metricName('name', 'text', { t: 'v' })
    expect([name.group, name.tags]).toEqual([
      'plugins',
      { 'client-id': 'c', config: 'a.setting', class: 'Plugin', t: 'v' },
    ])
    expect(() => own.metricName('name', 'text', { class: 'Other' })).toThrow(
      IllegalArgumentException,
    )
  })

  it('come and go, each name once', () => {
    const name = own.metricName('name', 'text', {})
    own.addMetric(name, seven)
    expect(metrics.metric(name)?.metricValue()).toBe(7)
    expect(() => own.addMetric(name, seven)).toThrow(IllegalArgumentException)
    own.removeMetric(name)
    expect(metrics.metric(name)).toBeUndefined()
    expect(() => own.removeMetric(name)).toThrow(IllegalArgumentException)
  })

  it('may come from sensors', () => {
    expect(own.addSensor('s')).toBe(metrics.getSensor('s'))
    expect(() => own.addSensor('s')).toThrow(IllegalArgumentException)
    own.removeSensor('s')
    expect(metrics.getSensor('s')).toBeUndefined()
    expect(() => own.removeSensor('s')).toThrow(IllegalArgumentException)
  })

  it('are gone when it is closed, with those that it cannot remove being none of its own', () => {
    const others = metrics.metricName('others', 'group')
    metrics.addMetric(others, seven)
    expect(() => own.removeMetric(others)).toThrow(IllegalArgumentException)
    const name = own.metricName('name', 'text', {})
    own.addMetric(name, seven)
    own.addSensor('s')
    own.close()
    expect([metrics.metric(name), metrics.getSensor('s')]).toEqual([undefined, undefined])
    expect(metrics.metric(others)).toBeDefined()
    for (const late of [
      () => own.metricName('n', '', {}),
      () => own.addMetric(name, seven),
      () => own.removeMetric(name),
      () => own.addSensor('t'),
      () => own.removeSensor('s'),
    ]) {
      expect(late).toThrow(IllegalStateException)
    }
  })

  it('are asked for by plug-ins that want some; one that fails at it leaves none', () => {
    expect(PluginMetricsImpl.of({}, metrics, 'a.setting')).toBeNull()
    const size = metrics.metrics().size
    const failing = {
      withPluginMetrics(given: PluginMetrics): void {
        given.addMetric(given.metricName('name', '', {}), seven)
        throw new Error('no more')
      },
    }
    expect(() => PluginMetricsImpl.of(failing, metrics, 'a.setting')).toThrow('no more')
    expect(metrics.metrics().size).toBe(size)
  })
})
