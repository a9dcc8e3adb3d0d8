import { describe, expect, it } from 'vitest'
import { IllegalArgumentException } from '../../../src/common/errors.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { MetricConfig } from '../../../src/common/metrics/MetricConfig.ts'
import { Metrics } from '../../../src/common/metrics/Metrics.ts'
import { Quota } from '../../../src/common/metrics/Quota.ts'
import { QuotaViolationException } from '../../../src/common/metrics/QuotaViolationException.ts'
import {
  RECORDING_LEVELS,
  type RecordingLevel,
  recordingLevelOf,
} from '../../../src/common/metrics/RecordingLevel.ts'
import type { Sensor } from '../../../src/common/metrics/Sensor.ts'
import type { MeasurableStat } from '../../../src/common/metrics/Stat.ts'
import { Avg } from '../../../src/common/metrics/stats/Avg.ts'
import { CumulativeCount } from '../../../src/common/metrics/stats/CumulativeCount.ts'
import { Meter } from '../../../src/common/metrics/stats/Meter.ts'
import { Rate } from '../../../src/common/metrics/stats/Rate.ts'
import { TokenBucket } from '../../../src/common/metrics/stats/TokenBucket.ts'
import { WindowedSum } from '../../../src/common/metrics/stats/WindowedSum.ts'
import { covers } from '../../support/covers.ts'

const metricsOf = (time = new MockTime(), config = new MetricConfig()) =>
  new Metrics({ time, config })

/** A stat that notes with which configuration it is asked. */
class Noting implements MeasurableStat {
  readonly recorded: unknown[] = []
  readonly measured: unknown[] = []
  record(config: MetricConfig, value: number, timeMs: number): void {
    this.recorded.push([config, value, timeMs])
  }
  measure(config: MetricConfig, nowMs: number): number {
    this.measured.push([config, nowMs])
    return 0
  }
}

describe('a recording level', () => {
  it('is read from its name, in any case', () => {
    covers('SensorTest.testRecordLevelEnum')
    for (const level of RECORDING_LEVELS) {
      expect(recordingLevelOf(level)).toBe(level)
      expect(recordingLevelOf(level.toLowerCase())).toBe(level)
    }
    expect(() => recordingLevelOf('FINEST')).toThrow(IllegalArgumentException)
  })

  const recordsAt = (sensorLevel: RecordingLevel): RecordingLevel[] =>
    RECORDING_LEVELS.filter((recordLevel) => {
      const metrics = metricsOf(new MockTime(), new MetricConfig({ recordLevel }))
      const sensor = metrics.sensor('sensor', [], { recordingLevel: sensorLevel })
      const name = metrics.metricName('count', 'test')
      sensor.add(name, new CumulativeCount())
      sensor.record()
      expect(metrics.metric(name)?.metricValue()).toBe(sensor.shouldRecord() ? 1 : 0)
      return sensor.shouldRecord()
    })

  it('lets a sensor of level INFO record always', () => {
    covers('SensorTest.testShouldRecordForInfoLevelSensor', 'SensorTest.testRecordLevelEnum')
    expect(recordsAt('INFO')).toEqual(['INFO', 'DEBUG', 'TRACE'])
  })

  it('lets a sensor of level DEBUG record where DEBUG or TRACE was asked for', () => {
    covers('SensorTest.testShouldRecordForDebugLevelSensor', 'SensorTest.testRecordLevelEnum')
    expect(recordsAt('DEBUG')).toEqual(['DEBUG', 'TRACE'])
  })

  it('lets a sensor of level TRACE record where TRACE was asked for', () => {
    covers('SensorTest.testShouldRecordForTraceLevelSensor', 'SensorTest.testRecordLevelEnum')
    expect(recordsAt('TRACE')).toEqual(['TRACE'])
  })
})

describe('a sensor', () => {
  it('takes no more metrics once it has expired', () => {
    covers('SensorTest.testExpiredSensor')
    const time = new MockTime()
    const metrics = metricsOf(time)
    const sensor = metrics.sensor('sensor', [], { inactiveSensorExpirationTimeSeconds: 60 })
    const name = (text: string) => metrics.metricName(text, 'test')
    expect(sensor.add(name('test1'), new Avg())).toBe(true)
    const meter = new Meter({ rate: name('rate'), total: name('total') })
    expect(sensor.addCompound(meter)).toBe(true)

    time.sleep(61_000)
    expect(sensor.add(name('test3'), new Avg())).toBe(false)
    expect(sensor.addCompound(meter)).toBe(false)
  })

  it('leaves a metric as it is when it is added again, and lets no other sensor have it', () => {
    covers('SensorTest.testIdempotentAdd')
    const metrics = metricsOf()
    const sensor = metrics.sensor('sensor')
    const name = metrics.metricName('test-metric', 'test-group')
    expect(sensor.add(name, new Avg())).toBe(true)
    expect(sensor.add(name, new Avg())).toBe(true)
    expect(() => metrics.sensor('another').add(name, new Avg())).toThrow(IllegalArgumentException)
    expect(sensor.add(name, new WindowedSum())).toBe(true)

    expect(sensor.metrics()).toHaveLength(1)
    expect(sensor.metrics()[0]?.measurable()).toBeInstanceOf(Avg)
    sensor.record(3)
    expect(sensor.metrics()[0]?.metricValue()).toBe(3)
  })

  it('says whether it has metrics', () => {
    covers('SensorTest.shouldReturnPresenceOfMetrics')
    const metrics = metricsOf()
    const sensor = metrics.sensor('sensor')
    expect(sensor.hasMetrics()).toBe(false)
    sensor.add(metrics.metricName('name1', 'group1'), new WindowedSum())
    expect(sensor.hasMetrics()).toBe(true)
    sensor.add(metrics.metricName('name2', 'group2'), new CumulativeCount())
    expect(sensor.hasMetrics()).toBe(true)
  })
})

/** Records only when there is room. */
const strictRecord = (sensor: Sensor, value: number, timeMs: number): void => {
  sensor.checkQuotas(timeMs)
  sensor.record(value, timeMs, false)
}

describe('a quota', () => {
  it('on a rate holds a burst against it until the burst has left the windows', () => {
    covers('SensorTest.testStrictQuotaEnforcementWithRate')
    const time = new MockTime()
    const metrics = metricsOf(time)
    const config = new MetricConfig({
      quota: Quota.upperBound(2),
      timeWindowMs: 1000,
      samples: 11,
    })
    const sensor = metrics.sensor('sensor', [], { config })
    const name = metrics.metricName('rate', 'test-group')
    sensor.add(name, new Rate())
    const rate = () => metrics.metric(name)?.measurableValue(time.milliseconds())

    strictRecord(sensor, 30, time.milliseconds())
    expect(rate()).toBeCloseTo(3, 1)
    // ((30 / 10) - 2) / 2 * 10 = 5 s should do, and do not.
    time.sleep(5000)
    expect(rate()).toBeCloseTo(3, 1)
    expect(() => strictRecord(sensor, 30, time.milliseconds())).toThrow(QuotaViolationException)
  })

  it('on a token bucket is kept again as soon as the credits have come back', () => {
    covers('SensorTest.testStrictQuotaEnforcementWithTokenBucket')
    const time = new MockTime()
    const metrics = metricsOf(time)
    const config = new MetricConfig({
      quota: Quota.upperBound(2),
      timeWindowMs: 1000,
      samples: 10,
    })
    const sensor = metrics.sensor('sensor', [], { config })
    const name = metrics.metricName('credits', 'test-group')
    sensor.add(name, new TokenBucket())
    const credits = () => metrics.metric(name)?.measurableValue(time.milliseconds())

    strictRecord(sensor, 30, time.milliseconds())
    expect(credits()).toBeCloseTo(-10, 1)
    expect(() => sensor.checkQuotas()).toThrow(QuotaViolationException)
    time.sleep(5000)
    expect(credits()).toBeCloseTo(0, 1)
    strictRecord(sensor, 30, time.milliseconds())
    expect(credits()).toBeCloseTo(-30, 1)
  })

  it('is that of each stat, and not of the sensor', () => {
    covers('SensorTest.testRecordAndCheckQuotaUseMetricConfigOfEachStat')
    const metrics = metricsOf()
    const sensor = metrics.sensor('sensor')
    const added = [5, 10].map((bound) => {
      const config = new MetricConfig({ quota: Quota.upperBound(bound) })
      const stat = new Noting()
      sensor.add(metrics.metricName(`stat${bound}`, 'test-group'), stat, config)
      return { stat, config }
    })
    sensor.record(10, 1, false)
    sensor.checkQuotas(2)
    for (const { stat, config } of added) {
      expect(stat.recorded).toEqual([[config, 10, 1]])
      expect(stat.measured).toEqual([[config, 2]])
    }
  })

  it('that is changed on the metric holds for what is recorded next', () => {
    covers('SensorTest.testUpdatingMetricConfigIsReflectedInTheSensor')
    const metrics = metricsOf()
    const sensor = metrics.sensor('sensor')
    const stat = new Noting()
    const name = metrics.metricName('stat', 'test-group')
    const before = new MetricConfig({ quota: Quota.upperBound(5) })
    const after = new MetricConfig({ quota: Quota.upperBound(10) })
    sensor.add(name, stat, before)
    sensor.record(10, 1, false)
    sensor.checkQuotas(2)
    metrics.metric(name)?.setConfig(after)
    sensor.record(10, 3, false)
    sensor.checkQuotas(4)
    expect(stat.recorded).toEqual([
      [before, 10, 1],
      [after, 10, 3],
    ])
    expect(stat.measured).toEqual([
      [before, 2],
      [after, 4],
    ])
  })
})
