/**
 * A commit that will never succeed: the group has gone on without this member, and what it has read
 * may be another's by now. Whoever gets the partition begins at the last offset that was committed.
 *
 * @kafka org.apache.kafka.clients.consumer.CommitFailedException
 */

import { KafkaException } from '../common/errors.ts'

export class CommitFailedException extends KafkaException {
  /** @param message default: that the group has rebalanced, and what to change */
  constructor(
    message: string = 'Commit cannot be completed since the group has already rebalanced and ' +
      'assigned the partitions to another member. The time between two calls of poll() was ' +
      'probably longer than max.poll.interval.ms, because handling the records took too long. ' +
      'Raise max.poll.interval.ms, or let poll() return fewer records with max.poll.records.',
  ) {
    super(message)
  }
}
