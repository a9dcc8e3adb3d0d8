/**
 * The records of one operation as record batches.
 *
 * An atomic operation is one batch: all of it is in the log or none of it. One that may be split,
 * such as the tombstones of a thousand old offsets, fills a batch and begins the next.
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime.CoordinatorBatch
 */

import { ByteBufferOutputStream } from '../../common/ByteBufferOutputStream.ts'
import { RecordTooLargeException } from '../../common/errors/ApiExceptions.ts'
import type { Time } from '../../common/Time.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { Compression } from '../../record/compress/Compression.ts'
import type { MemoryRecords } from '../../record/MemoryRecords.ts'
import { MemoryRecordsBuilder } from '../../record/MemoryRecordsBuilder.ts'
import type { CoordinatorRecordSerde } from './CoordinatorRecordSerde.ts'
import type { CoordinatorResult } from './CoordinatorResult.ts'

export interface CoordinatorBatch<U> {
  readonly records: readonly U[]
  readonly memoryRecords: MemoryRecords
}

interface BatchOptions<U> {
  readonly serde: CoordinatorRecordSerde<U>
  readonly time: Time
  readonly compression?: Compression
}

const INITIAL_BUFFER_SIZE = 512

/** @throws RecordTooLargeException for an atomic operation that is larger than a batch can be */
export const coordinatorBatches = <U>(
  result: CoordinatorResult<unknown, U>,
  options: BatchOptions<U>,
  maxBatchSize: number,
  topicPartition: TopicPartition,
): CoordinatorBatch<U>[] => {
  const { serde, time, compression = Compression.NONE } = options
  const isAtomic = result.isAtomic ?? true
  const nowMs = time.milliseconds()
  const batches: CoordinatorBatch<U>[] = []
  const newBuilder = (): MemoryRecordsBuilder =>
    new MemoryRecordsBuilder({
      buffer: new ByteBufferOutputStream(Math.min(INITIAL_BUFFER_SIZE, maxBatchSize)),
      compression,
      writeLimit: maxBatchSize,
    })
  let builder = newBuilder()
  let records: U[] = []
  const close = (): void => {
    const memoryRecords = builder.build()
    if (memoryRecords.sizeInBytes > maxBatchSize) {
      throw new RecordTooLargeException(
        `Message batch size is ${memoryRecords.sizeInBytes} bytes in append to partition ` +
          `${topicPartition} which exceeds the maximum configured size of ${maxBatchSize}.`,
      )
    }
    batches.push({ records, memoryRecords })
  }
  for (const record of result.records) {
    const key = serde.serializeKey(record)
    const value = serde.serializeValue(record)
    if (!isAtomic && records.length > 0 && !builder.hasRoomFor(nowMs, key, value)) {
      close()
      builder = newBuilder()
      records = []
    }
    builder.append(nowMs, key, value)
    records.push(record)
  }
  close()
  return batches
}
