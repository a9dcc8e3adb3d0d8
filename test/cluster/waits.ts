/** What tests of a client's settings say about its waits: how long each was, and should be. */

import { expect } from 'vitest'
import type { ClusterTest } from './clusterSupport.ts'

/** Milliseconds from each entry to the next. */
export const gapsOf = (entries: readonly { atMs: number }[]): number[] =>
  entries.slice(1).map(({ atMs }, i) => atMs - entries[i]!.atMs)

/** Whether each is what is expected, give or take 20 %, and up to `slackMs` more. */
export const expectAbout = (
  actual: readonly number[],
  expected: readonly number[],
  slackMs = 20,
): void => {
  for (const [i, ms] of expected.entries()) {
    expect(actual[i], `wait ${i} of ${actual}`).toBeGreaterThanOrEqual(ms * 0.8)
    expect(actual[i], `wait ${i} of ${actual}`).toBeLessThanOrEqual(ms * 1.2 + slackMs)
  }
}

/** The limit of each attempt to connect that was given up, milliseconds, as the client logs it. */
export const setupLimits = (t: ClusterTest): number[] =>
  t.logger
    .messages('info')
    .flatMap((line) => /setup timeout\. The timeout value is ([\d.]+) ms/.exec(line)?.[1] ?? [])
    .map(Number)
