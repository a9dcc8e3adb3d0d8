/**
 * What a produce request may carry for a partition: exactly one batch, in format 2. Who builds such
 * a request and who gets one hold it to the same rules.
 *
 * @kafka org.apache.kafka.common.requests.ProduceRequest (validateRecords)
 */

import {
  InvalidRecordException,
  UnsupportedCompressionTypeException,
} from '../common/errors/ApiExceptions.ts'
import { ByteBufferLogInputStream } from '../record/ByteBufferLogInputStream.ts'
import { CompressionType } from '../record/CompressionType.ts'
import type { DefaultRecordBatch } from '../record/DefaultRecordBatch.ts'
import type { MemoryRecords } from '../record/MemoryRecords.ts'
import { RecordBatch } from '../record/RecordBatch.ts'

/** Produce's first version in which a batch may be compressed with zstd. */
const FIRST_VERSION_WITH_ZSTD = 7

/**
 * The one batch of a partition.
 *
 * @param version of the produce request
 * @throws InvalidRecordException for none, several, or one of another format
 * @throws UnsupportedCompressionTypeException for zstd in a version that does not have it
 */
export const validateRecords = (version: number, records: MemoryRecords): DefaultRecordBatch => {
  const refuse = (what: string): InvalidRecordException =>
    new InvalidRecordException(`Produce requests with version ${version} ${what}`)
  const stream = new ByteBufferLogInputStream(records.buffer())
  // Asked first: formats 0 and 1 cannot be read here, and that is not what is wrong with them.
  if (stream.nextBatchSize() !== null && stream.nextMagic() !== RecordBatch.CURRENT_MAGIC_VALUE) {
    throw refuse('are only allowed to contain record batches with magic version 2')
  }
  const batch = stream.nextBatch()
  if (batch === null) throw refuse('must have at least one record batch per partition')
  if (version < FIRST_VERSION_WITH_ZSTD && batch.compressionType === CompressionType.ZSTD) {
    throw new UnsupportedCompressionTypeException(
      `Produce requests with version ${version} are not allowed to use ZStandard compression`,
    )
  }
  if (stream.nextBatch() !== null) {
    throw refuse('are only allowed to contain exactly one record batch per partition')
  }
  return batch
}
