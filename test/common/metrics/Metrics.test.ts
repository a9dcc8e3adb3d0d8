import { beforeEach, describe, expect, it } from 'vitest'
import { IllegalArgumentException } from '../../../src/common/errors.ts'
import { MetricName } from '../../../src/common/MetricName.ts'
import { MetricNameTemplate } from '../../../src/common/MetricNameTemplate.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import type { KafkaMetric } from '../../../src/common/metrics/KafkaMetric.ts'
import { MetricConfig } from '../../../src/common/metrics/MetricConfig.ts'
import { Metrics } from '../../../src/common/metrics/Metrics.ts'
import { kafkaMetricsContext, NAMESPACE } from '../../../src/common/metrics/MetricsContext.ts'
import type { MetricsReporter } from '../../../src/common/metrics/MetricsReporter.ts'
import { Quota } from '../../../src/common/metrics/Quota.ts'
import { QuotaViolationException } from '../../../src/common/metrics/QuotaViolationException.ts'
import type { Sensor } from '../../../src/common/metrics/Sensor.ts'
import { Avg } from '../../../src/common/metrics/stats/Avg.ts'
import { CumulativeSum } from '../../../src/common/metrics/stats/CumulativeSum.ts'
import { Max } from '../../../src/common/metrics/stats/Max.ts'
import { Meter } from '../../../src/common/metrics/stats/Meter.ts'
import { Min } from '../../../src/common/metrics/stats/Min.ts'
import { Percentiles } from '../../../src/common/metrics/stats/Percentiles.ts'
import { WindowedCount } from '../../../src/common/metrics/stats/WindowedCount.ts'
import { covers } from '../../support/covers.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'

let time: MockTime
let metrics: Metrics
beforeEach(() => {
  time = new MockTime()
  metrics = new Metrics({ time, enableExpiration: true })
  return () => metrics.close()
})

const named = (name: string): MetricName => metrics.metricName(name, 'grp1')
const measured = (name: string): number => metrics.metric(named(name))?.metricValue() as number
const counted = (name: string, ...parents: Sensor[]): Sensor => {
  const sensor = metrics.sensor(name, parents)
  sensor.add(named(`${name}.count`), new WindowedCount())
  return sensor
}

describe('a name', () => {
  it('is the same for the same name, group and tags, in whatever order the tags stand', () => {
    covers('MetricsTest.testMetricName')
    const first = metrics.metricName('name', 'group', 'description', { key1: 'v1', key2: 'v2' })
    const second = metrics.metricName('name', 'group', 'another', { key2: 'v2', key1: 'v1' })
    expect(first.equals(second)).toBe(true)
    metrics.addMetric(first, { measure: () => 7 })
    expect(metrics.metric(second)?.metricValue()).toBe(7)
    for (const other of [
      metrics.metricName('name', 'group', '', { key1: 'v1', key2: 'v3' }),
      metrics.metricName('name', 'group2', '', { key1: 'v1', key2: 'v2' }),
      metrics.metricName('name2', 'group', '', { key1: 'v1', key2: 'v2' }),
    ]) {
      expect(metrics.metric(other)).toBeUndefined()
    }
  })

  it('has the tags of all metrics, unless it brings one of that key itself', () => {
    const tagged = new Metrics({ time, config: new MetricConfig({ tags: { a: '1', b: '2' } }) })
    expect(tagged.metricName('name', 'group', '', { b: '3' }).tags).toEqual({ a: '1', b: '3' })
  })

  it('made of a template has just the tags that the template names', () => {
    covers('MetricsTest.testMetricInstances')
    const template = new MetricNameTemplate('name', 'group', 'text', ['key1', 'key2'])
    const tags = { key1: 'value1', key2: 'value2' }
    expect(
      metrics.metricInstance(template, tags).equals(metrics.metricInstance(template, tags)),
    ).toBe(true)

    const inherited = new Metrics({ time, config: new MetricConfig({ tags: { parent: 'p' } }) })
    const child = new MetricNameTemplate('name', 'group', 'text', ['parent', 'child'])
    expect(inherited.metricInstance(child, { child: 'c' }).tags).toEqual({
      parent: 'p',
      child: 'c',
    })
    expect(() => inherited.metricInstance(child, { parent: 'x' })).toThrow(IllegalArgumentException)
    expect(() => inherited.metricInstance(child, { child: 'c', unknown: 'u' })).toThrow(
      IllegalArgumentException,
    )
  })
})

describe('what is recorded', () => {
  it('is measured by each stat in its own way', () => {
    covers('MetricsTest.testSimpleStats')
    metrics.addMetric(named('direct'), { measure: () => 3 })
    const sensor = metrics.sensor('test.sensor')
    sensor.add(named('avg'), new Avg())
    sensor.add(named('max'), new Max())
    sensor.add(named('min'), new Min())
    sensor.addCompound(new Meter({ rate: named('rate'), total: named('total') }))
    const occurrences = { rate: named('occurrences'), total: named('occurrences.total') }
    sensor.addCompound(new Meter({ ...occurrences, stat: new WindowedCount() }))
    sensor.add(named('count'), new WindowedCount())
    sensor.addCompound(
      new Percentiles({
        sizeInBytes: 100,
        min: -100,
        max: 100,
        bucketing: 'CONSTANT',
        percentiles: [{ name: named('median'), percentile: 50 }],
      }),
    )
    const other = metrics.sensor('test.sensor2')
    other.add(named('s2.total'), new CumulativeSum())
    other.record(5)

    for (let value = 0; value < 10; value++) sensor.record(value)
    // One whole window of 30 seconds counts as having been there before.
    expect(measured('occurrences')).toBeCloseTo(10 / 30, 6)

    time.sleep(2000)
    expect(measured('direct')).toBe(3)
    expect(measured('s2.total')).toBe(5)
    expect([measured('avg'), measured('max'), measured('min')]).toEqual([4.5, 9, 0])
    expect(measured('rate')).toBeCloseTo(45 / 32, 6)
    expect(measured('occurrences')).toBeCloseTo(10 / 32, 6)
    expect([measured('total'), measured('occurrences.total'), measured('count')]).toEqual([
      45, 10, 10,
    ])
  })

  it('is recorded with all sensors above, too', () => {
    covers('MetricsTest.testHierarchicalSensors')
    const parent1 = counted('parent1')
    const parent2 = counted('parent2')
    const child1 = counted('child1', parent1, parent2)
    const child2 = counted('child2', parent1)
    const grandchild = counted('grandchild', child1)
    for (const sensor of [parent1, parent2, child1, child2, grandchild]) sensor.record()

    expect(measured('grandchild.count')).toBe(1)
    expect(measured('child1.count')).toBe(2)
    expect(measured('child2.count')).toBe(1)
    expect(measured('parent2.count')).toBe(3)
    expect(measured('parent1.count')).toBe(4)
    expect(metrics.childrenSensors().get(parent1)).toEqual([child1, child2])
    expect(metrics.childrenSensors().get(parent2)).toEqual([child1])
    expect(metrics.childrenSensors().get(grandchild)).toBeUndefined()
  })

  it('cannot reach one sensor by two ways', () => {
    covers('MetricsTest.testBadSensorHierarchy')
    const parent = metrics.sensor('parent')
    const child1 = metrics.sensor('child1', [parent])
    const child2 = metrics.sensor('child2', [parent])
    expect(() => metrics.sensor('grandchild', [child1, child2])).toThrow(IllegalArgumentException)
  })

  it('has a quota from above and from below, and what goes beyond it is recorded as well', () => {
    covers('MetricsTest.testQuotas')
    const sensor = metrics.sensor('test')
    const upper = new MetricConfig({ quota: Quota.upperBound(5) })
    const lower = new MetricConfig({ quota: Quota.lowerBound(0) })
    sensor.add(named('test1.total'), new CumulativeSum(), upper)
    sensor.add(named('test2.total'), new CumulativeSum(), lower)
    sensor.record(5)
    expect(() => sensor.record(1)).toThrow(QuotaViolationException)
    expect(measured('test1.total')).toBe(6)
    sensor.record(-6)
    expect(() => sensor.record(-1)).toThrow(/test2.total.* violated its quota: it is -1/)
  })

  it('knows quotas by their bound and side', () => {
    covers('MetricsTest.testQuotasEquality')
    expect(Quota.upperBound(10.5).equals(Quota.lowerBound(10.5))).toBe(false)
    expect(Quota.lowerBound(10.5).equals(Quota.lowerBound(10.5))).toBe(true)
    expect(Quota.lowerBound(10.5).equals(Quota.lowerBound(10))).toBe(false)
    expect(`${Quota.upperBound(1)} ${Quota.lowerBound(2)}`).toBe('upper=1 lower=2')
  })
})

describe('a sensor', () => {
  it('that is removed leaves no trace with its parent', () => {
    covers('MetricsTest.testRemoveChildSensor')
    const parent = metrics.sensor('parent')
    const child = metrics.sensor('child', [parent])
    expect(metrics.childrenSensors().get(parent)).toEqual([child])
    metrics.removeSensor('child')
    expect(metrics.childrenSensors().get(parent)).toEqual([])
  })

  it('takes its metrics and the sensors below with it', () => {
    covers('MetricsTest.testRemoveSensor')
    const size = metrics.metrics().size
    const parent1 = counted('parent1')
    const parent2 = counted('parent2')
    counted('child1', parent1, parent2)
    const child2 = counted('child2', parent2)
    counted('grandchild2', child2)

    metrics.removeSensor('parent1')
    for (const gone of ['parent1', 'child1']) {
      expect(metrics.getSensor(gone)).toBeUndefined()
      expect(metrics.metric(named(`${gone}.count`))).toBeUndefined()
    }
    expect(metrics.childrenSensors().get(parent1)).toBeUndefined()
    expect(metrics.childrenSensors().get(parent2)).toEqual([child2])
    expect(metrics.getSensor('grandchild2')).toBeDefined()

    metrics.removeSensor('grandchild2')
    metrics.removeSensor('child2')
    metrics.removeSensor('parent2')
    metrics.removeSensor('never there')
    expect(metrics.metrics().size).toBe(size)
  })

  it('is removed when nothing was recorded for longer than it may be idle', () => {
    covers('MetricsTest.testRemoveInactiveMetrics')
    const idle = (name: string, inactiveSensorExpirationTimeSeconds: number) => {
      const sensor = metrics.sensor(name, [], { inactiveSensorExpirationTimeSeconds })
      sensor.add(named(`${name}.count`), new WindowedCount())
      return sensor
    }
    const there = () =>
      ['s1', 's2'].filter(
        (name) => metrics.getSensor(name) && metrics.metric(named(`${name}.count`)),
      )
    idle('s1', 1)
    const s2 = idle('s2', 3)
    metrics.expireSensors()
    expect(there()).toEqual(['s1', 's2'])

    time.sleep(1001)
    metrics.expireSensors()
    expect(there()).toEqual(['s2'])

    s2.record()
    time.sleep(2000)
    metrics.expireSensors()
    expect(there()).toEqual(['s2'])

    time.sleep(1001)
    metrics.expireSensors()
    expect(there()).toEqual([])

    idle('s1', 1)
    expect(there()).toEqual(['s1'])
  })

  it('that expired goes by itself, every 30 seconds, until the metrics are closed', () => {
    metrics.sensor('first', [], { inactiveSensorExpirationTimeSeconds: 1 })
    time.sleep(30_000)
    expect(metrics.getSensor('first')).toBeUndefined()
    metrics.sensor('second', [], { inactiveSensorExpirationTimeSeconds: 1 })
    metrics.close()
    time.sleep(60_000)
    expect(metrics.getSensor('second')).toBeDefined()
  })
})

describe('a metric', () => {
  it('can be removed by its name', () => {
    covers('MetricsTest.testRemoveMetric')
    const size = metrics.metrics().size
    metrics.addMetric(named('test1'), new WindowedCount())
    metrics.addMetric(named('test2'), new WindowedCount())

    expect(metrics.removeMetric(named('test1'))?.metricName().name).toBe('test1')
    expect(metrics.metric(named('test1'))).toBeUndefined()
    expect(metrics.metric(named('test2'))).toBeDefined()
    expect(metrics.removeMetric(named('test2'))).toBeDefined()
    expect(metrics.removeMetric(named('test2'))).toBeUndefined()
    expect(metrics.metrics().size).toBe(size)
  })

  it('has its name alone', () => {
    covers('MetricsTest.testDuplicateMetricName')
    metrics.sensor('test').add(named('test'), new Avg())
    expect(() => metrics.sensor('test2').add(named('test'), new CumulativeSum())).toThrow(
      IllegalArgumentException,
    )
    expect(() => metrics.addMetric(named('test'), { measure: () => 1 })).toThrow(
      /'.*test.*' already exists/,
    )
    const there = metrics.addMetricIfAbsent(named('test'), { measure: () => 1 })
    expect(there.measurable()).toBeInstanceOf(Avg)
    const added = metrics.addMetricIfAbsent(named('new'), { value: () => 'text' })
    expect([added.metricValue(), added.isMeasurable(), added.measurableValue(0)]).toEqual([
      'text',
      false,
      0,
    ])
    expect(() => added.measurable()).toThrow('Not a measurable')
  })

  it('is found in the map by name, value and pair, as in any map', () => {
    metrics.addMetric(named('a'), { measure: () => 1 })
    const map = metrics.metrics()
    const names = ['count', 'a']
    expect([...map.keys()].map(({ name }) => name)).toEqual(names)
    expect([...map.values()].map((metric) => metric.metricName().name)).toEqual(names)
    expect([...map].map(([{ name }, metric]) => [name, metric.metricValue()])).toEqual([
      ['count', 2],
      ['a', 1],
    ])
    const seen: string[] = []
    map.forEach((metric, { name }, of) => {
      expect(of.get(metric.metricName())).toBe(metric)
      seen.push(name)
    })
    expect(seen).toEqual(names)
    expect([map.has(named('a')), map.has(named('b'))]).toEqual([true, false])
  })
})

/** Notes what it is told. */
class Listener implements MetricsReporter {
  readonly told: string[] = []
  contextChange(context: { contextLabels: Readonly<Record<string, string>> }): void {
    this.told.push(`of ${context.contextLabels[NAMESPACE]} ${context.contextLabels['team']}`)
  }
  init(list: readonly KafkaMetric[]): void {
    this.told.push(`init ${list.length}`)
  }
  metricChange(metric: KafkaMetric): void {
    this.told.push(`+${metric.metricName().name}`)
  }
  metricRemoval(metric: KafkaMetric): void {
    this.told.push(`-${metric.metricName().name}`)
  }
  close(): void {
    this.told.push('close')
  }
}

describe('a reporter', () => {
  it('hears whose metrics there are, and of each that comes and goes', () => {
    const listener = new Listener()
    const context = kafkaMetricsContext('kafka.producer', { team: 42 })
    const reported = new Metrics({ time, reporters: [listener], context })
    reported.addMetric(new MetricName('a', 'g'), { measure: () => 1 })
    reported.removeMetric(new MetricName('a', 'g'))
    reported.close()
    expect(listener.told).toEqual(['of kafka.producer 42', 'init 0', '+count', '+a', '-a', 'close'])
  })

  it('that comes later hears first of what there is; one that leaves is closed', () => {
    const listener = new Listener()
    metrics.addReporter(listener)
    metrics.addMetric(named('a'), { measure: () => 1 })
    expect(metrics.reporters()).toEqual([listener])
    metrics.removeReporter(listener)
    metrics.removeReporter(listener)
    metrics.removeMetric(named('a'))
    expect(listener.told).toEqual(['init 1', '+a', 'close'])
  })

  it('that fails is logged, and keeps nobody from anything', () => {
    const logger = new RecordingLogger()
    const broken = new Listener()
    broken.metricChange =
      broken.metricRemoval =
      broken.close =
        () => {
          throw new Error('broken')
        }
    const listener = new Listener()
    const reported = new Metrics({ time, reporters: [broken, listener], logger })
    reported.addMetric(new MetricName('a', 'g'), { measure: () => 1 })
    reported.removeMetric(new MetricName('a', 'g'))
    reported.close()
    expect(listener.told.slice(2)).toEqual(['+count', '+a', '-a', 'close'])
    expect(logger.messages('error')).toEqual(
      ['a new metric', 'a new metric', 'a removed metric', 'the end'].map(
        (what) => `The metrics reporter Listener failed when told of ${what}`,
      ),
    )
  })
})
