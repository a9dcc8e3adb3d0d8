/**
 * Whether records of transactions are read before it is known that they are committed.
 *
 *     log      │ 0 1 2 │ 3 4 5 6 │ 7 8      3 belongs to a transaction that is still open
 *                      ▲         ▲
 *      last stable offset      high watermark
 *     read_committed           read_uncommitted
 *
 * A member is its own name, as the setting `isolation.level` spells it; on the wire it is a number.
 *
 * @kafka org.apache.kafka.common.IsolationLevel
 */

import { IllegalArgumentException } from './errors.ts'

export type IsolationLevel = 'read_uncommitted' | 'read_committed'

export const IsolationLevel = {
  READ_UNCOMMITTED: 'read_uncommitted',
  READ_COMMITTED: 'read_committed',

  /** How the wire says it. */
  id: (level: IsolationLevel): 0 | 1 => (level === 'read_committed' ? 1 : 0),

  /** The member with this number; an `IllegalArgumentException` when there is none. */
  forId(id: number): IsolationLevel {
    if (id === 0) return 'read_uncommitted'
    if (id === 1) return 'read_committed'
    throw new IllegalArgumentException(
      `Unknown isolation level ${id}: it is 0 (read_uncommitted) or 1 (read_committed)`,
    )
  },
} as const
