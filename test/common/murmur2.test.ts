import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { crc32c } from '../../src/common/Crc32C.ts'
import { murmur2, toPositive } from '../../src/common/murmur2.ts'
import { utf8Bytes } from '../../src/common/utf8.ts'
import { BuiltInPartitioner } from '../../src/producer/internals/BuiltInPartitioner.ts'

/** What Kafka's own classes made of the same keys, as digests: see test/golden/README.md. */
const golden = JSON.parse(
  readFileSync(new URL('../golden/murmur2.json', import.meta.url), 'utf8'),
) as { digests: [keys: number, hashes: number, partitions: number][] }

/** The keys of `Murmur2.java`: a function that makes the next one, in a buffer used again. */
const seededKeys = (): (() => Uint8Array) => {
  const buffer = new Uint8Array(64)
  let state = 0x2545f491
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state
  }
  return () => {
    const length = (next() >>> 0) % 65
    for (let i = 0, bits = 0; i < length; i++) {
      if (i % 4 === 0) bits = next()
      buffer[i] = bits >>> (8 * (i % 4))
    }
    return buffer.subarray(0, length)
  }
}

describe('murmur2', () => {
  test.each([
    ['', 275646681],
    ['21', -973932308],
    ['abc', 479470107],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ])('%j hashes as in Java', (text, hash) => {
    expect(murmur2(utf8Bytes(text))).toBe(hash)
  })

  test('bytes above 127 count as unsigned', () => {
    expect(murmur2(Uint8Array.of(0xff, 0xfe, 0x80))).toBe(
      murmur2(Uint8Array.of(0x1ff, 0x1fe, 0x180)),
    )
  })

  test('a hash is made positive as in Java: the sign bit is cleared, not negated', () => {
    expect(toPositive(-973932308)).toBe(1173551340)
    expect(toPositive(-1)).toBe(2147483647)
    expect(toPositive(-(2 ** 31))).toBe(0)
    expect(toPositive(7)).toBe(7)
  })

  test(
    "Key hash differs from Java's (kafkajs #357, #1154; platformatic/kafka #121): " +
      'not for any of a million keys',
    () => {
      const nextKey = seededKeys()
      const count = golden.digests.at(-1)![0]
      const hashes = new DataView(new ArrayBuffer(4 * count))
      const partitions = new DataView(new ArrayBuffer(4 * count))
      for (let i = 0; i < count; i++) {
        const key = nextKey()
        hashes.setInt32(4 * i, murmur2(key))
        partitions.setInt32(4 * i, BuiltInPartitioner.partitionForKey(key, 1 + (i % 1000)))
      }
      const digest = (of: DataView, keys: number) => crc32c(new Uint8Array(of.buffer), 0, 4 * keys)
      expect(
        golden.digests.map(([keys]) => [keys, digest(hashes, keys), digest(partitions, keys)]),
      ).toEqual(golden.digests)
    },
  )
})
