/**
 * The chain of interceptors, in the order of `interceptor.classes`.
 *
 * An interceptor sees records that are somebody else's business, so none of its errors may reach
 * the caller: they are logged, and the chain goes on with the record as it was before.
 *
 * I1  No method throws, and no promise of an `async` one is an unhandled rejection.
 * I2  An empty chain costs a look at an empty list.
 *
 * @kafka org.apache.kafka.clients.producer.internals.ProducerInterceptors
 */

import type { Headers } from '../../common/header/Headers.ts'
import { RecordHeaders } from '../../common/header/RecordHeaders.ts'
import type { Logger } from '../../common/Logger.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { Trace } from '../../common/Trace.ts'
import type { ProducerInterceptor } from '../ProducerInterceptor.ts'
import { ProducerRecord } from '../ProducerRecord.ts'
import { RecordMetadata } from '../RecordMetadata.ts'

export class ProducerInterceptors<K, V> {
  private readonly interceptors: readonly ProducerInterceptor<K, V>[]
  private readonly logger: Logger
  private readonly trace: Trace

  constructor(interceptors: readonly ProducerInterceptor<K, V>[], logger: Logger, trace: Trace) {
    this.interceptors = interceptors
    this.logger = logger
    this.trace = trace
  }

  isEmpty(): boolean {
    return this.interceptors.length === 0
  }

  /** The record as the last interceptor wants it. */
  onSend(record: ProducerRecord<K, V>): ProducerRecord<K, V> {
    if (this.trace.enabled) {
      this.trace.emit('producer.interceptors.onSend', { interceptors: this.interceptors.length })
    }
    let intercepted = record
    for (const interceptor of this.interceptors) {
      try {
        const next = interceptor.onSend?.(intercepted) ?? intercepted
        if (!(next instanceof ProducerRecord)) throw new TypeError('onSend gave no ProducerRecord')
        intercepted = next
      } catch (error) {
        const { topic, partition } = record
        this.logger.error(
          `Interceptor ${nameOf(interceptor)} failed in onSend, topic ${topic}, partition ` +
            `${partition}`,
          error,
        )
      }
    }
    return intercepted
  }

  /** The fate of a record is known. */
  onAcknowledgement(metadata: RecordMetadata, exception: Error | null, headers: Headers): void {
    if (this.trace.enabled) {
      const { length } = this.interceptors
      this.trace.emit('producer.interceptors.onAcknowledgement', { interceptors: length })
    }
    for (const interceptor of this.interceptors) {
      const logFailure = (error: unknown): void =>
        this.logger.error(`Interceptor ${nameOf(interceptor)} failed in onAcknowledgement`, error)
      try {
        // It may be an async function, although nobody waits for it.
        const returned: unknown = interceptor.onAcknowledgement?.(metadata, exception, headers)
        if (returned instanceof Promise) returned.catch(logFailure)
      } catch (error) {
        logFailure(error)
      }
    }
  }

  /**
   * The send failed before the record was in a batch.
   *
   * Interceptors see read-only headers; those of the record stay writable, for the caller may want
   * to try again.
   */
  onSendError(
    record: ProducerRecord<K, V>,
    topicPartition: TopicPartition,
    exception: Error,
  ): void {
    if (this.isEmpty()) return
    const headers = new RecordHeaders(record.headerArray())
    headers.setReadOnly()
    this.onAcknowledgement(RecordMetadata.ofFailed(topicPartition), exception, headers)
  }

  close(): void {
    for (const interceptor of this.interceptors) {
      try {
        interceptor.close?.()
      } catch (error) {
        this.logger.error(`Interceptor ${nameOf(interceptor)} failed in close`, error)
      }
    }
  }
}

const nameOf = (interceptor: object): string => interceptor.constructor.name
