/**
 * Committed offsets by group, topic and partition.
 *
 *     group ─► topic ─► partition ─► offset
 *
 * I1  No level is ever empty: a group or topic without offsets is not in it.
 *
 * @kafka org.apache.kafka.coordinator.group.OffsetMetadataManager (its inner class Offsets)
 */

import type { OffsetAndMetadata } from './OffsetAndMetadata.ts'

/** Of one topic, by partition. */
export type PartitionOffsets = ReadonlyMap<number, OffsetAndMetadata>
/** Of one group, by topic. */
export type TopicOffsets = ReadonlyMap<string, PartitionOffsets>

export class Offsets {
  private readonly byGroup = new Map<string, Map<string, Map<number, OffsetAndMetadata>>>()

  get(groupId: string, topic: string, partition: number): OffsetAndMetadata | undefined {
    return this.byGroup.get(groupId)?.get(topic)?.get(partition)
  }

  /** All of one group; `undefined` when it has none. */
  ofGroup(groupId: string): TopicOffsets | undefined {
    return this.byGroup.get(groupId)
  }

  groups(): ReadonlyMap<string, TopicOffsets> {
    return this.byGroup
  }

  put(groupId: string, topic: string, partition: number, offset: OffsetAndMetadata): void {
    let topics = this.byGroup.get(groupId)
    if (topics === undefined) {
      topics = new Map()
      this.byGroup.set(groupId, topics)
    }
    let partitions = topics.get(topic)
    if (partitions === undefined) {
      partitions = new Map()
      topics.set(topic, partitions)
    }
    partitions.set(partition, offset)
  }

  /** I1. */
  remove(groupId: string, topic: string, partition: number): void {
    const topics = this.byGroup.get(groupId)
    const partitions = topics?.get(topic)
    if (topics === undefined || partitions === undefined) return
    partitions.delete(partition)
    if (partitions.size === 0) topics.delete(topic)
    if (topics.size === 0) this.byGroup.delete(groupId)
  }
}
