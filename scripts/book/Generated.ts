/**
 * What is committed although a program writes it: golden output, tables, diagrams, tours.
 *
 *     generator ──files()──► path → text ──┬── npm run update              writes what differs
 *                                          └── npm run update -- --check   and a test: names it
 *
 * I1  A generator's files depend on the repository alone: no clock, no chance, no folder of a
 *     machine. Two calls give the same texts.
 * I2  `files()` writes nothing.
 */

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Generated {
  /** What it makes, as a title: `Rosetta table`. */
  readonly name: string
  /**
   * Whether it runs many programs or a debugger. Its test is in `npm run test:book` then, not in
   * `npm test`.
   */
  readonly slow?: boolean
  /** Each file's whole text, by its path from the repository's root with `/` in it. */
  files(): Promise<ReadonlyMap<string, string>>
}

/** One file as it should be, and how it is in the tree. */
export interface Difference {
  readonly path: string
  readonly wanted: string
  /** `same`, `differs`, or `missing` where there is no such file yet. */
  readonly state: 'same' | 'differs' | 'missing'
}

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Compares what a generator makes with the tree. */
export const compared = async (generated: Generated): Promise<readonly Difference[]> =>
  [...(await generated.files())].map(([path, wanted]) => {
    const file = root + path
    if (!existsSync(file)) return { path, wanted, state: 'missing' }
    return { path, wanted, state: readFileSync(file, 'utf8') === wanted ? 'same' : 'differs' }
  })
