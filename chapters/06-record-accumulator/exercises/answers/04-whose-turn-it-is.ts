/**
 * Exercise 4, one answer: whose turn it is.
 *
 * Two sizes are used, and the difference is meant. Before a batch is closed only the estimate is
 * known, and it decides whether to go on. Afterwards the real size is known, and it is what is
 * added.
 */

import { defineExercise } from '../../../../scripts/book/try/Exercise.ts'
import type { MetadataSnapshot } from '../../../../src/clients/MetadataSnapshot.ts'
import type { Node } from '../../../../src/common/Node.ts'
import type { NodeDrain } from '../../../../src/producer/internals/NodeDrain.ts'
import type { ProducerBatch } from '../../../../src/producer/internals/ProducerBatch.ts'
import { shouldBackoff } from '../../../../src/producer/internals/ReadyCheck.ts'
import type { BatchDeque } from '../../../../src/producer/internals/TopicInfo.ts'

export const exercise = defineExercise({
  title: 'Whose turn it is',
  replaces: 'src/producer/internals/NodeDrain.ts#NodeDrain.drainBatchesForOneNode',
  tests: [/^drain > /, /backs off after a failed try/, /without a back-off/, /muted partition/],
})

export function drainBatchesForOneNode(
  this: NodeDrain,
  metadataSnapshot: MetadataSnapshot,
  node: Node,
  maxSize: number,
  nowMs: number,
): ProducerBatch[] {
  const parts = metadataSnapshot.cluster().partitionsForNode(node.id)
  const start = this['nodesDrainIndex'].get(node.id) ?? 0
  const request: ProducerBatch[] = []
  let size = 0
  for (let step = 0; step < parts.length; step++) {
    const index = (start + step) % parts.length
    this['nodesDrainIndex'].set(node.id, index)
    const { topic, partition } = parts[index]!
    const deque = this['queues'].getDeque(topic, partition)
    const first = deque === undefined ? undefined : sendable(this, deque, metadataSnapshot, nowMs)
    if (deque === undefined || first === undefined) continue
    if (request.length > 0 && size + first.estimatedSizeInBytes() > maxSize) break
    deque.pollFirst()
    first.close()
    first.drained(nowMs)
    size += first.records().sizeInBytes
    request.push(first)
  }
  return request
}

/** The first batch of a queue, if nothing holds it back. */
const sendable = (
  drain: NodeDrain,
  deque: BatchDeque,
  metadataSnapshot: MetadataSnapshot,
  nowMs: number,
): ProducerBatch | undefined => {
  const first = deque.peekFirst()
  const { topicPartition } = deque
  if (first === undefined || drain['muted'].has(topicPartition.key)) return undefined
  first.maybeUpdateLeaderEpoch(metadataSnapshot.leaderEpochFor(topicPartition))
  return shouldBackoff(first, first.waitedTimeMs(nowMs), drain['retryBackoff']) ? undefined : first
}
