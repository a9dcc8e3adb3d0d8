/**
 * Writes a coordinator's records as a producer with acks=all would, past the socket.
 *
 * @kafka kafka.coordinator.group.CoordinatorPartitionWriter
 */

import type { TopicPartition } from '../../common/TopicPartition.ts'
import { Uuid } from '../../common/Uuid.ts'
import type { MemoryRecords } from '../../record/MemoryRecords.ts'
import type { ReplicaManager } from '../replica/ReplicaManager.ts'
import type { PartitionWriter } from './PartitionWriter.ts'

const ALL_IN_SYNC_REPLICAS = -1

export class CoordinatorPartitionWriter implements PartitionWriter {
  private readonly replicaManager: ReplicaManager

  constructor(replicaManager: ReplicaManager) {
    this.replicaManager = replicaManager
  }

  maxBatchSize(topicPartition: TopicPartition): number {
    return this.replicaManager.getPartitionOrException({
      topicPartition,
      topicId: Uuid.ZERO_UUID,
    }).log.config.maxMessageSize
  }

  append(
    topicPartition: TopicPartition,
    records: MemoryRecords,
    done: (baseOffset: number, error: unknown) => void,
  ): void {
    this.replicaManager.handleProduceAppend(
      {
        requiredAcks: ALL_IN_SYNC_REPLICAS,
        internalTopicsAllowed: true,
        origin: 'coordinator',
      },
      [{ topicPartition, topicId: Uuid.ZERO_UUID, records }],
      ([result]) => done(result!.info.firstOffset, result!.exception),
    )
  }
}
