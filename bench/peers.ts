/**
 * Peers that `npm ci` does not bring: Node 24, and @platformatic/kafka, which runs only there.
 *
 * They are brought by npm once, into a folder of the user's cache. As a development dependency the
 * package would make every installation on Node 20 warn about its engine.
 */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { cacheDir, MissingPrerequisite, need, once } from '../test/kafka/support/prerequisites.ts'

export const PLATFORMATIC_VERSION = '1.35.0'

export interface Peers {
  /** Node 24's executable. */
  readonly node24: string | null
  /** The file to import for @platformatic/kafka. */
  readonly platformatic: string | null
  /** One line for each that is missing. */
  readonly missing: readonly string[]
}

const findNode24 = (): string => {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  const args = ['-y', 'node@24', '-p', 'process.execPath']
  const found = spawnSync('npx', args, { encoding: 'utf8', timeout: 120_000 })
  if (found.status === 0) return found.stdout.trim()
  throw new MissingPrerequisite("Missing: Node 24 ('npx -y node@24' failed)")
}

const bringPlatformatic = (): string => {
  const folder = join(cacheDir(), 'platformatic-kafka')
  const wanted = `@platformatic/kafka@${PLATFORMATIC_VERSION}`
  once(folder, wanted, () => {
    const where = ['--prefix', folder, '--engine-strict=false', '--no-audit', '--no-fund']
    need('npm', ['install', '--silent', '--ignore-scripts', ...where, wanted], wanted)
  })
  return join(folder, 'node_modules/@platformatic/kafka/dist/index.js')
}

/** Brings what can be brought. */
export const bringPeers = (): Peers => {
  const missing: string[] = []
  const attempt = (bring: () => string, without: string): string | null => {
    try {
      return bring()
    } catch (error) {
      if (!(error instanceof MissingPrerequisite)) throw error
      missing.push(`${error.message.split('\n')[0]}: ${without}`)
      return null
    }
  }
  const node24 = attempt(findNode24, 'no row of @platformatic/kafka, none of ours on Node 24')
  const platformatic =
    node24 === null ? null : attempt(bringPlatformatic, 'no row of @platformatic/kafka')
  return { node24, platformatic, missing }
}
