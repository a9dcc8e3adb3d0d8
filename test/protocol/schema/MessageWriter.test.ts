import { describe, expect, it } from 'vitest'
import { ByteBuffer } from '../../../src/common/ByteBuffer.ts'
import { readUnsignedVarint } from '../../../src/common/ByteUtils.ts'
import { MessageWriter } from '../../../src/protocol/schema/MessageWriter.ts'

describe('MessageWriter', () => {
  it('writes numbers as a ByteBuffer reads them', () => {
    const out = new MessageWriter()
    out.writeByte(-2)
    out.writeShort(-300)
    out.writeInt(-70_000)
    out.writeLong(-(2 ** 53) + 1)
    out.writeBigLong(-(2n ** 63n))
    out.writeDouble(Math.PI)
    const varints = [0, 127, 128, 16_384, 2 ** 31, 2 ** 32 - 1]
    for (const value of varints) out.writeUnsignedVarint(value)

    const buffer = ByteBuffer.wrap(out.toBytes())
    expect(buffer.getInt8()).toBe(-2)
    expect(buffer.getShort()).toBe(-300)
    expect(buffer.getInt()).toBe(-70_000)
    expect(buffer.getLong()).toBe(-(2 ** 53) + 1)
    expect(buffer.getBigLong()).toBe(-(2n ** 63n))
    expect(buffer.getDouble()).toBe(Math.PI)
    expect(varints.map(() => readUnsignedVarint(buffer))).toEqual(varints)
    expect(buffer.hasRemaining()).toBe(false)
  })

  it('writes a number that makes it grow into the new block, not over the old one', () => {
    const out = new MessageWriter(8)
    for (let i = 1; i <= 100; i++) out.writeInt(i)
    const buffer = ByteBuffer.wrap(out.toBytes())
    for (let i = 1; i <= 100; i++) expect(buffer.getInt()).toBe(i)
  })

  it('hands large records out by reference, in their place, and copies small ones', () => {
    const large = new Uint8Array(5000).fill(7)
    const small = new Uint8Array(10).fill(8)
    const out = new MessageWriter()
    out.writeInt(1)
    out.writeRecords(large)
    out.writeInt(2)
    out.writeRecords(small)

    const slices = out.slices()
    expect(slices).toHaveLength(3)
    expect(slices[1]).toBe(large)
    expect(out.size).toBe(4 + 5000 + 4 + 10)
    const expected = [0, 0, 0, 1, ...large, 0, 0, 0, 2, ...small]
    expect([...out.toBytes()]).toEqual(expected)
  })

  it('fills in a number that was kept free, also after it has grown', () => {
    const out = new MessageWriter(8)
    const setSize = out.reserveInt()
    for (let i = 0; i < 50; i++) out.writeLong(i)
    setSize(out.size - 4)
    expect(ByteBuffer.wrap(out.toBytes()).getInt()).toBe(400)
  })

  it('takes a text that is longer than any block', () => {
    const text = 'ü'.repeat(100_000)
    const out = new MessageWriter()
    out.writeUtf8(text, 200_000)
    expect(new TextDecoder().decode(out.toBytes())).toBe(text)
  })

  it('can go on after its slices were asked for', () => {
    const out = new MessageWriter()
    out.writeByte(1)
    expect(out.slices()).toHaveLength(1)
    out.writeByte(2)
    expect([...out.toBytes()]).toEqual([1, 2])
    expect(out.size).toBe(2)
  })
})
