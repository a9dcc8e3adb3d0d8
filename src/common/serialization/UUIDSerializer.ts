/**
 * A UUID as its text, `f81d4fae-7dec-11d0-a765-00a0c91e6bf6`: 36 bytes in UTF-8, or whatever
 * `key.serializer.encoding`, `value.serializer.encoding` or `serializer.encoding` says.
 *
 * @kafka org.apache.kafka.common.serialization.UUIDSerializer
 * @simplified takes the text, as `crypto.randomUUID()` gives it: JavaScript has no class for a
 *   UUID. (Kafka's own `Uuid`, of topics, is written otherwise.)
 */

import { type Charset, configuredCharset, UTF_8 } from './charsets.ts'
import { notTaken } from './refusals.ts'
import type { Configs, Serializer } from './Serializer.ts'

const CANONICAL = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export class UUIDSerializer implements Serializer<string> {
  private charset: Charset = UTF_8

  configure(configs: Configs, isKey: boolean): void {
    this.charset = configuredCharset(configs, isKey, 'serializer')
  }

  /** Written in lower case, as Java does. */
  serialize(topic: string, data: string | null): Uint8Array | null {
    if (data === null) return null
    if (typeof data !== 'string' || !CANONICAL.test(data)) {
      throw notTaken('UUID', 'UUIDs as f81d4fae-7dec-11d0-a765-00a0c91e6bf6', data, topic)
    }
    return this.charset.encode(data.toLowerCase())
  }
}
