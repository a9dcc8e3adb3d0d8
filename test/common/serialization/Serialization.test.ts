import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SerializationException } from '../../../src/common/errors.ts'
import { ByteArrayDeserializer } from '../../../src/common/serialization/ByteArrayDeserializer.ts'
import { ByteArraySerializer } from '../../../src/common/serialization/ByteArraySerializer.ts'
import type { Deserializer } from '../../../src/common/serialization/Deserializer.ts'
import { IntegerDeserializer } from '../../../src/common/serialization/IntegerDeserializer.ts'
import { IntegerSerializer } from '../../../src/common/serialization/IntegerSerializer.ts'
import { LongDeserializer } from '../../../src/common/serialization/LongDeserializer.ts'
import { LongSerializer } from '../../../src/common/serialization/LongSerializer.ts'
import type { Serializer } from '../../../src/common/serialization/Serializer.ts'
import { StringDeserializer } from '../../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../../src/common/serialization/StringSerializer.ts'
import { covers } from '../../support/covers.ts'

interface Serde<T> {
  name: string
  serializer: Serializer<T>
  deserializer: Deserializer<T>
  values: fc.Arbitrary<T>
}

/** The four pairs, each behind one type that a table can hold. */
const serde = <T>(
  name: string,
  serializer: Serializer<T>,
  deserializer: Deserializer<T>,
  values: fc.Arbitrary<T>,
): Serde<unknown> => ({ name, serializer, deserializer, values }) as unknown as Serde<unknown>

const serdes = [
  serde(
    'string',
    new StringSerializer(),
    new StringDeserializer(),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
  ),
  serde('bytes', new ByteArraySerializer(), new ByteArrayDeserializer(), fc.uint8Array()),
  serde('integer', new IntegerSerializer(), new IntegerDeserializer(), fc.integer()),
  serde('long', new LongSerializer(), new LongDeserializer(), fc.maxSafeInteger()),
]

const configured = (encoding: string): { write: StringSerializer; read: StringDeserializer } => {
  const write = new StringSerializer()
  const read = new StringDeserializer()
  write.configure({ 'key.serializer.encoding': encoding }, true)
  read.configure({ 'key.deserializer.encoding': encoding }, true)
  return { write, read }
}

describe('serializers', () => {
  test.each(serdes)('$name: what goes in comes out', ({ serializer, deserializer, values }) => {
    covers('SerializationTest.allSerdesShouldRoundtripInput')
    fc.assert(
      fc.property(values, (value) => {
        const bytes = serializer.serialize('topic', value)
        expect(deserializer.deserialize('topic', bytes)).toEqual(value)
      }),
    )
  })

  test.each(serdes)('$name: null stays null', ({ serializer, deserializer }) => {
    covers('SerializationTest.allSerdesShouldSupportNull')
    expect(serializer.serialize('topic', null)).toBeNull()
    expect(deserializer.deserialize('topic', null)).toBeNull()
  })

  test('numbers have the bytes that Java gives them', () => {
    expect(new IntegerSerializer().serialize('t', -2)).toEqual(Uint8Array.of(255, 255, 255, 254))
    expect(new LongSerializer().serialize('t', 258)).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2))
  })

  test('a number that does not fit is refused, not cut', () => {
    expect(() => new IntegerSerializer().serialize('t', 2 ** 31)).toThrow(SerializationException)
    expect(() => new IntegerSerializer().serialize('t', 1.5)).toThrow(/1\.5/)
    expect(() => new LongSerializer().serialize('t', 2 ** 53)).toThrow(SerializationException)
  })

  test('what is no string is refused by the one for strings, not written as no bytes', () => {
    for (const value of [5, { a: 1 }, ['a'], undefined]) {
      const write = () => new StringSerializer().serialize('t', value as never)
      expect(write).toThrow(SerializationException)
    }
  })

  test('bytes of another length are no number', () => {
    const read = (length: number) => new Uint8Array(length)

    expect(() => new IntegerDeserializer().deserialize('t', read(3))).toThrow(/got 3/)
    expect(() => new LongDeserializer().deserialize('t', read(4))).toThrow(SerializationException)
  })

  test('a long outside ±2^53 is refused, not rounded', () => {
    const bytes = new Uint8Array(8).fill(0xff, 1).fill(0x7f, 0, 1)

    expect(() => new LongDeserializer().deserialize('t', bytes)).toThrow(/9223372036854775807/)
  })

  test('bytes are handed over as they are, not copied', () => {
    const bytes = Uint8Array.of(1, 2)

    expect(new ByteArraySerializer().serialize('t', bytes)).toBe(bytes)
    expect(new ByteArrayDeserializer().deserialize('t', bytes)).toBe(bytes)
  })
})

describe('string encodings', () => {
  test.each(['UTF-8', 'UTF-16', 'utf-16le', 'UTF-16BE'])('%s keeps every text', (encoding) => {
    covers('SerializationTest.stringSerdeShouldSupportDifferentEncodings')
    const { write, read } = configured(encoding)
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(read.deserialize('t', write.serialize('t', text))).toBe(text)
      }),
    )
  })

  test('UTF-16 is written as in Java, mark and high byte first; read in either order', () => {
    const { write, read } = configured('UTF-16')

    expect(write.serialize('t', 'aé')).toEqual(Uint8Array.of(0xfe, 0xff, 0, 0x61, 0, 0xe9))
    expect(write.serialize('t', '')).toEqual(new Uint8Array(0))
    expect(read.deserialize('t', Uint8Array.of(0xff, 0xfe, 0x61, 0))).toBe('a')
    expect(read.deserialize('t', Uint8Array.of(0, 0x61, 0x62))).toBe('a\ufffd')
    expect(read.deserialize('t', Uint8Array.of(0xd8, 0))).toBe('\ufffd')
  })

  test('one-byte encodings write ? for what they do not have', () => {
    const latin = configured('ISO-8859-1')
    const ascii = configured('US-ASCII')

    expect(latin.write.serialize('t', 'é€')).toEqual(Uint8Array.of(0xe9, 0x3f))
    expect(latin.read.deserialize('t', Uint8Array.of(0xe9))).toBe('é')
    expect(ascii.write.serialize('t', 'aé')).toEqual(Uint8Array.of(0x61, 0x3f))
    expect(ascii.read.deserialize('t', Uint8Array.of(0x61, 0xe9))).toBe('a\ufffd')
  })

  test('an unknown encoding is refused, naming the known ones', () => {
    covers('SerializationTest.stringSerdeConfigureThrowsOnUnknownEncoding')
    const configs = {
      'key.serializer.encoding': 'nonesuch',
      'value.deserializer.encoding': 'nonesuch',
    }

    expect(() => new StringSerializer().configure(configs, true)).toThrow(/UTF-8, UTF-16/)
    expect(() => new StringDeserializer().configure(configs, false)).toThrow(SerializationException)
  })

  test('the setting for keys or values comes before the one for both', () => {
    const serializer = new StringSerializer()
    serializer.configure(
      { 'serializer.encoding': 'UTF-16BE', 'value.serializer.encoding': 'UTF-8' },
      false,
    )
    expect(serializer.serialize('t', 'a')).toEqual(Uint8Array.of(0x61))

    serializer.configure({ 'serializer.encoding': 'UTF-16BE' }, false)
    expect(serializer.serialize('t', 'a')).toEqual(Uint8Array.of(0, 0x61))
  })
})
