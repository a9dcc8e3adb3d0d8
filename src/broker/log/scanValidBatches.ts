/**
 * Reads a file of batches from its beginning, as long as they are whole: what recovery after a
 * crash stands on.
 *
 * A crash leaves the end of the file in any state: cut anywhere, zeros where bytes were counted but
 * never written, even an old block of another file. A size that cannot be, a wrong magic, a CRC
 * that does not fit: each says that what stands there was never written whole.
 *
 * @kafka org.apache.kafka.storage.internals.log.LogSegment (recover)
 */

import {
  CorruptRecordException,
  InvalidRecordException,
  UnsupportedForMessageFormatException,
} from '../../common/errors/ApiExceptions.ts'
import { SchemaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import type { FileRecords } from './FileRecords.ts'

/**
 * @param visit is given each whole batch and where it stands
 * @returns the bytes of the whole batches
 */
export const scanValidBatches = (
  log: FileRecords,
  logger: Logger,
  visit: (batch: DefaultRecordBatch, position: number) => void,
): number => {
  let validBytes = 0
  try {
    for (;;) {
      const header = log.headerAt(validBytes)
      if (header === undefined) return validBytes
      const batch = log.batchAt(validBytes, header.sizeInBytes)
      ensureReadable(batch)
      visit(batch, validBytes)
      validBytes += batch.sizeInBytes
    }
  } catch (error) {
    if (!isCorruption(error)) throw error
    logger.warn(
      `Found invalid messages in log segment ${log.path} at byte offset ${validBytes}: ` +
        `${(error as Error).message}`,
    )
    return validBytes
  }
}

const ensureReadable = (batch: DefaultRecordBatch): void => {
  if (batch.magic !== RecordBatch.CURRENT_MAGIC_VALUE) {
    throw new CorruptRecordException(`Invalid magic found in record: ${batch.magic}`)
  }
  batch.ensureValid()
}

/** What rubbish in the place of a batch looks like. */
const isCorruption = (error: unknown): boolean =>
  error instanceof CorruptRecordException ||
  error instanceof InvalidRecordException ||
  error instanceof UnsupportedForMessageFormatException ||
  error instanceof SchemaException
