import { describe, expect, it } from 'vitest'
import {
  InvalidTopicException,
  RecordTooLargeException,
  UnknownTopicOrPartitionException,
} from '../../src/common/errors/ApiExceptions.ts'
import {
  ConfigException,
  IllegalArgumentException,
  IllegalStateException,
  KafkaException,
  SerializationException,
  TimeoutException,
} from '../../src/common/errors.ts'
import type { Headers } from '../../src/common/header/Headers.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import type { Configs, Serializer } from '../../src/common/serialization/Serializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import type { ProducerInterceptor } from '../../src/producer/ProducerInterceptor.ts'
import { ProducerRecord } from '../../src/producer/ProducerRecord.ts'
import type { RecordMetadata } from '../../src/producer/RecordMetadata.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { ascii, RecordingCallback } from './producerSupport.ts'
import { failureOf, producerWorld } from './producerWorld.ts'

/** A name of Kafka's that is longer than a line should be. */
const CLOSES_THE_OTHERS =
  'testInterceptorConstructorConfigurationWithException' + 'ShouldCloseRemainingInstances'

const value = (i: number): string => `v${i}`
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

describe('sending', () => {
  it('brings records to their partition, in order, and tells where they are', async () => {
    await producerWorld({}, async ({ producer, broker }) => {
      const sent = range(10).map((i) => producer.send({ topic: 't', key: 'k', value: value(i) }))
      const metadata = await Promise.all(sent)
      expect(metadata.map(({ offset }) => offset)).toEqual(range(10))
      expect(metadata[0]).toMatchObject({ topic: 't', partition: 0, serializedValueSize: 2 })
      expect(broker.values()).toEqual(range(10).map(value))
      expect(broker.batches).toBe(1)
    })
  })

  it('tells its story on the trace bus, station by station', async () => {
    const { trace } = await producerWorld({}, async ({ producer, trace }) => {
      await producer.partitionsFor('t')
      trace.length = 0
      await producer.send({ topic: 't', key: 'k', value: 'v' })
    })
    const names = trace.map(({ name }) => name).filter((name) => name.startsWith('producer.'))
    const inOrder = [...new Set(names)]
    expect(inOrder.slice(0, 8)).toEqual([
      'producer.send',
      'producer.interceptors.onSend',
      'producer.waitOnMetadata',
      'producer.serialize',
      'producer.partition',
      'producer.bufferPool.allocate',
      'producer.batch.tryAppend',
      'producer.accumulator.append',
    ])
    expect(inOrder).toEqual(
      expect.arrayContaining([
        'producer.sender.wakeup',
        'producer.sender.runOnce',
        'producer.accumulator.ready',
        'producer.accumulator.drain',
        'producer.sender.sendProduceRequest',
        'producer.sender.handleProduceResponse',
        'producer.sender.completeBatch',
        'producer.batch.complete',
        'producer.bufferPool.deallocate',
      ]),
    )
  })

  it('calls back in order, and with several batches in flight', async () => {
    await producerWorld({ 'batch.size': 200 }, async ({ producer }) => {
      const callback = new RecordingCallback()
      for (const i of range(50)) {
        producer.send({ topic: 't', partition: 0, value: value(i) }, callback.fn)
      }
      await producer.flush()
      expect(callback.calls.map(({ metadata }) => metadata.offset)).toEqual(range(50))
      expect(callback.calls.every(({ exception }) => exception === null)).toBe(true)
    })
  })

  it('batches single sends by linger.ms (kafkajs #970, #1161)', async () => {
    await producerWorld({ 'linger.ms': 20 }, async ({ producer, broker, time }) => {
      await producer.partitionsFor('t')
      const start = time.milliseconds()
      const single = async (i: number): Promise<number> => {
        await time.sleep(i)
        await producer.send({ topic: 't', value: value(i) })
        return time.milliseconds() - start
      }
      const tookMs = await Promise.all(range(10).map(single))
      expect(broker.requests).toBe(1)
      expect(new Set(tookMs)).toEqual(new Set([20 + broker.latencyMs]))
    })
  })

  it('gives null keys and values as null', async () => {
    await producerWorld({}, async ({ producer }) => {
      const metadata = await producer.send({ topic: 't', key: null, value: null })
      expect([metadata.serializedKeySize, metadata.serializedValueSize]).toEqual([-1, -1])
    })
  })

  it("takes the record's own time stamp, or the time of `send`", async () => {
    await producerWorld({}, async ({ producer, time }) => {
      await producer.partitionsFor('t')
      const now = time.milliseconds()
      const [own, given] = await Promise.all([
        producer.send({ topic: 't', value: 'a' }),
        producer.send({ topic: 't', value: 'b', timestamp: 12_345 }),
      ])
      expect([own.timestamp, given.timestamp]).toEqual([now, 12_345])
    })
  })
})

describe('metadata', () => {
  it('is asked for once, by the first record of a topic', async () => {
    covers('KafkaProducerTest.testMetadataFetch')
    await producerWorld({}, async ({ producer, metadata }) => {
      const before = metadata.updateVersion()
      const first = producer.send({ topic: 't', value: 'a' })
      expect(first.appended).toBeInstanceOf(Promise)
      await first.appended
      expect(metadata.updateVersion()).toBe(before + 1)
      const second = producer.send({ topic: 't', value: 'b' })
      expect(second.appended).toBeNull()
      expect((await producer.partitionsFor('t')).map(({ partition }) => partition)).toEqual([0])
      await Promise.all([first, second])
      expect(metadata.updateVersion()).toBe(before + 1)
    })
  })

  it('is asked for again when the topic was forgotten', async () => {
    covers('KafkaProducerTest.testMetadataExpiry', 'KafkaProducerTest.testTopicExpiryInMetadata')
    const config = { 'metadata.max.idle.ms': 60_000, 'max.block.ms': 30_000 }
    await producerWorld(config, async ({ producer, broker, metadata, time }) => {
      const forget = async (): Promise<void> => {
        await time.sleep(120_000)
        metadata.updateWithCurrentRequestVersion(
          broker.metadataFor(['t']),
          false,
          time.milliseconds(),
        )
        expect(metadata.containsTopic('t')).toBe(false)
      }
      const sent = producer.send({ topic: 't', value: 'a' })
      expect((await sent).offset).toBe(0)
      // Known: nobody is asked.
      const version = metadata.updateVersion()
      await producer.send({ topic: 't', value: 'b' })
      expect(metadata.updateVersion()).toBe(version)

      await forget()
      const again = producer.send({ topic: 't', value: 'c' })
      expect(again.appended).toBeInstanceOf(Promise)
      expect((await again).offset).toBe(2)

      // Forgotten once more, and this time nobody answers.
      await forget()
      broker.metadataAnswers = false
      const start = time.milliseconds()
      expect(await failureOf(producer.partitionsFor('t'))).toBeInstanceOf(TimeoutException)
      expect(time.milliseconds() - start).toBe(30_000)
    })
  })

  it('that does not name the topic fails the send after max.block.ms', async () => {
    covers(
      'KafkaProducerTest.testMetadataTimeoutWithMissingTopic',
      'KafkaProducerTest.testTopicNotExistingInMetadata',
    )
    await producerWorld({ 'max.block.ms': 3000 }, async ({ producer, time }) => {
      const start = time.milliseconds()
      const error = await failureOf(producer.send({ topic: 'missing', value: 'a' }))
      expect(time.milliseconds() - start).toBe(3000)
      expect(error).toBeInstanceOf(TimeoutException)
      expect(error.message).toMatch(/^Topic missing not present in metadata after 3000 ms\./)
      expect(error.cause).toBeInstanceOf(UnknownTopicOrPartitionException)
      const partitions = await failureOf(producer.partitionsFor('missing'))
      expect(partitions).toBeInstanceOf(TimeoutException)
      expect(partitions.cause).toBeInstanceOf(UnknownTopicOrPartitionException)
    })
  })

  it('is waited for until a partition is there that was added', async () => {
    covers('KafkaProducerTest.testMetadataWithPartitionOutOfRange')
    await producerWorld({}, async ({ producer, broker, time }) => {
      const sent = producer.send({ topic: 't', partition: 2, value: 'a' })
      await time.sleep(500)
      expect(sent.isDone()).toBe(false)
      broker.topics['t'] = 3
      expect(await sent).toMatchObject({ partition: 2, offset: 0 })
    })
  })

  it('that never has the partition fails the send, and says how many there are', async () => {
    covers('KafkaProducerTest.testMetadataTimeoutWithPartitionOutOfRange')
    await producerWorld({ 'max.block.ms': 2000 }, async ({ producer }) => {
      const error = await failureOf(producer.send({ topic: 't', partition: 2, value: 'a' }))
      expect(error.message).toMatch(
        /^Partition 2 of topic t with partition count 1 is not present in metadata after 2000 ms\./,
      )
    })
  })

  it('is refreshed for a topic that appears while it is waited for', async () => {
    covers('KafkaProducerTest.testTopicRefreshInMetadata')
    await producerWorld({}, async ({ producer, broker, time }) => {
      const sent = producer.send({ topic: 'new', value: 'a' })
      await time.sleep(2000)
      broker.topics['new'] = 1
      expect(await sent).toMatchObject({ topic: 'new', offset: 0 })
    })
  })

  it('that calls the name impossible fails the send at once', async () => {
    covers('KafkaProducerTest.testSendToInvalidTopic')
    const topic = 'topic abc'
    await producerWorld(
      {},
      async ({ producer, metadata, time }) => {
        const start = time.milliseconds()
        const error = await failureOf(producer.send({ topic, value: 'a' }))
        expect(error).toBeInstanceOf(InvalidTopicException)
        expect(metadata.fetch().invalidTopics).toEqual(new Set([topic]))
        // Known to be impossible by now: no waiting at all.
        const again = producer.send({ topic, value: 'b' })
        expect(again.isDone()).toBe(true)
        expect(await failureOf(again)).toBeInstanceOf(InvalidTopicException)
        expect(time.milliseconds() - start).toBeLessThan(100)
      },
      (broker) => {
        broker.topicErrors[topic] = Errors.INVALID_TOPIC_EXCEPTION
      },
    )
  })

  it('cannot be asked about no topic', async () => {
    covers(
      'KafkaProducerTest.testPartitionsForWithNullTopic',
      'KafkaProducerTest.testNullTopicName',
    )
    await producerWorld({}, async ({ producer }) => {
      expect(await failureOf(producer.partitionsFor(null as never))).toBeInstanceOf(
        IllegalArgumentException,
      )
      expect(() => producer.send({ topic: null as never, value: 'a' })).toThrow(
        IllegalArgumentException,
      )
    })
  })
})

describe('a record', () => {
  it('has read-only headers once it is sent', async () => {
    covers('KafkaProducerTest.testHeadersSuccess')
    const seen: string[] = []
    class Noting implements Serializer<string> {
      serialize(_topic: string, data: string | null, headers?: Headers): Uint8Array {
        headers!.add('noted', null)
        seen.push(...Array.from(headers!, ({ key }) => key))
        return ascii(data ?? '')
      }
    }
    await producerWorld({ 'value.serializer': Noting }, async ({ producer }) => {
      await producer.partitionsFor('t')
      const headers = [{ key: 'test', value: ascii('h') }]
      const record = new ProducerRecord({ topic: 't', value: 'v', headers })
      const sent = producer.send(record)
      expect(() => record.headers.add('late', null)).toThrow(IllegalStateException)
      expect(seen).toEqual(['test', 'noted'])
      await sent
      await producer.send(new ProducerRecord({ topic: 't', value: 'v', headers: record.headers }))
    })
  })

  it('may still be changed after a send that failed', async () => {
    covers('KafkaProducerTest.testHeadersFailure')
    await producerWorld({ 'max.block.ms': 5 }, async ({ producer }) => {
      const record = new ProducerRecord({ topic: 'missing', value: 'v' })
      await failureOf(producer.send(record))
      expect(() => record.headers.add('again', null)).not.toThrow()
    })
  })

  it('above max.request.size is refused, with its size and the limit', async () => {
    await producerWorld({ 'max.request.size': 1000 }, async ({ producer }) => {
      await producer.partitionsFor('t')
      const callback = new RecordingCallback()
      const sent = producer.send({ topic: 't', value: 'x'.repeat(1000) }, callback.fn)
      expect(sent.isDone()).toBe(true)
      expect(callback.calls).toHaveLength(1)
      const error = await failureOf(sent)
      expect(error).toBeInstanceOf(RecordTooLargeException)
      expect(error.message).toMatch(/10\d\d bytes.*1000.*max\.request\.size/)
    })
  })

  it('above buffer.memory is refused as well: it could never be held', async () => {
    const config = { 'buffer.memory': 500, 'batch.size': 100 }
    await producerWorld(config, async ({ producer }) => {
      await producer.partitionsFor('t')
      const error = await failureOf(producer.send({ topic: 't', value: 'x'.repeat(600) }))
      expect(error).toBeInstanceOf(RecordTooLargeException)
      expect(error.message).toContain('buffer.memory')
    })
  })

  it('of the wrong type is refused by its serializer, at once', async () => {
    const shouting = {
      serialize: (_topic: string, data: string | null) => ascii(data!.toUpperCase()),
    }
    await producerWorld({ 'value.serializer': shouting }, async ({ producer, broker }) => {
      await producer.partitionsFor('t')
      const send = () => producer.send({ topic: 't', value: 5 as never })
      expect(send).toThrow(SerializationException)
      expect(send).toThrow(/Cannot convert value of type Number.*'value\.serializer'/)
      await producer.send({ topic: 't', value: 'good' })
      expect(broker.values()).toEqual(['GOOD'])
    })
  })

  it('whose serializer gives no bytes is refused', async () => {
    const broken = { serialize: (_topic: string, _data: string | null) => 'text' as never }
    await producerWorld({ 'value.serializer': broken }, async ({ producer }) => {
      await producer.partitionsFor('t')
      expect(() => producer.send({ topic: 't', value: 'v' })).toThrow(/neither a Uint8Array nor/)
    })
  })

  it('goes where the partitioner says', async () => {
    const partitioner = {
      partition: (_topic: string, key: string | null) => Number(key),
    }
    await producerWorld(
      { 'partitioner.class': partitioner },
      async ({ producer }) => {
        await producer.partitionsFor('t')
        for (const partition of [2, 0]) {
          const sent = producer.send({ topic: 't', key: String(partition), value: 'v' })
          expect((await sent).partition).toBe(partition)
        }
      },
      (broker) => {
        broker.topics['t'] = 3
      },
    )
  })

  it('cannot go to a partition below 0', async () => {
    covers('KafkaProducerTest.negativePartitionShouldThrow')
    class Negative {
      partition(): number {
        return -1
      }
    }
    await producerWorld({ 'partitioner.class': Negative }, async ({ producer }) => {
      await producer.partitionsFor('t')
      expect(() => producer.send({ topic: 't', value: 'v' })).toThrow(
        /invalid partition number: -1/,
      )
    })
  })
})

describe('interceptors', () => {
  const interceptorOf = () => {
    const acknowledged: [RecordMetadata, Error | null][] = []
    const interceptor: ProducerInterceptor<string, string> = {
      onSend: (record) => new ProducerRecord({ topic: record.topic, value: `${record.value}!` }),
      onAcknowledgement: (metadata, exception) => acknowledged.push([metadata, exception]),
    }
    return { interceptor, acknowledged }
  }

  it('see records before they are sent, and their fate before the callback does', async () => {
    const { interceptor, acknowledged } = interceptorOf()
    await producerWorld({ 'interceptor.classes': [interceptor] }, async ({ producer, broker }) => {
      let before = -1
      await producer.send({ topic: 't', value: 'v' }, () => {
        before = acknowledged.length
      })
      expect(before).toBe(1)
      expect(broker.values()).toEqual(['v!'])
      expect(acknowledged[0]![0].offset).toBe(0)
    })
  })

  it('hear of a record that was too large, with its partition', async () => {
    covers('KafkaProducerTest.testInterceptorPartitionSetOnTooLargeRecord')
    const { interceptor, acknowledged } = interceptorOf()
    const keep = { ...interceptor, onSend: (record: ProducerRecord<string, string>) => record }
    const config = { 'interceptor.classes': [keep], 'max.request.size': 1 }
    await producerWorld(config, async ({ producer }) => {
      await producer.partitionsFor('t')
      await failureOf(producer.send({ topic: 't', partition: 0, value: 'v' }))
      expect(acknowledged).toHaveLength(1)
      expect(acknowledged[0]![0]).toMatchObject({ topic: 't', partition: 0, offset: -1 })
      expect(acknowledged[0]![1]).toBeInstanceOf(RecordTooLargeException)
    })
  })

  it('and callbacks hear of a send that failed, with what is known', async () => {
    covers('KafkaProducerTest.testCallbackAndInterceptorHandleError')
    const { interceptor, acknowledged } = interceptorOf()
    const topic = 'topic abc'
    const config = { 'interceptor.classes': [interceptor], 'max.block.ms': 1000 }
    await producerWorld(
      config,
      async ({ producer }) => {
        const callback = new RecordingCallback()
        await failureOf(producer.send({ topic, value: 'v' }, callback.fn))
        expect(callback.calls).toHaveLength(1)
        const [{ metadata, exception }] = callback.calls as [(typeof callback.calls)[0]]
        expect(exception).toBeInstanceOf(InvalidTopicException)
        expect(metadata).toMatchObject({
          topic,
          partition: -1,
          offset: -1,
          timestamp: -1,
          serializedKeySize: -1,
          serializedValueSize: -1,
        })
        expect([metadata.hasOffset(), metadata.hasTimestamp()]).toEqual([false, false])
        expect(acknowledged).toHaveLength(1)
      },
      (broker) => {
        broker.topicErrors[topic] = Errors.INVALID_TOPIC_EXCEPTION
      },
    )
  })
})

describe('flush', () => {
  it('sends at once what lingers, and waits for it', async () => {
    covers('KafkaProducerTest.testFlushCompleteSendOfInflightBatches')
    await producerWorld({ 'linger.ms': 100_000 }, async ({ producer, time, broker }) => {
      await producer.partitionsFor('t')
      const start = time.milliseconds()
      const sent = range(50).map((i) => producer.send({ topic: 't', value: value(i) }))
      await time.sleep(1000)
      expect([broker.requests, sent.some((future) => future.isDone())]).toEqual([0, false])
      await producer.flush()
      expect(sent.every((future) => future.isDone())).toBe(true)
      expect(time.milliseconds() - start).toBe(1000 + broker.latencyMs)
    })
  })

  it('waits for records that were still waiting for metadata', async () => {
    await producerWorld({ 'linger.ms': 100_000 }, async ({ producer, broker, time }) => {
      const sent = producer.send({ topic: 'late', value: 'v' })
      const flushed = producer.flush()
      await time.sleep(1000)
      expect(sent.isDone()).toBe(false)
      broker.topics['late'] = 1
      await flushed
      expect(sent.isDone()).toBe(true)
    })
  })

  it('may be called from a callback, which cannot wait for it', async () => {
    await producerWorld({}, async ({ producer, broker }) => {
      let flushing: Promise<void> | null = null
      producer.send({ topic: 't', value: 'a' }, () => {
        producer.send({ topic: 't', value: 'b' })
        flushing = producer.flush()
      })
      await producer.flush()
      await flushing
      expect(broker.values()).toEqual(['a', 'b'])
    })
  })
})

describe('closing', () => {
  it('sends what is left, also what still waits for metadata', async () => {
    await producerWorld({ 'linger.ms': 100_000 }, async ({ producer, broker }) => {
      const sent = range(3).map((i) => producer.send({ topic: 't', value: value(i) }))
      expect(sent[0]!.appended).toBeInstanceOf(Promise)
      await producer.close()
      expect(broker.values()).toEqual(range(3).map(value))
      expect(sent.every((future) => future.isDone())).toBe(true)
    })
  })

  it('fails what is not done in time', async () => {
    await producerWorld({}, async ({ producer, broker, time }) => {
      broker.verdict = () => 'silence'
      await producer.partitionsFor('t')
      const sent = producer.send({ topic: 't', value: 'a' })
      await time.sleep(10)
      const queued = producer.send({ topic: 't', value: 'b' })
      const start = time.milliseconds()
      await producer.close(500)
      expect(time.milliseconds() - start).toBe(500)
      for (const future of [sent, queued]) {
        expect((await failureOf(future)).message).toBe('Producer is closed forcefully.')
      }
    })
  })

  it('ends sends that wait for metadata', async () => {
    covers('KafkaProducerTest.testCloseWhenWaitingForMetadataUpdate')
    await producerWorld({ 'max.block.ms': 2 ** 40 }, async ({ producer, time }) => {
      const sent = ['a', 'b'].map((v) => producer.send({ topic: 'missing', value: v }))
      const partitions = failureOf(producer.partitionsFor('missing'))
      await time.sleep(2000)
      const failures = sent.map((future) => failureOf(future))
      await producer.close(0)
      for (const failure of failures) {
        expect((await failure).message).toBe('Producer closed while send in progress')
      }
      expect(await partitions).toBeInstanceOf(KafkaException)
    })
  })

  it('may be done twice, and by a callback', async () => {
    covers('KafkaProducerTest.closeShouldBeIdempotent')
    await producerWorld({}, async ({ producer }) => {
      let closing: Promise<void> | null = null
      await producer.send({ topic: 't', value: 'a' }, () => {
        closing = producer.close()
      })
      await closing
      await producer.close()
      await producer.close(0)
    })
  })

  it('cannot take less than no time (kafkajs #1751: negative time-outs)', async () => {
    covers('KafkaProducerTest.closeWithNegativeTimestampShouldThrow')
    await producerWorld({}, async ({ producer, broker }) => {
      expect(await failureOf(producer.close(-100))).toBeInstanceOf(IllegalArgumentException)
      await producer.send({ topic: 't', value: 'still open' })
      expect(broker.values()).toHaveLength(1)
    })
  })

  it('ends sending', async () => {
    await producerWorld({}, async ({ producer }) => {
      await producer.close()
      expect(() => producer.send({ topic: 't', value: 'late' })).toThrow(IllegalStateException)
    })
  })

  it('comes with the end of a block', async () => {
    await producerWorld({}, async ({ producer, broker }) => {
      producer.send({ topic: 't', value: 'a' })
      await producer[Symbol.asyncDispose]()
      expect(broker.values()).toEqual(['a'])
    })
  })
})

describe("a producer's plug-ins", () => {
  const make = (more: object, logger = new RecordingLogger()) =>
    new KafkaProducer(
      {
        'bootstrap.servers': 'localhost:9999',
        'key.serializer': StringSerializer,
        'value.serializer': StringSerializer,
        ...more,
      },
      { time: new MockTime(), logger },
    )

  class Plugin implements Serializer<string> {
    configs: Configs | null = null
    isKey: boolean | null = null
    closed = 0

    configure(configs: Configs, isKey?: boolean): void {
      this.configs = configs
      this.isKey = isKey ?? null
      made.push(this)
    }

    serialize(): Uint8Array {
      return new Uint8Array(1)
    }

    partition(): number {
      return 0
    }

    close(): void {
      this.closed++
    }
  }
  let made: Plugin[] = []

  it('are made of classes, told the settings, and closed with the producer', async () => {
    covers(
      'KafkaProducerTest.testConstructorWithSerializers',
      'KafkaProducerTest.configurableObjectsShouldSeeGeneratedClientId',
      'KafkaProducerTest.testSerializerClose',
      'KafkaProducerTest.testPartitionerClose',
      'KafkaProducerTest.testInterceptorConstructClose',
    )
    made = []
    const producer = make({
      'key.serializer': Plugin,
      'value.serializer': Plugin,
      'partitioner.class': Plugin,
      'interceptor.classes': [Plugin],
    })
    expect(made).toHaveLength(4)
    expect(made.map(({ isKey }) => isKey)).toEqual([null, true, false, null])
    expect(producer.clientId).toMatch(/^producer-/)
    for (const { configs } of made) expect(configs!['client.id']).toBe(producer.clientId)
    await producer.close(0)
    expect(made.map(({ closed }) => closed)).toEqual([1, 1, 1, 1])
    await producer.close()
    expect(made.map(({ closed }) => closed)).toEqual([1, 1, 1, 1])
  })

  it('are taken as they are when they are objects', async () => {
    made = []
    const serializer = new Plugin()
    const producer = make({ 'value.serializer': serializer })
    expect(made).toEqual([])
    await producer.close(0)
    expect(serializer.closed).toBe(1)
  })

  it('are closed when the producer cannot be made', () => {
    covers(
      'KafkaProducerTest.testConstructorFailureCloseResource',
      `KafkaProducerTest.${CLOSES_THE_OTHERS}`,
    )
    let configured = 0
    class Failing extends Plugin {
      override configure(): void {
        configured++
        made.push(this)
        throw new ConfigException('Failed to configure')
      }
    }
    made = []
    const chain = { 'interceptor.classes': [Plugin, Failing], 'key.serializer': Plugin }
    expect(() => make(chain)).toThrow('Failed to configure')
    // The serializer, the first interceptor, and the one that failed itself.
    expect([configured, made.map(({ closed }) => closed)]).toEqual([1, [1, 1, 1]])
    made = []
    expect(() => make({ 'key.serializer': Plugin, 'bootstrap.servers': 'nowhere' })).toThrow(
      ConfigException,
    )
    expect(made.map(({ closed }) => closed)).toEqual([1])
  })

  it('include serializers, and settings leave time for an attempt, or none is made', async () => {
    covers(
      'KafkaProducerTest.testNoSerializerProvided',
      'KafkaProducerTest.testDeliveryTimeoutAndLingerMsConfig',
    )
    expect(() => make({ 'key.serializer': undefined })).toThrow(ConfigException)
    const times = { 'delivery.timeout.ms': 1000, 'request.timeout.ms': 1 }
    expect(() => make({ ...times, 'linger.ms': 1000 })).toThrow(ConfigException)
    await make({ ...times, 'linger.ms': 999 }).close(0)
  })

  it('that cannot be closed are reported, after all others were closed', async () => {
    made = []
    class Broken extends Plugin {
      override close(): void {
        throw new Error('I will not')
      }
    }
    const producer = make({ 'key.serializer': Plugin, 'value.serializer': Broken })
    const error = await failureOf(producer.close(0))
    expect(error).toBeInstanceOf(KafkaException)
    expect((error.cause as Error).message).toBe('I will not')
    expect(made[0]!.closed).toBe(1)
  })

  it('are not blamed for settings that nobody uses', async () => {
    covers('KafkaProducerTest.testUnusedConfigs')
    const logger = new RecordingLogger()
    const producer = make({ 'ssl.protocol': 'TLSv1.3', 'bufer.memory': 5 }, logger)
    const warnings = logger.messages('warn').join('\n')
    expect(logger.messages('info').join('\n')).toMatch(/not used: .*ssl\.protocol/)
    expect(warnings).toMatch(/'bufer\.memory'.*Did you mean 'buffer\.memory'/)
    expect(warnings).not.toContain("'key.serializer'")
    await producer.close(0)
  })
})
