/**
 * Told when partitions come and go: the place to save what was made of the old ones, and to load
 * what is needed for the new ones.
 *
 *     poll ─┬─ onPartitionsRevoked([a-0, a-1])     still ours: commit, flush
 *           │        … the group rebalances …
 *           └─ onPartitionsAssigned([a-1, b-0])    ours now, nothing read yet: seek, load
 *
 * Each call runs inside a `poll` (or `unsubscribe`, or `close`), which waits for it when it returns
 * a promise. It may use the consumer: `commitSync`, `seek`, `position` and the like. Heartbeats go
 * on meanwhile; `max.poll.interval.ms` runs too.
 *
 * What a listener throws reaches the caller of that `poll`. It does not change the assignment: it
 * counts as told.
 *
 * All methods may be left out.
 *
 * @kafka org.apache.kafka.clients.consumer.ConsumerRebalanceListener
 */

import type { TopicPartition } from '../common/TopicPartition.ts'

export interface ConsumerRebalanceListener {
  /**
   * These must be given up. They are still ours, so offsets can be committed.
   *
   * With an eager assignor this comes at the start of every rebalance, with all partitions that we
   * have, even if that is none. With cooperative ones only what really goes is named, and nothing
   * is called when nothing goes.
   *
   * @param partitions in order of topic and number
   */
  onPartitionsRevoked?(partitions: readonly TopicPartition[]): void | Promise<void>
  /**
   * These have been added. Comes once at the end of every rebalance, also with none at all.
   *
   * @param partitions what is new; with an eager assignor that is everything
   */
  onPartitionsAssigned?(partitions: readonly TopicPartition[]): void | Promise<void>
  /**
   * These have been lost: we were thrown out of the group, and another member may be reading them
   * already. What is not committed cannot be committed any more.
   *
   * Without this method `onPartitionsRevoked` is called instead.
   */
  onPartitionsLost?(partitions: readonly TopicPartition[]): void | Promise<void>
}
