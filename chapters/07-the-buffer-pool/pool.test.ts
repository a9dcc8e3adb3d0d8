/** The pool on the workbench: what is kept, who waits, who passes, who is told. */

import { describe, expect, test } from 'vitest'
import { BufferExhaustedException, KafkaException } from '../../src/common/errors.ts'
import { Simulation } from '../../src/common/Simulation.ts'
import { covers } from '../../test/support/covers.ts'
import { CELL, Workbench } from './workbench.ts'

/** A pool of eight cells, in virtual time. */
const onTheBench = (play: (bench: Workbench) => Promise<void> | void) => (): Promise<void> => {
  const time = new Simulation({ seed: 7 })
  return time.run(async () => {
    await play(new Workbench(time))
  })
}

const takeAll = (bench: Workbench): void => {
  for (const name of 'ABCDEFGH') bench.take(name, 1)
}

describe('what is kept', () => {
  test(
    'a buffer of batch.size that comes back is handed out again, the longest unused first',
    onTheBench((bench) => {
      covers('BufferPoolTest.testSimple')
      for (const name of 'ABC') bench.take(name, 1)
      const [ofA, ofB] = [bench.bufferOf('A'), bench.bufferOf('B')]
      for (const name of 'BAC') bench.give(name)
      bench.take('D', 1)
      bench.take('E', 1)
      expect(bench.bufferOf('D')).toBe(ofB)
      expect(bench.bufferOf('E')).toBe(ofA)
    }),
  )

  test(
    'a buffer of any other size is counted when it comes back, and not kept',
    onTheBench((bench) => {
      bench.take('large', 3)
      bench.give('large')
      expect(bench.picture()).toBe('|........|')
    }),
  )

  test(
    'kept buffers dissolve when a large one needs their bytes, and no more than it needs',
    onTheBench((bench) => {
      takeAll(bench)
      for (const name of 'ABCD') bench.give(name)
      expect(bench.picture()).toBe('|####oooo|')
      expect(bench.take('large', 3)).toBe('at once')
      expect(bench.picture()).toBe('|#######o|')
    }),
  )
})

describe('who waits', () => {
  test(
    'those who wait are served in the order in which they came',
    onTheBench(async (bench) => {
      takeAll(bench)
      for (const name of ['first', 'second', 'third']) expect(bench.take(name, 1)).toBe('waits')
      for (const name of 'HAC') bench.give(name)
      await bench.settle()
      expect(bench.served.slice(8)).toEqual(['first', 'second', 'third'])
    }),
  )

  test(
    'a large one takes what comes back in parts, and small ones behind it wait for all of them',
    onTheBench(async (bench) => {
      covers('BufferPoolTest.testDelayedAllocation')
      takeAll(bench)
      bench.take('large', 4)
      bench.take('small', 1)
      const pictures: string[] = []
      for (const name of 'ABCD') {
        bench.give(name)
        await bench.settle()
        pictures.push(bench.picture())
      }
      expect(pictures).toEqual(['|#######+|', '|######++|', '|#####+++|', '|########|'])
      expect([bench.served.at(-1), bench.line()]).toEqual(['large', '1'])
    }),
  )
})

describe('who passes', () => {
  test(
    'a newcomer finds what the first in line was never woken for',
    onTheBench(async (bench) => {
      bench.take('A', 6)
      expect(bench.take('waiter', 4)).toBe('waits')
      await bench.settle()
      expect(bench.take('newcomer', 2)).toBe('at once')
    }),
  )

  test(
    'a newcomer passes between the announcement and the waking, and the waiter waits on',
    onTheBench(async (bench) => {
      takeAll(bench)
      bench.take('waiter', 1)
      bench.give('A')
      expect(bench.take('newcomer', 1)).toBe('at once')
      await bench.settle()
      expect([bench.served.at(-1), bench.line()]).toEqual(['newcomer', '1'])
      bench.give('B')
      await bench.settle()
      expect(bench.served.at(-1)).toBe('waiter')
    }),
  )

  test(
    'nobody passes one who is reserving: whatever comes back goes to it',
    onTheBench(async (bench) => {
      takeAll(bench)
      bench.take('large', 3)
      bench.give('A')
      await bench.settle()
      expect(bench.take('newcomer', 1)).toBe('waits')
      bench.give('B')
      await bench.settle()
      expect(bench.line()).toBe('3 (has 2), 1')
    }),
  )

  test(
    'who passes and leaves something over wakes the first in line for it',
    onTheBench(async (bench) => {
      bench.take('A', 5)
      bench.take('waiter', 4)
      bench.take('newcomer', 2)
      await bench.settle()
      expect([bench.picture(), bench.line()]).toEqual(['|#######+|', '4 (has 1)'])
    }),
  )
})

describe('how waiting ends', () => {
  test(
    'time is over: the error says so, and what was reserved goes to the next in line',
    onTheBench(async (bench) => {
      covers(
        'BufferPoolTest.testBlockTimeout',
        'BufferPoolTest.testCleanupMemoryAvailabilityWaiterOnBlockTimeout',
      )
      takeAll(bench)
      bench.take('hasty', 5, 100)
      bench.take('patient', 1)
      bench.give('A')
      await bench.time.sleep(101)
      expect(bench.failed[0]?.error).toBeInstanceOf(BufferExhaustedException)
      expect(bench.failed[0]?.error.message).toContain(
        `allocate ${5 * CELL} bytes within the 100 ms`,
      )
      expect(bench.served.at(-1)).toBe('patient')
    }),
  )

  test(
    'being woken for a part does not begin the time anew',
    onTheBench(async (bench) => {
      takeAll(bench)
      bench.take('waiter', 5, 100)
      for (const name of 'ABC') {
        await bench.time.sleep(30)
        bench.give(name)
      }
      await bench.time.sleep(11)
      expect(bench.failed.map(({ name }) => name)).toEqual(['waiter'])
      expect(bench.picture()).toBe('|#####...|')
    }),
  )

  test(
    'the pool closes: everybody in line is told, and buffers may still come back',
    onTheBench(async (bench) => {
      covers('BufferPoolTest.testCloseNotifyWaiters')
      takeAll(bench)
      bench.take('first', 1)
      bench.take('second', 3)
      bench.pool.close()
      await bench.settle()
      expect(bench.failed.map(({ name }) => name)).toEqual(['first', 'second'])
      expect(bench.failed.every(({ error }) => error instanceof KafkaException)).toBe(true)
      bench.give('A')
      expect(bench.picture()).toBe('|#######o|')
    }),
  )
})
