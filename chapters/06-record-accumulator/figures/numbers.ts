/**
 * The numbers of the figures' scenarios that their pictures are laid out by. Without imports: a
 * picture stands on the page before the engine is loaded.
 */

/** What is in the map when the loop begins. */
export const FIRST_TOPICS = ['a', 'b', 'c'] as const
/** What may be added, in this order. */
export const MORE_TOPICS = ['d', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm'] as const
/** The loop awaits this long at each entry. */
export const STEP_MS = 10

/** One deque: a record every so many milliseconds, and what a batch may hold. */
export const RECORD_EVERY_MS = 4
export const BATCH_SIZE = 500
export const VALUE_BYTES = 80
