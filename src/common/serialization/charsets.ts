/**
 * The text encodings that a string (de)serializer can be configured to, under Java's names.
 *
 * UTF-8 is the one to use. The others are here because topics exist that were written with them:
 * Java's `UTF-16` writes a byte order mark and the high byte first, and reads either order.
 *
 * @kafka java.nio.charset.StandardCharsets
 */

import { SerializationException } from '../errors.ts'
import { utf8Bytes, utf8Read } from '../utf8.ts'
import type { Configs } from './Serializer.ts'

export interface Charset {
  readonly name: string
  encode(text: string): Uint8Array
  decode(bytes: Uint8Array): string
}

const REPLACEMENT = '\uFFFD'

export const UTF_8: Charset = {
  name: 'UTF-8',
  encode: utf8Bytes,
  decode: (bytes) => utf8Read(bytes, 0, bytes.length),
}

/** One byte per character; characters above `max` are written as `?`. */
const singleByte = (name: string, max: number): Charset => ({
  name,
  encode: (text) =>
    Uint8Array.from(text, (character) => {
      const point = character.codePointAt(0)!
      return point <= max ? point : 0x3f
    }),
  decode: (bytes) => {
    let text = ''
    for (const byte of bytes) text += byte <= max ? String.fromCharCode(byte) : REPLACEMENT
    return text
  },
})

/** @param low where the low byte of a unit stands: 0 for little, 1 for big endian */
const encodeUtf16 = (text: string, low: 0 | 1, mark: boolean): Uint8Array => {
  const units = mark ? `\uFEFF${text}` : text
  const bytes = new Uint8Array(units.length * 2)
  for (let i = 0; i < units.length; i++) {
    const unit = units.charCodeAt(i)
    bytes[2 * i + low] = unit
    bytes[2 * i + 1 - low] = unit >>> 8
  }
  return bytes
}

const decodeUtf16 = (bytes: Uint8Array, low: 0 | 1): string => {
  let text = ''
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    text += String.fromCharCode(bytes[i + low]! | (bytes[i + 1 - low]! << 8))
  }
  // A broken pair, or half a unit at the end, is a replacement character each.
  return (
    text.replace(/[\uD800-\uDFFF]/gu, REPLACEMENT) + (bytes.length % 2 === 1 ? REPLACEMENT : '')
  )
}

const utf16 = (name: string, low: 0 | 1): Charset => ({
  name,
  encode: (text) => encodeUtf16(text, low, false),
  decode: (bytes) => decodeUtf16(bytes, low),
})

const UTF_16: Charset = {
  name: 'UTF-16',
  encode: (text) => (text === '' ? new Uint8Array(0) : encodeUtf16(text, 1, true)),
  decode: (bytes) => {
    if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeUtf16(bytes.subarray(2), 1)
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeUtf16(bytes.subarray(2), 0)
    return decodeUtf16(bytes, 1)
  },
}

const CHARSETS: Readonly<Record<string, Charset>> = {
  'UTF-8': UTF_8,
  UTF8: UTF_8,
  'UTF-16': UTF_16,
  'UTF-16BE': utf16('UTF-16BE', 1),
  'UTF-16LE': utf16('UTF-16LE', 0),
  'ISO-8859-1': singleByte('ISO-8859-1', 0xff),
  'US-ASCII': singleByte('US-ASCII', 0x7f),
  ASCII: singleByte('US-ASCII', 0x7f),
}

/**
 * The charset that settings such as `key.serializer.encoding` or `serializer.encoding` name; the
 * first takes precedence.
 *
 * @param what `serializer` or `deserializer`
 */
export const configuredCharset = (
  configs: Configs,
  isKey: boolean,
  what: 'serializer' | 'deserializer',
): Charset => {
  const setting = `${isKey ? 'key' : 'value'}.${what}.encoding`
  const name = configs[setting] ?? configs[`${what}.encoding`]
  if (typeof name !== 'string') return UTF_8
  const charset = CHARSETS[name.toUpperCase()]
  if (charset === undefined) {
    const known = [...new Set(Object.values(CHARSETS).map((c) => c.name))].join(', ')
    throw new SerializationException(
      `Unsupported encoding '${name}' in ${setting} or ${what}.encoding: known are ${known}`,
    )
  }
  return charset
}
