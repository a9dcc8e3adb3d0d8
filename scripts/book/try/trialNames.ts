/** Names that both sides of a trial know: the one in Vitest's worker, and the one that reads it. */

/** The test that stands for a variant that could not be loaded. */
export const LOADS = 'it can be loaded'
