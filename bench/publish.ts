/**
 * Measures everything once and writes `docs/benchmarks.json`, from which the site's page is made.
 *
 * Sending and reading are two runs, each with its own day and machine: nothing of the one is
 * compared with anything of the other, so either can be measured anew by itself (`--only`).
 *
 * I1  The file is written whole, at the end of a run. A contender that failed in a round lacks that
 *     round; the page says so.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compareReading, compareSending } from './compare.ts'
import { type GroupReport, groupsText, measureGroups } from './consuming/groups.ts'
import { measureSlowReader, type SlowReport, slowText } from './consuming/slow.ts'
import { type Machine, machineNow, type Versions, versionsOf } from './machine.ts'
import { type MemoryReport, measureMemory, memoryText } from './memory.ts'
import { measureMicro } from './micro/micro.ts'
import type { Timed } from './micro/timed.ts'
import { measureProfile, type ProfilePart } from './profile.ts'
import type { Row } from './report.ts'
import { measureScale, type Series } from './scale/scale.ts'
import type { Session } from './session.ts'

/** When and on what something was measured. */
export interface Occasion {
  /** The day, as 2026-01-31. */
  readonly measuredOn: string
  readonly minutes: number
  readonly rounds: number
  readonly machine: Machine
  readonly versions: Versions
  /** What went wrong on the way, one line each. */
  readonly failures: readonly string[]
}

export interface Sending extends Occasion {
  readonly rows: readonly Row[]
  readonly memory: MemoryReport
  readonly scale: readonly Series[]
  readonly micro: readonly Timed[]
  readonly profile: readonly ProfilePart[]
}

export interface Reading extends Occasion {
  readonly rows: readonly Row[]
  readonly slow: SlowReport
  readonly groups: GroupReport
}

/** What the page shows. */
export interface Published {
  readonly sending: Sending
  readonly reading: Reading
}

const FILE = fileURLToPath(new URL('../docs/benchmarks.json', import.meta.url))

/** Series of our own runs need fewer rounds: nothing is compared with another client's figure. */
const SCALE_ROUNDS = 2

/** For the comparisons of a run; the rest takes about two minutes. */
const COMPARE_MS = 9 * 60_000

/** Tries again when it fails: a long run should not be lost to one bad moment. */
const tried = async <T>(session: Session, measure: () => Promise<T>): Promise<T> => {
  try {
    return await measure()
  } catch (error) {
    session.say(`Once more, because of: ${error instanceof Error ? error.message : error}`)
    return measure()
  }
}

/** Measures, and says when and on what. */
const on = async <T>(session: Session, measure: () => Promise<T>): Promise<T & Occasion> => {
  const startedMs = performance.now()
  const machine = machineNow()
  const versions = versionsOf(session)
  const failuresBefore = session.failures.length
  const measured = await measure()
  return {
    measuredOn: new Date().toISOString().slice(0, 10),
    minutes: Math.round((performance.now() - startedMs) / 60_000),
    rounds: session.options.rounds,
    machine,
    versions,
    failures: session.failures.slice(failuresBefore),
    ...measured,
  }
}

const measureSending = (session: Session): Promise<Sending> =>
  on(session, async () => {
    const rows = await compareSending(session, COMPARE_MS)
    const memory = await tried(session, () => measureMemory(session))
    session.say(memoryText(memory))
    const profile = await tried(session, () => measureProfile(session))
    const micro = await tried(session, () => measureMicro(session))
    const scaleRounds = Math.min(SCALE_ROUNDS, session.options.rounds)
    const scale = await tried(session, () => measureScale(session, scaleRounds))
    return { rows, memory, scale, micro, profile }
  })

const measureReading = (session: Session): Promise<Reading> =>
  on(session, async () => {
    const rows = await compareReading(session, COMPARE_MS)
    const slow = await tried(session, () => measureSlowReader(session))
    session.say(slowText(slow))
    const groups = await tried(session, () => measureGroups(session, session.options.rounds))
    session.say(groupsText(groups))
    return { rows, slow, groups }
  })

export const publish = async (session: Session): Promise<Partial<Published>> => {
  const { only } = session.options
  const before = existsSync(FILE)
    ? (JSON.parse(readFileSync(FILE, 'utf8')) as Partial<Published>)
    : {}
  const measured: Partial<Published> = {
    ...(only !== 'reading' && { sending: await measureSending(session) }),
    ...(only !== 'sending' && { reading: await measureReading(session) }),
  }
  writeFileSync(FILE, `${JSON.stringify({ ...before, ...measured }, null, 1)}\n`)
  session.say(`\nWritten: ${FILE}`)
  return measured
}
