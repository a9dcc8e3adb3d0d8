/** Runs a program to its end and looks at what it used. */

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import type { Cleanup } from './Cleanup.ts'

/** What the kernel says that a process used. */
export interface Usage {
  readonly cpuSeconds: number
  readonly peakMemoryMb: number
}

export interface Ended {
  readonly out: string
  /** `null` where the system does not tell of other processes. */
  readonly usage: Usage | null
}

const SAMPLE_EVERY_MS = 20
const DEADLINE_MS = 150_000
/** `CLK_TCK`: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** User and system time and the peak of memory, from Linux's `/proc`; `null` elsewhere. */
const usageOf = (pid: number): Usage | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the name in brackets, which may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const peakKb = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]
    if (peakKb === undefined) return null
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      peakMemoryMb: Number(peakKb) / 1024,
    }
  } catch {
    // It ended between two looks, or there is no /proc: what was seen last stands.
    return null
  }
}

/** The error among what a program said, without the places it passed; else the last line. */
export const complaintIn = (said: string): string => {
  const lines = said.trim().split('\n')
  return lines.find((line) => /^\w*(Error|Exception)\b/.test(line)) ?? lines.at(-1)!
}

/** @throws Error with what the program complained of, when it fails or takes too long */
export const runToEnd = async (
  command: string,
  args: readonly string[],
  cleanup: Cleanup,
): Promise<Ended> => {
  const child: ChildProcessByStdio<null, Readable, Readable> = cleanup.child(
    spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: DEADLINE_MS }),
  )
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk
  })
  let usage: Usage | null = null
  const sampler = setInterval(() => {
    usage = usageOf(child.pid!) ?? usage
  }, SAMPLE_EVERY_MS)
  try {
    const [code, signal] = await once(child, 'close')
    if (code === 0) return { out, usage }
    throw new Error(`ended with ${code ?? signal}: ${complaintIn(err || out)}`)
  } finally {
    clearInterval(sampler)
  }
}
