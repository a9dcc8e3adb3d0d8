/**
 * Sends that failed and that nobody looks at: no callback, and nobody awaits the future.
 *
 * A rejected promise that nobody handles ends a Node process. A future that nobody awaits has no
 * promise, so nothing is rejected; but a record was lost, and that must be said. So such failures
 * are counted, and one warning tells how many there were.
 *
 *     for (const record of records) producer.send(record)      // all may fail; nobody would know
 *
 * Whether somebody looks cannot be said at the moment of failure: `await producer.send(record)`
 * looks after `send` has returned. So the verdict falls after one turn of the event loop, as Node's
 * own about promises does.
 *
 * I1  Whoever looks later still gets the error; it was only reported once more.
 */

import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { FutureRecordMetadata } from './FutureRecordMetadata.ts'

interface Failure {
  readonly future: FutureRecordMetadata
  readonly topicPartition: TopicPartition
  readonly error: Error
}

export class UnobservedFailures {
  private readonly time: Time
  private readonly logger: Logger
  private pending: Failure[] = []
  private count = 0

  constructor(time: Time, logger: Logger) {
    this.time = time
    this.logger = logger
  }

  /** Records that failed without anybody looking, since this producer was made. */
  get total(): number {
    return this.count
  }

  /** A record failed that has no callback. */
  add(future: FutureRecordMetadata, topicPartition: TopicPartition, error: Error): void {
    // One look at the end of the turn serves all that fail in it.
    if (this.pending.length === 0) this.time.schedule(0, () => this.judge())
    this.pending.push({ future, topicPartition, error })
  }

  private judge(): void {
    const unobserved = this.pending.filter(({ future }) => !future.isObserved())
    this.pending = []
    if (unobserved.length === 0) return
    this.count += unobserved.length
    const { topicPartition, error } = unobserved[0]!
    const others = unobserved.length === 1 ? '' : ` and ${unobserved.length - 1} more`
    this.logger.warn(
      `A record for ${topicPartition}${others} failed and nobody looks at it: ${error.name}: ` +
        `${error.message} (Await what send returns, or give it a callback; so far ${this.count})`,
    )
  }
}
