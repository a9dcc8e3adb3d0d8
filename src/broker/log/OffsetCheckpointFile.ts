/**
 * One offset per partition of a log directory: up to where each log is flushed, or where it begins.
 *
 *     recovery-point-offset-checkpoint     what lies before it is known to be whole
 *     log-start-offset-checkpoint          what lies before it was deleted
 *
 * @kafka org.apache.kafka.storage.internals.checkpoint.OffsetCheckpointFile
 */

import { TopicPartition } from '../../common/TopicPartition.ts'
import { CheckpointFile, type EntryFormatter } from './CheckpointFile.ts'
import type { Storage } from './Storage.ts'

interface OffsetEntry {
  readonly topicPartition: TopicPartition
  readonly offset: number
}

const FORMATTER: EntryFormatter<OffsetEntry> = {
  toLine: ({ topicPartition, offset }) =>
    `${topicPartition.topic} ${topicPartition.partition} ${offset}`,
  fromLine: (line) => {
    const found = /^(\S+) (\d+) (\d+)$/.exec(line)
    if (found === null) return undefined
    return {
      topicPartition: new TopicPartition(found[1]!, Number(found[2])),
      offset: Number(found[3]),
    }
  },
}

export class OffsetCheckpointFile {
  private readonly file: CheckpointFile<OffsetEntry>

  constructor(storage: Storage, path: string) {
    this.file = new CheckpointFile(storage, path, 0, FORMATTER)
  }

  /** Replaces all entries. */
  write(offsets: Iterable<[TopicPartition, number]>): void {
    this.file.write(Array.from(offsets, ([topicPartition, offset]) => ({ topicPartition, offset })))
  }

  flush(): Promise<void> {
    return this.file.flush()
  }

  /** The offsets by `TopicPartition.key`; throws a `MalformedCheckpointException`. */
  read(): Map<string, number> {
    return new Map(this.file.read().map((entry) => [entry.topicPartition.key, entry.offset]))
  }
}
