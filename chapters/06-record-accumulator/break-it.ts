/** Ways to break the accumulator, each noticed by one of this chapter's tests. */

import type { BreakIt } from '../../scripts/book/try/BreakIt.ts'

export const breakIts: readonly BreakIt[] = [
  {
    name: 'linger-ignored',
    file: 'src/producer/internals/ReadyCheck.ts',
    find: 'waitedMs >= timeToWaitMs',
    replace: 'waitedMs >= 0',
    breaks: 'A batch may go as soon as it has a record, whatever `linger.ms` says.',
    learn: 'The wait is all that gathers records of a slow stream: without it each has a request.',
  },
  {
    name: 'no-look-again',
    file: 'src/producer/internals/RecordAccumulator.ts',
    find: 'let result = this.tryAppend(record, deque, nowMs)',
    replace: 'let result = spare === null ? this.tryAppend(record, deque, nowMs) : null',
    breaks: 'A record that has waited for memory makes a batch without looking for an open one.',
    learn: 'Across the wait others have appended: two batches of one partition were open at once.',
  },
  {
    name: 'mute-ignored',
    file: 'src/producer/internals/ReadyCheck.ts',
    find: 'if (this.readyNodes.has(leader) || muted.has(topicPartition.key)) return',
    replace: 'if (this.readyNodes.has(leader)) return',
    breaks: 'A muted partition makes its broker ready.',
    learn: 'Drain would still refuse the batch, so the sender would look again and again at once.',
  },
  {
    name: 'drain-index-forgotten',
    file: 'src/producer/internals/NodeDrain.ts',
    find: 'this.nodesDrainIndex.set(node.id, drainIndex)',
    replace: 'this.nodesDrainIndex.set(node.id, 0)',
    breaks: 'Every request begins with the first partition of the broker.',
    learn: 'As long as the first partitions have enough, the last ones are never sent.',
  },
  {
    name: 'reenqueue-at-the-back',
    file: 'src/producer/internals/BatchQueues.ts',
    find: 'if (transactionManager === null) deque.addFirst(batch)',
    replace: 'if (transactionManager === null) deque.addLast(batch)',
    breaks: 'A batch that failed goes to the back of its queue.',
    learn: 'All that was sent after it would be stored before it.',
  },
  {
    name: 'expiry-from-the-last-try',
    file: 'src/producer/internals/BatchAttempts.ts',
    find: 'return deliveryTimeoutMs <= nowMs - this.createdMs',
    replace: 'return deliveryTimeoutMs <= nowMs - this.lastAttemptMs',
    breaks: 'Each try starts the time of `delivery.timeout.ms` again.',
    learn: 'A batch that keeps failing would never be given up, and nobody would be told.',
  },
  {
    name: 'good-news-at-once',
    file: 'src/record/CompressionRatioEstimator.ts',
    find: 'Math.max(current - COMPRESSION_RATIO_IMPROVING_STEP, observedRatio)',
    replace: 'observedRatio',
    breaks: 'One batch that compressed well is believed at once.',
    learn: 'The next batch would be filled too far, refused as too large, and split.',
  },
  {
    name: 'map-changed-in-place',
    file: 'src/common/CopyOnWriteMap.ts',
    find: 'this.map = new Map(this.map).set(key, value)',
    replace: ';(this.map as Map<K, V>).set(key, value)',
    breaks: 'A put changes the map that somebody may be looking through.',
    learn: 'A loop that awaits in its body runs into keys that came after it began.',
  },
]
