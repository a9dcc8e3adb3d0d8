/**
 * What a program can do with a producer. `KafkaProducer` does it; `MockProducer`, of
 * `annotated-kafka/testing`, does it in a test without a cluster.
 *
 * Code that takes a `Producer`, and not a `KafkaProducer`, can be tested with either.
 *
 * @kafka org.apache.kafka.clients.producer.Producer
 * @simplified transactions come with their own part; what blocks in Java returns a promise.
 */

import type { MetricName } from '../common/MetricName.ts'
import type { KafkaMetric } from '../common/metrics/KafkaMetric.ts'
import type { PartitionInfo } from '../common/PartitionInfo.ts'
import type { Callback } from './Callback.ts'
import type { FutureRecordMetadata } from './internals/FutureRecordMetadata.ts'
import type { ProducerRecord, ProducerRecordInput } from './ProducerRecord.ts'

export interface Producer<K, V> {
  /**
   * Sends a record; returns before it is sent.
   *
   * @param callback called once with the outcome
   * @returns the future of the record's metadata
   */
  send(
    record: ProducerRecord<K, V> | ProducerRecordInput<K, V>,
    callback?: Callback | null,
  ): FutureRecordMetadata
  /** Resolves when everything that was sent before has its outcome. */
  flush(): Promise<void>
  /** The partitions of a topic. */
  partitionsFor(topic: string): Promise<readonly PartitionInfo[]>
  /** Everything that is measured, by name. */
  metrics(): ReadonlyMap<MetricName, KafkaMetric>
  /** @param timeoutMs how long to wait for what is not acknowledged yet; default: until it is */
  close(timeoutMs?: number): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
