/**
 * Bytes to the text of a UUID, in lower case and at full length: `1-2-3-4-5`, which Java takes too,
 * becomes `00000001-0002-0003-0004-000000000005`.
 *
 * The encoding is UTF-8, unless `key.deserializer.encoding`, `value.deserializer.encoding` or
 * `deserializer.encoding` says otherwise.
 *
 * @kafka org.apache.kafka.common.serialization.UUIDDeserializer
 * @simplified gives the text: JavaScript has no class for a UUID.
 */

import { type Charset, configuredCharset, UTF_8 } from './charsets.ts'
import type { Deserializer } from './Deserializer.ts'
import { described, notRead } from './refusals.ts'
import type { Configs } from './Serializer.ts'

/** Digits of the five parts. */
const WIDTHS = [8, 4, 4, 4, 12] as const
const LENGTH = 36
/** Of one part: what a Java `long` holds, whatever zeros are in front. */
const HEX = /^0*[0-7]?[0-9a-f]{0,15}$/i

export class UUIDDeserializer implements Deserializer<string> {
  private charset: Charset = UTF_8

  configure(configs: Configs, isKey: boolean): void {
    this.charset = configuredCharset(configs, isKey, 'deserializer')
  }

  deserialize(topic: string, data: Uint8Array | null): string | null {
    if (data === null) return null
    const text = this.charset.decode(data)
    const parts = text.split('-')
    if (text.length > LENGTH || parts.length !== WIDTHS.length || !parts.every(isHex)) {
      throw notRead(
        'UUID',
        'UUIDs as f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
        `${described(text)}, ${data.length} bytes,`,
        topic,
      )
    }
    return parts.map(toWidth).join('-')
  }
}

const isHex = (part: string): boolean => part !== '' && HEX.test(part)

/** What is too long loses its high digits, as in Java. */
const toWidth = (part: string, i: number): string => {
  const width = WIDTHS[i]!
  return part.slice(-width).padStart(width, '0').toLowerCase()
}
