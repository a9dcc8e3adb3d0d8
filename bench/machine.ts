/** What the figures were taken on, and with. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { KAFKA_VERSION } from '../test/kafka/support/prerequisites.ts'
import { PLATFORMATIC_VERSION } from './peers.ts'
import type { Session } from './session.ts'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  /** Processes that wanted a core, in the minute before the run. */
  readonly loadBefore: number
}

export interface Versions {
  readonly node: string
  readonly node24: string | null
  readonly java: string | null
  readonly kafka: string | null
  readonly kafkajs: string
  readonly platformatic: string | null
}

export const machineNow = (): Machine => ({
  processor: cpus()[0]?.model.trim() || `an ${arch()} processor that does not tell its name`,
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()}`,
  loadBefore: Number(loadavg()[0]!.toFixed(2)),
})

const firstLine = (command: string, ...args: string[]): string | null => {
  const run = spawnSync(command, args, { encoding: 'utf8' })
  return run.status === 0 ? ((run.stdout || run.stderr).split('\n')[0] ?? '').trim() : null
}

const kafkajsVersion = (): string => {
  const manifest = createRequire(import.meta.url).resolve('kafkajs/package.json')
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}

export const versionsOf = ({ peers, kafka }: Session): Versions => ({
  node: process.versions.node,
  node24:
    peers.node24 === null ? null : (firstLine(peers.node24, '-p', 'process.versions.node') ?? null),
  java: kafka === null ? null : (/"(.+)"/.exec(firstLine('java', '-version') ?? '')?.[1] ?? null),
  kafka: kafka === null ? null : KAFKA_VERSION,
  kafkajs: kafkajsVersion(),
  platformatic: peers.platformatic === null ? null : PLATFORMATIC_VERSION,
})
