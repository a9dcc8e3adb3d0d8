import { describe, expect, it } from 'vitest'
import { ExponentialBackoff } from '../../src/common/ExponentialBackoff.ts'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { covers } from '../support/covers.ts'

const backoffOf = (initial: number, multiplier: number, max: number, jitter: number) =>
  new ExponentialBackoff(initial, multiplier, max, jitter, new SeededRandom(1))

describe('ExponentialBackoff', () => {
  it('grows with every attempt, within its jitter, and never beyond its maximum', () => {
    covers('ExponentialBackoffTest.testExponentialBackoff')
    const backoff = backoffOf(100, 2, 2000, 0.2)
    for (let i = 0; i <= 100; i++) {
      for (let attempts = 0; attempts <= 10; attempts++) {
        const wait = backoff.backoff(attempts)
        const middle = 100 * 2 ** attempts
        if (attempts <= 4) {
          expect(wait).toBeGreaterThanOrEqual(Math.floor(middle * 0.8))
          expect(wait).toBeLessThanOrEqual(Math.ceil(middle * 1.2))
        } else {
          expect(wait).toBeLessThanOrEqual(2000)
          expect(wait).toBeGreaterThanOrEqual(1600)
        }
      }
    }
  })

  it('is exact without jitter, and constant when it has no room to grow', () => {
    covers('ExponentialBackoffTest.testExponentialBackoffWithoutJitter')
    const growing = backoffOf(100, 2, 400, 0)
    expect([0, 1, 2, 3].map((n) => growing.backoff(n))).toEqual([100, 200, 400, 400])
    const constant = backoffOf(500, 2, 400, 0.2)
    expect([0, 1, 2].map((n) => constant.backoff(n))).toEqual([400, 400, 400])
  })

  it('varies still after very many attempts: clients must not fall into step', () => {
    const backoff = backoffOf(100, 2, 2000, 0.2)
    const waits = Array.from({ length: 50 }, () => backoff.backoff(1_000_000))
    expect(Math.min(...waits)).toBeLessThan(1800)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1600)
    expect(Math.max(...waits)).toBe(2000)
  })

  it('refuses a jitter outside [0, 1]', () => {
    covers('ExponentialBackoffTest.testExponentialBackoffWithInvalidJitter')
    for (const jitter of [-0.2, 1.1, Number.NaN]) {
      expect(() => backoffOf(100, 2, 2000, jitter)).toThrow(IllegalArgumentException)
    }
  })

  it('draws from its own random only: the same seed gives the same waits', () => {
    const waits = () => {
      const backoff = backoffOf(100, 2, 2000, 0.2)
      return Array.from({ length: 20 }, (_, n) => backoff.backoff(n))
    }
    expect(waits()).toEqual(waits())
  })

  it('takes 0 as an initial interval', () => {
    expect(backoffOf(0, 2, 1000, 0.2).backoff(5)).toBe(0)
  })
})
