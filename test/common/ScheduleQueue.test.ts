import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ScheduleQueue } from '../../src/common/ScheduleQueue.ts'

/** Takes everything that stands. */
const drain = (queue: ScheduleQueue): void => {
  for (let run = queue.take(); run !== undefined; run = queue.take()) run()
}

describe('ScheduleQueue', () => {
  test('entries come by time, and of one time in the order in which they were made', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean()), { maxLength: 300 }), (entries) => {
        const queue = new ScheduleQueue()
        const seen: number[] = []
        const made = entries.map(([atMs], i) => queue.add(atMs, () => seen.push(i)))
        for (const [i, [, cancel]] of entries.entries()) if (cancel) made[i]!.cancel()
        drain(queue)

        const expected = entries
          .map(([atMs, cancelled], i) => ({ atMs, cancelled, i }))
          .filter((entry) => !entry.cancelled)
          .sort((a, b) => a.atMs - b.atMs || a.i - b.i)
          .map((entry) => entry.i)
        expect(seen).toEqual(expected)
      }),
    )
  })

  test('the next time is that of an entry that stands', () => {
    const queue = new ScheduleQueue()
    const first = queue.add(1, () => {})
    queue.add(5, () => {})
    expect(queue.nextAt()).toBe(1)

    first.cancel()
    expect(queue.nextAt()).toBe(5)
    queue.take()
    expect(queue.nextAt()).toBeUndefined()
    expect(queue.take()).toBeUndefined()
  })

  test('calling off late or twice does nothing', () => {
    const queue = new ScheduleQueue()
    const entry = queue.add(1, () => {})
    queue.take()
    entry.cancel()
    entry.cancel()
    queue.add(2, () => {})

    expect(queue.nextAt()).toBe(2)
  })

  test('a million deadlines that are called off do not stay', () => {
    const queue = new ScheduleQueue()
    queue.add(7, () => {})
    for (let i = 0; i < 1_000_000; i++) queue.add(30_000 + i, () => {}).cancel()

    expect(queue.size).toBeLessThan(100)
    expect(queue.nextAt()).toBe(7)
  })
})
