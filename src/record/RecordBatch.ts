/**
 * The numbers that every record batch agrees on.
 *
 * The *magic* byte says which format a batch has. Format 2 came with Kafka 0.11 in 2017 and is the
 * only one that this project writes and reads; see `LegacyRecord.ts` for what becomes of the
 * others. The other constants stand for "there is none" in fields that are always present on the
 * wire.
 *
 * @kafka org.apache.kafka.common.record.internal.RecordBatch
 * @simplified Java's interface has several implementations (memory, file, legacy formats); here
 *   there is one, `DefaultRecordBatch`, so its methods stand there.
 */

export const RecordBatch = {
  MAGIC_VALUE_V0: 0,
  MAGIC_VALUE_V1: 1,
  MAGIC_VALUE_V2: 2,
  /** What is written today. */
  CURRENT_MAGIC_VALUE: 2,
  /** A record that carries no time. */
  NO_TIMESTAMP: -1,
  /** The producer is neither idempotent nor transactional. */
  NO_PRODUCER_ID: -1n,
  NO_PRODUCER_EPOCH: -1,
  NO_SEQUENCE: -1,
  /** What a producer writes: only the leader that appends the batch knows its epoch. */
  NO_PARTITION_LEADER_EPOCH: -1,
} as const

const MAX_INT = 0x7fff_ffff

/** The sequence number `increment` records later: after 2^31 - 1 comes 0. */
export const incrementSequence = (sequence: number, increment: number): number =>
  sequence > MAX_INT - increment ? increment - (MAX_INT - sequence) - 1 : sequence + increment

/** The sequence number `decrement` records earlier: before 0 comes 2^31 - 1. */
export const decrementSequence = (sequence: number, decrement: number): number =>
  sequence < decrement ? MAX_INT - (decrement - sequence) + 1 : sequence - decrement

/**
 * Which of two sequence numbers comes first: negative when `a` does. They must be nearer to each
 * other than 2^30 records, as all numbers in use at one time are: so 0 comes after 2^31 - 1.
 */
export const compareSequences = (a: number, b: number): number => {
  const ahead = (a - b) & MAX_INT
  return ahead < 2 ** 30 ? ahead : ahead - 2 ** 31
}
