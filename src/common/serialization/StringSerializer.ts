/**
 * Text to bytes, in UTF-8 unless `key.serializer.encoding`, `value.serializer.encoding` or
 * `serializer.encoding` says otherwise.
 *
 * @kafka org.apache.kafka.common.serialization.StringSerializer
 */

import { type Charset, configuredCharset, UTF_8 } from './charsets.ts'
import { notTaken } from './refusals.ts'
import type { Configs, Serializer } from './Serializer.ts'

export class StringSerializer implements Serializer<string> {
  private charset: Charset = UTF_8

  configure(configs: Configs, isKey: boolean): void {
    this.charset = configuredCharset(configs, isKey, 'serializer')
  }

  serialize(topic: string, data: string | null): Uint8Array | null {
    if (data === null) return null
    // Without this an object, which has no length, would be written as no bytes, and be lost there.
    if (typeof data !== 'string') {
      throw notTaken(
        'String',
        'strings',
        data,
        topic,
        'make one of it first, for example with String() or JSON.stringify(), or take the ' +
          'serializer of its type',
      )
    }
    return this.charset.encode(data)
  }
}
