import { describe, expect, it } from 'vitest'
import { median, percentile, percentiles, rounded, spreadOfKnown } from '../../bench/statistics.ts'

describe('the median', () => {
  it('is the middle of an odd count, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5)
  })

  it('is the mean of the middle two of an even count', () => {
    expect(median([4, 1, 3, 100])).toBe(3.5)
  })

  it('does not change what it was given', () => {
    const rounds = [3, 1, 2]
    median(rounds)
    expect(rounds).toEqual([3, 1, 2])
  })

  it('of nothing is an error, not zero', () => {
    expect(() => median([])).toThrow('no median')
  })
})

describe('a spread', () => {
  it('leaves out what could not be measured', () => {
    expect(spreadOfKnown([2, null, 8, undefined])).toEqual({ median: 5, min: 2, max: 8 })
  })

  it('of nothing known is null', () => {
    expect(spreadOfKnown([null, undefined])).toBeNull()
  })
})

describe('percentiles', () => {
  it('are figures that were measured: nearest rank', () => {
    const hundred = Float64Array.from({ length: 1000 }, (_, i) => 1000 - i)
    expect(percentiles(hundred)).toEqual({ p50: 500, p99: 990, p999: 999 })
  })

  it('of a single figure are that figure', () => {
    expect(percentile([7], 0.001)).toBe(7)
    expect(percentile([7], 1)).toBe(7)
  })
})

it('a figure is rounded to what was measured, not to places behind the point', () => {
  expect([rounded(123_456.7), rounded(0.012_345_6, 3)]).toEqual([123_500, 0.0123])
})
