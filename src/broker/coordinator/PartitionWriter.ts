/**
 * Where a coordinator's records go.
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.PartitionWriter
 */

import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { MemoryRecords } from '../../record/MemoryRecords.ts'

export interface PartitionWriter {
  /** Bytes of the largest batch that the partition takes. */
  maxBatchSize(topicPartition: TopicPartition): number
  /**
   * Appends one batch. `done` hears the offset of its first record, at once or, with
   * `flush.messages`, when the disk has it; or why it could not be written.
   */
  append(
    topicPartition: TopicPartition,
    records: MemoryRecords,
    done: (baseOffset: number, error: unknown) => void,
  ): void
}
