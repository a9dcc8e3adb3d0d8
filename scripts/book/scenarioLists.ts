/**
 * The scenarios of Apache Kafka's own tests, and what is said of those that we do not cover: three
 * files of lines with tabs, in `test/scenarios/`.
 *
 *     java-scenarios.tsv   area  class  scenario           all there are
 *     not-applicable.tsv   area  class  scenario  reason   a thread, the JVM, a removed format
 *     owed.tsv             area  class  scenario  part     waits for a part that is to come
 */

import { readFileSync } from 'node:fs'
import { ROOT } from './chapters.ts'

export interface Scenario {
  readonly area: string
  readonly testClass: string
  readonly scenario: string
  /** Why it does not apply, or what it waits for; empty in the list of all. */
  readonly because: string
}

export interface ScenarioLists {
  readonly all: readonly Scenario[]
  readonly notApplicable: readonly Scenario[]
  readonly owed: readonly Scenario[]
}

/** At most this part of an area may be not applicable. */
export const MOST_NOT_APPLICABLE = 0.35

/** `RecordAccumulatorTest.testFull`: what a test hands to `covers`. */
export const nameOf = ({ testClass, scenario }: Scenario): string => `${testClass}.${scenario}`

/** @param file how errors name it */
export const parseScenarios = (text: string, file: string, columns: 3 | 4): Scenario[] =>
  text.split('\n').flatMap((line, i) => {
    if (line === '' || line.startsWith('#')) return []
    const cells = line.split('\t')
    if (cells.length !== columns || cells.some((cell) => cell.trim() === '')) {
      throw new Error(`${file}:${i + 1}: ${columns} columns with tabs between them, none empty`)
    }
    const [area = '', testClass = '', scenario = '', because = ''] = cells
    return [{ area, testClass, scenario, because }]
  })

export const scenarioLists = (root: string = ROOT): ScenarioLists => {
  const read = (name: string, columns: 3 | 4): Scenario[] => {
    const file = `test/scenarios/${name}`
    return parseScenarios(readFileSync(root + file, 'utf8'), file, columns)
  }
  return {
    all: read('java-scenarios.tsv', 3),
    notApplicable: read('not-applicable.tsv', 4),
    owed: read('owed.tsv', 4),
  }
}

/** What is wrong with the lists themselves, in words. */
export const faultsOf = ({ all, notApplicable, owed }: ScenarioLists): string[] => {
  const known = new Set(all.map((scenario) => `${scenario.area} ${nameOf(scenario)}`))
  const said = [...notApplicable, ...owed]
  const unknown = said
    .filter((scenario) => !known.has(`${scenario.area} ${nameOf(scenario)}`))
    .map((scenario) => `${nameOf(scenario)} (${scenario.area}) is not in java-scenarios.tsv`)
  const names = said.map(nameOf)
  const twice = names.filter((name, at) => names.indexOf(name) !== at)
  return [
    ...unknown,
    ...twice.map((name) => `${name} is listed twice`),
    ...tooMany(all, notApplicable),
  ]
}

const tooMany = (all: readonly Scenario[], notApplicable: readonly Scenario[]): string[] =>
  [...new Set(all.map(({ area }) => area))].flatMap((area) => {
    const of = (list: readonly Scenario[]): number => list.filter((s) => s.area === area).length
    const share = of(notApplicable) / of(all)
    return share > MOST_NOT_APPLICABLE
      ? [`${area}: ${Math.round(share * 100)} % are not applicable, at most 35 % may be`]
      : []
  })
