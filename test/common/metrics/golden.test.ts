/**
 * Stats against Kafka's own: the same numbers at the same times must measure the same.
 *
 * `test/golden/metrics.json` was written by Kafka's classes: sixty steps for each shape of windows,
 * some of which jump beyond all of them.
 */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { MetricName } from '../../../src/common/MetricName.ts'
import { MetricConfig } from '../../../src/common/metrics/MetricConfig.ts'
import type { Measurable } from '../../../src/common/metrics/MetricValueProvider.ts'
import { Quota } from '../../../src/common/metrics/Quota.ts'
import type { CompoundStat, MeasurableStat, Stat } from '../../../src/common/metrics/Stat.ts'
import { Avg } from '../../../src/common/metrics/stats/Avg.ts'
import { CumulativeCount } from '../../../src/common/metrics/stats/CumulativeCount.ts'
import { CumulativeSum } from '../../../src/common/metrics/stats/CumulativeSum.ts'
import { Max } from '../../../src/common/metrics/stats/Max.ts'
import { Min } from '../../../src/common/metrics/stats/Min.ts'
import { Percentiles } from '../../../src/common/metrics/stats/Percentiles.ts'
import { Rate } from '../../../src/common/metrics/stats/Rate.ts'
import { SimpleRate } from '../../../src/common/metrics/stats/SimpleRate.ts'
import { TokenBucket } from '../../../src/common/metrics/stats/TokenBucket.ts'
import { WindowedCount } from '../../../src/common/metrics/stats/WindowedCount.ts'
import { WindowedSum } from '../../../src/common/metrics/stats/WindowedSum.ts'

type Step = [laterMs: number, recorded: number | null, measured: (number | string)[]]

const { stats } = JSON.parse(
  readFileSync(new URL('../../golden/metrics.json', import.meta.url), 'utf8'),
) as { stats: Record<string, Step[]> & { order: string[] } }
const { order, ...shapes } = stats

const START_MS = 1_700_000_000_000

const simple = (stat: MeasurableStat): [Stat, Measurable] => [stat, stat]

const percentile = (bucketing: 'CONSTANT' | 'LINEAR'): [Stat, Measurable] => {
  const stat: CompoundStat = new Percentiles({
    sizeInBytes: 160,
    max: 100,
    bucketing,
    percentiles: [{ name: new MetricName('p90', 'group'), percentile: 90 }],
  })
  return [stat, stat.stats()[0]!.stat]
}

/** By Java's name, what records and what measures. */
const make = (): Record<string, [Stat, Measurable]> => ({
  Avg: simple(new Avg()),
  Max: simple(new Max()),
  Min: simple(new Min()),
  WindowedCount: simple(new WindowedCount()),
  WindowedSum: simple(new WindowedSum()),
  CumulativeCount: simple(new CumulativeCount()),
  CumulativeSum: simple(new CumulativeSum()),
  Rate: simple(new Rate()),
  'Rate of counts per minute': simple(new Rate({ unit: 'MINUTES', stat: new WindowedCount() })),
  'Rate with a window of 2 s': simple(new Rate({ windowMs: 2000 })),
  SimpleRate: simple(new SimpleRate()),
  TokenBucket: simple(new TokenBucket()),
  'Percentile 90, constant': percentile('CONSTANT'),
  'Percentile 90, linear': percentile('LINEAR'),
})

const configOf = (shape: string): MetricConfig => {
  const [samples, timeWindowMs, events] = shape.split(' ')
  return new MetricConfig({
    samples: Number(samples),
    timeWindowMs: Number(timeWindowMs),
    ...(events !== 'any' && { eventWindow: Number(events) }),
    quota: Quota.upperBound(50),
  })
}

describe("stats measure what Kafka's measure", () => {
  it('all of them are compared', () => {
    expect(Object.keys(make())).toEqual(order)
    expect(Object.keys(shapes)).toHaveLength(4)
  })

  it.each(Object.keys(shapes))('with samples, window and events %s', (shape) => {
    const config = configOf(shape)
    const made = make()
    let nowMs = START_MS
    for (const [at, [laterMs, recorded, measured]] of shapes[shape]!.entries()) {
      nowMs += laterMs
      for (const [i, name] of order.entries()) {
        const [stat, measurable] = made[name]!
        if (recorded !== null) stat.record(config, recorded, nowMs)
        const value = measurable.measure(config, nowMs)
        const expected = Number(measured[i])
        expect(value, `${name} at step ${at}`).toBe(expected)
      }
    }
  })
})
