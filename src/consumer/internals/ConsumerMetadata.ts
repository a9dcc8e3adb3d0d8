/**
 * The consumer's picture of the cluster: only the topics that it reads, and those it was just asked
 * about.
 *
 * A question such as `endOffsets` may concern a topic that is not assigned. Such topics are
 * *transient*: they are part of the picture while the question runs, and are dropped with the next
 * refresh after it.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerMetadata
 * @simplified patterns, whose matching needs all topics, come with groups.
 */

import { Metadata, type MetadataOptions } from '../../clients/Metadata.ts'
import {
  type MetadataRequestBuilder,
  metadataRequestForTopics,
} from '../../clients/MetadataRequest.ts'
import type { Uuid } from '../../common/Uuid.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export interface ConsumerMetadataOptions extends MetadataOptions {
  readonly subscriptions: SubscriptionState
  /** `allow.auto.create.topics`: whether asking about a missing topic may create it. */
  readonly allowAutoTopicCreation: boolean
}

export class ConsumerMetadata extends Metadata {
  private readonly subscriptions: SubscriptionState
  private readonly transientTopics = new Set<string>()
  readonly allowAutoTopicCreation: boolean

  constructor(options: ConsumerMetadataOptions) {
    super(options)
    this.subscriptions = options.subscriptions
    this.allowAutoTopicCreation = options.allowAutoTopicCreation
  }

  override newMetadataRequestBuilder(): MetadataRequestBuilder {
    const topics = new Set([...this.subscriptions.metadataTopics(), ...this.transientTopics])
    return metadataRequestForTopics([...topics], this.allowAutoTopicCreation)
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
    _isInternal: boolean,
    _nowMs: number,
  ): boolean {
    return this.transientTopics.has(topic) || this.subscriptions.needsMetadata(topic)
  }
}
