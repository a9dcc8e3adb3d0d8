/**
 * Asks any broker about topics, for a caller who wants to know now, whatever the consumer itself
 * reads.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.TopicMetadataFetcher
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { RETRY_BACKOFF_EXP_BASE, RETRY_BACKOFF_JITTER } from '../../clients/CommonClientConfigs.ts'
import {
  type MetadataRequestBuilder,
  metadataRequestForAllTopics,
  metadataRequestForTopics,
} from '../../clients/MetadataRequest.ts'
import { MetadataResponse } from '../../clients/MetadataResponse.ts'
import { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import {
  InvalidTopicException,
  TopicAuthorizationException,
} from '../../common/errors/ApiExceptions.ts'
import { KafkaException, TimeoutException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { PartitionInfo } from '../../common/PartitionInfo.ts'
import type { Random } from '../../common/Random.ts'
import type { Timer } from '../../common/Timer.ts'
import type { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import { NoAvailableBrokersException } from './NoAvailableBrokersException.ts'
import { RequestFuture } from './RequestFuture.ts'

export interface TopicMetadataFetcherOptions {
  readonly logger: Logger
  readonly client: ConsumerNetworkClient
  readonly random: Random
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
}

type MetadataClientResponse = ClientResponse<typeof ApiKeys.METADATA>

export class TopicMetadataFetcher {
  private readonly logger: Logger
  private readonly client: ConsumerNetworkClient
  private readonly retryBackoff: ExponentialBackoff

  constructor(options: TopicMetadataFetcherOptions) {
    this.logger = options.logger
    this.client = options.client
    this.retryBackoff = new ExponentialBackoff(
      options.retryBackoffMs,
      RETRY_BACKOFF_EXP_BASE,
      options.retryBackoffMaxMs,
      RETRY_BACKOFF_JITTER,
      options.random,
    )
  }

  /**
   * The partitions of one topic.
   *
   * @returns `null` when there is no such topic
   */
  async getTopicMetadata(
    topic: string,
    allowAutoTopicCreation: boolean,
    timer: Timer,
  ): Promise<readonly PartitionInfo[] | null> {
    const request = metadataRequestForTopics([topic], allowAutoTopicCreation)
    return (await this.askUntilAnswered(request, timer)).get(topic) ?? null
  }

  /** The partitions of all topics that we may see. */
  getAllTopicMetadata(timer: Timer): Promise<Map<string, readonly PartitionInfo[]>> {
    return this.askUntilAnswered(metadataRequestForAllTopics(), timer)
  }

  private async askUntilAnswered(
    request: MetadataRequestBuilder,
    timer: Timer,
  ): Promise<Map<string, readonly PartitionInfo[]>> {
    let attempts = 0
    do {
      const future = this.sendMetadataRequest(request)
      await this.client.pollFuture(future, timer)
      if (future.failed() && !future.isRetriable()) throw future.exception()
      if (future.succeeded()) {
        const { responseBody, requestHeader } = future.value()
        const response = new MetadataResponse(responseBody!, requestHeader.apiVersion)
        if (!this.mustAskAgain(response)) return partitionInfos(response)
      }
      await timer.sleep(this.retryBackoff.backoff(attempts++))
    } while (timer.notExpired())
    throw new TimeoutException(
      `Timeout expired while fetching topic metadata (${timer.getTimeoutMs()} ms).` +
        this.client.connectionProblem(),
    )
  }

  /** @throws what asking again will not mend */
  private mustAskAgain(response: MetadataResponse): boolean {
    const errors = response.errors()
    const unauthorized = new Set<string>()
    for (const [topic, error] of errors) {
      if (error === Errors.TOPIC_AUTHORIZATION_FAILED) unauthorized.add(topic)
    }
    if (unauthorized.size > 0) {
      throw new TopicAuthorizationException(
        `Not authorized to access topics: [${[...unauthorized].join(', ')}]`,
        unauthorized,
      )
    }
    let askAgain = false
    for (const [topic, error] of errors) {
      this.logger.debug(`Topic metadata fetch: ${topic} has error ${error.name}`)
      if (error === Errors.INVALID_TOPIC_EXCEPTION) {
        throw new InvalidTopicException(`Topic '${topic}' is invalid`, new Set([topic]))
      }
      // A topic that is not there is simply missing in the result.
      if (error === Errors.UNKNOWN_TOPIC_OR_PARTITION) continue
      if (!error.retriable) {
        throw new KafkaException(`Unexpected error fetching metadata for topic ${topic}`, {
          cause: error.exception(),
        })
      }
      askAgain = true
    }
    return askAgain
  }

  private sendMetadataRequest(
    request: MetadataRequestBuilder,
  ): RequestFuture<MetadataClientResponse> {
    const node = this.client.leastLoadedNode()
    return node === null
      ? RequestFuture.failure(
          new NoAvailableBrokersException('There is no broker to ask just now.'),
        )
      : this.client.send(node, request)
  }
}

const partitionInfos = (response: MetadataResponse): Map<string, readonly PartitionInfo[]> => {
  const infos = new Map<string, readonly PartitionInfo[]>()
  for (const { topic, error, partitions } of response.topicMetadata) {
    if (error !== Errors.NONE) continue
    infos.set(
      topic,
      partitions.map((partition) => partition.toPartitionInfo(response.brokersById)),
    )
  }
  return infos
}
