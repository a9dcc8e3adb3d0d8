/** What the tests of record batches share: text as bytes, and sets of batches. */

import type { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { ByteBufferOutputStream } from '../../src/common/ByteBufferOutputStream.ts'
import { utf8Bytes, utf8Read } from '../../src/common/utf8.ts'
import { CompressionType } from '../../src/record/CompressionType.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { NoCompression } from '../../src/record/compress/NoCompression.ts'
import type { DefaultRecord } from '../../src/record/DefaultRecord.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import type { SimpleRecord } from '../../src/record/SimpleRecord.ts'
import { type RecordsOptions, withRecords } from '../../src/record/withRecords.ts'

/** 2025-06-15, 15:06:40 UTC. */
export const NOW = 1_750_000_000_000

/** The codecs that a test repeats itself for. */
export const COMPRESSIONS = CompressionType.values().map((type) => ({
  name: type.name,
  compression: Compression.of(type),
}))

export const bytes = (text: string): Uint8Array => utf8Bytes(text)

export const text = (from: Uint8Array | null): string | null =>
  from === null ? null : utf8Read(from, 0, from.length)

export const simple = (
  timestamp: number,
  key: string | null,
  value: string | null,
): SimpleRecord => ({
  timestamp,
  key: key === null ? null : bytes(key),
  value: value === null ? null : bytes(value),
})

export const THREE_RECORDS = [simple(1, 'a', '1'), simple(2, 'b', '2'), simple(3, 'c', '3')]

/** A record as plain data, for comparing. */
export const plain = (record: DefaultRecord) => ({
  offset: record.offset,
  timestamp: record.timestamp,
  key: text(record.key),
  value: text(record.value),
  headers: record.headers.map((header) => [header.key, text(header.value)]),
})

/** A stream for single records, outside of any batch. */
export const recordStream = (size = 1024) =>
  new NoCompression().wrapForOutput(new ByteBufferOutputStream(size))

/** Batches of one behind the other: each `[base offset, number of records]`. */
export const batchesOf = (
  options: RecordsOptions,
  ...shapes: [number, number][]
): MemoryRecords => {
  const all = new ByteBufferOutputStream(256)
  for (const [baseOffset, count] of shapes) {
    const records = Array.from({ length: count }, (_, i) => simple(i, `key ${i}`, `value ${i}`))
    all.writeBytes(withRecords({ ...options, baseOffset }, ...records).bytes)
  }
  return MemoryRecords.readableRecords(all.buffer().flip())
}

export const bufferOf = (...parts: Uint8Array[]): ByteBuffer => {
  const all = new ByteBufferOutputStream(64)
  for (const part of parts) all.writeBytes(part)
  return all.buffer().flip()
}
