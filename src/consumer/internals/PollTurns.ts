/**
 * Who may be in the network client's `poll`: one at a time. A consumer in a group has two loops
 * that want to, the user's and the heartbeat's.
 *
 *     user        poll ─ ─ waits for events ─ ─ ─ ─ ─ ─►│woken│─ sends the heartbeat ─►
 *     heartbeat           pollNoWakeup  send(heartbeat) ┘
 *                         (leaves it to the user's poll)
 *
 *     heartbeat   poll ─ no wait ─►│
 *     user           poll  (queues)└─ its turn ─ ─ waits for events ─ ─ ─►
 *
 * I1  At most one is in its turn.
 * I2  Who would not wait leaves its work to one that waits: that one is woken by whatever is
 *     queued, and does it.
 * I3  Everybody else queues, and looks anew at what there is to do when its turn comes.
 *
 * @kafka java.util.concurrent.locks.ReentrantLock
 */

export class PollTurns {
  private state: 'none' | 'at once' | 'waiting' = 'none'
  private queue: (() => void)[] = []

  /** Nobody is in a turn: `begin` may be called. */
  isFree(): boolean {
    return this.state === 'none'
  }

  /** The one in its turn waits for events (I2). */
  isWaiting(): boolean {
    return this.state === 'waiting'
  }

  /** Resolves after the end of a turn. Others have waited for it too: look again before `begin`. */
  async free(): Promise<void> {
    while (!this.isFree()) await new Promise<void>((resolve) => this.queue.push(resolve))
  }

  begin(): void {
    this.state = 'at once'
  }

  /** From here on the turn takes time. */
  wait(): void {
    this.state = 'waiting'
  }

  /**
   * All look again, in their order: one that fails before it begins must not hold the others up.
   */
  end(): void {
    this.state = 'none'
    const { queue } = this
    if (queue.length === 0) return
    this.queue = []
    for (const lookAgain of queue) lookAgain()
  }
}
