/**
 * One partition of a coordinator's topic on the broker that leads it: its shard, its timers, and
 * the queue of what is to be done to it.
 *
 *     initial ──► loading ──► active ──► closed        another broker leads, or this one stops
 *                    ▲  └► failed ◄┘
 *                    └───────┘                         a new election, or to read everything again
 *
 *     queue │ op │ op │ op │ ─► operation ─► records ─► append ─► replay ─► answer ─► next
 *
 * I1  One operation at a time, from its first look at the state until its records are replayed:
 *     the next one sees a state that is in the log. Usually all of that happens within one call;
 *     with `flush.messages` it waits for the disk, and the queue waits with it.
 * I2  What is replayed has been written; what could not be written is not replayed.
 * I3  When the partition goes, everybody who waits is answered NOT_COORDINATOR.
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime.CoordinatorContext
 * @simplified Kafka applies records first, waits for the followers and goes back to a snapshot when
 *   a write fails. With one replica a write is known at once, so it comes first and no snapshot is
 *   needed; and no batch lingers (`group.coordinator.append.linger.ms`).
 */

import {
  CoordinatorLoadInProgressException,
  NotCoordinatorException,
} from '../../common/errors/ApiExceptions.ts'
import { IllegalStateException, TimeoutException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { Trace } from '../../common/Trace.ts'
import type { Compression } from '../../record/compress/Compression.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import type { CompletableFuture } from './CompletableFuture.ts'
import { CoordinatorEvent, type CoordinatorOperation } from './CoordinatorEvent.ts'
import type { CoordinatorLoader, LoadSummary } from './CoordinatorLoader.ts'
import type { CoordinatorRecordSerde } from './CoordinatorRecordSerde.ts'
import type { CoordinatorResult } from './CoordinatorResult.ts'
import type { CoordinatorShard } from './CoordinatorShard.ts'
import type { CoordinatorTimer } from './CoordinatorTimer.ts'
import { CoordinatorTimerImpl } from './CoordinatorTimerImpl.ts'
import { type CoordinatorBatch, coordinatorBatches } from './coordinatorBatches.ts'
import type { PartitionWriter } from './PartitionWriter.ts'

/** @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime.CoordinatorState */
export type CoordinatorState = 'initial' | 'loading' | 'active' | 'closed' | 'failed'

const VALID_PREVIOUS_STATES: Readonly<Record<CoordinatorState, readonly CoordinatorState[]>> = {
  initial: [],
  loading: ['initial', 'failed'],
  active: ['active', 'loading'],
  closed: ['initial', 'loading', 'active', 'closed', 'failed'],
  failed: ['loading', 'active'],
}

export interface CoordinatorRuntimeOptions<S extends CoordinatorShard<U>, U> {
  logger: Logger
  time: Time
  trace: Trace
  partitionWriter: PartitionWriter
  loader: CoordinatorLoader<U>
  serde: CoordinatorRecordSerde<U>
  /** Makes the empty state of one partition. */
  newShard: (topicPartition: TopicPartition, timer: CoordinatorTimer<U>) => S
  /** Milliseconds that an operation may wait for the disk: `offsets.commit.timeout.ms`. */
  writeTimeoutMs: number
  /** Of the records. Default: none. */
  compression?: Compression
}

export class CoordinatorContext<S extends CoordinatorShard<U>, U> {
  readonly topicPartition: TopicPartition
  /** The leader epoch under which it was loaded. */
  epoch = -1
  private readonly options: CoordinatorRuntimeOptions<S, U>
  private readonly timer: CoordinatorTimerImpl<U>
  private readonly queue: CoordinatorEvent<S, unknown, U>[] = []
  private inFlight: CoordinatorEvent<S, unknown, U> | undefined
  private draining = false
  private shard: S | undefined
  private currentState: CoordinatorState = 'initial'

  constructor(topicPartition: TopicPartition, options: CoordinatorRuntimeOptions<S, U>) {
    this.topicPartition = topicPartition
    this.options = options
    this.timer = new CoordinatorTimerImpl(options.logger, options.time, (name, operation) =>
      this.enqueue(name, operation),
    )
  }

  get state(): CoordinatorState {
    return this.currentState
  }

  // ---- operations

  /** Puts an operation at the end of the queue, and runs it when the queue is empty. */
  enqueue<T>(name: string, operation: CoordinatorOperation<S, T, U>): CompletableFuture<T> {
    const event = new CoordinatorEvent<S, T, U>(name, operation)
    this.queue.push(event as CoordinatorEvent<S, unknown, U>)
    this.drain()
    if (!event.isDone()) this.limitWait(event)
    return event.future
  }

  private limitWait<T>(event: CoordinatorEvent<S, T, U>): void {
    const { time, writeTimeoutMs } = this.options
    event.timeout = time.schedule(writeTimeoutMs, () =>
      event.fail(new TimeoutException(`${event} timed out after ${writeTimeoutMs}ms`)),
    )
  }

  private drain(): void {
    if (this.draining) return
    this.draining = true
    try {
      while (this.inFlight === undefined) {
        const event = this.queue.shift()
        if (event === undefined) return
        if (!event.isDone()) this.run(event)
      }
    } finally {
      this.draining = false
    }
  }

  private run(event: CoordinatorEvent<S, unknown, U>): void {
    this.inFlight = event
    try {
      const shard = this.activeShardOrThrow()
      const result = event.generate(shard)
      this.append(event, shard, result)
    } catch (error) {
      this.finish(event, error)
    }
  }

  /** Answers, and goes on with the next one if it is not the caller who does. */
  private finish(event: CoordinatorEvent<S, unknown, U>, error?: unknown): void {
    if (this.inFlight === event) this.inFlight = undefined
    try {
      if (error === undefined) event.complete()
      else event.fail(error)
    } catch (failure) {
      // Somebody who waited could not take the answer; the state is in order all the same.
      this.options.logger.error(`Completing ${event} failed`, failure)
    }
    this.drain()
  }

  private activeShardOrThrow(): S {
    if (this.currentState === 'active' && this.shard !== undefined) return this.shard
    throw this.currentState === 'loading'
      ? new CoordinatorLoadInProgressException(`${this.topicPartition} is being loaded.`)
      : notCoordinator(this.topicPartition)
  }

  // ---- records

  private append(
    event: CoordinatorEvent<S, unknown, U>,
    shard: S,
    result: CoordinatorResult<unknown, U>,
  ): void {
    if (result.records.length === 0) {
      this.finish(event)
      return
    }
    const { partitionWriter, trace } = this.options
    const maxBatchSize = partitionWriter.maxBatchSize(this.topicPartition)
    const batches = coordinatorBatches(result, this.options, maxBatchSize, this.topicPartition)
    if (trace.enabled) {
      const { topic, partition } = this.topicPartition
      const records = result.records.length
      trace.emit('broker.coordinator.append', { topic, partition, operation: event.name, records })
    }
    this.appendFrom(0, { event, shard, batches, replay: result.replayRecords ?? true })
  }

  private appendFrom(index: number, write: Write<S, U>): void {
    const { event, shard, batches } = write
    const batch = batches[index]
    if (batch === undefined) {
      this.finish(event)
      return
    }
    const done = (baseOffset: number, error: unknown): void => {
      if (this.shard !== shard) {
        this.finish(event, notCoordinator(this.topicPartition))
      } else if (error !== undefined) {
        this.options.logger.info(`Failed to write to ${this.topicPartition}: ${error}`)
        this.finish(event, error)
      } else if (!write.replay || this.replay(shard, batch, baseOffset)) {
        this.appendFrom(index + 1, write)
      }
    }
    this.options.partitionWriter.append(this.topicPartition, batch.memoryRecords, done)
  }

  /**
   * Applies what was just written. When that fails, log and state disagree, and the log is right:
   * everything is read again.
   */
  private replay(shard: S, { records }: CoordinatorBatch<U>, baseOffset: number): boolean {
    try {
      for (const [i, record] of records.entries()) {
        shard.replay(
          baseOffset + i,
          RecordBatch.NO_PRODUCER_ID,
          RecordBatch.NO_PRODUCER_EPOCH,
          record,
        )
      }
      return true
    } catch (error) {
      this.options.logger.error(
        `The state of ${this.topicPartition} is out of sync with its log and is read again`,
        error,
      )
      this.transitionTo('failed')
      this.transitionTo('loading')
      return false
    }
  }

  // ---- states

  transitionTo(newState: CoordinatorState): void {
    const oldState = this.currentState
    if (!VALID_PREVIOUS_STATES[newState].includes(oldState)) {
      throw new IllegalStateException(`Cannot transition from ${oldState} to ${newState}`)
    }
    this.options.logger.debug(
      `Transition of ${this.topicPartition} from ${oldState} to ${newState}`,
    )
    this.currentState = newState
    if (newState === 'loading') this.load()
    else if (newState === 'active') this.shard?.onLoaded()
    else this.unload()
  }

  private load(): void {
    const { newShard, loader } = this.options
    const shard = newShard(this.topicPartition, this.timer)
    this.shard = shard
    loader.load(this.topicPartition, shard).whenComplete((summary, error) => {
      if (this.currentState !== 'loading' || this.shard !== shard) return
      if (summary === undefined) this.failLoading(error)
      else this.activate(summary)
    })
  }

  private activate({ numRecords, numBytes }: LoadSummary): void {
    const { trace, logger } = this.options
    try {
      this.transitionTo('active')
      logger.debug(`Loaded ${this}: ${numRecords} records, ${numBytes} bytes`)
      if (trace.enabled) {
        const { topic, partition } = this.topicPartition
        const { epoch } = this
        trace.emit('broker.coordinator.load', { topic, partition, epoch, records: numRecords })
      }
    } catch (error) {
      this.failLoading(error)
    }
  }

  private failLoading(error: unknown): void {
    this.options.logger.error(`Failed to load ${this}`, error)
    this.transitionTo('failed')
  }

  /** I3. */
  private unload(): void {
    this.timer.cancelAll()
    const { shard } = this
    this.shard = undefined
    const waiting = this.queue.splice(0)
    if (this.inFlight !== undefined) waiting.unshift(this.inFlight)
    this.inFlight = undefined
    for (const event of waiting) this.finish(event, notCoordinator(this.topicPartition))
    try {
      shard?.onUnloaded()
    } catch (error) {
      this.options.logger.error(`Failed to unload ${this}`, error)
    }
    // Whoever heard that its write had failed may have set a timer in answer.
    this.timer.cancelAll()
  }

  toString(): string {
    const { topicPartition, epoch, currentState, queue } = this
    return `Coordinator(${topicPartition}, ${currentState}, epoch=${epoch}, queue=${queue.length})`
  }
}

/** The records of one operation on their way into the log. */
interface Write<S extends CoordinatorShard<U>, U> {
  readonly event: CoordinatorEvent<S, unknown, U>
  readonly shard: S
  readonly batches: readonly CoordinatorBatch<U>[]
  readonly replay: boolean
}

const notCoordinator = (topicPartition: TopicPartition): NotCoordinatorException =>
  new NotCoordinatorException(`This broker does not coordinate ${topicPartition}.`)
