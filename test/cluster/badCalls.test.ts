/**
 * What a program asks for that cannot be: a topic that is not there, a client that was closed, a
 * setting that is none. A typed error says which, where, and what to do; nothing waits longer than
 * its time.
 */

import { describe, expect, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import {
  InvalidTopicException,
  UnknownTopicOrPartitionException,
} from '../../src/common/errors/ApiExceptions.ts'
import {
  ConfigException,
  IllegalStateException,
  KafkaException,
  SerializationException,
  TimeoutException,
  WakeupException,
} from '../../src/common/errors.ts'
import { IntegerDeserializer } from '../../src/common/serialization/IntegerDeserializer.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { failureOf, onCluster, thrownBy, valuesOf } from './clusterSupport.ts'

const NO_AUTO_CREATION = { config: { 'auto.create.topics.enable': false } }
const MISSING = new TopicPartition('missing', 0)

describe('a topic that is not there, with auto.create.topics.enable=false', () => {
  test(
    'fails a send after max.block.ms, by name and with the reason; other topics go on',
    onCluster(async (t) => {
      await t.createTopic('orders')
      const producer = t.producer({ 'max.block.ms': 3000 })
      const start = t.time.milliseconds()
      const [error, sent] = await Promise.all([
        failureOf(producer.send({ topic: 'missing', value: 'a' })),
        producer.send({ topic: 'orders', value: 'b' }),
      ])
      expect(t.time.milliseconds() - start).toBe(3000)
      expect(sent.offset).toBe(0)
      expect(error).toBeInstanceOf(TimeoutException)
      expect(error.message).toMatch(/Topic missing not present in metadata after 3000 ms/)
      expect(error.cause).toBeInstanceOf(UnknownTopicOrPartitionException)
      expect(await failureOf(producer.partitionsFor('missing'))).toBeInstanceOf(TimeoutException)
    }, NO_AUTO_CREATION),
  )

  test(
    'fails a send to a partition that the topic does not have, and says how many it has',
    onCluster(async (t) => {
      await t.createTopic('orders', 2)
      const producer = t.producer({ 'max.block.ms': 1000 })
      const error = await failureOf(producer.send({ topic: 'orders', partition: 2, value: 'a' }))
      expect(error).toBeInstanceOf(TimeoutException)
      expect(error.message).toMatch(/Partition 2 of topic orders with partition count 2/)
    }, NO_AUTO_CREATION),
  )

  test(
    'gives a consumer nothing, in its time, and the records once it is there',
    onCluster(async (t) => {
      const consumer = t.consumer({ 'default.api.timeout.ms': 2000, 'metadata.max.age.ms': 1000 })
      consumer.assign([MISSING])
      const start = t.time.milliseconds()
      expect((await consumer.poll(1500)).count()).toBe(0)
      expect(t.time.milliseconds() - start).toBe(1500)
      expect(t.logger.messages('warn').join('\n')).toMatch(/missing.*UNKNOWN_TOPIC_OR_PARTITION/i)
      for (const asked of [
        () => consumer.position(MISSING),
        () => consumer.endOffsets([MISSING]),
        () => consumer.offsetsForTimes([[MISSING, 0]]),
      ]) {
        const error = await failureOf(asked())
        expect(error).toBeInstanceOf(TimeoutException)
        expect(error.message).toMatch(/missing-0.*2000 ?ms|2000 ?ms.*missing-0/)
      }
      expect(await consumer.partitionsFor('missing')).toEqual([])
      await t.createTopic('missing')
      await t.producer().send({ topic: 'missing', value: 'late' })
      expect(valuesOf(await consumer.poll(5000))).toEqual(['late'])
    }, NO_AUTO_CREATION),
  )

  test(
    'is no topic at all when its name cannot be: at once, for all three clients',
    onCluster(
      async (t) => {
        const name = 'no topic?'
        const start = t.time.milliseconds()
        const errors = await Promise.all([
          failureOf(t.producer().send({ topic: name, value: 'a' })),
          failureOf(t.consumer().partitionsFor(name)),
          failureOf(
            t
              .admin()
              .createTopics([{ name, numPartitions: 1 }])
              .all(),
          ),
        ])
        for (const error of errors) {
          expect(error).toBeInstanceOf(InvalidTopicException)
          expect(error.message).toContain(name)
        }
        expect(t.time.milliseconds() - start).toBeLessThan(1000)
      },
      { errorsExpected: true },
    ),
  )
})

describe('a closed client', () => {
  test(
    'producer: send, partitionsFor and flush say so or end; what was sent before is there',
    onCluster(async (t) => {
      const producer = t.producer()
      const sent = producer.send({ topic: 'orders', value: 'a' })
      await producer.close()
      expect((await sent).offset).toBe(0)
      const error = thrownBy(() => producer.send({ topic: 'orders', value: 'b' }))
      expect(error).toBeInstanceOf(IllegalStateException)
      expect(error.message).toMatch(/after producer has been closed/)
      expect((await producer.partitionsFor('orders')).length).toBe(1)
      expect(await failureOf(producer.partitionsFor('unknown'))).toBeInstanceOf(KafkaException)
      await producer.flush()
      await producer.close()
      expect(valuesOf(await t.contents('orders'))).toEqual(['a'])
    }),
  )

  test(
    'consumer: every call says so, and names itself',
    onCluster(async (t) => {
      await t.createTopic('orders')
      const orders = new TopicPartition('orders', 0)
      const consumer = t.consumer()
      consumer.assign([orders])
      await consumer.close()
      await consumer.close()
      const calls: [string, () => unknown][] = [
        ['assign', () => consumer.assign([orders])],
        ['seek', () => consumer.seek(orders, 0)],
        ['pause', () => consumer.pause([orders])],
        ['poll', () => consumer.poll(10)],
        ['position', () => consumer.position(orders)],
        ['endOffsets', () => consumer.endOffsets([orders])],
        ['partitionsFor', () => consumer.partitionsFor('orders')],
        ['listTopics', () => consumer.listTopics()],
      ]
      for (const [name, call] of calls) {
        const error = await failureOf((async () => call())())
        expect(error, name).toBeInstanceOf(IllegalStateException)
        expect(error.message).toMatch(new RegExp(`already been closed.*${name}`))
      }
    }),
  )

  test(
    'consumer, closed while it polls: the poll ends by wakeup, not by a hang',
    onCluster(async (t) => {
      await t.createTopic('orders')
      const consumer = t.consumer()
      consumer.assign([new TopicPartition('orders', 0)])
      const polling = failureOf(consumer.poll(60_000))
      await t.time.sleep(1000)
      consumer.wakeup()
      expect(await polling).toBeInstanceOf(WakeupException)
      await consumer.close()
    }),
  )

  test(
    'admin: a call fails at once',
    onCluster(async (t) => {
      const admin = t.admin()
      await admin.listTopics().names()
      await admin.close()
      const start = t.time.milliseconds()
      const error = await failureOf(admin.listTopics().names())
      expect(error).toBeInstanceOf(KafkaException)
      expect(error.message).toMatch(/clos/)
      expect(t.time.milliseconds() - start).toBeLessThan(100)
    }),
  )
})

describe('a value that is none', () => {
  test(
    'for the serializer is thrown by send, and not written as no bytes; the next one goes',
    onCluster(async (t) => {
      const producer = t.producer()
      await producer.partitionsFor('orders')
      for (const value of [5, true, ['a'], { a: 1 }, new Date()]) {
        const error = thrownBy(() => producer.send({ topic: 'orders', value: value as never }))
        expect(error).toBeInstanceOf(SerializationException)
        expect(error.message).toMatch(/StringSerializer writes strings, got/)
      }
      expect((await producer.send({ topic: 'orders', value: 'five' })).offset).toBe(0)
    }),
  )

  test(
    'for the deserializer is an error with topic, partition and offset, and can be passed',
    onCluster(async (t) => {
      const producer = t.producer()
      for (const value of ['four', 'seventeen', '4444']) producer.send({ topic: 'orders', value })
      await producer.flush()
      const orders = new TopicPartition('orders', 0)
      const consumer = t.consumer({ 'value.deserializer': IntegerDeserializer as never })
      consumer.assign([orders])
      expect((await consumer.poll(1000)).count()).toBe(1)
      const error = await failureOf(consumer.poll(1000))
      expect(error).toMatchObject({ name: 'RecordDeserializationException' })
      expect(error.message).toMatch(/orders-0.*offset 1/)
      const { offset } = error as Error & { readonly offset: number }
      consumer.seek(orders, offset + 1)
      expect([...(await consumer.poll(1000))].map((record) => record.offset)).toEqual([2])
    }),
  )
})

describe('a setting that cannot be', () => {
  const bootstrap = { 'bootstrap.servers': 'localhost:9092' }
  const serializers = { 'key.serializer': StringSerializer, 'value.serializer': StringSerializer }
  const deserializers = {
    'key.deserializer': StringDeserializer,
    'value.deserializer': StringDeserializer,
  }
  type Settings = Record<string, unknown>
  const clients = {
    producer: (s: Settings, logger = new RecordingLogger()) =>
      new KafkaProducer({ ...bootstrap, ...serializers, ...s } as never, { logger }),
    consumer: (s: Settings, logger = new RecordingLogger()) =>
      new KafkaConsumer({ ...bootstrap, ...deserializers, ...s } as never, { logger }),
    admin: (s: Settings, logger = new RecordingLogger()) =>
      new KafkaAdminClient({ ...bootstrap, ...s } as never, { logger }),
  }

  const bad: [keyof typeof clients, Settings, RegExp][] = [
    ['producer', { 'linger.ms': 'soon' }, /soon.*'?linger\.ms'?.*number/s],
    ['producer', { 'linger.ms': -1 }, /-1.*'?linger\.ms'?.*at least 0/s],
    ['producer', { acks: 2 }, /2.*acks.*all.*-1.*0.*1/s],
    ['producer', { 'batch.size': 2 ** 40 }, /batch\.size/],
    ['producer', { 'batch.size': null }, /batch\.size/],
    ['producer', { 'compression.type': 'rar' }, /rar.*compression\.type.*none.*gzip/s],
    ['producer', { 'key.serializer': undefined }, /key\.serializer/],
    ['producer', { 'value.serializer': {} }, /value\.serializer.*serialize/s],
    ['producer', { 'delivery.timeout.ms': 10 }, /delivery\.timeout\.ms.*request\.timeout\.ms/s],
    ['producer', { 'bootstrap.servers': '' }, /bootstrap\.servers/],
    ['producer', { 'bootstrap.servers': 'localhost' }, /'localhost'.*host:port/s],
    ['producer', { 'bootstrap.servers': 'localhost:99999' }, /99999.*65535/s],
    ['consumer', { 'max.poll.records': 0 }, /0.*max\.poll\.records.*at least 1/s],
    ['consumer', { 'auto.offset.reset': 'sometimes' }, /sometimes.*auto\.offset\.reset.*earliest/s],
    ['consumer', { 'fetch.min.bytes': 1.5 }, /1\.5.*fetch\.min\.bytes/s],
    ['consumer', { 'check.crcs': 'perhaps' }, /perhaps.*check\.crcs.*true.*false/s],
    ['consumer', { 'value.deserializer': undefined }, /value\.deserializer/],
    ['consumer', { 'isolation.level': 'all' }, /all.*isolation\.level.*read_committed/s],
    ['admin', { 'request.timeout.ms': -5 }, /-5.*request\.timeout\.ms.*at least 0/s],
    ['admin', { 'bootstrap.servers': undefined }, /bootstrap\.servers/],
    ['admin', { 'retry.backoff.ms': 'x' }, /x.*retry\.backoff\.ms/s],
  ]

  for (const [client, settings, message] of bad) {
    const said = `${Object.keys(settings)[0]}=${String(Object.values(settings)[0])}`
    test(`${client} ${said}: a ConfigException names it, and what is allowed`, () => {
      const error = thrownBy(() => clients[client](settings))
      expect(error).toBeInstanceOf(ConfigException)
      expect(error.message).toMatch(message)
    })
  }

  test('that is unknown is a warning with the nearest name, also of the broker', async () => {
    const typos = [
      ['producer', 'liger.ms', 'linger.ms'],
      ['consumer', 'max.pol.records', 'max.poll.records'],
      ['admin', 'request.timout.ms', 'request.timeout.ms'],
    ] as const
    for (const [client, typo, meant] of typos) {
      const logger = new RecordingLogger()
      await clients[client]({ [typo]: 1 }, logger).close()
      const [warning] = logger.messages('warn').filter((line) => line.includes(typo))
      expect(warning).toMatch(new RegExp(`'${typo}'.*not known.*Did you mean '${meant}'`))
    }
    const logger = new RecordingLogger()
    const config = { 'num.partition': 3 }
    const cluster = await EmbeddedCluster.start({ config, environment: { logger } })
    await cluster.close()
    expect(logger.messages('warn').join()).toMatch(/'num\.partition'.*Did you mean 'num\.partit/)
  })

  test('of the broker is a ConfigException before any port is taken', async () => {
    const bad: [Settings, RegExp][] = [
      [{ 'num.partitions': 'many' }, /many.*num\.partitions.*number/s],
      [{ 'num.partitions': 0 }, /0.*num\.partitions.*at least 1/s],
      [{ 'log.cleanup.policy': 'never' }, /log\.cleanup\.policy.*compact.*delete/s],
      [{ 'auto.create.topics.enable': 'maybe' }, /maybe.*auto\.create\.topics\.enable.*true/s],
    ]
    for (const [config, message] of bad) {
      const error = await failureOf(EmbeddedCluster.start({ config }))
      expect(error).toBeInstanceOf(ConfigException)
      expect(error.message).toMatch(message)
    }
  })
})
