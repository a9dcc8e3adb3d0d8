/**
 * What a person reads when a seed fails: the message, the plan, and either the last steps of the
 * run or how to see them.
 */

import type { TraceEntry, TraceListener } from '../../src/common/Trace.ts'

const TELLING_ENTRIES = 120

/** The last steps of a run, to read what came before it failed. */
export class Ending {
  private readonly entries: string[] = []
  private readonly telling: readonly string[]

  /** @param telling how the names of those events begin that are worth reading */
  constructor(telling: readonly string[]) {
    this.telling = telling
  }

  readonly note = ({ atMs, source, name, fields }: TraceEntry): void => {
    if (!this.telling.some((start) => name.startsWith(start))) return
    this.entries.push(`${atMs.toFixed(2)} ms ${source} ${name} ${JSON.stringify(fields)}`)
    if (this.entries.length > TELLING_ENTRIES) this.entries.shift()
  }

  toString(): string {
    return this.entries.join('\n')
  }
}

export interface SeedRun<R> {
  readonly seed: number
  /** The test file, as one names it to Vitest. */
  readonly file: string
  run(listener?: TraceListener): Promise<R>
  story(): string
  /** Only when one seed is run alone: listening takes time. */
  readonly ending?: Ending | undefined
}

/** Runs one seed; what it fails with tells everything. */
export const tellingRun = async <R>(options: SeedRun<R>): Promise<R> => {
  const { seed, file, run, story, ending } = options
  try {
    return await run(ending?.note)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const again = `SIMULATION_SEED=${seed} npx vitest run test/simulation/${file}`
    const parts = [message, story(), ending ?? `Again, with its steps: ${again}`]
    throw new Error(parts.join('\n\n'), { cause: error })
  }
}
