/**
 * What one partition knows of its idempotent producers, and how it knows it again after a restart.
 *
 *     log        ├──────────────┼──────────────┼─────────►
 *     snapshots                 ▲ at 1000      ▲ at 2000 (at each new segment, and on closing)
 *     restart                                  └ load the newest, read the log from there on
 *
 * The state is a consequence of the log: reading all of it from the beginning would give the same.
 * Snapshots only say from where on it suffices.
 *
 * I1  `mapEndOffset` is the offset up to which the log has been taken into account.
 * I2  There is never a snapshot of a state that the log does not lead to: those behind a truncation
 *     are deleted.
 *
 * @kafka org.apache.kafka.storage.internals.log.ProducerStateManager
 * @simplified transactions (ongoing, unreplicated, verification) come with their own part.
 */

import { IllegalArgumentException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import { writeWhole } from './CheckpointFile.ts'
import {
  DELETED_FILE_SUFFIX,
  offsetFromFileName,
  PRODUCER_SNAPSHOT_FILE_SUFFIX,
  producerSnapshotFile,
} from './LogFileUtils.ts'
import { type AppendOrigin, ProducerAppendInfo } from './ProducerAppendInfo.ts'
import { CorruptSnapshotException, decodeSnapshot, encodeSnapshot } from './ProducerSnapshot.ts'
import { ProducerStateEntry } from './ProducerStateEntry.ts'
import { readWhole, type Storage } from './Storage.ts'

export interface ProducerStateManagerOptions {
  topicPartition: TopicPartition
  storage: Storage
  dir: string
  /** `producer.id.expiration.ms`: how long an idle producer is remembered. */
  producerIdExpirationMs: number
  logger: Logger
}

export class ProducerStateManager {
  readonly topicPartition: TopicPartition
  readonly producerIdExpirationMs: number
  private readonly storage: Storage
  private readonly logger: Logger
  private readonly producers = new Map<bigint, ProducerStateEntry>()
  private dir: string
  /** Base offsets of the snapshots, ascending. */
  private snapshots: number[]
  private lastMapOffset = 0
  private lastSnapOffset = 0

  constructor(options: ProducerStateManagerOptions) {
    this.topicPartition = options.topicPartition
    this.storage = options.storage
    this.dir = options.dir
    this.producerIdExpirationMs = options.producerIdExpirationMs
    this.logger = options.logger
    this.snapshots = this.listSnapshots()
  }

  isEmpty(): boolean {
    return this.producers.size === 0
  }

  mapEndOffset(): number {
    return this.lastMapOffset
  }

  activeProducers(): ReadonlyMap<bigint, ProducerStateEntry> {
    return this.producers
  }

  /** What the log's last owner knew in memory, which is more than its snapshot says. */
  takeOver(entries: readonly ProducerStateEntry[]): void {
    for (const entry of entries) this.producers.set(entry.producerId, entry)
  }

  lastEntry(producerId: bigint): ProducerStateEntry | undefined {
    return this.producers.get(producerId)
  }

  // ---- appending

  prepareUpdate(producerId: bigint, origin: AppendOrigin): ProducerAppendInfo {
    const current = this.producers.get(producerId) ?? new ProducerStateEntry(producerId)
    return new ProducerAppendInfo(this.topicPartition, current, origin, this.logger)
  }

  update(appendInfo: ProducerAppendInfo): void {
    if (appendInfo.producerId === RecordBatch.NO_PRODUCER_ID) {
      throw new IllegalArgumentException(
        `Invalid producer id ${appendInfo.producerId} passed to update for partition ` +
          `${this.topicPartition}`,
      )
    }
    const updated = appendInfo.toEntry()
    const current = this.producers.get(appendInfo.producerId)
    if (current === undefined) this.producers.set(appendInfo.producerId, updated)
    else current.update(updated)
  }

  /** Takes over a batch of the log: its order and epoch were checked when it was appended. */
  replay(batch: DefaultRecordBatch): void {
    if (!batch.hasProducerId) return
    const appendInfo = this.prepareUpdate(batch.producerId, 'replication')
    appendInfo.append(batch)
    this.update(appendInfo)
  }

  updateMapEndOffset(lastOffset: number): void {
    this.lastMapOffset = lastOffset
  }

  /** Forgets producers that have been idle for `producer.id.expiration.ms`. */
  removeExpiredProducers(nowMs: number): void {
    for (const [producerId, entry] of this.producers) {
      if (this.isExpired(nowMs, entry)) this.producers.delete(producerId)
    }
  }

  // ---- going back

  /**
   * The state as it was at `logEndOffset`, as far as a snapshot knows it; `mapEndOffset` says how
   * far that is.
   */
  truncateAndReload(logStartOffset: number, logEndOffset: number, nowMs: number): void {
    for (const offset of [...this.snapshots]) {
      if (offset > logEndOffset || offset <= logStartOffset) this.deleteSnapshot(offset)
    }
    if (logEndOffset === this.lastMapOffset) {
      this.onLogStartOffsetIncremented(logStartOffset)
      return
    }
    this.producers.clear()
    this.loadFromSnapshot(logStartOffset, nowMs)
  }

  truncateFullyAndStartAt(offset: number): void {
    this.producers.clear()
    for (const snapshot of [...this.snapshots]) this.deleteSnapshot(snapshot)
    this.lastSnapOffset = 0
    this.lastMapOffset = offset
  }

  onLogStartOffsetIncremented(logStartOffset: number): void {
    if (this.lastMapOffset < logStartOffset) this.lastMapOffset = logStartOffset
    this.lastSnapOffset = this.latestSnapshotOffset() ?? logStartOffset
  }

  // ---- snapshots

  /**
   * Writes the state to a file, unless nothing was appended since the last one. Returns its path if
   * it did.
   */
  takeSnapshot(): string | undefined {
    if (this.lastMapOffset <= this.lastSnapOffset) return undefined
    const path = producerSnapshotFile(this.dir, this.lastMapOffset)
    writeWhole(this.storage, path, encodeSnapshot(this.producers.values(), this.producers.size))
    this.rememberSnapshot(this.lastMapOffset)
    this.lastSnapOffset = this.lastMapOffset
    return path
  }

  latestSnapshotOffset(): number | undefined {
    return this.snapshots.at(-1)
  }

  oldestSnapshotOffset(): number | undefined {
    return this.snapshots[0]
  }

  /** The path of the snapshot at `offset`, if there is one. */
  fetchSnapshot(offset: number): string | undefined {
    return this.snapshots.includes(offset) ? producerSnapshotFile(this.dir, offset) : undefined
  }

  deleteSnapshotsBefore(offset: number): void {
    for (const snapshot of this.snapshots.filter((each) => each < offset)) {
      this.deleteSnapshot(snapshot)
    }
  }

  /** Renames a snapshot out of the way; returns the new path, to be removed later. */
  removeAndMarkSnapshotForDeletion(offset: number): string | undefined {
    const path = this.fetchSnapshot(offset)
    if (path === undefined) return undefined
    this.forgetSnapshot(offset)
    if (!this.storage.exists(path)) return undefined
    this.storage.rename(path, path + DELETED_FILE_SUFFIX)
    return path + DELETED_FILE_SUFFIX
  }

  /**
   * Removes snapshots that belong to no segment. The newest of all stays even so, as it is the one
   * that a clean shutdown wrote at the log's end.
   */
  removeStraySnapshots(segmentBaseOffsets: readonly number[]): void {
    const bases = new Set(segmentBaseOffsets)
    const strays = this.listSnapshots().filter((offset) => !bases.has(offset))
    const latest = strays.pop()
    for (const offset of strays) this.storage.remove(producerSnapshotFile(this.dir, offset))
    const lastSegment = Math.max(...segmentBaseOffsets)
    if (latest !== undefined && segmentBaseOffsets.length > 0 && latest < lastSegment) {
      this.storage.remove(producerSnapshotFile(this.dir, latest))
    }
    this.snapshots = this.listSnapshots()
  }

  /** The directory was renamed; the files went with it. */
  updateParentDir(dir: string): void {
    this.dir = dir
  }

  private loadFromSnapshot(logStartOffset: number, nowMs: number): void {
    for (;;) {
      const offset = this.latestSnapshotOffset()
      if (offset === undefined) {
        this.lastSnapOffset = this.lastMapOffset = logStartOffset
        return
      }
      try {
        for (const entry of this.readSnapshot(offset)) {
          if (!this.isExpired(nowMs, entry)) this.producers.set(entry.producerId, entry)
        }
        this.lastSnapOffset = this.lastMapOffset = offset
        return
      } catch (error) {
        if (!(error instanceof CorruptSnapshotException)) throw error
        this.logger.warn(
          `Failed to load producer snapshot at offset ${offset} of ${this.topicPartition}: ` +
            `${error.message}. An older one is taken, and the log is read from there.`,
        )
        this.deleteSnapshot(offset)
      }
    }
  }

  private readSnapshot(offset: number): ProducerStateEntry[] {
    const bytes = readWhole(this.storage, producerSnapshotFile(this.dir, offset))
    if (bytes === undefined) throw new CorruptSnapshotException('the file is gone')
    return decodeSnapshot(bytes)
  }

  private isExpired(nowMs: number, entry: ProducerStateEntry): boolean {
    return nowMs - entry.lastTimestamp >= this.producerIdExpirationMs
  }

  private listSnapshots(): number[] {
    return this.storage
      .list(this.dir)
      .filter((name) => name.endsWith(PRODUCER_SNAPSHOT_FILE_SUFFIX))
      .map(offsetFromFileName)
      .filter((offset) => offset !== undefined)
      .sort((a, b) => a - b)
  }

  private rememberSnapshot(offset: number): void {
    if (this.snapshots.includes(offset)) return
    this.snapshots.push(offset)
    this.snapshots.sort((a, b) => a - b)
  }

  private forgetSnapshot(offset: number): void {
    this.snapshots = this.snapshots.filter((each) => each !== offset)
  }

  private deleteSnapshot(offset: number): void {
    this.forgetSnapshot(offset)
    this.storage.remove(producerSnapshotFile(this.dir, offset))
  }
}
