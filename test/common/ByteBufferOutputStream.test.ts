import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { ByteBufferOutputStream } from '../../src/common/ByteBufferOutputStream.ts'
import { covers } from '../support/covers.ts'

const hello = Uint8Array.from('hello', (c) => c.charCodeAt(0))

describe('ByteBufferOutputStream', () => {
  test('a position beyond the buffer makes a larger one, with what was written', () => {
    covers('ByteBufferOutputStreamTest.testExpandByteBufferOnPositionIncrease')
    const first = ByteBuffer.allocate(16)
    const stream = new ByteBufferOutputStream(first)
    stream.writeBytes(hello)
    stream.position = 32

    expect(stream.position).toBe(32)
    expect(first.position).toBe(0)
    expect(stream.buffer().limit).toBe(32)
    expect(stream.buffer().bytes.subarray(0, 5)).toEqual(hello)
  })

  test('a write beyond the buffer makes a larger one, with what was written', () => {
    covers('ByteBufferOutputStreamTest.testExpandByteBufferOnWrite')
    const first = ByteBuffer.allocate(16)
    const stream = new ByteBufferOutputStream(first)
    stream.writeBytes(hello)
    stream.writeBytes(new Uint8Array(27))

    expect(stream.position).toBe(32)
    expect(first.position).toBe(0)
    expect(stream.limit()).toBe(32)
    expect(stream.buffer().bytes.subarray(0, 5)).toEqual(hello)
  })

  test('the rest of another buffer can be written', () => {
    covers('ByteBufferOutputStreamTest.testWriteByteBuffer')
    const input = ByteBuffer.allocate(16)
    input.putLong(234_239_230).flip()
    const stream = new ByteBufferOutputStream(32)
    stream.writeBuffer(input)

    expect(input.position).toBe(8)
    expect(stream.position).toBe(8)
    expect(stream.buffer().getLongAt(0)).toBe(234_239_230)
  })

  test('it grows by a tenth at least, so that single bytes do not copy it again and again', () => {
    const stream = new ByteBufferOutputStream(1000)
    stream.position = 1000
    stream.write(1)

    expect(stream.limit()).toBe(1100)
    expect(stream.initialCapacity()).toBe(1000)
  })

  test('writing starts at the position of the buffer that was given, and returns there', () => {
    const pooled = ByteBuffer.allocate(8)
    pooled.position = 3
    const stream = new ByteBufferOutputStream(pooled)
    stream.writeBytes(hello, 1, 3)
    expect([...pooled.bytes.subarray(3, 6)]).toEqual([...hello.subarray(1, 4)])

    stream.ensureRemaining(100)

    expect(pooled.position).toBe(3)
    expect(stream.position).toBe(6)
    expect(stream.remaining()).toBe(100)
  })

  test('after ensureRemaining an encoder may write into the buffer itself', () => {
    const stream = new ByteBufferOutputStream(2)
    stream.ensureRemaining(6)
    const buffer = stream.buffer()
    buffer.putInt(7).putShort(8)

    expect(stream.buffer()).toBe(buffer)
    expect(stream.position).toBe(6)
  })

  test('whatever is written in whatever pieces is there in the end', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.nat(64), (pieces, capacity) => {
        const stream = new ByteBufferOutputStream(capacity)
        for (const piece of pieces) {
          if (piece.length === 1) stream.write(piece[0]!)
          else stream.writeBytes(piece)
        }
        const all = stream.buffer().bytes.subarray(0, stream.position)
        expect([...all]).toEqual(pieces.flatMap((piece) => [...piece]))
      }),
    )
  })
})
