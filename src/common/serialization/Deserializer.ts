/**
 * What turns bytes back into a program's keys and values.
 *
 * @kafka org.apache.kafka.common.serialization.Deserializer
 * @simplified one `deserialize` with the headers last, instead of three overloads.
 */

import type { Headers } from '../header/Headers.ts'
import type { Configs } from './Serializer.ts'

export interface Deserializer<out T> {
  /**
   * Called once, when the client made this deserializer from a class; an instance that was passed
   * in is taken as it is.
   *
   * @param isKey whether it serves keys or values
   */
  configure?(configs: Configs, isKey: boolean): void
  /**
   * The value of `data`; a `SerializationException` when these bytes are none.
   *
   * `data` is a view on what was fetched: copy it (`data.slice()`) to keep a few bytes for long,
   * because the view keeps the whole fetched buffer alive.
   */
  deserialize(topic: string, data: Uint8Array | null, headers?: Headers): T | null
  /** May be called more than once. */
  close?(): void
}
