import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ConfigException,
  IllegalArgumentException,
  KafkaException,
  SerializationException,
} from '../../../src/common/errors.ts'
import type { Headers } from '../../../src/common/header/Headers.ts'
import { RecordHeaders } from '../../../src/common/header/RecordHeaders.ts'
import { IntegerDeserializer } from '../../../src/common/serialization/IntegerDeserializer.ts'
import { IntegerSerializer } from '../../../src/common/serialization/IntegerSerializer.ts'
import { ListDeserializer } from '../../../src/common/serialization/ListDeserializer.ts'
import { ListSerializer } from '../../../src/common/serialization/ListSerializer.ts'
import type { Serde } from '../../../src/common/serialization/Serde.ts'
import { Serdes } from '../../../src/common/serialization/Serdes.ts'
import { StringDeserializer } from '../../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../../src/common/serialization/StringSerializer.ts'
import { covers } from '../../support/covers.ts'

const listOf = <T>(inner: Serde<T>) => Serdes.List<T>(Array, inner)

const roundTrip = <T>(inner: Serde<T>, list: (T | null)[] | null): unknown => {
  const serde = listOf(inner)
  return serde.deserializer().deserialize('t', serde.serializer().serialize('t', list))
}

const UUIDS = [
  'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
  '6fa459ea-ee8a-3ca4-894e-db77e160355e',
  '16fd2706-8baf-433b-82eb-8c7fada847da',
]

describe('a list', () => {
  test('comes back as it was: empty, null, and with nulls in it', () => {
    covers(
      'SerializationTest.listSerdeShouldReturnEmptyCollection',
      'SerializationTest.listSerdeShouldReturnNull',
      'SerializationTest.listSerdeShouldRoundtripPrimitiveInputWithNullEntries',
      'SerializationTest.listSerdeShouldRoundtripNonPrimitiveInput',
      'SerializationTest.listSerdeShouldRoundtripNonPrimitiveInputWithNullEntries',
    )
    expect(roundTrip(Serdes.Integer(), [])).toEqual([])
    expect(roundTrip(Serdes.Integer(), null)).toBeNull()
    expect(roundTrip(Serdes.Integer(), [1, null, 3])).toEqual([1, null, 3])
    expect(roundTrip(Serdes.String(), ['A', 'B', 'C'])).toEqual(['A', 'B', 'C'])
    expect(roundTrip(Serdes.String(), ['A', null, 'C'])).toEqual(['A', null, 'C'])
  })

  test.each([
    ['Int', Serdes.Integer(), [1, 2, 3], 21],
    ['Short', Serdes.Short(), [1, 2, 3], 15],
    ['Float', Serdes.Float(), [1, 2, 3], 21],
    ['Long', Serdes.Long(), [1, 2, 3], 33],
    ['Double', Serdes.Double(), [1, 2, 3], 33],
    ['UUID', Serdes.UUID(), UUIDS, 117],
  ] as [string, Serde<unknown>, unknown[], number][])(
    'of %s has entries of one size',
    (name, serde, list, bytes) => {
      const kind = name === 'UUID' ? name : `${name}Primitive`
      covers(
        `SerializationTest.listSerdeShouldRoundtrip${kind}Input`,
        `SerializationTest.listSerdeSerializerShouldReturnByteArrayOfFixedSizeFor${kind}Input`,
      )
      expect(roundTrip(serde, list)).toEqual(list)
      expect(listOf(serde).serializer().serialize('t', list)).toHaveLength(bytes)
    },
  )

  test('of anything comes back, at either kind of size', () => {
    const entries = <T>(values: fc.Arbitrary<T>) => fc.array(fc.option(values), { maxLength: 20 })
    fc.assert(
      fc.property(entries(fc.integer()), entries(fc.string()), (numbers, texts) => {
        expect(roundTrip(Serdes.Integer(), numbers)).toEqual(numbers)
        expect(roundTrip(Serdes.String(), texts)).toEqual(texts)
        expect(roundTrip(listOf(Serdes.String()), [texts, null])).toEqual([texts, null])
      }),
    )
  })

  test('is made of the class that was asked for', () => {
    covers(
      'SerializationTest.listSerdeShouldReturnLinkedList',
      'SerializationTest.listSerdeShouldReturnStack',
    )
    class Stack<T> extends Array<T> {}
    const serde = Serdes.List<number>(Stack, Serdes.Integer())
    const bytes = serde.serializer().serialize('t', [])
    expect(serde.deserializer().deserialize('t', bytes)).toBeInstanceOf(Stack)
    const full = serde.serializer().serialize('t', [7, 8])
    expect([...serde.deserializer().deserialize('t', full)!]).toEqual([7, 8])
  })

  test('can only be made of a class that can be made, and is a list', () => {
    class Broken extends Array {
      constructor() {
        super()
        throw new Error('not today')
      }
    }
    const bytes = listOf(Serdes.Integer()).serializer().serialize('t', [])
    const read = (List: unknown) =>
      new ListDeserializer(List as never, new IntegerDeserializer()).deserialize('t', bytes)
    expect(() => read(Broken)).toThrow(KafkaException)
    expect(() => read(Map)).toThrow(/A Map is no list/)
  })

  test('of what is no list, or of what its entries are not, is refused', () => {
    const write = (list: unknown) =>
      new ListSerializer(new IntegerSerializer()).serialize('t', list as never)
    expect(() => write('no list')).toThrow(SerializationException)
    expect(() => write([1, 'two'])).toThrow(/'two'/)
    expect(() => write([1, undefined])).toThrow(/undefined/)
    const gives = { serialize: () => null }
    expect(() => new ListSerializer(gives).serialize('orders', [1])).toThrow(
      /Entry 0 of a list for topic 'orders'/,
    )
  })
})

describe('headers reach the entries', () => {
  const headers = new RecordHeaders().add('key1', new TextEncoder().encode('value1'))

  test('when they are written', () => {
    covers('ListSerializerTest.shouldPassHeadersToUnderlyingSerializer')
    const seen: unknown[] = []
    class Recording extends StringSerializer {
      override serialize(topic: string, data: string | null, given?: Headers) {
        seen.push([topic, data, given])
        return super.serialize(topic, data)
      }
    }
    new ListSerializer(new Recording()).serialize('topic', ['test-key'], headers)
    expect(seen).toEqual([['topic', 'test-key', headers]])
  })

  test('when they are read', () => {
    covers('ListDeserializerTest.shouldPassHeadersToUnderlyingDeserializer')
    const seen: unknown[] = []
    class Recording extends StringDeserializer {
      override deserialize(topic: string, data: Uint8Array | null, given?: Headers) {
        seen.push([topic, given])
        return super.deserialize(topic, data)
      }
    }
    const bytes = new ListSerializer(new StringSerializer()).serialize('topic', ['test-value'])
    const list = new ListDeserializer(Array, new Recording()).deserialize('topic', bytes, headers)
    expect(list).toEqual(['test-value'])
    expect(seen).toEqual([['topic', headers]])
  })
})

describe('bytes that are no list', () => {
  const VARIABLE = 1
  const CONSTANT = 0

  test.each([
    [
      'a negative length',
      'shouldThrowOnNegativeLength',
      [VARIABLE, 255, 255, 255, 255],
      /length, -1, is negative/,
    ],
    [
      'more entries than bytes',
      'shouldThrowOnTooLargeLength',
      [VARIABLE, 0, 0, 0, 255],
      /length, 255, is more than there are/,
    ],
    [
      'an entry of negative size',
      'shouldThrowOnNegativeEntrySize',
      [VARIABLE, 0, 0, 0, 1, 255, 255, 255, 254],
      /size of an entry, -2, is negative/,
    ],
    [
      'an entry larger than the rest',
      'shouldThrowOnTooLargeEntrySize',
      [VARIABLE, 0, 0, 0, 1, 0, 0, 0, 255],
      /size of an entry, 255, is more than there are/,
    ],
    [
      'a negative number of nulls',
      'shouldThrowOnNegativeNullEntryLength',
      [CONSTANT, 255, 255, 255, 255],
      /nulls, -1, is negative/,
    ],
    [
      'more nulls than bytes',
      'shouldThrowOnTooLargeNullEntryLength',
      [CONSTANT, 0, 0, 0, 255],
      /255 nulls need more bytes/,
    ],
  ])('are refused for %s', (_, scenario, bytes, message) => {
    covers(`ListDeserializerTest.${scenario}`)
    const read = () =>
      new ListDeserializer(Array, new IntegerDeserializer()).deserialize(
        't',
        Uint8Array.from(bytes),
      )
    expect(read).toThrow(SerializationException)
    expect(read).toThrow(message)
  })

  test('are refused when the entries are of another kind, or end too early', () => {
    const numbers = new ListSerializer(new IntegerSerializer()).serialize('t', [1, 2])!
    const texts = new ListDeserializer(Array, new StringDeserializer())
    const integers = new ListDeserializer(Array, new IntegerDeserializer())
    expect(() => texts.deserialize('t', numbers)).toThrow(/StringDeserializer does not read such/)
    expect(() => integers.deserialize('t', numbers.subarray(0, 15))).toThrow(/end in the middle/)
    expect(() => integers.deserialize('t', new Uint8Array(0))).toThrow(SerializationException)
  })
})

const INNER = (isKey: boolean) => `default.list.${isKey ? 'key' : 'value'}.serde.inner`
const TYPE = (isKey: boolean) => `default.list.${isKey ? 'key' : 'value'}.serde.type`
/** What is neither class nor serde. */
const fake = {}

describe.each([
  ['Key', true],
  ['Value', false],
])('settings for the lists of a %s', (which, isKey) => {
  const serializing = (inner: unknown) => {
    const serializer = new ListSerializer<string>()
    serializer.configure({ [INNER(isKey)]: inner }, isKey)
    return serializer
  }
  const deserializing = (type: unknown, inner: unknown) => {
    const deserializer = new ListDeserializer<string>()
    deserializer.configure({ [TYPE(isKey)]: type, [INNER(isKey)]: inner }, isKey)
    return deserializer
  }
  const serializerTest = (scenario: string) =>
    covers(`ListSerializerTest.testList${which}${scenario}`)
  const deserializerTest = (scenario: string) =>
    covers(`ListDeserializerTest.testList${which}Deserializer${scenario}`)

  test('name the serde of the entries as a class', () => {
    serializerTest('SerializerNoArgConstructorsWithClassObject')
    deserializerTest('NoArgConstructorsWithClassObjects')
    const write = serializing(Serdes.StringSerde)
    const read = deserializing(Array, Serdes.StringSerde)
    expect(write.getInnerSerializer()).toBeInstanceOf(StringSerializer)
    expect(read.innerDeserializer()).toBeInstanceOf(StringDeserializer)
    expect(read.deserialize('t', write.serialize('t', ['a', null]))).toEqual(['a', null])
  })

  test('are passed on to the entries, when those were made from a class', () => {
    const configs = { [INNER(isKey)]: Serdes.StringSerde, 'serializer.encoding': 'UTF-16BE' }
    const serializer = new ListSerializer<string>()
    serializer.configure(configs, isKey)
    expect(serializer.serialize('t', ['a'])).toHaveLength(1 + 4 + 4 + 2)
  })

  test('may hold the serde itself', () => {
    const write = serializing(Serdes.String())
    const read = deserializing(Array, Serdes.String())
    expect(read.deserialize('t', write.serialize('t', ['a']))).toEqual(['a'])
  })

  test('must be there when nothing was passed to the constructor', () => {
    covers(
      'ListSerializerTest.testListSerializerNoArgConstructors' +
        'ShouldThrowConfigExceptionDueMissingProp',
    )
    deserializerTest('NoArgConstructorsShouldThrowConfigExceptionDueMissingInnerClassProp')
    deserializerTest('NoArgConstructorsShouldThrowConfigExceptionDueMissingTypeClassProp')
    expect(() => serializing(undefined)).toThrow(ConfigException)
    expect(() => serializing(undefined)).toThrow(INNER(isKey))
    expect(() => deserializing(Array, undefined)).toThrow(ConfigException)
    expect(() => deserializing(Array, undefined)).toThrow(INNER(isKey))
    expect(() => deserializing(undefined, Serdes.StringSerde)).toThrow(ConfigException)
    expect(() => deserializing(undefined, Serdes.StringSerde)).toThrow(TYPE(isKey))
  })

  test('must be what they have to be', () => {
    serializerTest('SerializerNoArgConstructorsShouldThrowKafkaExceptionDueInvalidClass')
    deserializerTest('NoArgConstructorsShouldThrowKafkaExceptionDueInvalidTypeClass')
    deserializerTest('NoArgConstructorsShouldThrowKafkaExceptionDueInvalidInnerClass')
    expect(() => serializing(fake)).toThrow(KafkaException)
    expect(() => serializing(fake)).toThrow(INNER(isKey))
    expect(() => serializing(Array)).toThrow(KafkaException)
    expect(() => deserializing(fake, Serdes.StringSerde)).toThrow(TYPE(isKey))
    expect(() => deserializing(Array, fake)).toThrow(INNER(isKey))
  })

  test('are no names: a class is not found by its name here', () => {
    serializerTest('SerializerNoArgConstructorsShouldThrowKafkaExceptionDueClassNotFound')
    deserializerTest('NoArgConstructorsShouldThrowConfigExceptionDueListClassNotFound')
    deserializerTest('NoArgConstructorsShouldThrowConfigExceptionDueInnerSerdeClassNotFound')
    const name = 'non.existing.class'
    expect(() => serializing(name)).toThrow(ConfigException)
    expect(() => serializing(name)).toThrow(
      `'non.existing.class' for configuration '${INNER(isKey)}'`,
    )
    expect(() => deserializing(name, Serdes.StringSerde)).toThrow(ConfigException)
    expect(() => deserializing(name, Serdes.StringSerde)).toThrow(TYPE(isKey))
    expect(() => deserializing(Array, name)).toThrow(ConfigException)
    expect(() => deserializing(Array, name)).toThrow(INNER(isKey))
  })

  test('cannot change what was passed to the constructor', () => {
    serializerTest('SerializerShouldThrowConfigExceptionDueAlreadyInitialized')
    deserializerTest('ShouldThrowConfigExceptionDueAlreadyInitialized')
    const configs = { [TYPE(isKey)]: Array, [INNER(isKey)]: Serdes.StringSerde }
    const write = new ListSerializer(new IntegerSerializer())
    const read = new ListDeserializer(Array, new IntegerDeserializer())
    expect(() => write.configure(configs, isKey)).toThrow(ConfigException)
    expect(() => read.configure(configs, isKey)).toThrow(ConfigException)
  })
})

test('a constructor takes both parts of a list, or none', () => {
  expect(() => new ListDeserializer(Array, undefined)).toThrow(IllegalArgumentException)
  expect(() => new ListDeserializer(undefined, new IntegerDeserializer())).toThrow(/both/)
  expect(() => new ListSerializer(null as never)).toThrow(IllegalArgumentException)
  expect(() => new ListSerializer().serialize('t', [])).toThrow(SerializationException)
  expect(() => new ListDeserializer().deserialize('t', Uint8Array.of(0))).toThrow(
    SerializationException,
  )
})

test('closing a list serializer closes that of its entries', () => {
  let closed = 0
  const inner = { serialize: () => null, deserialize: () => null, close: () => closed++ }
  new ListSerializer(inner as never).close()
  new ListDeserializer(Array, inner as never).close()
  new ListSerializer().close()
  expect(closed).toBe(2)
})
