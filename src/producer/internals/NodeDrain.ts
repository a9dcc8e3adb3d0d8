/**
 * Takes batches out of the queues for a request to one broker.
 *
 *     partitions that the broker leads   0   1   2   3   4
 *     this time                              ├──────►│       until max.request.size
 *     next time                                      ├─►  …  begins where there was no more room
 *
 * At most one batch of a partition goes into a request: the format has one place for each.
 *
 * I1  A batch that backs off, or whose partition is muted, or that must not be next (see
 *     `SequenceOrder.ts`), stays.
 * I2  A single batch above the limit goes alone; compression can bring that about.
 *
 * @kafka org.apache.kafka.clients.producer.internals.RecordAccumulator
 * @simplified a class of its own; in Java this is `drainBatchesForOneNode` and its fields. There, a
 *   partition that has to wait for the sake of its sequences ends the round; here only it waits.
 */

import type { MetadataSnapshot } from '../../clients/MetadataSnapshot.ts'
import type { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import type { Node } from '../../common/Node.ts'
import type { BatchQueues } from './BatchQueues.ts'
import type { ProducerBatch } from './ProducerBatch.ts'
import { shouldBackoff } from './ReadyCheck.ts'
import { assignSequence, shouldStopDrainBatchesForPartition } from './SequenceOrder.ts'
import type { TransactionManager } from './TransactionManager.ts'

export class NodeDrain {
  private readonly queues: BatchQueues
  private readonly retryBackoff: ExponentialBackoff
  private readonly muted: ReadonlySet<string>
  private readonly transactionManager: TransactionManager | null
  /** By broker: the last partition that was looked at, so that none is always last. */
  private readonly nodesDrainIndex = new Map<number, number>()

  /** @param transactionManager `null`: batches get no sequences */
  constructor(
    queues: BatchQueues,
    retryBackoff: ExponentialBackoff,
    muted: ReadonlySet<string>,
    transactionManager: TransactionManager | null,
  ) {
    this.queues = queues
    this.retryBackoff = retryBackoff
    this.muted = muted
    this.transactionManager = transactionManager
  }

  /** By broker: the place, among its partitions, of the one that was looked at last. */
  snapshot(): { node: number; index: number }[] {
    return Array.from(this.nodesDrainIndex, ([node, index]) => ({ node, index }))
  }

  /** For each of the brokers, what goes to it now. */
  drain(
    metadataSnapshot: MetadataSnapshot,
    nodes: Iterable<Node>,
    maxSize: number,
    nowMs: number,
  ): Map<number, ProducerBatch[]> {
    const byNode = new Map<number, ProducerBatch[]>()
    for (const node of nodes) {
      byNode.set(node.id, this.drainBatchesForOneNode(metadataSnapshot, node, maxSize, nowMs))
    }
    return byNode
  }

  /** @param maxSize bytes that the batches may have together */
  drainBatchesForOneNode(
    metadataSnapshot: MetadataSnapshot,
    node: Node,
    maxSize: number,
    nowMs: number,
  ): ProducerBatch[] {
    const { transactionManager } = this
    const parts = metadataSnapshot.cluster().partitionsForNode(node.id)
    const ready: ProducerBatch[] = []
    const start = (this.nodesDrainIndex.get(node.id) ?? 0) % Math.max(1, parts.length)
    let size = 0
    for (let i = 0; i < parts.length; i++) {
      const drainIndex = (start + i) % parts.length
      this.nodesDrainIndex.set(node.id, drainIndex)
      const { topic, partition } = parts[drainIndex]!
      const deque = this.queues.getDeque(topic, partition)
      const first = deque?.peekFirst()
      if (deque === undefined || first === undefined) continue
      if (this.muted.has(deque.topicPartition.key)) continue
      first.maybeUpdateLeaderEpoch(metadataSnapshot.leaderEpochFor(deque.topicPartition))
      if (shouldBackoff(first, first.waitedTimeMs(nowMs), this.retryBackoff)) continue
      if (size + first.estimatedSizeInBytes() > maxSize && ready.length > 0) break
      if (transactionManager !== null) {
        if (shouldStopDrainBatchesForPartition(first, transactionManager)) continue
        assignSequence(first, transactionManager)
      }
      deque.pollFirst()
      first.close()
      size += first.records().sizeInBytes
      first.drained(nowMs)
      ready.push(first)
    }
    return ready
  }
}
