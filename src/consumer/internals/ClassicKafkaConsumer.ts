/**
 * The consumer that does its I/O inside its owner's calls.
 *
 *     poll ─┬─ updateFetchPositions   OffsetFetcher: missing and doubtful positions
 *           ├─ collectFetch           is something there already? then return it …
 *           ├─ sendFetches            … else ask
 *           ├─ client.poll            … and wait, for an answer or the end of the time
 *           ├─ collectFetch
 *           └─ sendFetches            before returning, so that the next records come meanwhile
 *
 * Nothing happens between two calls but what the operating system does: bytes arrive and lie in the
 * socket. That makes the consumer easy to reason about, and it means that an owner who does not
 * call `poll` stops everything.
 *
 * I1  One call at a time (`SingleCaller`).
 * I2  From the moment the positions have moved until `poll` returns the records nothing may fail,
 *     or they are lost.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer
 * @simplified no coordinator: groups come later, and stand before `updateFetchPositions`.
 */

import { warnDisablingExponentialBackoff } from '../../clients/CommonClientConfigs.ts'
import type { Properties } from '../../common/config/ConfigDef.ts'
import {
  IllegalArgumentException,
  IllegalStateException,
  TimeoutException,
} from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { PartitionInfo } from '../../common/PartitionInfo.ts'
import type { Time } from '../../common/Time.ts'
import type { Timer } from '../../common/Timer.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { Trace } from '../../common/Trace.ts'
import type { Environment } from '../../network/Environment.ts'
import type { ConsumerConfig } from '../ConsumerConfig.ts'
import { ConsumerRecords } from '../ConsumerRecords.ts'
import { OffsetAndMetadata } from '../OffsetAndMetadata.ts'
import type { OffsetAndTimestamp } from '../OffsetAndTimestamp.ts'
import { AutoOffsetResetStrategy } from './AutoOffsetResetStrategy.ts'
import type { ConsumerDelegate } from './ConsumerDelegate.ts'
import type { ConsumerMetadata } from './ConsumerMetadata.ts'
import type { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import {
  type ConsumerParts,
  type ConsumerStack,
  closeConsumerParts,
  createConsumerParts,
} from './ConsumerParts.ts'
import * as ConsumerUtils from './ConsumerUtils.ts'
import type { Fetch } from './Fetch.ts'
import type { Fetcher } from './Fetcher.ts'
import { FetchPosition } from './FetchPosition.ts'
import type { OffsetFetcher } from './OffsetFetcher.ts'
import { SingleCaller } from './SingleCaller.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

/** After so many polls without I/O one is made to let the event loop turn. */
const POLLS_WITHOUT_TURN = 32

export interface ClassicKafkaConsumerOptions {
  readonly config: ConsumerConfig
  readonly environment: Environment
  /** For tests: what stands in for the network. */
  readonly stack?: ConsumerStack
}

export class ClassicKafkaConsumer<K, V> implements ConsumerDelegate<K, V> {
  readonly clientId: string
  readonly trace: Trace
  private readonly logger: Logger
  private readonly time: Time
  private readonly caller = new SingleCaller()
  private readonly parts: ConsumerParts<K, V>
  private readonly subscriptions: SubscriptionState
  private readonly metadata: ConsumerMetadata
  private readonly client: ConsumerNetworkClient
  private readonly fetcher: Fetcher<K, V>
  private readonly offsetFetcher: OffsetFetcher
  private readonly retryBackoffMs: number
  private readonly requestTimeoutMs: number
  private readonly defaultApiTimeoutMs: number
  private hasAllFetchPositions = false
  private pollsWithoutTurn = 0
  private closed = false

  /**
   * @throws InvalidGroupIdException for a group id of nothing but blanks
   * @throws KafkaException whose cause says which part could not be made
   */
  constructor({ config, environment, stack }: ClassicKafkaConsumerOptions) {
    const groupId = ConsumerUtils.configuredGroupId(config)
    this.clientId = config.get('client.id')
    this.logger = ConsumerUtils.createLogger(config, environment)
    this.trace = environment.traceBus.from(this.clientId)
    this.time = environment.time
    this.retryBackoffMs = config.get('retry.backoff.ms')
    this.requestTimeoutMs = config.get('request.timeout.ms')
    this.defaultApiTimeoutMs = config.get('default.api.timeout.ms')
    const { logger, trace } = this
    this.parts = createConsumerParts<K, V>({ config, environment, logger, trace, stack })
    this.subscriptions = this.parts.subscriptions
    this.metadata = this.parts.metadata
    this.client = this.parts.client
    this.fetcher = this.parts.fetcher
    this.offsetFetcher = this.parts.offsetFetcher
    warnDisablingExponentialBackoff(config.values() as Properties, logger)
    if (groupId !== null) {
      logger.warn(
        `'group.id' is ${groupId}, but groups are not there yet: partitions are assigned by ` +
          'assign(), and no offset is committed.',
      )
    }
    config.logUnused(logger)
  }

  // ---- what is read

  assignment(): TopicPartitionSet {
    return this.call('assignment', () => this.subscriptions.assignedPartitions())
  }

  assign(partitions: Iterable<TopicPartition>): void {
    this.call('assign', () => {
      const assigned = ConsumerUtils.checkedPartitions(partitions)
      if (assigned.size === 0) {
        this.dropAssignment()
        return
      }
      this.fetcher.clearBufferedDataForUnassignedPartitions(assigned)
      this.logger.info(`Assigned to partition(s): ${[...assigned].join(', ')}`)
      if (this.subscriptions.assignFromUser(assigned)) this.metadata.requestUpdateForNewTopics()
    })
  }

  unsubscribe(): Promise<void> {
    return this.callAndWait('unsubscribe', async () => this.dropAssignment())
  }

  pause(partitions: Iterable<TopicPartition>): void {
    this.call('pause', () => {
      for (const partition of partitions) this.subscriptions.pause(partition)
    })
  }

  resume(partitions: Iterable<TopicPartition>): void {
    this.call('resume', () => {
      for (const partition of partitions) this.subscriptions.resume(partition)
    })
  }

  paused(): TopicPartitionSet {
    return this.call('paused', () => this.subscriptions.pausedPartitions())
  }

  // ---- reading

  poll(timeoutMs: number): Promise<ConsumerRecords<K, V>> {
    return this.callAndWait('poll', async () => {
      if (this.subscriptions.hasNoSubscriptionOrUserAssignment()) {
        throw new IllegalStateException(
          'Consumer is not subscribed to any topics or assigned any partitions: call assign first.',
        )
      }
      if (this.trace.enabled) {
        this.trace.emit('consumer.delegate.poll', {
          assigned: this.subscriptions.numAssignedPartitions(),
        })
      }
      const timer = this.time.timer(timeoutMs)
      do {
        this.client.maybeTriggerWakeup()
        this.updateFetchPositions()
        const fetch = await this.pollForFetches(timer)
        if (!fetch.isEmpty()) return this.handOut(fetch)
      } while (timer.notExpired())
      return ConsumerRecords.empty()
    })
  }

  /** Already there, or what comes within the time. */
  private async pollForFetches(timer: Timer): Promise<Fetch<K, V>> {
    const fetch = this.fetcher.collectFetch()
    if (!fetch.isEmpty()) return fetch
    this.sendFetches()
    // A lookup of positions may be backing off after a failure: do not wait longer than that.
    const timeoutMs = this.hasAllFetchPositions
      ? timer.remainingMs()
      : Math.min(timer.remainingMs(), this.retryBackoffMs)
    const pollTimer = this.time.timer(timeoutMs)
    await this.client.poll(pollTimer, { shouldBlock: () => !this.fetcher.hasAvailableFetches() })
    this.pollsWithoutTurn = 0
    timer.update(pollTimer.currentTimeMs())
    return this.fetcher.collectFetch()
  }

  /** Sends the next fetches, then returns. */
  private async handOut(fetch: Fetch<K, V>): Promise<ConsumerRecords<K, V>> {
    try {
      const hasToSend = this.sendFetches() > 0 || this.client.hasPendingRequests()
      if (hasToSend || ++this.pollsWithoutTurn >= POLLS_WITHOUT_TURN) {
        this.pollsWithoutTurn = 0
        await this.client.transmitSends()
      }
    } catch (error) {
      // I2: what has failed here, such as a login, fails again in the next poll, and is raised
      // there.
      this.logger.error('The next fetch could not be sent; the next poll tries it again', error)
    }
    const records = new ConsumerRecords<K, V>(fetch.records(), fetch.nextOffsets())
    return this.caller.runPlugin(() => this.parts.interceptors.onConsume(records))
  }

  private sendFetches(): number {
    this.offsetFetcher.validatePositionsOnMetadataChange()
    return this.fetcher.sendFetches()
  }

  /** Sees to it that positions which are missing or doubtful are asked for. Does not wait. */
  private updateFetchPositions(): void {
    this.offsetFetcher.validatePositionsIfNeeded()
    this.hasAllFetchPositions = this.subscriptions.hasAllFetchPositions()
    if (this.hasAllFetchPositions) return
    this.subscriptions.resetInitializingPositions()
    this.offsetFetcher.resetPositionsIfNeeded()
  }

  // ---- positions

  seek(partition: TopicPartition, to: number | OffsetAndMetadata): void {
    const target = to instanceof OffsetAndMetadata ? to : ConsumerUtils.offsetToSeek(to)
    this.call('seek', () => {
      const { offset, leaderEpoch } = target
      this.logger.info(`Seeking to offset ${offset} for partition ${partition}`)
      const leader = this.metadata.currentLeader(partition)
      if (leaderEpoch !== null) this.metadata.updateLastSeenEpochIfNewer(partition, leaderEpoch)
      this.subscriptions.seekUnvalidated(partition, new FetchPosition(offset, leaderEpoch, leader))
    })
  }

  seekToBeginning(partitions: Iterable<TopicPartition> = []): void {
    this.call('seekToBeginning', () => this.seekTo(AutoOffsetResetStrategy.EARLIEST, partitions))
  }

  seekToEnd(partitions: Iterable<TopicPartition> = []): void {
    this.call('seekToEnd', () => this.seekTo(AutoOffsetResetStrategy.LATEST, partitions))
  }

  position(partition: TopicPartition, timeoutMs = this.defaultApiTimeoutMs): Promise<number> {
    return this.callAndWait('position', async () => {
      if (!this.subscriptions.isAssigned(partition)) {
        throw new IllegalStateException(
          'You can only check the position for partitions assigned to this consumer: ' +
            `${partition} is not.`,
        )
      }
      const timer = this.time.timer(timeoutMs)
      do {
        const position = this.subscriptions.validPosition(partition)
        if (position !== null) return position.offset
        this.updateFetchPositions()
        await this.client.poll(timer)
      } while (timer.notExpired())
      throw new TimeoutException(
        `Timeout of ${timeoutMs}ms expired before the position for partition ${partition} could ` +
          `be determined.${this.client.connectionProblem()}`,
      )
    })
  }

  currentLag(partition: TopicPartition): number | null {
    return this.call('currentLag', () => this.offsetFetcher.currentLag(partition))
  }

  beginningOffsets(
    partitions: Iterable<TopicPartition>,
    timeoutMs = this.defaultApiTimeoutMs,
  ): Promise<TopicPartitionMap<number>> {
    return this.callAndWait('beginningOffsets', () =>
      this.offsetFetcher.beginningOffsets(partitions, this.time.timer(timeoutMs)),
    )
  }

  endOffsets(
    partitions: Iterable<TopicPartition>,
    timeoutMs = this.defaultApiTimeoutMs,
  ): Promise<TopicPartitionMap<number>> {
    return this.callAndWait('endOffsets', () =>
      this.offsetFetcher.endOffsets(partitions, this.time.timer(timeoutMs)),
    )
  }

  offsetsForTimes(
    timestampsToSearch: Iterable<readonly [TopicPartition, number]>,
    timeoutMs = this.defaultApiTimeoutMs,
  ): Promise<TopicPartitionMap<OffsetAndTimestamp | null>> {
    return this.callAndWait('offsetsForTimes', () => {
      const timestamps = ConsumerUtils.checkedTimestamps(timestampsToSearch)
      return this.offsetFetcher.offsetsForTimes(timestamps, this.time.timer(timeoutMs))
    })
  }

  // ---- topics

  partitionsFor(
    topic: string,
    timeoutMs = this.defaultApiTimeoutMs,
  ): Promise<readonly PartitionInfo[]> {
    return this.callAndWait('partitionsFor', async () => {
      const known = this.metadata.fetch().partitionsForTopic(topic)
      if (known.length > 0) return known
      const timer = this.time.timer(timeoutMs)
      const { allowAutoTopicCreation } = this.metadata
      return (
        (await this.parts.topicMetadataFetcher.getTopicMetadata(
          topic,
          allowAutoTopicCreation,
          timer,
        )) ?? []
      )
    })
  }

  listTopics(
    timeoutMs = this.defaultApiTimeoutMs,
  ): Promise<ReadonlyMap<string, readonly PartitionInfo[]>> {
    return this.callAndWait('listTopics', () =>
      this.parts.topicMetadataFetcher.getAllTopicMetadata(this.time.timer(timeoutMs)),
    )
  }

  // ---- the end

  wakeup(): void {
    this.client.wakeup()
  }

  async close(timeoutMs = ConsumerUtils.DEFAULT_CLOSE_TIMEOUT_MS): Promise<void> {
    if (!(timeoutMs >= 0)) {
      throw new IllegalArgumentException(`The timeout of close cannot be negative: ${timeoutMs}`)
    }
    this.caller.acquire('close')
    try {
      if (this.closed) return
      const timer = this.time.timer(Math.min(timeoutMs, this.requestTimeoutMs))
      await closeConsumerParts(this.parts, timer, this.logger)
    } finally {
      this.closed = true
      this.caller.release()
    }
  }

  private dropAssignment(): void {
    this.fetcher.clearBufferedDataForUnassignedPartitions([])
    this.subscriptions.unsubscribe()
    this.logger.info('Unsubscribed all topics and assigned partitions')
  }

  private seekTo(strategy: AutoOffsetResetStrategy, partitions: Iterable<TopicPartition>): void {
    const named = [...partitions]
    for (const partition of named.length > 0 ? named : this.subscriptions.assignedPartitions()) {
      this.logger.info(`Seeking to ${strategy.type} offset of partition ${partition}`)
      this.subscriptions.requestOffsetReset(partition, strategy)
    }
  }

  private call<T>(method: string, body: () => T): T {
    this.acquireAndEnsureOpen(method)
    try {
      return body()
    } finally {
      this.caller.release()
    }
  }

  private async callAndWait<T>(method: string, body: () => Promise<T>): Promise<T> {
    this.acquireAndEnsureOpen(method)
    try {
      return await body()
    } finally {
      this.caller.release()
    }
  }

  private acquireAndEnsureOpen(method: string): void {
    this.caller.acquire(method)
    if (!this.closed) return
    this.caller.release()
    throw new IllegalStateException(
      `This consumer has already been closed: ${method}() needs an open one.`,
    )
  }
}
