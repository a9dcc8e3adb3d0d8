/** Ways to break the pool, each noticed by one of this chapter's tests. */

import type { BreakIt } from '../../scripts/book/try/BreakIt.ts'

export const breakIts: readonly BreakIt[] = [
  {
    name: 'nothing-kept',
    file: 'src/producer/internals/BufferPool.ts',
    find: 'if (size === this.poolableSize && size === buffer.capacity) {',
    replace: 'if (size === -1) {',
    breaks: 'No buffer is kept: each that comes back is counted and dropped.',
    learn: 'The budget is the same and every batch gets its memory; only the garbage tells.',
  },
  {
    name: 'first-come-first-served',
    file: 'src/producer/internals/BufferPool.ts',
    find: 'const grant = this.takeAtOnce(size)',
    replace: 'const grant = this.waiters.isEmpty() ? this.takeAtOnce(size) : null',
    breaks: 'A newcomer looks at the line before it looks at the memory.',
    learn: 'This is what the documentation says of the class, and not what Kafka does.',
  },
  {
    name: 'reserved-bytes-lost',
    file: 'src/producer/internals/BufferPool.ts',
    find: 'this.nonPooledAvailableMemory += waiter.accumulated',
    replace: 'void waiter.accumulated',
    breaks: 'A waiter that gives up takes what was reserved for it out of the budget.',
    learn: 'Memory leaks away by a part at each time-out, until every send waits.',
  },
  {
    name: 'next-not-woken',
    file: 'src/producer/internals/BufferPool.ts',
    find: `      this.waiters.remove(waiter)
      this.signalFirst()`,
    replace: `      this.waiters.remove(waiter)
      void this.waiters`,
    breaks: 'Who leaves the line does not wake the next one.',
    learn: 'Memory lies there, and somebody waits beside it until his time is over.',
  },
  {
    name: 'time-begins-anew',
    file: 'src/producer/internals/BufferPool.ts',
    find: 'const leftMs = maxTimeToBlockMs - (this.time.milliseconds() - sinceMs)',
    replace: 'const leftMs = maxTimeToBlockMs + 0 * sinceMs',
    breaks: 'Each time a waiter is woken for a part, it may wait for `max.block.ms` again.',
    learn: 'A large record among small ones would wait much longer than was promised.',
  },
  {
    name: 'nobody-hears-of-the-end',
    file: 'src/producer/internals/BufferPool.ts',
    find: 'for (const { moreMemory } of this.waiters) moreMemory.signal()',
    replace: 'for (const { moreMemory } of this.waiters) void moreMemory',
    breaks: 'A pool that closes does not wake those in line.',
    learn: '`close` would wait for sends that wait for memory which nobody may take any more.',
  },
]
