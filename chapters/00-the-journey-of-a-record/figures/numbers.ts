/**
 * The numbers of the figures' scenarios that their pictures are laid out by. Without imports: a
 * picture stands on the page before the engine is loaded.
 */

/** Fig. 1. How often the writer works, and when. */
export const BURSTS = 6
export const BURST_EVERY_MS = 200
/** What the reader does with one record takes as long as this. */
export const WORK_MS = 25
/** The reader is away in between, unless the hand at the switch wants otherwise. */
export const BREAK_FROM_MS = 330
export const BREAK_TO_MS = 870

/** Fig. 2. Kafka's hash (murmur2) puts them into three partitions of three, and both of two. */
export const KEYS = ['anna', 'bob', 'cleo'] as const
export const VISITS = 3

/** Fig. 3. */
export const RECORDS = 10
export const EVERY_MS = 3
