/**
 * Looks at, or changes, what `poll` is about to return.
 *
 * Runs inside `poll`, so what it takes the caller waits for. It may use the consumer.
 *
 * @kafka org.apache.kafka.clients.consumer.ConsumerInterceptor
 */

import type { TopicPartition } from '../common/TopicPartition.ts'
import type { ConsumerRecords } from './ConsumerRecords.ts'
import type { OffsetAndMetadata } from './OffsetAndMetadata.ts'

export interface ConsumerInterceptor<K, V> {
  /** @param configs the consumer's settings, with its client id */
  configure?(configs: Readonly<Record<string, unknown>>): void
  /**
   * The records to go on with. An exception is logged, and the chain goes on with what it had
   * before.
   *
   * @param records what the interceptor before returned
   */
  onConsume(records: ConsumerRecords<K, V>): ConsumerRecords<K, V>
  /** Offsets were committed. An exception is logged. */
  onCommit?(offsets: Iterable<readonly [TopicPartition, OffsetAndMetadata]>): void
  close?(): void
}
