/**
 * A `bigint` as eight bytes: the same bytes as `LongSerializer`'s, for values that a `number`
 * cannot hold, such as ids whose high bits are a time stamp.
 *
 * @kafka org.apache.kafka.common.serialization.LongSerializer
 */

import { EightBytes } from './EightBytes.ts'
import { notTaken } from './refusals.ts'
import type { Serializer } from './Serializer.ts'

export class BigLongSerializer implements Serializer<bigint> {
  private readonly scratch = new EightBytes()

  serialize(topic: string, data: bigint | null): Uint8Array | null {
    if (data === null) return null
    if (typeof data !== 'bigint' || BigInt.asIntN(64, data) !== data) {
      throw notTaken(
        'BigLong',
        'bigints of 64 bits',
        data,
        topic,
        'take LongSerializer for numbers',
      )
    }
    this.scratch.view.setBigInt64(0, data)
    return this.scratch.copy(8)
  }
}
