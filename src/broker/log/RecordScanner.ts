/**
 * Walks over the records of a batch without making anything of them: one object for a whole batch.
 *
 *     length │ attributes │ timestamp delta │ offset delta │ key │ value │ headers
 *     varint   1            varlong            varint        (length, bytes)…
 *
 * A broker has to look at every record a client sends (does it end where it says it does? has it a
 * key? is its time possible?) and keeps none. Making an object of each would be most of the cost of
 * a produce request, so the varints are read in place and the fields of the current record stand
 * here until the next one is read.
 *
 * I1  Nothing is read beyond the end of the bytes, and each record fills its length exactly;
 *     anything else is an `InvalidRecordException`.
 *
 * @kafka org.apache.kafka.common.record.internal.DefaultRecordBatch (skipKeyValueIterator)
 */

import { InvalidRecordException } from '../../common/errors/ApiExceptions.ts'

/** Above 28 low bits: more would leave ±2^52, where halving a folded number is still exact. */
const HIGH_LIMIT = 2 ** 25

export class RecordScanner {
  /** The record's timestamp minus the batch's base timestamp. */
  timestampDelta = 0
  /** The record's offset minus the batch's base offset. */
  offsetDelta = 0
  /** -1: no key. */
  keySize = -1
  /** The record in its batch (plain), its length field included. */
  sizeInBytes = 0
  attributes = 0
  private readonly bytes: Uint8Array
  private readonly count: number
  private at: number
  private read = 0

  /**
   * @param bytes the plain records
   * @param start where the first one begins
   * @param count how many the batch's header says there are
   */
  constructor(bytes: Uint8Array, start: number, count: number) {
    if (count < 0) {
      throw new InvalidRecordException(`Found invalid record count ${count} in a batch`)
    }
    this.bytes = bytes
    this.at = start
    this.count = count
  }

  /** Moves to the next record; `false` behind the last one. */
  next(): boolean {
    if (this.read === this.count) return false
    const from = this.at
    const length = this.varint()
    const end = this.at + length
    if (length < 0 || end > this.bytes.length) {
      throw new InvalidRecordException(
        `Invalid record size: expected ${length} bytes in record payload, but instead the buffer ` +
          `has only ${this.bytes.length - this.at} remaining bytes`,
      )
    }
    this.attributes = this.byte()
    this.timestampDelta = this.varlong()
    this.offsetDelta = this.varint()
    this.keySize = this.skipRun()
    this.skipRun()
    this.skipHeaders(end)
    if (this.at !== end) {
      throw new InvalidRecordException(
        `Invalid record size: expected to read ${length} bytes in record payload, but instead ` +
          `read ${length + this.at - end}`,
      )
    }
    this.sizeInBytes = end - from
    if (++this.read === this.count && end !== this.bytes.length) {
      throw new InvalidRecordException(
        `Incorrect declared batch size: ${this.bytes.length - end} bytes are left after ` +
          `${this.count} records`,
      )
    }
    return true
  }

  private skipHeaders(end: number): void {
    const headers = this.varint()
    if (headers < 0 || headers > end - this.at) {
      throw new InvalidRecordException(`Found invalid number of record headers ${headers}`)
    }
    for (let i = 0; i < headers; i++) {
      if (this.skipRun() < 0) throw new InvalidRecordException('Invalid negative header key size')
      this.skipRun()
    }
  }

  /** A length and that many bytes; returns the length, -1 for null. */
  private skipRun(): number {
    const length = this.varint()
    if (length < 0) return -1
    this.at += length
    if (this.at > this.bytes.length) throw this.outOfBytes()
    return length
  }

  private byte(): number {
    if (this.at >= this.bytes.length) throw this.outOfBytes()
    return this.bytes[this.at++]!
  }

  /** A zigzag number of 32 bits. */
  private varint(): number {
    const { bytes } = this
    let byte = bytes[this.at++]
    if (byte === undefined) throw this.outOfBytes()
    // Nearly all of them take one byte.
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1)
    let value = byte & 0x7f
    for (let shift = 7; ; shift += 7) {
      if (shift > 28) throw new InvalidRecordException('Varint is too long, the record is invalid')
      byte = bytes[this.at++]
      if (byte === undefined) throw this.outOfBytes()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    return (value >>> 1) ^ -(value & 1)
  }

  /**
   * A zigzag number of 64 bits, as a safe integer: low 32 bits and the rest are collected apart.
   */
  private varlong(): number {
    let low = 0
    let high = 0
    for (let shift = 0; ; shift += 7) {
      if (shift > 63) throw new InvalidRecordException('Varlong is too long, the record is invalid')
      const byte = this.byte()
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else high += bits * 2 ** (shift - 28)
      if (byte < 0x80) break
    }
    if (high >= HIGH_LIMIT) {
      throw new InvalidRecordException('A timestamp is outside ±2^52, the record is invalid')
    }
    const folded = high * 2 ** 28 + low
    return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
  }

  private outOfBytes(): InvalidRecordException {
    return new InvalidRecordException(
      `Found invalid record structure: it runs over the end of the batch's ` +
        `${this.bytes.length} bytes`,
    )
  }
}
