/**
 * The calls that say what is read: topics, which the group shares out, or partitions, by hand.
 *
 *     subscribe(['orders'])     the group decides which partitions of it are ours
 *     subscribe(/^orders-/)     the same, for whatever topics there are and will be
 *     assign([partition])       ours, whoever else reads it
 *     unsubscribe()             nothing; leaves the group
 *
 * A subscription is a wish: partitions come with a later `poll`, when the group has agreed. An
 * assignment by hand counts at once. The two exclude each other until `unsubscribe`.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer
 */

import {
  IllegalArgumentException,
  IllegalStateException,
  UnsupportedOperationException,
} from '../../common/errors.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { ConsumerRebalanceListener } from '../ConsumerRebalanceListener.ts'
import { SubscriptionPattern } from '../SubscriptionPattern.ts'
import { ConsumerCommits } from './ConsumerCommits.ts'
import * as ConsumerUtils from './ConsumerUtils.ts'
import type { SingleCaller } from './SingleCaller.ts'

export abstract class ConsumerSubscriptions<K, V> extends ConsumerCommits<K, V> {
  assignment(): TopicPartitionSet {
    return this.call('assignment', () => this.parts.subscriptions.assignedPartitions())
  }

  subscription(): ReadonlySet<string> {
    return this.call('subscription', () => this.parts.subscriptions.subscription())
  }

  subscribe(
    to: Iterable<string> | RegExp | SubscriptionPattern,
    listener?: ConsumerRebalanceListener,
  ): void | Promise<void> {
    if (listener === null) throw new IllegalArgumentException('RebalanceListener cannot be null')
    if (to instanceof SubscriptionPattern) throw notClassic()
    const told = listener === undefined ? null : insideCalls(this.caller, listener)
    if (to instanceof RegExp) return this.subscribeToPattern(to, told)
    const topics = this.call('subscribe', () => {
      this.coordinatorOrThrow()
      return ConsumerUtils.checkedTopics(to)
    })
    return topics.size === 0 ? this.unsubscribe() : this.subscribeToTopics(topics, told)
  }

  private subscribeToTopics(
    topics: ReadonlySet<string>,
    listener: ConsumerRebalanceListener | null,
  ): void {
    this.call('subscribe', () => {
      const { fetcher, metadata, subscriptions } = this.parts
      this.throwIfNoAssignorsConfigured()
      const kept = [...subscriptions.assignedPartitions()].filter(({ topic }) => topics.has(topic))
      fetcher.clearBufferedDataForUnassignedPartitions(kept)
      this.logger.info(`Subscribed to topic(s): ${[...topics].join(', ')}`)
      if (subscriptions.subscribe(topics, listener)) metadata.requestUpdateForNewTopics()
    })
  }

  private subscribeToPattern(pattern: RegExp, listener: ConsumerRebalanceListener | null): void {
    this.call('subscribe', () => {
      const coordinator = this.coordinatorOrThrow()
      const { metadata, subscriptions } = this.parts
      // How JavaScript writes an empty expression.
      if (pattern.source === '(?:)') {
        throw new IllegalArgumentException('Topic pattern to subscribe to cannot be empty')
      }
      this.throwIfNoAssignorsConfigured()
      this.logger.info(`Subscribed to pattern: '${pattern}'`)
      subscriptions.subscribe(pattern, listener)
      coordinator.updatePatternSubscription(metadata.fetch())
      metadata.requestUpdateForNewTopics()
    })
  }

  assign(partitions: Iterable<TopicPartition>): void | Promise<void> {
    const assigned = this.call('assign', () => ConsumerUtils.checkedPartitions(partitions))
    if (assigned.size === 0) {
      if (this.parts.coordinator !== null) return this.unsubscribe()
      this.call('assign', () => this.dropAssignment())
      return
    }
    this.call('assign', () => {
      const { coordinator, fetcher, metadata, subscriptions } = this.parts
      fetcher.clearBufferedDataForUnassignedPartitions(assigned)
      // No rebalance will follow that would commit what is given up now.
      coordinator?.maybeAutoCommitOffsetsAsync(this.time.milliseconds())
      this.logger.info(`Assigned to partition(s): ${[...assigned].join(', ')}`)
      if (subscriptions.assignFromUser(assigned)) metadata.requestUpdateForNewTopics()
    })
  }

  unsubscribe(): Promise<void> {
    return this.wait('unsubscribe', undefined, async () => {
      const { coordinator, fetcher } = this.parts
      fetcher.clearBufferedDataForUnassignedPartitions([])
      if (coordinator !== null) {
        await coordinator.onLeavePrepare()
        await coordinator.maybeLeaveGroup('DEFAULT', 'the consumer unsubscribed from all topics')
      }
      this.dropAssignment()
    })
  }

  private dropAssignment(): void {
    this.parts.fetcher.clearBufferedDataForUnassignedPartitions([])
    this.parts.subscriptions.unsubscribe()
    this.logger.info('Unsubscribed all topics or patterns and assigned partitions')
  }

  private throwIfNoAssignorsConfigured(): void {
    if (this.parts.assignors.length > 0) return
    throw new IllegalStateException(
      'Must configure at least one partition assigner class to partition.assignment.strategy ' +
        'configuration property',
    )
  }
}

const notClassic = (): UnsupportedOperationException =>
  new UnsupportedOperationException(
    'Subscribe to RE2/J pattern is not supported when using the classic protocol defined in ' +
      'config group.protocol. Subscribe to a RegExp.',
  )

/** The program's listener, with leave to use the consumer while it runs. */
const insideCalls = (
  caller: SingleCaller,
  listener: ConsumerRebalanceListener,
): ConsumerRebalanceListener => {
  const told: Record<string, (partitions: readonly TopicPartition[]) => Promise<void>> = {}
  for (const method of ['onPartitionsRevoked', 'onPartitionsAssigned', 'onPartitionsLost'] as const)
    if (listener[method] !== undefined) {
      told[method] = (partitions) =>
        caller.runListener(async () => await listener[method]?.(partitions))
    }
  return told
}
