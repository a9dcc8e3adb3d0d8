/**
 * Text to bytes, in UTF-8 unless `key.serializer.encoding`, `value.serializer.encoding` or
 * `serializer.encoding` says otherwise.
 *
 * @kafka org.apache.kafka.common.serialization.StringSerializer
 */

import { type Charset, configuredCharset, UTF_8 } from './charsets.ts'
import type { Configs, Serializer } from './Serializer.ts'

export class StringSerializer implements Serializer<string> {
  private charset: Charset = UTF_8

  configure(configs: Configs, isKey: boolean): void {
    this.charset = configuredCharset(configs, isKey, 'serializer')
  }

  serialize(_topic: string, data: string | null): Uint8Array | null {
    return data === null ? null : this.charset.encode(data)
  }
}
