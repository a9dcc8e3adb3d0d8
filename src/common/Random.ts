/**
 * Chance as a seam: whoever draws gets a `Random` from outside, so that a seed repeats a run.
 *
 * The generator is xoshiro128** (Blackman and Vigna): four 32-bit words of state, no multiplication
 * wider than 32 bits, the same numbers on every machine. A seed that is one number is spread over
 * the four words by splitmix32; the real thing fills all four from the machine's own chance,
 * because ids that must never meet again are drawn from it.
 */

import { randomBytes } from '#platform'
import { IllegalArgumentException } from './errors.ts'

export interface Random {
  /** A whole number in [0, bound). */
  nextInt(bound: number): number
  /** A number in [0, 1). */
  nextDouble(): number
  nextBoolean(): boolean
  nextBytes(length: number): Uint8Array
}

export class SeededRandom implements Random {
  private a: number
  private b: number
  private c: number
  private d: number

  /** @param seed a number, of which 32 bits count; or 16 bytes, which are the state */
  constructor(seed: number | Uint8Array) {
    if (typeof seed !== 'number') {
      const words = new DataView(seed.buffer, seed.byteOffset, seed.byteLength)
      this.a = words.getInt32(0)
      this.b = words.getInt32(4)
      this.c = words.getInt32(8)
      // All zeros would stay zeros for ever.
      this.d = words.getInt32(12) | (this.a | this.b | this.c ? 0 : 1)
      return
    }
    let state = seed | 0
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0
      let z = state
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return z ^ (z >>> 15)
    }
    this.a = next()
    this.b = next()
    this.c = next()
    this.d = next()
  }

  nextInt(bound: number): number {
    if (!(bound >= 1 && bound <= 2 ** 32)) {
      throw new IllegalArgumentException(`nextInt needs a bound from 1 to 2^32, got ${bound}`)
    }
    return Math.floor((this.next() * bound) / 2 ** 32)
  }

  nextDouble(): number {
    return (this.next() >>> 5) * 2 ** -27 + (this.next() >>> 6) * 2 ** -53
  }

  nextBoolean(): boolean {
    return this.next() >= 2 ** 31
  }

  nextBytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = this.next() >>> 24
    return bytes
  }

  /** 32 bits, as an unsigned number. */
  private next(): number {
    const scrambled = Math.imul(rotateLeft(Math.imul(this.b, 5), 7), 9)
    const shifted = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= shifted
    this.d = rotateLeft(this.d, 11)
    return scrambled >>> 0
  }
}

/** A generator whose seed nobody can guess: the real thing outside tests, labs and simulation. */
export const systemRandom = (): Random => new SeededRandom(randomBytes(16))

const rotateLeft = (x: number, k: number): number => (x << k) | (x >>> (32 - k))
