/**
 * One look over all queues: which brokers have something to be sent to, and when is the next look
 * due?
 *
 * A broker is ready when it leads a partition whose first batch may go. A batch may go when it does
 * not back off, its partition is not muted, its sequence may be the next (see `SequenceOrder.ts`),
 * and any of these holds:
 *
 *     full        it has its bytes, or another batch stands behind it
 *     expired     it has waited `linger.ms`
 *     exhausted   somebody waits for memory
 *     closed, flushInProgress
 *
 * The same look finds partitions without a leader (their topics need new metadata) and the queues'
 * sizes, from which the topic's `BuiltInPartitioner` makes its weights.
 *
 * I1  Once a broker is ready, its other partitions are not looked at for that any more.
 * I2  `nextReadyCheckDelayMs` is never too long: at worst we look once too often.
 *
 * @kafka org.apache.kafka.clients.producer.internals.RecordAccumulator.ReadyCheckResult
 * @simplified in Java `partitionReady` and `batchReady` are methods of the accumulator that hand
 *   its state around as parameters. There a partition that must wait for the sake of its sequences
 *   makes its broker ready all the same, and the Sender looks again and again until it may go.
 */

import type { MetadataSnapshot } from '../../clients/MetadataSnapshot.ts'
import type { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import type { Node } from '../../common/Node.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { NodeStats } from './NodeLatencyStats.ts'
import type { ProducerBatch } from './ProducerBatch.ts'
import { shouldStopDrainBatchesForPartition } from './SequenceOrder.ts'
import type { TopicInfo } from './TopicInfo.ts'
import type { TransactionManager } from './TransactionManager.ts'

/** "Not before something happens": Java's `Long.MAX_VALUE`. */
export const NEVER_MS = Number.MAX_SAFE_INTEGER

/** Somebody waits for memory, the producer closes, somebody flushes. */
export type SendAllReason = 'exhausted' | 'closed' | 'flush'

/** What the accumulator knows at the moment of the look. */
export interface ReadyCheckOptions {
  readonly metadataSnapshot: MetadataSnapshot
  readonly nowMs: number
  readonly lingerMs: number
  readonly retryBackoff: ExponentialBackoff
  /** Keys of the partitions that have a request in flight and may have only one. */
  readonly muted: ReadonlySet<string>
  /** All that is there may go, and why; `null`: it may not. */
  readonly sendAll: SendAllReason | null
  /** `null`: batches have no sequences. */
  readonly transactionManager: TransactionManager | null
  readonly enableAdaptivePartitioning: boolean
  readonly nodeStats: NodeStats
  /** Where to write down why a broker is ready; `null` when nobody will read it. */
  readonly reasons: string[] | null
}

export class ReadyCheck {
  /** Brokers that something may be sent to. */
  readonly readyNodes = new Set<Node>()
  /** Topics with records for a partition without leader. */
  readonly unknownLeaderTopics = new Set<string>()
  /** Milliseconds until a batch that may not go yet may go. */
  nextReadyCheckDelayMs = NEVER_MS
  /** For each ready broker the partition that made it so, and why: `0:orders-2:full`. */
  readonly reasons: string[] | null
  private readonly options: ReadyCheckOptions

  constructor(options: ReadyCheckOptions) {
    this.options = options
    this.reasons = options.reasons
  }

  /** Looks at one topic. */
  partitionReady(topicInfo: TopicInfo): void {
    const { metadataSnapshot, nodeStats } = this.options
    const cluster = metadataSnapshot.cluster()
    const { batches } = topicInfo
    // Weights make sense once every partition has a queue: a partition without one would never be
    // chosen.
    const weigh =
      this.options.enableAdaptivePartitioning &&
      batches.size >= cluster.partitionsForTopic(topicInfo.topic).length
    const queueSizes = weigh ? new Array<number>(batches.size).fill(0) : null
    const partitionIds = weigh ? new Array<number>(batches.size).fill(0) : null
    let length = 0

    for (const [partition, deque] of batches) {
      const leader = cluster.leaderFor(deque.topicPartition)
      const batch = deque.peekFirst()
      if (leader === null) {
        if (batch !== undefined) this.unknownLeaderTopics.add(topicInfo.topic)
        continue
      }
      // Partitions of a broker that takes nothing are left out; not for having nothing to give it.
      const available = batch === undefined || nodeStats.isAvailable(leader.id)
      if (queueSizes !== null && partitionIds !== null && available) {
        queueSizes[length] = deque.size
        partitionIds[length++] = partition
      }
      if (batch === undefined) continue
      batch.maybeUpdateLeaderEpoch(metadataSnapshot.leaderEpochFor(deque.topicPartition))
      const full = deque.size > 1 || batch.isFull()
      this.batchReady(deque.topicPartition, leader, batch, full)
    }
    topicInfo.builtInPartitioner.updatePartitionLoadStats(queueSizes, partitionIds, length)
  }

  /** For the trace. */
  fields(): { readyNodes: number[]; nextReadyCheckDelayMs: number; reasons: string[] } {
    const { nextReadyCheckDelayMs, reasons } = this
    const readyNodes = Array.from(this.readyNodes, (node) => node.id)
    return { readyNodes, nextReadyCheckDelayMs, reasons: reasons ?? [] }
  }

  toString(): string {
    return `ReadyCheck(brokers ready: ${this.readyNodes.size})`
  }

  private batchReady(
    topicPartition: TopicPartition,
    leader: Node,
    batch: ProducerBatch,
    full: boolean,
  ): void {
    const { muted, nowMs, retryBackoff, lingerMs, sendAll, transactionManager } = this.options
    if (this.readyNodes.has(leader) || muted.has(topicPartition.key)) return
    const waitedMs = batch.waitedTimeMs(nowMs)
    const backingOff = shouldBackoff(batch, waitedMs, retryBackoff)
    const timeToWaitMs = backingOff
      ? retryBackoff.backoff(Math.max(0, batch.attempts() - 1))
      : lingerMs
    if (!backingOff && (full || sendAll !== null || waitedMs >= timeToWaitMs)) {
      // What it waits for comes with an answer, and that ends a poll; or with an expiry, after
      // which the Sender looks again at once.
      if (transactionManager && shouldStopDrainBatchesForPartition(batch, transactionManager)) {
        return
      }
      this.readyNodes.add(leader)
      const why = full ? 'full' : (sendAll ?? 'lingered')
      this.reasons?.push(`${leader.id}:${topicPartition}:${why}`)
      return
    }
    const leftMs = Math.max(0, timeToWaitMs - waitedMs)
    this.nextReadyCheckDelayMs = Math.min(this.nextReadyCheckDelayMs, leftMs)
  }
}

/**
 * Whether a batch that failed waits on. It does not when it goes to a new leader: the trouble was
 * with the old one.
 */
export const shouldBackoff = (
  batch: ProducerBatch,
  waitedMs: number,
  retryBackoff: ExponentialBackoff,
): boolean =>
  batch.attempts() > 0 &&
  !batch.hasLeaderChangedForTheOngoingRetry() &&
  waitedMs < retryBackoff.backoff(batch.attempts() - 1)
