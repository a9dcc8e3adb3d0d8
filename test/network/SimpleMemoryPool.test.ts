import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { MemoryPool } from '../../src/network/MemoryPool.ts'
import { SimpleMemoryPool } from '../../src/network/SimpleMemoryPool.ts'

const pool = (sizeBytes: number, maxSingleAllocationBytes: number, strict: boolean) =>
  new SimpleMemoryPool({ sizeBytes, maxSingleAllocationBytes, strict })

describe('SimpleMemoryPool', () => {
  test('refuses sizes that make no sense', () => {
    for (const [size, single] of [
      [0, 1],
      [-1, 1],
      [10, 0],
      [10, 11],
    ] as const) {
      expect(() => pool(size, single, true)).toThrow('positive size')
    }
  })

  test('refuses requests that make no sense', () => {
    expect(() => pool(10, 10, true).tryAllocate(0)).toThrow('ask for 1 or more')
    expect(() => pool(10, 10, true).tryAllocate(-5)).toThrow('ask for 1 or more')
    expect(() => pool(10, 8, true).tryAllocate(9)).toThrow('the largest request is 8')
  })

  test('a strict pool serves what fits entirely', () => {
    const strict = pool(10, 10, true)
    const six = strict.tryAllocate(6)!
    expect(six.capacity).toBe(6)
    expect(strict.tryAllocate(5)).toBeNull()
    expect(strict.tryAllocate(4)).not.toBeNull()
    expect(strict.isOutOfMemory()).toBe(true)
    strict.release(six)
    expect(strict.availableMemory()).toBe(6)
  })

  test('a pool that is not strict serves while anything is left, once below zero', () => {
    const generous = pool(10, 10, false)
    generous.tryAllocate(9)
    const over = generous.tryAllocate(10)!
    expect(generous.availableMemory()).toBe(-9)
    expect(generous.isOutOfMemory()).toBe(true)
    expect(generous.tryAllocate(1)).toBeNull()
    generous.release(over)
    expect(generous.availableMemory()).toBe(1)
    expect(`${generous}`).toBe('SimpleMemoryPool{9/10 bytes used}')
  })

  test('a buffer comes back once, and only to its own pool', () => {
    const one = pool(10, 10, true)
    const buffer = one.tryAllocate(4)!
    expect(() => pool(10, 10, true).release(buffer)).toThrow('not outstanding')
    expect(() => one.release(ByteBuffer.allocate(4))).toThrow('not outstanding')
    one.release(buffer)
    expect(() => one.release(buffer)).toThrow('not outstanding')
    expect(one.availableMemory()).toBe(10)
  })

  test('whatever is taken and given back, what is available is the rest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 20 })), fc.boolean(), (steps, strict) => {
        const tested = pool(50, 20, strict)
        const held: ByteBuffer[] = []
        for (const step of steps) {
          if (step > 0) {
            const buffer = tested.tryAllocate(step)
            if (buffer !== null) held.push(buffer)
          } else if (held.length > 0) {
            tested.release(held.shift()!)
          }
          const used = held.reduce((sum, buffer) => sum + buffer.capacity, 0)
          expect(tested.availableMemory()).toBe(50 - used)
          expect(used).toBeLessThan(strict ? 51 : 70)
        }
      }),
    )
  })
})

describe('MemoryPool.NONE', () => {
  test('serves everything', () => {
    const buffer = MemoryPool.NONE.tryAllocate(1000)!
    expect(buffer.remaining()).toBe(1000)
    MemoryPool.NONE.release(buffer)
    expect(MemoryPool.NONE.isOutOfMemory()).toBe(false)
    expect(MemoryPool.NONE.availableMemory()).toBe(MemoryPool.NONE.size())
  })
})
