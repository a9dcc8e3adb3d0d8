/**
 * Somebody else at the other end: nobody, a stranger, one that says too much or nothing. Each ends
 * with an error of its own class, whose message says where and what to do.
 */

import { describe, expect, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { KafkaException, TimeoutException } from '../../src/common/errors.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { failureOf, onCluster, range, valuesOf } from './clusterSupport.ts'
import { type Manners, stranger } from './stranger.ts'

interface Complaints {
  readonly producer: Error
  readonly consumer: Error
  readonly admin: Error
  readonly warnings: string[]
  readonly errors: string[]
  readonly tookMs: number
}

/** What the three clients say after five seconds with whoever listens there. */
const complaintsAbout = async (manners: Manners | null): Promise<Complaints> => {
  const logger = new RecordingLogger()
  const world = new SimulatedWorld({ seed: 3, logger, maxDurationMs: 60_000 })
  return world.run(async () => {
    const leave = manners === null ? () => {} : await stranger(world, manners)
    const bootstrap = { 'bootstrap.servers': 'stranger:9092' }
    const times = { 'request.timeout.ms': 2000, 'default.api.timeout.ms': 5000 }
    const producer = new KafkaProducer(
      {
        ...bootstrap,
        'key.serializer': StringSerializer,
        'value.serializer': StringSerializer,
        'request.timeout.ms': 2000,
        'max.block.ms': 5000,
      },
      world.environment('app'),
    )
    const consumer = new KafkaConsumer(
      {
        ...bootstrap,
        ...times,
        'key.deserializer': StringDeserializer,
        'value.deserializer': StringDeserializer,
      },
      world.environment('app'),
    )
    const admin = new KafkaAdminClient({ ...bootstrap, ...times }, world.environment('app'))
    const [ofProducer, ofConsumer, ofAdmin] = await Promise.all([
      failureOf(producer.send({ topic: 'orders', value: 'v' })),
      failureOf(consumer.endOffsets([new TopicPartition('orders', 0)])),
      failureOf(admin.listTopics().names()),
    ])
    const tookMs = world.simulation.hiResClockMs()
    await Promise.all([producer.close(), consumer.close(), admin.close()])
    leave()
    return {
      producer: ofProducer,
      consumer: ofConsumer,
      admin: ofAdmin,
      warnings: logger.messages('warn'),
      errors: logger.messages('error'),
      tookMs,
    }
  })
}

const expectComplaints = (complaints: Complaints, what: RegExp): void => {
  const { producer, consumer, admin, warnings, errors, tookMs } = complaints
  for (const error of [producer, consumer, admin]) {
    expect(error).toBeInstanceOf(TimeoutException)
    expect(error.message).toMatch(what)
    expect(error.message).toMatch(/stranger:9092/)
    expect(error.message).toMatch(/bootstrap\.servers/)
  }
  expect(tookMs).toBeLessThan(8000)
  expect(errors).toEqual([])
  // Loud once per client, not once per attempt.
  expect(warnings.filter((line) => what.test(line)).length).toBeLessThanOrEqual(6)
  expect(warnings.length).toBeLessThan(40)
}

describe('a broker that is not there', () => {
  test('is named by all three clients, with what to check', async () => {
    expectComplaints(await complaintsAbout(null), /could not be established. Nobody listens/)
  })
})

describe('a port that speaks something else', () => {
  const text = (words: string) => new TextEncoder().encode(words)

  test('HTTP: its first letters are no length of a frame', async () => {
    const http = text('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    const complaints = await complaintsAbout({ answer: http, hangsUp: true })
    expectComplaints(complaints, /did not answer as a Kafka broker does/)
    expect(complaints.warnings.join('\n')).toMatch(/larger than 104857600/)
  })

  test('SSH: it speaks first', async () => {
    const complaints = await complaintsAbout({ greeting: text('SSH-2.0-OpenSSH_9.6\r\n') })
    expectComplaints(complaints, /did not answer as a Kafka broker does/)
  })

  test('a frame of the right length with nonsense in it: told once, not each time', async () => {
    const nonsense = Uint8Array.of(0, 0, 0, 12, ...range(12).map((i) => 200 + i))
    const complaints = await complaintsAbout({ answer: nonsense })
    expectComplaints(complaints, /did not answer as a Kafka broker does/)
  })

  test('somebody who hangs up', async () => {
    const complaints = await complaintsAbout({ hangsUp: true })
    expectComplaints(complaints, /did not answer as a Kafka broker does/)
  })

  test('somebody who listens and says nothing', async () => {
    const silence = /(did not answer|did not become ready for requests) within 2000 ms/
    expectComplaints(await complaintsAbout({}), silence)
  })
})

describe('a frame longer than the limit', () => {
  test(
    'of the broker: the records fail in their time, and the log of the broker says which limit',
    onCluster(
      async (t) => {
        const settings = { 'delivery.timeout.ms': 5000, 'request.timeout.ms': 2000 }
        const producer = t.producer(settings)
        await producer.send({ topic: 'orders', value: 'fits' })
        const error = await failureOf(producer.send({ topic: 'orders', value: 'x'.repeat(9000) }))
        expect(error).toBeInstanceOf(KafkaException)
        expect(error.message).toMatch(/orders-0.*Attempts that failed: \d+; the log says why/)
        expect(await producer.send({ topic: 'orders', value: 'fits' })).toMatchObject({ offset: 1 })
        expect(valuesOf(await t.contents('orders'))).toEqual(['fits', 'fits'])
        expect(t.logger.messages('warn').join('\n')).toMatch(/larger than 5000/)
      },
      { config: { 'socket.request.max.bytes': 5000 } },
    ),
  )
})

describe('over TCP', () => {
  test('a broker that is not there is named within the time of the call, for real', async () => {
    const cluster = await EmbeddedCluster.start()
    const port = cluster.broker(1).port
    await cluster.close()
    const logger = new RecordingLogger()
    const admin = new KafkaAdminClient(
      {
        'bootstrap.servers': `127.0.0.1:${port}`,
        'default.api.timeout.ms': 600,
        'request.timeout.ms': 500,
      },
      { logger },
    )
    const error = await failureOf(admin.listTopics().names())
    expect(error).toBeInstanceOf(TimeoutException)
    expect(error.message).toMatch(new RegExp(`Nobody listens at 127.0.0.1:${port}`))
    await admin.close()
  })
})
