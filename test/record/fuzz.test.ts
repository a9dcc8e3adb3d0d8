/**
 * Mutated batches: whatever the bytes are, reading ends, with records or with a typed error.
 *
 * FUZZ_RUNS sets the number of mutants of all fuzz tests together; this one takes its share.
 */

import { describe, expect, test } from 'vitest'
import { crc32c } from '../../src/common/Crc32C.ts'
import { KafkaException } from '../../src/common/errors.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { DefaultRecordBatch } from '../../src/record/DefaultRecordBatch.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { withRecords } from '../../src/record/withRecords.ts'
import { batchesOf, bytes, NOW, simple } from './helpers.ts'
import { mutate } from './mutate.ts'

const RUNS = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 20_000) / 2)
/** No mutant may make the reader produce more than this out of its few hundred bytes. */
const MAX_DECOMPRESSED_BYTES = 1 << 20

const headers = [
  { key: 'trace', value: bytes('4711') },
  { key: 'none', value: null },
]
const SEEDS: Uint8Array[] = [
  batchesOf({}, [0, 3], [3, 1]).bytes,
  ...[Compression.gzip(1), Compression.snappy(), Compression.lz4(), Compression.zstd()].map(
    (compression) => batchesOf({ compression }, [0, 9]).bytes,
  ),
  withRecords(
    { producerId: 5n, producerEpoch: 1, baseSequence: 2 ** 31 - 2, baseOffset: 2 ** 40 },
    { ...simple(NOW, 'key', 'value'), headers },
    { ...simple(NOW + 2 ** 33, null, null), headers },
    simple(NOW - 5, '', 'x'.repeat(200)),
  ).bytes,
]

/**
 * Mends the first batch's CRC, so that the damage gets past it: a broken producer does the same.
 */
const mendCrc = (mutant: Uint8Array): void => {
  if (mutant.length < DefaultRecordBatch.RECORD_BATCH_OVERHEAD) return
  const view = new DataView(mutant.buffer)
  const size = Math.min(12 + view.getInt32(DefaultRecordBatch.LENGTH_OFFSET), mutant.length)
  if (size < DefaultRecordBatch.RECORD_BATCH_OVERHEAD) return
  const from = DefaultRecordBatch.ATTRIBUTES_OFFSET
  view.setUint32(DefaultRecordBatch.CRC_OFFSET, crc32c(mutant, from, size - from))
}

/** Reads all there is to read; returns the bytes of keys and values. */
const readAll = (mutant: Uint8Array, checkCrc: boolean): number => {
  let total = 0
  const records = MemoryRecords.readableRecords(mutant)
  records.hasMatchingMagic(2)
  for (const batch of records.batches()) {
    if (checkCrc) batch.ensureValid()
    total += String(batch).length > 0 ? 0 : 1
    const cursor = batch.iterator(MAX_DECOMPRESSED_BYTES)
    while (cursor.hasNext()) {
      const record = cursor.next()
      total += (record.key?.length ?? 0) + (record.value?.length ?? 0)
      for (const { key, value } of record.headers) total += key.length + (value?.length ?? 0)
    }
  }
  return total
}

describe('a mutated batch', () => {
  test.each([
    { checkCrc: true, mend: true },
    { checkCrc: false, mend: false },
  ])('gives records or a typed error, and not more bytes than it has: %o', (mode) => {
    const random = new SeededRandom(20_250_615)
    let refused = 0
    for (let run = 0; run < RUNS / 2; run++) {
      const mutant = mutate(random, SEEDS[run % SEEDS.length]!)
      if (mode.mend) mendCrc(mutant)
      const evidence = () => `run ${run}: ${Buffer.from(mutant).toString('base64')}`
      try {
        const total = readAll(mutant, mode.checkCrc)
        expect(total, evidence()).toBeLessThanOrEqual(MAX_DECOMPRESSED_BYTES)
      } catch (error) {
        if (!(error instanceof KafkaException)) throw new Error(evidence(), { cause: error })
        refused++
      }
    }
    expect(refused).toBeGreaterThan(RUNS / 8)
  })

  test('that only has its CRC broken is refused when CRCs are checked', () => {
    const random = new SeededRandom(7)
    for (let run = 0; run < 200; run++) {
      const mutant = SEEDS.at(-1)!.slice()
      const at = DefaultRecordBatch.CRC_OFFSET + random.nextInt(mutant.length - 17)
      mutant[at]! ^= 1 << random.nextInt(8)
      expect(() => readAll(mutant, true)).toThrow(KafkaException)
    }
  })
})
