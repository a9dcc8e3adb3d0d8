/**
 * How `ListSerializer` writes the entries of a list; the number is the first byte of what it
 * writes.
 *
 * @kafka org.apache.kafka.common.serialization.Serdes.ListSerde.SerializationStrategy
 */
export const SerializationStrategy = {
  /** Entries of one size, without their sizes; which ones are `null` is said before. */
  CONSTANT_SIZE: 0,
  /** Each entry's size before it; `NULL_ENTRY_VALUE` for a `null`. */
  VARIABLE_SIZE: 1,
} as const

/** In place of the size of an entry that is `null`. */
export const NULL_ENTRY_VALUE = -1
