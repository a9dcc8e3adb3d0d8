import { describe, expect, it } from 'vitest'
import { ByteBuffer } from '../../../src/common/ByteBuffer.ts'
import { UnsupportedVersionException } from '../../../src/common/errors/ApiExceptions.ts'
import {
  BufferUnderflowException,
  IllegalArgumentException,
  SchemaException,
} from '../../../src/common/errors.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { MessageWriter } from '../../../src/protocol/schema/MessageWriter.ts'
import { type AnyMessage, message } from '../../../src/protocol/schema/message.ts'
import {
  array,
  bigint64,
  bool,
  bytes,
  float64,
  int8,
  int16,
  int32,
  int64,
  records,
  string,
  struct,
  uint16,
  uint32,
  uuid,
} from '../../../src/protocol/schema/types.ts'
import { covers } from '../../support/covers.ts'

/** Classic in versions 0 and 1, flexible from 2 on. */
const Everything = message({
  name: 'Everything',
  kind: 'data',
  validVersions: '0-3',
  flexibleVersions: '2+',
  fields: {
    flag: bool(),
    tiny: int8({ default: -1 }),
    unsignedShort: uint16(),
    unsignedInt: uint32(),
    ratio: float64(),
    id: uuid(),
    text: string({ nullable: '1+' }),
    data: bytes({ nullable: '1+' }),
    batch: records({ nullable: '0+' }),
    numbers: array({ nullable: '1+' }, int32()),
    producerId: bigint64({ default: -1n }),
    late: int16({ versions: '1+', default: 7 }),
    lateIgnored: int64({ versions: '1+', default: 8, ignorable: true }),
    lateList: array({ versions: '1+' }, string()),
    maybe: struct({ versions: '2+', nullable: '2+', default: null }, { inner: int32() }),
    tagged: string({ versions: '2+', tag: 0, nullable: '2+', default: null }),
    taggedStruct: struct({ versions: '2+', tag: 3 }, { inner: int32({ default: -1 }) }),
  },
})

const DEFAULTS = {
  flag: false,
  tiny: -1,
  unsignedShort: 0,
  unsignedInt: 0,
  ratio: 0,
  id: Uuid.ZERO_UUID,
  text: '',
  data: new Uint8Array(0),
  batch: null,
  numbers: [],
  producerId: -1n,
  late: 7,
  lateIgnored: 8,
  lateList: [],
  maybe: null,
  tagged: null,
  taggedStruct: { inner: -1 },
}

const encode = (of: AnyMessage, data: unknown, version: number): Uint8Array => {
  const out = new MessageWriter()
  of.encode(data, version, out)
  return out.toBytes()
}
const decode = (from: Uint8Array, version: number) =>
  Everything.decode(ByteBuffer.wrap(from), version)
const write = (data: Parameters<typeof Everything.encode>[0], version: number): Uint8Array =>
  encode(Everything, data, version)

describe('a message', () => {
  it('fills in defaults, in every version', () => {
    for (const version of [0, 1, 2, 3]) {
      expect(decode(write({}, version), version)).toEqual(DEFAULTS)
    }
  })

  it('gives every decoded object its own arrays and structs', () => {
    const first = decode(write({}, 0), 0)
    const second = decode(write({}, 0), 0)
    first.lateList.push('mine')
    first.taggedStruct.inner = 5
    expect(second).toEqual(DEFAULTS)
  })

  it('gives all objects of a kind the same order of fields, whatever the version', () => {
    const keys = [0, 3].map((version) => Object.keys(decode(write({}, version), version)))
    expect(keys[0]).toEqual(Object.keys(DEFAULTS))
    expect(keys[1]).toEqual(keys[0])
  })

  it('refuses to drop a value that a version has no place for', () => {
    const lost = (): Uint8Array => write({ late: 9 }, 0)
    expect(lost).toThrow(UnsupportedVersionException)
    expect(lost).toThrow('Cannot write Everything.late in version 0: it exists in 1+')
    expect(() => write({ lateList: ['x'] }, 0)).toThrow(UnsupportedVersionException)
    expect(() => write({ taggedStruct: { inner: 1 } }, 1)).toThrow(UnsupportedVersionException)
    expect(() => write({ maybe: { inner: 1 } }, 1)).toThrow(UnsupportedVersionException)
  })

  it('drops what is ignorable, and what is the default anyway', () => {
    const bytesOf = write({}, 0)
    expect(write({ lateIgnored: 9 }, 0)).toEqual(bytesOf)
    const same = { late: 7, lateList: [], taggedStruct: { inner: -1 }, tagged: null, maybe: null }
    expect(write(same, 0)).toEqual(bytesOf)
  })

  it('knows null only where the version knows it', () => {
    for (const nulls of [{ text: null }, { data: null }, { numbers: null }]) {
      expect(decode(write(nulls, 1), 1)).toMatchObject(nulls)
      expect(decode(write(nulls, 2), 2)).toMatchObject(nulls)
      expect(() => write(nulls, 0)).toThrow(UnsupportedVersionException)
    }
    expect(() => write({ lateList: null as never }, 1)).toThrow(IllegalArgumentException)
    expect(() => write({ taggedStruct: null as never }, 2)).toThrow(IllegalArgumentException)
  })

  it('refuses a number that its field is too narrow for, instead of cutting it down', () => {
    const bad: Parameters<typeof Everything.encode>[0][] = [
      { tiny: 128 },
      { unsignedShort: -1 },
      { unsignedInt: 2 ** 32 },
      { late: 32_768 },
      { numbers: [2 ** 31] },
      { numbers: [1.5] },
      { numbers: [Number.NaN] },
      { lateIgnored: 2 ** 53 },
      { producerId: 2n ** 63n },
    ]
    for (const data of bad) expect(() => write(data, 2)).toThrow(IllegalArgumentException)
  })

  it.each([1, 2])(
    'refuses a text of more than 32767 bytes, in the form of version %i',
    (version) => {
      const text = 'ü'.repeat(0x3fff)
      expect(decode(write({ text: `${text}x` }, version), version).text).toBe(`${text}x`)
      expect(() => write({ text: `${text}xx` }, version)).toThrow(IllegalArgumentException)
    },
  )

  it('refuses to read a text of more than 32767 bytes, which a compact length could say', () => {
    const long = new MessageWriter()
    long.writeUnsignedVarint(0x8000 + 1)
    long.writeBytes(new Uint8Array(0x8000 + 1000))
    const Text = message({
      name: 'Text',
      kind: 'data',
      validVersions: '0',
      flexibleVersions: '0+',
      fields: { text: string() },
    })
    const read = () => Text.decode(ByteBuffer.wrap(long.toBytes()), 0)
    expect(read).toThrow('Cannot read Text.text: a text of 32768 bytes; at most 32767 are allowed')
  })

  it('leaves a tagged field away while it holds its default', () => {
    const plain = write({}, 2)
    expect(write({ taggedStruct: { inner: -1 } }, 2)).toEqual(plain)
    const [count, tag, size] = write({ taggedStruct: { inner: 1 } }, 2).slice(plain.length - 1)
    expect([count, tag, size]).toEqual([1, 3, 5])
  })

  it('keeps tagged fields that it does not know, between those that it does', () => {
    const data = {
      tagged: 'zero',
      taggedStruct: {
        inner: 3,
        unknownTaggedFields: [{ tag: 0, data: Uint8Array.of(1) }],
      },
      unknownTaggedFields: [
        { tag: 1, data: Uint8Array.of(9, 9) },
        { tag: 200, data: new Uint8Array(0) },
      ],
    }
    const wire = write(data, 3)
    const decoded = decode(wire, 3)
    expect(decoded).toEqual({ ...DEFAULTS, ...data })
    expect(write(decoded, 3)).toEqual(wire)
    expect(() => write({ unknownTaggedFields: data.unknownTaggedFields }, 1)).toThrow(
      UnsupportedVersionException,
    )
  })

  it('refuses a tagged field whose value is not as long as it says', () => {
    const wire = write({ taggedStruct: { inner: 3 } }, 2)
    const sizeAt = wire.length - 6
    for (const size of [4, 200]) {
      const wrong = wire.slice()
      wrong[sizeAt] = size
      expect(() => decode(wrong, 2)).toThrow(SchemaException)
    }
  })

  it('refuses a version that it does not have', () => {
    expect(() => write({}, 4)).toThrow('Cannot write version 4 of Everything: known versions are')
    expect(() => decode(new Uint8Array(100), 4)).toThrow(UnsupportedVersionException)
    expect(() => decode(new Uint8Array(100), -1)).toThrow(UnsupportedVersionException)
  })

  it('refuses null and too few bytes, by the name of the field', () => {
    const Text = message({
      name: 'Text',
      kind: 'data',
      validVersions: '0-1',
      flexibleVersions: '1+',
      fields: { text: string() },
    })
    const read = (version: number, ...wire: number[]) =>
      Text.decode(ByteBuffer.wrap(Uint8Array.from(wire)), version)
    expect(() => read(0, 0xff, 0xff)).toThrow(
      'Cannot read Text.text: it is null, which this version',
    )
    expect(() => read(1, 0)).toThrow('it is null')
    expect(() => read(0, 0xff, 0xfe)).toThrow('it is null')
    expect(() => read(0, 0, 9, 65)).toThrow('its length is 9 bytes, 1 bytes are left')
    expect(() => read(1, 0xff, 0xff, 0xff, 0xff, 0x0f)).toThrow(SchemaException)
    expect(() => read(0, 0)).toThrow(BufferUnderflowException)
  })

  it('takes any negative length for null, as Kafka does', () => {
    const Nulls = message({
      name: 'Nulls',
      kind: 'data',
      validVersions: '0',
      flexibleVersions: 'none',
      fields: {
        text: string({ nullable: '0+' }),
        data: bytes({ nullable: '0+' }),
        list: array({ nullable: '0+' }, int32()),
      },
    })
    const wire = ByteBuffer.allocate(10).putShort(-2).putInt(-5).putInt(-0x80000000).flip()
    expect(Nulls.decode(wire, 0)).toEqual({ text: null, data: null, list: null })
  })

  it('writes tagged fields by rising tag, in whatever order they are defined', () => {
    const Tagged = message({
      name: 'Tagged',
      kind: 'data',
      validVersions: '0',
      flexibleVersions: '0+',
      fields: {
        second: int8({ versions: '0+', tag: 1 }),
        first: int8({ versions: '0+', tag: 0 }),
      },
    })
    const out = new MessageWriter()
    Tagged.encode({ second: 22, first: 11 }, 0, out)
    expect([...out.toBytes()]).toEqual([2, 0, 1, 11, 1, 1, 22])
  })

  it('never makes room for more elements than the bytes left could hold', () => {
    const Lists = message({
      name: 'Lists',
      kind: 'data',
      validVersions: '0-1',
      flexibleVersions: '1+',
      fields: { pairs: array({ a: int32(), b: int64(), c: string() }) },
    })
    const classic = ByteBuffer.allocate(100).putInt(0x7fffffff).rewind()
    expect(() => Lists.decode(classic, 0)).toThrow(
      'Cannot read Lists.pairs: 2147483647 elements of at least 14 bytes are announced, ' +
        '96 bytes are left',
    )
    const justTooMany = ByteBuffer.allocate(100).putInt(7).rewind()
    expect(() => Lists.decode(justTooMany, 0)).toThrow(SchemaException)
    const asMany = ByteBuffer.allocate(100).putInt(6).rewind()
    expect(Lists.decode(asMany, 0).pairs).toHaveLength(6)
    const compact = ByteBuffer.wrap(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0))
    expect(() => Lists.decode(compact, 1)).toThrow('4294967294 elements of at least 14 bytes')
  })

  it('refuses a count of tagged fields that the bytes left could not hold', () => {
    const Tags = message({
      name: 'Tags',
      kind: 'data',
      validVersions: '0',
      flexibleVersions: '0+',
      fields: {},
    })
    const wire = ByteBuffer.wrap(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0))
    expect(() => Tags.decode(wire, 0)).toThrow('4294967295 tagged fields are announced')
  })

  it('gives records as a view on the frame, and bytes as a copy', () => {
    const frame = write({ data: Uint8Array.of(1, 2), batch: Uint8Array.of(3, 4) }, 2)
    const decoded = decode(frame, 2)
    expect(decoded.batch?.buffer).toBe(frame.buffer)
    expect(decoded.data?.buffer).not.toBe(frame.buffer)
  })
})

describe('records', () => {
  const classic = 1
  const compact = 2
  const sent = (batch: Uint8Array | null, version: number): Uint8Array | null =>
    decode(write({ batch }, version), version).batch

  it('come back as they were, null and empty kept apart', () => {
    const batch = Uint8Array.from({ length: 4000 }, (_, i) => i)
    for (const version of [classic, compact]) {
      expect(sent(batch, version)).toEqual(batch)
      expect(sent(new Uint8Array(0), version)).toEqual(new Uint8Array(0))
      expect(sent(null, version)).toBeNull()
    }
    covers(
      'TypeTest.testEmptyRecordsSerde',
      'TypeTest.testNullRecordsSerde',
      'TypeTest.testRecordsSerde',
      'TypeTest.testEmptyCompactRecordsSerde',
      'TypeTest.testNullCompactRecordsSerde',
      'TypeTest.testCompactRecordsSerde',
    )
  })
})
