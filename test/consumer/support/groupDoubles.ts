/**
 * What a program brings along to a group, as a test says it: assignors and a listener.
 */

import type { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { Assignment } from '../../../src/consumer/Assignment.ts'
import type {
  ConsumerPartitionAssignor,
  RebalanceProtocol,
} from '../../../src/consumer/ConsumerPartitionAssignor.ts'
import type { ConsumerRebalanceListener } from '../../../src/consumer/ConsumerRebalanceListener.ts'
import { GroupAssignment } from '../../../src/consumer/GroupAssignment.ts'
import type { GroupSubscription } from '../../../src/consumer/GroupSubscription.ts'
import { mockAssignorName } from './groupResponses.ts'

/** Gives out what a test has prepared. */
export class MockPartitionAssignor implements ConsumerPartitionAssignor {
  assignments = 0
  prepared: ReadonlyMap<string, Assignment> | null = null
  private readonly protocols: readonly RebalanceProtocol[]
  private readonly itsName: string

  constructor(protocols: readonly RebalanceProtocol[], name = mockAssignorName) {
    this.protocols = protocols
    this.itsName = name
  }

  name(): string {
    return this.itsName
  }

  supportedProtocols(): readonly RebalanceProtocol[] {
    return this.protocols
  }

  prepare(result: Readonly<Record<string, readonly TopicPartition[]>>): void {
    this.prepared = new Map(
      Object.entries(result).map(([id, partitions]) => [id, new Assignment(partitions)]),
    )
  }

  assign(_metadata: unknown, _group: GroupSubscription): GroupAssignment {
    if (this.prepared === null) throw new Error('Call to assign with no result prepared')
    return new GroupAssignment(this.prepared)
  }

  onAssignment(): void {
    this.assignments++
  }
}

export const throwingAssignorName = 'throw-on-assignment-assignor'

export class ThrowOnAssignmentAssignor extends MockPartitionAssignor {
  private readonly error: Error

  constructor(protocols: readonly RebalanceProtocol[], error: Error, name = throwingAssignorName) {
    super(protocols, name)
    this.error = error
  }

  override onAssignment(): void {
    super.onAssignment()
    throw this.error
  }
}

/** Keeps what it was told last, and counts. */
export class RecordingListener implements ConsumerRebalanceListener {
  revoked: readonly TopicPartition[] | null = null
  assigned: readonly TopicPartition[] | null = null
  lost: readonly TopicPartition[] | null = null
  revokedCount = 0
  assignedCount = 0
  lostCount = 0
  private readonly after: ConsumerRebalanceListener

  /** @param after called after the recording */
  constructor(after: ConsumerRebalanceListener = {}) {
    this.after = after
  }

  onPartitionsRevoked(partitions: readonly TopicPartition[]): void | Promise<void> {
    this.revoked = partitions
    this.revokedCount++
    return this.after.onPartitionsRevoked?.(partitions)
  }

  onPartitionsAssigned(partitions: readonly TopicPartition[]): void | Promise<void> {
    this.assigned = partitions
    this.assignedCount++
    return this.after.onPartitionsAssigned?.(partitions)
  }

  onPartitionsLost(partitions: readonly TopicPartition[]): void | Promise<void> {
    this.lost = partitions
    this.lostCount++
    return this.after.onPartitionsLost?.(partitions)
  }
}
