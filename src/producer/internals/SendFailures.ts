/**
 * Tells whoever wants to know that a record is in no batch and never will be.
 *
 *     the future ─► the user's callback, or the count of failures nobody looks at ─► interceptors
 *
 * @kafka org.apache.kafka.clients.producer.KafkaProducer
 * @simplified a class of its own; in Java these are the `catch` blocks of `doSend`, and
 *   `FutureFailure`.
 */

import { ApiException, KafkaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Sensor } from '../../common/metrics/Sensor.ts'
import type { Time } from '../../common/Time.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import type { ProducerRecord } from '../ProducerRecord.ts'
import { RecordMetadata } from '../RecordMetadata.ts'
import { type AppendCallback, fire } from './AppendCallbacks.ts'
import { FutureRecordMetadata } from './FutureRecordMetadata.ts'
import type { ProducerInterceptors } from './ProducerInterceptors.ts'
import type { ProducerParts } from './ProducerParts.ts'
import type { TransactionManager } from './TransactionManager.ts'
import type { UnobservedFailures } from './UnobservedFailures.ts'
import type { WaitingSend } from './WaitingRoom.ts'

export class SendFailures<K, V> {
  private readonly interceptors: ProducerInterceptors<K, V>
  private readonly unobserved: UnobservedFailures
  private readonly errors: Sensor
  private readonly transactionManager: TransactionManager | null
  private readonly time: Time
  private readonly logger: Logger

  constructor(
    interceptors: ProducerInterceptors<K, V>,
    parts: Pick<ProducerParts, 'failures' | 'metrics' | 'transactionManager'>,
    time: Time,
    logger: Logger,
  ) {
    this.interceptors = interceptors
    this.unobserved = parts.failures
    this.errors = parts.metrics.errors
    this.transactionManager = parts.transactionManager
    this.time = time
    this.logger = logger
  }

  /**
   * The future of a send that failed at once.
   *
   * As in Java: what the cluster or the configuration says is in the future, what the program did
   * wrong is thrown.
   */
  futureOf(
    record: ProducerRecord<K, V>,
    callback: AppendCallback | null,
    error: unknown,
  ): FutureRecordMetadata {
    const topicPartition = topicPartitionOf(record, callback)
    if (!(error instanceof ApiException)) {
      if (error instanceof KafkaException) this.errors.record()
      this.interceptors.onSendError(record, topicPartition, error as Error)
      throw error
    }
    const future = FutureRecordMetadata.waiting(topicPartition, this.time)
    this.fail({ future, record, callback }, error)
    return future
  }

  fail(
    { future, record, callback }: Pick<WaitingSend<K, V>, 'future' | 'record' | 'callback'>,
    cause: unknown,
  ): void {
    const error = cause instanceof Error ? cause : new KafkaException(String(cause), { cause })
    const topicPartition = topicPartitionOf(record, callback)
    this.logger.debug(`A record for ${topicPartition} was not sent: ${error.message}`)
    this.errors.record()
    future.fail(error)
    const userCallback = typeof callback === 'object' ? callback?.userCallback : callback
    if (userCallback) {
      fire(userCallback, RecordMetadata.ofFailed(topicPartition), error, this.logger)
    } else {
      this.unobserved.add(future, topicPartition, error)
    }
    this.interceptors.onSendError(record, topicPartition, error)
    this.transactionManager?.maybeTransitionToErrorState(error)
  }
}

/** What is known of where the record was to go; partition -1: nobody chose one. */
export const topicPartitionOf = <K, V>(
  record: ProducerRecord<K, V>,
  callback: AppendCallback | null,
): TopicPartition => {
  const chosen =
    callback !== null && typeof callback === 'object'
      ? callback.partition
      : RecordMetadata.UNKNOWN_PARTITION
  return new TopicPartition(record.topic, record.partition ?? chosen)
}
