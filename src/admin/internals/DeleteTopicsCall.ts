/**
 * Deletes topics, all by their names or all by their ids.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient
 * @kafka org.apache.kafka.common.requests.DeleteTopicsRequest.Builder
 * @simplified one class; in Java `getDeleteTopicsCall` and `getDeleteTopicsWithIdsCall`.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { type RequestBuilder, requestBuilder } from '../../clients/RequestBuilder.ts'
import { Uuid } from '../../common/Uuid.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import type {
  DeletableTopicResult,
  DeleteTopicsResponseData,
} from '../../protocol/messages/DeleteTopics.ts'
import {
  ControllerTopicsCall,
  type ControllerTopicsCallOptions,
  type TopicsResponse,
} from './ControllerTopicsCall.ts'

/** From here on topics have ids, and the names stand beside them. */
const FIRST_VERSION_WITH_IDS = 6

export class DeleteTopicsCall extends ControllerTopicsCall<
  string | Uuid,
  DeletableTopicResult,
  void
> {
  override createRequest(timeoutMs: number): RequestBuilder {
    const asked = [...this.options.items.values()]
    if (asked[0] instanceof Uuid) {
      const topics = (asked as Uuid[]).map((topicId) => ({ name: null, topicId }))
      const oldest = FIRST_VERSION_WITH_IDS
      return requestBuilder(ApiKeys.DELETE_TOPICS, { topics, timeoutMs }, { oldest })
    }
    const topicNames = asked as string[]
    return requestBuilder(ApiKeys.DELETE_TOPICS, (version) =>
      version >= FIRST_VERSION_WITH_IDS
        ? { topics: topicNames.map((name) => ({ name })), timeoutMs }
        : { topicNames, timeoutMs },
    )
  }

  protected override resultsOf(response: ClientResponse): TopicsResponse<DeletableTopicResult> {
    const { responses, throttleTimeMs } = response.responseBody as DeleteTopicsResponseData
    return { results: responses, throttleTimeMs }
  }

  protected override keyOf({ name, topicId }: DeletableTopicResult): string {
    const [asked] = this.options.items.values()
    return asked instanceof Uuid || name === null ? topicId.toString() : name
  }

  protected override outcomeOf(): void {}

  protected override next(
    options: ControllerTopicsCallOptions<string | Uuid, void>,
  ): DeleteTopicsCall {
    return new DeleteTopicsCall(options)
  }
}
