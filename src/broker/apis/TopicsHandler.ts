/**
 * `CreateTopics` and `DeleteTopics`: passed on to the controller, answered with what it decided.
 *
 * @kafka kafka.server.ControllerApis
 * @simplified broker and controller are one process, so a request is handed over instead of being
 *   forwarded.
 */

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
import type { TopicImage } from '../metadata/MetadataImage.ts'

type CreateResult = NonNullable<CreateTopicsResponseInput['topics']>[number]
type DeleteResult = NonNullable<DeleteTopicsResponseInput['responses']>[number]

export class TopicsHandler {
  private readonly controller: QuorumController
  private readonly configHelper: ConfigHelper

  constructor(controller: QuorumController, configHelper: ConfigHelper) {
    this.controller = controller
    this.configHelper = configHelper
  }

  async createTopics(request: CreateTopicsRequestData): Promise<CreateTopicsResponseInput> {
    const outcomes = await this.controller.createTopics(request.topics, request.validateOnly)
    const topics = outcomes.map((outcome, index) =>
      this.createResult(request.topics[index]!.name, outcome, request.validateOnly),
    )
    return { topics: uniqueByName(topics) }
  }

  async deleteTopics(
    request: DeleteTopicsRequestData,
    version: number,
  ): Promise<DeleteTopicsResponseInput> {
    const topics: DeleteTopicState[] =
      version >= 6
        ? request.topics
        : request.topicNames.map((name) => ({ name, topicId: Uuid.ZERO_UUID }))
    const outcomes = await this.controller.deleteTopics(topics)
    return { responses: outcomes.map(deleteResult) }
  }

  private createResult(
    name: string,
    outcome: CreateTopicOutcome,
    validateOnly: boolean,
  ): CreateResult {
    if ('error' in outcome) {
      return {
        name,
        topicId: Uuid.ZERO_UUID,
        errorCode: Errors.forException(outcome.error).code,
        errorMessage: messageOf(outcome.error),
      }
    }
    const { topic } = outcome
    return {
      name,
      // What was only looked at has no id yet.
      topicId: validateOnly ? Uuid.ZERO_UUID : topic.id,
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

const deleteResult = (outcome: DeleteTopicOutcome): DeleteResult => ({
  name: outcome.name,
  topicId: outcome.id,
  errorCode: 'error' in outcome ? Errors.forException(outcome.error).code : Errors.NONE.code,
  errorMessage: 'error' in outcome ? messageOf(outcome.error) : null,
})

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
