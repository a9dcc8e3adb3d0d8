/**
 * The one that decides for the whole cluster: which topics there are, who leads, which producer ids
 * are free.
 *
 *     request ─► decide on the newest state ─► make it durable ─► publish the image ─► answer
 *                └──────────────────── one change at a time ────────────────────┘
 *
 * I1  Changes are decided one after the other, each on the result of the one before.
 * I2  Nobody hears of a change that would not survive a power loss.
 * I3  A producer id is handed out once, whatever is restarted in between: a block counts as used
 *     when it is given away.
 *
 * @kafka org.apache.kafka.controller.QuorumController
 * @simplified one controller, in the cluster's own process, with a file for its state; the quorum
 *   comes with its own part.
 */

import { InvalidRequestException } from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Random } from '../../common/Random.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { Uuid } from '../../common/Uuid.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { CreatableTopic } from '../../protocol/messages/CreateTopics.ts'
import type { DeleteTopicState } from '../../protocol/messages/DeleteTopics.ts'
import type { KafkaConfig } from '../KafkaConfig.ts'
import type { Storage } from '../log/Storage.ts'
import {
  type BrokerRegistration,
  MetadataImage,
  NO_LEADER,
  type PartitionRegistration,
  type TopicImage,
} from '../metadata/MetadataImage.ts'
import { ClusterMetadataFile } from './ClusterMetadataFile.ts'
import { ReplicationControlManager } from './ReplicationControlManager.ts'

/** How many producer ids a broker gets at a time. */
export const PRODUCER_ID_BLOCK_SIZE = 1000

/** @kafka org.apache.kafka.server.common.ProducerIdsBlock */
export interface ProducerIdsBlock {
  readonly firstProducerId: bigint
  readonly size: number
}

/** A topic that was made (or would be), or why it was not. */
export type CreateTopicOutcome = { topic: TopicImage } | { error: unknown }
export type DeleteTopicOutcome =
  | { name: string; id: Uuid }
  | { name: string | null; id: Uuid; error: unknown }

/** Told of every new image, before whoever asked for the change hears of it. */
export type MetadataPublisher = (image: MetadataImage) => void

/** What the brokers do when a partition's log goes from one to the other, see `LeaderMove`. */
export interface LogHandOver {
  /** The leader appends nothing more; what it appended is durable. */
  resign(from: number): Promise<void>
  /** It was decided otherwise. */
  stay(): void
  /** The log is the new leader's, before anybody hears of it. */
  handOver(from: number): void
}

export interface QuorumControllerOptions {
  storage: Storage
  dir: string
  config: KafkaConfig
  random: Random
  logger: Logger
}

export class QuorumController {
  private readonly logger: Logger
  private readonly file: ClusterMetadataFile
  private readonly replicationControl: ReplicationControlManager
  private readonly publishers = new Set<MetadataPublisher>()
  private image: MetadataImage
  private nextProducerId: bigint
  /** The last change; the next one waits for it. */
  private last: Promise<unknown> = Promise.resolve()

  private constructor(options: QuorumControllerOptions) {
    this.logger = options.logger
    this.file = new ClusterMetadataFile(options.storage, options.dir)
    this.replicationControl = new ReplicationControlManager(options.config, options.random)
    const state = this.file.read()
    this.nextProducerId = state?.nextProducerId ?? 0n
    const clusterId = state?.clusterId ?? Uuid.randomUuid(options.random).toString()
    // Nobody is up yet, so nobody leads; registering brings the leaders back under a new epoch.
    const topics = (state?.topics ?? []).map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((each) => ({ ...each, leader: NO_LEADER })),
    }))
    this.image = new MetadataImage(clusterId, [], topics)
  }

  /** Reads what is stored, and stores the id of a new cluster. */
  static async open(options: QuorumControllerOptions): Promise<QuorumController> {
    const controller = new QuorumController(options)
    await controller.persist(controller.image)
    return controller
  }

  get clusterId(): string {
    return this.image.clusterId
  }

  currentImage(): MetadataImage {
    return this.image
  }

  /** Returns the way to stop being told. */
  subscribe(publisher: MetadataPublisher): () => void {
    this.publishers.add(publisher)
    return () => this.publishers.delete(publisher)
  }

  // ---- brokers

  /** A broker is up: it leads its partitions, under a new epoch. */
  registerBroker(broker: BrokerRegistration): Promise<void> {
    return this.change(async () => {
      const topics = this.mapPartitions((each) =>
        each.leader === NO_LEADER && each.replicas.includes(broker.id)
          ? withLeader(each, broker.id)
          : each,
      )
      const brokers = new Map(this.image.brokers).set(broker.id, broker)
      await this.replace(this.image.withTopics(topics).withBrokers(brokers.values()))
    })
  }

  /** A broker is going down: what it led has no leader. */
  unregisterBroker(id: number): Promise<void> {
    return this.change(async () => {
      const topics = this.mapPartitions((each) =>
        each.leader === id ? withLeader(each, NO_LEADER) : each,
      )
      const brokers = [...this.image.brokers.values()].filter((broker) => broker.id !== id)
      await this.replace(this.image.withTopics(topics).withBrokers(brokers))
    })
  }

  /**
   * Makes `to` the leader, and the only replica, of a partition. Nothing happens when it is
   * already.
   *
   * @throws UnknownTopicOrPartitionException, IllegalArgumentException when `to` is not up
   */
  moveLeader(topicPartition: TopicPartition, to: number, log: LogHandOver): Promise<void> {
    return this.change(async () => {
      const known = this.image.partition(topicPartition)
      if (known === undefined) throw Errors.UNKNOWN_TOPIC_OR_PARTITION.exception()
      if (!this.image.brokers.has(to)) {
        throw new IllegalArgumentException(`Broker ${to} is not up, so it cannot lead.`)
      }
      const from = known.replicas[0]!
      if (from === to) return
      const moved = { ...withLeader(known, to), replicas: [to], isr: [to] }
      const image = this.image.withTopics(
        this.mapPartitions((each) => (each === known ? moved : each)),
      )
      try {
        await log.resign(from)
        await this.persist(image)
        // Once more: a flush that began meanwhile must not lose its file.
        await log.resign(from)
      } catch (error) {
        log.stay()
        throw error
      }
      log.handOver(from)
      this.publish(image)
    })
  }

  // ---- topics

  /**
   * In the order of `requests`. With `validateOnly` nothing changes.
   *
   * @throws PolicyViolationException for more partitions than one request may make
   */
  createTopics(
    requests: readonly CreatableTopic[],
    validateOnly: boolean,
  ): Promise<CreateTopicOutcome[]> {
    return this.change(async () => {
      this.replicationControl.checkTotalPartitions(requests)
      const topics = new Map(this.image.topicsByName)
      const duplicates = duplicatesOf(requests.map((request) => request.name))
      const outcomes = requests.map((request): CreateTopicOutcome => {
        try {
          if (duplicates.has(request.name)) {
            throw new InvalidRequestException('Duplicate topic name.')
          }
          const topic = this.replicationControl.createTopic(request, topics, this.image)
          topics.set(topic.name, topic)
          return { topic }
        } catch (error) {
          return { error }
        }
      })
      if (!validateOnly && topics.size > this.image.topicsByName.size) {
        await this.replace(this.image.withTopics(topics.values()))
      }
      return outcomes
    })
  }

  /**
   * By name, or by id where the name is null. What is named twice, in whichever way, is not
   * deleted: it may be a mistake, and nothing brings a topic back.
   */
  deleteTopics(requests: readonly DeleteTopicState[]): Promise<DeleteTopicOutcome[]> {
    return this.change(async () => {
      const repeated = duplicatesOf(requests.map((request) => this.topicNamed(request)))
      repeated.delete(undefined)
      const doomed = new Set<TopicImage>()
      const outcomes = requests.map((request): DeleteTopicOutcome => {
        try {
          const topic = this.topicToDelete(request)
          if (repeated.has(topic)) throw new InvalidRequestException('Duplicate topic.')
          doomed.add(topic)
          return { name: topic.name, id: topic.id }
        } catch (error) {
          return { name: request.name, id: request.topicId, error }
        }
      })
      if (doomed.size > 0) {
        const kept = [...this.image.topicsByName.values()].filter((topic) => !doomed.has(topic))
        await this.replace(this.image.withTopics(kept))
      }
      return outcomes
    })
  }

  // ---- producer ids

  /** A block that nobody ever had and nobody else will get. */
  allocateProducerIds(): Promise<ProducerIdsBlock> {
    return this.change(async () => {
      const firstProducerId = this.nextProducerId
      this.nextProducerId += BigInt(PRODUCER_ID_BLOCK_SIZE)
      await this.persist(this.image)
      return { firstProducerId, size: PRODUCER_ID_BLOCK_SIZE }
    })
  }

  /** Resolves when no change is under way. */
  async close(): Promise<void> {
    await this.last.catch(() => {})
  }

  private topicToDelete(request: DeleteTopicState): TopicImage {
    const { name, topicId } = request
    const hasId = !topicId.equals(Uuid.ZERO_UUID)
    if (name !== null && hasId) {
      throw new InvalidRequestException('You may not specify both topic name and topic id.')
    }
    if (name === null && !hasId) {
      throw new InvalidRequestException('Neither topic name nor id were specified.')
    }
    const topic = this.topicNamed(request)
    if (topic !== undefined) return topic
    throw (hasId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION).exception()
  }

  private topicNamed({ name, topicId }: DeleteTopicState): TopicImage | undefined {
    return name === null ? this.image.topicById(topicId) : this.image.topicsByName.get(name)
  }

  /** I1: runs `action` when everything before it is done. */
  private change<T>(action: () => Promise<T>): Promise<T> {
    const done = this.last.then(action, action)
    this.last = done.catch(() => {})
    return done
  }

  private async replace(image: MetadataImage): Promise<void> {
    await this.persist(image)
    this.publish(image)
  }

  private publish(image: MetadataImage): void {
    this.image = image
    for (const publisher of this.publishers) {
      try {
        publisher(image)
      } catch (error) {
        // The change is made: one broker that cannot follow must not hide it from the others.
        this.logger.error('A broker failed to apply new metadata', error)
      }
    }
  }

  private persist(image: MetadataImage): Promise<void> {
    return this.file.write({
      clusterId: image.clusterId,
      nextProducerId: this.nextProducerId,
      topics: [...image.topicsByName.values()],
    })
  }

  private mapPartitions(
    change: (partition: PartitionRegistration) => PartitionRegistration,
  ): TopicImage[] {
    return Array.from(this.image.topicsByName.values(), (topic) => ({
      ...topic,
      partitions: topic.partitions.map(change),
    }))
  }
}

const withLeader = (partition: PartitionRegistration, leader: number): PartitionRegistration => ({
  ...partition,
  leader,
  leaderEpoch: partition.leaderEpoch + 1,
  partitionEpoch: partition.partitionEpoch + 1,
})

const duplicatesOf = <T>(values: readonly T[]): Set<T> => {
  const seen = new Set<T>()
  const duplicates = new Set<T>()
  for (const value of values) (seen.has(value) ? duplicates : seen).add(value)
  return duplicates
}
