/**
 * The two deserializers of a consumer, kept together because they are made, used and closed
 * together.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.Deserializers
 */

import { KafkaException } from '../../common/errors.ts'
import type { Deserializer } from '../../common/serialization/Deserializer.ts'

export class Deserializers<K, V> {
  readonly keyDeserializer: Deserializer<K>
  readonly valueDeserializer: Deserializer<V>

  constructor(keyDeserializer: Deserializer<K>, valueDeserializer: Deserializer<V>) {
    this.keyDeserializer = keyDeserializer
    this.valueDeserializer = valueDeserializer
  }

  /** Closes both, also when the first one throws. */
  close(): void {
    const failures: unknown[] = []
    for (const deserializer of [this.keyDeserializer, this.valueDeserializer]) {
      try {
        deserializer.close?.()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) {
      throw new KafkaException(`Failed to close ${this}`, { cause: failures[0] })
    }
  }

  toString(): string {
    const key = this.keyDeserializer.constructor.name
    const value = this.valueDeserializer.constructor.name
    return `Deserializers{keyDeserializer=${key}, valueDeserializer=${value}}`
  }
}
