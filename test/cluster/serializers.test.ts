/**
 * Keys and values of every type on the whole way: settings, producer, broker, consumer. What the
 * bytes are is tested in test/common/serialization.
 */

import { expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { Bytes } from '../../src/common/Bytes.ts'
import type { ClassOrInstance } from '../../src/common/config/ConfigTypes.ts'
import { SerializationException } from '../../src/common/errors.ts'
import type { Headers } from '../../src/common/header/Headers.ts'
import type { Deserializer } from '../../src/common/serialization/Deserializer.ts'
import { JsonDeserializer } from '../../src/common/serialization/JsonDeserializer.ts'
import { JsonSerializer } from '../../src/common/serialization/JsonSerializer.ts'
import { ListDeserializer } from '../../src/common/serialization/ListDeserializer.ts'
import { ListSerializer } from '../../src/common/serialization/ListSerializer.ts'
import type { Serde } from '../../src/common/serialization/Serde.ts'
import { Serdes } from '../../src/common/serialization/Serdes.ts'
import type { Serializer } from '../../src/common/serialization/Serializer.ts'
import type {
  DeserializerSettings,
  SerializerSettings,
} from '../../src/common/serialization/SerializerSettings.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { type ClusterTest, onCluster } from './clusterSupport.ts'

interface Way<T> {
  readonly write: ClassOrInstance<Serializer<T>>
  readonly read: ClassOrInstance<Deserializer<T>>
  readonly settings?: SerializerSettings & DeserializerSettings
}

/** Sends `values` as keys and as values, in one partition; what a consumer reads. */
const carried = async <T>(t: ClusterTest, way: Way<T>, values: (T | null)[]) => {
  const { write, read, settings } = way
  const bootstrap = { 'bootstrap.servers': t.cluster.bootstrapServers, ...settings }
  const producer = new KafkaProducer<T, T>(
    { ...bootstrap, 'key.serializer': write, 'value.serializer': write },
    t.environment('producer'),
  )
  for (const value of values) producer.send({ topic: 't', partition: 0, key: value, value })
  await producer.close()
  const consumer = new KafkaConsumer<T, T>(
    {
      ...bootstrap,
      'key.deserializer': read,
      'value.deserializer': read,
      'auto.offset.reset': 'earliest',
    },
    t.environment('consumer'),
  )
  consumer.assign([new TopicPartition('t', 0)])
  const records = []
  while (records.length < values.length) records.push(...(await consumer.poll(1000)))
  await consumer.close()
  return records
}

const utf8 = (text: string) => new TextEncoder().encode(text)

const LISTS = Serdes.List<(string | null)[]>(Array, Serdes.List<string>(Array, Serdes.String()))

test.each([
  ['texts', Serdes.String(), ['', 'Zoë', '日本']],
  ['bytes', Serdes.ByteArray(), [utf8('a'), new Uint8Array(0)]],
  ['Bytes', Serdes.Bytes(), [new Bytes(utf8('a'))]],
  ['ByteBuffers', Serdes.ByteBuffer(), [ByteBuffer.wrap(utf8('abc'))]],
  ['booleans', Serdes.Boolean(), [true, false]],
  ['shorts', Serdes.Short(), [-32768, 32767]],
  ['integers', Serdes.Integer(), [-(2 ** 31), 7]],
  ['longs', Serdes.Long(), [Number.MIN_SAFE_INTEGER, 7]],
  ['bigints', Serdes.BigLong(), [-(2n ** 63n), 2n ** 63n - 1n]],
  ['floats', Serdes.Float(), [0.5, Number.NaN]],
  ['doubles', Serdes.Double(), [0.1, -0, Number.NEGATIVE_INFINITY]],
  ['UUIDs', Serdes.UUID(), ['f81d4fae-7dec-11d0-a765-00a0c91e6bf6']],
  ['lists', LISTS, [[['a', null], null], []]],
  ['nothing', Serdes.Void(), []],
] as [string, Serde<unknown>, unknown[]][])(
  '%s arrive as they were sent, nulls among them',
  (_, serde, values) =>
    onCluster(async (t) => {
      const way = { write: serde.serializer(), read: serde.deserializer() }
      const sent = [...values, null]
      const records = await carried(t, way, sent)
      expect(records.map(({ key }) => key)).toStrictEqual(sent)
      expect(records.map(({ value }) => value)).toStrictEqual(sent)
    })(),
)

test(
  'JSON arrives typed; what does not fit is an error that names its place',
  onCluster(async (t) => {
    const write = new JsonSerializer<{ id: number }>()
    const validate = (value: unknown): { id: number } => {
      const { id } = value as { id: number }
      if (id < 0) throw new Error('a negative id')
      return { id }
    }
    const read = new JsonDeserializer({ validate })
    const records = await carried(t, { write, read }, [{ id: 7 }, null])
    expect(records.map(({ value }) => value)).toEqual([{ id: 7 }, null])
    await expect(carried(t, { write, read }, [{ id: -1 }, null, null])).rejects.toMatchObject({
      name: 'RecordDeserializationException',
      offset: 2,
      cause: expect.any(SerializationException),
    })
  }),
)

test(
  'the settings say how texts are encoded, of keys and of values',
  onCluster(async (t) => {
    const way = {
      write: StringSerializer,
      read: StringDeserializer,
      settings: {
        'key.serializer.encoding': 'UTF-16',
        'key.deserializer.encoding': 'UTF-16BE',
        'serializer.encoding': 'ISO-8859-1',
        'deserializer.encoding': 'ISO-8859-1',
      },
    }
    const [record] = await carried(t, way, ['Zoë €'])
    expect([record?.key, record?.value]).toEqual(['\ufeffZoë €', 'Zoë ?'])
  }),
)

test(
  'the settings say what is in a list, and of which class it is',
  onCluster(async (t) => {
    class Stack extends Array<string | null> {}
    const way: Way<(string | null)[]> = {
      write: ListSerializer<string>,
      read: ListDeserializer<string>,
      settings: {
        'default.list.key.serde.inner': Serdes.StringSerde,
        'default.list.key.serde.type': Stack,
        'default.list.value.serde.inner': Serdes.UUIDSerde,
        'default.list.value.serde.type': Array,
      },
    }
    const uuid = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'
    const [record] = await carried(t, way, [[uuid, uuid, null]])
    expect(record?.key).toBeInstanceOf(Stack)
    expect(Array.from(record!.key!)).toEqual([uuid, uuid, null])
    expect(record?.value).toEqual([uuid, uuid, null])
    // UUIDs have one size, which is not written; texts have each their own.
    expect([record?.serializedKeySize, record?.serializedValueSize]).toEqual([89, 85])
  }),
)

test(
  'a serializer may say in the headers what the deserializer has to know',
  onCluster(async (t) => {
    const write: Serializer<string> = {
      serialize: (_topic, data, headers?: Headers) => {
        headers?.add('backwards', null)
        return data === null ? null : utf8([...data].reverse().join(''))
      },
    }
    const read: Deserializer<string> = {
      deserialize: (_topic, data, headers?: Headers) => {
        const text = new TextDecoder().decode(data ?? undefined)
        return headers?.lastHeader('backwards') ? [...text].reverse().join('') : text
      },
    }
    const [record] = await carried(t, { write, read }, ['hello'])
    expect(record?.value).toBe('hello')
    expect([...record!.headers].map(({ key }) => key)).toEqual(['backwards', 'backwards'])
  }),
)
