/**
 * The outcome of one batch, shared by all records in it.
 *
 *     FutureRecordMetadata #0 ─┐
 *     FutureRecordMetadata #1 ─┼─► ProduceRequestResult: base offset, or an error for each record
 *     FutureRecordMetadata #2 ─┘
 *
 * Java's latch is a promise here, made when the first one waits for it: a batch of a thousand
 * records that nobody awaits makes none.
 *
 * A batch that the broker finds too large is split. Its own result is done then, and those of its
 * parts become its dependents: `flush` waits for all of them, a record's future follows its own
 * part.
 *
 * I1  `set` comes before `done`, and `done` after the callbacks: who waits sees what callbacks have
 *     seen.
 *
 * @kafka org.apache.kafka.clients.producer.internals.ProduceRequestResult
 */

import { IllegalStateException } from '../../common/errors.ts'
import type { Time } from '../../common/Time.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { RecordMetadata } from '../RecordMetadata.ts'

/** The error of the record at `batchIndex`. */
export type ErrorsByIndex = (batchIndex: number) => Error

export class ProduceRequestResult {
  readonly topicPartition: TopicPartition
  /** When the batch was made, milliseconds since 1970. */
  readonly createdMs: number
  private readonly time: Time
  private readonly dependents: ProduceRequestResult[] = []
  private base: number | null = null
  private appendTime: number = RecordMetadata.NO_TIMESTAMP
  private errorsByIndex: ErrorsByIndex | null = null
  private isDone = false
  /** Made by the first `await`. */
  private latch: { readonly promise: Promise<void>; readonly countDown: () => void } | null = null

  constructor(topicPartition: TopicPartition, time: Time, createdMs: number) {
    this.topicPartition = topicPartition
    this.createdMs = createdMs
    this.time = time
  }

  /**
   * @param baseOffset of the first record; -1 when it is not known
   * @param logAppendTime the broker's time stamp, or -1 when records keep their own
   * @param errorsByIndex `null` when all is well
   */
  set(baseOffset: number, logAppendTime: number, errorsByIndex: ErrorsByIndex | null): void {
    this.base = baseOffset
    this.appendTime = logAppendTime
    this.errorsByIndex = errorsByIndex
  }

  /** Releases whoever waits. */
  done(): void {
    if (this.base === null) throw new IllegalStateException('I1 `set` must come before `done`')
    this.isDone = true
    this.latch?.countDown()
  }

  /** Another result that belongs to the same records. */
  addDependent(dependent: ProduceRequestResult): void {
    this.dependents.push(dependent)
  }

  /** Resolves when this result is done, whether well or not; not waiting for dependents. */
  await(): Promise<void> {
    if (this.isDone) return Promise.resolve()
    if (this.latch === null) {
      let countDown = (): void => {}
      const promise = new Promise<void>((resolve) => {
        countDown = resolve
      })
      this.latch = { promise, countDown }
    }
    return this.latch.promise
  }

  /** As `await`, for at most `timeoutMs`: resolves to `false` when that was not enough. */
  awaitFor(timeoutMs: number): Promise<boolean> {
    if (this.isDone) return Promise.resolve(true)
    return new Promise((resolve) => {
      const timeout = this.time.schedule(timeoutMs, () => resolve(false))
      this.await().then(() => {
        timeout.cancel()
        resolve(true)
      })
    })
  }

  /** Resolves when this result and all its dependents, and theirs, are done. */
  async awaitAllDependents(): Promise<void> {
    await this.await()
    // A part may have been split again while we waited, so each is asked for its own dependents.
    for (const dependent of this.dependents) await dependent.awaitAllDependents()
  }

  /** Milliseconds, for those who count down a time-out in several steps. */
  milliseconds(): number {
    return this.time.milliseconds()
  }

  baseOffset(): number {
    if (this.base === null) throw new IllegalStateException('The result is not set yet')
    return this.base
  }

  hasLogAppendTime(): boolean {
    return this.appendTime !== RecordMetadata.NO_TIMESTAMP
  }

  logAppendTime(): number {
    return this.appendTime
  }

  /** `null` when the record at `batchIndex` is well. */
  error(batchIndex: number): Error | null {
    return this.errorsByIndex === null ? null : this.errorsByIndex(batchIndex)
  }

  completed(): boolean {
    return this.isDone
  }
}
