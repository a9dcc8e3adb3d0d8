/**
 * Whether records of transactions are read before it is known that they are committed.
 *
 * @kafka org.apache.kafka.common.IsolationLevel
 */

export type IsolationLevel = 'read_uncommitted' | 'read_committed'

/** How the wire says it. */
export const isolationLevelId = (level: IsolationLevel): 0 | 1 =>
  level === 'read_committed' ? 1 : 0
