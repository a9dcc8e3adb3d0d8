/**
 * The words of serializers that do not take a value, and of deserializers that do not know what
 * bytes are: who says it, what it takes, what it got, for which topic, and what to do.
 */

import { SerializationException } from '../errors.ts'

/**
 * A value that cannot be written.
 *
 * @param type as `Integer`, of `IntegerSerializer`
 * @param takes what it writes
 * @param hint what to do; default nothing
 */
export const notTaken = (
  type: string,
  takes: string,
  data: unknown,
  topic: string,
  hint?: string,
): SerializationException =>
  new SerializationException(
    `${type}Serializer writes ${takes}, got ${described(data)} for topic '${topic}'` +
      (hint === undefined ? '' : `: ${hint}`),
  )

/**
 * Bytes that cannot be read: most likely another serializer wrote them.
 *
 * @param reads what `…Deserializer` reads
 * @param got what it was given instead
 */
export const notRead = (
  type: string,
  reads: string,
  got: string | number,
  topic: string,
): SerializationException =>
  new SerializationException(
    `${type}Deserializer reads ${reads}, got ${got} from topic '${topic}': did ${type}Serializer ` +
      'write them?',
  )

/**
 * What every deserializer of a fixed size checks first: other bytes would be read as a number that
 * nobody sent.
 *
 * @throws SerializationException unless `data` has `size` bytes
 */
export const checkSize = (data: Uint8Array, size: number, type: string, topic: string): void => {
  if (data.length === size) return
  throw notRead(type, size === 1 ? '1 byte' : `${size} bytes`, data.length, topic)
}

/** A value in an error message, with its type where that is the point: `'5' (string)`. */
export const described = (value: unknown): string => {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return `'${value.slice(0, 40)}' (string)`
  if (typeof value === 'bigint') return `${value}n (bigint)`
  if (value === undefined) return 'undefined'
  return typeof value === 'object' ? (value?.constructor?.name ?? 'an object') : typeof value
}
