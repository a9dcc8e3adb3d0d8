/**
 * One byte: 1 for true, 0 for false.
 *
 * @kafka org.apache.kafka.common.serialization.BooleanSerializer
 */

import { notTaken } from './refusals.ts'
import type { Serializer } from './Serializer.ts'

export class BooleanSerializer implements Serializer<boolean> {
  serialize(topic: string, data: boolean | null): Uint8Array | null {
    if (data === null) return null
    // `'false'` is true in JavaScript: nothing but a boolean is taken for one.
    if (typeof data !== 'boolean') {
      throw notTaken('Boolean', 'true and false', data, topic)
    }
    return Uint8Array.of(data ? 1 : 0)
  }
}
