import { describe, expect, it } from 'vitest'
import type { RequestDataOf } from '../../src/clients/RequestBuilder.ts'
import { IllegalStateException, KafkaException } from '../../src/common/errors.ts'
import type { Headers } from '../../src/common/header/Headers.ts'
import { RecordHeaders } from '../../src/common/header/RecordHeaders.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { AppendCallbacks } from '../../src/producer/internals/AppendCallbacks.ts'
import { ProducerInterceptors } from '../../src/producer/internals/ProducerInterceptors.ts'
import { topicPartitionOf } from '../../src/producer/internals/SendFailures.ts'
import type { ProducerInterceptor } from '../../src/producer/ProducerInterceptor.ts'
import { ProducerRecord } from '../../src/producer/ProducerRecord.ts'
import { RecordMetadata } from '../../src/producer/RecordMetadata.ts'
import type { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { ascii, traceOn } from './producerSupport.ts'
import { failureOf, producerWorld, type World } from './producerWorld.ts'

class Appending implements ProducerInterceptor<number, string> {
  failOnSend = false
  failOnAcknowledgement = false
  readonly acknowledged: (RecordMetadata | null)[] = []
  readonly errors: (Error | null)[] = []
  readonly headers: string[] = []
  closed = 0
  private readonly suffix: string

  constructor(suffix: string) {
    this.suffix = suffix
  }

  onSend(record: ProducerRecord<number, string>): ProducerRecord<number, string> {
    if (this.failOnSend) throw new KafkaException('onSend')
    const { topic, partition, key, value } = record
    return new ProducerRecord({ topic, partition, key, value: value + this.suffix })
  }

  onAcknowledgement(
    metadata: RecordMetadata,
    exception: Error | null,
    headers: Iterable<unknown>,
  ): void {
    this.acknowledged.push(metadata)
    this.errors.push(exception)
    this.headers.push(String(headers))
    if (this.failOnAcknowledgement) throw new KafkaException('onAcknowledgement')
  }

  close(): void {
    this.closed++
    throw new KafkaException('close')
  }
}

const noTrace = traceOn(new MockTime())

const chainOf = () => {
  const [one, two] = [new Appending('One'), new Appending('Two')]
  const logger = new RecordingLogger()
  const chain = new ProducerInterceptors([one, two], logger, traceOn(new MockTime()))
  return { one, two, logger, chain }
}

const record = new ProducerRecord({ topic: 'test', partition: 0, key: 1, value: 'value' })

it('hands the record from one to the next, past those that fail', () => {
  covers('ProducerInterceptorsTest.testOnSendChain')
  const { one, two, logger, chain } = chainOf()
  const intercepted = chain.onSend(record)
  expect(intercepted).toMatchObject({ topic: 'test', partition: 0, key: 1, value: 'valueOneTwo' })
  expect(chain.onSend(record).equals(intercepted)).toBe(true)
  one.failOnSend = true
  expect(chain.onSend(record).value).toBe('valueTwo')
  two.failOnSend = true
  expect(chain.onSend(record)).toBe(record)
  expect(logger.messages('error')).toHaveLength(3)
})

it('tells all of the outcome, whatever one of them throws', () => {
  covers('ProducerInterceptorsTest.testOnAcknowledgementChain')
  const { one, two, chain } = chainOf()
  const metadata = new RecordMetadata(new TopicPartition('test', 0), 0, 0, 0, 0, 0)
  chain.onAcknowledgement(metadata, null, new RecordHeaders())
  one.failOnAcknowledgement = two.failOnAcknowledgement = true
  chain.onAcknowledgement(metadata, null, new RecordHeaders())
  expect([one.acknowledged, two.acknowledged]).toEqual([
    [metadata, metadata],
    [metadata, metadata],
  ])
})

describe('a send that failed', () => {
  const failed = new KafkaException('no')
  const callbackOf = (partition: number) => {
    const interceptors = { onAcknowledgement: () => {} }
    const callback = new AppendCallbacks(
      null,
      interceptors,
      new RecordHeaders(),
      new RecordingLogger(),
    )
    callback.partition = partition
    return callback
  }
  const record2 = new ProducerRecord({ topic: 'test2', key: 1, value: 'value' })

  it.each([
    ['the partition of the record', record, null, 'test', 0],
    ['no partition when none was chosen', record2, null, 'test2', -1],
    ['no partition before one was chosen', record2, callbackOf(-1), 'test2', -1],
    ['the partition that was chosen', record2, callbackOf(1), 'test2', 1],
  ])('tells all of them %s', (_, sent, callback, topic, partition) => {
    covers('ProducerInterceptorsTest.testOnAcknowledgementWithErrorChain')
    const { one, two, chain } = chainOf()
    chain.onSendError(sent, topicPartitionOf(sent, callback), failed)
    for (const { acknowledged, errors } of [one, two]) {
      expect(acknowledged).toHaveLength(1)
      expect(acknowledged[0]).toMatchObject({ topic, partition, offset: -1, timestamp: -1 })
      expect(errors).toEqual([failed])
    }
  })

  it('shows them read-only headers, and leaves those of the record writable', () => {
    const { one, two, chain } = chainOf()
    const withHeaders = new ProducerRecord({
      topic: 'test',
      value: 'v',
      headers: [{ key: 'h', value: ascii('1') }],
    })
    one.failOnAcknowledgement = true
    chain.onSendError(withHeaders, new TopicPartition('test', -1), failed)
    for (const { headers } of [one, two]) {
      expect(headers[0]).toContain('RecordHeader(key = h')
      expect(headers[0]).toContain('isReadOnly = true')
    }
    // The caller may want to try again, and to change the headers for that.
    expect(() => withHeaders.headers.add('again', null)).not.toThrow()
  })

  it('costs nothing when nobody listens', () => {
    const chain = new ProducerInterceptors<number, string>([], new RecordingLogger(), noTrace)
    const before = record2.headerArray()
    chain.onSendError(record2, new TopicPartition('test2', -1), failed)
    expect([chain.isEmpty(), record2.headerArray()]).toEqual([true, before])
  })
})

it('closes all of them', () => {
  const { one, two, logger, chain } = chainOf()
  chain.close()
  expect([one.closed, two.closed, logger.messages('error').length]).toEqual([1, 1, 2])
})

describe('in a producer', () => {
  /** The headers of the first record of the newest produce request. */
  const headersOnTheWay = ({ client }: World): string[] => {
    const { requestBuilder } = client.requests().at(-1)!
    const data = requestBuilder.build(requestBuilder.latestAllowedVersion)
    const { topicData } = data as RequestDataOf<typeof ApiKeys.PRODUCE>
    const { records } = topicData[0]!.partitionData[0]!
    const [first] = [...MemoryRecords.readableRecords(records!).records()]
    return first!.headers.map(({ key }) => key)
  }

  it('headers are added before the record is sent, and cannot be changed after that', async () => {
    const late: unknown[] = []
    const interceptor: ProducerInterceptor<string, string> = {
      onSend: (sent) => {
        sent.headers.add('trace-id', ascii('7'))
        return sent
      },
      onAcknowledgement: (_metadata, _error, headers) => {
        late.push(
          [...headers].map(({ key }) => key),
          changing(headers),
        )
      },
    }
    const sent = new ProducerRecord({ topic: 't', key: 'k', value: 'v' })
    let onTheWay: string[] = []
    const world = await producerWorld({ 'interceptor.classes': [interceptor] }, async (world) => {
      const { verdict } = world.broker
      world.broker.verdict = (...batch) => {
        onTheWay = headersOnTheWay(world)
        return verdict(...batch)
      }
      await world.producer.send(sent)
    })
    expect(world.broker.values()).toEqual(['v'])
    expect(onTheWay).toEqual(['trace-id'])
    expect(late).toEqual([['trace-id'], expect.any(IllegalStateException)])
    expect(changing(sent.headers)).toBeInstanceOf(IllegalStateException)
  })

  it('all of the chain hear of a record before its callback does, in the order of the chain', async () => {
    const heard: string[] = []
    const named = (name: string): ProducerInterceptor<string, string> => ({
      onAcknowledgement: ({ offset }) => {
        heard.push(`${name} ${offset}`)
        throw new Error(`${name} throws`)
      },
    })
    const config = { 'interceptor.classes': [named('first'), named('second')] }
    const { logger } = await producerWorld(config, async ({ producer }) => {
      const callback = ({ offset }: RecordMetadata) => {
        heard.push(`callback ${offset}`)
      }
      producer.send({ topic: 't', value: 'a' }, callback)
      producer.send({ topic: 't', value: 'b' }, callback)
      await producer.flush()
    })
    const each = (offset: number) => [`first ${offset}`, `second ${offset}`, `callback ${offset}`]
    expect(heard).toEqual([...each(0), ...each(1)])
    expect(logger.messages('error')).toHaveLength(4)
  })

  it('a record that no partition was found for is acknowledged with topic and partition -1', async () => {
    const heard: unknown[] = []
    const interceptor: ProducerInterceptor<string, string> = {
      onAcknowledgement: ({ topicPartition }, error, headers) => {
        heard.push(String(topicPartition), error?.name, changing(headers))
      },
    }
    const config = { 'interceptor.classes': [interceptor], 'max.block.ms': 50 }
    await producerWorld(config, async ({ producer }) => {
      await failureOf(producer.send({ topic: 'missing', value: 'v' }))
    })
    expect(heard).toEqual(['missing--1', 'TimeoutException', expect.any(IllegalStateException)])
  })

  it('those made from classes are handed the settings, all are closed once', async () => {
    const calls: unknown[] = []
    class FromClass implements ProducerInterceptor<string, string> {
      configure(configs: Readonly<Record<string, unknown>>): void {
        calls.push(['configured', configs['client.id'], configs['my.own.setting']])
      }

      close(): void {
        calls.push('class closed')
      }
    }
    const object: ProducerInterceptor<string, string> = {
      configure: () => calls.push('never'),
      close: () => calls.push('object closed'),
    }
    const own = { 'my.own.setting': 7 }
    const config = { 'interceptor.classes': [FromClass, object], ...own }
    await producerWorld(config, async ({ producer }) => {
      await producer.close()
    })
    expect(calls).toEqual([['configured', 'p', 7], 'class closed', 'object closed'])
  })
})

/** What is thrown when somebody adds to these headers. */
const changing = (headers: Headers): unknown => {
  try {
    headers.add('late', null)
  } catch (error) {
    return error
  }
  return 'changed'
}
