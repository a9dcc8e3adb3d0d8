/**
 * A producer's picture of the cluster: the topics it sends to, and nothing else.
 *
 * A topic is asked about when the first record for it comes, kept while records come, and forgotten
 * when none came for `metadata.max.idle.ms`. A new topic has its own, smaller request; until an
 * answer speaks of it, it is new.
 *
 *     add(topic) ─► newTopics ──an answer names it──► topics ──idle──► forgotten
 *
 * `awaitUpdate` is where `send` waits. Java parks its thread on this object; here each waiter has a
 * promise, looked at after everything that could end its wait.
 *
 * I1  newTopics ⊆ topics.
 * I2  A waiter is released by the next update, a fatal error, the end of its time, or `close`;
 *     exactly once.
 *
 * @kafka org.apache.kafka.clients.producer.internals.ProducerMetadata
 */

import { Metadata, type MetadataOptions } from '../../clients/Metadata.ts'
import {
  type MetadataRequestBuilder,
  metadataRequestForTopics,
} from '../../clients/MetadataRequest.ts'
import type { MetadataResponse } from '../../clients/MetadataResponse.ts'
import { KafkaException, TimeoutException } from '../../common/errors.ts'
import type { Scheduled, Time } from '../../common/Time.ts'
import type { Uuid } from '../../common/Uuid.ts'
import type { WireError } from '../../protocol/Errors.ts'

export interface ProducerMetadataOptions extends MetadataOptions {
  /** `metadata.max.idle.ms`. */
  readonly metadataIdleMs: number
  readonly time: Time
}

interface Waiter {
  readonly lastVersion: number
  readonly timeout: Scheduled
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export class ProducerMetadata extends Metadata {
  private readonly metadataIdleMs: number
  private readonly time: Time
  /** When each topic is forgotten, unless a record comes before. */
  private readonly topicExpiry = new Map<string, number>()
  private readonly newTopics = new Set<string>()
  private readonly waiters = new Set<Waiter>()
  private topicErrors: ReadonlyMap<string, WireError> = new Map()

  constructor(options: ProducerMetadataOptions) {
    super(options)
    this.metadataIdleMs = options.metadataIdleMs
    this.time = options.time
  }

  /** A record for `topic` comes: it will be wanted for a while. */
  add(topic: string, nowMs: number): void {
    const expiryMs = this.topicExpiry.get(topic)
    // Called for every record: within one millisecond there is nothing new to write down.
    if (expiryMs === nowMs + this.metadataIdleMs) return
    this.topicExpiry.set(topic, nowMs + this.metadataIdleMs)
    if (expiryMs === undefined) {
      this.newTopics.add(topic)
      this.requestUpdateForNewTopics()
    }
  }

  /** Asks for news of `topic`. Returns the version to wait beyond. */
  requestUpdateForTopic(topic: string): number {
    return this.newTopics.has(topic) ? this.requestUpdateForNewTopics() : this.requestUpdate(false)
  }

  /**
   * Resolves when the picture is newer than `lastVersion`.
   *
   * @throws TimeoutException after `timeoutMs`
   * @throws KafkaException when the metadata is closed, or something went wrong for good
   */
  awaitUpdate(lastVersion: number, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        lastVersion,
        timeout: this.time.schedule(timeoutMs, () => {
          this.waiters.delete(waiter)
          reject(new TimeoutException(`No new metadata after waiting for ${timeoutMs} ms.`))
        }),
        resolve,
        reject,
      }
      this.waiters.add(waiter)
      this.releaseIfDone(waiter)
    })
  }

  /** What the last answer said was wrong with `topic`; `null`: nothing. */
  getError(topic: string): WireError | null {
    return this.topicErrors.get(topic) ?? null
  }

  topics(): ReadonlySet<string> {
    return new Set(this.topicExpiry.keys())
  }

  containsTopic(topic: string): boolean {
    return this.topicExpiry.has(topic)
  }

  isNewTopic(topic: string): boolean {
    return this.newTopics.has(topic)
  }

  override newMetadataRequestBuilder(): MetadataRequestBuilder {
    return metadataRequestForTopics([...this.topicExpiry.keys()], true)
  }

  override newMetadataRequestBuilderForNewTopics(): MetadataRequestBuilder {
    return metadataRequestForTopics([...this.newTopics], true)
  }

  override update(
    requestVersion: number,
    response: MetadataResponse,
    isPartialUpdate: boolean,
    nowMs: number,
  ): void {
    super.update(requestVersion, response, isPartialUpdate, nowMs)
    this.topicErrors = response.errors()
    // Also those with an error: from now on the full request asks about them.
    for (const { topic } of response.topicMetadata) this.newTopics.delete(topic)
    this.notifyAll()
  }

  override fatalError(exception: KafkaException): void {
    super.fatalError(exception)
    this.notifyAll()
  }

  override close(): void {
    super.close()
    this.notifyAll()
  }

  protected override retainTopic(
    topic: string,
    _topicId: Uuid | null,
    _isInternal: boolean,
    nowMs: number,
  ): boolean {
    const expiryMs = this.topicExpiry.get(topic)
    if (expiryMs === undefined) return false
    if (this.newTopics.has(topic) || expiryMs > nowMs) return true
    this.logger.debug(`Forgetting topic ${topic}: nothing was sent to it since ${expiryMs}`)
    this.topicExpiry.delete(topic)
    return false
  }

  private notifyAll(): void {
    for (const waiter of [...this.waiters]) this.releaseIfDone(waiter)
  }

  /** I2. */
  private releaseIfDone(waiter: Waiter): void {
    try {
      this.maybeThrowFatalException()
      if (this.isClosed()) throw new KafkaException('Requested metadata update after close')
      if (this.updateVersion() <= waiter.lastVersion) return
      waiter.resolve()
    } catch (error) {
      waiter.reject(error)
    }
    waiter.timeout.cancel()
    this.waiters.delete(waiter)
  }
}
