/** Batches that Kafka's own classes wrote (test/golden/generator): read, and written again. */

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { ByteBufferOutputStream } from '../../src/common/ByteBufferOutputStream.ts'
import { writeEmptyHeader } from '../../src/record/BatchHeader.ts'
import type { CompressionName } from '../../src/record/CompressionType.ts'
import { ControlRecordType } from '../../src/record/ControlRecordType.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import type { DefaultRecord } from '../../src/record/DefaultRecord.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { MemoryRecordsBuilder } from '../../src/record/MemoryRecordsBuilder.ts'
import { TimestampType } from '../../src/record/TimestampType.ts'

type Row = [
  offset: number,
  timestamp: number,
  sequence: number,
  sizeInBytes: number,
  key: string | null,
  value: string | null,
  headers?: [string, string | null][],
]

interface Fixture {
  readonly name: string
  readonly options: {
    readonly compression: CompressionName
    readonly timestampType: string
    readonly producerId: string
    readonly baseOffset: number
    readonly logAppendTime: number
    readonly producerEpoch: number
    readonly baseSequence: number
    readonly isTransactional: boolean
    readonly isControlBatch: boolean
    readonly partitionLeaderEpoch: number
    readonly deleteHorizonMs: number
  }
  readonly batch: {
    readonly checksum: number
    readonly lastOffset: number
    readonly maxTimestamp: number
    readonly baseTimestamp: number
    readonly lastSequence: number
    readonly count: number
    readonly text: string
  }
  readonly bytes: string
  readonly records: Row[]
}

const file = new URL('../golden/records/batches.json', import.meta.url)
const FIXTURES: Fixture[] = JSON.parse(readFileSync(file, 'utf8'))

const unpack = (packed: string | null): Uint8Array | null => {
  if (packed === null) return null
  const [kind, size] = packed.split(':')
  if (kind === 'zeros') return new Uint8Array(Number(size))
  if (kind === 'pattern') return new Uint8Array(Number(size)).map((_, i) => i * 7)
  return new Uint8Array(Buffer.from(packed, 'base64'))
}

const pack = (bytes: Uint8Array | null): string | null => {
  if (bytes === null) return null
  const long = bytes.length > 60
  if (long && bytes.every((b, i) => b === ((i * 7) & 0xff))) return `pattern:${bytes.length}`
  if (long && bytes.every((b) => b === 0)) return `zeros:${bytes.length}`
  return Buffer.from(bytes).toString('base64')
}

const row = (record: DefaultRecord): Row => {
  const headers = record.headers.map((each): [string, string | null] => [
    each.key,
    pack(each.value),
  ])
  const { offset, timestamp, sequence, sizeInBytes } = record
  const cells = [offset, timestamp, sequence, sizeInBytes, pack(record.key), pack(record.value)]
  return (headers.length === 0 ? cells : [...cells, headers]) as Row
}

const optionsOf = ({ options }: Fixture) => ({
  ...options,
  compression: Compression.of(options.compression),
  timestampType: TimestampType.forName(options.timestampType),
  producerId: BigInt(options.producerId),
})

const written = (fixture: Fixture): MemoryRecords => {
  const options = optionsOf(fixture)
  if (fixture.records.length === 0) {
    const buffer = ByteBuffer.allocate(61)
    const { lastOffset, maxTimestamp: timestamp } = fixture.batch
    writeEmptyHeader(buffer, { ...options, lastOffset, timestamp })
    return MemoryRecords.readableRecords(buffer.bytes)
  }
  const builder = new MemoryRecordsBuilder({ ...options, buffer: new ByteBufferOutputStream(100) })
  for (const [offset, timestamp, , , key, value, headers = []] of fixture.records) {
    const named = headers.map(([name, each]) => ({ key: name, value: unpack(each) }))
    if (options.isControlBatch) {
      const type = ControlRecordType.parse(unpack(key))
      builder.appendControlRecord(timestamp, type, unpack(value)!)
    } else {
      builder.appendWithOffset(offset, timestamp, unpack(key), unpack(value), named)
    }
  }
  return builder.build()
}

/**
 * zlib and Java's deflater differ in bytes that mean nothing. And with log append time, the
 * timestamps that the records were made with cannot be read any more.
 */
const isSameBytes = ({ options, batch }: Fixture): boolean =>
  options.compression === 'none' &&
  (options.timestampType === 'CreateTime' || options.logAppendTime === batch.baseTimestamp)

describe.each(FIXTURES)("Kafka's batch: $name", (fixture) => {
  test('is read as Kafka reads it', () => {
    const batches = [...MemoryRecords.readableRecords(unpack(fixture.bytes)!).batches()]
    expect(batches).toHaveLength(1)
    const batch = batches[0]!
    batch.ensureValid()
    const { text, count, ...header } = fixture.batch
    const { compression, deleteHorizonMs, logAppendTime, ...options } = optionsOf(fixture)
    expect(batch).toMatchObject({ ...options, ...header, countOrNull: count })
    expect(batch.compressionType).toBe(compression.type)
    expect(batch.deleteHorizonMs).toBe(deleteHorizonMs === -1 ? null : deleteHorizonMs)
    if (logAppendTime !== -1) expect(batch.maxTimestamp).toBe(logAppendTime)
    expect(`${batch}`).toBe(text)
    expect([...batch].map(row)).toEqual(fixture.records)
  })

  test('is written as Kafka writes it', () => {
    const records = written(fixture)
    const batch = records.firstBatch()!
    batch.ensureValid()
    if (isSameBytes(fixture)) expect(pack(records.bytes)).toBe(pack(unpack(fixture.bytes)))
    expect(batch.lastSequence).toBe(fixture.batch.lastSequence)
    expect([...batch].map(row)).toEqual(fixture.records)
  })
})
