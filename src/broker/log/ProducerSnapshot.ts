/**
 * The producers' state of a partition as a file: `00000000000000000042.snapshot` is the state
 * before offset 42.
 *
 *     version 2 │ crc 4 │ count 4 │ entries, 46 bytes each
 *     entry:  producer id 8 │ epoch 2 │ last sequence 4 │ last offset 8 │ offset delta 4 │
 *             timestamp 8 │ coordinator epoch 4 │ current transaction's first offset 8
 *
 * The CRC covers everything behind itself. A file that does not fit it counts as none: the state is
 * then read from the log, from an older snapshot on.
 *
 * @kafka org.apache.kafka.storage.internals.log.ProducerStateManager
 */

import { ByteBuffer } from '../../common/ByteBuffer.ts'
import { crc32c } from '../../common/Crc32C.ts'
import { KafkaException } from '../../common/errors.ts'
import { ProducerStateEntry } from './ProducerStateEntry.ts'

/** A snapshot that cannot be read. */
export class CorruptSnapshotException extends KafkaException {}

const VERSION = 1
const CRC_OFFSET = 2
const ENTRIES_OFFSET = 6
const COUNT_BYTES = 4
const ENTRY_BYTES = 46
const NO_COORDINATOR_EPOCH = -1
const NO_TRANSACTION = -1

export const encodeSnapshot = (
  entries: Iterable<ProducerStateEntry>,
  count: number,
): Uint8Array => {
  const buffer = ByteBuffer.allocate(ENTRIES_OFFSET + COUNT_BYTES + count * ENTRY_BYTES)
  buffer.putShort(VERSION).putInt(0).putInt(count)
  for (const entry of entries) {
    buffer
      .putBigLong(entry.producerId)
      .putShort(entry.producerEpoch)
      .putInt(entry.lastSeq)
      .putLong(entry.lastDataOffset)
      .putInt(entry.lastOffsetDelta)
      .putLong(entry.lastTimestamp)
      .putInt(NO_COORDINATOR_EPOCH)
      .putLong(NO_TRANSACTION)
  }
  const { bytes } = buffer
  buffer.putIntAt(CRC_OFFSET, crc32c(bytes, ENTRIES_OFFSET, bytes.length - ENTRIES_OFFSET))
  return bytes
}

/** @throws CorruptSnapshotException */
export const decodeSnapshot = (bytes: Uint8Array): ProducerStateEntry[] => {
  if (bytes.length < ENTRIES_OFFSET + COUNT_BYTES) {
    throw new CorruptSnapshotException(`Snapshot failed schema validation: ${bytes.length} bytes`)
  }
  const buffer = ByteBuffer.wrap(bytes)
  const version = buffer.getShort()
  if (version !== VERSION) {
    throw new CorruptSnapshotException(`Snapshot contained an unknown file version ${version}`)
  }
  const stored = buffer.getUnsignedInt()
  const computed = crc32c(bytes, ENTRIES_OFFSET, bytes.length - ENTRIES_OFFSET)
  if (stored !== computed) {
    throw new CorruptSnapshotException(
      `Snapshot is corrupt (CRC is no longer valid). Stored crc: ${stored}. Computed crc: ` +
        `${computed}`,
    )
  }
  const count = buffer.getInt()
  if (count < 0 || count * ENTRY_BYTES !== buffer.remaining()) {
    throw new CorruptSnapshotException(
      `Snapshot failed schema validation: ${count} entries do not take ${buffer.remaining()} bytes`,
    )
  }
  return Array.from({ length: count }, () => readEntry(buffer))
}

const readEntry = (buffer: ByteBuffer): ProducerStateEntry => {
  const producerId = buffer.getBigLong()
  const epoch = buffer.getShort()
  const lastSeq = buffer.getInt()
  const lastOffset = buffer.getLong()
  const offsetDelta = buffer.getInt()
  const timestamp = buffer.getLong()
  buffer.skip(4 + 8)
  const entry = new ProducerStateEntry(producerId, epoch, timestamp)
  if (lastOffset >= 0) entry.addBatch(epoch, lastSeq, lastOffset, offsetDelta, timestamp)
  return entry
}
