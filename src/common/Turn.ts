/**
 * One turn of the event loop, as a `Scheduled`: sockets were looked at and promises have run when
 * its callback runs.
 *
 * The event loop cannot call a turn off, so it is called off here.
 */

import { setMacrotask } from '#platform'
import type { Scheduled } from './Time.ts'

export class Turn implements Scheduled {
  private run: (() => void) | undefined

  private constructor(run: () => void) {
    this.run = run
  }

  /** Calls `run` after one turn, never at once. */
  static schedule(run: () => void): Scheduled {
    const turn = new Turn(run)
    setMacrotask(() => turn.run?.())
    return turn
  }

  cancel(): void {
    this.run = undefined
  }
}
