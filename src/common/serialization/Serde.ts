/**
 * A serializer and the deserializer that reads what it writes.
 *
 * @kafka org.apache.kafka.common.serialization.Serde
 */

import type { Deserializer } from './Deserializer.ts'
import type { Configs, Serializer } from './Serializer.ts'

export interface Serde<T> {
  serializer(): Serializer<T>
  deserializer(): Deserializer<T>
  /** Configures both. */
  configure?(configs: Configs, isKey: boolean): void
  /** Closes both. */
  close?(): void
}
