/**
 * Creates topics.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient
 * @kafka org.apache.kafka.common.requests.CreateTopicsRequest.Builder
 * @simplified a class of its own; in Java `getCreateTopicsCall`.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { type RequestBuilder, requestBuilder } from '../../clients/RequestBuilder.ts'
import { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type {
  CreatableTopicResult,
  CreateTopicsResponseData,
} from '../../protocol/messages/CreateTopics.ts'
import { Config, configSourceOf } from '../Config.ts'
import type { TopicMetadataAndConfig } from '../CreateTopicsResult.ts'
import { BROKER_DEFAULT, type CreatableTopicInput } from '../NewTopic.ts'
import {
  ControllerTopicsCall,
  type ControllerTopicsCallOptions,
  type TopicsResponse,
} from './ControllerTopicsCall.ts'

/** From here on -1 means "as the broker has it". */
const FIRST_VERSION_WITH_DEFAULTS = 4

export class CreateTopicsCall extends ControllerTopicsCall<
  CreatableTopicInput,
  CreatableTopicResult,
  TopicMetadataAndConfig
> {
  private readonly validateOnly: boolean

  constructor(
    options: ControllerTopicsCallOptions<CreatableTopicInput, TopicMetadataAndConfig>,
    validateOnly: boolean,
  ) {
    super(options)
    this.validateOnly = validateOnly
  }

  override createRequest(timeoutMs: number): RequestBuilder {
    const topics = [...this.options.items.values()]
    const { validateOnly } = this
    return requestBuilder(ApiKeys.CREATE_TOPICS, (version) => {
      if (version < FIRST_VERSION_WITH_DEFAULTS) refuseDefaults(topics)
      return { topics, timeoutMs, validateOnly }
    })
  }

  protected override resultsOf(response: ClientResponse): TopicsResponse<CreatableTopicResult> {
    const { topics, throttleTimeMs } = response.responseBody as CreateTopicsResponseData
    return { results: topics, throttleTimeMs }
  }

  protected override keyOf(result: CreatableTopicResult): string {
    return result.name
  }

  protected override outcomeOf(result: CreatableTopicResult): TopicMetadataAndConfig {
    const { topicConfigErrorCode, numPartitions, replicationFactor, topicId, configs } = result
    const configError = Errors.forCode(topicConfigErrorCode).exception()
    if (configError !== null) return { error: configError }
    if (numPartitions === -1) {
      const message = 'Topic metadata and configs in CreateTopics response not supported'
      return { error: new UnsupportedVersionException(message) }
    }
    const config = new Config(
      (configs ?? []).map((c) => ({
        name: c.name,
        value: c.value,
        source: configSourceOf(c.configSource),
        isSensitive: c.isSensitive,
        isReadOnly: c.readOnly,
        synonyms: [],
        type: 'UNKNOWN',
        documentation: null,
      })),
    )
    return { topicId, numPartitions, replicationFactor, config }
  }

  protected override next(
    options: ControllerTopicsCallOptions<CreatableTopicInput, TopicMetadataAndConfig>,
  ): CreateTopicsCall {
    return new CreateTopicsCall(options, this.validateOnly)
  }
}

const refuseDefaults = (topics: readonly CreatableTopicInput[]): void => {
  const withDefaults = topics.filter(
    ({ assignments, numPartitions, replicationFactor }) =>
      !assignments?.length &&
      (numPartitions === BROKER_DEFAULT || replicationFactor === BROKER_DEFAULT),
  )
  if (withDefaults.length === 0) return
  throw new UnsupportedVersionException(
    'Creating topics with default partitions or replication factor needs a broker that knows ' +
      `CreateTopics version ${FIRST_VERSION_WITH_DEFAULTS}. Give numbers for these topics: ` +
      withDefaults.map(({ name }) => name).join(', '),
  )
}
