/**
 * JSON back to a value; and, with `validate`, to a value of which one knows what it is.
 *
 *     'value.deserializer': new JsonDeserializer({ validate: (value) => Order.parse(value) })
 *
 * The bytes in a topic are whatever somebody wrote there, so a type alone is a hope. `validate`
 * takes what was read and returns it, or something made of it, or throws: any schema library fits.
 *
 * Kafka's clients have no JSON deserializer; Kafka Connect's reads a schema as well.
 */

import { SerializationException } from '../errors.ts'
import { utf8Read } from '../utf8.ts'
import type { Deserializer } from './Deserializer.ts'

export interface JsonDeserializerOptions<T> {
  /** As `JSON.parse`'s: what it returns for a member takes its place; runs before `validate`. */
  readonly reviver?: (this: unknown, key: string, value: unknown) => unknown
  /** Makes a `T` of what was read, or throws. Default: it is believed to be one. */
  readonly validate?: (value: unknown) => T
}

export class JsonDeserializer<T = unknown> implements Deserializer<T> {
  private readonly reviver: JsonDeserializerOptions<T>['reviver']
  private readonly validate: JsonDeserializerOptions<T>['validate']

  constructor({ reviver, validate }: JsonDeserializerOptions<T> = {}) {
    this.reviver = reviver
    this.validate = validate
  }

  deserialize(topic: string, data: Uint8Array | null): T | null {
    if (data === null) return null
    const text = utf8Read(data, 0, data.length)
    const bytes = `The ${data.length} bytes of a record of topic '${topic}'`
    const value = attempt(`${bytes} are no JSON`, () => JSON.parse(text, this.reviver))
    const { validate } = this
    if (validate === undefined) return value as T
    return attempt(`${bytes} are JSON, but not what was expected`, () => validate(value))
  }
}

/** Runs `step`; what it throws becomes a `SerializationException` that says `what`. */
const attempt = <R>(what: string, step: () => R): R => {
  try {
    return step()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SerializationException(`${what}: ${why}`, { cause: error })
  }
}
