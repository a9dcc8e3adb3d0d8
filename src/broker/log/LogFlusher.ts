/**
 * Brings a log to the disk itself, one flush at a time.
 *
 *     appends   a  b  c  d  e
 *     flushes   ├──a──┤├─b…e─┤        who comes while one runs shares the next
 *
 * With `flush.messages=1` each append waits for a flush. A thousand of them that arrive together
 * cost two.
 *
 * I1  The recovery point moves only after a flush has confirmed it.
 *
 * @kafka org.apache.kafka.storage.internals.log.UnifiedLog (flush)
 */

import type { LeaderEpochFileCache } from './LeaderEpochFileCache.ts'
import type { LocalLog } from './LocalLog.ts'
import type { LogDirContext } from './LogDirContext.ts'

export class LogFlusher {
  private readonly context: LogDirContext
  private readonly localLog: LocalLog
  private readonly epochs: LeaderEpochFileCache
  private running: Promise<void> | undefined

  constructor(context: LogDirContext, localLog: LocalLog, epochs: LeaderEpochFileCache) {
    this.context = context
    this.localLog = localLog
    this.epochs = epochs
  }

  /**
   * What lies before `upTo` survives a power loss once this resolves.
   *
   * @throws KafkaStorageException
   */
  async flush(upTo: number): Promise<void> {
    while (this.running !== undefined) {
      await this.running.catch(ignore)
      if (upTo <= this.localLog.recoveryPoint()) return
    }
    if (upTo <= this.localLog.recoveryPoint()) return
    this.running = this.flushNow(upTo).finally(() => {
      this.running = undefined
    })
    await this.running
  }

  private flushNow(upTo: number): Promise<void> {
    const { localLog, context } = this
    return context.failureChannel.guardAsync(
      () => `Error while flushing log for ${localLog.topicPartition} in dir '${localLog.dir}'`,
      () => this.flushUntilUncut(upTo),
    )
  }

  /**
   * A follower may cut the log and append other records while the disk is busy. Their offsets are
   * those that were being flushed, their bytes are not: so it is done again.
   */
  private async flushUntilUncut(upTo: number): Promise<void> {
    const { localLog } = this
    for (;;) {
      const truncations = localLog.truncations()
      // Flushing the active segment takes everything in it along, so it may as well count.
      const active = localLog.segments.activeSegment()
      const target = upTo > active.baseOffset ? localLog.logEndOffset() : upTo
      await this.epochs.flush()
      await localLog.flush(target)
      if (localLog.truncations() !== truncations) continue
      localLog.markFlushed(Math.min(target, localLog.logEndOffset()))
      return
    }
  }
}

/** Whoever started that flush has heard of its failure. */
const ignore = (): void => {}
