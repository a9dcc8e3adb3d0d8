/**
 * Says that a test checks the behaviour of a scenario of Apache Kafka's own suite, by its name.
 *
 * The list is `test/scenarios/java-scenarios.tsv`. A name that is not in it fails the test: a claim
 * must be checkable. The names are kept with the running test, and `npm run scenarios` counts those
 * of the tests that passed.
 */

import { readFileSync } from 'node:fs'
import { TestRunner } from 'vitest'

const list = new URL('../scenarios/java-scenarios.tsv', import.meta.url)

declare module 'vitest' {
  interface TaskMeta {
    /** The scenarios that the test said it covers. */
    covers?: string[]
  }
}

const known = new Set(
  readFileSync(list, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, testClass, scenario] = line.split('\t')
      return `${testClass}.${scenario}`
    }),
)

/** @param scenarios `Class.method`, for example `RecordAccumulatorTest.testFull` */
export const covers = (...scenarios: string[]): void => {
  const test = TestRunner.getCurrentTest()
  if (test === undefined) throw new Error('covers() is called inside a test')
  for (const scenario of scenarios) {
    if (!known.has(scenario)) {
      throw new Error(`'${scenario}' is no scenario of test/scenarios/java-scenarios.tsv`)
    }
    const covered = (test.meta.covers ??= [])
    if (!covered.includes(scenario)) covered.push(scenario)
  }
}
