/** A member of a mixed group, in a process of its own. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Prerequisites } from '../support/prerequisites.ts'
import type { GroupHistory } from './GroupHistory.ts'
import { nowMs, type Strategy, type Told } from './tell.ts'

export type Kind = 'ours' | 'java' | 'librdkafka' | 'kafkajs'

export interface GroupPlace {
  readonly bootstrap: string
  readonly topic: string
  readonly group: string
  readonly strategy: Strategy
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** The program of a member, and its arguments up to those that all have. */
const programOf = (kind: Kind, tools: Prerequisites): readonly [string, ...string[]] => {
  switch (kind) {
    case 'ours':
      return [process.execPath, '--import', 'tsx', here('ours.ts')]
    case 'kafkajs':
      return [process.execPath, '--import', 'tsx', here('kafkajs.ts')]
    case 'java': {
      const log = `-Dlog4j2.configurationFile=${tools.log4jConfig}`
      return ['java', '-Xmx128m', '-cp', tools.kafkaClasspath, log, here('GroupMember.java')]
    }
    case 'librdkafka':
      return [tools.python, here('librdkafka.py')]
  }
}

export class Member {
  readonly name: string
  private readonly process: ChildProcess
  private readonly history: GroupHistory
  private readonly linesRead: Promise<void>
  private said = ''

  constructor(
    name: string,
    kind: Kind,
    place: GroupPlace,
    tools: Prerequisites,
    history: GroupHistory,
  ) {
    this.name = name
    this.history = history
    const [command, ...args] = programOf(kind, tools)
    const { bootstrap, topic, group, strategy } = place
    const child = spawn(command, [...args, bootstrap, topic, group, strategy], { stdio: 'pipe' })
    this.process = child
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.said = (this.said + text).slice(-2000)
    })
    this.linesRead = this.readLines()
  }

  /** What it said last, when something has gone wrong. */
  toString(): string {
    const { exitCode, signalCode } = this.process
    return `${this.name} (ended with ${exitCode ?? signalCode ?? 'nothing yet'}): ${this.said}`
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null
  }

  /** At once, without a word. */
  async kill(): Promise<void> {
    if (!this.isRunning) return
    this.history.note({ at: nowMs(), member: this.name, event: 'killed' })
    this.process.kill('SIGKILL')
    await once(this.process, 'exit')
    await this.linesRead
  }

  /** As a process that the system gives no time: it neither polls nor beats. */
  stop(): void {
    this.process.kill('SIGSTOP')
    this.history.note({ at: nowMs(), member: this.name, event: 'stopped' })
  }

  goOn(): void {
    this.process.kill('SIGCONT')
  }

  /** In order: it closes its consumer. */
  async leave(): Promise<void> {
    this.history.note({ at: nowMs(), member: this.name, event: 'leaving' })
    this.process.stdin!.end()
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 20_000)
    const [code] = (await once(this.process, 'exit')) as [number | null]
    clearTimeout(timer)
    await this.linesRead
    if (code !== 0) throw new Error(`it did not end well: ${this}`)
  }

  private async readLines(): Promise<void> {
    for await (const line of createInterface({ input: this.process.stdout! })) {
      if (!line.startsWith('{')) continue
      this.history.note({ member: this.name, ...(JSON.parse(line) as Told & { at: number }) })
    }
  }
}
