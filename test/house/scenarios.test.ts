/**
 * What is said of the scenarios of Kafka's own tests agrees with itself: the lists with the list of
 * all, and with what the tests claim.
 *
 * Tests of one run know nothing of each other's results. So here a claim is what stands in a test
 * file; `npm run scenarios` counts what passed.
 */

import { describe, expect, test } from 'vitest'
import {
  faultsOf,
  nameOf,
  parseScenarios,
  type ScenarioLists,
  scenarioLists,
} from '../../scripts/book/scenarioLists.ts'
import {
  areasInWords,
  classInWords,
  countAreas,
  countedScenarios,
  scenariosCommand,
} from '../../scripts/book/scenarios.ts'
import { testFiles } from './testFiles.ts'

const lists = scenarioLists()

/** A list that has only these. `a.A.one` is area, class, scenario. */
const listOf = (...names: string[]): ScenarioLists['all'] =>
  names.map((name) => {
    const [area = '', testClass = '', scenario = ''] = name.split('.')
    return { area, testClass, scenario, because: 'a reason' }
  })

/** The scenarios that test files name, also by a template that a table of the file fills in. */
const claimed = (): Set<string> => {
  const known = new Set(lists.all.map(nameOf))
  const found = new Set<string>()
  for (const { text } of testFiles().filter(({ text }) => text.includes('support/covers.ts'))) {
    const words = [...text.matchAll(/'([^'\n]+)'|\b(\d+)\b/g)].map((m) => m[1] ?? m[2] ?? '')
    const filled = [...text.matchAll(/`(\w+Test\.\w*)\$\{[^}]*\}(\w*)`/g)].flatMap((m) =>
      words.map((word) => `${m[1]}${word}${m[2]}`),
    )
    for (const name of [...words, ...filled]) if (known.has(name)) found.add(name)
  }
  return found
}

describe('the lists of scenarios', () => {
  test('name what there is, once, and excuse at most 35 % of an area', () => {
    expect(faultsOf(lists)).toEqual([])
  })

  test('excuse nothing that a test claims to cover', () => {
    const covered = claimed()
    const both = [...lists.notApplicable, ...lists.owed].map(nameOf).filter((n) => covered.has(n))
    expect(both).toEqual([])
  })

  test.each([
    'RecordAccumulatorTest',
    'ProducerBatchTest',
    'BufferPoolTest',
    'BuiltInPartitionerTest',
  ])('leave nothing of %s missing', (name) => {
    const answered = new Set([
      ...claimed(),
      ...lists.notApplicable.map(nameOf),
      ...lists.owed.map(nameOf),
    ])
    const its = lists.all.filter(({ testClass }) => testClass === name).map(nameOf)
    expect(its.length).toBeGreaterThan(0)
    expect(its.filter((scenario) => !answered.has(scenario))).toEqual([])
  })

  test('are found at fault for what is unknown, named twice, or excused too often', () => {
    const all = listOf('a.A.one', 'a.A.two', 'a.A.three')
    const notApplicable = listOf('a.A.one', 'a.A.two')
    const owed = listOf('a.A.one', 'b.A.two')
    expect(faultsOf({ all, notApplicable, owed })).toEqual([
      'A.two (b) is not in java-scenarios.tsv',
      'A.one is listed twice',
      'A.two is listed twice',
      'a: 67 % are not applicable, at most 35 % may be',
    ])
  })

  test('have a reason on every line', () => {
    expect(() => parseScenarios('a\tATest\tone\n', 'x.tsv', 4)).toThrow('x.tsv:1: 4 columns')
    expect(() => parseScenarios('# head\na\tATest\tone\t \n', 'x.tsv', 4)).toThrow('x.tsv:2')
  })
})

describe('npm run scenarios', () => {
  const all = listOf('a.A.one', 'a.A.two', 'a.A.three', 'a.A.four', 'b.B.one')
  const small = {
    all: all.map((s) => ({ ...s, because: '' })),
    notApplicable: listOf('a.A.two'),
    owed: listOf('a.A.three'),
  }
  const counted = countedScenarios(small, { 'test/a.test.ts': { 'A.one': ['does it'] } })

  test('counts each scenario of an area as one of four', () => {
    expect(countAreas(counted)).toEqual([
      { area: 'a', total: 4, covered: 1, notApplicable: 1, owed: 1, missing: 1 },
      { area: 'b', total: 1, covered: 0, notApplicable: 0, owed: 0, missing: 1 },
    ])
  })

  test('names the classes of which nothing is covered', () => {
    expect(areasInWords(counted)).toMatch(/^b .*\n {2}missing: B \(1\)$/m)
    expect(areasInWords(counted)).not.toMatch(/missing: A/)
  })

  test('says of each scenario of a class which test covers it, or why none does', () => {
    expect(classInWords('A', counted).split('\n')).toEqual([
      'A: 1 of 4 covered',
      'covered         one',
      '                  by test/a.test.ts > does it',
      'not applicable  two: a reason',
      'owed            three: a reason',
      'missing         four',
      '',
    ])
  })

  test.each([
    [['--class', 'NoSuchTest'], "no class 'NoSuchTest'"],
    [['--jsn'], '--json'],
  ])('refuses %j', async (args, answer) => {
    let said = ''
    const code = await scenariosCommand(
      args,
      () => {},
      (text) => {
        said += text
      },
    )
    expect(code).toBe(1)
    expect(said).toContain(answer)
  })
})
