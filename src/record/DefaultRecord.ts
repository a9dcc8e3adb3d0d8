/**
 * One record inside a batch: how it is written, and how it is read.
 *
 *     length      varint    bytes that follow
 *     attributes  int8      unused
 *     timestamp   varlong   minus the batch's base timestamp
 *     offset      varint    minus the batch's base offset
 *     key         varint length, bytes     (length -1: null)
 *     value       varint length, bytes     (length -1: null)
 *     headers     varint count, each: varint length, UTF-8 name; varint length, bytes (-1: null)
 *
 * Everything that repeats from record to record is a difference to the batch header and small
 * numbers take one byte, so a record without key costs 7 bytes beside its value.
 *
 * This is the hot path of producer and consumer. Writing goes straight into the batch's buffer; all
 * sizes are known before the first byte, so the buffer is asked for room once. Reading gives an
 * object that remembers *where* key, value and headers are: a view on the bytes is made when
 * somebody asks, a header's name decoded when somebody reads it. Whoever looks at one record after
 * the other, as a consumer does, has the same object filled again for each.
 *
 * I1  What is written takes exactly the bytes that `sizeInBytes` said.
 * I2  A record that was read lies inside its batch: each length was checked against the bytes left,
 *     and the fields fill the record's length exactly. Its offset and its timestamp are safe
 *     integers. Whatever else is an `InvalidRecordException`.
 * I3  No length from the wire sizes an allocation.
 *
 * @kafka org.apache.kafka.common.record.internal.DefaultRecord
 * @simplified `PartialDefaultRecord`, which skips key and value while it reads a compressed stream,
 *   has no counterpart: nothing is materialised here unless it is asked for.
 */

import { ByteBuffer } from '../common/ByteBuffer.ts'
import {
  readVarint,
  readVarlong,
  sizeOfVarint,
  sizeOfVarlong,
  writeVarlong,
} from '../common/ByteUtils.ts'
import { InvalidRecordException } from '../common/errors/ApiExceptions.ts'
import {
  BufferUnderflowException,
  IllegalArgumentException,
  SchemaException,
} from '../common/errors.ts'
import type { Header } from '../common/header/Header.ts'
import { RecordHeader } from '../common/header/RecordHeader.ts'
import { utf8Length, utf8Write } from '../common/utf8.ts'
import type { RecordOutputStream } from './compress/Codec.ts'
import { incrementSequence, RecordBatch } from './RecordBatch.ts'
import { EMPTY_HEADERS } from './SimpleRecord.ts'

/** What a record's differences refer to: fields of its batch header. */
export interface RecordBase {
  readonly baseOffset: number
  readonly baseTimestamp: number
  readonly baseSequence: number
  /** The timestamp of every record in the batch, or `null` when each has its own. */
  readonly logAppendTime: number | null
}

const NO_BYTES = new Uint8Array(0)

export class DefaultRecord {
  /** Length 5, attributes 1, timestamp 10, offset 5: at most so many bytes beside the rest. */
  static readonly MAX_RECORD_OVERHEAD = 21

  /** Bytes of the record in its batch (plain), its length field included. */
  sizeInBytes = 0
  attributes = 0
  offset = 0
  /** Milliseconds since 1970, or -1. */
  timestamp: number = RecordBatch.NO_TIMESTAMP
  /** -1 when the producer is not idempotent. */
  sequence: number = RecordBatch.NO_SEQUENCE
  /** Bytes of the key; -1: null. */
  keySize = -1
  /** Bytes of the value; -1: null. */
  valueSize = -1
  private headerCount = 0
  private bytes: Uint8Array = NO_BYTES
  private keyStart = 0
  private valueStart = 0
  private headersStart = 0

  /** Only `readFrom` makes one. */
  private constructor() {}

  /**
   * Reads the fields in their order; `buffer` stands behind the length, `bodySize` is the length.
   */
  private read(buffer: ByteBuffer, bodySize: number, base: RecordBase): void {
    const start = buffer.position
    this.bytes = buffer.bytes
    this.sizeInBytes = sizeOfVarint(bodySize) + bodySize
    this.attributes = buffer.get()
    const timestamp = base.baseTimestamp + readVarlong(buffer)
    this.timestamp = base.logAppendTime ?? timestamp
    const offsetDelta = readVarint(buffer)
    this.offset = base.baseOffset + offsetDelta
    if (!Number.isSafeInteger(this.timestamp) || !Number.isSafeInteger(this.offset)) {
      throw new SchemaException(
        `Timestamp or offset is outside ±2^53: about ${this.timestamp}, ${this.offset}`,
      )
    }
    this.sequence =
      base.baseSequence >= 0
        ? incrementSequence(base.baseSequence, offsetDelta)
        : RecordBatch.NO_SEQUENCE
    const keySize = readVarint(buffer)
    this.keySize = keySize < 0 ? -1 : keySize
    this.keyStart = buffer.position
    if (keySize > 0) buffer.skip(keySize)
    const valueSize = readVarint(buffer)
    this.valueSize = valueSize < 0 ? -1 : valueSize
    this.valueStart = buffer.position
    if (valueSize > 0) buffer.skip(valueSize)
    this.headerCount = readVarint(buffer)
    this.headersStart = buffer.position
    if (this.headerCount !== 0) skipHeaders(buffer, this.headerCount)
    if (buffer.position - start !== bodySize) {
      throw new InvalidRecordException(
        `Invalid record size: expected to read ${bodySize} bytes in record payload, ` +
          `but instead read ${buffer.position - start}`,
      )
    }
  }

  // ---- writing

  /**
   * Writes a record behind what is in `out`, and returns its size (I1).
   *
   * @param offsetDelta its offset minus the batch's base offset
   * @param timestampDelta its timestamp minus the batch's base timestamp
   */
  static writeTo(
    out: RecordOutputStream,
    offsetDelta: number,
    timestampDelta: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[],
  ): number {
    const bodySize = DefaultRecord.sizeOfBodyInBytes(
      offsetDelta,
      timestampDelta,
      key === null ? -1 : key.length,
      value === null ? -1 : value.length,
      headers,
    )
    const size = sizeOfVarint(bodySize) + bodySize
    out.ensureRemaining(size)
    const buffer = out.buffer()
    const { bytes } = buffer
    let at = putVarint(bodySize, bytes, buffer.position)
    bytes[at++] = 0
    if (timestampDelta >= 0 && timestampDelta < 64) {
      bytes[at++] = timestampDelta << 1
    } else {
      buffer.position = at
      writeVarlong(timestampDelta, buffer)
      at = buffer.position
    }
    at = putVarint(offsetDelta, bytes, at)
    at = putNullable(key, bytes, at)
    at = putNullable(value, bytes, at)
    at = putVarint(headers.length, bytes, at)
    if (headers.length > 0) at = putHeaders(headers, bytes, at)
    buffer.position = at
    return size
  }

  /** Bytes of a record in its batch, its length field included. */
  static sizeInBytes(
    offsetDelta: number,
    timestampDelta: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[],
  ): number {
    const bodySize = DefaultRecord.sizeOfBodyInBytes(
      offsetDelta,
      timestampDelta,
      key === null ? -1 : key.length,
      value === null ? -1 : value.length,
      headers,
    )
    return sizeOfVarint(bodySize) + bodySize
  }

  /** What the length field says. Sizes of key and value: -1 for null. */
  static sizeOfBodyInBytes(
    offsetDelta: number,
    timestampDelta: number,
    keySize: number,
    valueSize: number,
    headers: readonly Header[],
  ): number {
    return (
      1 +
      sizeOfVarlong(timestampDelta) +
      sizeOfVarint(offsetDelta) +
      sizeOf(keySize, valueSize, headers)
    )
  }

  /** Bytes that suffice for a record, whatever its offset and timestamp turn out to be. */
  static recordSizeUpperBound(
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[],
  ): number {
    const keySize = key === null ? -1 : key.length
    const valueSize = value === null ? -1 : value.length
    return DefaultRecord.MAX_RECORD_OVERHEAD + sizeOf(keySize, valueSize, headers)
  }

  // ---- reading

  /**
   * The record at `buffer`'s position, which moves behind it. It keeps a reference to the bytes.
   *
   * @param into a record that nobody needs any more, to be filled anew; default: a new one
   * @throws InvalidRecordException when the bytes there are no record (I2)
   */
  static readFrom(
    buffer: ByteBuffer,
    base: RecordBase,
    into: DefaultRecord = new DefaultRecord(),
  ): DefaultRecord {
    try {
      const bodySize = readVarint(buffer)
      if (bodySize > buffer.remaining()) throw cutOff(bodySize, buffer)
      into.read(buffer, bodySize, base)
      return into
    } catch (error) {
      throw asInvalidRecord(error)
    }
  }

  get hasKey(): boolean {
    return this.keySize >= 0
  }

  get hasValue(): boolean {
    return this.valueSize >= 0
  }

  /**
   * A view on the batch's bytes, made anew each time. It keeps all those bytes alive: copy to keep.
   */
  get key(): Uint8Array | null {
    return this.viewOf(this.keyStart, this.keySize)
  }

  /**
   * A view on the batch's bytes, made anew each time. It keeps all those bytes alive: copy to keep.
   */
  get value(): Uint8Array | null {
    return this.viewOf(this.valueStart, this.valueSize)
  }

  /** Made anew each time, names not yet decoded. */
  get headers(): readonly Header[] {
    if (this.headerCount === 0) return EMPTY_HEADERS
    const buffer = ByteBuffer.wrap(this.bytes)
    buffer.position = this.headersStart
    const headers: Header[] = []
    for (let i = 0; i < this.headerCount; i++) {
      const name = buffer.getBytes(readVarint(buffer))
      const valueSize = readVarint(buffer)
      headers.push(new RecordHeader(name, valueSize < 0 ? null : buffer.getBytes(valueSize)))
    }
    return headers
  }

  toString(): string {
    return (
      `DefaultRecord(offset=${this.offset}, timestamp=${this.timestamp}, ` +
      `key=${this.keySize} bytes, value=${this.valueSize} bytes)`
    )
  }

  private viewOf(start: number, size: number): Uint8Array | null {
    if (size < 0) return null
    // Half the cost of `subarray`, which has to ask the array for its class first.
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + start, size)
  }
}

// ---- writing, the parts

/**
 * `ByteUtils.writeVarint` without the buffer's position, which a whole record moves only once.
 * Returns the index behind it.
 */
const putVarint = (value: number, bytes: Uint8Array, index: number): number => {
  let at = index
  let rest = (value << 1) ^ (value >> 31)
  while ((rest & ~0x7f) !== 0) {
    bytes[at++] = rest | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

const putNullable = (source: Uint8Array | null, bytes: Uint8Array, index: number): number => {
  if (source === null) return putVarint(-1, bytes, index)
  const at = putVarint(source.length, bytes, index)
  bytes.set(source, at)
  return at + source.length
}

const putHeaders = (headers: readonly Header[], bytes: Uint8Array, index: number): number => {
  let at = index
  // Most records have none, and even then `for … of` would make an iterator.
  for (let i = 0; i < headers.length; i++) {
    const { key, value } = headers[i]!
    at = putVarint(utf8Length(key), bytes, at)
    at += utf8Write(key, bytes, at)
    at = putNullable(value, bytes, at)
  }
  return at
}

/** Bytes of everything behind the offset. */
const sizeOf = (keySize: number, valueSize: number, headers: readonly Header[]): number => {
  let size = sizeOfNullable(keySize) + sizeOfNullable(valueSize) + sizeOfVarint(headers.length)
  for (let i = 0; i < headers.length; i++) {
    const { key, value } = headers[i]!
    if (key === null || key === undefined) {
      throw new IllegalArgumentException('Invalid null header key found in headers')
    }
    size += sizeOfNullable(utf8Length(key)) + sizeOfNullable(value === null ? -1 : value.length)
  }
  return size
}

/** A length and that many bytes; -1 takes one byte, as every length below 64 does. */
const sizeOfNullable = (size: number): number => (size < 0 ? 1 : sizeOfVarint(size) + size)

// ---- reading, the parts

/** Checks each length without making anything of the bytes. */
const skipHeaders = (buffer: ByteBuffer, count: number): void => {
  if (count < 0) {
    throw new InvalidRecordException(`Found invalid number of record headers ${count}`)
  }
  if (count > buffer.remaining()) {
    throw new InvalidRecordException(
      `Found invalid number of record headers. ${count} is larger than the remaining size ` +
        `of the buffer, ${buffer.remaining()}`,
    )
  }
  for (let i = 0; i < count; i++) {
    const keySize = readVarint(buffer)
    if (keySize < 0) {
      throw new InvalidRecordException(`Invalid negative header key size ${keySize}`)
    }
    buffer.skip(keySize)
    const valueSize = readVarint(buffer)
    if (valueSize > 0) buffer.skip(valueSize)
  }
}

const cutOff = (bodySize: number, buffer: ByteBuffer): InvalidRecordException =>
  new InvalidRecordException(
    `Invalid record size: expected ${bodySize} bytes in record payload, but instead the buffer ` +
      `has only ${buffer.remaining()} remaining bytes`,
  )

/** Running out of bytes, a varint without end, a time beyond ±2^53: no record stands there. */
const asInvalidRecord = (error: unknown): unknown =>
  error instanceof BufferUnderflowException ||
  error instanceof IllegalArgumentException ||
  error instanceof SchemaException
    ? new InvalidRecordException(`Found invalid record structure: ${error.message}`, {
        cause: error,
      })
    : error
