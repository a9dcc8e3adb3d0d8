/**
 * Fairness between the two loops: a program that sends without ever awaiting must not keep the
 * Sender from its turn.
 *
 *     send send send … send │ 1 MiB without a turn: from here on `send` lets records wait
 *                           │
 *                           └─► the Sender's turn (`runOnce`) ─► the next 1 MiB
 *
 * In Java both are threads and the scheduler sees to it. Here a loop over `send` never gives the
 * event loop back, so no socket would be written, no answer read, and memory would fill. After
 * `max.request.size` bytes a record is put into the waiting room instead, and a program that awaits
 * `appended` gives the Sender its turn by that.
 */

export class SenderTurns {
  private readonly limitBytes: number
  private bytes = 0
  private waiters: (() => void)[] = []
  private closed = false

  /** @param limitBytes that may be appended without a turn of the Sender: `max.request.size` */
  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  /** Bytes were appended to a batch. */
  appended(bytes: number): void {
    this.bytes += bytes
  }

  /** It is the Sender's turn: who wants to append has to wait. */
  isDue(): boolean {
    return this.bytes >= this.limitBytes && !this.closed
  }

  /** Resolves at the Sender's next turn. */
  next(): Promise<void> {
    if (this.closed) return Promise.resolve()
    return new Promise((resolve) => {
      this.waiters.push(resolve)
    })
  }

  /** Called by the Sender at the beginning of each turn. */
  take(): void {
    this.bytes = 0
    if (this.waiters.length === 0) return
    // Who is first appends most. It was the first to use the last turn up, so it goes last now.
    const [last, ...others] = this.waiters
    this.waiters = []
    for (const resolve of others) resolve()
    last?.()
  }

  /** There will be no more turns: nobody is held back. */
  close(): void {
    this.closed = true
    this.take()
  }
}
