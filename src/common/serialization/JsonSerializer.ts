/**
 * A value as JSON, in UTF-8: for programs that speak JSON anyway and want it typed.
 *
 *     'value.serializer': new JsonSerializer<Order>()
 *
 * What JSON cannot say is refused where JavaScript refuses it: `undefined`, functions, `bigint`,
 * circles. Where JavaScript is silent (`NaN` becomes `null`, a `Date` a text, a `Map` `{}`) a
 * `replacer` can be strict, or write something better.
 *
 * Kafka's clients have no JSON serializer; Kafka Connect's writes a schema as well.
 */

import { SerializationException } from '../errors.ts'
import { utf8Bytes } from '../utf8.ts'
import { described } from './refusals.ts'
import type { Serializer } from './Serializer.ts'

export interface JsonSerializerOptions {
  /** As `JSON.stringify`'s: what it returns for a member is written in its place. */
  readonly replacer?: (this: unknown, key: string, value: unknown) => unknown
}

export class JsonSerializer<T = unknown> implements Serializer<T> {
  private readonly replacer: JsonSerializerOptions['replacer']

  constructor({ replacer }: JsonSerializerOptions = {}) {
    this.replacer = replacer
  }

  /** `null` stays `null`, a tombstone; it is not the text `null`. */
  serialize(topic: string, data: T | null): Uint8Array | null {
    if (data === null) return null
    let text: string | undefined
    try {
      text = JSON.stringify(data, this.replacer)
    } catch (error) {
      throw cannotWrite(topic, data, error instanceof Error ? error.message : String(error), error)
    }
    if (text === undefined) throw cannotWrite(topic, data, 'JSON has nothing for it', undefined)
    return utf8Bytes(text)
  }
}

const cannotWrite = (
  topic: string,
  data: unknown,
  why: string,
  cause: unknown,
): SerializationException =>
  new SerializationException(
    `JsonSerializer cannot write ${described(data)} for topic '${topic}': ${why}`,
    { cause },
  )
