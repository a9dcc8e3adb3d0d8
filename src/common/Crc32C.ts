/**
 * CRC32C (Castagnoli): the checksum of a record batch, which tells a torn or rotten batch from a
 * whole one.
 *
 * A CRC is a long division of polynomials, bit by bit. A table of 256 remainders does eight bits a
 * step; *slicing by 8* does 64, with eight tables: table k holds what a byte becomes after k more
 * zero bytes, and XOR adds up the eight.
 *
 *     bytes     b0 b1 b2 b3 b4 b5 b6 b7
 *     tables    T7 T6 T5 T4 T3 T2 T1 T0      crc' = T7[b0 ^ …] ^ T6[b1 ^ …] ^ … ^ T0[b7]
 *
 * In TypeScript that is three times as fast as one table, about 1.4 GB/s, which is what every
 * produced and every fetched byte pays. (CPUs have an instruction for this polynomial; JavaScript
 * has no way to it. `zlib.crc32` is another one.)
 *
 * @kafka org.apache.kafka.common.utils.Crc32C
 */

/** 0x1EDC6F41, its bits reversed. */
const POLYNOMIAL = 0x82f63b78

const makeTables = (): Int32Array[] => {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256))
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0)
    tables[0]![byte] = crc
  }
  for (let k = 1; k < 8; k++) {
    for (let byte = 0; byte < 256; byte++) {
      const crc = tables[k - 1]![byte]!
      tables[k]![byte] = (crc >>> 8) ^ tables[0]![crc & 0xff]!
    }
  }
  return tables
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = makeTables() as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
]

/**
 * The checksum of `bytes[offset, offset + length)`, unsigned.
 *
 * @param offset default 0
 * @param length default: to the end
 */
export const crc32c = (bytes: Uint8Array, offset = 0, length = bytes.length - offset): number =>
  crc32cUpdate(0, bytes, offset, length)

/** Goes on from `crc`, the checksum of what came before; starts with 0. */
export const crc32cUpdate = (
  crc: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number => {
  let c = ~crc
  let i = offset
  const end = offset + length
  for (const lastEight = end - 8; i <= lastEight; i += 8) {
    c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    c =
      T7[c & 0xff]! ^
      T6[(c >>> 8) & 0xff]! ^
      T5[(c >>> 16) & 0xff]! ^
      T4[c >>> 24]! ^
      T3[bytes[i + 4]!]! ^
      T2[bytes[i + 5]!]! ^
      T1[bytes[i + 6]!]! ^
      T0[bytes[i + 7]!]!
  }
  for (; i < end; i++) c = (c >>> 8) ^ T0[(c ^ bytes[i]!) & 0xff]!
  return ~c >>> 0
}
