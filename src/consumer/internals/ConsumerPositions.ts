/**
 * The calls about places in the log: where this consumer stands, where it is to go, where a log
 * begins and ends, and which topics there are.
 *
 *     seek, seekToBeginning, seekToEnd     a note in the `SubscriptionState`; done at once
 *     pause, resume                        the same
 *     position                             waits until there is one that may be trusted
 *     beginningOffsets, endOffsets, …      asks the leaders
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer
 */

import { IllegalStateException, TimeoutException } from '../../common/errors.ts'
import type { PartitionInfo } from '../../common/PartitionInfo.ts'
import type { Timer } from '../../common/Timer.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import { OffsetAndMetadata } from '../OffsetAndMetadata.ts'
import type { OffsetAndTimestamp } from '../OffsetAndTimestamp.ts'
import type { Wait } from '../WaitOptions.ts'
import { AutoOffsetResetStrategy } from './AutoOffsetResetStrategy.ts'
import { ConsumerCalls, timeoutMsOf } from './ConsumerCalls.ts'
import * as ConsumerUtils from './ConsumerUtils.ts'
import { FetchPosition } from './FetchPosition.ts'

export abstract class ConsumerPositions<K, V> extends ConsumerCalls<K, V> {
  /** Looked up once per poll, not once per question. */
  protected hasAllFetchPositions = false

  pause(partitions: Iterable<TopicPartition>): void {
    this.call('pause', () => {
      for (const partition of partitions) this.parts.subscriptions.pause(partition)
    })
  }

  resume(partitions: Iterable<TopicPartition>): void {
    this.call('resume', () => {
      for (const partition of partitions) this.parts.subscriptions.resume(partition)
    })
  }

  paused(): TopicPartitionSet {
    return this.call('paused', () => this.parts.subscriptions.pausedPartitions())
  }

  // ---- where to go

  seek(partition: TopicPartition, to: number | OffsetAndMetadata): void {
    const target = to instanceof OffsetAndMetadata ? to : ConsumerUtils.offsetToSeek(to)
    this.call('seek', () => {
      const { metadata, subscriptions } = this.parts
      const { offset, leaderEpoch } = target
      this.logger.info(`Seeking to offset ${offset} for partition ${partition}`)
      const leader = metadata.currentLeader(partition)
      if (leaderEpoch !== null) metadata.updateLastSeenEpochIfNewer(partition, leaderEpoch)
      subscriptions.seekUnvalidated(partition, new FetchPosition(offset, leaderEpoch, leader))
      this.iteration?.drop(partition)
    })
  }

  seekToBeginning(partitions: Iterable<TopicPartition> = []): void {
    this.call('seekToBeginning', () => this.seekTo(AutoOffsetResetStrategy.EARLIEST, partitions))
  }

  seekToEnd(partitions: Iterable<TopicPartition> = []): void {
    this.call('seekToEnd', () => this.seekTo(AutoOffsetResetStrategy.LATEST, partitions))
  }

  private seekTo(strategy: AutoOffsetResetStrategy, partitions: Iterable<TopicPartition>): void {
    const { subscriptions } = this.parts
    const named = [...partitions]
    for (const partition of named.length > 0 ? named : subscriptions.assignedPartitions()) {
      this.logger.info(`Seeking to ${strategy.type} offset of partition ${partition}`)
      subscriptions.requestOffsetReset(partition, strategy)
      this.iteration?.drop(partition)
    }
  }

  // ---- where it stands

  position(partition: TopicPartition, wait?: Wait): Promise<number> {
    return this.wait('position', wait, async (timer) => {
      const { client, subscriptions } = this.parts
      if (!subscriptions.isAssigned(partition)) {
        throw new IllegalStateException(
          'You can only check the position for partitions assigned to this consumer: ' +
            `${partition} is not.`,
        )
      }
      do {
        const position = subscriptions.validPosition(partition)
        if (position !== null) return position.offset
        await this.updateFetchPositions(timer)
        await client.poll(timer)
      } while (timer.notExpired())
      const timeoutMs = timeoutMsOf(wait, this.defaultApiTimeoutMs)
      throw new TimeoutException(
        `Timeout of ${timeoutMs}ms expired before the position for partition ${partition} could ` +
          `be determined.${client.connectionProblem()}`,
      )
    })
  }

  /**
   * Sees to it that positions which are missing or doubtful are found: from what the group has
   * committed, which is waited for, or by a reset, which is not.
   *
   * @returns `false` when the time is over
   */
  protected async updateFetchPositions(timer: Timer): Promise<boolean> {
    const { coordinator, offsetFetcher, subscriptions } = this.parts
    offsetFetcher.validatePositionsIfNeeded()
    this.hasAllFetchPositions = subscriptions.hasAllFetchPositions()
    if (this.hasAllFetchPositions) return true
    // Who assigns by hand and seeks needs no coordinator.
    if (coordinator !== null && !(await coordinator.initWithCommittedOffsetsIfNeeded(timer))) {
      return false
    }
    subscriptions.resetInitializingPositions()
    offsetFetcher.resetPositionsIfNeeded()
    return true
  }

  currentLag(partition: TopicPartition): number | null {
    return this.call('currentLag', () => this.parts.offsetFetcher.currentLag(partition))
  }

  // ---- what the leaders say

  beginningOffsets(
    partitions: Iterable<TopicPartition>,
    wait?: Wait,
  ): Promise<TopicPartitionMap<number>> {
    return this.wait('beginningOffsets', wait, (timer) =>
      this.parts.offsetFetcher.beginningOffsets(partitions, timer),
    )
  }

  endOffsets(
    partitions: Iterable<TopicPartition>,
    wait?: Wait,
  ): Promise<TopicPartitionMap<number>> {
    return this.wait('endOffsets', wait, (timer) =>
      this.parts.offsetFetcher.endOffsets(partitions, timer),
    )
  }

  offsetsForTimes(
    timestampsToSearch: Iterable<readonly [TopicPartition, number]>,
    wait?: Wait,
  ): Promise<TopicPartitionMap<OffsetAndTimestamp | null>> {
    return this.wait('offsetsForTimes', wait, (timer) => {
      const timestamps = ConsumerUtils.checkedTimestamps(timestampsToSearch)
      return this.parts.offsetFetcher.offsetsForTimes(timestamps, timer)
    })
  }

  partitionsFor(topic: string, wait?: Wait): Promise<readonly PartitionInfo[]> {
    return this.wait('partitionsFor', wait, async (timer) => {
      const { metadata, topicMetadataFetcher } = this.parts
      const known = metadata.fetch().partitionsForTopic(topic)
      if (known.length > 0) return known
      const { allowAutoTopicCreation } = metadata
      return (
        (await topicMetadataFetcher.getTopicMetadata(topic, allowAutoTopicCreation, timer)) ?? []
      )
    })
  }

  listTopics(wait?: Wait): Promise<ReadonlyMap<string, readonly PartitionInfo[]>> {
    return this.wait('listTopics', wait, (timer) =>
      this.parts.topicMetadataFetcher.getAllTopicMetadata(timer),
    )
  }
}
