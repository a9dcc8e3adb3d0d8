import { beforeEach, describe, expect, it } from 'vitest'
import { IllegalArgumentException } from '../../../../src/common/errors.ts'
import { MetricName } from '../../../../src/common/MetricName.ts'
import { MockTime } from '../../../../src/common/MockTime.ts'
import { MetricConfig } from '../../../../src/common/metrics/MetricConfig.ts'
import { Metrics } from '../../../../src/common/metrics/Metrics.ts'
import { Frequencies } from '../../../../src/common/metrics/stats/Frequencies.ts'
import {
  type BinScheme,
  ConstantBinScheme,
  Histogram,
  LinearBinScheme,
} from '../../../../src/common/metrics/stats/Histogram.ts'
import { Percentiles } from '../../../../src/common/metrics/stats/Percentiles.ts'
import { SeededRandom } from '../../../../src/common/Random.ts'
import { covers } from '../../../support/covers.ts'

const EPS = 1e-7

let time: MockTime
let metrics: Metrics
const config = new MetricConfig({ eventWindow: 50, samples: 2 })
beforeEach(() => {
  time = new MockTime()
  metrics = new Metrics({ time, config })
})

const named = (name: string): MetricName => new MetricName(name, 'grp1')
const measured = (name: string): number => metrics.metric(named(name))?.metricValue() as number

/** The bin that a value begins is the bin that the value falls into. */
const expectConsistent = (scheme: BinScheme): void => {
  for (let bin = 0; bin < scheme.bins(); bin++) {
    expect(scheme.toBin(scheme.fromBin(bin) + EPS)).toBe(bin)
  }
}

describe('a histogram (HistogramTest)', () => {
  it('says where the range of each quantile begins', () => {
    const scheme = new ConstantBinScheme(10, -5, 5)
    const histogram = new Histogram(scheme)
    expect(histogram.value(0.5)).toBeNaN()
    for (let value = -5; value < 5; value++) histogram.record(value)
    for (let i = 0; i < 10; i++) {
      expect(histogram.value(i / 10 + EPS)).toBeCloseTo(scheme.fromBin(i), 6)
    }
    expect(histogram.value(1.01)).toBe(Number.POSITIVE_INFINITY)
    expect(histogram.value(-0.01)).toBe(Number.NEGATIVE_INFINITY)
    histogram.clear()
    expect(histogram.value(0.5)).toBeNaN()
  })

  it('has ranges of one width, with the first and last for what lies beyond', () => {
    const scheme = new ConstantBinScheme(5, -5, 5)
    const bins = [-5.01, -5, -4.99999, -3.00001, -3, -1.00001, -1, 0.99999, 1, 3, 4.9999, 5, 5.01]
    expect(bins.map((value) => scheme.toBin(value))).toEqual([
      0, 0, 0, 0, 1, 1, 2, 2, 3, 4, 4, 4, 4,
    ])
    expect([-1, 0, 1, 2, 3, 4, 5].map((bin) => scheme.fromBin(bin))).toEqual([
      Number.NEGATIVE_INFINITY,
      -5,
      -3,
      -1,
      1,
      3,
      Number.POSITIVE_INFINITY,
    ])
    expectConsistent(scheme)
    const positive = new ConstantBinScheme(5, 0, 5)
    expect([-1, 0, 0.9999, 1, 2.9999, 4, 5.01].map((value) => positive.toBin(value))).toEqual([
      0, 0, 0, 1, 2, 4, 4,
    ])
    expectConsistent(positive)
  })

  it('has ranges that become wider', () => {
    const scheme = new LinearBinScheme(10, 10)
    const begins = [0, 0.2222, 0.6666, 1.3333, 2.2222, 3.3333, 4.6667, 6.2222, 8, 10]
    begins.forEach((begin, bin) => {
      expect(scheme.fromBin(bin)).toBeCloseTo(begin, 3)
      expect(scheme.toBin(begin + 0.0002)).toBe(bin)
    })
    expect(scheme.toBin(0.2221)).toBe(0)
    expect(scheme.toBin(10.001)).toBe(9)
    expect([scheme.fromBin(-1), scheme.fromBin(10)]).toEqual([-Infinity, Infinity])
    expect(() => scheme.toBin(-0.1)).toThrow(IllegalArgumentException)
    expect(() => new LinearBinScheme(1, 10)).toThrow(IllegalArgumentException)
    expectConsistent(scheme)
  })
})

const percentilesOf = (
  options: { sizeInBytes: number; max: number; bucketing: 'CONSTANT' | 'LINEAR' },
  ...percentiles: number[]
) => {
  const sensor = metrics.sensor('test')
  sensor.addCompound(
    new Percentiles({
      ...options,
      percentiles: percentiles.map((percentile) => ({ name: named(`p${percentile}`), percentile })),
    }),
  )
  return sensor
}

describe('percentiles', () => {
  it('are found over all samples', () => {
    covers('MetricsTest.testPercentiles')
    const options = { sizeInBytes: 400, max: 100, bucketing: 'CONSTANT' } as const
    const sensor = percentilesOf(options, 25, 50, 75)
    expect(measured('p50')).toBeNaN()
    for (let value = 0; value < 100; value++) sensor.record(value)
    expect([measured('p25'), measured('p50'), measured('p75')]).toEqual([25, 50, 75])
  })

  it('count smaller values as the least', () => {
    covers('MetricsTest.shouldPinSmallerValuesToMin')
    const sensor = percentilesOf({ sizeInBytes: 1000, max: 100, bucketing: 'LINEAR' }, 50)
    sensor.record(-100)
    sensor.record(-100)
    expect(measured('p50')).toBe(0)
  })

  it('count larger values as the greatest', () => {
    covers('MetricsTest.shouldPinLargerValuesToMax')
    const sensor = percentilesOf({ sizeInBytes: 1000, max: 100, bucketing: 'LINEAR' }, 50)
    sensor.record(200)
    sensor.record(200)
    expect(measured('p50')).toBeCloseTo(100, 9)
  })

  it('of many numbers by chance are near the true ones, with ranges that become wider', () => {
    covers('MetricsTest.testPercentilesWithRandomNumbersAndLinearBucketing')
    const max = 1000 * 24 * 60 * 60 * 1000
    for (const seed of [1, 2, 3]) {
      metrics = new Metrics({ time, config: new MetricConfig() })
      const random = new SeededRandom(seed)
      const sensor = percentilesOf({ sizeInBytes: 100_000, max, bucketing: 'LINEAR' }, 90, 99)
      const values = Array.from({ length: 5000 + random.nextInt(5000) }, () =>
        Math.floor(random.nextDouble() * max),
      )
      for (const value of values) sensor.record(value)
      values.sort((a, b) => a - b)
      for (const percentile of [90, 99]) {
        const expected = values[Math.ceil((percentile * values.length) / 100) - 1]!
        const off = Math.abs(measured(`p${percentile}`) - expected)
        expect(off / expected, `seed ${seed}, p${percentile}`).toBeLessThan(0.2)
      }
    }
  })

  it('with ranges that become wider begin at 0', () => {
    const options = {
      sizeInBytes: 100,
      min: 1,
      max: 9,
      bucketing: 'LINEAR',
      percentiles: [],
    } as const
    expect(() => new Percentiles(options)).toThrow(IllegalArgumentException)
  })

  it('forget what is old', () => {
    const sensor = percentilesOf({ sizeInBytes: 400, max: 100, bucketing: 'CONSTANT' }, 50)
    sensor.record(70)
    expect(measured('p50')).toBe(70)
    time.sleep(60_000)
    expect(measured('p50')).toBeNaN()
    sensor.record(20)
    expect(measured('p50')).toBe(20)
  })
})

describe('frequencies (FrequenciesTest)', () => {
  const frequency = (centerValue: number) => ({ name: named(String(centerValue)), centerValue })
  const make = (buckets: number, min: number, max: number, ...centers: number[]) =>
    new Frequencies({ buckets, min, max, frequencies: centers.map(frequency) })

  it('must lie within the range, and be no more than buckets', () => {
    expect(() => make(4, 1, 4, 1, 20)).toThrow(IllegalArgumentException)
    expect(() => make(4, 1, 4, 1, -20)).toThrow(IllegalArgumentException)
    expect(() => make(1, 1, 4, 1, 2)).toThrow(IllegalArgumentException)
    expect(() => make(4, 4, 1)).toThrow(IllegalArgumentException)
    expect(() => make(0, 1, 4)).toThrow(IllegalArgumentException)
    expect(() => Frequencies.forBooleanValues(null, null)).toThrow(IllegalArgumentException)
  })

  it('of an outcome say which part failed and which did not', () => {
    for (const failures of [25, 40]) {
      const frequencies = Frequencies.forBooleanValues(named('false'), named('true'))
      const [ofFalse, ofTrue] = frequencies.stats()
      const now = time.milliseconds()
      expect(ofFalse?.stat.measure(config, now)).toBe(0)
      for (let i = 0; i < 100; i++) frequencies.record(config, i < failures ? 0 : 1, now)
      expect(ofFalse?.stat.measure(config, now)).toBeCloseTo(failures / 100, 4)
      expect(ofTrue?.stat.measure(config, now)).toBeCloseTo(1 - failures / 100, 4)
    }
  })

  it.each([
    ['evenly in all', (i: number) => (i % 4) + 1, [0.25, 0.25, 0.25, 0.25]],
    ['half and half in two', (i: number) => (i % 2) + 1, [0.5, 0.5, 0, 0]],
    ['half in one', (i: number) => (i < 50 ? (i % 2) + 1 : 4), [0.25, 0.25, 0, 0.5]],
  ] as const)('of values that lie %s', (_how, valueAt, expected) => {
    const frequencies = make(4, 1, 4, 1, 2, 3, 4)
    const sensor = metrics.sensor('test')
    sensor.addCompound(frequencies)
    for (let i = 0; i < 100; i++) sensor.record(valueAt(i))
    expect(['1', '2', '3', '4'].map(measured)).toEqual(expected)
    expect(frequencies.measure(config, time.milliseconds())).toBe(100)
  })
})
