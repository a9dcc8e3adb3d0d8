/**
 * The consumer's picture of the cluster: only the topics that it reads, and those it was just asked
 * about.
 *
 * A question such as `endOffsets` may concern a topic that is not assigned. Such topics are
 * *transient*: they are part of the picture while the question runs, and are dropped with the next
 * refresh after it.
 *
 * A pattern is matched here and not by the brokers, so while one is subscribed to, every request
 * asks for all topics; those that do not fit are dropped when the answer comes.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerMetadata
 * @simplified nothing about patterns that the broker evaluates: they belong to the new group
 *   protocol.
 */

import { Metadata, type MetadataOptions } from '../../clients/Metadata.ts'
import {
  type MetadataRequestBuilder,
  metadataRequestForAllTopics,
  metadataRequestForTopics,
} from '../../clients/MetadataRequest.ts'
import type { MetadataResponse } from '../../clients/MetadataResponse.ts'
import type { Uuid } from '../../common/Uuid.ts'
import { RequestFuture } from './RequestFuture.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export interface ConsumerMetadataOptions extends MetadataOptions {
  readonly subscriptions: SubscriptionState
  /** `allow.auto.create.topics`: whether asking about a missing topic may create it. */
  readonly allowAutoTopicCreation: boolean
  /**
   * The opposite of `exclude.internal.topics`: whether a pattern may match topics of Kafka's own,
   * such as `__consumer_offsets`. Default `false`.
   */
  readonly includeInternalTopics?: boolean
}

export class ConsumerMetadata extends Metadata {
  private readonly subscriptions: SubscriptionState
  private readonly transientTopics = new Set<string>()
  private waiting: RequestFuture<void>[] = []
  readonly allowAutoTopicCreation: boolean
  private readonly includeInternalTopics: boolean

  constructor(options: ConsumerMetadataOptions) {
    super(options)
    this.subscriptions = options.subscriptions
    this.allowAutoTopicCreation = options.allowAutoTopicCreation
    this.includeInternalTopics = options.includeInternalTopics ?? false
  }

  override newMetadataRequestBuilder(): MetadataRequestBuilder {
    if (this.subscriptions.hasPatternSubscription()) return metadataRequestForAllTopics()
    const topics = new Set([...this.subscriptions.metadataTopics(), ...this.transientTopics])
    return metadataRequestForTopics([...topics], this.allowAutoTopicCreation)
  }

  /**
   * For one who needs the next picture and cannot wait for it in a poll of his own: the leader of a
   * group, in the middle of the answer to its join. Completed by the poll that brings it.
   */
  nextUpdate(): RequestFuture<void> {
    this.requestUpdate(false)
    const future = new RequestFuture<void>()
    this.waiting.push(future)
    return future
  }

  override update(
    requestVersion: number,
    response: MetadataResponse,
    isPartialUpdate: boolean,
    nowMs: number,
  ): void {
    super.update(requestVersion, response, isPartialUpdate, nowMs)
    const waiting = this.waiting
    this.waiting = []
    for (const future of waiting) future.complete(undefined)
  }

  /**
   * Makes sure that the picture will have these topics; asks for it if it does not have them yet.
   */
  addTransientTopics(topics: Iterable<string>): void {
    const known = new Set(this.fetch().topics())
    let isMissing = false
    for (const topic of topics) {
      this.transientTopics.add(topic)
      isMissing ||= !known.has(topic)
    }
    if (isMissing) this.requestUpdateForNewTopics()
  }

  clearTransientTopics(): void {
    this.transientTopics.clear()
  }

  protected override retainTopic(
    topic: string,
    _topicId: Uuid | null,
    isInternal: boolean,
    _nowMs: number,
  ): boolean {
    if (this.transientTopics.has(topic) || this.subscriptions.needsMetadata(topic)) return true
    if (isInternal && !this.includeInternalTopics) return false
    return this.subscriptions.matchesSubscribedPattern(topic)
  }
}
