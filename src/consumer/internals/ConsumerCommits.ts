/**
 * The calls about what the group remembers: commits, and what was committed.
 *
 *     commitSync()            the positions; waits until the coordinator has them
 *     commitAsync()           the positions; a callback hears of it during a later call
 *     commit…(offsets)        what the caller says
 *     committed(partitions)   what the coordinator has
 *
 * "The positions" are those of what was handed out: by `poll` everything that it returned, by a
 * loop over `records()` everything up to and including the record in the hands of its body. A
 * commit says that this record is done; the background's own commits wait until the loop asks for
 * the next one.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer
 */

import { InvalidGroupIdException } from '../../common/errors/CoordinatorExceptions.ts'
import { IllegalStateException, TimeoutException } from '../../common/errors.ts'
import type { Timer } from '../../common/Timer.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import {
  type ReadonlyTopicPartitionMap,
  TopicPartitionMap,
} from '../../common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { Offsets } from '../Consumer.ts'
import type { ConsumerGroupMetadata } from '../ConsumerGroupMetadata.ts'
import type { OffsetAndMetadata } from '../OffsetAndMetadata.ts'
import type { OffsetCommitCallback } from '../OffsetCommitCallback.ts'
import type { Wait } from '../WaitOptions.ts'
import { timeoutMsOf } from './ConsumerCalls.ts'
import type { ConsumerCoordinator } from './ConsumerCoordinator.ts'
import { ConsumerPositions } from './ConsumerPositions.ts'

/** What the coordinator is told of a rebalance that the program wants without saying why. */
const DEFAULT_REASON = 'rebalance enforced by user'

export abstract class ConsumerCommits<K, V> extends ConsumerPositions<K, V> {
  commitSync(wait?: Wait): Promise<void>
  commitSync(offsets: Offsets, wait?: Wait): Promise<void>
  commitSync(first?: Offsets | Wait, second?: Wait): Promise<void> {
    const given = isOffsets(first) ? first : null
    const wait = isOffsets(first) ? second : first
    return this.wait('commitSync', wait, async (timer) => {
      const { calls } = this.parts.metrics
      const startMs = this.time.hiResClockMs()
      try {
        const coordinator = this.coordinatorOrThrow()
        const offsets = this.offsetsToCommit(given)
        if (await coordinator.commitOffsetsSync(offsets, timer)) return
        throw new TimeoutException(
          `Timeout of ${timeoutMsOf(wait, this.defaultApiTimeoutMs)}ms expired before ` +
            `successfully committing offsets ${shown(offsets)}.` +
            this.parts.client.connectionProblem(),
        )
      } finally {
        calls.recordCommitSync(this.time.hiResClockMs() - startMs)
      }
    })
  }

  commitAsync(callback?: OffsetCommitCallback | null): void
  commitAsync(offsets: Offsets, callback?: OffsetCommitCallback | null): void
  commitAsync(
    first?: Offsets | OffsetCommitCallback | null,
    second?: OffsetCommitCallback | null,
  ): void {
    const given = isOffsets(first) ? first : null
    const callback = isOffsets(first) ? (second ?? null) : (first ?? null)
    this.call('commitAsync', () => {
      const coordinator = this.coordinatorOrThrow()
      const offsets = this.offsetsToCommit(given)
      this.logger.debug(`Committing offsets: ${shown(offsets)}`)
      coordinator.commitOffsetsAsync(
        offsets,
        callback && ((committed, error) => this.caller.runPlugin(() => callback(committed, error))),
      )
    })
  }

  committed(
    partitions: Iterable<TopicPartition>,
    wait?: Wait,
  ): Promise<ReadonlyTopicPartitionMap<OffsetAndMetadata | null>> {
    return this.wait('committed', wait, async (timer) => {
      const startMs = this.time.hiResClockMs()
      try {
        return await this.fetchCommitted(new TopicPartitionSet(partitions), timer, wait)
      } finally {
        this.parts.metrics.calls.recordCommitted(this.time.hiResClockMs() - startMs)
      }
    })
  }

  groupMetadata(): ConsumerGroupMetadata {
    return this.call('groupMetadata', () => this.coordinatorOrThrow().groupMetadata())
  }

  enforceRebalance(reason?: string | null): void {
    this.call('enforceRebalance', () => {
      const { coordinator } = this.parts
      if (coordinator === null) {
        throw new IllegalStateException(
          'Tried to force a rebalance but consumer does not have a group.',
        )
      }
      coordinator.requestRejoin(reason || DEFAULT_REASON)
    })
  }

  /** @throws InvalidGroupIdException without `group.id` */
  protected coordinatorOrThrow(): ConsumerCoordinator {
    const { coordinator } = this.parts
    if (coordinator !== null) return coordinator
    throw new InvalidGroupIdException(
      "To use the group management or offset commit APIs, you must provide a valid 'group.id' in " +
        'the consumer configuration.',
    )
  }

  private offsetsToCommit(given: Offsets | null): TopicPartitionMap<OffsetAndMetadata> {
    const { iteration } = this
    if (given === null) {
      iteration?.putBack(true)
      return this.parts.subscriptions.allConsumed()
    }
    const offsets = new TopicPartitionMap(given)
    for (const [partition, committed] of offsets) {
      this.updateLastSeenEpochIfNewer(partition, committed)
      if (iteration?.hasInHandBelow(partition, committed.offset)) iteration.putBack(true)
    }
    return offsets
  }

  private async fetchCommitted(
    partitions: TopicPartitionSet,
    timer: Timer,
    wait: Wait | undefined,
  ): Promise<ReadonlyTopicPartitionMap<OffsetAndMetadata | null>> {
    const offsets = await this.coordinatorOrThrow().fetchCommittedOffsets(partitions, timer)
    if (offsets === null) {
      throw new TimeoutException(
        `Timeout of ${timeoutMsOf(wait, this.defaultApiTimeoutMs)}ms expired before the last ` +
          `committed offset for partitions ${[...partitions].join(', ')} could be determined. ` +
          'Try tuning default.api.timeout.ms larger to relax the threshold.' +
          this.parts.client.connectionProblem(),
      )
    }
    for (const [partition, offset] of offsets) this.updateLastSeenEpochIfNewer(partition, offset)
    return offsets
  }

  private updateLastSeenEpochIfNewer(
    partition: TopicPartition,
    offset: OffsetAndMetadata | null,
  ): void {
    const epoch = offset?.leaderEpoch ?? null
    if (epoch !== null) this.parts.metadata.updateLastSeenEpochIfNewer(partition, epoch)
  }
}

const isOffsets = (value: unknown): value is Offsets =>
  typeof value === 'object' && value !== null && Symbol.iterator in value

const shown = (offsets: Offsets): string =>
  `{${Array.from(offsets, ([partition, offset]) => `${partition}=${offset}`).join(', ')}}`
