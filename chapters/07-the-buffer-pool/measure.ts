/**
 * `npm run chapter 7 -- --measure`: what keeping buffers saves, on the machine of the reader.
 *
 * Three loads, each with buffers that are kept and with buffers that are dropped, in processes of
 * their own, in turn, three rounds. Of each figure the median of the rounds is shown. How long it
 * takes depends on the machine, so no test compares it with a number.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Load, Measured, Pooling } from './measureLoad.ts'

const ROUNDS = 3
/** A run that takes longer hangs, or the machine is busy with something else. */
const LONGEST_RUN_MS = 120_000

const LOADS: readonly (readonly [load: Load, title: string])[] = [
  ['buffers', 'Buffers alone: 200,000 of 16,384 bytes, 256 in use at a time'],
  ['small', '2,000,000 records of 200 bytes, in batches of 16,384'],
  ['large', '100,000 records of 4,000 bytes, in batches of 16,384'],
]
const POOLINGS: readonly Pooling[] = ['kept', 'dropped']

const runOf = async (load: Load, pooling: Pooling): Promise<Measured> => {
  const program = fileURLToPath(new URL('measureLoad.ts', import.meta.url))
  const args = ['--import', 'ts-blank-space/register', program, load, pooling]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LONGEST_RUN_MS,
  })
  const [said, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  if (code !== 0) {
    const end = signal === null ? `ended with ${code}` : `was ended after ${LONGEST_RUN_MS} ms`
    throw new Error(`The measurement of '${load}' with buffers ${pooling} ${end}.`)
  }
  return JSON.parse(said) as Measured
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const FIGURES: readonly (readonly [
  title: string,
  value: (run: Measured) => number,
  unit: string,
])[] = [
  ['time', (run) => run.ms, 'ms'],
  ['processor', (run) => run.cpuMs, 'ms'],
  ['young collections', (run) => run.minor, ''],
  ['full collections', (run) => run.major, ''],
  ['pauses', (run) => run.pauseMs, 'ms'],
  ['longest', (run) => run.longestMs, 'ms'],
  ['peak memory', (run) => run.peakMb, 'MB'],
]

const figure = (value: number, unit: string): string => {
  const number = value < 10 && unit !== '' ? value.toFixed(1) : Math.round(value).toString()
  return unit === '' ? number : `${number} ${unit}`
}

const tableOf = (runs: ReadonlyMap<Pooling, readonly Measured[]>): string => {
  const line = (title: string, cells: readonly string[]) =>
    `  ${title.padEnd(18)}${cells.map((cell) => cell.padStart(11)).join('')}\n`
  const rows = FIGURES.map(([title, value, unit]) =>
    line(
      title,
      Array.from(runs.values(), (measured) => figure(median(measured.map(value)), unit)),
    ),
  )
  return line('', [...runs.keys()]) + rows.join('')
}

export const measure = async (write: (text: string) => void): Promise<void> => {
  const [cpu] = cpus()
  write(`Node ${process.versions.node}, ${cpus().length} × ${cpu?.model ?? 'processor'}\n`)
  write(`Medians of ${ROUNDS} rounds. Lower is better everywhere.\n`)
  for (const [load, title] of LOADS) {
    const runs = new Map<Pooling, Measured[]>(POOLINGS.map((pooling) => [pooling, []]))
    for (let round = 0; round < ROUNDS; round++) {
      for (const pooling of POOLINGS) runs.get(pooling)?.push(await runOf(load, pooling))
    }
    write(`\n${title}\n${tableOf(runs)}`)
  }
}
