/**
 * From which offset on each leader wrote: the history that tells two logs where they part.
 *
 *     epoch   start offset
 *       0          0          offsets    0 …  99 were written under epoch 0
 *       2        100          offsets  100 … 149 under epoch 2 (epoch 1 wrote nothing)
 *       3        150          from 150 on under epoch 3
 *
 * A consumer or follower asks "where did epoch 2 end?" and hears 150: whatever it has behind that
 * under epoch 2 is not in this log. The same history answers which epoch an offset belongs to.
 *
 * I1  Epochs and start offsets grow together; a new entry removes those that contradict it.
 *
 * @kafka org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache
 */

import { IllegalArgumentException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import {
  CheckpointFile,
  type EntryFormatter,
  MalformedCheckpointException,
} from './CheckpointFile.ts'
import { joinPath, type Storage } from './Storage.ts'

export interface EpochEntry {
  readonly epoch: number
  readonly startOffset: number
}

/** What "unknown" is called on the wire. */
export const UNDEFINED_EPOCH = -1
export const UNDEFINED_EPOCH_OFFSET = -1

const FILE_NAME = 'leader-epoch-checkpoint'

const FORMATTER: EntryFormatter<EpochEntry> = {
  toLine: ({ epoch, startOffset }) => `${epoch} ${startOffset}`,
  fromLine: (line) => {
    const found = /^(\d+) (\d+)$/.exec(line)
    return found === null ? undefined : { epoch: Number(found[1]), startOffset: Number(found[2]) }
  },
}

export class LeaderEpochFileCache {
  /** The file could not be read; the log must be read again to know its epochs. */
  readonly wasMalformed: boolean
  private readonly storage: Storage
  private readonly logger: Logger
  private checkpoint: CheckpointFile<EpochEntry>
  /** Sorted by epoch. */
  private epochs: EpochEntry[]
  private unflushed = false

  constructor(storage: Storage, dir: string, logger: Logger) {
    this.storage = storage
    this.logger = logger
    this.checkpoint = checkpointIn(storage, dir)
    const read = this.readEpochs()
    this.wasMalformed = read === undefined
    this.epochs = read ?? []
  }

  /** Epoch `epoch` writes from `startOffset` on. Nothing happens when that is known. */
  assign(epoch: number, startOffset: number): void {
    if (epoch < 0 || startOffset < 0) {
      throw new IllegalArgumentException(
        `Received invalid partition leader epoch entry (epoch ${epoch}, start offset ` +
          `${startOffset})`,
      )
    }
    const latest = this.epochs.at(-1)
    if (latest !== undefined && latest.epoch === epoch && startOffset >= latest.startOffset) return
    this.truncateNonMonotonicEntries(epoch, startOffset)
    this.epochs.push({ epoch, startOffset })
    this.writeToFile()
  }

  nonEmpty(): boolean {
    return this.epochs.length > 0
  }

  epochEntries(): readonly EpochEntry[] {
    return this.epochs
  }

  latestEntry(): EpochEntry | undefined {
    return this.epochs.at(-1)
  }

  latestEpoch(): number | undefined {
    return this.epochs.at(-1)?.epoch
  }

  earliestEntry(): EpochEntry | undefined {
    return this.epochs[0]
  }

  /** The entry of an epoch, if it wrote anything. */
  epochEntry(epoch: number): EpochEntry | undefined {
    return this.epochs.find((entry) => entry.epoch === epoch)
  }

  /** The last epoch before `epoch`; before the latest one when none is named. */
  previousEpoch(epoch = this.latestEpoch()): number | undefined {
    return epoch === undefined ? undefined : this.previousEntry(epoch)?.epoch
  }

  previousEntry(epoch: number): EpochEntry | undefined {
    return this.epochs.findLast((entry) => entry.epoch < epoch)
  }

  nextEpoch(epoch: number): number | undefined {
    return this.epochs.find((entry) => entry.epoch > epoch)?.epoch
  }

  /**
   * Where an epoch ends: the start of the next one, or the log's end for the latest. For an epoch
   * that wrote nothing the answer names the one before it.
   */
  endOffsetFor(requestedEpoch: number, logEndOffset: number): { epoch: number; endOffset: number } {
    const unknown = { epoch: UNDEFINED_EPOCH, endOffset: UNDEFINED_EPOCH_OFFSET }
    if (requestedEpoch === UNDEFINED_EPOCH) return unknown
    if (this.latestEpoch() === requestedEpoch) {
      return { epoch: requestedEpoch, endOffset: logEndOffset }
    }
    const higher = this.epochs.find((entry) => entry.epoch > requestedEpoch)
    // A later epoch than any that is known: we are behind whoever asks.
    if (higher === undefined) return unknown
    const floor = this.epochs.findLast((entry) => entry.epoch <= requestedEpoch)
    return { epoch: floor?.epoch ?? requestedEpoch, endOffset: higher.startOffset }
  }

  /** The epoch under which `offset` was written. */
  epochForOffset(offset: number): number | undefined {
    return this.epochs.findLast((entry) => entry.startOffset <= offset)?.epoch
  }

  /** The log was cut at `endOffset`: epochs that began there or later never wrote. */
  truncateFromEnd(endOffset: number): void {
    if (endOffset < 0) return
    const kept = this.epochs.filter((entry) => entry.startOffset < endOffset)
    if (kept.length === this.epochs.length) return
    this.epochs = kept
    this.writeToFile()
  }

  /**
   * The log now begins at `startOffset`: of the epochs that began before, the last one begins
   * there.
   */
  truncateFromStart(startOffset: number): void {
    const removed = this.epochs.filter((entry) => entry.startOffset <= startOffset)
    const last = removed.at(-1)
    if (last === undefined) return
    this.epochs = [{ epoch: last.epoch, startOffset }, ...this.epochs.slice(removed.length)]
    this.writeToFile()
  }

  clearAndFlush(): void {
    this.epochs = []
    this.writeToFile()
  }

  /** Forgets the entries and leaves the file: its directory is on its way out. */
  clear(): void {
    this.epochs = []
  }

  /** The directory was renamed; the file went with it. */
  updateParentDir(dir: string): void {
    this.checkpoint = checkpointIn(this.storage, dir)
  }

  /** The entries survive a power loss once this resolves. */
  async flush(): Promise<void> {
    if (!this.unflushed) return
    this.unflushed = false
    await this.checkpoint.flush()
  }

  private truncateNonMonotonicEntries(epoch: number, startOffset: number): void {
    let keep = this.epochs.length
    while (keep > 0) {
      const entry = this.epochs[keep - 1]!
      if (entry.epoch < epoch && entry.startOffset < startOffset) break
      keep--
    }
    const removed = this.epochs.splice(keep)
    if (removed.length > 1 || (removed.length === 1 && removed[0]!.startOffset !== startOffset)) {
      this.logger.warn(
        `New epoch entry (epoch ${epoch}, start offset ${startOffset}) caused truncation of ` +
          `conflicting entries ${JSON.stringify(removed)}.`,
      )
    }
  }

  private writeToFile(): void {
    this.checkpoint.write(this.epochs)
    this.unflushed = true
  }

  private readEpochs(): EpochEntry[] | undefined {
    try {
      return this.checkpoint.read()
    } catch (error) {
      if (!(error instanceof MalformedCheckpointException)) throw error
      this.logger.warn(`${error.message} The epochs will be read from the log.`)
      return undefined
    }
  }
}

const checkpointIn = (storage: Storage, dir: string): CheckpointFile<EpochEntry> =>
  new CheckpointFile(storage, joinPath(dir, FILE_NAME), 0, FORMATTER)
