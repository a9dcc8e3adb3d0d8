/**
 * From what was written to a value of the setting's type.
 *
 * Texts are taken everywhere, trimmed, as in a properties file: `'true'`, `' 16384 '`, `'a, b'`.
 *
 * @kafka org.apache.kafka.common.config.ConfigDef
 * @simplified a `long` is a safe integer; Java's largest long, which means "no limit", is read as
 *   the largest of ours.
 */

import type { ConfigType } from './ConfigTypes.ts'
import { Password } from './Password.ts'

export type ParsedType = { value: unknown } | { problem: string }

const LARGEST_LONG = '9223372036854775807'

/** Null stays null: whether it is allowed is the validator's business. */
export const parseType = (given: unknown, type: ConfigType): ParsedType => {
  if (given === null) return { value: null }
  const value = typeof given === 'string' ? given.trim() : given
  switch (type) {
    case 'boolean':
      return parseBoolean(value)
    case 'string':
      return typeof value === 'string' ? { value } : expected('a string', value)
    case 'password':
      if (value instanceof Password) return { value }
      return typeof value === 'string'
        ? { value: new Password(value) }
        : expected('a string', value)
    case 'short':
      return parseInteger(value, 'a 16-bit integer (short)', 2 ** 15)
    case 'int':
      return parseInteger(value, 'a 32-bit integer', 2 ** 31)
    case 'long':
      if (value === LARGEST_LONG) return { value: Number.MAX_SAFE_INTEGER }
      return parseInteger(value, 'a 64-bit integer, within ±2^53', 2 ** 53)
    case 'double':
      return parseDouble(value)
    case 'list':
      return parseList(value)
    case 'class':
      return typeof value === 'function' || typeof value === 'object'
        ? { value }
        : expected('a class or an object (names of classes cannot be looked up)', value)
  }
}

/** What a value looks like as a text, for documentation. */
export const convertToString = (value: unknown): string | null => {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return value.map(convertToString).join(',')
  if (typeof value === 'function') return value.name
  if (value instanceof Password || typeof value !== 'object') return String(value)
  return value.constructor.name
}

const expected = (what: string, value: unknown): ParsedType => ({
  problem: `expected ${what}, but it is of type ${Array.isArray(value) ? 'array' : typeof value}`,
})

const parseBoolean = (value: unknown): ParsedType => {
  if (typeof value === 'boolean') return { value }
  const text = typeof value === 'string' ? value.toLowerCase() : ''
  if (text === 'true') return { value: true }
  if (text === 'false') return { value: false }
  return { problem: 'expected either true or false' }
}

/** @param bound numbers run from `-bound` to `bound - 1` */
const parseInteger = (value: unknown, what: string, bound: number): ParsedType => {
  if (typeof value !== 'number' && typeof value !== 'string') return expected(what, value)
  if (typeof value === 'string' && !/^[+-]?\d+$/.test(value)) {
    return { problem: `expected ${what}, and this is no whole number` }
  }
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < -bound || number >= bound) {
    return { problem: `expected ${what}` }
  }
  // -0 is 0.
  return { value: number + 0 }
}

const parseDouble = (value: unknown): ParsedType => {
  if (typeof value === 'number') return { value }
  if (typeof value !== 'string') return expected('a double', value)
  const number = value === '' ? Number.NaN : Number(value)
  if (Number.isNaN(number) && value !== 'NaN') return { problem: 'expected a double' }
  return { value: number }
}

const parseList = (value: unknown): ParsedType => {
  if (Array.isArray(value)) return { value }
  if (typeof value !== 'string') return expected('a list, or a text with commas', value)
  return { value: value === '' ? [] : value.split(/\s*,\s*/) }
}
