/**
 * A plugin that sees every record twice: before it is serialized, and when its fate is known.
 *
 *     send ─► onSend (1st) ─► onSend (2nd) ─► … ─► serialize, partition, batch, broker
 *                                                                                 │
 *             callback ◄─ onAcknowledgement (1st), (2nd), … ◄─────────────────────┘
 *
 * It may replace the record. What it throws is logged and changes nothing: the next one gets the
 * record as it was.
 *
 * @kafka org.apache.kafka.clients.producer.ProducerInterceptor
 */

import type { Headers } from '../common/header/Headers.ts'
import type { Configs } from '../common/serialization/Serializer.ts'
import type { ProducerRecord } from './ProducerRecord.ts'
import type { RecordMetadata } from './RecordMetadata.ts'

export interface ProducerInterceptor<K, V> {
  /** Called once, when the producer made this object from a class. */
  configure?(configs: Configs): void
  /** Returns `record`, or another one in its place; runs before key and value are serialized. */
  onSend?(record: ProducerRecord<K, V>): ProducerRecord<K, V>
  /**
   * Called before the user's callback, inside the Sender's turn, also when the send failed before
   * anything was sent.
   *
   * @param metadata beside an error only topic and (if chosen) partition say something
   * @param headers read-only
   */
  onAcknowledgement?(metadata: RecordMetadata, exception: Error | null, headers: Headers): void
  close?(): void
}
