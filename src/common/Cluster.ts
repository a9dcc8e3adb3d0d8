/**
 * A client's picture of the cluster at one moment: brokers, topics, partitions and who leads them.
 *
 *     nodes ──────────► nodeById
 *     partitions ─┬───► partition(tp), leaderFor(tp)           indexed once, when the picture
 *                 ├───► partitionsForTopic(topic)              is made: `send` looks things up
 *                 ├───► availablePartitionsForTopic(topic)     here for every record
 *                 └───► partitionsForNode(id)
 *
 * A picture never changes: new metadata makes a new `Cluster`. Who holds one over an `await` holds
 * one consistent state, though perhaps an old one.
 *
 * I1  Every partition's leader is among `nodes`.
 * I2  Lists and sets handed out are frozen or read-only in type; nobody changes them.
 *
 * @kafka org.apache.kafka.common.Cluster
 * @simplified nodes keep their order. Java shuffles them to spread the load of many clients; here
 *   whoever picks a node (`NetworkClient.leastLoadedNode`) starts at a random one, which does the
 *   same and goes through the `Random` seam.
 */

import { ClusterResource } from './ClusterResource.ts'
import { IllegalArgumentException } from './errors.ts'
import { Node } from './Node.ts'
import type { PartitionInfo } from './PartitionInfo.ts'
import type { TopicPartition } from './TopicPartition.ts'
import { Uuid } from './Uuid.ts'

export interface ClusterOptions {
  /** Default `null`: not known. */
  clusterId?: string | null
  /** Default none. */
  nodes?: Iterable<Node>
  /** What is known of a part of the cluster's partitions. Default none. */
  partitions?: Iterable<PartitionInfo>
  /** Topics that we may not see. */
  unauthorizedTopics?: Iterable<string>
  /** Topics whose name cannot be. */
  invalidTopics?: Iterable<string>
  /** Topics of Kafka's own, such as `__consumer_offsets`. */
  internalTopics?: Iterable<string>
  controller?: Node | null
  topicIds?: Iterable<readonly [string, Uuid]>
}

const NO_PARTITIONS: readonly PartitionInfo[] = Object.freeze([])

export class Cluster {
  readonly nodes: readonly Node[]
  readonly unauthorizedTopics: ReadonlySet<string>
  readonly invalidTopics: ReadonlySet<string>
  readonly internalTopics: ReadonlySet<string>
  readonly controller: Node | null
  readonly clusterResource: ClusterResource
  /** Made from `bootstrap.servers`, not from what a broker said. */
  readonly isBootstrapConfigured: boolean
  private readonly byId = new Map<number, Node>()
  private readonly byTopicPartition = new Map<string, PartitionInfo>()
  private readonly byTopic = new Map<string, readonly PartitionInfo[]>()
  private readonly availableByTopic = new Map<string, readonly PartitionInfo[]>()
  private readonly byNode = new Map<number, readonly PartitionInfo[]>()
  private readonly idByTopic: ReadonlyMap<string, Uuid>
  private readonly topicById = new Map<string, string>()

  constructor(options: ClusterOptions = {}, isBootstrapConfigured = false) {
    this.clusterResource = new ClusterResource(options.clusterId ?? null)
    this.isBootstrapConfigured = isBootstrapConfigured
    this.nodes = Object.freeze([...(options.nodes ?? [])])
    this.unauthorizedTopics = new Set(options.unauthorizedTopics)
    this.invalidTopics = new Set(options.invalidTopics)
    this.internalTopics = new Set(options.internalTopics)
    this.controller = options.controller ?? null
    this.idByTopic = new Map(options.topicIds)
    for (const [topic, id] of this.idByTopic) this.topicById.set(id.toString(), topic)
    this.index(options.partitions ?? [])
  }

  /** Knows nothing. */
  static empty(): Cluster {
    return new Cluster()
  }

  /** Knows where to ask first: nodes -1, -2, … at `addresses`. */
  static bootstrap(addresses: Iterable<{ host: string; port: number }>): Cluster {
    const nodes = Array.from(addresses, ({ host, port }, i) => new Node(-1 - i, host, port))
    return new Cluster({ nodes }, true)
  }

  /** A copy with `partitions` added, or put in the place of those known so far. */
  withPartitions(partitions: Iterable<PartitionInfo>): Cluster {
    const combined = new Map(this.byTopicPartition)
    for (const info of partitions) combined.set(keyOf(info), info)
    return new Cluster({
      clusterId: this.clusterResource.clusterId,
      nodes: this.nodes,
      partitions: combined.values(),
      unauthorizedTopics: this.unauthorizedTopics,
      invalidTopics: this.invalidTopics,
      internalTopics: this.internalTopics,
      controller: this.controller,
    })
  }

  nodeById(id: number): Node | null {
    return this.byId.get(id) ?? null
  }

  /** Node `id`, if it holds a replica of the partition that is not offline. */
  nodeIfOnline(topicPartition: TopicPartition, id: number): Node | null {
    const node = this.nodeById(id)
    const info = this.partition(topicPartition)
    if (node === null || info === null) return null
    const holds = (replicas: readonly Node[]): boolean => replicas.some((r) => r.equals(node))
    return holds(info.replicas) && !holds(info.offlineReplicas) ? node : null
  }

  /** `null` while the partition is not known or has no leader. */
  leaderFor(topicPartition: TopicPartition): Node | null {
    return this.byTopicPartition.get(topicPartition.key)?.leader ?? null
  }

  partition(topicPartition: TopicPartition): PartitionInfo | null {
    return this.byTopicPartition.get(topicPartition.key) ?? null
  }

  /** Empty when the topic is not known. */
  partitionsForTopic(topic: string): readonly PartitionInfo[] {
    return this.byTopic.get(topic) ?? NO_PARTITIONS
  }

  /** `null` when the topic is not known. */
  partitionCountForTopic(topic: string): number | null {
    return this.byTopic.get(topic)?.length ?? null
  }

  /** Those that have a leader. */
  availablePartitionsForTopic(topic: string): readonly PartitionInfo[] {
    return this.availableByTopic.get(topic) ?? NO_PARTITIONS
  }

  /** Those that node `id` leads. */
  partitionsForNode(id: number): readonly PartitionInfo[] {
    return this.byNode.get(id) ?? NO_PARTITIONS
  }

  /** The topics of which partitions are known. */
  topics(): string[] {
    return [...this.byTopic.keys()]
  }

  topicIds(): Uuid[] {
    return [...this.idByTopic.values()]
  }

  /** `Uuid.ZERO_UUID` when it is not known. */
  topicId(topic: string): Uuid {
    return this.idByTopic.get(topic) ?? Uuid.ZERO_UUID
  }

  /** `null` when it is not known. */
  topicName(topicId: Uuid): string | null {
    return this.topicById.get(topicId.toString()) ?? null
  }

  /**
   * Says the same of the same things. Compared as text: two pictures are compared in tests, not on
   * the way of a record.
   */
  equals(other: Cluster): boolean {
    return this.describe() === other.describe()
  }

  toString(): string {
    return (
      `Cluster(id = ${this.clusterResource.clusterId}, nodes = [${this.nodes.join(', ')}], ` +
      `partitions = [${[...this.byTopicPartition.values()].join(', ')}], ` +
      `controller = ${this.controller})`
    )
  }

  private index(partitions: Iterable<PartitionInfo>): void {
    const byTopic = new Map<string, PartitionInfo[]>()
    const byNode = new Map<number, PartitionInfo[]>()
    for (const node of this.nodes) {
      this.byId.set(node.id, node)
      byNode.set(node.id, [])
    }
    for (const info of partitions) {
      this.byTopicPartition.set(keyOf(info), info)
      const ofTopic = byTopic.get(info.topic)
      if (ofTopic === undefined) byTopic.set(info.topic, [info])
      else ofTopic.push(info)
      if (info.leader === null || info.leader.isEmpty()) continue
      const ofNode = byNode.get(info.leader.id)
      if (ofNode === undefined) {
        throw new IllegalArgumentException(`The leader of ${info} is not among the nodes (I1)`)
      }
      ofNode.push(info)
    }
    for (const [topic, infos] of byTopic) {
      const available = infos.filter((info) => info.leader !== null)
      this.byTopic.set(topic, Object.freeze(infos))
      // Nearly always all have a leader, and one list serves both.
      this.availableByTopic.set(
        topic,
        available.length === infos.length ? infos : Object.freeze(available),
      )
    }
    for (const [id, infos] of byNode) this.byNode.set(id, Object.freeze(infos))
  }

  private describe(): string {
    const sorted = (values: Iterable<unknown>): string[] => Array.from(values, String).sort()
    return JSON.stringify([
      this.isBootstrapConfigured,
      this.clusterResource.clusterId,
      sorted(this.nodes),
      sorted(this.byTopicPartition.values()),
      sorted(this.unauthorizedTopics),
      sorted(this.invalidTopics),
      sorted(this.internalTopics),
      String(this.controller),
      sorted(Array.from(this.idByTopic, ([topic, id]) => `${topic}=${id}`)),
    ])
  }
}

const keyOf = (info: PartitionInfo): string => `${info.topic}-${info.partition}`
