/**
 * Runs a chapter's tests once more, on one variant of the code; runs in Vitest.
 *
 * I1  What cannot be loaded is a failed test, so that other variants are tried all the same.
 */

import { afterEach, beforeEach, describe, type RunnerTestCase, test } from 'vitest'
import { NOT_WRITTEN } from './Exercise.ts'
import { LOADS } from './trialNames.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** A body that is not written yet was called, whether or not that made the test fail. */
    notWritten?: boolean
  }
}

/** @param only patterns of the names of tests that run; none: all */
export const trial = (
  id: string,
  only: readonly RegExp[],
  timeoutMs: number,
  loads: readonly (() => Promise<unknown>)[],
): void => {
  describe(id, { timeout: timeoutMs }, async () => {
    beforeEach(({ task, skip }) => {
      const name = nameIn(task)
      const runs = only.length === 0 || name === LOADS || only.some((each) => each.test(name))
      skip(!runs)
      Object.assign(globalThis, { [NOT_WRITTEN]: false })
    })
    afterEach(({ task }) => {
      if (Reflect.get(globalThis, NOT_WRITTEN) === true) task.meta.notWritten = true
    })
    try {
      for (const load of loads) await load()
    } catch (error) {
      test(LOADS, () => {
        throw error
      })
    }
  })
}

/** `a batch > leaves when it is full`: the name without file and variant. */
const nameIn = (task: Readonly<RunnerTestCase>): string => {
  const names = [task.name]
  for (let { suite } = task; suite?.suite !== undefined; suite = suite.suite) {
    names.unshift(suite.name)
  }
  return names.join(' > ')
}
