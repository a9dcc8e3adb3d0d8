/**
 * Exercise 4: whose turn it is.
 *
 * Fill one request to `node`. Walk once over the partitions that it leads, beginning with the one
 * that the last request to it stopped at. From each take the first batch, unless the partition has
 * none, is muted, or its batch backs off. Stop when a batch would make the request larger than
 * `maxSize`; only the first batch of a request may be larger than that by itself. Remember where
 * you were, also when you stop.
 *
 * A batch that is taken out of its queue is closed first, because only then its size is known;
 * `first.drained(nowMs)` notes when it left.
 *
 * Given: `this['nodesDrainIndex']`, by id of the node; `this['queues'].getDeque(topic, partition)`;
 * `this['muted']`, which holds `deque.topicPartition.key`; `shouldBackoff(…)` of exercise 1; before
 * you ask it, tell the batch of its leader with `maybeUpdateLeaderEpoch`.
 *
 *     npm run exercise 6/4
 */

import { defineExercise, notWrittenYet } from '../../../scripts/book/try/Exercise.ts'
import type { MetadataSnapshot } from '../../../src/clients/MetadataSnapshot.ts'
import type { Node } from '../../../src/common/Node.ts'
import type { NodeDrain } from '../../../src/producer/internals/NodeDrain.ts'
import type { ProducerBatch } from '../../../src/producer/internals/ProducerBatch.ts'
import { shouldBackoff } from '../../../src/producer/internals/ReadyCheck.ts'

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
  return notWrittenYet(this, parts, maxSize, nowMs, shouldBackoff)
}
