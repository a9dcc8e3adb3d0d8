/**
 * The partitions of all topics that matter to us, as they were at one moment: two snapshots say
 * whether something has changed that needs a new assignment.
 *
 *     leader assigns ─► assignmentSnapshot   orders: 4 partitions
 *     metadata comes ─► metadataSnapshot     orders: 6 partitions    they differ: rejoin
 *
 * With a `client.rack` also the racks of the replicas count, for then the assignor looks at them.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerCoordinator.MetadataSnapshot
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerCoordinator.PartitionRackInfo
 */

import type { Cluster } from '../../common/Cluster.ts'
import type { PartitionInfo } from '../../common/PartitionInfo.ts'

export class SubscribedTopicsSnapshot {
  /** `updateVersion` of the metadata. */
  readonly version: number
  /** For each topic its partitions, one text for each: its racks. */
  private readonly partitionsPerTopic: ReadonlyMap<string, readonly string[]>

  /**
   * @param clientRack `client.rack`; `null`: not known
   * @param topics those that matter; one that the cluster does not have has no partitions
   */
  constructor(
    clientRack: string | null,
    topics: ReadonlySet<string>,
    cluster: Cluster,
    version: number,
  ) {
    const partitionsPerTopic = new Map<string, readonly string[]>()
    for (const topic of topics) {
      const racks = cluster
        .partitionsForTopic(topic)
        .map((partition) => (clientRack === null ? '' : racksOf(partition)))
      partitionsPerTopic.set(topic, racks)
    }
    this.partitionsPerTopic = partitionsPerTopic
    this.version = version
  }

  matches(other: SubscribedTopicsSnapshot): boolean {
    if (this.version === other.version) return true
    if (this.partitionsPerTopic.size !== other.partitionsPerTopic.size) return false
    for (const [topic, racks] of this.partitionsPerTopic) {
      const others = other.partitionsPerTopic.get(topic)
      if (others?.length !== racks.length) return false
      if (racks.some((rack, i) => rack !== others[i])) return false
    }
    return true
  }

  toString(): string {
    const topics = [...this.partitionsPerTopic].map(([topic, racks]) => `${topic}=[${racks}]`)
    return `(version ${this.version}: {${topics.join(', ')}})`
  }
}

/** Which racks have a replica, as a text that is the same for the same racks. */
const racksOf = (partition: PartitionInfo): string => {
  const racks = new Set(partition.replicas.map(({ rack }) => JSON.stringify(rack)))
  return [...racks].sort().join(' ')
}
