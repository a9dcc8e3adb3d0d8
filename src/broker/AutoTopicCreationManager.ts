/**
 * Makes topics that somebody asked about, with the broker's defaults.
 *
 * The answer to the question says UNKNOWN_TOPIC_OR_PARTITION: the topic is on its way, and the
 * client asks again.
 *
 * I1  A topic is asked for once: while its creation is under way, further questions start nothing.
 *
 * @kafka kafka.server.AutoTopicCreationManager
 * @simplified Kafka's own topics get the same defaults as any other: `offsets.topic.num.partitions`
 *   and the like come with groups and transactions.
 */

import { TopicExistsException } from '../common/errors/ApiExceptions.ts'
import type { Logger } from '../common/Logger.ts'
import { Topic } from '../common/Topic.ts'
import { Uuid } from '../common/Uuid.ts'
import { Errors } from '../protocol/Errors.ts'
import type { MetadataResponseInput } from '../protocol/messages/Metadata.ts'
import type { QuorumController } from './controller/QuorumController.ts'

type TopicMetadata = NonNullable<MetadataResponseInput['topics']>[number]

export class AutoTopicCreationManager {
  private readonly controller: QuorumController
  private readonly logger: Logger
  private readonly inflightTopics = new Set<string>()

  constructor(controller: QuorumController, logger: Logger) {
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
      const requests = topics.map((name) => ({
        name,
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [],
        configs: [],
      }))
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
}
