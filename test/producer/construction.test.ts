/**
 * How a producer is made, step by step in Kafka's order, and what is left when a step fails:
 * nothing.
 *
 *     1 settings    2 client id and log   3 partitioner   4 key serializer   5 value serializer
 *     6 interceptors   7 accumulator      8 metadata, from bootstrap.servers  9 client and Sender
 */

import { describe, expect, it } from 'vitest'
import { ConfigException } from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { ByteArraySerializer } from '../../src/common/serialization/ByteArraySerializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { ProducerConfig } from '../../src/producer/ProducerConfig.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { producerWorld } from './producerWorld.ts'

interface Behaviour {
  /** The plug-in whose `configure` throws. */
  readonly fails?: string
  /** The plug-in whose `close` throws. */
  readonly cannotClose?: string
}

/** Four plug-ins that write down what is done with them. */
const pluginsOf = (story: string[], { fails, cannotClose }: Behaviour) => {
  const pluginOf = (name: string) =>
    class {
      configure(): void {
        story.push(`make ${name}`)
        if (name === fails) throw new Error(`no ${name}`)
      }

      serialize(_topic: string, _data: string | null): Uint8Array {
        return new Uint8Array(0)
      }

      partition(): number {
        return 0
      }

      close(): void {
        story.push(`close ${name}`)
        if (name === cannotClose) throw new Error(`${name} will not close`)
      }
    }
  return {
    'partitioner.class': pluginOf('partitioner'),
    'key.serializer': pluginOf('key'),
    'value.serializer': pluginOf('value'),
    'interceptor.classes': [pluginOf('interceptor'), pluginOf('interceptor 2')],
  }
}

const made = (...names: string[]): string[] => names.map((name) => `make ${name}`)
const closed = (...names: string[]): string[] => names.map((name) => `close ${name}`)

const ALL = ['partitioner', 'key', 'value', 'interceptor', 'interceptor 2']
/** Interceptors first, for they may want to use the others; then the last made first. */
const ALL_CLOSED = closed('interceptor', 'interceptor 2', 'value', 'key', 'partitioner')

const attempt = (settings: object, behaviour: Behaviour = {}) => {
  const story: string[] = []
  const logger = new RecordingLogger()
  const time = new MockTime()
  const make = () =>
    new KafkaProducer<string, string>(
      { 'bootstrap.servers': 'localhost:9999', ...pluginsOf(story, behaviour), ...settings },
      { time, logger },
    )
  return { story, logger, make }
}

describe('a producer', () => {
  it("makes its parts in Kafka's order, and closes them all", async () => {
    const { story, make } = attempt({})
    const producer = make()
    expect(story).toEqual(made(...ALL))
    story.length = 0
    await producer.close(0)
    expect(story).toEqual(ALL_CLOSED)
  })

  it.each([
    ['settings: a value that cannot be', { 'linger.ms': -1 }, {}, []],
    ['settings: one that is refused', { 'ssl.protocol': 'TLS' }, {}, []],
    [
      'the partitioner',
      {},
      { fails: 'partitioner' },
      [...made('partitioner'), ...closed('partitioner')],
    ],
    [
      'the key serializer',
      {},
      { fails: 'key' },
      [...made('partitioner', 'key'), ...closed('key', 'partitioner')],
    ],
    [
      'the value serializer',
      {},
      { fails: 'value' },
      [...made('partitioner', 'key', 'value'), ...closed('value', 'key', 'partitioner')],
    ],
    [
      'an interceptor',
      {},
      { fails: 'interceptor 2' },
      [...made(...ALL), ...closed('interceptor 2', 'interceptor', 'value', 'key', 'partitioner')],
    ],
    [
      'the accumulator: no time for an attempt',
      { 'delivery.timeout.ms': 1 },
      {},
      [...made(...ALL), ...ALL_CLOSED],
    ],
    [
      'the metadata: no address',
      { 'bootstrap.servers': 'localhost' },
      {},
      [...made(...ALL), ...ALL_CLOSED],
    ],
  ])('that fails at %s leaves nothing open', (_, settings, behaviour, expected) => {
    const { story, make } = attempt(settings, behaviour)
    expect(make).toThrow()
    expect(story).toEqual(expected)
  })

  it('tells why it could not be made, also when a plug-in cannot be closed either', () => {
    const { story, logger, make } = attempt(
      { 'bootstrap.servers': 'localhost' },
      { cannotClose: 'value' },
    )
    expect(make).toThrow(ConfigException)
    expect(make).toThrow(/bootstrap\.servers/)
    expect(story.slice(0, 10)).toEqual([...made(...ALL), ...ALL_CLOSED])
    expect(logger.messages('error').join()).toContain('Failed to close the value.serializer')
  })

  it('takes serializers as classes and as objects, in any mixture', async () => {
    covers('ProducerConfigTest.testAppendSerializerToConfig')
    const object = new StringSerializer()
    for (const key of [ByteArraySerializer, object]) {
      for (const value of [StringSerializer, new ByteArraySerializer()]) {
        const config = new ProducerConfig({
          'bootstrap.servers': 'localhost:9999',
          'key.serializer': key,
          'value.serializer': value,
        })
        expect([config.get('key.serializer'), config.get('value.serializer')]).toEqual([key, value])
      }
    }
    const settings = { 'key.serializer': object, 'value.serializer': StringSerializer }
    await producerWorld(settings, async ({ producer }) => {
      const sent = await producer.send({ topic: 't', key: 'ab', value: 'abc' })
      expect([sent.serializedKeySize, sent.serializedValueSize]).toEqual([2, 3])
    })
  })
})
