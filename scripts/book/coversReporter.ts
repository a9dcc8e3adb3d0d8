/**
 * Remembers which scenarios of Kafka's tests were covered by a passing test, while `npm test` runs.
 *
 * `npm run scenarios` reads what it wrote, as long as nothing changed since. What counts as nothing
 * changed is the content of everything that a test could see.
 *
 * I1  Only a test that passed covers something.
 * I2  What was seen is only kept if the files were the same before and after the run.
 * I3  A test file of which only some tests ran (`-t`) says nothing.
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import type { Reporter, TestModule, Vitest } from 'vitest/node'
import { ROOT } from './chapters.ts'

/** Test file, from the root → scenario → the tests that covered it, by their full names. */
export type Covered = Record<string, Record<string, string[]>>

interface Remembered {
  /** Hash of all that tests could see. */
  readonly seen: string
  readonly covered: Covered
}

const CACHE = `${ROOT}node_modules/.cache/annotated-kafka/covers.json`

/** Hash of all that a test's result could come from. */
export const hashOfSources = (root: string = ROOT): string => {
  const hash = createHash('sha256')
  for (const folder of ['src', 'lab', 'chapters', 'test', 'scripts']) {
    const files = readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|mjs|json|tsv)$/.test(file) && !file.includes('node_modules'))
      .sort()
    for (const file of files) {
      hash.update(`${folder}/${file}\n`).update(readFileSync(`${root}${folder}/${file}`))
    }
  }
  for (const file of ['package-lock.json', 'vitest.config.ts', 'tsconfig.json']) {
    hash.update(readFileSync(root + file))
  }
  return hash.digest('hex')
}

/** What was covered when the sources were as they are; empty if they changed. */
export const rememberedCovered = (seen: string): Covered => {
  if (!existsSync(CACHE)) return {}
  const remembered = JSON.parse(readFileSync(CACHE, 'utf8')) as Remembered
  return remembered.seen === seen ? remembered.covered : {}
}

export const rememberCovered = (seen: string, covered: Covered): void => {
  mkdirSync(dirname(CACHE), { recursive: true })
  const all = { ...rememberedCovered(seen), ...covered }
  writeFileSync(CACHE, JSON.stringify({ seen, covered: all } satisfies Remembered))
}

/** What the passing tests of a file covered. */
export const coveredBy = (module: TestModule): Record<string, string[]> => {
  const covered: Record<string, string[]> = {}
  for (const test of module.children.allTests('passed')) {
    for (const scenario of test.meta().covers ?? []) (covered[scenario] ??= []).push(test.fullName)
  }
  return covered
}

export const pathOf = (module: TestModule): string =>
  relative(ROOT, module.moduleId).replaceAll('\\', '/')

/** The reporter; `npm test` has it beside its own. */
export class CoversReporter implements Reporter {
  private vitest: Vitest | undefined
  private before = ''

  onInit(vitest: Vitest): void {
    this.vitest = vitest
  }

  onTestRunStart(): void {
    this.before = hashOfSources()
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const some = this.vitest?.config.testNamePattern !== undefined
    if (some || hashOfSources() !== this.before) return
    rememberCovered(
      this.before,
      Object.fromEntries(modules.map((module) => [pathOf(module), coveredBy(module)])),
    )
  }
}
