/**
 * Makes topics that somebody asked about, with the broker's defaults; `__consumer_offsets` with
 * those of its own.
 *
 * The answer to the question says UNKNOWN_TOPIC_OR_PARTITION: the topic is on its way, and the
 * client asks again.
 *
 * I1  A topic is asked for once: while its creation is under way, further questions start nothing.
 *
 * @kafka kafka.server.AutoTopicCreationManager
 * @simplified `__consumer_offsets` has one replica, whatever `offsets.topic.replication.factor`
 *   says: nothing would copy to a second one yet.
 */

import { TopicExistsException } from '../common/errors/ApiExceptions.ts'
import type { Logger } from '../common/Logger.ts'
import { Topic } from '../common/Topic.ts'
import { Uuid } from '../common/Uuid.ts'
import { Errors } from '../protocol/Errors.ts'
import type { CreatableTopic } from '../protocol/messages/CreateTopics.ts'
import type { MetadataResponseInput } from '../protocol/messages/Metadata.ts'
import type { QuorumController } from './controller/QuorumController.ts'
import type { GroupCoordinatorConfig } from './group/GroupCoordinatorConfig.ts'
import type { KafkaConfig } from './KafkaConfig.ts'

type TopicMetadata = NonNullable<MetadataResponseInput['topics']>[number]

export class AutoTopicCreationManager {
  private readonly groupConfig: GroupCoordinatorConfig
  private readonly controller: QuorumController
  private readonly logger: Logger
  private readonly inflightTopics = new Set<string>()

  constructor(config: KafkaConfig, controller: QuorumController, logger: Logger) {
    this.groupConfig = config.groupCoordinatorConfig()
    this.controller = controller
    this.logger = logger
  }

  /** Starts making those that can be made; returns what is answered about each of `topics`. */
  createTopics(topics: readonly string[]): TopicMetadata[] {
    const creatable = topics.filter(
      (topic) => Topic.isValid(topic) && !this.inflightTopics.has(topic),
    )
    if (creatable.length > 0) void this.sendCreateTopicRequest(creatable)
    return topics.map((name) => ({
      errorCode: (Topic.isValid(name)
        ? Errors.UNKNOWN_TOPIC_OR_PARTITION
        : Errors.INVALID_TOPIC_EXCEPTION
      ).code,
      name,
      topicId: Uuid.ZERO_UUID,
      isInternal: Topic.isInternal(name),
      partitions: [],
    }))
  }

  private async sendCreateTopicRequest(topics: readonly string[]): Promise<void> {
    for (const topic of topics) this.inflightTopics.add(topic)
    try {
      const requests = topics.map((name) => this.creatableTopic(name))
      const outcomes = await this.controller.createTopics(requests, false)
      for (const [index, outcome] of outcomes.entries()) {
        if (!('error' in outcome) || outcome.error instanceof TopicExistsException) continue
        this.logger.warn(`Auto topic creation of '${topics[index]}' failed: ${outcome.error}`)
      }
    } catch (error) {
      this.logger.error(`Auto topic creation of ${topics.join(', ')} failed`, error)
    } finally {
      for (const topic of topics) this.inflightTopics.delete(topic)
    }
  }

  private creatableTopic(name: string): CreatableTopic {
    if (name !== Topic.GROUP_METADATA_TOPIC_NAME) {
      return { name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] }
    }
    const { groupConfig } = this
    return {
      name,
      numPartitions: groupConfig.offsetsTopicPartitions(),
      replicationFactor: Math.min(groupConfig.offsetsTopicReplicationFactor(), 1),
      assignments: [],
      // Only the newest record of a key counts, so only that one is kept in the end.
      configs: [
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'compression.type', value: 'producer' },
        { name: 'segment.bytes', value: String(groupConfig.offsetsTopicSegmentBytes()) },
      ],
    }
  }
}
