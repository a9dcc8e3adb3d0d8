/**
 * A small text file that is replaced as a whole: a version, a count, one line per entry.
 *
 *     0                 version
 *     2                 entries
 *     orders 0 1500     recovery point of orders-0
 *     orders 1 1498
 *
 * It is written beside its name and renamed over it, so a reader sees the old one or the new one.
 * `write` returns after the rename: a killed process keeps what it wrote. `flush` makes it survive
 * a power loss.
 *
 * @kafka org.apache.kafka.server.common.CheckpointFile
 * @simplified Java flushes before the rename, on the writer's thread; here writing is synchronous
 *   and flushing is not, so a file may be torn after a power loss. Whoever reads one treats that as
 *   "nothing is known", which is always safe: more of the log is read again.
 */

import { KafkaException } from '../../common/errors.ts'
import { utf8Bytes, utf8Read } from '../../common/utf8.ts'
import { readWhole, type Storage } from './Storage.ts'

/** A checkpoint that cannot be read: its entries count as unknown. */
export class MalformedCheckpointException extends KafkaException {}

/** How an entry of type `T` is written as one line. */
export interface EntryFormatter<T> {
  toLine(entry: T): string
  /** `undefined` when the line is none. */
  fromLine(line: string): T | undefined
}

const TEMPORARY_SUFFIX = '.tmp'

export class CheckpointFile<T> {
  readonly path: string
  private readonly storage: Storage
  private readonly version: number
  private readonly formatter: EntryFormatter<T>

  constructor(storage: Storage, path: string, version: number, formatter: EntryFormatter<T>) {
    this.storage = storage
    this.path = path
    this.version = version
    this.formatter = formatter
  }

  write(entries: readonly T[]): void {
    const lines = [String(this.version), String(entries.length)]
    for (const entry of entries) lines.push(this.formatter.toLine(entry))
    writeWhole(this.storage, this.path, utf8Bytes(`${lines.join('\n')}\n`))
  }

  /** What was last written survives a power loss once this resolves. */
  async flush(): Promise<void> {
    if (!this.storage.exists(this.path)) return
    const file = this.storage.open(this.path)
    try {
      await file.flush()
    } finally {
      file.close()
    }
  }

  /**
   * The entries; none when there is no file.
   *
   * @throws MalformedCheckpointException when it is not as `write` left it
   */
  read(): T[] {
    const bytes = readWhole(this.storage, this.path)
    if (bytes === undefined) return []
    const text = utf8Read(bytes, 0, bytes.length)
    // The rest of a torn number is a number too: only the line break says that it is whole.
    if (!text.endsWith('\n')) throw this.malformed('its last line has no end')
    const lines = text.slice(0, -1).split('\n')
    if (Number(lines[0]) !== this.version || lines[0] === '') {
      throw this.malformed(`its version is '${lines[0]}', not ${this.version}`)
    }
    const count = /^\d+$/.test(lines[1] ?? '') ? Number(lines[1]) : Number.NaN
    const body = lines.slice(2)
    if (body.length !== count) {
      throw this.malformed(`it names ${lines[1]} entries and has ${body.length}`)
    }
    return body.map((line) => {
      const entry = this.formatter.fromLine(line)
      if (entry === undefined) throw this.malformed(`the line '${line}' is no entry`)
      return entry
    })
  }

  private malformed(why: string): MalformedCheckpointException {
    return new MalformedCheckpointException(
      `The checkpoint file '${this.path}' is malformed: ${why}.`,
    )
  }
}

/** Replaces a small file as a whole. */
export const writeWhole = (storage: Storage, path: string, bytes: Uint8Array): void => {
  const temporary = path + TEMPORARY_SUFFIX
  const file = storage.open(temporary)
  try {
    file.truncate(0)
    file.write(0, bytes)
  } finally {
    file.close()
  }
  storage.rename(temporary, path)
}
