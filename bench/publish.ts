/**
 * Measures everything once and writes `docs/benchmarks.json`, from which the site's page is made.
 *
 * I1  The file is written whole, at the end. A contender that failed in a round lacks that round;
 *     the page says so.
 */

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compare } from './compare.ts'
import { type GroupReport, groupsText, measureGroups } from './consuming/groups.ts'
import { measureSlowReader, type SlowReport, slowText } from './consuming/slow.ts'
import { type Machine, machineNow, type Versions, versionsOf } from './machine.ts'
import { type MemoryReport, measureMemory, memoryText } from './memory.ts'
import { measureMicro } from './micro/micro.ts'
import type { Timed } from './micro/timed.ts'
import { measureProfile, type ProfilePart } from './profile.ts'
import { type Ratios, type Row, ratiosOf } from './report.ts'
import { measureScale, type Series } from './scale/scale.ts'
import type { Session } from './session.ts'

/** What the page shows. */
export interface Published {
  /** The day, as 2026-01-31. */
  readonly measuredOn: string
  readonly minutes: number
  readonly rounds: number
  readonly machine: Machine
  readonly versions: Versions
  readonly rows: readonly Row[]
  readonly ratios: Ratios
  readonly memory: MemoryReport
  readonly slow: SlowReport
  readonly groups: GroupReport
  readonly scale: readonly Series[]
  readonly micro: readonly Timed[]
  readonly profile: readonly ProfilePart[]
  /** What went wrong on the way, one line each. */
  readonly failures: readonly string[]
}

const FILE = fileURLToPath(new URL('../docs/benchmarks.json', import.meta.url))

/** Series of our own runs need fewer rounds: nothing is compared with another client's figure. */
const SCALE_ROUNDS = 2

/** For all comparisons; the rest takes about two minutes. */
const COMPARE_MS = 12 * 60_000

/** Tries again when it fails: a long run should not be lost to one bad moment. */
const tried = async <T>(session: Session, measure: () => Promise<T>): Promise<T> => {
  try {
    return await measure()
  } catch (error) {
    session.say(`Once more, because of: ${error instanceof Error ? error.message : error}`)
    return measure()
  }
}

export const publish = async (session: Session): Promise<Published> => {
  const startedMs = performance.now()
  const machine = machineNow()
  const versions = versionsOf(session)
  const rows = await compare(session, COMPARE_MS)
  const memory = await tried(session, () => measureMemory(session))
  session.say(memoryText(memory))
  const slow = await tried(session, () => measureSlowReader(session))
  session.say(slowText(slow))
  const groups = await tried(session, () => measureGroups(session, session.options.rounds))
  session.say(groupsText(groups))
  const profile = await tried(session, () => measureProfile(session))
  const micro = await tried(session, () => measureMicro(session))
  const scaleRounds = Math.min(SCALE_ROUNDS, session.options.rounds)
  const scale = await tried(session, () => measureScale(session, scaleRounds))
  const published: Published = {
    measuredOn: new Date().toISOString().slice(0, 10),
    minutes: Math.round((performance.now() - startedMs) / 60_000),
    rounds: session.options.rounds,
    machine,
    versions,
    rows,
    ratios: ratiosOf(rows),
    memory,
    slow,
    groups,
    scale,
    micro,
    profile,
    failures: session.failures,
  }
  writeFileSync(FILE, `${JSON.stringify(published, null, 1)}\n`)
  session.say(`\nWritten: ${FILE}, after ${published.minutes} minutes`)
  return published
}
