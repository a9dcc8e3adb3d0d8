/**
 * Says that a test checks the behaviour of a scenario of Apache Kafka's own suite, by its name.
 *
 * The list is `test/scenarios/java-scenarios.tsv`. A name that is not in it fails the test: a claim
 * must be checkable.
 */

import { readFileSync } from 'node:fs'

const list = new URL('../scenarios/java-scenarios.tsv', import.meta.url)

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
  for (const scenario of scenarios) {
    if (!known.has(scenario)) {
      throw new Error(`'${scenario}' is no scenario of test/scenarios/java-scenarios.tsv`)
    }
  }
}
