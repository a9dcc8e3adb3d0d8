/**
 * One caller at a time: the light lock that keeps two flows of a program from using one consumer at
 * once.
 *
 * Java asks which thread calls. Here there is one thread, and what must not happen is this:
 *
 *     flow 1   const records = await consumer.poll(1000) ─ ─ ─ ─ ─ ─ ─ ─ ─ waiting ─ ─ ─ ─ ─►
 *     flow 2                          consumer.seek(partition, 0)   ✗
 *
 * Flow 1 would get records from before the seek, and believe that it had read on from its own
 * position. So a call that comes while another one waits is an error, at once, instead of a wrong
 * result some time later.
 *
 * Code of the program's that runs inside a call belongs to that call and may use the consumer; in
 * Java it runs on the same thread.
 *
 *     poll ─┬─ onConsume, onCommit, a commit's callback     synchronous: nobody else can run
 *           └─ a rebalance listener                         may wait, and call while it waits
 *
 * While a listener waits, other flows run, and a call of theirs looks like one of the listener's:
 * it is let in. So the calls that would begin what the listener is in the middle of, `poll` and
 * `close`, are refused until it is done, and every other call is served one after the other. What a
 * listener has begun and not awaited is awaited before the outer call goes on.
 *
 * I1  At most one call that is not itself inside another one.
 * I2  A call that waits ends only after all calls that were made inside it; after a listener it
 *     goes on only then.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer
 * @simplified a class of its own. In Java a listener has its thread's lock, so it may also call
 *   `poll` and `close`.
 */

import { ConcurrentModificationException } from '../../common/errors.ts'

/** One call that runs. */
export interface Call {
  readonly method: string
  /** Whose code runs inside it at the moment. */
  guest: 'nobody' | 'plugin' | 'listener'
}

/** What may not be called by a listener. */
const NOT_IN_LISTENERS: ReadonlySet<string> = new Set(['poll', 'records', 'close'])

export class SingleCaller {
  private readonly calls: Call[] = []
  private waiting: (() => void)[] = []

  /**
   * Begins a call; `release` must follow.
   *
   * @param method for the message
   * @throws ConcurrentModificationException while another call waits
   */
  acquire(method: string): Call {
    const running = this.calls.at(-1)
    if (running !== undefined) this.checkInside(running, method)
    const call: Call = { method, guest: 'nobody' }
    this.calls.push(call)
    return call
  }

  release(call: Call): void {
    this.calls.splice(this.calls.lastIndexOf(call), 1)
    const waiting = this.waiting
    this.waiting = []
    for (const lookAgain of waiting) lookAgain()
  }

  /** Runs synchronous code of the program's that belongs to the present call. */
  runPlugin<T>(plugin: () => T): T {
    const call = this.calls.at(-1)
    if (call === undefined) return plugin()
    const before = call.guest
    call.guest = 'plugin'
    try {
      return plugin()
    } finally {
      call.guest = before
    }
  }

  /** Runs a rebalance listener, which may wait. */
  async runListener(listener: () => void | Promise<void>): Promise<void> {
    const call = this.calls.at(-1)
    if (call === undefined) return listener()
    const before = call.guest
    call.guest = 'listener'
    try {
      await listener()
    } finally {
      await this.awaitCallsInside(call)
      call.guest = before
    }
  }

  /** I2: code of the program's may have begun a call and not awaited it. */
  async awaitCallsInside(call: Call): Promise<void> {
    while (this.hasCallsInside(call)) {
      await new Promise<void>((resolve) => this.waiting.push(resolve))
    }
  }

  private hasCallsInside(call: Call): boolean {
    const at = this.calls.indexOf(call)
    return at >= 0 && at < this.calls.length - 1
  }

  private checkInside(running: Call, method: string): void {
    if (running.guest === 'plugin') return
    if (running.guest === 'nobody') {
      throw new ConcurrentModificationException(
        `KafkaConsumer is not safe for concurrent use: ${method}() was called while ` +
          `${running.method}() is still waiting. Await one call before the next; to end a poll() ` +
          'early, call wakeup().',
      )
    }
    if (!NOT_IN_LISTENERS.has(method)) return
    throw new ConcurrentModificationException(
      `KafkaConsumer is not safe for concurrent use: ${method}() was called while a rebalance ` +
        `listener of ${running.method}() runs. Call it when that call has returned.`,
    )
  }
}
