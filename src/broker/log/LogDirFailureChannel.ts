/**
 * Where a log reports that its disk failed, so that nothing is acknowledged from it any more.
 *
 * After a write or flush that failed nobody knows what the disk has: the kernel may have dropped
 * the pages and would call the next fsync a success. So one failure takes the whole log directory
 * out of service until the broker is started again and its logs are recovered by their CRCs.
 *
 * @kafka org.apache.kafka.storage.internals.log.LogDirFailureChannel
 * @simplified one log directory per broker. Kafka's broker halts when its last one fails; this one
 *   stays up and answers KAFKA_STORAGE_ERROR.
 */

import { KafkaStorageException } from '../../common/errors/ApiExceptions.ts'
import { IOException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'

export class LogDirFailureChannel {
  private readonly logDir: string
  private readonly logger: Logger
  private failure: string | undefined

  constructor(logDir: string, logger: Logger) {
    this.logDir = logDir
    this.logger = logger
  }

  hasOfflineLogDir(): boolean {
    return this.failure !== undefined
  }

  /** The first failure is reported; what follows from it is not. */
  maybeAddOfflineLogDir(what: string, cause: unknown): void {
    if (this.failure !== undefined) return
    this.failure = what
    this.logger.error(`${what}. The log directory '${this.logDir}' is taken out of service`, cause)
  }

  /** The broker was killed: nothing is written from now on, and nobody is there to report to. */
  abandon(): void {
    this.failure ??= 'the broker was killed'
  }

  /** @throws KafkaStorageException once the directory has failed */
  ensureOnline(): void {
    if (this.failure === undefined) return
    throw new KafkaStorageException(
      `The log dir '${this.logDir}' is already offline due to a previous IO exception ` +
        `(${this.failure}).`,
    )
  }

  /**
   * Runs `action`; an `IOException` takes the directory out of service and becomes a
   * `KafkaStorageException`.
   */
  guard<T>(doing: () => string, action: () => T): T {
    this.ensureOnline()
    try {
      return action()
    } catch (error) {
      throw this.translate(doing, error)
    }
  }

  /** `guard` for what is awaited. */
  async guardAsync<T>(doing: () => string, action: () => Promise<T>): Promise<T> {
    this.ensureOnline()
    try {
      return await action()
    } catch (error) {
      throw this.translate(doing, error)
    }
  }

  private translate(doing: () => string, error: unknown): unknown {
    if (!(error instanceof IOException)) return error
    this.maybeAddOfflineLogDir(doing(), error)
    return new KafkaStorageException(doing(), { cause: error })
  }
}
