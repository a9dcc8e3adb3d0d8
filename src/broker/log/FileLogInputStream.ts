/**
 * Cuts a stretch of a `.log` file into batches, reading no more than their headers.
 *
 *     start                                                     end
 *       │ header │ records ────── │ header │ records ── │ head… │
 *         61 bytes   not read       61 bytes   not read   cut off: there is no more
 *
 * Most questions to a log are answered by headers: where is this offset, which time is the newest?
 * Only when a batch's records are asked for is the rest of it read.
 *
 * I1  A batch that it gives lies wholly before `end`.
 *
 * @kafka org.apache.kafka.common.record.internal.FileLogInputStream
 */

import type { ByteBufferOutputStream } from '../../common/ByteBufferOutputStream.ts'
import { CorruptRecordException } from '../../common/errors/ApiExceptions.ts'
import type { LogInputStream } from '../../record/ByteBufferLogInputStream.ts'
import { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'
import type { RecordIterator } from '../../record/RecordIterator.ts'
import type { StorageFile } from './Storage.ts'

const HEADER = DefaultRecordBatch.RECORD_BATCH_OVERHEAD

/**
 * The header of the batch at `position` (its records are not read), or `undefined` when no whole
 * batch is left before `end`.
 *
 * @param path for the message
 * @throws CorruptRecordException when what stands there has no possible size
 */
export const readHeaderAt = (
  file: StorageFile,
  path: string,
  position: number,
  end: number,
): DefaultRecordBatch | undefined => {
  if (end - position < HEADER) return undefined
  const bytes = file.read(position, HEADER)
  // Whoever made the stream was told more bytes than the file has.
  if (bytes.length < HEADER) return undefined
  const header = new DefaultRecordBatch(bytes)
  const size = header.sizeInBytes
  if (size < HEADER) {
    throw new CorruptRecordException(
      `Found record size ${size} smaller than minimum record overhead (${HEADER}) in file ` +
        `${path} at position ${position}.`,
    )
  }
  return position + size > end ? undefined : header
}

/**
 * A batch in a file: its header in memory, its records where they are.
 *
 * @kafka org.apache.kafka.common.record.internal.FileLogInputStream.FileChannelRecordBatch
 * @simplified Java repeats every accessor of a batch here; here they are asked of `header`.
 */
export class FileChannelRecordBatch {
  /** All fields of the batch, but no record; `isValid` can be told of `loadFullBatch` only. */
  readonly header: DefaultRecordBatch
  /** Where it stands in the file. */
  readonly position: number
  private readonly file: StorageFile

  constructor(file: StorageFile, header: DefaultRecordBatch, position: number) {
    this.file = file
    this.header = header
    this.position = position
  }

  get baseOffset(): number {
    return this.header.baseOffset
  }

  get lastOffset(): number {
    return this.header.lastOffset
  }

  get sizeInBytes(): number {
    return this.header.sizeInBytes
  }

  /** Reads the batch. */
  loadFullBatch(): DefaultRecordBatch {
    return new DefaultRecordBatch(this.file.read(this.position, this.sizeInBytes))
  }

  /** A cursor on the records, which are read now. */
  iterator(): RecordIterator {
    return this.loadFullBatch().iterator()
  }

  /** Copies the batch behind what is in `stream`. */
  writeTo(stream: ByteBufferOutputStream): void {
    stream.writeBytes(this.file.read(this.position, this.sizeInBytes))
  }
}

export class FileLogInputStream implements LogInputStream<FileChannelRecordBatch> {
  private readonly file: StorageFile
  private readonly path: string
  private readonly end: number
  private position: number

  /**
   * @param path of `file`, for messages
   * @param start where a batch begins
   * @param end nothing at or behind this byte is read
   */
  constructor(file: StorageFile, path: string, start: number, end: number) {
    this.file = file
    this.path = path
    this.position = start
    this.end = end
  }

  /**
   * The next batch, or `null` when no whole one is left.
   *
   * @throws CorruptRecordException when what stands there has no possible size
   */
  nextBatch(): FileChannelRecordBatch | null {
    const { position } = this
    const header = readHeaderAt(this.file, this.path, position, this.end)
    if (header === undefined) return null
    this.position += header.sizeInBytes
    return new FileChannelRecordBatch(this.file, header, position)
  }
}
