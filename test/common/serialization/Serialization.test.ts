import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../../src/common/ByteBuffer.ts'
import { Bytes } from '../../../src/common/Bytes.ts'
import { IllegalArgumentException, SerializationException } from '../../../src/common/errors.ts'
import { ByteArrayDeserializer } from '../../../src/common/serialization/ByteArrayDeserializer.ts'
import { ByteArraySerializer } from '../../../src/common/serialization/ByteArraySerializer.ts'
import { IntegerDeserializer } from '../../../src/common/serialization/IntegerDeserializer.ts'
import { IntegerSerializer } from '../../../src/common/serialization/IntegerSerializer.ts'
import { LongDeserializer } from '../../../src/common/serialization/LongDeserializer.ts'
import { LongSerializer } from '../../../src/common/serialization/LongSerializer.ts'
import type { Serde } from '../../../src/common/serialization/Serde.ts'
import { Serdes, WrapperSerde } from '../../../src/common/serialization/Serdes.ts'
import { StringDeserializer } from '../../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../../src/common/serialization/StringSerializer.ts'
import { covers } from '../../support/covers.ts'

interface SerdeCase {
  name: string
  serde: Serde<unknown>
  values: fc.Arbitrary<unknown>
}

/** One pair, behind a type that a table can hold. */
const of = <T>(name: string, serde: Serde<T>, values: fc.Arbitrary<T>): SerdeCase => ({
  name,
  serde: serde as unknown as Serde<unknown>,
  values,
})

const serdes = [
  of('string', Serdes.serdeFrom(String), fc.string({ unit: 'grapheme', maxLength: 60 })),
  of('bytes', Serdes.serdeFrom(Uint8Array), fc.uint8Array()),
  of(
    'Bytes',
    Serdes.serdeFrom(Bytes),
    fc.uint8Array().map((bytes) => new Bytes(bytes)),
  ),
  of('ByteBuffer', Serdes.serdeFrom(ByteBuffer), fc.uint8Array().map(ByteBuffer.wrap)),
  of('boolean', Serdes.serdeFrom(Boolean), fc.boolean()),
  of('short', Serdes.Short(), fc.integer({ min: -32768, max: 32767 })),
  of('integer', Serdes.Integer(), fc.integer()),
  of('long', Serdes.Long(), fc.maxSafeInteger()),
  of('bigint', Serdes.serdeFrom(BigInt), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  of('float', Serdes.Float(), fc.float()),
  of('double', Serdes.serdeFrom(Number), fc.double()),
  of('UUID', Serdes.UUID(), fc.uuid()),
]

const configured = (encoding: string): { write: StringSerializer; read: StringDeserializer } => {
  const write = new StringSerializer()
  const read = new StringDeserializer()
  write.configure({ 'key.serializer.encoding': encoding }, true)
  read.configure({ 'key.deserializer.encoding': encoding }, true)
  return { write, read }
}

describe('serializers', () => {
  test.each(serdes)('$name: what goes in comes out', ({ serde, values }) => {
    covers('SerializationTest.allSerdesShouldRoundtripInput')
    fc.assert(
      fc.property(values, (value) => {
        const bytes = serde.serializer().serialize('topic', value)
        expect(serde.deserializer().deserialize('topic', bytes)).toStrictEqual(value)
      }),
    )
  })

  test.each(serdes)('$name: null stays null', ({ serde }) => {
    covers('SerializationTest.allSerdesShouldSupportNull')
    expect(serde.serializer().serialize('topic', null)).toBeNull()
    expect(serde.deserializer().deserialize('topic', null)).toBeNull()
  })

  test('numbers have the bytes that Java gives them', () => {
    expect(new IntegerSerializer().serialize('t', -2)).toEqual(Uint8Array.of(255, 255, 255, 254))
    expect(new LongSerializer().serialize('t', 258)).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2))
  })

  test('a number that does not fit is refused, not cut', () => {
    expect(() => new IntegerSerializer().serialize('t', 2 ** 31)).toThrow(SerializationException)
    expect(() => new IntegerSerializer().serialize('t', 1.5)).toThrow(/1\.5/)
    expect(() => new LongSerializer().serialize('t', 2 ** 53)).toThrow(SerializationException)
    expect(() => Serdes.Short().serializer().serialize('t', 32768)).toThrow(/32768.*Integer/)
    expect(() =>
      Serdes.BigLong()
        .serializer()
        .serialize('t', 2n ** 63n),
    ).toThrow(/9223372036854775808n/)
  })

  test.each(serdes.filter(({ name }) => !/^by|^By/.test(name)))(
    '$name: a value of another type is refused',
    ({ serde, name }) => {
      const wrong = name === 'string' || name === 'UUID' ? 5 : 'five'
      const write = () => serde.serializer().serialize('t', wrong)
      expect(write).toThrow(SerializationException)
      expect(write).toThrow(/got (number|5|'five')/)
    },
  )

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
    const others = [Serdes.Short(), Serdes.BigLong(), Serdes.Double(), Serdes.UUID()]
    for (const serde of others) {
      expect(() => serde.deserializer().deserialize('t', read(3))).toThrow(SerializationException)
    }
  })

  test.each([
    ['no', 0, 'SerializationTest.floatDeserializerShouldThrowSerializationExceptionOnZeroBytes'],
    [
      'too few',
      3,
      'SerializationTest.floatDeserializerShouldThrowSerializationExceptionOnTooFewBytes',
    ],
    [
      'too many',
      5,
      'SerializationTest.floatDeserializerShouldThrowSerializationExceptionOnTooManyBytes',
    ],
  ])('%s bytes are no float', (_, length, scenario) => {
    covers(scenario)
    const read = () => Serdes.Float().deserializer().deserialize('t', new Uint8Array(length))
    expect(read).toThrow(SerializationException)
    expect(read).toThrow(`reads 4 bytes, got ${length}`)
  })

  test.each([true, false])('%s is one byte, and that byte is it', (value) => {
    covers('SerializationTest.testBooleanSerializer', 'SerializationTest.testBooleanDeserializer')
    const bytes = Uint8Array.of(value ? 1 : 0)
    expect(Serdes.Boolean().serializer().serialize('t', value)).toEqual(bytes)
    expect(Serdes.Boolean().deserializer().deserialize('t', bytes)).toBe(value)
  })

  test('no byte is neither true nor false, and so is a third one', () => {
    covers('SerializationTest.booleanDeserializerShouldThrowOnEmptyInput')
    const read = (...bytes: number[]) =>
      Serdes.Boolean().deserializer().deserialize('t', Uint8Array.from(bytes))
    expect(() => read()).toThrow(SerializationException)
    expect(() => read(2)).toThrow(/got 2/)
    expect(() => read(1, 1)).toThrow(/got 2/)
  })

  test('what is never there is written and read as null, and nothing else is', () => {
    covers(
      'SerializationTest.testSerializeVoid',
      'SerializationTest.testDeserializeVoid',
      'SerializationTest.voidDeserializerShouldThrowOnNotNullValues',
    )
    const serde = Serdes.Void()
    expect(serde.serializer().serialize('t', null)).toBeNull()
    expect(serde.deserializer().deserialize('t', null)).toBeNull()
    expect(() => serde.deserializer().deserialize('t', new Uint8Array(5))).toThrow(
      IllegalArgumentException,
    )
    expect(() => serde.serializer().serialize('t', 'lost' as never)).toThrow(SerializationException)
  })

  test('a part of a larger buffer is read without its surroundings', () => {
    covers('SerializationTest.stringDeserializerSupportByteBuffer')
    const larger = new TextEncoder().encode('<<Hello, ByteBuffer!>>')
    const part = larger.subarray(2, larger.length - 2)
    expect(new StringDeserializer().deserialize('t', part)).toBe('Hello, ByteBuffer!')
    const numbers = Uint8Array.of(9, 9, 0, 0, 0, 0, 0, 0, 1, 2, 9).subarray(2, 10)
    expect(Serdes.Long().deserializer().deserialize('t', numbers)).toBe(258)
    expect(Serdes.Double().deserializer().deserialize('t', numbers)).toBe(258 * 2 ** -1074)
  })

  test('a ByteBuffer is written up to its limit, wherever its position is', () => {
    const serializer = Serdes.ByteBuffer().serializer()
    const filled = ByteBuffer.allocate(4).put(1).put(2)
    expect(serializer.serialize('t', filled)).toEqual(Uint8Array.of(1, 2, 0, 0))
    filled.limit = 2
    filled.position = 1
    expect(serializer.serialize('t', filled)).toEqual(Uint8Array.of(1, 2))
    expect(filled.position).toBe(0)
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

describe('Serdes', () => {
  test('a type without a serde is refused, naming those that have one', () => {
    covers('SerializationTest.testSerdeFromUnknown')
    class DummyClass {}
    expect(() => Serdes.serdeFrom(DummyClass as never)).toThrow(IllegalArgumentException)
    expect(() => Serdes.serdeFrom(DummyClass as never)).toThrow(/DummyClass.*String, Number/)
  })

  test('half a pair is refused', () => {
    covers('SerializationTest.testSerdeFromNotNull')
    const serde = Serdes.Long()
    const from = Serdes.serdeFrom as (a: unknown, b: unknown) => unknown
    expect(() => from(null, serde.deserializer())).toThrow(IllegalArgumentException)
    expect(() => from(serde.serializer(), null)).toThrow(/deserializer/)
  })

  test('a pair is configured and closed together', () => {
    const calls: string[] = []
    const half = (name: string) => ({
      configure: (_: unknown, isKey: boolean) => calls.push(`${name} configure ${isKey}`),
      close: () => calls.push(`${name} close`),
      serialize: () => null,
      deserialize: () => null,
    })
    const serde = new WrapperSerde<string>(half('write') as never, half('read') as never)
    serde.configure({}, true)
    serde.close()
    expect(calls).toEqual([
      'write configure true',
      'read configure true',
      'write close',
      'read close',
    ])
  })
})
