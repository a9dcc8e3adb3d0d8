import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../../src/common/ByteBuffer.ts'
import { ByteQueue } from '../../../src/network/nio/ByteQueue.ts'

describe('ByteQueue', () => {
  test('gives back what was put in, in order, whatever the pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.nat({ max: 60 })), {
          maxLength: 300,
        }),
        (steps) => {
          const queue = new ByteQueue()
          const expected: number[] = []
          for (const step of steps) {
            if (step instanceof Uint8Array) {
              queue.push(step)
              expected.push(...step)
            } else {
              const into = ByteBuffer.allocate(step)
              const count = queue.read(into)
              expect(count).toBe(Math.min(step, expected.length))
              expect([...into.bytes.subarray(0, count)]).toEqual(expected.splice(0, count))
            }
            expect(queue.length).toBe(expected.length)
          }
        },
      ),
    )
  })

  test('counts what the objects cost, so that tiny chunks cannot hide', () => {
    const queue = new ByteQueue()
    for (let i = 0; i < 1_000; i++) queue.push(new Uint8Array([i]))
    expect(queue.length).toBe(1_000)
    expect(queue.footprint).toBeGreaterThan(100_000)
    queue.read(ByteBuffer.allocate(999))
    expect(queue.footprint).toBeLessThan(1_000)
    queue.clear()
    expect([queue.length, queue.footprint]).toEqual([0, 0])
    expect(queue.read(ByteBuffer.allocate(1))).toBe(0)
  })
})
