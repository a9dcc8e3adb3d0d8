/**
 * Bytes to text, from UTF-8 unless `key.deserializer.encoding`, `value.deserializer.encoding` or
 * `deserializer.encoding` says otherwise. Malformed bytes become U+FFFD, as in Java.
 *
 * @kafka org.apache.kafka.common.serialization.StringDeserializer
 */

import { type Charset, configuredCharset, UTF_8 } from './charsets.ts'
import type { Deserializer } from './Deserializer.ts'
import type { Configs } from './Serializer.ts'

export class StringDeserializer implements Deserializer<string> {
  private charset: Charset = UTF_8

  configure(configs: Configs, isKey: boolean): void {
    this.charset = configuredCharset(configs, isKey, 'deserializer')
  }

  deserialize(_topic: string, data: Uint8Array | null): string | null {
    return data === null ? null : this.charset.decode(data)
  }
}
