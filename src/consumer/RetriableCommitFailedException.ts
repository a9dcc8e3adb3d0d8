/**
 * A `commitAsync` that failed for a passing reason, such as a coordinator that moves.
 *
 * It is not tried again by itself: a later commit may have succeeded meanwhile, and repeating the
 * older one would move the committed offset back. Commit the newest offsets instead.
 *
 * @kafka org.apache.kafka.clients.consumer.RetriableCommitFailedException
 */

import { RetriableException } from '../common/errors.ts'

export class RetriableCommitFailedException extends RetriableException {
  /** @param cause what went wrong */
  constructor(cause: unknown) {
    const reason = cause instanceof Error ? ` (${cause.message})` : ''
    super(
      `Offset commit failed with a retriable exception${reason}. Commit the latest consumed ` +
        'offsets again.',
      { cause },
    )
  }
}
