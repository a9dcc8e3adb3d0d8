import { describe, expect, it } from 'vitest'
import type { Broker } from '../../bench/brokers.ts'
import { comparisonsOf } from '../../bench/comparisons.ts'
import type { Outcome } from '../../bench/contend.ts'
import { summaries } from '../../bench/java.ts'
import { countsOf, ENTRIES, flatOut, named } from '../../bench/plan.ts'
import { type CpuProfile, partsOf } from '../../bench/profile.ts'
import { bestPeer, type Row, ratiosOf, rowOf } from '../../bench/report.ts'
import { textTable } from '../../bench/table.ts'

const brokerOf = (name: Broker['name']): Broker => ({
  name,
  title: name,
  bootstrap: 'localhost:1',
  stop: async () => {},
})

const outcome = (recordsPerSecond: number, parts: Partial<Outcome> = {}): Outcome => ({
  acknowledged: 1000,
  seconds: 1000 / recordsPerSecond,
  cpuSeconds: 0.002,
  memoryBeforeMb: 60,
  peakMemoryMb: 100,
  loopDelayMs: { p99: 4, max: 9 },
  gc: { maxMs: 3, sumMs: 10, count: 5 },
  latencyMs: null,
  ...parts,
})

const workload = flatOut(100, 'none', 1)

const row = (name: string, rates: number[], broker: Broker['name'] = 'real'): Row => {
  const [entry] = named(name)
  const outcomes = rates.map((rate) => outcome(rate))
  return rowOf(brokerOf(broker), workload, { entry: entry!, outcomes })
}

describe('a row', () => {
  it('has the median of the rounds, and the least and the most', () => {
    const { recordsPerSecond, rounds, megabytesPerSecond } = row('ours', [900, 100, 500])
    expect(recordsPerSecond).toEqual({ median: 500, min: 100, max: 900 })
    expect([rounds, megabytesPerSecond]).toEqual([3, 0.05])
  })

  it('counts memory from before the first send, and processor time per million', () => {
    const { memoryGrowthMb, cpuSecondsPerMillion } = row('ours', [500])
    expect(memoryGrowthMb).toBe(40)
    expect(cpuSecondsPerMillion?.median).toBe(2)
  })

  it('leaves out what a contender cannot tell', () => {
    const java = rowOf(brokerOf('real'), workload, {
      entry: named('java')[0]!,
      outcomes: [
        outcome(500, {
          ...{ cpuSeconds: null, peakMemoryMb: null, memoryBeforeMb: null },
          ...{ loopDelayMs: null, gc: null },
        }),
      ],
    })
    expect(java).toMatchObject({
      ...{ cpuSecondsPerMillion: null, peakMemoryMb: null, memoryGrowthMb: null },
      ...{ gcMaxMs: null, loopDelayMaxMs: null, cpuSecondsPerMillionWithStart: null },
    })
  })
})

describe('ratios', () => {
  const rows = [
    row('ours', [600]),
    row('ours-node24', [900]),
    row('kafkajs-1000', [200]),
    row('platformatic-1000', [300]),
    row('platformatic-stream', [150]),
    row('java', [400]),
  ]

  it('are to the fastest JavaScript peer, however it sends, and to Java', () => {
    expect(bestPeer(rows, rows[0]!)?.contender).toBe('platformatic-1000')
    expect(ratiosOf(rows)).toEqual({
      ...{ produceToBestPeer: 2, produceToJava: 1.5, cpuSecondsPerMillion: 2 },
      ...{ consumeToBestPeer: null, consumeToJava: null, consumeCpuSecondsPerMillion: null },
    })
  })

  it('of reading stand beside those of sending, and the two are not mixed', () => {
    const read = (name: string, rate: number): Row => ({
      ...row(name, [rate]),
      pace: { kind: 'read' },
    })
    const reading = [read('ours', 1000), read('kafkajs-1000', 250), read('java', 800)]
    expect(ratiosOf([...rows, ...reading])).toMatchObject({
      ...{ produceToBestPeer: 2, produceToJava: 1.5 },
      ...{ consumeToBestPeer: 4, consumeToJava: 1.25, consumeCpuSecondsPerMillion: 2 },
    })
  })

  it('are of the real broker, when both were measured', () => {
    const embedded = [row('ours', [1200], 'embedded'), row('kafkajs-1000', [100], 'embedded')]
    expect(ratiosOf([...embedded, ...rows]).produceToBestPeer).toBe(2)
    expect(ratiosOf(embedded)).toMatchObject({ produceToBestPeer: 12, produceToJava: null })
  })

  it('are null where there is nobody to compare with', () => {
    expect(ratiosOf([rows[0]!])).toMatchObject({ produceToBestPeer: null, produceToJava: null })
    expect(ratiosOf([])).toMatchObject({ produceToBestPeer: null, cpuSecondsPerMillion: null })
  })
})

describe('a comparison, measure by measure', () => {
  const rows = [
    row('ours', [600]),
    { ...row('kafkajs-1000', [200]), peakMemoryMb: 50, gcMaxMs: 12 },
    { ...row('platformatic-1000', [300]), peakMemoryMb: 200, gcMaxMs: 1.5 },
    { ...row('java', [1200]), peakMemoryMb: 400, gcMaxMs: null },
  ]
  const of = (measure: string) => comparisonsOf(rows).find((each) => each.measure === measure)

  it('takes for each the peer that is best in it', () => {
    expect(of('records a second')).toMatchObject({ toBestPeer: 2, toJava: 0.5, isMoreBetter: true })
    expect(of('memory at the peak')).toMatchObject({ toBestPeer: 2, toJava: 0.25 })
    expect(of('longest garbage-collection pause')).toMatchObject({ toBestPeer: 2, toJava: null })
  })

  it('says nothing without a row of ours', () => {
    expect(comparisonsOf(rows.slice(1))).toEqual([])
  })
})

describe("what Java's tool prints", () => {
  const out = [
    'Reading payloads from: /tmp/values',
    'Warmup first 10 records. Steady state results will print after the complete test summary.',
    '30 records sent, 5000.5 records/sec (0.48 MB/sec), 1.0 ms avg latency, 9.0 ms max latency, ' +
      '1 ms 50th, 2 ms 95th, 3 ms 99th, 4 ms 99.9th.',
    '20 steady state records sent, 8000.0 records/sec (0.76 MB/sec), 1.0 ms avg latency, ' +
      '9.0 ms max latency, 5 ms 50th, 6 ms 95th, 7 ms 99th, 8 ms 99.9th.',
  ].join('\n')

  it('is read: all of it, then without the warm-up', () => {
    expect(summaries(out)).toEqual([
      { records: 30, recordsPerSecond: 5000.5, latencyMs: { p50: 1, p99: 3, p999: 4 } },
      { records: 20, recordsPerSecond: 8000, latencyMs: { p50: 5, p99: 7, p999: 8 } },
    ])
  })
})

describe('how many records', () => {
  it('every contender sends whole batches, the larger their rate the more', () => {
    for (const entry of ENTRIES) {
      const { count, warmUp } = countsOf(entry, workload)
      expect([count % 1000, warmUp % 1000], entry.name).toEqual([0, 0])
      expect(count).toBeGreaterThanOrEqual(entry.roughRate)
    }
  })
})

describe('a profile', () => {
  const frame = (id: number, functionName: string, url = '') => ({
    id,
    callFrame: { functionName, url },
  })
  const profile: CpuProfile = {
    nodes: [
      frame(1, '(idle)'),
      frame(2, '(garbage collector)'),
      frame(3, 'append', 'file:///x/src/record/MemoryRecordsBuilder.js'),
      frame(4, 'writev', 'node:net'),
      frame(5, 'rare', 'file:///x/src/common/Rare.js'),
    ],
    samples: [1, 2, 3, 3, 4, 5],
    timeDeltas: [5000, 200, 300, 300, 199, 1],
  }

  it('is summed by file, without the time in which nothing ran', () => {
    expect(partsOf(profile)).toEqual([
      { part: 'src/record/MemoryRecordsBuilder.ts', share: 0.6 },
      { part: 'the garbage collector', share: 0.2 },
      { part: 'Node: sockets, timers, streams', share: 0.199 },
      { part: 'everything else', share: 0.001 },
    ])
  })
})

it('a table is as wide as it must be, and says where there is no figure', () => {
  expect(
    textTable(
      ['', 'records'],
      [
        ['a', 1200],
        ['long', null],
      ],
    ),
  ).toBe(['      records', 'a       1,200', 'long        –'].join('\n'))
})
