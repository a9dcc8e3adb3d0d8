/** How the fuzz tests of records damage bytes. */

import type { SeededRandom } from '../../src/common/Random.ts'

/** Values that have broken decoders before. */
const EDGES = [0, 1, 0x7f, 0x80, 0x81, 0xfe, 0xff]

/** A copy of `seed` with one to four things wrong in it. */
export const mutate = (random: SeededRandom, seed: Uint8Array): Uint8Array => {
  let mutant = seed.slice()
  for (let changes = 1 + random.nextInt(4); changes > 0; changes--) {
    const at = random.nextInt(mutant.length)
    switch (random.nextInt(6)) {
      case 0:
        mutant[at]! ^= 1 << random.nextInt(8)
        break
      case 1:
        mutant[at] = EDGES[random.nextInt(EDGES.length)]!
        break
      case 2:
        mutant.set(random.nextBytes(Math.min(1 + random.nextInt(10), mutant.length - at)), at)
        break
      case 3:
        mutant.fill(0xff, at, at + 1 + random.nextInt(11))
        break
      case 4:
        mutant = mutant.slice(0, Math.max(at, 1))
        break
      default:
        mutant.copyWithin(at, random.nextInt(mutant.length), mutant.length)
    }
  }
  return mutant
}
