/**
 * What `test/browser/codecs.test.ts` runs in a page: record batches in every codec, written there
 * and read there. Bytes come and go as base64, which both sides can say.
 */

import { loadZstd } from '../../src/index.ts'
import { CompressionType } from '../../src/record/CompressionType.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { withRecords } from '../../src/record/withRecords.ts'

/** Text with copies of many lengths and distances; 180 KB, more than one block of every codec. */
export const longText = (): string =>
  Array.from({ length: 9000 }, (_, i) => `line ${(i * i) % 977} of ${i % 13}`).join('; ')

const base64 = (bytes: Uint8Array): string => {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (each) => each.charCodeAt(0))

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A batch of two records, a short and a long one, compressed with the codec of this name. */
export const write = (codec: string): string => {
  const compression = Compression.of(CompressionType.forName(codec))
  const values = [`written with ${codec}`, longText()]
  const records = values.map((value) => ({ timestamp: 1, value: encoder.encode(value) }))
  return base64(withRecords({ compression }, ...records).bytes)
}

/** The codec of a batch, the value of its first record, and whether the second is the long text. */
export const read = (batch: string): [codec: string, first: string, isLongText: boolean] => {
  const records = MemoryRecords.readableRecords(fromBase64(batch)).firstBatch()
  if (records === null) throw new Error('there is no batch')
  records.ensureValid()
  const [first, second] = [...records].map(({ value }) => decoder.decode(value ?? undefined))
  return [records.compressionType.name, first ?? '', second === longText()]
}

Object.assign(globalThis, { codecs: { write, read, loadZstd } })
