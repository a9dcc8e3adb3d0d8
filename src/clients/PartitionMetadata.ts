/**
 * One partition, as a metadata response describes it: ids of brokers, not yet brokers.
 *
 * `MetadataSnapshot` keeps these and makes `PartitionInfo`s of them, with whatever brokers are
 * known by then.
 *
 * @kafka org.apache.kafka.common.requests.MetadataResponse.PartitionMetadata
 */

import { Node } from '../common/Node.ts'
import { PartitionInfo } from '../common/PartitionInfo.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import type { Errors } from '../protocol/Errors.ts'

export interface PartitionMetadataFields {
  readonly error: Errors
  readonly topicPartition: TopicPartition
  /** `null`: there is none. */
  readonly leaderId: number | null
  /** `null`: not known, or not to be relied on. */
  readonly leaderEpoch: number | null
  readonly replicaIds: readonly number[]
  readonly inSyncReplicaIds: readonly number[]
  readonly offlineReplicaIds: readonly number[]
}

export class PartitionMetadata implements PartitionMetadataFields {
  readonly error: Errors
  readonly topicPartition: TopicPartition
  readonly leaderId: number | null
  readonly leaderEpoch: number | null
  readonly replicaIds: readonly number[]
  readonly inSyncReplicaIds: readonly number[]
  readonly offlineReplicaIds: readonly number[]

  constructor(fields: PartitionMetadataFields) {
    this.error = fields.error
    this.topicPartition = fields.topicPartition
    this.leaderId = fields.leaderId
    this.leaderEpoch = fields.leaderEpoch
    this.replicaIds = fields.replicaIds
    this.inSyncReplicaIds = fields.inSyncReplicaIds
    this.offlineReplicaIds = fields.offlineReplicaIds
  }

  get topic(): string {
    return this.topicPartition.topic
  }

  get partition(): number {
    return this.topicPartition.partition
  }

  withoutLeaderEpoch(): PartitionMetadata {
    return new PartitionMetadata({ ...this.fields(), leaderEpoch: null })
  }

  /** The same partition under another leader. */
  withLeader(leaderId: number, leaderEpoch: number): PartitionMetadata {
    return new PartitionMetadata({ ...this.fields(), leaderId, leaderEpoch })
  }

  /** With brokers in place of ids; a replica on an unknown broker gets a node without address. */
  toPartitionInfo(nodesById: ReadonlyMap<number, Node>): PartitionInfo {
    const nodes = (ids: readonly number[]): Node[] =>
      ids.map((id) => nodesById.get(id) ?? new Node(id, '', -1))
    return new PartitionInfo(
      this.topic,
      this.partition,
      this.leaderId === null ? null : (nodesById.get(this.leaderId) ?? null),
      nodes(this.replicaIds),
      nodes(this.inSyncReplicaIds),
      nodes(this.offlineReplicaIds),
    )
  }

  toString(): string {
    return (
      `PartitionMetadata(error=${this.error.name}, partition=${this.topicPartition}, ` +
      `leader=${this.leaderId ?? 'none'}, leaderEpoch=${this.leaderEpoch ?? 'unknown'}, ` +
      `replicas=[${this.replicaIds}], isr=[${this.inSyncReplicaIds}], ` +
      `offlineReplicas=[${this.offlineReplicaIds}])`
    )
  }

  private fields(): PartitionMetadataFields {
    return this
  }
}
