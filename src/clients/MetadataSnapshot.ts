/**
 * One picture of the cluster: its brokers, topics and partitions at one moment, never changed.
 *
 * `Metadata` replaces the whole picture when news come in, so whoever holds one can read it in
 * peace, also across an `await`. Two forms of the same thing stand side by side: partitions as the
 * brokers described them (ids and epochs, what leadership is decided by), and the `Cluster` made of
 * them once (objects, what users and the partitioner read).
 *
 *     response for all topics   ─► a new snapshot
 *     response for some topics  ─► mergeWith: the news, then what is still wanted of the old
 *
 * @kafka org.apache.kafka.clients.MetadataSnapshot
 */

import { Cluster } from '../common/Cluster.ts'
import { ClusterResource } from '../common/ClusterResource.ts'
import { Node } from '../common/Node.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import type { Uuid } from '../common/Uuid.ts'
import type { HostAndPort } from './HostAndPort.ts'
import type { PartitionMetadata } from './PartitionMetadata.ts'

export interface MetadataSnapshotFields {
  readonly clusterId: string | null
  readonly nodes: ReadonlyMap<number, Node>
  readonly partitions: Iterable<PartitionMetadata>
  readonly unauthorizedTopics: ReadonlySet<string>
  readonly invalidTopics: ReadonlySet<string>
  readonly internalTopics: ReadonlySet<string>
  readonly controller: Node | null
  readonly topicIds: ReadonlyMap<string, Uuid>
}

/** Whether what the old picture says of a topic is still wanted. */
export type RetainTopic = (topic: string, isInternal: boolean) => boolean

const NOTHING: MetadataSnapshotFields = {
  clusterId: null,
  nodes: new Map(),
  partitions: [],
  unauthorizedTopics: new Set(),
  invalidTopics: new Set(),
  internalTopics: new Set(),
  controller: null,
  topicIds: new Map(),
}

export class MetadataSnapshot {
  readonly clusterId: string | null
  /** Names to ids, of the topics whose id is known. */
  readonly topicIds: ReadonlyMap<string, Uuid>
  private readonly nodes: ReadonlyMap<number, Node>
  private readonly unauthorizedTopics: ReadonlySet<string>
  private readonly invalidTopics: ReadonlySet<string>
  private readonly internalTopics: ReadonlySet<string>
  private readonly controller: Node | null
  private readonly byPartition: ReadonlyMap<string, PartitionMetadata>
  private readonly namesById: ReadonlyMap<string, string>
  private readonly clusterView: Cluster

  /** @param cluster the same picture as a `Cluster`, when the caller has it already */
  constructor(fields: MetadataSnapshotFields, cluster?: Cluster) {
    this.clusterId = fields.clusterId
    this.nodes = fields.nodes
    this.unauthorizedTopics = fields.unauthorizedTopics
    this.invalidTopics = fields.invalidTopics
    this.internalTopics = fields.internalTopics
    this.controller = fields.controller
    this.topicIds = fields.topicIds
    this.namesById = new Map([...fields.topicIds].map(([name, id]) => [id.toString(), name]))
    const byPartition = new Map<string, PartitionMetadata>()
    for (const partition of fields.partitions) {
      byPartition.set(partition.topicPartition.key, partition)
    }
    this.byPartition = byPartition
    this.clusterView = cluster ?? this.computeClusterView()
  }

  /** Knows nothing, not even whom to ask. */
  static empty(): MetadataSnapshot {
    return new MetadataSnapshot(NOTHING, Cluster.empty())
  }

  /** Knows whom to ask: addresses from the settings, as nodes with the ids -1, -2, … */
  static bootstrap(addresses: readonly HostAndPort[]): MetadataSnapshot {
    const nodes = new Map<number, Node>()
    addresses.forEach(({ host, port }, i) => {
      nodes.set(-1 - i, new Node(-1 - i, host, port))
    })
    return new MetadataSnapshot({ ...NOTHING, nodes }, Cluster.bootstrap(addresses))
  }

  /** Which cluster this is a picture of. */
  clusterResource(): ClusterResource {
    return new ClusterResource(this.clusterId)
  }

  cluster(): Cluster {
    return this.clusterView
  }

  partitionMetadata(partition: TopicPartition): PartitionMetadata | null {
    return this.byPartition.get(partition.key) ?? null
  }

  /** `null` when the partition or its epoch is not known. */
  leaderEpochFor(partition: TopicPartition): number | null {
    return this.byPartition.get(partition.key)?.leaderEpoch ?? null
  }

  nodeById(id: number): Node | null {
    return this.nodes.get(id) ?? null
  }

  topicId(name: string): Uuid | null {
    return this.topicIds.get(name) ?? null
  }

  /** The name of the topic with this id; `null` when it is not known. */
  topicName(id: Uuid): string | null {
    return this.namesById.get(id.toString()) ?? null
  }

  /**
   * This picture with newer facts laid over it.
   *
   * @param news brokers, controller and cluster id are taken as they are; topics win over those
   *   known here
   * @param retainTopic asked for every topic known here
   */
  mergeWith(news: MetadataSnapshotFields, retainTopic: RetainTopic): MetadataSnapshot {
    const retained = (topic: string): boolean => retainTopic(topic, this.internalTopics.has(topic))

    const partitions = new Map<string, PartitionMetadata>()
    const topicIds = new Map([...this.topicIds].filter(([topic]) => retained(topic)))
    for (const partition of news.partitions) {
      partitions.set(partition.topicPartition.key, partition)
      // The latest word counts, also when it is that there is no id.
      const id = news.topicIds.get(partition.topic)
      if (id === undefined) topicIds.delete(partition.topic)
      else topicIds.set(partition.topic, id)
    }
    for (const [key, partition] of this.byPartition) {
      if (!partitions.has(key) && retained(partition.topic)) partitions.set(key, partition)
    }
    return new MetadataSnapshot({
      ...news,
      partitions: partitions.values(),
      unauthorizedTopics: union(news.unauthorizedTopics, this.unauthorizedTopics, retained),
      invalidTopics: union(news.invalidTopics, this.invalidTopics, retained),
      internalTopics: union(news.internalTopics, this.internalTopics, retained),
      topicIds,
    })
  }

  /** This picture with new leaders for some partitions, and perhaps new brokers. */
  withPartitions(
    nodes: ReadonlyMap<number, Node>,
    partitions: Iterable<PartitionMetadata>,
  ): MetadataSnapshot {
    return this.mergeWith(
      {
        ...NOTHING,
        clusterId: this.clusterId,
        nodes,
        partitions,
        controller: this.controller,
        topicIds: this.topicIds,
      },
      () => true,
    )
  }

  toString(): string {
    const nodes = [...this.nodes.values()].join(', ')
    return (
      `MetadataSnapshot(clusterId=${this.clusterId}, nodes=[${nodes}], ` +
      `partitions=${this.byPartition.size}, controller=${this.controller?.id ?? 'none'})`
    )
  }

  private computeClusterView(): Cluster {
    return new Cluster({
      clusterId: this.clusterId,
      nodes: this.nodes.values(),
      partitions: Array.from(this.byPartition.values(), (p) => p.toPartitionInfo(this.nodes)),
      unauthorizedTopics: this.unauthorizedTopics,
      invalidTopics: this.invalidTopics,
      internalTopics: this.internalTopics,
      controller: this.controller,
      topicIds: this.topicIds,
    })
  }
}

const union = (
  news: ReadonlySet<string>,
  old: ReadonlySet<string>,
  retained: (topic: string) => boolean,
): Set<string> => new Set([...news, ...[...old].filter(retained)])
