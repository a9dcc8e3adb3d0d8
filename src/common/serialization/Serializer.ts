/**
 * What turns a program's keys and values into bytes, on the way of a record.
 *
 * Synchronous, because `KafkaProducer.send` reaches the batch without a pause. A serializer that
 * needs something from elsewhere (a schema, say) fetches it before, or fails with a
 * `SerializationException`.
 *
 * @kafka org.apache.kafka.common.serialization.Serializer
 * @simplified one `serialize` with the headers last, instead of two overloads.
 */

import type { Headers } from '../header/Headers.ts'

/** A client's settings as given, what is unknown to the client included. */
export type Configs = Readonly<Record<string, unknown>>

export interface Serializer<in T> {
  /**
   * Called once, when the client made this serializer from a class; an instance that was passed in
   * is taken as it is.
   *
   * @param isKey whether it serves keys or values
   */
  configure?(configs: Configs, isKey: boolean): void
  /**
   * The bytes of `data`; `null` for `null`, which is a tombstone when it is the value.
   *
   * The result belongs to the producer until the record is in its batch. `headers` may be added to.
   */
  serialize(topic: string, data: T | null, headers?: Headers): Uint8Array | null
  /** May be called more than once. */
  close?(): void
}
