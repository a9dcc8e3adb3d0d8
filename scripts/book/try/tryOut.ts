/**
 * Runs variants of chapters through Vitest, all in one process, and says what became of each test.
 *
 * A chapter's page is the name under which its suite runs; Vitest gets a program in its place (see
 * suite.ts). Workers are threads: code that never comes back can be stopped.
 *
 * I1  A failed test is a result, not an error; nothing is printed.
 * I2  Code that runs for ever ends the run, with the test in which it did.
 */

import { readdirSync, rmSync } from 'node:fs'
import { relative } from 'node:path'
import { inspect, stripVTControlCharacters } from 'node:util'
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node'
import { folderFor } from '../cache.ts'
import { ROOT } from '../chapters.ts'
import { standIn } from './standIn.ts'
import { LOADS } from './trialNames.ts'
import type { Variant } from './Variant.ts'

/** A place in a file of the repository. */
export interface Place {
  readonly path: string
  readonly line: number
}

export interface Failure {
  /** Of the error's class. */
  readonly name: string
  readonly message: string
  /** As Vitest prints them, if something was compared. */
  readonly expected: string | null
  readonly actual: string | null
  /** From the innermost call outwards. */
  readonly places: readonly Place[]
}

export interface Tried {
  /** `a batch > leaves when it is full`. */
  readonly test: string
  readonly state: 'passed' | 'failed'
  /** A body that is not written yet was called. */
  readonly notWritten: boolean
  readonly failure: Failure | null
}

export interface Outcome {
  /** Of the variant. */
  readonly id: string
  /** The tests that ran, in their order. */
  readonly tests: readonly Tried[]
  /** Why nothing could be tried: the error while modules were loaded. */
  readonly unloadable: Failure | null
}

/** The code was still running after all patience; `test` is the one that it was in. */
export class RunsForEver extends Error {
  readonly test: string

  constructor(test: string) {
    super(`The test '${test}' has not come back: something in it runs for ever`)
    this.test = test
  }
}

export interface TryOutOptions {
  readonly maxWorkers?: number
  /** Keep compiled modules for the next run: a reader tries again soon. */
  readonly keepModules?: boolean
  /** Without a sign of life, before the run is ended. */
  readonly patienceMs?: number
}

export const tryOut = async (
  variants: readonly Variant[],
  { maxWorkers = 1, patienceMs = 60_000, keepModules = false }: TryOutOptions = {},
): Promise<readonly Outcome[]> => {
  if (variants.length === 0) return []
  const { createVitest } = await import('vitest/node')
  const watch = new Watch(patienceMs)
  const vitest = await createVitest(
    'test',
    {
      root: ROOT,
      config: false,
      watch: false,
      reporters: [watch],
      pool: 'threads',
      isolate: false,
      maxWorkers,
      dangerouslyIgnoreUnhandledErrors: true,
      includeTaskLocation: false,
      experimental: { fsModuleCache: keepModules, fsModuleCachePath: compiledModules() },
    },
    { plugins: [standIn(variants, testFilesOf)], logLevel: 'error' },
  )
  let stuck = false
  try {
    return await Promise.race([run(vitest, variants), watch.stuck])
  } catch (error) {
    stuck = error instanceof RunsForEver
    throw error
  } finally {
    watch.end()
    // To close waits for the thread, and one that runs for ever ends with the process only.
    if (!stuck) await vitest.close()
  }
}

const run = async (vitest: Vitest, variants: readonly Variant[]): Promise<readonly Outcome[]> => {
  const folders = [...new Set(variants.map(({ folder }) => folder))]
  const specifications = folders.map((folder) =>
    vitest.getRootProject().createSpecification(`${ROOT}chapters/${folder}/index.md`),
  )
  const { testModules } = await vitest.runTestSpecifications(specifications)
  for (const module of testModules) {
    const [error] = module.errors()
    if (error !== undefined) throw new Error(`${module.moduleId}: ${error.message}\n${error.stack}`)
  }
  return variants.map(({ id }) => outcomeOf(id, testModules))
}

const COMPILED_KEPT = 3000

/** The folder of compiled modules. Each version of a file leaves one there: begin anew at times. */
const compiledModules = (): string => {
  const folder = folderFor('compiled')
  if (readdirSync(folder).length > COMPILED_KEPT) rmSync(folder, { recursive: true })
  return folder
}

/** Absolute. */
const testFilesOf = (folder: string): readonly string[] =>
  readdirSync(`${ROOT}chapters/${folder}`)
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => `${ROOT}chapters/${folder}/${name}`)

const outcomeOf = (id: string, modules: readonly TestModule[]): Outcome => {
  for (const module of modules) {
    for (const suite of module.children.suites()) {
      if (suite.name !== id) continue
      const all = [...suite.children.allTests()]
      const loading = all.find(({ name }) => name === LOADS)
      const ran = all.filter((test) => test.result().state !== 'skipped' && test !== loading)
      return {
        id,
        tests: ran.map((test) => tried(test, id)),
        unloadable: loading === undefined ? null : failureOf(loading),
      }
    }
  }
  throw new Error(`the variant '${id}' was not run`)
}

const tried = (test: TestCase, id: string): Tried => ({
  test: test.fullName.slice(`${id} > `.length),
  state: test.result().state === 'passed' ? 'passed' : 'failed',
  notWritten: (test.meta() as { notWritten?: boolean }).notWritten === true,
  failure: failureOf(test),
})

const failureOf = (test: TestCase): Failure | null => {
  const [error] = test.result().errors ?? []
  if (error === undefined) return null
  return {
    name: error.name ?? 'Error',
    message: plain(error.message),
    expected: valueText(error.expected),
    actual: valueText(error.actual),
    places: (error.stacks ?? []).flatMap(({ file, line }) => placeOf(file, line)),
  }
}

const placeOf = (file: string, line: number): readonly Place[] => {
  const path = relative(ROOT, file.replace(/^file:\/\//, '').replace(/\?.*$/, ''))
  return path.startsWith('..') || path.includes('node_modules') ? [] : [{ path, line }]
}

/** Vitest has written out most values already; not those that it does not compare. */
const valueText = (value: unknown): string | null => {
  if (value === undefined) return null
  return typeof value === 'string' ? value : inspect(value, { depth: 3 })
}

/** Without colours and without our own marks: for people. */
const plain = (text: string): string =>
  stripVTControlCharacters(text)
    .replaceAll(ROOT, '')
    .replace(/\?(front&)?stand-in=[\w-]+\.ts/g, '')

/** Notices when no test has begun or ended for too long. */
class Watch implements Reporter {
  readonly stuck: Promise<never>
  private giveUp: (error: Error) => void = () => undefined
  private readonly patienceMs: number
  private timer: NodeJS.Timeout | undefined
  private current = 'loading the modules'

  constructor(patienceMs: number) {
    this.patienceMs = patienceMs
    this.stuck = new Promise((_, reject) => {
      this.giveUp = reject
    })
    this.stuck.catch(() => undefined)
    this.restart()
  }

  onTestCaseReady(test: TestCase): void {
    this.current = test.fullName
    this.restart()
  }

  onTestCaseResult(): void {
    this.restart()
  }

  end(): void {
    clearTimeout(this.timer)
  }

  private restart(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.giveUp(new RunsForEver(this.current)), this.patienceMs)
  }
}
