/**
 * Ways to break what the chapter explains, at least three, each noticed by one of its tests. See
 * `scripts/book/try/BreakIt.ts` for what an entry says.
 */

import type { BreakIt } from '../../scripts/book/try/BreakIt.ts'

export const breakIts: readonly BreakIt[] = []
