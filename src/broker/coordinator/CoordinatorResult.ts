/**
 * What an operation on a coordinator's state comes to: records to write, and an answer for
 * afterwards.
 *
 *     operation ─► { records, response } ─► append ─► replay ─► answer
 *                                             └ failed: nothing is replayed, the answer says so
 *
 * An operation that follows the log looks at the state and does not touch it: `replay` does,
 * from the very records that a restart would read. Classic groups are older than that rule: they
 * change themselves at once, say `replayRecords: false`, and hear by `appendFuture` whether the
 * change lasts.
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorResult
 */

import type { CompletableFuture } from './CompletableFuture.ts'

export interface CoordinatorResult<T, U> {
  /** All of them are written in one batch, or none is, unless `isAtomic` says otherwise. */
  readonly records: readonly U[]
  /** What the caller gets once the records are written; absent where there is nothing to say. */
  readonly response?: T
  /** Completed when the records are written, failed when they could not be. */
  readonly appendFuture?: CompletableFuture<void>
  /** Whether the records are still to be applied to the state. Default `true`. */
  readonly replayRecords?: boolean
  /** `false`: the records may go to the log in several batches. Default `true`. */
  readonly isAtomic?: boolean
}
