/**
 * Bytes as a value: to be compared, put in order, printed.
 *
 * JavaScript's maps compare objects by identity, so maps are keyed by `toString()`, which differs
 * for different bytes.
 *
 * @kafka org.apache.kafka.common.utils.Bytes
 * @simplified no hash code, for nothing here hashes objects, and no `increment`, which Kafka's
 *   clients do not use.
 */

import { IllegalArgumentException } from './errors.ts'

export class Bytes {
  static readonly EMPTY: Uint8Array = new Uint8Array(0)
  private readonly bytes: Uint8Array

  /** @param bytes kept, not copied: who changes them changes this value */
  constructor(bytes: Uint8Array) {
    if (!(bytes instanceof Uint8Array)) {
      throw new IllegalArgumentException(`Bytes are made from a Uint8Array, not from ${bytes}`)
    }
    this.bytes = bytes
  }

  /** `null` for `null`. */
  static wrap(bytes: Uint8Array): Bytes
  static wrap(bytes: Uint8Array | null): Bytes | null
  static wrap(bytes: Uint8Array | null): Bytes | null {
    return bytes === null ? null : new Bytes(bytes)
  }

  /** The bytes themselves, not a copy. */
  get(): Uint8Array {
    return this.bytes
  }

  equals(other: Bytes): boolean {
    return this === other || this.compareTo(other) === 0
  }

  /** Byte by byte, unsigned; what is only longer comes after. */
  compareTo(other: Bytes): number {
    const [a, b] = [this.bytes, other.bytes]
    const shared = Math.min(a.length, b.length)
    for (let i = 0; i < shared; i++) {
      if (a[i] !== b[i]) return a[i]! - b[i]!
    }
    return a.length - b.length
  }

  /** As ASCII where that can be printed, else as `\x0A`. */
  toString(): string {
    let text = ''
    for (const byte of this.bytes) {
      const printable = byte >= 0x20 && byte <= 0x7e && byte !== BACKSLASH
      text += printable
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`
    }
    return text
  }
}

const BACKSLASH = 0x5c
