/**
 * How long a call of a consumer may wait: milliseconds, or these options.
 *
 *     await consumer.poll(1000)
 *     await consumer.poll({ signal })                    until something comes, or somebody aborts
 *     await consumer.commitSync({ timeoutMs: 5000, signal })
 *
 * An abort is a deadline that is now. The call ends as soon as it can and rejects with the signal's
 * reason, unless it has just succeeded: what has happened is told. So a `poll` never loses records
 * to an abort; and of a commit that was under way nobody knows whether it still arrived.
 */

export interface WaitOptions {
  /** Default: the call's own, which is `default.api.timeout.ms` for all but `poll` and `close`. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export type Wait = number | WaitOptions

/** For a loop over records. */
export interface RecordsOptions {
  /** Ends the loop, as if there were no more records, once the body has finished the one it has. */
  readonly signal?: AbortSignal
}
