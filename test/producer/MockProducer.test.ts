import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { Cluster } from '../../src/common/Cluster.ts'
import {
  IllegalArgumentException,
  IllegalStateException,
  SerializationException,
  TimeoutException,
} from '../../src/common/errors.ts'
import { MetricName } from '../../src/common/MetricName.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { PartitionInfo } from '../../src/common/PartitionInfo.ts'
import { IntegerSerializer } from '../../src/common/serialization/IntegerSerializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import type { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import type { Producer } from '../../src/producer/Producer.ts'
import { ProducerRecord } from '../../src/producer/ProducerRecord.ts'
import { RecordMetadata } from '../../src/producer/RecordMetadata.ts'
import { RoundRobinPartitioner } from '../../src/producer/RoundRobinPartitioner.ts'
import { MockProducer } from '../../src/testing/MockProducer.ts'
import { covers } from '../support/covers.ts'

const TOPIC = 'topic'
const record1 = new ProducerRecord({ topic: TOPIC, key: 'key1', value: 'value1' })
const record2 = new ProducerRecord({ topic: TOPIC, key: 'key2', value: 'value2' })

/** `topic` with partitions that have no leader. */
const clusterOf = (partitions: number): Cluster =>
  new Cluster({
    partitions: Array.from(
      { length: partitions },
      (_, i) => new PartitionInfo(TOPIC, i, null, [], []),
    ),
  })

const autoCompleting = () => new MockProducer<string, string>()
const manual = () => new MockProducer<string, string>({ autoComplete: false })

describe('acknowledged at once', () => {
  test('a record is in the history, and its future done', async () => {
    covers('MockProducerTest.testAutoCompleteMock')
    const producer = autoCompleting()
    const sent = producer.send(record1)
    expect(sent.isDone()).toBe(true)
    expect(await sent).toMatchObject({ topic: TOPIC, partition: 0, offset: 0 })
    expect(producer.history()).toEqual([record1])
    producer.clear()
    expect(producer.history()).toEqual([])
  })

  test('a plain object is a record as well', () => {
    const producer = autoCompleting()
    producer.send({ topic: TOPIC, partition: 2, key: 'k', value: 'v', headers: [] })
    const [record] = producer.history()
    expect(record).toBeInstanceOf(ProducerRecord)
    expect(record).toMatchObject({ topic: TOPIC, partition: 2, key: 'k', value: 'v' })
  })

  test('offsets rise in each partition, also after clear', async () => {
    const producer = autoCompleting()
    const offsets: number[] = []
    for (const partition of [0, 1, 0, 0]) {
      producer.clear()
      offsets.push((await producer.send({ topic: TOPIC, partition, value: 'v' })).offset)
    }
    expect(offsets).toEqual([0, 0, 1, 2])
  })

  test('the callback hears of it before the future is done', () => {
    const heard: unknown[] = []
    const producer = manual()
    const sent = producer.send(record1, (metadata, error) => {
      heard.push(metadata.offset, error, sent.isDone())
    })
    producer.completeNext()
    expect(heard).toEqual([0, null, false])
    expect(sent.isDone()).toBe(true)
  })

  test('an assertion that fails in a callback fails the test, and the future is done', () => {
    const producer = manual()
    const sent = producer.send(record1, () => {
      throw new Error('expected 7')
    })
    expect(() => producer.completeNext()).toThrow('expected 7')
    expect(sent.isDone()).toBe(true)
  })
})

describe('acknowledged by the test', () => {
  test('records get their outcome one by one, good or bad, or all by flush', async () => {
    covers('MockProducerTest.testManualCompletion')
    const producer = manual()
    const first = producer.send(record1)
    const second = producer.send(record2)
    expect([first.isDone(), second.isDone()]).toEqual([false, false])
    expect(producer.completeNext()).toBe(true)
    expect((await first).offset).toBe(0)
    expect(second.isDone()).toBe(false)
    const error = new IllegalArgumentException('blah')
    expect(producer.errorNext(error)).toBe(true)
    await expect(second.get()).rejects.toBe(error)
    expect(producer.completeNext()).toBe(false)

    const others = [producer.send(record1), producer.send(record2)]
    expect(others.some((sent) => sent.isDone())).toBe(false)
    await producer.flush()
    expect(others.every((sent) => sent.isDone())).toBe(true)
    expect(producer.history()).toHaveLength(4)
  })

  test('a failed record tells its callback the partition, and nothing else', async () => {
    covers('MockProducerTest.testMetadataOnException')
    const producer = manual()
    const error = new IllegalArgumentException('dummy exception')
    const heard: unknown[] = []
    const sent = producer.send(record2, (metadata, exception) => {
      heard.push(metadata, exception)
    })
    expect(producer.errorNext(error)).toBe(true)
    expect(heard[0]).toBeInstanceOf(RecordMetadata)
    expect(heard[0]).toMatchObject({
      topic: TOPIC,
      offset: -1,
      timestamp: -1,
      serializedKeySize: -1,
      serializedValueSize: -1,
    })
    expect(heard[1]).toBe(error)
    await expect(sent.get()).rejects.toBe(error)
  })

  test('flushed says whether all have their outcome', async () => {
    covers(
      'MockProducerTest.shouldBeFlushedIfNoBufferedRecords',
      'MockProducerTest.shouldBeFlushedWithAutoCompleteIfBufferedRecords',
      'MockProducerTest.shouldNotBeFlushedWithNoAutoCompleteIfBufferedRecords',
      'MockProducerTest.shouldNotBeFlushedAfterFlush',
    )
    const atOnce = autoCompleting()
    expect(atOnce.flushed()).toBe(true)
    atOnce.send(record1)
    expect(atOnce.flushed()).toBe(true)
    const producer = manual()
    producer.send(record1)
    expect(producer.flushed()).toBe(false)
    await producer.flush()
    expect(producer.flushed()).toBe(true)
  })

  test('who waits with a time-out waits on the clock that was given', async () => {
    const time = new MockTime()
    const producer = new MockProducer<string, string>({ autoComplete: false, time })
    const waiting = producer.send(record1).get(100)
    await time.sleep(101)
    await expect(waiting).rejects.toThrow(TimeoutException)
  })

  test('clear forgets what has no outcome', () => {
    const producer = manual()
    const sent = producer.send(record1)
    producer.clear()
    expect(producer.completeNext()).toBe(false)
    expect(sent.isDone()).toBe(false)
  })
})

describe('partitions', () => {
  test('are chosen by the partitioner that was given', async () => {
    covers('MockProducerTest.testPartitioner')
    const producer = new MockProducer<string, string>({
      cluster: clusterOf(2),
      partitioner: new RoundRobinPartitioner(),
      keySerializer: new StringSerializer(),
      valueSerializer: new StringSerializer(),
    })
    const chosen = [await producer.send(record1), await producer.send(record1)]
    expect(chosen.map(({ partition }) => partition)).toEqual([0, 1])
    producer.clear()
    expect(producer.history()).toHaveLength(0)
    await producer.close()
  })

  test('are handed to it with bytes and cluster', () => {
    const asked: unknown[][] = []
    const cluster = clusterOf(2)
    const producer = new MockProducer<string, string>({
      cluster,
      partitioner: {
        partition: (...given) => {
          asked.push(given)
          return 1
        },
      },
      keySerializer: new StringSerializer(),
    })
    producer.send(record1)
    expect(asked).toEqual([
      [TOPIC, 'key1', new TextEncoder().encode('key1'), 'value1', null, cluster],
    ])
  })

  test('that a record names must be there, when the topic is known', async () => {
    const producer = new MockProducer<string, string>({ cluster: clusterOf(2) })
    const to = (partition: number) => producer.send({ topic: TOPIC, partition, value: 'v' })
    expect((await to(1)).partition).toBe(1)
    expect(() => to(2)).toThrow(IllegalArgumentException)
    expect(producer.history()).toHaveLength(1)
    expect((await producer.send(record1)).partition).toBe(0)
  })

  test('of a topic are those of the cluster that was given', async () => {
    const cluster = clusterOf(3)
    const producer = new MockProducer<string, string>({ cluster })
    expect(await producer.partitionsFor(TOPIC)).toBe(cluster.partitionsForTopic(TOPIC))
    expect(await producer.partitionsFor('other')).toEqual([])
  })
})

describe('errors', () => {
  let producer: MockProducer<string, string>
  beforeEach(() => {
    producer = autoCompleting()
  })

  test('what a serializer does not take is refused, as in production', () => {
    covers('MockProducerTest.shouldThrowClassCastException')
    const typed = new MockProducer<number, string>({
      keySerializer: new IntegerSerializer(),
      valueSerializer: new StringSerializer(),
    })
    const send = () => typed.send({ topic: TOPIC, key: 'key1' as never, value: 'value1' })
    expect(send).toThrow(SerializationException)
    expect(typed.history()).toEqual([])
  })

  test('after close nothing can be sent or flushed', async () => {
    covers(
      'MockProducerTest.shouldThrowOnSendIfProducerIsClosed',
      'MockProducerTest.shouldThrowOnFlushProducerIfProducerIsClosed',
    )
    expect(producer.closed()).toBe(false)
    await producer.close()
    expect(producer.closed()).toBe(true)
    expect(() => producer.send(null as never)).toThrow(IllegalStateException)
    await expect(producer.flush()).rejects.toThrow(IllegalStateException)
  })

  test('a test can make each call fail', async () => {
    const error = new TimeoutException('as the test wants it')
    producer.sendException = error
    producer.flushException = error
    producer.partitionsForException = error
    producer.closeException = error
    expect(() => producer.send(record1)).toThrow(error)
    await expect(producer.flush()).rejects.toBe(error)
    await expect(producer.partitionsFor(TOPIC)).rejects.toBe(error)
    await expect(producer.close()).rejects.toBe(error)
    expect([producer.history(), producer.closed()]).toEqual([[], false])

    producer.sendException = null
    producer.closeException = null
    producer.send(record1)
    await producer[Symbol.asyncDispose]()
    expect([producer.history(), producer.closed()]).toEqual([[record1], true])
  })
})

test('metrics are those that the test put there', () => {
  const producer = autoCompleting()
  const name = () => new MetricName('record-send-rate', 'producer-metrics')
  expect(producer.metrics().size).toBe(0)
  producer.setMockMetrics(name(), 7)
  producer.setMockMetrics(name(), 8)
  expect(producer.metrics().size).toBe(1)
  expect(producer.metrics().get(name())?.metricValue()).toBe(8)
})

test('code that takes a Producer takes the real one and this one', () => {
  expectTypeOf<KafkaProducer<string, number>>().toExtend<Producer<string, number>>()
  expectTypeOf<MockProducer<string, number>>().toExtend<Producer<string, number>>()
})
