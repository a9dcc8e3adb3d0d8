/**
 * What our broker cannot make yet, on Apache Kafka's own: transactions that librdkafka writes,
 * fetch sessions, a replica near by, a batch that was damaged on disk, a log that lost its end.
 */

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { CorruptRecordException } from '../../src/common/errors/ApiExceptions.ts'
import { ConsoleLogger } from '../../src/common/Logger.ts'
import { MetricName, type MetricTags } from '../../src/common/MetricName.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { ConsumerConfigInput } from '../../src/consumer/ConsumerConfig.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { LogTruncationException } from '../../src/consumer/LogTruncationException.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { run } from './support/ForeignClient.ts'
import { RealKafkaCluster } from './support/RealKafkaCluster.ts'

const tools = inject('tools')
const single = inject('realKafka')
const DEADLINE_MS = 40_000
/** Brokers come and go here, and each client would say so. */
const logger = new ConsoleLogger('error')

const consumerOf = (
  bootstrap: string,
  more: Partial<ConsumerConfigInput<string, string>> = {},
): KafkaConsumer<string, string> =>
  new KafkaConsumer<string, string>(
    {
      'bootstrap.servers': bootstrap,
      'auto.offset.reset': 'earliest',
      'key.deserializer': StringDeserializer,
      'value.deserializer': StringDeserializer,
      ...more,
    },
    { logger },
  )

const createTopic = async (bootstrap: string, name: string, numPartitions: number) => {
  const admin = new KafkaAdminClient({ 'bootstrap.servers': bootstrap })
  await admin.createTopics([{ name, numPartitions, replicationFactor: 1 }]).all()
  await admin.close()
}

/** Waits for what comes by itself, with a deadline. */
const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
  const deadline = Date.now() + DEADLINE_MS
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${DEADLINE_MS} ms`)
    await sleep(50)
  }
}

/** `"topic-0 value"` of all that comes until `count` are there. */
const read = async (consumer: KafkaConsumer<string, string>, count: number): Promise<string[]> => {
  const values: string[] = []
  await until(`${count} records`, async () => {
    for (const { partition, value } of await consumer.poll(100)) {
      values.push(`${partition} ${value}`)
    }
    return values.length >= count
  })
  return values
}

const send = async (
  bootstrap: string,
  topic: string,
  values: [number, string][],
  acks: 'all' | '1' = 'all',
) => {
  const producer = new KafkaProducer<string, string>(
    {
      'bootstrap.servers': bootstrap,
      'key.serializer': StringSerializer,
      'value.serializer': StringSerializer,
      ...(acks !== 'all' && { acks, 'enable.idempotence': false }),
    },
    { logger },
  )
  await Promise.all(values.map(([partition, value]) => producer.send({ topic, partition, value })))
  await producer.close()
}

const metric = (
  consumer: KafkaConsumer<string, string>,
  name: string,
  group = 'consumer-metrics',
  more: MetricTags = {},
): number => {
  const tags = { 'client-id': consumer.clientId, ...more }
  return Number(
    consumer
      .metrics()
      .get(new MetricName(name, group, '', tags))
      ?.metricValue(),
  )
}

describe('transactions that lie between each other', () => {
  const topic = 'transactions'
  type Step = [producer: string, action: string, partition?: number, value?: string]

  /**
   * Three producers, now one and now another; each transaction ends well or badly, the last not.
   */
  const steps: Step[] = []
  const ended = new Map<string, 'commit' | 'abort' | 'open'>()
  for (let i = 0, open = new Map<string, string[]>(); i < 60; i++) {
    const producer = 'abc'[(i * 7) % 3]!
    if (!open.has(producer)) {
      steps.push([producer, 'begin'])
      open.set(producer, [])
    }
    const value = `${producer}${i}`
    steps.push([producer, 'send', i % 2, value])
    open.get(producer)!.push(value)
    if (i % 5 === 4 && i < 50) {
      const action = i % 3 === 0 ? 'abort' : 'commit'
      steps.push([producer, action])
      for (const each of open.get(producer)!) ended.set(each, action)
      open.delete(producer)
    }
    if (i === 59) for (const values of open.values()) for (const v of values) ended.set(v, 'open')
  }
  const sent = steps.filter(([, action]) => action === 'send')
  const all = sent.map(([, , partition, value]) => `${partition} ${value}`)

  /** Up to the first record of a transaction that is open. */
  const decided = (partition: number): string[] => {
    const values = sent.filter(([, , p]) => p === partition).map(([, , , value]) => value!)
    const end = values.findIndex((value) => ended.get(value) === 'open')
    return (end < 0 ? values : values.slice(0, end))
      .filter((value) => ended.get(value) === 'commit')
      .map((value) => `${partition} ${value}`)
  }
  const committed = [...decided(0), ...decided(1)].sort()
  const partitions = [0, 1].map((partition) => new TopicPartition(topic, partition))

  beforeAll(async () => {
    await createTopic(single, topic, 2)
    const script = new URL('./support/transactions.py', import.meta.url).pathname
    const input = steps.map((step) => JSON.stringify(step)).join('\n')
    await run(tools.python, [script, single, topic], input)
  })

  test('are all there for who reads everything', async () => {
    const consumer = consumerOf(single)
    consumer.assign(partitions)
    expect((await read(consumer, all.length)).sort()).toEqual([...all].sort())
    await consumer.close()
  })

  test('give read_committed what is committed, up to the first that is open; as in Java', async () => {
    expect([...ended.values()].sort()).toContain('abort')
    expect([...ended.values()].sort()).toContain('open')
    const consumer = consumerOf(single, { 'isolation.level': 'read_committed' })
    consumer.assign(partitions)
    const values = await read(consumer, committed.length)
    expect(values.filter((value) => value.startsWith('0'))).toEqual(decided(0))
    expect(values.filter((value) => value.startsWith('1'))).toEqual(decided(1))
    // Nothing comes behind it, and the position stands where the open transaction begins.
    expect((await consumer.poll(1000)).count()).toBe(0)
    const ends = await consumer.endOffsets(partitions)
    for (const partition of partitions) {
      expect(await consumer.position(partition)).toBe(ends.get(partition))
      expect(consumer.currentLag(partition)).toBe(0)
    }
    await consumer.close()

    const java = ['-cp', tools.kafkaClasspath, `-Dlog4j2.configurationFile=${tools.log4jConfig}`]
    const out = await run('java', [
      ...java,
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      ...['--bootstrap-server', single, '--topic', topic, '--from-beginning'],
      ...['--isolation-level', 'read_committed', '--max-messages', String(committed.length)],
      ...['--timeout-ms', '20000', '--formatter-property', 'print.partition=true'],
    ])
    const javas = out.split('\n').filter((line) => line.startsWith('Partition:'))
    expect(javas.map((line) => line.replace('Partition:', '').replace('\t', ' ')).sort()).toEqual(
      committed,
    )
  })
})

test('a fetch session spares naming the partitions again, and forgets those that are dropped', async () => {
  const topic = 'sessions'
  await createTopic(single, topic, 50)
  const all = Array.from({ length: 50 }, (_, partition) => new TopicPartition(topic, partition))
  await send(
    single,
    topic,
    all.map(({ partition }) => [partition, 'first']),
  )
  const consumer = consumerOf(single, { 'fetch.max.wait.ms': 50 })
  consumer.assign(all)
  await read(consumer, 50)

  const before = {
    bytes: metric(consumer, 'outgoing-byte-total'),
    requests: metric(consumer, 'request-total'),
  }
  await send(single, topic, [[7, 'second']])
  expect(await read(consumer, 1)).toEqual(['7 second'])
  await consumer.poll(300)
  const bytes = metric(consumer, 'outgoing-byte-total') - before.bytes
  const requests = metric(consumer, 'request-total') - before.requests
  expect(requests).toBeGreaterThan(3)
  // Naming 50 partitions takes more than 30 bytes for each.
  expect(bytes / requests).toBeLessThan(300)

  consumer.assign(all.slice(1))
  await consumer.poll(100)
  await send(single, topic, [
    [0, 'of the one that was dropped'],
    [1, 'third'],
  ])
  expect(await read(consumer, 1)).toEqual(['1 third'])
  expect((await consumer.poll(500)).count()).toBe(0)
  consumer.assign(all)
  consumer.seek(all[0]!, 1)
  expect(await read(consumer, 1)).toEqual(['0 of the one that was dropped'])
  await consumer.close()
})

describe('several brokers', () => {
  let cluster: RealKafkaCluster
  beforeAll(async () => {
    cluster = await RealKafkaCluster.start(tools, [2, 3])
  }, 300_000)
  afterAll(() => cluster?.stop())

  const createOn = async (name: string, replicas: number[]) => {
    const admin = new KafkaAdminClient({ 'bootstrap.servers': cluster.bootstrapServers })
    await admin.createTopics([{ name, replicasAssignments: { 0: replicas } }]).all()
    await admin.close()
  }

  test('a consumer is sent to the replica in its rack, and comes back to the leader when that is gone', async () => {
    const near = new TopicPartition('near', 0)
    await createOn(near.topic, [2, 3])
    const consumer = consumerOf(cluster.bootstrapServers, {
      'client.rack': 'rack-3',
      'fetch.max.wait.ms': 100,
    })
    consumer.assign([near])
    const replica = () =>
      metric(consumer, 'preferred-read-replica', 'consumer-fetch-manager-metrics', {
        topic: near.topic,
        partition: '0',
      })
    await send(cluster.bootstrapServers, near.topic, [[0, 'first']])
    expect(await read(consumer, 1)).toEqual(['0 first'])
    await until('the recommendation', async () => {
      await consumer.poll(100)
      return replica() === 3
    })
    await send(cluster.bootstrapServers, near.topic, [[0, 'second']])
    expect(await read(consumer, 1)).toEqual(['0 second'])
    const node = { 'node-id': 'node-3' }
    expect(metric(consumer, 'incoming-byte-total', 'consumer-node-metrics', node)).toBeGreaterThan(
      0,
    )

    await cluster.killBroker(3)
    await send(cluster.bootstrapServers, near.topic, [[0, 'third']])
    expect(await read(consumer, 1)).toEqual(['0 third'])
    await consumer.close()
    await cluster.startBroker(3)
  })

  test('a batch that was damaged on disk is an error by its offset; behind it, it reads on', async () => {
    const damaged = new TopicPartition('damaged', 0)
    await createOn(damaged.topic, [2])
    for (const value of ['before', 'the flaw is here', 'behind']) {
      await send(cluster.bootstrapServers, damaged.topic, [[0, value]])
    }
    // One bit, in the file that the broker sends from. It does not look at what it sends.
    const path = cluster.segmentOf(2, damaged.topic, 0)
    const at = readFileSync(path).indexOf('the flaw')
    const file = openSync(path, 'r+')
    writeSync(file, 'T', at)
    closeSync(file)

    const consumer = consumerOf(cluster.bootstrapServers)
    consumer.assign([damaged])
    expect(await read(consumer, 1)).toEqual(['0 before'])
    for (const _ of [1, 2]) {
      let failure: unknown
      await until('the error', async () => {
        await consumer.poll(100).catch((error: unknown) => {
          failure = error
        })
        return failure !== undefined
      })
      expect((failure as Error).cause).toBeInstanceOf(CorruptRecordException)
      expect((failure as Error).message).toMatch(/topic 'damaged', partition 0, at offset 1 /)
    }
    consumer.seek(damaged, 2)
    expect(await read(consumer, 1)).toEqual(['0 behind'])
    await consumer.close()

    const careless = consumerOf(cluster.bootstrapServers, { 'check.crcs': false })
    careless.assign([damaged])
    expect(await read(careless, 3)).toEqual(['0 before', '0 The flaw is here', '0 behind'])
    await careless.close()
  })

  test('a log that has lost its end is noticed: an error without a policy, else read on from the cut', async () => {
    const cut = new TopicPartition('cut', 0)
    const ten = (what: string): [number, string][] =>
      Array.from({ length: 10 }, (_, i) => [0, `${what} ${i}`])
    await createOn(cut.topic, [2, 3])
    await send(cluster.bootstrapServers, cut.topic, ten('kept'))
    await cluster.killBroker(3)
    await send(cluster.bootstrapServers, cut.topic, ten('lost'), '1')

    const strict = consumerOf(cluster.bootstrapServers, { 'auto.offset.reset': 'none' })
    const lenient = consumerOf(cluster.bootstrapServers)
    for (const consumer of [strict, lenient]) {
      consumer.assign([cut])
      consumer.seek(cut, 0)
      expect((await read(consumer, 20)).at(-1)).toBe('0 lost 9')
      expect(await consumer.position(cut)).toBe(20)
    }

    // The follower, which has not heard of the last ten, becomes the leader.
    await cluster.killBroker(2)
    await cluster.startBroker(3)
    // One that reads nothing asks a broker each time.
    const probe = consumerOf(cluster.bootstrapServers)
    await until('the new leader', async () => {
      const [partition] = await probe.partitionsFor(cut.topic)
      return partition?.leader?.id === 3
    })
    await probe.close()
    await send(cluster.bootstrapServers, cut.topic, ten('new'), '1')

    let failure: unknown
    await until('the truncation', async () => {
      try {
        await strict.poll(100)
      } catch (error) {
        failure = error
      }
      return failure !== undefined
    })
    expect(failure).toBeInstanceOf(LogTruncationException)
    expect((failure as LogTruncationException).divergentOffsets.get(cut)?.offset).toBe(10)
    expect(await read(lenient, 10)).toEqual(ten('new').map(([, value]) => `0 ${value}`))
    await strict.close()
    await lenient.close()
  })
})
