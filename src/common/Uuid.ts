/**
 * 16 bytes that name something once and for ever: since Kafka 2.8 every topic has such an id beside
 * its name, so that a topic deleted and made again under the same name is another topic.
 *
 * Written as URL-safe base64 without padding, 22 characters:
 * `Uuid.fromString('AAAAAAAAAAAAAAAAAAAAAQ')`.
 *
 * JavaScript's maps compare objects by identity, so maps are keyed by `toString()`, which is
 * computed once.
 *
 * @kafka org.apache.kafka.common.Uuid
 * @simplified 16 bytes instead of two longs: nothing computes with them, and a `bigint` is slow.
 */

import { IllegalArgumentException } from './errors.ts'
import type { Random } from './Random.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const LENGTH = 16

export class Uuid {
  /** "No id": what a field holds that has none. */
  static readonly ZERO_UUID = new Uuid(new Uint8Array(LENGTH))
  /** The id of the metadata topic of a controller. */
  static readonly ONE_UUID = new Uuid(new Uint8Array(LENGTH).fill(1, LENGTH - 1))
  static readonly METADATA_TOPIC_ID = Uuid.ONE_UUID
  /** Ids that `randomUuid` does not give. */
  static readonly RESERVED: readonly Uuid[] = [Uuid.ZERO_UUID, Uuid.ONE_UUID]

  /** To be read only: the value must not change. */
  readonly bytes: Uint8Array
  /** Made once, when first asked for; not a field that two equal ids could differ in. */
  #text: string | undefined

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** The 16 bytes from `offset` on, copied. */
  static fromBytes(bytes: Uint8Array, offset = 0): Uuid {
    if (offset < 0 || bytes.length - offset < LENGTH) {
      throw new IllegalArgumentException(
        `A uuid has ${LENGTH} bytes, got ${Math.max(0, bytes.length - offset)}`,
      )
    }
    return new Uuid(bytes.slice(offset, offset + LENGTH))
  }

  /**
   * A version-4 UUID (122 random bits), none of `RESERVED`, and none whose text looks like an
   * option (`-x`).
   */
  static randomUuid(random: Random): Uuid {
    for (;;) {
      const bytes = random.nextBytes(LENGTH)
      bytes[6] = (bytes[6]! & 0x0f) | 0x40
      bytes[8] = (bytes[8]! & 0x3f) | 0x80
      const uuid = new Uuid(bytes)
      if (!uuid.isReserved() && !uuid.toString().startsWith('-')) return uuid
    }
  }

  /** Reads what `toString` writes; one or two `=` at the end are allowed. */
  static fromString(text: string): Uuid {
    if (text.length > 24) {
      throw new IllegalArgumentException(
        `A uuid has 22 characters of base64; '${text.slice(0, 24)}…' is too long`,
      )
    }
    const bytes = fromBase64(text)
    if (bytes.length !== LENGTH) {
      throw new IllegalArgumentException(
        `A uuid has ${LENGTH} bytes; '${text}' decodes to ${bytes.length}`,
      )
    }
    return new Uuid(bytes)
  }

  equals(other: Uuid): boolean {
    return this === other || this.compareTo(other) === 0
  }

  /** Orders as Java does: two signed 64-bit numbers, the high one first. */
  compareTo(other: Uuid): -1 | 0 | 1 {
    for (let i = 0; i < LENGTH; i++) {
      // The first byte of each half carries its sign.
      const flip = i % 8 === 0 ? 0x80 : 0
      const difference = (this.bytes[i]! ^ flip) - (other.bytes[i]! ^ flip)
      if (difference !== 0) return difference < 0 ? -1 : 1
    }
    return 0
  }

  isReserved(): boolean {
    return Uuid.RESERVED.some((reserved) => reserved.equals(this))
  }

  toString(): string {
    return (this.#text ??= toBase64(this.bytes))
  }

  toJSON(): string {
    return this.toString()
  }
}

const toBase64 = (bytes: Uint8Array): string => {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += ALPHABET[bits >>> 18]! + ALPHABET[(bits >>> 12) & 63]!
    if (left > 1) text += ALPHABET[(bits >>> 6) & 63]!
    if (left > 2) text += ALPHABET[bits & 63]!
  }
  return text
}

const fromBase64 = (padded: string): Uint8Array => {
  const text = padded.replace(/={1,2}$/, '')
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let have = 0
  let at = 0
  for (const character of text) {
    const value = ALPHABET.indexOf(character)
    if (value < 0) {
      throw new IllegalArgumentException(
        `'${character}' in uuid '${padded}' is no character of URL-safe base64`,
      )
    }
    bits = ((bits << 6) | value) & 0xffff
    have += 6
    if (have >= 8) {
      have -= 8
      bytes[at++] = bits >>> have
    }
  }
  return bytes
}
