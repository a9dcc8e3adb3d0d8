import { describe, expect, test } from 'vitest'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { SeededRandom, systemRandom } from '../../src/common/Random.ts'

const draw = (seed: number | Uint8Array, count = 8): number[] => {
  const random = new SeededRandom(seed)
  return Array.from({ length: count }, () => random.nextInt(2 ** 32))
}

describe('SeededRandom', () => {
  test('a seed gives the same numbers for ever: these are committed', () => {
    expect(draw(1, 4)).toMatchInlineSnapshot(`
      [
        393288148,
        2174103013,
        3814759091,
        2092745082,
      ]
    `)
    expect(new SeededRandom(1).nextDouble()).toMatchInlineSnapshot(`0.09156953175513294`)
  })

  test('from the state 1, 2, 3, 4 come the numbers that every xoshiro128** gives', () => {
    const state = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4)

    expect(draw(state, 10)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
      4258142804,
    ])
  })

  test('neighbouring seeds give unrelated numbers', () => {
    const firsts = new Set(Array.from({ length: 1000 }, (_, seed) => draw(seed, 1)[0]))

    expect(firsts.size).toBe(1000)
  })

  test('nextInt is in [0, bound), and each number is as likely as another', () => {
    const random = new SeededRandom(3)
    const counts = new Array<number>(7).fill(0)
    for (let i = 0; i < 70_000; i++) counts[random.nextInt(7)]!++

    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400)
    expect(counts.length).toBe(7)
    for (let i = 0; i < 100; i++) expect(random.nextInt(1)).toBe(0)
  })

  test('nextDouble is in [0, 1), about one half on average', () => {
    const random = new SeededRandom(4)
    let sum = 0
    for (let i = 0; i < 20_000; i++) {
      const value = random.nextDouble()
      expect(value >= 0 && value < 1).toBe(true)
      sum += value
    }
    expect(Math.abs(sum / 20_000 - 0.5)).toBeLessThan(0.01)
  })

  test('booleans and bytes are drawn evenly', () => {
    const random = new SeededRandom(5)
    const heads = Array.from({ length: 10_000 }, () => random.nextBoolean()).filter(Boolean).length
    const bytes = random.nextBytes(100_000)

    expect(Math.abs(heads - 5000)).toBeLessThan(250)
    expect(new Set(bytes).size).toBe(256)
    expect(Math.abs(bytes.reduce((sum, byte) => sum + byte, 0) / 100_000 - 127.5)).toBeLessThan(1)
  })

  test('a bound that cannot be is refused', () => {
    for (const bound of [0, -1, Number.NaN, 0.5, 2 ** 32 + 1]) {
      expect(() => new SeededRandom(1).nextInt(bound)).toThrow(IllegalArgumentException)
    }
  })

  test('a seed of 16 bytes counts with all of them, and all zeros are no trap', () => {
    const zeros = new Uint8Array(16)
    for (let at = 0; at < 16; at++) {
      const other = zeros.slice()
      other[at] = 128
      expect(draw(other)).not.toEqual(draw(zeros))
    }
    expect(new Set(draw(zeros)).size).toBeGreaterThan(1)
  })

  test('the real thing never starts twice in the same place', () => {
    const firsts = Array.from({ length: 100 }, () => systemRandom().nextDouble())

    expect(new Set(firsts).size).toBe(100)
  })
})
