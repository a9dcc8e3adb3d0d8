import { describe, expect, it, test } from 'vitest'
import { marks, steady } from '../../bench/consuming/java.ts'
import { countOf, fullReading, QUICK_READING, READERS } from '../../bench/consuming/plan.ts'
import { Tally } from '../../bench/consuming/Tally.ts'
import { complaintIn } from '../../bench/processes.ts'
import { Values } from '../../bench/values.ts'

/** The values of a topic, as a reader would get them. */
const valuesOf = (count: number): Uint8Array[] => {
  const values = new Values(100)
  return Array.from({ length: count }, () => Uint8Array.from(values.next()))
}

const tallied = (wanted: number, values: readonly Uint8Array[]): Tally => {
  const tally = new Tally(wanted)
  for (const value of values) tally.take(value)
  return tally
}

test('of a program that failed the error is told, and not the way through its files', () => {
  const said = [
    '/somewhere/node_modules/kafkajs/src/network/index.js:904',
    '      throw error',
    '      ^',
    '',
    'KafkaJSProtocolError: The coordinator is loading',
    '    at joinGroup (/somewhere/node_modules/kafkajs/src/broker/index.js:395:14) {',
    '  retriable: true',
    '}',
    '',
    'Node.js v20.20.2',
  ]
  expect(complaintIn(said.join('\n'))).toBe('KafkaJSProtocolError: The coordinator is loading')
  expect(complaintIn('one\nKilled\n')).toBe('Killed')
})

describe('a tally', () => {
  it('is content with every number once, in any order', () => {
    const tally = tallied(1000, valuesOf(1000).reverse())
    expect(tally.isDone).toBe(true)
    tally.checkWhole()
  })

  it('finds a value that came twice in place of another', () => {
    const values = valuesOf(1000)
    values[7] = values[8]!
    expect(() => tallied(1000, values).checkWhole()).toThrow('the sum of their numbers is 499501')
  })

  it('finds that one is missing', () => {
    expect(() => tallied(1000, valuesOf(999)).checkWhole()).toThrow('999 read')
  })

  it('says which value was the last one that is wanted', () => {
    const tally = new Tally(3)
    expect(valuesOf(3).map((value) => tally.take(value))).toEqual([false, false, true])
  })
})

describe("the rate of Java's tool", () => {
  const line = (ms: string, records: number): string =>
    `2026-11-23 05:23:${ms}, 0, 36.6204, 124.8016, ${records}, 1308640.0, 0, 250, 124.8, 1308640.0`

  const out = [
    'WARNING: something else',
    line('44:500', 1),
    line('44:750', 400_000),
    line('45:000', 1_000_000),
    line('45:500', 2_500_000),
  ].join('\n')

  it('is taken from the first line after the warm-up to the last', () => {
    expect(marks(out)).toHaveLength(4)
    expect(steady(marks(out), 500_000)).toEqual({ count: 1_500_000, seconds: 0.5 })
  })

  it('needs two lines', () => {
    expect(() => steady(marks(out), 2_500_000)).toThrow('too few')
    expect(() => steady([], 0)).toThrow('too few')
  })
})

describe('what is read', () => {
  it('is one topic for those that are about equally fast', () => {
    const [workload] = fullReading(1)
    const counts = Object.fromEntries(READERS.map((each) => [each.name, countOf(each, workload!)]))
    expect(counts['ours']).toBe(counts['java'])
    expect(counts['kafkajs-message']).toBeLessThan(counts['ours']!)
  })

  it('compares every client in the quick run', () => {
    const clients = QUICK_READING.flatMap(({ contenders }) => contenders.map((each) => each.client))
    expect(new Set(clients)).toEqual(new Set(['ours', 'kafkajs', '@platformatic/kafka', 'java']))
  })
})
