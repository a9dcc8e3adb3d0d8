import { describe, expect, test } from 'vitest'
import { IllegalArgumentException } from '../../../src/common/errors.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { covers } from '../../support/covers.ts'

const { fromString } = AutoOffsetResetStrategy
const DAY = 86_400_000

describe('reading auto.offset.reset', () => {
  test('knows earliest, latest, none and durations', () => {
    covers('AutoOffsetResetStrategyTest.testFromString')
    expect(fromString('earliest')).toBe(AutoOffsetResetStrategy.EARLIEST)
    expect(fromString('latest')).toBe(AutoOffsetResetStrategy.LATEST)
    expect(fromString('none')).toBe(AutoOffsetResetStrategy.NONE)
    expect(fromString('by_duration:PT1H').durationMs).toBe(3_600_000)
  })

  test.each([
    ['P2DT3H4M5.006S', 2 * DAY + 3 * 3_600_000 + 4 * 60_000 + 5006],
    ['pt90m', 90 * 60_000],
    ['PT-1H2H', null],
    ['PT0S', 0],
    ['-PT-6H', 6 * 3_600_000],
    ['PT1,5S', 1500],
  ])('reads the duration %s as Java does', (text, expected) => {
    if (expected === null)
      expect(() => fromString(`by_duration:${text}`)).toThrow(IllegalArgumentException)
    else expect(fromString(`by_duration:${text}`).durationMs).toBe(expected)
  })

  test.each([
    'invalid',
    'by_duration',
    'by_duration:',
    'by_duration:invalid',
    'by_duration:-PT1H',
    'by_duration:PT-1H',
    'by_duration:P',
    'by_duration:P1DT',
    'by_duration:1H',
    'LATEST',
    '',
  ])("refuses '%s'", (text) => {
    covers('AutoOffsetResetStrategyTest.testFromString')
    expect(() => fromString(text)).toThrow(IllegalArgumentException)
  })
})

test('two strategies are equal when kind and duration are', () => {
  covers('AutoOffsetResetStrategyTest.testEqualsAndHashCode')
  expect(fromString('earliest').equals(fromString('earliest'))).toBe(true)
  expect(fromString('earliest').equals(fromString('latest'))).toBe(false)
  expect(fromString('by_duration:PT1H').equals(fromString('by_duration:PT60M'))).toBe(true)
  expect(fromString('by_duration:PT1H').equals(fromString('by_duration:PT2H'))).toBe(false)
})

test('asks ListOffsets for -2, -1, or a time before now', () => {
  covers('AutoOffsetResetStrategyTest.testTimestamp')
  const nowMs = 1_700_000_000_000
  expect(fromString('earliest').timestamp(nowMs)).toBe(-2)
  expect(fromString('latest').timestamp(nowMs)).toBe(-1)
  expect(fromString('none').timestamp(nowMs)).toBe(null)
  expect(fromString('by_duration:PT1H').timestamp(nowMs)).toBe(nowMs - 3_600_000)
  expect(fromString('by_duration:PT0.0005S').timestamp(nowMs)).toBe(nowMs - 1)
})
