import { describe, expect, it } from 'vitest'
import { IllegalArgumentException } from '../../../src/common/errors.ts'
import { MessageWriter } from '../../../src/protocol/schema/MessageWriter.ts'
import { RawTaggedFieldWriter } from '../../../src/protocol/schema/RawTaggedFieldWriter.ts'
import { covers } from '../../support/covers.ts'

const field = (tag: number, ...data: number[]) => ({ tag, data: Uint8Array.from(data) })
const END = Number.POSITIVE_INFINITY

describe('RawTaggedFieldWriter', () => {
  it('writes nothing when there is nothing', () => {
    const writer = new RawTaggedFieldWriter([])
    const out = new MessageWriter()
    expect(writer.numFields).toBe(0)
    writer.writeRawTags(out, END)
    expect(out.size).toBe(0)
    covers('RawTaggedFieldWriterTest.testWritingZeroRawTaggedFields')
  })

  it('writes each field before the next tag that the message defines', () => {
    const writer = new RawTaggedFieldWriter([field(2, 1, 2, 3), field(5, 4, 5)])
    const out = new MessageWriter()
    expect(writer.numFields).toBe(2)
    writer.writeRawTags(out, 1)
    expect([...out.toBytes()]).toEqual([])
    writer.writeRawTags(out, 3)
    expect([...out.toBytes()]).toEqual([2, 3, 1, 2, 3])
    writer.writeRawTags(out, 7)
    expect([...out.toBytes()]).toEqual([2, 3, 1, 2, 3, 5, 2, 4, 5])
    writer.writeRawTags(out, END)
    expect(out.size).toBe(9)
    covers('RawTaggedFieldWriterTest.testWritingSeveralRawTaggedFields')
  })

  it('refuses a tag that the message defines itself', () => {
    const writer = new RawTaggedFieldWriter([field(2, 1)])
    expect(() => writer.writeRawTags(new MessageWriter(), 2)).toThrow(
      'Cannot write tag 2 as an unknown field: this message defines it',
    )
    covers('RawTaggedFieldWriterTest.testInvalidNextDefinedTag')
  })

  it('refuses tags that do not rise', () => {
    for (const second of [4, 5]) {
      const writer = new RawTaggedFieldWriter([field(5, 1), field(second, 2)])
      const write = (): void => writer.writeRawTags(new MessageWriter(), END)
      expect(write).toThrow(IllegalArgumentException)
    }
    covers('RawTaggedFieldWriterTest.testOutOfOrderTags')
  })
})
