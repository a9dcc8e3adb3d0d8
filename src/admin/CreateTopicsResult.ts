/**
 * The outcome of `createTopics`, topic by topic.
 *
 * @kafka org.apache.kafka.clients.admin.CreateTopicsResult
 */

import { IllegalArgumentException } from '../common/errors.ts'
import type { Uuid } from '../common/Uuid.ts'
import type { Config } from './Config.ts'
import { allOf, type KafkaFutureImpl, observed } from './internals/KafkaFutureImpl.ts'

/** What the topic has become. */
export interface TopicDetails {
  /** `Uuid.ZERO_UUID` from a broker that does not say. */
  readonly topicId: Uuid
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly config: Config
}

/** … or why the broker does not say, though the topic was created. */
export type TopicMetadataAndConfig = TopicDetails | { readonly error: Error }

export class CreateTopicsResult {
  private readonly futures: ReadonlyMap<string, KafkaFutureImpl<TopicMetadataAndConfig>>

  constructor(futures: ReadonlyMap<string, KafkaFutureImpl<TopicMetadataAndConfig>>) {
    this.futures = futures
  }

  /** For each topic, when it was created or why it was not. */
  values(): Map<string, Promise<void>> {
    const done = ({ promise }: KafkaFutureImpl<TopicMetadataAndConfig>) =>
      observed(promise.then(() => undefined))
    return new Map(Array.from(this.futures, ([topic, future]) => [topic, done(future)]))
  }

  /** When all were created; fails when one was not. */
  all(): Promise<void> {
    return allOf(this.values().values())
  }

  /**
   * The settings that the topic was created with, and its numbers.
   *
   * @throws IllegalArgumentException for a topic that was not asked for
   */
  details(topic: string): Promise<TopicDetails> {
    const future = this.futures.get(topic)
    if (future === undefined) {
      throw new IllegalArgumentException(`'${topic}' is not among the topics of this call`)
    }
    return observed(
      future.promise.then((value) => {
        if ('error' in value) throw value.error
        return value
      }),
    )
  }

  config(topic: string): Promise<Config> {
    return observed(this.details(topic).then(({ config }) => config))
  }

  topicId(topic: string): Promise<Uuid> {
    return observed(this.details(topic).then(({ topicId }) => topicId))
  }

  numPartitions(topic: string): Promise<number> {
    return observed(this.details(topic).then(({ numPartitions }) => numPartitions))
  }

  replicationFactor(topic: string): Promise<number> {
    return observed(this.details(topic).then(({ replicationFactor }) => replicationFactor))
  }
}
