/**
 * Eight bytes to a `bigint`: every value of Java's `long`.
 *
 * @kafka org.apache.kafka.common.serialization.LongDeserializer
 */

import type { Deserializer } from './Deserializer.ts'
import { EightBytes } from './EightBytes.ts'
import { checkSize } from './refusals.ts'

export class BigLongDeserializer implements Deserializer<bigint> {
  private readonly scratch = new EightBytes()

  deserialize(topic: string, data: Uint8Array | null): bigint | null {
    if (data === null) return null
    checkSize(data, 8, 'BigLong', topic)
    return this.scratch.load(data).getBigInt64(0)
  }
}
