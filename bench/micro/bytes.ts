/** Records to bytes and back, checksums, hashes, requests. */

import { ByteBufferOutputStream } from '../../src/common/ByteBufferOutputStream.ts'
import { crc32c } from '../../src/common/Crc32C.ts'
import { murmur2 } from '../../src/common/murmur2.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { buildRequestSend } from '../../src/protocol/SendBuilder.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { DefaultRecord } from '../../src/record/DefaultRecord.ts'
import type { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { withRecords } from '../../src/record/withRecords.ts'
import { Values } from '../values.ts'
import { calls, type Micro } from './timed.ts'

const VALUE_BYTES = 100
const BATCH_BYTES = 16_384
/** What fits into `BATCH_BYTES`. */
const RECORDS_IN_BATCH = 150

const values = new Values(VALUE_BYTES)
const batchValues = Array.from({ length: RECORDS_IN_BATCH }, () => values.next())

const batch = (compression = Compression.NONE): MemoryRecords =>
  withRecords({ compression }, ...batchValues.map((value) => ({ timestamp: 1000, value })))

const encoding = (): Micro => {
  const stream = new ByteBufferOutputStream(BATCH_BYTES)
  const out = Compression.NONE.wrapForOutput(stream)
  const value = batchValues[0]!
  return {
    name: 'DefaultRecord.writeTo, 100 B',
    bytes: VALUE_BYTES,
    sample: calls((i) => {
      const place = i % RECORDS_IN_BATCH
      if (place === 0) stream.position = 0
      return DefaultRecord.writeTo(out, place, 3, null, value, [])
    }),
  }
}

const checksum = (length: number): Micro => {
  const bytes = new Uint8Array(length).map((_, i) => (i * 31) & 255)
  return {
    name: `crc32c, ${length.toLocaleString('en')} B`,
    bytes: length,
    sample: calls(() => crc32c(bytes)),
  }
}

const hashing = (): Micro => {
  const key = new TextEncoder().encode('customer-4711-eu')
  return { name: 'murmur2, 16 B', bytes: key.length, sample: calls(() => murmur2(key)) }
}

/** Every record of a batch, checksum included: what a consumer does. */
const decoding = (): Micro => {
  const [read] = [...batch().batches()]
  const decode = (): number => {
    read!.ensureValid()
    let bytes = 0
    for (const { valueSize } of read!) bytes += valueSize
    return bytes
  }
  return {
    name: 'DefaultRecordBatch, check and read, per record of 100 B',
    bytes: VALUE_BYTES,
    sample: (ops) => calls(decode)(Math.ceil(ops / RECORDS_IN_BATCH)),
  }
}

const requesting = (): Micro => {
  const records = batch()
  const topicData = [
    {
      name: 'bench',
      topicId: Uuid.ONE_UUID,
      partitionData: Array.from({ length: 6 }, (_, index) => ({
        index,
        records: records.bytes,
      })),
    },
  ]
  const data = { transactionalId: null, acks: -1, timeoutMs: 30_000, topicData }
  return {
    name: 'Produce request of six batches, encoded',
    bytes: 0,
    sample: calls((i) => buildRequestSend(ApiKeys.PRODUCE, 13, i & 0xffff, 'bench', data)),
  }
}

export const ofBytes = (): Micro[] => [
  encoding(),
  checksum(100),
  checksum(BATCH_BYTES),
  hashing(),
  requesting(),
  decoding(),
]
