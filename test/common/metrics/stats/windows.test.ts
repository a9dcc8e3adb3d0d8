import { beforeEach, describe, expect, it } from 'vitest'
import { IllegalArgumentException } from '../../../../src/common/errors.ts'
import { MetricName } from '../../../../src/common/MetricName.ts'
import { MockTime } from '../../../../src/common/MockTime.ts'
import { MetricConfig } from '../../../../src/common/metrics/MetricConfig.ts'
import { Metrics } from '../../../../src/common/metrics/Metrics.ts'
import { Quota } from '../../../../src/common/metrics/Quota.ts'
import type { MeasurableStat } from '../../../../src/common/metrics/Stat.ts'
import { Avg } from '../../../../src/common/metrics/stats/Avg.ts'
import { CumulativeSum } from '../../../../src/common/metrics/stats/CumulativeSum.ts'
import { Max } from '../../../../src/common/metrics/stats/Max.ts'
import { Meter } from '../../../../src/common/metrics/stats/Meter.ts'
import { Min } from '../../../../src/common/metrics/stats/Min.ts'
import { Rate } from '../../../../src/common/metrics/stats/Rate.ts'
import { type Sample, SampledStat } from '../../../../src/common/metrics/stats/SampledStat.ts'
import { SimpleRate } from '../../../../src/common/metrics/stats/SimpleRate.ts'
import { TokenBucket } from '../../../../src/common/metrics/stats/TokenBucket.ts'
import { Value } from '../../../../src/common/metrics/stats/Value.ts'
import { WindowedCount } from '../../../../src/common/metrics/stats/WindowedCount.ts'
import { WindowedSum } from '../../../../src/common/metrics/stats/WindowedSum.ts'
import { convert } from '../../../../src/common/metrics/TimeUnit.ts'
import { covers } from '../../../support/covers.ts'

let time: MockTime
beforeEach(() => {
  time = new MockTime()
})

const record = (stat: MeasurableStat, config: MetricConfig, value = 1): void =>
  stat.record(config, value, time.milliseconds())
const measure = (stat: MeasurableStat, config: MetricConfig): number =>
  stat.measure(config, time.milliseconds())

describe('samples', () => {
  it('count while their last event lies within the windows', () => {
    covers('MetricsTest.testTimeWindowing')
    const count = new WindowedCount()
    const config = new MetricConfig({ timeWindowMs: 1, samples: 2 })
    record(count, config)
    time.sleep(1)
    record(count, config)
    expect(measure(count, config)).toBe(2)
    time.sleep(1)
    record(count, config)
    expect(measure(count, config)).toBe(2)
  })

  it('have no effect once they are old', () => {
    covers('MetricsTest.testOldDataHasNoEffect')
    const max = new Max()
    const config = new MetricConfig({ timeWindowMs: 100, samples: 2 })
    record(max, config, 50)
    time.sleep(200)
    expect(measure(max, config)).toBeNaN()
  })

  it('without values make no average, least or greatest', () => {
    covers('MetricsTest.testSampledStatReturnsNaNWhenNoValuesExist')
    const config = new MetricConfig({ timeWindowMs: 100, samples: 2 })
    for (const stat of [new Max(), new Min(), new Avg()]) {
      record(stat, config, 50)
      expect(measure(stat, config)).toBe(50)
      time.sleep(200)
      expect(measure(stat, config)).toBeNaN()
    }
  })

  it('without values are a count and a sum of 0', () => {
    covers('MetricsTest.testSampledStatReturnsInitialValueWhenNoValuesExist')
    const config = new MetricConfig({ timeWindowMs: 100, samples: 2 })
    for (const stat of [new WindowedCount(), new WindowedSum()]) {
      record(stat, config, 50)
      time.sleep(200)
      expect(measure(stat, config)).toBe(0)
    }
  })

  it('are full by the number of events as well', () => {
    const config = new MetricConfig({ eventWindow: 2, samples: 2 })
    const sum = new WindowedSum()
    for (const value of [1, 2, 4, 8, 16, 32, 64]) record(sum, config, value)
    // Samples of two events each: [1 2] was used again for the last one.
    expect(measure(sum, config)).toBe(4 + 8 + 16 + 32 + 64)
  })

  it('cannot be less than one', () => {
    expect(() => new MetricConfig({ samples: 0 })).toThrow(IllegalArgumentException)
  })
})

/** Measures how many samples have events. */
class SampleCount extends SampledStat {
  constructor() {
    super(0)
  }
  protected update(sample: Sample): void {
    sample.value = 1
  }
  protected combine(samples: readonly Sample[]): number {
    return samples.reduce((total, { value }) => total + value, 0)
  }
}

describe('a sample and the monitored windows (SampledStatTest)', () => {
  const config = new MetricConfig({ timeWindowMs: 1000, samples: 2 })
  const completeSample = (stat: SampledStat): void => {
    record(stat, config)
    time.sleep(config.timeWindowMs - 1)
    record(stat, config)
    time.sleep(1)
  }

  it('do not overlap: the sample is emptied', () => {
    const stat = new SampleCount()
    completeSample(stat)
    time.sleep(2500)
    expect(measure(stat, config)).toBe(0)
  })

  it('overlap: the sample is kept', () => {
    const stat = new SampleCount()
    completeSample(stat)
    time.sleep(1500)
    expect(measure(stat, config)).toBe(1)
  })

  it('overlap, and there are two more samples: all three are kept', () => {
    const stat = new SampleCount()
    completeSample(stat)
    time.sleep(100)
    completeSample(stat)
    time.sleep(100)
    record(stat, config)
    expect(measure(stat, config)).toBe(3)
  })
})

describe('a rate', () => {
  it('is that of whole windows and the part so far; a total only grows', () => {
    covers('MetricsTest.testRateWindowing')
    const config = new MetricConfig({ samples: 3 })
    const metrics = new Metrics({ time })
    const sensor = metrics.sensor('test.sensor', [], { config })
    const name = (text: string) => metrics.metricName(text, 'grp1')
    sensor.addCompound(new Meter({ rate: name('rate'), total: name('total') }))
    const counts = { rate: name('count.rate'), total: name('count.total') }
    sensor.addCompound(new Meter({ ...counts, stat: new WindowedCount() }))
    const value = (text: string) => metrics.metric(name(text))?.metricValue()

    let sum = 0
    for (let i = 0; i < config.samples - 1; i++) {
      sensor.record(100)
      sum += 100
      time.sleep(config.timeWindowMs)
      expect(value('total')).toBe(sum)
    }
    time.sleep(config.timeWindowMs / 2)

    const seconds = convert(config.timeWindowMs, 'SECONDS') * (config.samples - 0.5)
    expect(value('rate')).toBeCloseTo(sum / seconds, 6)
    expect(value('count.rate')).toBeCloseTo(2 / seconds, 6)
    const rate = metrics.metric(name('rate'))?.measurable() as Rate
    expect(rate.windowSize(config, time.milliseconds())).toBe(seconds * 1000)
    expect([value('total'), value('count.total')]).toEqual([sum, 2])

    time.sleep(config.timeWindowMs * config.samples)
    expect([value('rate'), value('count.rate')]).toEqual([0, 0])
    expect([value('total'), value('count.total')]).toEqual([sum, 2])
  })

  it('counts the windows before the first as empty ones (RateTest)', () => {
    for (const [samples, windowSec] of [
      [1, 1],
      [1, 11],
      [11, 1],
      [11, 11],
    ] as const) {
      const config = new MetricConfig({ samples, timeWindowMs: windowSec * 1000 })
      const rate = new Rate()
      record(rate, config, 50)
      const elapsedMs = windowSec * 1000 - 1
      time.sleep(elapsedMs)
      const windowSeconds = elapsedMs / 1000 + (samples - 1) * windowSec
      expect(measure(rate, config)).toBeCloseTo(50 / windowSeconds, 6)
    }
  })

  it('is even after the first window, also where samples and windows overlap (RateTest)', () => {
    const config = new MetricConfig({ timeWindowMs: 1000, samples: 2 })
    const rate = new Rate()
    const steps = [0, 99, 100, 100, 100, 100, 100, 100, 100, 100, 100]
    for (const stepMs of steps) {
      time.sleep(stepMs)
      record(rate, config)
    }
    time.sleep(101)
    for (const stepMs of steps) {
      time.sleep(stepMs)
      record(rate, config)
      const observed = measure(rate, config)
      expect(observed).toBeGreaterThanOrEqual(10)
      expect(observed).toBeLessThanOrEqual(11)
      expect(measure(rate, config)).toBe(observed)
    }
  })

  it('can have a window of its own, and units other than seconds', () => {
    const config = new MetricConfig({ timeWindowMs: 30_000, samples: 1 })
    const rate = new Rate({ unit: 'MINUTES', windowMs: 1000 })
    expect(rate.unitName()).toBe('minute')
    record(rate, config, 10)
    time.sleep(500)
    expect(measure(rate, config)).toBeCloseTo(10 / (0.5 / 60), 6)
    time.sleep(500)
    expect(measure(rate, config)).toBe(0)
    expect(convert(1500, 'NANOSECONDS')).toBe(1.5e9)
    expect(convert(1500, 'DAYS')).toBe(1500 / 86_400_000)
  })

  it('that is simple divides by the time since the oldest sample, one window at least', () => {
    covers('MetricsTest.testSimpleRate')
    const rate = new SimpleRate()
    const config = new MetricConfig({ timeWindowMs: 1000, samples: 10 })
    record(rate, config, 1000)
    for (const ms of [0, 100, 100, 200, 600]) {
      time.sleep(ms)
      expect(measure(rate, config)).toBe(1000)
    }
    time.sleep(200)
    expect(measure(rate, config)).toBe(1000 / 1.2)
    time.sleep(200)
    expect(measure(rate, config)).toBe(1000 / 1.4)
    record(rate, config, 1000)
    expect(measure(rate, config)).toBe(2000 / 1.4)
    time.sleep(1100)
    expect(measure(rate, config)).toBe(2000 / 2.5)
    record(rate, config, 1000)
    expect(measure(rate, config)).toBe(3000 / 2.5)
    time.sleep(6500)
    expect(measure(rate, config)).toBeCloseTo(3000 / 9, 0)
    record(rate, config, 1000)
    expect(measure(rate, config)).toBeCloseTo(4000 / 9, 0)
    // Beyond ten windows the first sample drops out, and the second began at 1.4 s.
    time.sleep(1500)
    expect(measure(rate, config)).toBeCloseTo(3000 / (10.5 - 1.4), 0)
    record(rate, config, 1000)
    expect(measure(rate, config)).toBeCloseTo(4000 / (10.5 - 1.4), 0)
  })
})

describe('a meter (MeterTest)', () => {
  const rate = new MetricName('rate', 'test')
  const total = new MetricName('total', 'test')

  it('has a rate of the windows and a total of all time', () => {
    const meter = new Meter({ rate, total })
    const [totalStat, rateStat] = meter.stats()
    expect([totalStat?.name, rateStat?.name]).toEqual([total, rate])
    expect(totalStat?.stat).toBeInstanceOf(CumulativeSum)
    const ofRate = rateStat?.stat as Rate
    const config = new MetricConfig()
    const values: number[] = []
    let nowMs = 0
    for (let second = 1; second <= 100; second++) {
      for (; nowMs < second * 1000; nowMs += 100) {
        values.push(values.length * 5)
        meter.record(config, values.at(-1)!, nowMs)
      }
      expect(totalStat?.stat.measure(config, nowMs)).toBe(values.reduce((a, b) => a + b, 0))
      const windowMs = ofRate.windowSize(config, nowMs)
      const first = Math.max(nowMs - windowMs, 0) / 100
      const inWindow = values.slice(first).reduce((a, b) => a + b, 0)
      expect(ofRate.measure(config, nowMs)).toBeCloseTo((inWindow * 1000) / windowMs, 6)
    }
  })

  it('is made of a sum or a count only', () => {
    expect(() => new Meter({ rate, total, stat: new Avg() })).toThrow(IllegalArgumentException)
  })
})

describe('a token bucket (TokenBucketTest)', () => {
  const config = new MetricConfig({ quota: Quota.upperBound(5), timeWindowMs: 2000, samples: 10 })

  it('is full at first, gives what is asked for, and fills again', () => {
    const bucket = new TokenBucket()
    expect(measure(bucket, config)).toBe(100)
    record(bucket, config, 60)
    expect(measure(bucket, config)).toBe(40)
    time.sleep(2000)
    record(bucket, config, 5)
    expect(measure(bucket, config)).toBe(45)
    time.sleep(2000)
    record(bucket, config, 60)
    expect(measure(bucket, config)).toBe(-5)
  })

  it('takes credits back, and never more than it holds', () => {
    const bucket = new TokenBucket()
    record(bucket, config, -60)
    expect(measure(bucket, config)).toBe(100)
    time.sleep(2000)
    record(bucket, config, 60)
    expect(measure(bucket, config)).toBe(40)
    time.sleep(2000)
    record(bucket, config, -60)
    expect(measure(bucket, config)).toBe(100)
  })

  it('without quota has as many credits as one likes', () => {
    const bucket = new TokenBucket()
    const free = new MetricConfig()
    record(bucket, free, 1e9)
    expect(measure(bucket, free)).toBe(Number.MAX_SAFE_INTEGER)
  })
})

it('a value is the last one', () => {
  const value = new Value()
  const config = new MetricConfig()
  expect(measure(value, config)).toBe(0)
  record(value, config, 3)
  record(value, config, 2)
  expect(measure(value, config)).toBe(2)
})
