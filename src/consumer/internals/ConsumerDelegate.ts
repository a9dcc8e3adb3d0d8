/**
 * What does the work behind a `KafkaConsumer`.
 *
 * There are two in Kafka: the classic consumer, whose I/O happens inside the caller's own calls,
 * and the one of the next group protocol (KIP-848), with a loop of its own for I/O. The facade is
 * the same for both.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerDelegate
 */

import type { Trace } from '../../common/Trace.ts'
import type { Consumer } from '../Consumer.ts'

export interface ConsumerDelegate<K, V> extends Consumer<K, V> {
  readonly clientId: string
  readonly trace: Trace
}
