/**
 * Counts which scenarios of Apache Kafka's own tests are covered here.
 *
 *     npm run scenarios                                     a line for each area
 *     npm run scenarios -- --json                           the same as data
 *     npm run scenarios -- --class RecordAccumulatorTest    each scenario, and who covers it
 *
 * A scenario is covered when a passing test said so by `covers`. The result of the last `npm test`
 * is used while no file changed; otherwise the test files that call `covers` are run.
 *
 * I1  Of each area: total = covered + not applicable + owed + missing.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { TestModule } from 'vitest/node'
import { ROOT } from './chapters.ts'
import {
  type Covered,
  coveredBy,
  hashOfSources,
  pathOf,
  rememberCovered,
  rememberedCovered,
} from './coversReporter.ts'
import { nameOf, type Scenario, type ScenarioLists, scenarioLists } from './scenarioLists.ts'

export type ScenarioState = 'covered' | 'not applicable' | 'owed' | 'missing'

export interface CountedScenario extends Scenario {
  readonly state: ScenarioState
  /** `file > test` of each test that covers it. */
  readonly tests: readonly string[]
}

export interface AreaCount {
  readonly area: string
  readonly total: number
  readonly covered: number
  readonly notApplicable: number
  readonly owed: number
  readonly missing: number
}

/** Each scenario with its state. What is covered is covered, whatever a list says of it. */
export const countedScenarios = (lists: ScenarioLists, covered: Covered): CountedScenario[] => {
  const tests = new Map<string, string[]>()
  for (const [file, scenarios] of Object.entries(covered)) {
    for (const [name, titles] of Object.entries(scenarios)) {
      const told = titles.map((title) => `${file} > ${title}`)
      tests.set(name, [...(tests.get(name) ?? []), ...told])
    }
  }
  const excused = new Map<string, { state: ScenarioState; because: string }>()
  for (const s of lists.owed) excused.set(nameOf(s), { state: 'owed', because: s.because })
  for (const s of lists.notApplicable) {
    excused.set(nameOf(s), { state: 'not applicable', because: s.because })
  }
  return lists.all.map((scenario): CountedScenario => {
    const by = tests.get(nameOf(scenario))
    if (by !== undefined) return { ...scenario, state: 'covered', tests: by }
    const { state, because } = excused.get(nameOf(scenario)) ?? { state: 'missing', because: '' }
    return { ...scenario, state, because, tests: [] }
  })
}

export const countAreas = (scenarios: readonly CountedScenario[]): AreaCount[] =>
  [...new Set(scenarios.map(({ area }) => area))].sort().map((area) => {
    const here = scenarios.filter((scenario) => scenario.area === area)
    const of = (state: ScenarioState): number => here.filter((s) => s.state === state).length
    return {
      area,
      total: here.length,
      covered: of('covered'),
      notApplicable: of('not applicable'),
      owed: of('owed'),
      missing: of('missing'),
    }
  })

/** A line for each area, and below it the classes of which nothing is covered yet. */
export const areasInWords = (scenarios: readonly CountedScenario[]): string => {
  const row = (...cells: (string | number)[]): string =>
    cells.map((cell, i) => (i === 0 ? String(cell).padEnd(20) : String(cell).padStart(9))).join('')
  const head = row('area', 'total', 'covered', 'n/a', 'owed', 'missing')
  const counts = countAreas(scenarios)
  const sum = (of: (count: AreaCount) => number): number =>
    counts.reduce((total, count) => total + of(count), 0)
  const lines = counts.flatMap((c) => {
    const line = row(c.area, c.total, c.covered, c.notApplicable, c.owed, c.missing)
    const untouched = untouchedClasses(scenarios.filter(({ area }) => area === c.area))
    return untouched === '' ? [line] : [line, `  missing: ${untouched}`]
  })
  const total = row(
    'total',
    sum((c) => c.total),
    sum((c) => c.covered),
    sum((c) => c.notApplicable),
    sum((c) => c.owed),
    sum((c) => c.missing),
  )
  return `${[head, ...lines, total].join('\n')}\n`
}

/** Classes whose scenarios are all missing, with their number. */
const untouchedClasses = (scenarios: readonly CountedScenario[]): string => {
  const classes = new Map<string, CountedScenario[]>()
  for (const s of scenarios) classes.set(s.testClass, [...(classes.get(s.testClass) ?? []), s])
  return [...classes]
    .filter(([, its]) => its.every(({ state }) => state === 'missing'))
    .map(([name, its]) => `${name} (${its.length})`)
    .join(', ')
}

/** Each scenario of a class. */
export const classInWords = (name: string, scenarios: readonly CountedScenario[]): string => {
  const its = scenarios.filter(({ testClass }) => testClass === name)
  const lines = its.flatMap(({ scenario, state, because, tests }) => [
    `${state.padEnd(14)}  ${scenario}${because === '' ? '' : `: ${because}`}`,
    ...tests.map((test) => `${' '.repeat(16)}  by ${test}`),
  ])
  const done = its.filter(({ state }) => state === 'covered').length
  return `${name}: ${done} of ${its.length} covered\n${lines.join('\n')}\n`
}

/** The test files that call `covers`, from the root. */
const filesThatCover = (): string[] =>
  ['test', 'chapters', 'src'].flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
      .filter(
        (file) => file.endsWith('.test.ts') && !/^test\/(book|site|browser|kafka)\//.test(file),
      )
      .filter((file) => readFileSync(ROOT + file, 'utf8').includes('support/covers.ts'))
      .sort(),
  )

/** What passing tests cover now. Runs those of which it is not known. */
export const coveredNow = async (say: (text: string) => void): Promise<Covered> => {
  const seen = hashOfSources()
  const known = rememberedCovered(seen)
  const open = filesThatCover().filter((file) => known[file] === undefined)
  if (open.length === 0) return known
  say(`Running the ${open.length} test files that cover scenarios …\n`)
  const found = await run(open, say)
  if (hashOfSources() === seen) rememberCovered(seen, found)
  return { ...known, ...found }
}

const run = async (files: readonly string[], say: (text: string) => void): Promise<Covered> => {
  const { startVitest } = await import('vitest/node')
  let modules: readonly TestModule[] = []
  const reporter = {
    onTestRunEnd: (ended: readonly TestModule[]) => {
      modules = ended
    },
  }
  const options = { root: ROOT, config: `${ROOT}vitest.config.ts`, watch: false, silent: true }
  const before = process.exitCode
  const vitest = await startVitest('test', [...files], { ...options, reporters: [reporter] })
  await vitest.close()
  // A test that failed covers nothing, which is counted; it is no failure of the counting.
  process.exitCode = before
  for (const module of modules.filter((its) => !its.ok())) {
    const failed = [...module.children.allTests('failed')].map(({ fullName }) => fullName)
    say(`${pathOf(module)} failed: ${failed.join(', ') || 'it did not load'}\n`)
  }
  return Object.fromEntries(modules.map((module) => [pathOf(module), coveredBy(module)]))
}

/** Returns the exit code. */
export const scenariosCommand = async (
  args: readonly string[],
  write: (text: string) => void,
  writeError: (text: string) => void,
): Promise<number> => {
  const [flag, name] = args
  const lists = scenarioLists()
  const isClass = flag === '--class' && args.length === 2
  if (!(flag === undefined || (flag === '--json' && args.length === 1) || isClass)) {
    writeError('npm run scenarios [-- --json | --class <test class of Kafka>]\n')
    return 1
  }
  if (isClass && !lists.all.some(({ testClass }) => testClass === name)) {
    writeError(`There is no class '${name}' in test/scenarios/java-scenarios.tsv.\n`)
    return 1
  }
  const scenarios = countedScenarios(lists, await coveredNow(writeError))
  if (flag === '--json') write(`${JSON.stringify({ areas: countAreas(scenarios) }, null, 2)}\n`)
  else if (isClass) write(classInWords(name!, scenarios))
  else write(areasInWords(scenarios))
  return 0
}

if (pathToFileURL(process.argv[1] ?? '').href === import.meta.url) {
  process.exitCode = await scenariosCommand(
    process.argv.slice(2),
    (text) => process.stdout.write(text),
    (text) => process.stderr.write(text),
  )
}
