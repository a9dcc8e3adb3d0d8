/**
 * Mutated codec bytes, for each codec by itself: reading ends, with as many bytes as are allowed at
 * most, or with a typed error. And what is written can be read, whatever it is.
 *
 * FUZZ_RUNS sets the number of mutants of all fuzz tests together; this one takes its share.
 */

import { describe, expect, test } from 'vitest'
import { KafkaException } from '../../../src/common/errors.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { COMPRESSIONS } from '../helpers.ts'
import { mutate } from '../mutate.ts'
import { compress, same, words } from './helpers.ts'

const RUNS = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 20_000) / 10)
const MOST_BYTES = 1 << 18

const CODECS = COMPRESSIONS.filter(({ name }) => name !== 'none')

describe.each(CODECS)('mutated $name', ({ compression }) => {
  const seeds = [
    compress(compression, words(3000)),
    compress(compression, new Uint8Array(70_000)),
    compress(compression, new SeededRandom(3).nextBytes(500)),
  ]

  test('gives bytes or a typed error, and not more than it may', () => {
    const random = new SeededRandom(20_260_615)
    let refused = 0
    for (let run = 0; run < RUNS / CODECS.length; run++) {
      const mutant = mutate(random, seeds[run % seeds.length]!)
      const evidence = () => `run ${run}: ${Buffer.from(mutant).toString('base64')}`
      try {
        const plain = compression.wrapForInput(mutant, MOST_BYTES)
        expect(plain.length, evidence()).toBeLessThanOrEqual(MOST_BYTES)
      } catch (error) {
        if (!(error instanceof KafkaException)) throw new Error(evidence(), { cause: error })
        refused++
      }
    }
    expect(refused).toBeGreaterThan(0)
  })

  test('random bytes of random lengths come back, written in random pieces', () => {
    const random = new SeededRandom(7)
    for (let run = 0; run < RUNS / 200; run++) {
      const length = random.nextInt(run % 10 === 0 ? 200_000 : 2000)
      // Few different bytes: copies of all lengths, some of them overlapping.
      const kinds = 1 + random.nextInt(random.nextInt(2) === 0 ? 4 : 256)
      const plain = random.nextBytes(length).map((byte) => byte % kinds)
      const compressed = compress(compression, plain, 1 + random.nextInt(5000))
      const read = compression.wrapForInput(compressed, Math.max(length, 1))
      expect(same(read, plain), `run ${run}`).toBe(true)
    }
  })
})
