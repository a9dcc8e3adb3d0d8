import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { EOFException, InvalidReceiveException } from '../../src/common/errors.ts'
import { MemoryPool } from '../../src/network/MemoryPool.ts'
import { NetworkReceive, type ReadableChannel } from '../../src/network/NetworkReceive.ts'
import { SimpleMemoryPool } from '../../src/network/SimpleMemoryPool.ts'
import { covers } from '../support/covers.ts'

/** Hands out `chunks`, one per read, as far as they fit; then 0. */
const channelOf = (...chunks: Uint8Array[]): ReadableChannel => ({
  read: (into) => {
    const chunk = chunks.shift()
    if (chunk === undefined) return 0
    const count = Math.min(chunk.length, into.remaining())
    into.putBytes(chunk.subarray(0, count))
    if (count < chunk.length) chunks.unshift(chunk.subarray(count))
    return count
  },
})

const size = (n: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setInt32(0, n)
  return bytes
}

describe('NetworkReceive', () => {
  test('counts the bytes it has read, the size included', () => {
    covers('NetworkReceiveTest.testBytesRead')
    const receive = new NetworkReceive({ maxSizeBytes: 128, source: '0' })
    expect(receive.bytesRead()).toBe(0)
    expect(receive.readFrom(channelOf(size(128)))).toBe(4)
    expect(receive.bytesRead()).toBe(4)
    expect(receive.complete()).toBe(false)
    expect(receive.readFrom(channelOf(new Uint8Array(64)))).toBe(64)
    expect(receive.bytesRead()).toBe(68)
    expect(receive.complete()).toBe(false)
    expect(receive.readFrom(channelOf(new Uint8Array(64)))).toBe(64)
    expect(receive.bytesRead()).toBe(132)
    expect(receive.complete()).toBe(true)
  })

  test('knows how much memory it needs once the size was read, not before', () => {
    covers('NetworkReceiveTest.testRequiredMemoryAmountKnownWhenNotSet')
    covers('NetworkReceiveTest.testRequiredMemoryAmountKnownWhenSet')
    const receive = new NetworkReceive({ maxSizeBytes: 128, source: '0' })
    expect(receive.requiredMemoryAmountKnown()).toBe(false)
    receive.readFrom(channelOf(size(64).subarray(0, 3)))
    expect(receive.requiredMemoryAmountKnown()).toBe(false)
    receive.readFrom(channelOf(size(64).subarray(3)))
    expect(receive.requiredMemoryAmountKnown()).toBe(true)
  })

  test('its size is the payload and four bytes', () => {
    covers('NetworkReceiveTest.testSizeWithPredefineBuffer')
    covers('NetworkReceiveTest.testSizeAfterRead')
    expect(new NetworkReceive({ source: '0', buffer: ByteBuffer.allocate(8) }).size()).toBe(12)
    const receive = new NetworkReceive({ maxSizeBytes: 128, source: '0' })
    receive.readFrom(channelOf(size(32)))
    expect(receive.size()).toBe(36)
  })

  test('a size in pieces and a payload in pieces make the frame that was sent', () => {
    const payload = Uint8Array.from({ length: 300 }, (_, i) => i)
    const wire = new Uint8Array([...size(300), ...payload])
    for (const step of [1, 3, 7, 100, 304]) {
      const receive = new NetworkReceive()
      for (let at = 0; at < wire.length; at += step) {
        receive.readFrom(channelOf(wire.subarray(at, at + step)))
      }
      expect(receive.complete()).toBe(true)
      expect(receive.payload().bytes).toEqual(payload)
    }
  })

  test('asks for no memory before the size was checked', () => {
    let asked = 0
    const memoryPool: MemoryPool = {
      ...MemoryPool.NONE,
      tryAllocate: (bytes) => {
        asked++
        return ByteBuffer.allocate(bytes)
      },
    }
    for (const wrong of [-1, -(2 ** 31), 129, 2 ** 31 - 1]) {
      const receive = new NetworkReceive({ maxSizeBytes: 128, memoryPool })
      expect(() => receive.readFrom(channelOf(size(wrong)))).toThrow(InvalidReceiveException)
      expect(receive.memoryAllocated()).toBe(false)
    }
    expect(asked).toBe(0)
  })

  test('reads nothing of the payload while the pool has no memory', () => {
    const pool = new SimpleMemoryPool({
      sizeBytes: 100,
      maxSingleAllocationBytes: 100,
      strict: true,
    })
    const held = pool.tryAllocate(60)!
    const receive = new NetworkReceive({ memoryPool: pool })
    const channel = channelOf(size(50), new Uint8Array(50))
    expect(receive.readFrom(channel)).toBe(4)
    expect(receive.readFrom(channel)).toBe(0)
    expect(receive.memoryAllocated()).toBe(false)
    pool.release(held)
    expect(receive.readFrom(channel)).toBe(50)
    expect(receive.complete()).toBe(true)
    receive.close()
    receive.close() // a second time gives nothing back
    expect(pool.availableMemory()).toBe(100)
    expect(() => receive.payload()).toThrow('no payload')
  })

  test('an empty frame needs no memory', () => {
    const pool = new SimpleMemoryPool({ sizeBytes: 1, maxSingleAllocationBytes: 1, strict: true })
    const receive = new NetworkReceive({ memoryPool: pool })
    receive.readFrom(channelOf(size(0)))
    expect(receive.complete()).toBe(true)
    expect(receive.size()).toBe(4)
    receive.close()
  })

  test('the end of the stream is an error, within the size or within the payload', () => {
    const end: ReadableChannel = { read: () => -1 }
    expect(() => new NetworkReceive().readFrom(end)).toThrow(EOFException)
    const receive = new NetworkReceive()
    receive.readFrom(channelOf(size(10), new Uint8Array(3)))
    expect(() => receive.readFrom(end)).toThrow(EOFException)
  })

  test('frames that share four bytes for the size do not see each other', () => {
    const sizeBuffer = ByteBuffer.allocate(4)
    const first = new NetworkReceive({ sizeBuffer })
    first.readFrom(channelOf(size(2), new Uint8Array([1, 2])))
    const second = new NetworkReceive({ sizeBuffer })
    second.readFrom(channelOf(size(7).subarray(0, 2)))
    expect(first.complete()).toBe(true)
    expect(first.bytesRead()).toBe(6)
    expect(second.complete()).toBe(false)
    expect(second.bytesRead()).toBe(2)
  })
})
