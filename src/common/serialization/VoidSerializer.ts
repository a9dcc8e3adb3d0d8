/**
 * For keys or values that are never there: takes `null`, gives `null`.
 *
 * @kafka org.apache.kafka.common.serialization.VoidSerializer
 */

import { notTaken } from './refusals.ts'
import type { Serializer } from './Serializer.ts'

export class VoidSerializer implements Serializer<never> {
  serialize(topic: string, data: null): null {
    // Java's compiler allows nothing else; what came around ours would be lost here.
    if (data !== null) {
      throw notTaken('Void', 'null alone', data, topic, 'take the serializer of its type')
    }
    return null
  }
}
