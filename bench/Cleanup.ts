/**
 * Everything that must not outlive the run: processes, folders.
 *
 * What was started last is ended first. A signal or an error ends the run through the same door;
 * when even that is cut short, the exit of the process still kills what it started.
 */

import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'

type Step = () => Promise<void> | void

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

export class Cleanup {
  private readonly steps: Step[] = []
  private readonly children = new Set<ChildProcess>()
  private readonly folders = new Set<string>()
  /** What is being started, and has no step yet. */
  private starting: Promise<unknown> | null = null

  constructor() {
    for (const [signal, code] of Object.entries(SIGNALS)) {
      process.once(signal, () => {
        void this.run().finally(() => process.exit(code))
      })
    }
    process.once('exit', () => this.atExit())
  }

  /** Remembers a process; forgets it when it has ended. */
  child<T extends ChildProcess>(child: T): T {
    this.children.add(child)
    child.once('exit', () => this.children.delete(child))
    return child
  }

  folder(path: string): string {
    this.folders.add(path)
    return path
  }

  /** Starts something that knows itself how to end; a signal meanwhile waits for it. */
  async start<T>(start: Promise<T>, end: (started: T) => Promise<void>): Promise<T> {
    this.starting = start
    try {
      const started = await start
      this.steps.push(() => end(started))
      return started
    } finally {
      this.starting = null
    }
  }

  /** Ends all that is there still; may be called again. What can go at once goes first. */
  async run(): Promise<void> {
    this.atExit()
    await this.starting?.catch(() => {})
    while (this.steps.length > 0) await this.steps.pop()!()
    this.atExit()
  }

  private atExit(): void {
    for (const child of this.children) child.kill('SIGKILL')
    for (const path of this.folders) rmSync(path, { recursive: true, force: true })
  }
}
