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
 * A plug-in that runs inside a call (an interceptor) belongs to that call and may use the consumer;
 * in Java it runs on the same thread. Such code is synchronous, so while it runs nobody else can.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer
 */

import { ConcurrentModificationException } from '../../common/errors.ts'

export class SingleCaller {
  private current: string | null = null
  private calls = 0
  private inPlugin = false

  /**
   * Begins a call; `release` must follow.
   *
   * @param method for the message
   * @throws ConcurrentModificationException while another call waits
   */
  acquire(method: string): void {
    if (this.current !== null && !this.inPlugin) {
      throw new ConcurrentModificationException(
        `KafkaConsumer is not safe for concurrent use: ${method}() was called while ` +
          `${this.current}() is still waiting. Await one call before the next; to end a poll() ` +
          'early, call wakeup().',
      )
    }
    this.current ??= method
    this.calls++
  }

  release(): void {
    this.calls--
    if (this.calls === 0) this.current = null
  }

  /** Runs code of the program's that belongs to the present call. */
  runPlugin<T>(plugin: () => T): T {
    this.inPlugin = true
    try {
      return plugin()
    } finally {
      this.inPlugin = false
    }
  }
}
