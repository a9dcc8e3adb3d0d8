import { describe, expect, it } from 'vitest'
import type { SlowReport } from '../../bench/consuming/slow.ts'
import type { MemoryReport } from '../../bench/memory.ts'
import type { Row } from '../../bench/report.ts'
import { spread } from '../../bench/statistics.ts'
import { chartOf } from '../../docs/.vitepress/theme/measured/lineChart.ts'
import { targetsOf } from '../../docs/.vitepress/theme/measured/targets.ts'

const memory: MemoryReport = {
  broker: 'Apache Kafka',
  records: 10_000_000,
  valueBytes: 100,
  recordsPerSecond: 1,
  memoryBeforeMb: 60,
  peakMemoryMb: 150,
  growthMb: 90,
  allowedGrowthMb: 96,
  gcMaxMs: 25,
  gcSumMs: 100,
  gcCount: 7,
  allowedPauseMs: 20,
  loopDelayMaxMs: 3,
}

const row = (contender: string, rate: number, parts: Partial<Row> = {}): Row => ({
  broker: 'real',
  contender,
  client: contender === 'ours' ? 'ours' : contender === 'java' ? 'java' : 'kafkajs',
  way: 'one send per record',
  runtime: 'node',
  isPeer: contender !== 'ours' && contender !== 'java',
  valueBytes: 100,
  compression: 'none',
  pace: { kind: 'flat-out' },
  rounds: 5,
  records: 1000,
  recordsPerSecond: spread([rate]),
  megabytesPerSecond: 1,
  cpuSecondsPerMillion: spread([1.2]),
  cpuSecondsPerMillionWithStart: null,
  peakMemoryMb: 100,
  memoryGrowthMb: 40,
  loopDelayP99Ms: 1,
  loopDelayMaxMs: 2,
  gcMaxMs: 3,
  gcMsPerSecond: 4,
  latencyMs: null,
  ...parts,
})

const slow: SlowReport = {
  broker: 'Apache Kafka',
  logMb: 150,
  seconds: 60,
  taken: 59,
  memoryBeforeMb: 60,
  peakMemoryMb: 70,
  growthMb: 10,
  allowedGrowthMb: 114,
}

const latencies = (p50: number, p99: number): Partial<Row> => ({
  pace: { kind: 'single' },
  latencyMs: { p50: spread([p50]), p99: spread([p99]), p999: spread([9]) },
})

describe('the targets on the page', () => {
  const rows = [
    row('ours', 900),
    row('kafkajs-1000', 500),
    row('platformatic-stream', 800),
    row('java', 600),
    row('ours', 0, latencies(0.4, 3)),
    row('kafkajs-single', 0, latencies(0.5, 2.5)),
    row('platformatic-single', 0, latencies(0.45, 4)),
  ]
  const reading = [
    row('ours', 2000, { pace: { kind: 'read' }, cpuSecondsPerMillion: spread([0.9]) }),
    row('kafkajs-batch', 500, { pace: { kind: 'read' } }),
    row('java', 4000, { pace: { kind: 'read' } }),
  ]
  const outcomes = targetsOf({ rows, memory }, { rows: reading, slow }).map(
    ({ measured, missedBy }) => [measured, missedBy].map((text) => text.replace('\u00a0', ' ')),
  )

  it('are to the best peer with batches made by hand, not to a stream', () => {
    expect(outcomes[0]).toEqual(['1.80 ×', '10 %'])
  })

  it('are met, or missed by so much', () => {
    expect(outcomes.slice(1, 3)).toEqual([
      ['1.50 ×', ''],
      ['1.2 s', ''],
    ])
  })

  it('take each percentile to the peer that is best in it', () => {
    expect(outcomes.slice(3, 5)).toEqual([
      ['0.4 ms', ''],
      ['3 ms', '20 %'],
    ])
  })

  it('are of memory and pauses, too', () => {
    expect(outcomes.slice(5, 7)).toEqual([
      ['90 MB', ''],
      ['25 ms', '25 %'],
    ])
  })

  it('are of reading by itself: to the best peer, to Java, time, and memory', () => {
    expect(outcomes.slice(7)).toEqual([
      ['4.00 ×', ''],
      ['0.50 ×', '38 %'],
      ['0.9 s', '13 %'],
      ['10 MB', ''],
    ])
  })

  it('leave out what was not measured', () => {
    expect(targetsOf({ rows: [], memory }, { rows: [], slow })).toHaveLength(3)
  })
})

describe('a line chart', () => {
  it('puts equal factors at equal distances, and begins at zero', () => {
    const chart = chartOf(
      [
        { x: 1, y: 2 },
        { x: 10, y: 4 },
        { x: 100, y: 8 },
      ],
      false,
    )
    const lefts = [1, 10, 100].map((x) => chart.place({ x, y: 0 }).left)
    expect(lefts[1]! - lefts[0]!).toBeCloseTo(lefts[2]! - lefts[1]!)
    expect(chart.ticks[0]).toEqual({ value: 0, top: 100 })
    expect(chart.place({ x: 1, y: 0 }).top).toBe(100)
  })

  it('has a place for none at all, before the first', () => {
    const chart = chartOf(
      [
        { x: 0, y: 1 },
        { x: 100, y: 1 },
      ],
      false,
    )
    expect(chart.place({ x: 0, y: 1 }).left).toBeLessThan(chart.place({ x: 100, y: 1 }).left)
  })

  it('has whole powers of ten at the side when both axes are logarithmic', () => {
    const { ticks } = chartOf(
      [
        { x: 10, y: 107 },
        { x: 1000, y: 2.5 },
      ],
      true,
    )
    expect(ticks.map(({ value }) => value)).toEqual([1, 10, 100, 1000])
  })
})
