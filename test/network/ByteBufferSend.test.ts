import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBufferSend } from '../../src/network/ByteBufferSend.ts'
import { NetworkSend } from '../../src/network/NetworkSend.ts'
import type { TransferableChannel } from '../../src/network/Send.ts'

/** Takes at most so many bytes per write, as `limits` says; keeps what it took. */
class Throttled implements TransferableChannel {
  readonly taken: number[] = []
  pending = false
  private readonly limits: number[]

  constructor(limits: number[]) {
    this.limits = limits
  }

  write(buffers: readonly Uint8Array[]): number {
    const limit = this.limits.shift() ?? Number.POSITIVE_INFINITY
    let count = 0
    for (const buffer of buffers) {
      for (const byte of buffer) {
        if (count === limit) return count
        this.taken.push(byte)
        count++
      }
    }
    return count
  }

  hasPendingWrites(): boolean {
    return this.pending
  }
}

describe('ByteBufferSend', () => {
  test('sizePrefixed is the size in four bytes and the payload itself', () => {
    const channel = new Throttled([])
    const send = ByteBufferSend.sizePrefixed(new Uint8Array([7, 8, 9]))
    expect(send.size()).toBe(7)
    expect(send.writeTo(channel)).toBe(7)
    expect(channel.taken).toEqual([0, 0, 0, 3, 7, 8, 9])
    expect(send.completed()).toBe(true)
  })

  test('whatever a channel takes each time, the bytes arrive once and in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 6 }),
        fc.array(fc.nat({ max: 5 }), { maxLength: 30 }),
        (slices, limits) => {
          const channel = new Throttled([...limits])
          const send = new ByteBufferSend(slices)
          for (let i = 0; i <= limits.length; i++) {
            const before = send.remaining()
            expect(before - send.writeTo(channel)).toBe(send.remaining())
          }
          expect(send.completed()).toBe(true)
          expect(channel.taken).toEqual(slices.flatMap((slice) => [...slice]))
        },
      ),
    )
  })

  test('is not complete while the channel holds its bytes by reference', () => {
    const channel = new Throttled([])
    const send = new NetworkSend('0', new ByteBufferSend([new Uint8Array(4)]))
    channel.pending = true
    expect(send.writeTo(channel)).toBe(4)
    expect(send.completed()).toBe(false)
    channel.pending = false
    expect(send.writeTo(channel)).toBe(0)
    expect(send.completed()).toBe(true)
    expect(send.size()).toBe(4)
  })

  test('an empty send is complete from the start', () => {
    expect(new ByteBufferSend([]).completed()).toBe(true)
  })

  test('a channel that says it wrote what it cannot have written is not believed', () => {
    for (const wrong of [-1, 5]) {
      const channel = { write: () => wrong, hasPendingWrites: () => false }
      expect(() => new ByteBufferSend([new Uint8Array(4)]).writeTo(channel)).toThrow('of 4 bytes')
    }
  })
})
