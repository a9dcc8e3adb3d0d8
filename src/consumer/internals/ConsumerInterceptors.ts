/**
 * The chain of interceptors: each gets what the one before it returned.
 *
 * I1  An interceptor that throws takes nobody with it: it is reported, and the next one gets the
 *     records that it got.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerInterceptors
 */

import type { Logger } from '../../common/Logger.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { Trace } from '../../common/Trace.ts'
import type { ConsumerInterceptor } from '../ConsumerInterceptor.ts'
import type { ConsumerRecords } from '../ConsumerRecords.ts'
import type { OffsetAndMetadata } from '../OffsetAndMetadata.ts'

export class ConsumerInterceptors<K, V> {
  private readonly interceptors: readonly ConsumerInterceptor<K, V>[]
  private readonly logger: Logger
  private readonly trace: Trace

  constructor(interceptors: readonly ConsumerInterceptor<K, V>[], logger: Logger, trace: Trace) {
    this.interceptors = interceptors
    this.logger = logger
    this.trace = trace
  }

  isEmpty(): boolean {
    return this.interceptors.length === 0
  }

  onConsume(records: ConsumerRecords<K, V>): ConsumerRecords<K, V> {
    if (this.trace.enabled) {
      this.trace.emit('consumer.interceptors.onConsume', {
        interceptors: this.interceptors.length,
        records: records.count(),
      })
    }
    let passedOn = records
    for (const interceptor of this.interceptors) {
      try {
        passedOn = interceptor.onConsume(passedOn)
      } catch (error) {
        this.report('onConsume', interceptor, error)
      }
    }
    return passedOn
  }

  onCommit(offsets: Iterable<readonly [TopicPartition, OffsetAndMetadata]>): void {
    for (const interceptor of this.interceptors) {
      try {
        interceptor.onCommit?.(offsets)
      } catch (error) {
        this.report('onCommit', interceptor, error)
      }
    }
  }

  close(): void {
    for (const interceptor of this.interceptors) {
      try {
        interceptor.close?.()
      } catch (error) {
        this.report('close', interceptor, error)
      }
    }
  }

  private report(what: string, interceptor: ConsumerInterceptor<K, V>, error: unknown): void {
    this.logger.error(
      `Interceptor ${interceptor.constructor.name} threw in ${what}; the chain goes on`,
      error,
    )
  }
}
