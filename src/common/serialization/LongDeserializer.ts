/**
 * Eight bytes to a whole number.
 *
 * @kafka org.apache.kafka.common.serialization.LongDeserializer
 * @simplified gives a `number`; what is outside ±2^53 is a `SerializationException`, never a
 *   rounded value. `BigLongDeserializer` reads all 64 bits.
 */

import { SerializationException } from '../errors.ts'
import type { Deserializer } from './Deserializer.ts'
import { EightBytes } from './EightBytes.ts'
import { checkSize } from './refusals.ts'

const TWO_32 = 2 ** 32

export class LongDeserializer implements Deserializer<number> {
  private readonly scratch = new EightBytes()

  deserialize(topic: string, data: Uint8Array | null): number | null {
    if (data === null) return null
    checkSize(data, 8, 'Long', topic)
    const view = this.scratch.load(data)
    const number = view.getInt32(0) * TWO_32 + view.getUint32(4)
    if (!Number.isSafeInteger(number)) {
      throw new SerializationException(
        `LongDeserializer reads numbers within ±2^53, got ${view.getBigInt64(0)} from topic ` +
          `'${topic}': take BigLongDeserializer, which gives bigint`,
      )
    }
    return number
  }
}
