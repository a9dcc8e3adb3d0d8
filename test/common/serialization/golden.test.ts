import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../../src/common/ByteBuffer.ts'
import { Bytes } from '../../../src/common/Bytes.ts'
import { SerializationException } from '../../../src/common/errors.ts'
import type { Serde } from '../../../src/common/serialization/Serde.ts'
import { Serdes } from '../../../src/common/serialization/Serdes.ts'

/** What Kafka's own classes wrote and read: see test/golden/README.md. */
const golden = JSON.parse(
  readFileSync(new URL('../../golden/serializers.json', import.meta.url), 'utf8'),
) as {
  values: [serde: string, value: string | number | boolean, hex: string][]
  strings: [encoding: string, text: string, hex: string][]
  decoded: [encoding: string, hex: string, text: string][]
  uuids: [text: string, uuid: string | null][]
  lists: [serde: string, values: unknown[], hex: string][]
  refused: [serde: string, hex: string][]
  bytes: [hex: string, text: string][]
}

const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const toHex = (bytes: Uint8Array | null): string => Buffer.from(bytes!).toString('hex')

/** A serde by Kafka's name for it, and how its values stand in the golden file. */
const table: Record<string, [serde: unknown, value: (written: never) => unknown]> = {
  Short: [Serdes.Short(), (n: number) => n],
  Integer: [Serdes.Integer(), (n: number) => n],
  Long: [Serdes.Long(), Number],
  BigLong: [Serdes.BigLong(), BigInt],
  Float: [Serdes.Float(), Number],
  Double: [Serdes.Double(), Number],
  Boolean: [Serdes.Boolean(), (b: boolean) => b],
  String: [Serdes.String(), (s: string) => s],
  UUID: [Serdes.UUID(), (s: string) => s.toLowerCase()],
  ByteArray: [Serdes.ByteArray(), fromHex],
  Bytes: [Serdes.Bytes(), (hex: string) => new Bytes(fromHex(hex))],
  ByteBuffer: [Serdes.ByteBuffer(), (hex: string) => ByteBuffer.wrap(fromHex(hex))],
}

const serdeOf = (name: string): Serde<unknown> => table[name]![0] as Serde<unknown>

const stringSerde = (encoding: string): Serde<string> => {
  const serde = Serdes.String()
  serde.configure?.(
    { 'serializer.encoding': encoding, 'deserializer.encoding': encoding },
    encoding.startsWith('U'),
  )
  return serde
}

describe("bytes are those of Kafka's own serializers", () => {
  test.each(golden.values)('%s of %s', (name, written, hex) => {
    const serde = serdeOf(name)
    const value = table[name]![1](written as never)
    expect(toHex(serde.serializer().serialize('topic', value))).toBe(hex)
    expect(serde.deserializer().deserialize('topic', fromHex(hex))).toStrictEqual(value)
  })

  test.each(golden.strings)('a text in %s: %j', (encoding, text, hex) => {
    expect(toHex(stringSerde(encoding).serializer().serialize('topic', text))).toBe(hex)
  })

  test.each(golden.lists)('a list of %s: %j', (name, values, hex) => {
    const list = Serdes.List(Array, serdeOf(name))
    expect(toHex(list.serializer().serialize('topic', values))).toBe(hex)
    expect(list.deserializer().deserialize('topic', fromHex(hex))).toStrictEqual(values)
  })
})

describe("what is read is what Kafka's own deserializers read", () => {
  test.each(golden.decoded)('%s: %s', (encoding, hex, text) => {
    expect(stringSerde(encoding).deserializer().deserialize('topic', fromHex(hex))).toBe(text)
  })

  test.each(golden.uuids)('a UUID written as %j', (text, uuid) => {
    const bytes = Serdes.String().serializer().serialize('topic', text)
    const read = () => Serdes.UUID().deserializer().deserialize('topic', bytes)
    if (uuid === null) expect(read).toThrow(SerializationException)
    else expect(read()).toBe(uuid)
  })

  test.each(golden.refused)('no list of %s: %j', (name, hex) => {
    const list = Serdes.List(Array, serdeOf(name)).deserializer()
    expect(() => list.deserialize('topic', fromHex(hex))).toThrow(SerializationException)
  })

  test.each(golden.bytes)('%s is printed as %j', (hex, text) => {
    expect(String(new Bytes(fromHex(hex)))).toBe(text)
  })
})
