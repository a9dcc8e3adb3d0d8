/**
 * Brings what the tests against real software need, once, into a cache of the user's: Apache
 * Kafka's jars through Maven, the Python clients into a virtual environment, kcat through apt.
 *
 * What cannot be brought is said in one line each, and stops the run: a test that silently did not
 * run proves nothing.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const KAFKA_VERSION = '4.3.1'
const PYTHON_CLIENTS = ['confluent-kafka==2.16.1', 'kafka-python==3.0.12']

export interface Prerequisites {
  /** For `java -cp`. */
  readonly kafkaClasspath: string
  readonly log4jConfig: string
  readonly python: string
  readonly kcat: string
  /** A directory that may be filled and deleted. */
  readonly workDir: string
}

/** What a running Apache Kafka needs of them. */
export type KafkaPrerequisites = Pick<Prerequisites, 'kafkaClasspath' | 'log4jConfig' | 'workDir'>

/** A tool that is not there and could not be brought; `message` is the one line to print. */
export class MissingPrerequisite extends Error {}

export const cacheDir = (): string =>
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'annotated-kafka')

const works = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0

/** Runs a command that brings `what`; throws `MissingPrerequisite` with its last lines. */
export const need = (command: string, args: string[], what: string): void => {
  const run = spawnSync(command, args, { encoding: 'utf8' })
  if (run.status === 0) return
  const reason = (run.stderr || run.stdout || run.error?.message || '').trim().split('\n').slice(-3)
  throw new MissingPrerequisite(`${what}: '${command} ${args[0]}' failed: ${reason.join(' | ')}`)
}

/** Does `make` unless a marker in `dir` says that it was done for exactly `version`. */
export const once = (dir: string, version: string, make: () => void): void => {
  const marker = join(dir, '.complete')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === version) return
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  make()
  writeFileSync(marker, version)
}

const bringKafka = (): string => {
  if (!works('java', '-version')) {
    throw new MissingPrerequisite('Missing: a Java runtime (17 or newer) on the PATH, for Kafka.')
  }
  const dir = join(cacheDir(), `kafka-${KAFKA_VERSION}`)
  const pom = fileURLToPath(new URL('../pom.xml', import.meta.url))
  once(dir, readFileSync(pom, 'utf8'), () => {
    if (!works('mvn', '--version')) {
      throw new MissingPrerequisite('Missing: Maven (mvn) on the PATH, to bring Apache Kafka.')
    }
    const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${dir}`]
    need('mvn', args, `Apache Kafka ${KAFKA_VERSION}`)
  })
  return join(dir, '*')
}

const bringPythonClients = (): string => {
  const dir = join(cacheDir(), 'python-clients')
  const python = join(dir, 'bin', 'python')
  once(dir, PYTHON_CLIENTS.join(' '), () => {
    if (!works('python3', '--version')) {
      throw new MissingPrerequisite('Missing: python3 on the PATH, for the Python clients.')
    }
    need('python3', ['-m', 'venv', dir], 'A virtual environment for the Python clients')
    need(python, ['-m', 'pip', 'install', '-q', ...PYTHON_CLIENTS], 'The Python clients')
  })
  return python
}

const bringKcat = (): string => {
  if (works('kcat', '-V')) return 'kcat'
  if (process.getuid?.() !== 0 || !works('apt-get', '--version')) {
    throw new MissingPrerequisite("Missing: kcat on the PATH (Debian: 'apt-get install kcat').")
  }
  need('apt-get', ['update', '-qq'], 'kcat')
  need('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'kcat'], 'kcat')
  return 'kcat'
}

/** Brings Apache Kafka alone; throws `MissingPrerequisite`. */
export const bringKafkaPrerequisites = (): KafkaPrerequisites => {
  const kafkaClasspath = bringKafka()
  const workDir = join(cacheDir(), `run-${process.pid}`)
  mkdirSync(workDir, { recursive: true })
  return {
    kafkaClasspath,
    log4jConfig: fileURLToPath(new URL('log4j2.properties', import.meta.url)),
    workDir,
  }
}

/** Brings everything; throws `MissingPrerequisite`. */
export const bringPrerequisites = (): Prerequisites => ({
  ...bringKafkaPrerequisites(),
  python: bringPythonClients(),
  kcat: bringKcat(),
})
