import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SerializationException } from '../../../src/common/errors.ts'
import { JsonDeserializer } from '../../../src/common/serialization/JsonDeserializer.ts'
import { JsonSerializer } from '../../../src/common/serialization/JsonSerializer.ts'
import { utf8Bytes } from '../../../src/common/utf8.ts'

interface Order {
  readonly id: number
  readonly paid: boolean
}

/** What a schema library does, in small. */
const asOrder = (value: unknown): Order => {
  const { id, paid } = (value ?? {}) as Partial<Order>
  if (typeof id !== 'number') throw new Error('id is no number')
  return { id, paid: paid === true }
}

describe('JSON', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const bytes = new JsonSerializer().serialize('t', value)
        expect(new JsonDeserializer().deserialize('t', bytes)).toEqual(
          JSON.parse(JSON.stringify(value)),
        )
      }),
    )
  })

  test('null is a tombstone, not the text null', () => {
    expect(new JsonSerializer().serialize('t', null)).toBeNull()
    expect(new JsonDeserializer().deserialize('t', null)).toBeNull()
    expect(new JsonDeserializer().deserialize('t', utf8Bytes('null'))).toBeNull()
  })

  test('what JSON cannot say is refused, with topic and reason', () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    const write = (value: unknown) => () => new JsonSerializer().serialize('orders', value)
    expect(write(circle)).toThrow(SerializationException)
    expect(write(circle)).toThrow(/Object for topic 'orders': .*circular/)
    expect(write(undefined)).toThrow(/undefined for topic 'orders': JSON has nothing for it/)
    expect(write(() => 1)).toThrow(SerializationException)
    expect(write({ id: 1n })).toThrow(/BigInt/)
  })

  test('what is no JSON is refused, with topic, size and place', () => {
    const read = (text: string) => () =>
      new JsonDeserializer().deserialize('orders', utf8Bytes(text))
    expect(read('')).toThrow(SerializationException)
    expect(read('')).toThrow("The 0 bytes of a record of topic 'orders' are no JSON")
    expect(read('{"id": 1,}')).toThrow(/The 10 bytes .* are no JSON: .*position 9/)
  })

  test('a replacer and a reviver carry what JSON does not have', () => {
    const serializer = new JsonSerializer<{ at: bigint }>({
      replacer: (_, value) => (typeof value === 'bigint' ? `${value}n` : value),
    })
    const deserializer = new JsonDeserializer<{ at: bigint }>({
      reviver: (key, value) => (key === 'at' ? BigInt(String(value).slice(0, -1)) : value),
    })
    const bytes = serializer.serialize('t', { at: 2n ** 60n })
    expect(deserializer.deserialize('t', bytes)).toEqual({ at: 2n ** 60n })
  })

  test('a reviver that throws is named as the cause', () => {
    const cause = new Error('no date')
    const deserializer = new JsonDeserializer({
      reviver: () => {
        throw cause
      },
    })
    const read = () => deserializer.deserialize('t', utf8Bytes('1'))
    expect(read).toThrow(expect.objectContaining({ name: 'SerializationException', cause }))
  })

  test('validate makes the value, or says what is wrong with it', () => {
    const deserializer = new JsonDeserializer({ validate: asOrder })
    const order: Order | null = deserializer.deserialize('t', utf8Bytes('{"id":7,"x":1}'))
    expect(order).toEqual({ id: 7, paid: false })
    const read = () => deserializer.deserialize('orders', utf8Bytes('{"id":"7"}'))
    expect(read).toThrow(SerializationException)
    expect(read).toThrow(/topic 'orders' are JSON, but not what was expected: id is no number/)
  })
})
