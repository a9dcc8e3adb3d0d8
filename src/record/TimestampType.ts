/**
 * Whose clock a record's timestamp comes from: the producer's, or the broker's at the moment of the
 * append. A topic chooses with `message.timestamp.type`; the batch says it in one attribute bit.
 *
 * A member is its own name, as the topic's setting spells it.
 *
 * @kafka org.apache.kafka.common.record.TimestampType
 */

import { IllegalArgumentException } from '../common/errors.ts'

export type TimestampType = 'NoTimestampType' | 'CreateTime' | 'LogAppendTime'

export const TimestampType = {
  /** Format 0 had no timestamps; a batch of format 2 cannot have this type. */
  NO_TIMESTAMP_TYPE: 'NoTimestampType',
  /** The producer's clock, or what its caller gave. */
  CREATE_TIME: 'CreateTime',
  /** The broker's clock: one timestamp for the whole batch. */
  LOG_APPEND_TIME: 'LogAppendTime',

  /** The member of this name; an `IllegalArgumentException` when there is none. */
  forName(name: string): TimestampType {
    if (name === 'NoTimestampType' || name === 'CreateTime' || name === 'LogAppendTime') return name
    throw new IllegalArgumentException(
      `Invalid timestamp type ${name}: it is CreateTime or LogAppendTime`,
    )
  },
} as const
