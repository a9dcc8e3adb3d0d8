/** A walk with the debugger through the demo: a buffer comes, comes back, and is waited for. */

import { defineTour } from '../../lab/Tour.ts'

const MEMORY = ['this.nonPooledAvailableMemory', 'this.free.size', 'this.waiters.size'] as const

export const tour = defineTour({
  title: 'Taken, given back, waited for',
  stops: [
    {
      at: 'BufferPool.takeAtOnce',
      line: 'this.freeUp(size)',
      watch: ['size', ...MEMORY],
      why:
        'A asks for one cell. Nothing is kept yet, but all eight cells are unallocated, so a ' +
        'buffer will be made.',
    },
    {
      at: 'BufferPool.deallocate',
      line: 'this.free.addLast(buffer.clear())',
      watch: ['size', 'buffer.capacity', ...MEMORY],
      why: 'B gives back. The size is the usual one, so the buffer itself is kept.',
    },
    {
      at: 'BufferPool.takeAtOnce',
      line: 'if (pooled === undefined)',
      when: 'pooled !== undefined',
      watch: ['pooled', ...MEMORY],
      why: 'D asks, and needs no new buffer: the first one that came back is handed out again.',
    },
    {
      at: 'BufferPool.freeUp',
      line: 'this.nonPooledAvailableMemory += pooled.capacity',
      watch: ['size', 'pooled', ...MEMORY],
      why:
        'E wants six cells in one buffer, and five are unallocated. One of the kept buffers ' +
        'dissolves.',
    },
    {
      at: 'BufferPool.waitForMemory',
      line: 'this.waiters.addLast(waiter)',
      watch: ['waiter.size', 'waiter.maxTimeToBlockMs', ...MEMORY],
      why: 'Act 2. Everything is in use, and I joins the line.',
    },
    {
      at: 'Condition.signal',
      when: 'this.wake !== null',
      watch: ['this.wake !== null'],
      why: 'A gave back, and the bell rings for I. The code that rang it runs on first.',
    },
    {
      at: 'BufferPool.standInLine',
      line: 'if (this.closed) throw',
      watch: ['signalled', 'waiter.accumulated', ...MEMORY],
      why: 'I is awake. It was signalled in time, and now it looks what is there.',
    },
    {
      at: 'BufferPool.takeAtOnce',
      line: 'this.signalFirst()',
      when: 'this.waiters.size > 0',
      watch: ['size', ...MEMORY],
      why:
        'Act 3. D stands in line for four cells, and E, who came later, is served at once. It ' +
        'leaves one cell over.',
    },
    {
      at: 'BufferPool.accumulate',
      line: 'waiter.accumulated += got',
      watch: ['missing', 'got', 'waiter.accumulated', ...MEMORY],
      why: 'What E left over woke D. One of the four cells is reserved for it from here on.',
    },
    {
      at: 'BufferPool.exhausted',
      watch: ['size', 'timeMs', 'reserved'],
      why: 'Act 5. The time of C is over. It had one of five cells, and will leave it behind.',
    },
    {
      at: 'BufferPool.close',
      line: 'for (const { moreMemory } of this.waiters)',
      when: 'this.waiters.size > 0',
      watch: ['this.closed', ...MEMORY],
      why: 'Act 6. All in line are woken at once, and each will find the pool closed.',
    },
  ],
})
