/**
 * What one member of a group gets: partitions, and perhaps a note of the assignor's own.
 *
 * @kafka org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment
 */

import type { TopicPartition } from '../common/TopicPartition.ts'

export class Assignment {
  readonly partitions: readonly TopicPartition[]
  /** `null`: none. Empty bytes are something else, and stay empty bytes. */
  readonly userData: Uint8Array | null

  constructor(partitions: readonly TopicPartition[], userData: Uint8Array | null = null) {
    this.partitions = partitions
    this.userData = userData
  }

  toString(): string {
    const userData = this.userData === null ? '' : `, userDataSize=${this.userData.length}`
    return `Assignment(partitions=[${this.partitions.join(', ')}]${userData})`
  }
}
