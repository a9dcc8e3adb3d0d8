/**
 * Decides about topics: whether one may be made, with which partitions on which brokers, and
 * whether one may go.
 *
 * @kafka org.apache.kafka.controller.ReplicationControlManager
 * @kafka org.apache.kafka.metadata.placement.StripedReplicaPlacer
 * @simplified one replica per partition. A factor that the brokers could carry is refused by name:
 *   a second replica that nobody copies to would make every promise of acks=all a lie.
 */

import {
  InvalidPartitionsException,
  InvalidReplicaAssignmentException,
  InvalidReplicationFactorException,
  InvalidRequestException,
  InvalidTopicException,
  PolicyViolationException,
  TopicExistsException,
} from '../../common/errors/ApiExceptions.ts'
import type { Random } from '../../common/Random.ts'
import { Topic } from '../../common/Topic.ts'
import { Uuid } from '../../common/Uuid.ts'
import type { CreatableTopic } from '../../protocol/messages/CreateTopics.ts'
import type { KafkaConfig } from '../KafkaConfig.ts'
import { LogConfig } from '../log/LogConfig.ts'
import type { MetadataImage, PartitionRegistration, TopicImage } from '../metadata/MetadataImage.ts'

/** The controllers' own log, which is no topic that a client could have. */
const CLUSTER_METADATA_TOPIC = '__cluster_metadata'

const MAX_PARTITIONS_PER_BATCH = 10_000

export class ReplicationControlManager {
  private readonly config: KafkaConfig
  private readonly random: Random

  constructor(config: KafkaConfig, random: Random) {
    this.config = config
    this.random = random
  }

  /**
   * Bounds what one request can make a broker do.
   *
   * @throws PolicyViolationException
   */
  checkTotalPartitions(requests: readonly CreatableTopic[]): void {
    let total = 0
    for (const { assignments, numPartitions } of requests) {
      if (assignments.length > 0) total += assignments.length
      else total += numPartitions === -1 ? this.config.get('num.partitions') : numPartitions
      if (total <= MAX_PARTITIONS_PER_BATCH) continue
      throw new PolicyViolationException('Excessively large number of partitions per request.')
    }
  }

  /**
   * The topic that `request` describes.
   *
   * @param topics those that there are, with those that the same request makes
   * @throws InvalidTopicException, TopicExistsException, InvalidPartitionsException, …
   */
  createTopic(
    request: CreatableTopic,
    topics: ReadonlyMap<string, TopicImage>,
    image: MetadataImage,
  ): TopicImage {
    Topic.validate(request.name)
    checkNotThere(request.name, topics)
    const configs = configsOf(request)
    LogConfig.validate(this.config.extractLogConfigMap(), configs)
    const placement =
      request.assignments.length > 0
        ? this.manualAssignment(request, image)
        : this.placeReplicas(request, image)
    return {
      name: request.name,
      id: this.newTopicId(image),
      configs,
      partitions: placement.map(registration),
    }
  }

  private placeReplicas(request: CreatableTopic, image: MetadataImage): number[][] {
    const { numPartitions, replicationFactor } = request
    if (numPartitions < -1 || numPartitions === 0) {
      throw new InvalidPartitionsException(
        'Number of partitions was set to an invalid non-positive value.',
      )
    }
    if (replicationFactor < -1 || replicationFactor === 0) {
      throw new InvalidReplicationFactorException(
        'Replication factor was set to an invalid non-positive value.',
      )
    }
    const partitions = numPartitions === -1 ? this.config.get('num.partitions') : numPartitions
    const factor =
      replicationFactor === -1 ? this.config.get('default.replication.factor') : replicationFactor
    checkReplicationFactor(factor, image.brokers.size)
    // Leaders go round the brokers from one that is drawn by lot, so that small topics spread too.
    const brokers = [...image.brokers.keys()]
    const start = this.random.nextInt(brokers.length)
    return Array.from({ length: partitions }, (_, i) => [brokers[(start + i) % brokers.length]!])
  }

  private manualAssignment(request: CreatableTopic, image: MetadataImage): number[][] {
    if (request.replicationFactor !== -1) {
      throw new InvalidRequestException(
        'A manual partition assignment was specified, but replication factor was not set to -1.',
      )
    }
    if (request.numPartitions !== -1) {
      throw new InvalidRequestException(
        'A manual partition assignment was specified, but numPartitions was not set to -1.',
      )
    }
    const byIndex = new Map<number, number[]>()
    for (const { partitionIndex, brokerIds } of request.assignments) {
      if (byIndex.has(partitionIndex)) {
        throw new InvalidReplicaAssignmentException(
          `Found multiple manual partition assignments for partition ${partitionIndex}`,
        )
      }
      checkAssignedBrokers(brokerIds, image)
      byIndex.set(partitionIndex, brokerIds)
    }
    return Array.from(byIndex, (_, index) => {
      const brokers = byIndex.get(index)
      if (brokers !== undefined) return brokers
      throw new InvalidReplicaAssignmentException(
        'partitions should be a consecutive 0-based integer sequence',
      )
    })
  }

  private newTopicId(image: MetadataImage): Uuid {
    for (;;) {
      const id = Uuid.randomUuid(this.random)
      if (image.topicById(id) === undefined) return id
    }
  }
}

const configsOf = (request: CreatableTopic): Record<string, string> => {
  const configs: Record<string, string> = {}
  // Null means "the default", which is what a topic without the setting has.
  for (const { name, value } of request.configs) if (value !== null) configs[name] = value
  return configs
}

const checkNotThere = (name: string, topics: ReadonlyMap<string, TopicImage>): void => {
  if (name === CLUSTER_METADATA_TOPIC) {
    throw new InvalidRequestException(`Creation of internal topic ${name} is prohibited.`)
  }
  if (topics.has(name)) throw new TopicExistsException(`Topic '${name}' already exists.`)
  if (!Topic.hasCollisionChars(name)) return
  for (const existing of topics.keys()) {
    if (!Topic.hasCollision(name, existing)) continue
    throw new InvalidTopicException(`Topic '${name}' collides with existing topic: ${existing}`)
  }
}

const checkReplicationFactor = (factor: number, brokers: number): void => {
  if (factor > brokers) {
    throw new InvalidReplicationFactorException(
      `Unable to replicate the partition ${factor} time(s): The target replication factor of ` +
        `${factor} cannot be reached because only ${brokers} broker(s) are registered.`,
    )
  }
  if (factor > 1) {
    throw new InvalidReplicationFactorException(
      `This embedded cluster keeps one replica per partition, and ${factor} were asked for. ` +
        'Nothing would copy to the others yet, so it refuses instead of pretending: use ' +
        'replication factor 1.',
    )
  }
}

const checkAssignedBrokers = (brokerIds: readonly number[], image: MetadataImage): void => {
  if (brokerIds.length === 0) {
    throw new InvalidReplicaAssignmentException(
      'The manual partition assignment includes an empty replica list.',
    )
  }
  if (new Set(brokerIds).size !== brokerIds.length) {
    throw new InvalidReplicaAssignmentException(
      `The manual partition assignment includes the broker ${brokerIds[0]} more than once.`,
    )
  }
  for (const id of brokerIds) {
    if (image.brokers.has(id)) continue
    throw new InvalidReplicaAssignmentException(
      `The manual partition assignment includes broker ${id}, but no such broker is registered.`,
    )
  }
  if (brokerIds.length > 1) checkReplicationFactor(brokerIds.length, image.brokers.size)
}

const registration = (replicas: number[]): PartitionRegistration => ({
  replicas,
  isr: replicas,
  leader: replicas[0]!,
  leaderEpoch: 0,
  partitionEpoch: 0,
})
