/**
 * Text to bytes, in UTF-8 unless `key.serializer.encoding`, `value.serializer.encoding` or
 * `serializer.encoding` says otherwise.
 *
 * @kafka org.apache.kafka.common.serialization.StringSerializer
 */

import { SerializationException } from '../errors.ts'
import { type Charset, configuredCharset, UTF_8 } from './charsets.ts'
import type { Configs, Serializer } from './Serializer.ts'

export class StringSerializer implements Serializer<string> {
  private charset: Charset = UTF_8

  configure(configs: Configs, isKey: boolean): void {
    this.charset = configuredCharset(configs, isKey, 'serializer')
  }

  serialize(_topic: string, data: string | null): Uint8Array | null {
    if (data === null) return null
    // Without this an object, which has no length, would be written as no bytes, and be lost there.
    if (typeof data !== 'string') {
      throw new SerializationException(
        `StringSerializer writes strings, got ${typeof data}: make one of it first, for example ` +
          'with String() or JSON.stringify(), or take the serializer of its type',
      )
    }
    return this.charset.encode(data)
  }
}
