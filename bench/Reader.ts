/** The process that reads back (`readBack.ts`), as its parent sees it. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Cleanup } from './Cleanup.ts'
import type { ReadBack } from './readBack.ts'
import type { Found } from './values.ts'

interface Answer {
  readonly found?: Found
  readonly error?: string
}

export class Reader {
  private readonly child: ChildProcess
  private readonly ended: Promise<{ error: string }>

  constructor(built: string, cleanup: Cleanup) {
    const script = join(built, 'bench/readBack.js')
    this.child = cleanup.child(fork(script, { execArgv: [] }))
    const error = 'the process that reads back has ended'
    this.ended = once(this.child, 'exit').then(() => ({ error }))
  }

  /**
   * Throws unless the topic holds `sent` values, all of them right.
   *
   * @param mayRepeat values are chosen at random from the first ones: each may come again
   */
  async verify(wanted: ReadBack, sent: number, mayRepeat = false): Promise<void> {
    const answer = once(this.child, 'message').then(([message]) => message as Answer)
    this.child.send(wanted)
    const { found, error }: Answer = await Promise.race([answer, this.ended])
    if (error !== undefined) throw new Error(`could not be read back: ${error}`)
    const { count, wrong, repeated } = found!
    if (count === sent && wrong === 0 && (mayRepeat || repeated === 0)) return
    throw new Error(
      `${sent} expected in the topic, ${count} read back, ${wrong} of them wrong, ` +
        `${repeated} repeated`,
    )
  }

  close(): void {
    this.child.kill()
  }
}
