/**
 * The hash that decides which partition a key goes to.
 *
 * Every client in every language must agree on it, or one key's records end in two partitions and
 * lose their order. So it is Kafka's 32-bit MurmurHash2 with Kafka's seed, to the bit, and made
 * positive as Kafka does it: by clearing the sign bit, not by `Math.abs`, which maps -5 elsewhere.
 *
 * @kafka org.apache.kafka.common.utils.Utils
 */

const SEED = 0x9747b28c
const M = 0x5bd1e995

/** A signed 32-bit number, as Java's `int`. */
export const murmur2 = (bytes: Uint8Array): number => {
  const { length } = bytes
  let h = SEED ^ length
  const whole = length & ~3
  for (let i = 0; i < whole; i += 4) {
    let k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    k = Math.imul(k, M)
    k ^= k >>> 24
    h = Math.imul(h, M) ^ Math.imul(k, M)
  }
  const rest = length - whole
  if (rest > 2) h ^= bytes[whole + 2]! << 16
  if (rest > 1) h ^= bytes[whole + 1]! << 8
  if (rest > 0) h = Math.imul(h ^ bytes[whole]!, M)
  h = Math.imul(h ^ (h >>> 13), M)
  return h ^ (h >>> 15)
}

/** Clears the sign bit. */
export const toPositive = (n: number): number => n & 0x7fffffff
