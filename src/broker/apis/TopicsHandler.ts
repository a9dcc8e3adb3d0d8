/**
 * `CreateTopics` and `DeleteTopics`: passed on to the controller, answered with what it decided.
 *
 * @kafka kafka.server.ControllerApis
 * @simplified broker and controller are one process, so a request is handed over instead of being
 *   forwarded.
 */

import {
  InvalidRequestException,
  TopicDeletionDisabledException,
} from '../../common/errors/ApiExceptions.ts'
import { Uuid } from '../../common/Uuid.ts'
import { Errors } from '../../protocol/Errors.ts'
import type {
  CreateTopicsRequestData,
  CreateTopicsResponseInput,
} from '../../protocol/messages/CreateTopics.ts'
import type {
  DeleteTopicState,
  DeleteTopicsRequestData,
  DeleteTopicsResponseInput,
} from '../../protocol/messages/DeleteTopics.ts'
import type { ConfigHelper } from '../ConfigHelper.ts'
import type {
  CreateTopicOutcome,
  DeleteTopicOutcome,
  QuorumController,
} from '../controller/QuorumController.ts'
import type { KafkaConfig } from '../KafkaConfig.ts'
import type { TopicImage } from '../metadata/MetadataImage.ts'
import { apiErrorOf } from './ApiError.ts'

type CreateResult = NonNullable<CreateTopicsResponseInput['topics']>[number]
type DeleteResult = NonNullable<DeleteTopicsResponseInput['responses']>[number]

export class TopicsHandler {
  private readonly config: KafkaConfig
  private readonly controller: QuorumController
  private readonly configHelper: ConfigHelper

  constructor(config: KafkaConfig, controller: QuorumController, configHelper: ConfigHelper) {
    this.config = config
    this.controller = controller
    this.configHelper = configHelper
  }

  async createTopics(request: CreateTopicsRequestData): Promise<CreateTopicsResponseInput> {
    const outcomes = await this.controller.createTopics(request.topics, request.validateOnly)
    const topics = outcomes.map((outcome, index) =>
      this.createResult(request.topics[index]!.name, outcome),
    )
    return { topics: uniqueByName(topics) }
  }

  /** @throws InvalidRequestException, TopicDeletionDisabledException where it is switched off */
  async deleteTopics(
    request: DeleteTopicsRequestData,
    version: number,
  ): Promise<DeleteTopicsResponseInput> {
    if (!this.config.get('delete.topic.enable')) {
      throw version < 3
        ? new InvalidRequestException('This version does not support topic deletion.')
        : new TopicDeletionDisabledException('Topic deletion is disabled.')
    }
    const topics: DeleteTopicState[] =
      version >= 6
        ? request.topics
        : request.topicNames.map((name) => ({ name, topicId: Uuid.ZERO_UUID }))
    const outcomes = await this.controller.deleteTopics(topics)
    return { responses: outcomes.map(deleteResult) }
  }

  private createResult(name: string, outcome: CreateTopicOutcome): CreateResult {
    if ('error' in outcome) {
      const { error, message } = apiErrorOf(outcome.error)
      return { name, topicId: Uuid.ZERO_UUID, errorCode: error.code, errorMessage: message }
    }
    const { topic } = outcome
    return {
      name,
      topicId: topic.id,
      errorCode: Errors.NONE.code,
      errorMessage: null,
      numPartitions: topic.partitions.length,
      replicationFactor: topic.partitions[0]!.replicas.length,
      configs: this.configsOf(topic),
    }
  }

  private configsOf(topic: TopicImage): NonNullable<CreateResult['configs']> {
    return this.configHelper.topicEntries(topic.configs).map((each) => ({
      name: each.name,
      value: each.value,
      readOnly: each.readOnly,
      configSource: each.configSource,
      isSensitive: each.isSensitive,
    }))
  }
}

/** A name that was asked for twice is answered once. */
const uniqueByName = (topics: readonly CreateResult[]): CreateResult[] => [
  ...new Map(topics.map((topic) => [topic.name, topic])).values(),
]

const deleteResult = (outcome: DeleteTopicOutcome): DeleteResult => {
  const { name, id: topicId } = outcome
  if (!('error' in outcome)) return { name, topicId, errorCode: Errors.NONE.code }
  const { error, message } = apiErrorOf(outcome.error)
  return { name, topicId, errorCode: error.code, errorMessage: message }
}
