/**
 * The whole cluster at one moment: brokers, topics, who leads what. It is never changed, only
 * replaced.
 *
 *     controller ── new image ──► every broker: makes and deletes logs, then answers from it
 *
 * @kafka org.apache.kafka.image.MetadataImage
 * @kafka org.apache.kafka.metadata.PartitionRegistration
 * @kafka org.apache.kafka.metadata.BrokerRegistration
 * @simplified all brokers of an embedded cluster share one image, at once; in Kafka each replays
 *   the metadata log.
 */

import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { Uuid } from '../../common/Uuid.ts'

/** No broker leads. */
export const NO_LEADER = -1

export interface PartitionRegistration {
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  /** `NO_LEADER` while its replicas are away. */
  readonly leader: number
  /** Grows with each new leader. */
  readonly leaderEpoch: number
  /** Grows with each change of any kind. */
  readonly partitionEpoch: number
}

export interface TopicImage {
  readonly name: string
  readonly id: Uuid
  /** By partition number. */
  readonly partitions: readonly PartitionRegistration[]
  /** The topic's own settings, as written. */
  readonly configs: Readonly<Record<string, string>>
}

export interface BrokerRegistration {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export class MetadataImage {
  static readonly EMPTY = new MetadataImage('', [], [])

  readonly clusterId: string
  /** Those that are up, by id. */
  readonly brokers: ReadonlyMap<number, BrokerRegistration>
  readonly topicsByName: ReadonlyMap<string, TopicImage>
  private readonly topicsById: ReadonlyMap<string, TopicImage>

  constructor(
    clusterId: string,
    brokers: Iterable<BrokerRegistration>,
    topics: Iterable<TopicImage>,
  ) {
    this.clusterId = clusterId
    const sorted = [...brokers].sort((a, b) => a.id - b.id)
    this.brokers = new Map(sorted.map((broker) => [broker.id, broker]))
    this.topicsByName = new Map(Array.from(topics, (topic) => [topic.name, topic]))
    this.topicsById = new Map(
      Array.from(this.topicsByName.values(), (topic) => [topic.id.toString(), topic]),
    )
  }

  topicById(id: Uuid): TopicImage | undefined {
    return this.topicsById.get(id.toString())
  }

  partition({ topic, partition }: TopicPartition): PartitionRegistration | undefined {
    return this.topicsByName.get(topic)?.partitions[partition]
  }

  withBrokers(brokers: Iterable<BrokerRegistration>): MetadataImage {
    return new MetadataImage(this.clusterId, brokers, this.topicsByName.values())
  }

  withTopics(topics: Iterable<TopicImage>): MetadataImage {
    return new MetadataImage(this.clusterId, this.brokers.values(), topics)
  }
}
