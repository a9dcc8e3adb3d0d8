/**
 * Where the time of our producer goes: a CPU profile of one run, summed by the part of the code
 * that was running.
 *
 * The profiler looks every so often at what runs, and counts. What is inlined counts for the
 * function it was inlined into, so the parts are files, not functions.
 */

import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Measurement } from './measure.ts'
import { flatOut, named } from './plan.ts'
import { type Session, startBest } from './session.ts'
import { rounded } from './statistics.ts'
import { textTable } from './table.ts'

/** The part of a V8 profile that is used here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface ProfilePart {
  readonly part: string
  /** Of the time in which something ran. */
  readonly share: number
}

const SMALLEST_SHARE = 0.01

/** What a frame belongs to; `null`: nothing ran. */
const partOf = ({ functionName, url }: { functionName: string; url: string }): string | null => {
  if (functionName === '(idle)') return null
  if (functionName === '(garbage collector)') return 'the garbage collector'
  if (functionName === '(program)') return 'the engine, system calls'
  const source = /\/(src|bench)\/(.*)\.js$/.exec(url)
  if (source === null) return 'Node: sockets, timers, streams'
  return source[1] === 'bench' ? 'the benchmark itself' : `src/${source[2]}.ts`
}

/** The parts by their share, the largest first; small ones together at the end. */
export const partsOf = ({ nodes, samples, timeDeltas }: CpuProfile): ProfilePart[] => {
  const partOfNode = new Map(nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]))
  const micros = new Map<string, number>()
  let total = 0
  for (const [i, id] of samples.entries()) {
    const part = partOfNode.get(id) ?? null
    if (part === null) continue
    const delta = Math.max(0, timeDeltas[i] ?? 0)
    micros.set(part, (micros.get(part) ?? 0) + delta)
    total += delta
  }
  const all = [...micros]
    .map(([part, time]) => ({ part, share: time / total }))
    .sort((a, b) => b.share - a.share)
  const large = all.filter(({ share }) => share >= SMALLEST_SHARE)
  const rest = 1 - large.reduce((sum, { share }) => sum + share, 0)
  return [...large, { part: 'everything else', share: rest }].map(({ part, share }) => ({
    part,
    share: rounded(share, 3),
  }))
}

const RECORDS = 4_000_000

export const measureProfile = async (session: Session): Promise<ProfilePart[]> => {
  const folder = session.cleanup.folder(mkdtempSync(join(tmpdir(), 'annotated-kafka-profile-')))
  const broker = await startBest(session)
  const measurement = new Measurement(session, broker)
  measurement.nodeArgs.push('--cpu-prof', `--cpu-prof-dir=${folder}`)
  try {
    await measurement.run({
      ...flatOut(100, 'none', 1, named('ours')),
      counts: { count: RECORDS, warmUp: 100_000 },
    })
  } finally {
    measurement.close()
    await broker.stop()
  }
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))
  if (file === undefined) throw new Error('Node wrote no profile')
  const parts = partsOf(JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile)
  session.say(`\n${textTable(['where the time goes', '%'], parts.map(cells))}`)
  return parts
}

const cells = ({ part, share }: ProfilePart) => [part, (share * 100).toFixed(1)]
