/**
 * Who hears of a record's outcome.
 *
 *     the user's callback alone    a function: nothing is made for the record
 *     interceptors                 an `AppendCallbacks`: they hear of it first
 *
 * Both go into the same column of `ProducerBatch`.
 *
 * I1  What a callback throws, or rejects with when it is an `async` function, is logged; nobody
 *     else feels it.
 *
 * @kafka org.apache.kafka.clients.producer.KafkaProducer.AppendCallbacks
 */

import type { Headers } from '../../common/header/Headers.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Callback } from '../Callback.ts'
import type { ProducerRecord } from '../ProducerRecord.ts'
import { RecordMetadata } from '../RecordMetadata.ts'
import type { ProducerInterceptors } from './ProducerInterceptors.ts'

export type AppendCallback = Callback | AppendCallbacks

/** `ProducerInterceptors`, of whatever keys and values. */
type AcknowledgementListener = Pick<ProducerInterceptors<never, never>, 'onAcknowledgement'>

export class AppendCallbacks {
  readonly userCallback: Callback | null
  /** As soon as it is known; -1 before. */
  partition: number = RecordMetadata.UNKNOWN_PARTITION
  private readonly interceptors: AcknowledgementListener
  private readonly headers: Headers
  private readonly logger: Logger

  /** @param headers of the record; not the record, which should not live as long as its batch */
  constructor(
    userCallback: Callback | null,
    interceptors: AcknowledgementListener,
    headers: Headers,
    logger: Logger,
  ) {
    this.userCallback = userCallback
    this.interceptors = interceptors
    this.headers = headers
    this.logger = logger
  }

  /** The callback for a batch: the user's own, unless interceptors want to hear as well. */
  static of<K, V>(
    record: ProducerRecord<K, V>,
    callback: Callback | null,
    interceptors: ProducerInterceptors<K, V>,
    logger: Logger,
  ): AppendCallback | null {
    if (interceptors.isEmpty()) return callback
    return new AppendCallbacks(callback, interceptors, record.headers, logger)
  }

  onCompletion(metadata: RecordMetadata, exception: Error | null): void {
    this.interceptors.onAcknowledgement(metadata, exception, this.headers)
    if (this.userCallback !== null) fire(this.userCallback, metadata, exception, this.logger)
  }
}

/** Whether the program hears of the outcome by this. */
export const isObserved = (callback: AppendCallback | null): boolean =>
  typeof callback === 'function' || (callback !== null && callback.userCallback !== null)

/** Calls `callback` (I1). */
export const fire = (
  callback: AppendCallback,
  metadata: RecordMetadata,
  exception: Error | null,
  logger: Logger,
): void => {
  if (typeof callback === 'object') {
    callback.onCompletion(metadata, exception)
    return
  }
  try {
    // A program may give an async function where nothing is to be returned.
    const returned: unknown = callback(metadata, exception)
    if (returned instanceof Promise) {
      returned.catch((error: unknown) => logFailure(metadata, error, logger))
    }
  } catch (error) {
    logFailure(metadata, error, logger)
  }
}

const logFailure = (metadata: RecordMetadata, error: unknown, logger: Logger): void =>
  logger.error(`The callback of a record for ${metadata.topicPartition} failed`, error)
