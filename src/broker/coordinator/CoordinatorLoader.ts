/**
 * Brings a coordinator's state back: reads the partition's log from its start and replays every
 * record into the shard.
 *
 *     log   │ commit g/a-0 = 5 │ group g, gen 1 │ commit g/a-0 = 9 │ tombstone g/b-0 │
 *                 └──────────────────┴─ replay, in order ──┴────────────────┘
 *
 * A log can be long, and a broker has other things to do: it reads `offsets.load.buffer.size` bytes
 * at a time, with a turn of the event loop in between. A log that is empty is done at once.
 *
 * I1  Partitions are loaded one after the other, in the order in which they came.
 * I2  A record of a kind that is not known is skipped: a newer broker may have written it. One that
 *     is known and cannot be read ends the loading: half a state would answer wrongly.
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorLoaderImpl
 */

import { NotLeaderOrFollowerException } from '../../common/errors/ApiExceptions.ts'
import { KafkaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { ControlRecordType } from '../../record/ControlRecordType.ts'
import type { DefaultRecord } from '../../record/DefaultRecord.ts'
import type { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'
import { MemoryRecords } from '../../record/MemoryRecords.ts'
import type { ReplicaManager } from '../replica/ReplicaManager.ts'
import { CompletableFuture } from './CompletableFuture.ts'
import {
  type CoordinatorRecordSerde,
  UnknownRecordTypeException,
} from './CoordinatorRecordSerde.ts'
import type { CoordinatorShard } from './CoordinatorShard.ts'

/** @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback */
export type CoordinatorPlayback<U> = Pick<
  CoordinatorShard<U>,
  'replay' | 'replayEndTransactionMarker'
>

/** @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorLoader.LoadSummary */
export interface LoadSummary {
  readonly startTimeMs: number
  readonly endTimeMs: number
  readonly numRecords: number
  readonly numBytes: number
}

export interface CoordinatorLoader<U> {
  /** Replays all that the partition's log has. Fails when it is not this broker's any more. */
  load(
    topicPartition: TopicPartition,
    shard: CoordinatorPlayback<U>,
  ): CompletableFuture<LoadSummary>
  /** What is being loaded stays half done. */
  close(): void
}

/** One partition on its way. */
interface Load<U> {
  readonly topicPartition: TopicPartition
  readonly shard: CoordinatorPlayback<U>
  readonly future: CompletableFuture<LoadSummary>
  readonly startTimeMs: number
  nextOffset: number
  numRecords: number
  numBytes: number
}

export interface CoordinatorLoaderOptions<U> {
  time: Time
  logger: Logger
  replicaManager: ReplicaManager
  serde: CoordinatorRecordSerde<U>
  /** Bytes that are read in one turn: `offsets.load.buffer.size`. */
  loadBufferSize: number
}

export class CoordinatorLoaderImpl<U> implements CoordinatorLoader<U> {
  private readonly time: Time
  private readonly logger: Logger
  private readonly replicaManager: ReplicaManager
  private readonly serde: CoordinatorRecordSerde<U>
  private readonly loadBufferSize: number
  private readonly loads: Load<U>[] = []
  /** A step runs now, or in the next turn. */
  private busy = false
  private closed = false

  constructor(options: CoordinatorLoaderOptions<U>) {
    this.time = options.time
    this.logger = options.logger
    this.replicaManager = options.replicaManager
    this.serde = options.serde
    this.loadBufferSize = options.loadBufferSize
  }

  load(
    topicPartition: TopicPartition,
    shard: CoordinatorPlayback<U>,
  ): CompletableFuture<LoadSummary> {
    const future = new CompletableFuture<LoadSummary>()
    const startTimeMs = this.time.milliseconds()
    const counts = { nextOffset: -1, numRecords: 0, numBytes: 0 }
    this.loads.push({ topicPartition, shard, future, startTimeMs, ...counts })
    if (!this.busy) this.run()
    return future
  }

  close(): void {
    this.closed = true
    for (const { future } of this.loads.splice(0)) {
      future.completeExceptionally(new KafkaException('Coordinator loader is closed.'))
    }
  }

  /** Goes on until a step has read something: the rest is for the next turn. */
  private run(): void {
    this.busy = true
    for (let load = this.loads[0]; load !== undefined; load = this.loads[0]) {
      const { numBytes } = load
      const done = this.step(load)
      if (done) this.loads.shift()
      if (load.numBytes === numBytes) continue
      this.time.schedule(0, () => {
        if (!this.closed) this.run()
      })
      return
    }
    this.busy = false
  }

  /** Replays one bufferful; returns whether that was the end. */
  private step(load: Load<U>): boolean {
    try {
      const log = this.leaderLogOrThrow(load.topicPartition)
      if (load.nextOffset < 0) load.nextOffset = log.logStartOffset
      if (load.nextOffset < log.logEndOffset) {
        const { records } = log.read(load.nextOffset, this.loadBufferSize, 'logEnd', true)
        const bytes = records.toBytes()
        for (const batch of MemoryRecords.readableRecords(bytes).batches()) {
          this.replayBatch(load, batch)
        }
        load.numBytes += bytes.length
      }
      if (load.nextOffset < log.logEndOffset) return false
      const { startTimeMs, numRecords, numBytes } = load
      const endTimeMs = this.time.milliseconds()
      load.future.complete({ startTimeMs, endTimeMs, numRecords, numBytes })
    } catch (error) {
      load.future.completeExceptionally(error)
    }
    return true
  }

  private replayBatch(load: Load<U>, batch: DefaultRecordBatch): void {
    batch.ensureValid()
    const records = batch.iterator()
    while (records.hasNext()) {
      load.numRecords++
      if (batch.isControlBatch) this.replayMarker(load, batch, records.next())
      else this.replayRecord(load, batch, records.next())
    }
    load.nextOffset = batch.nextOffset
  }

  private replayRecord(load: Load<U>, batch: DefaultRecordBatch, record: DefaultRecord): void {
    const { topicPartition, shard } = load
    try {
      const coordinatorRecord = this.serde.deserialize(record.key, record.value)
      shard.replay(record.offset, batch.producerId, batch.producerEpoch, coordinatorRecord)
    } catch (error) {
      if (!(error instanceof UnknownRecordTypeException)) {
        throw new KafkaException(
          `Replaying the record at offset ${record.offset} of ${topicPartition} failed: ${error}`,
          { cause: error },
        )
      }
      this.logger.warn(
        `Unknown record type ${error.unknownType} while loading from ${topicPartition}. ` +
          'Ignoring it. It could be a left over from an aborted upgrade.',
      )
    }
  }

  private replayMarker({ shard }: Load<U>, batch: DefaultRecordBatch, record: DefaultRecord): void {
    const type = ControlRecordType.parse(record.key)
    if (type !== ControlRecordType.COMMIT && type !== ControlRecordType.ABORT) return
    const committed = type === ControlRecordType.COMMIT
    shard.replayEndTransactionMarker(batch.producerId, batch.producerEpoch, committed)
  }

  private leaderLogOrThrow(topicPartition: TopicPartition) {
    const partition = this.replicaManager.getPartition(topicPartition)
    if (partition?.isLeader) return partition.log
    throw new NotLeaderOrFollowerException(
      `Could not load records from ${topicPartition} because the partition is not online or is ` +
        'no longer the leader.',
    )
  }
}
