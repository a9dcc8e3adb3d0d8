/**
 * Numbers of variable length: small ones take one byte, and nobody has to know in advance how small
 * they are.
 *
 *     300 = 0b10_0101100  →  1 0101100   0 0000010
 *                            │           └ the last byte: its top bit is 0
 *                            └ seven bits at a time, the lowest first; top bit 1: more follows
 *
 * A negative number would fill all bytes with ones, so signed numbers are folded first (*zigzag*):
 * 0, -1, 1, -2, 2 become 0, 1, 2, 3, 4. Kafka uses the folded form inside record batches and the
 * plain one in the protocol.
 *
 *     kind                      width     functions
 *     unsigned varint           32 bits   readUnsignedVarint …
 *     varint (folded)           32 bits   readVarint …
 *     varlong (folded)          64 bits   readVarlong …      a `number`, checked to be safe
 *                                         readBigVarlong …   a `bigint`, all of int64
 *
 * JavaScript has no 64-bit integers beside `bigint`, which costs some 80 ns each. A varlong is
 * therefore handled as two 32-bit halves, and most, whose value fits into 32 bits, as one.
 *
 * I1  A varint has at most 5 bytes, a varlong at most 10: a longer one is an
 *     `IllegalArgumentException`, as in Java.
 * I2  A number that would lose digits is never returned: outside ±2^53 is a `SchemaException`.
 *
 * @kafka org.apache.kafka.common.utils.ByteUtils
 * @simplified no streams: bytes come from a `ByteBuffer` only. An unsigned varint is returned as
 *   what it is, 0 to 2^32 - 1; Java's `int` shows the upper half as negative numbers, which a
 *   length check then has to know.
 */

import type { ByteBuffer } from './ByteBuffer.ts'
import { IllegalArgumentException, SchemaException } from './errors.ts'

const TWO_32 = 2 ** 32

// ---- unsigned, 32 bits

/** Reads 0 to 2^32 - 1. */
export const readUnsignedVarint = (buffer: ByteBuffer): number => {
  let byte = buffer.get()
  if (byte < 0x80) return byte
  let result = byte & 0x7f
  if ((byte = buffer.get()) < 0x80) return result | (byte << 7)
  result |= (byte & 0x7f) << 7
  if ((byte = buffer.get()) < 0x80) return result | (byte << 14)
  result |= (byte & 0x7f) << 14
  if ((byte = buffer.get()) < 0x80) return result | (byte << 21)
  result |= (byte & 0x7f) << 21
  byte = buffer.get()
  // Only four bits of the fifth byte have a place; Java drops the others too.
  result |= byte << 28
  if (byte >= 0x80) throw tooLong('Varint', 5)
  return result >>> 0
}

/** Writes the 32 bits of `value`, an int or an unsigned int. */
export const writeUnsignedVarint = (value: number, buffer: ByteBuffer): void => {
  let rest = value
  while ((rest & ~0x7f) !== 0) {
    buffer.put((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  buffer.put(rest)
}

/** 1 to 5. */
export const sizeOfUnsignedVarint = (value: number): number => {
  if (value >>> 7 === 0) return 1
  if (value >>> 14 === 0) return 2
  if (value >>> 21 === 0) return 3
  return value >>> 28 === 0 ? 4 : 5
}

// ---- folded, 32 bits

export const readVarint = (buffer: ByteBuffer): number => {
  const folded = readUnsignedVarint(buffer)
  return (folded >>> 1) ^ -(folded & 1)
}

export const writeVarint = (value: number, buffer: ByteBuffer): void =>
  writeUnsignedVarint((value << 1) ^ (value >> 31), buffer)

export const sizeOfVarint = (value: number): number =>
  sizeOfUnsignedVarint((value << 1) ^ (value >> 31))

// ---- folded, 64 bits, as a number

/** Reads an int64; a `SchemaException` when it is outside ±2^53. */
export const readVarlong = (buffer: ByteBuffer): number => {
  const first = buffer.get()
  return first < 0x80 ? (first >>> 1) ^ -(first & 1) : readLongerVarlong(first, buffer)
}

/**
 * Apart from the one-byte case, so that the compiler may inline that one. Up to four bytes fit into
 * one half.
 */
const readLongerVarlong = (first: number, buffer: ByteBuffer): number => {
  let low = first & 0x7f
  for (let shift = 7; shift < 28; shift += 7) {
    const byte = buffer.get()
    low |= (byte & 0x7f) << shift
    if (byte < 0x80) return (low >>> 1) ^ -(low & 1)
  }
  return readVarlongTail(low, buffer)
}

/** The fifth byte sits across both halves; the tenth has room for one bit. */
const readVarlongTail = (low28: number, buffer: ByteBuffer): number => {
  let byte = buffer.get()
  const low = low28 | (byte << 28)
  let high = (byte & 0x7f) >>> 4
  for (let shift = 3; byte >= 0x80; shift += 7) {
    if (shift > 31) throw tooLong('Varlong', 10)
    byte = buffer.get()
    high |= (byte & 0x7f) << shift
  }
  const sign = -(low & 1)
  const value = ((high >>> 1) ^ sign) * TWO_32 + ((((low >>> 1) | (high << 31)) ^ sign) >>> 0)
  if (!Number.isSafeInteger(value)) {
    throw new SchemaException(`A varlong is outside ±2^53: about ${value}`)
  }
  return value
}

/** Writes a safe integer; anything else is an `IllegalArgumentException`. */
export const writeVarlong = (value: number, buffer: ByteBuffer): void => {
  if ((value | 0) === value) {
    writeVarint(value, buffer)
    return
  }
  let low = lowOf(value)
  let high = highOf(value)
  const sign = high >> 31
  high = ((high << 1) | (low >>> 31)) ^ sign
  low = (low << 1) ^ sign
  while (high !== 0) {
    buffer.put((low & 0x7f) | 0x80)
    low = (low >>> 7) | (high << 25)
    high >>>= 7
  }
  writeUnsignedVarint(low, buffer)
}

/** 1 to 8 for safe integers. */
export const sizeOfVarlong = (value: number): number => {
  if ((value | 0) === value) return sizeOfVarint(value)
  const low = lowOf(value)
  const signed = highOf(value)
  const high = ((signed << 1) | (low >>> 31)) ^ (signed >> 31)
  return ((70 - Math.clz32(high)) / 7) | 0
}

// ---- unsigned, 64 bits, as a number

/** Reads 0 to 2^53 - 1; a `SchemaException` above. */
export const readUnsignedVarlong = (buffer: ByteBuffer): number => {
  let value = 0
  let unit = 1
  for (let count = 1; ; count++) {
    const byte = buffer.get()
    value += (byte & 0x7f) * unit
    if (byte < 0x80) break
    if (count === 10) throw tooLong('Varlong', 10)
    unit *= 128
  }
  if (!Number.isSafeInteger(value)) {
    throw new SchemaException(`An unsigned varlong is above 2^53 - 1: about ${value}`)
  }
  return value
}

/** Writes 0 to 2^53 - 1. */
export const writeUnsignedVarlong = (value: number, buffer: ByteBuffer): void => {
  checkUnsigned(value)
  let rest = value
  while (rest >= TWO_32) {
    buffer.put((rest % 128) | 0x80)
    rest = Math.floor(rest / 128)
  }
  writeUnsignedVarint(rest, buffer)
}

export const sizeOfUnsignedVarlong = (value: number): number => {
  checkUnsigned(value)
  const high = Math.floor(value / TWO_32)
  return high === 0 ? sizeOfUnsignedVarint(value) : ((70 - Math.clz32(high)) / 7) | 0
}

// ---- 64 bits as a bigint, for fields that use them all

/** Reads an int64. */
export const readBigVarlong = (buffer: ByteBuffer): bigint => {
  const folded = readUnsignedBigVarlong(buffer)
  return (folded >> 1n) ^ -(folded & 1n)
}

/** Writes an int64; wider numbers are an `IllegalArgumentException`. */
export const writeBigVarlong = (value: bigint, buffer: ByteBuffer): void =>
  writeUnsignedBigVarlong(fold(value), buffer)

export const sizeOfBigVarlong = (value: bigint): number => sizeOfUnsignedBigVarlong(fold(value))

/** Reads 0 to 2^64 - 1. */
export const readUnsignedBigVarlong = (buffer: ByteBuffer): bigint => {
  let value = 0n
  for (let shift = 0n; ; shift += 7n) {
    if (shift > 63n) throw tooLong('Varlong', 10)
    const byte = buffer.get()
    value |= BigInt(byte & 0x7f) << shift
    // Of the tenth byte only one bit has a place.
    if (byte < 0x80) return BigInt.asUintN(64, value)
  }
}

export const writeUnsignedBigVarlong = (value: bigint, buffer: ByteBuffer): void => {
  let rest = BigInt.asUintN(64, value)
  while (rest > 0x7fn) {
    buffer.put(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  buffer.put(Number(rest))
}

export const sizeOfUnsignedBigVarlong = (value: bigint): number => {
  let size = 1
  for (let rest = BigInt.asUintN(64, value); rest > 0x7fn; rest >>= 7n) size++
  return size
}

// ---- helpers

const lowOf = (value: number): number => {
  if (!Number.isSafeInteger(value)) {
    throw new IllegalArgumentException(`A varlong needs a safe integer, got ${value}`)
  }
  return value | 0
}

const highOf = (value: number): number => Math.floor(value / TWO_32)

const fold = (value: bigint): bigint => {
  if (BigInt.asIntN(64, value) !== value) {
    throw new IllegalArgumentException(`A varlong has 64 bits, ${value} needs more`)
  }
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
}

const checkUnsigned = (value: number): void => {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new IllegalArgumentException(`An unsigned varlong needs 0 to 2^53 - 1, got ${value}`)
  }
}

const tooLong = (kind: 'Varint' | 'Varlong', bytes: number): IllegalArgumentException =>
  new IllegalArgumentException(
    `${kind} is too long: byte ${bytes}, the last it may have, says that more follow`,
  )
