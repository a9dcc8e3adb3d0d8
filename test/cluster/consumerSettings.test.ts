/**
 * Settings of a consumer at work, all the way down to the network: what they change can be seen
 * from outside. `consumer/settingsOfKafka.test.ts` says for every setting which test shows it.
 *
 * Times have 20 % of chance in them where Kafka's have; a test then says between what they lie.
 */

import { describe, expect, test } from 'vitest'
import { TimeoutException } from '../../src/common/errors.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import {
  type ClusterTest,
  type ConsumerSettings,
  failureOf,
  onCluster,
  range,
  type StringConsumer,
} from './clusterSupport.ts'
import { expectAbout, gapsOf, setupLimits } from './waits.ts'

const P0 = new TopicPartition('orders', 0)
const LINK = { latencyMs: 1 }

const write = async (t: ClusterTest, count: number, valueBytes = 1): Promise<void> => {
  const producer = t.producer({ 'linger.ms': 0, 'batch.size': 0 })
  for (const i of range(count)) {
    await producer.send({ topic: 'orders', partition: 0, value: `${i}`.padEnd(valueBytes, '.') })
  }
  await producer.close()
}

/** A consumer that has read one record, so that it knows the cluster and is connected. */
const connected = async (t: ClusterTest, settings: ConsumerSettings): Promise<StringConsumer> => {
  await write(t, 1)
  const consumer = t.consumer(settings)
  consumer.assign([P0])
  expect((await consumer.poll(5000)).count()).toBe(1)
  return consumer
}

const pollFor = async (t: ClusterTest, consumer: StringConsumer, ms: number): Promise<void> => {
  const end = t.time.milliseconds() + ms
  while (t.time.milliseconds() < end) await consumer.poll(end - t.time.milliseconds())
}

describe('bootstrap.servers', () => {
  test(
    'may name addresses where nobody is: one that answers will do',
    onCluster(async (t) => {
      const servers = `nowhere:9092,${t.cluster.bootstrapServers},cluster:1`
      await connected(t, { 'bootstrap.servers': servers })
    }),
  )
})

describe('client.id', () => {
  test(
    'goes along with every request, for the broker to see',
    onCluster(async (t) => {
      const requests = t.events('broker.processor.processCompletedReceives')
      await connected(t, { 'client.id': 'billing' })
      const ids = requests.map(({ fields }) => fields.clientId).filter((id) => id !== 'producer')
      expect(ids.length).toBeGreaterThanOrEqual(4) // ApiVersions, Metadata, ListOffsets, Fetch
      expect(new Set(ids)).toEqual(new Set(['billing']))
    }),
  )
})

describe('metadata.max.age.ms', () => {
  test(
    'is how often metadata is asked for although nothing went wrong',
    onCluster(
      async (t) => {
        const consumer = await connected(t, { 'metadata.max.age.ms': 1000 })
        const updates = t.events('clients.metadata.update')
        await pollFor(t, consumer, 5500)
        expect(updates.length).toBeGreaterThanOrEqual(4)
        expectAbout(gapsOf(updates), [1000, 1000, 1000])
      },
      { link: LINK },
    ),
  )
})

describe('connections.max.idle.ms', () => {
  test(
    'closes a connection that nobody uses, and the next poll makes a new one',
    onCluster(
      async (t) => {
        const consumer = await connected(t, { 'connections.max.idle.ms': 3000 })
        const closes = t.events('network.selector.close')
        consumer.pause([P0])
        await pollFor(t, consumer, 40_000)
        expect(closes.map(({ fields }) => fields.reason)).toContain('EXPIRED')
        consumer.resume([P0])
        await write(t, 1)
        expect((await consumer.poll(5000)).count()).toBe(1)
      },
      { link: LINK },
    ),
  )
})

describe('reconnect.backoff.ms and reconnect.backoff.max.ms', () => {
  const waitsOf = async (t: ClusterTest, settings: ConsumerSettings): Promise<number[]> => {
    // Whoever reconnects wants metadata, and that has a back-off of its own.
    const alone = { 'metadata.recovery.strategy': 'none', 'retry.backoff.ms': 1 } as const
    const consumer = await connected(t, { ...alone, ...settings })
    await t.cluster.stopBroker(1)
    const attempts = t.events('network.selector.connect')
    await pollFor(t, consumer, 12_000)
    return gapsOf(attempts)
  }

  test(
    'double the wait after each failed attempt, up to the maximum',
    onCluster(
      async (t) => {
        const settings = { 'reconnect.backoff.ms': 100, 'reconnect.backoff.max.ms': 1000 }
        expectAbout(await waitsOf(t, settings), [200, 400, 800, 1000, 1000, 1000], 120)
      },
      { link: LINK },
    ),
  )

  test(
    'without the second, every wait is the first, above the default of the second too',
    onCluster(
      async (t) => {
        const waits = await waitsOf(t, { 'reconnect.backoff.ms': 2000 })
        expectAbout(waits, [2000, 2000, 2000], 2020)
      },
      { link: LINK },
    ),
  )
})

describe('socket.connection.setup.timeout.ms and its maximum', () => {
  test(
    'give up a connection that does not come about, later with each failure',
    onCluster(
      async (t) => {
        t.world.network.faults.isolate('cluster')
        const consumer = t.consumer({
          'socket.connection.setup.timeout.ms': 1000,
          'socket.connection.setup.timeout.max.ms': 3000,
        })
        consumer.assign([P0])
        await pollFor(t, consumer, 14_000)
        expectAbout(setupLimits(t), [1000, 2000, 3000, 3000])
        t.world.network.faults.healAll()
      },
      { link: LINK, errorsExpected: true },
    ),
  )
})

describe('request.timeout.ms and default.api.timeout.ms', () => {
  test(
    'end the wait for one answer, and for all attempts of a call',
    onCluster(
      async (t) => {
        const consumer = await connected(t, {
          'request.timeout.ms': 2000,
          'default.api.timeout.ms': 5000,
        })
        const timedOut = t.events('clients.nodeConnections.timedOut')
        t.world.network.faults.isolate('cluster')
        const startMs = t.time.milliseconds()
        expect(await failureOf(consumer.endOffsets([P0]))).toBeInstanceOf(TimeoutException)
        expect(t.time.milliseconds() - startMs).toBeGreaterThanOrEqual(5000)
        expect(t.time.milliseconds() - startMs).toBeLessThan(5200)
        const [{ fields }] = timedOut as [(typeof timedOut)[0]]
        expect(fields.waitedMs).toBeGreaterThanOrEqual(2000)
        expect(fields.waitedMs).toBeLessThan(2050)
        t.world.network.faults.healAll()
      },
      { link: LINK, errorsExpected: true },
    ),
  )
})

describe('metadata.recovery.strategy', () => {
  /** The one broker moves to an address that is in `bootstrap.servers` and in no metadata. */
  const afterTheMove = async (t: ClusterTest, strategy: string): Promise<number> => {
    const consumer = await connected(t, {
      'bootstrap.servers': `${t.cluster.bootstrapServers},cluster:7777`,
      'metadata.recovery.strategy': strategy,
    })
    await t.cluster.stopBroker(1)
    await t.cluster.startBroker(1, 7777)
    const producer = t.producer()
    await producer.send({ topic: 'orders', partition: 0, value: 'moved' })
    return (await consumer.poll(10_000)).count()
  }

  test(
    'rebootstrap: begins anew from bootstrap.servers when no known broker can be reached',
    onCluster(
      async (t) => {
        expect(await afterTheMove(t, 'rebootstrap')).toBe(1)
        expect(t.logger.messages('info').join('\n')).toContain('Rebootstrapping with')
      },
      { link: LINK },
    ),
  )

  test(
    'none: goes on with the brokers that it knows, in vain',
    onCluster(
      async (t) => {
        expect(await afterTheMove(t, 'NONE')).toBe(0)
        expect(t.logger.messages('info').join('\n')).not.toContain('Rebootstrapping with')
      },
      { link: LINK, errorsExpected: true },
    ),
  )
})

describe('metadata.recovery.rebootstrap.trigger.ms', () => {
  test.each([
    ['begins anew when metadata has not come for so long', 3000, true],
    ['and not before', 60_000, false],
  ] as const)('%s', (_, triggerMs, does) =>
    onCluster(
      async (t) => {
        const consumer = await connected(t, {
          'metadata.recovery.rebootstrap.trigger.ms': triggerMs,
          'metadata.max.age.ms': 1000,
          'request.timeout.ms': 2000,
        })
        t.world.network.faults.isolate('cluster')
        await pollFor(t, consumer, 8000)
        t.world.network.faults.healAll()
        const lines = t.logger.messages('info').join('\n')
        expect(lines.includes('Rebootstrapping with')).toBe(does)
      },
      { link: LINK },
    )(),
  )
})

describe('retry.backoff.ms and retry.backoff.max.ms', () => {
  test(
    'double the wait from the first to the second while an answer says that it may help',
    onCluster(
      async (t) => {
        const consumer = await connected(t, {
          'group.id': 'billing',
          'retry.backoff.ms': 200,
          'retry.backoff.max.ms': 1000,
        })
        const requests = t.events('broker.processor.processCompletedReceives')
        t.cluster.faults
          .on({ api: 'OFFSET_COMMIT', times: 6 })
          .error('COORDINATOR_LOAD_IN_PROGRESS')
        await consumer.commitSync()
        const commits = requests.filter(({ fields }) => fields.api === 'OffsetCommit')
        expectAbout(gapsOf(commits), [200, 400, 800, 1000, 1000, 1000])
      },
      { link: LINK },
    ),
  )
})

describe('what a fetch brings', () => {
  const fetchedBytes = async (t: ClusterTest, settings: ConsumerSettings): Promise<number[]> => {
    await write(t, 10, 1000)
    const fetched = t.events('consumer.fetchBuffer.add')
    const consumer = t.consumer(settings)
    consumer.assign([P0])
    let count = 0
    while (count < 10) count += (await consumer.poll(1000)).count()
    return fetched.map(({ fields }) => fields.bytes).filter((bytes) => bytes > 0)
  }

  test(
    'is as much as there is, within fetch.max.bytes and max.partition.fetch.bytes',
    onCluster(async (t) => {
      expect((await fetchedBytes(t, {})).length).toBe(1)
    }),
  )

  test.each(['fetch.max.bytes', 'max.partition.fetch.bytes'] as const)(
    'is no more than %s, but a first batch comes whole',
    (setting) =>
      onCluster(async (t) => {
        const bytes = await fetchedBytes(t, { [setting]: 3500 })
        expect(Math.max(...bytes)).toBeLessThanOrEqual(3500)
        expect(bytes.length).toBeGreaterThanOrEqual(4)
        const whole = t.consumer({ [setting]: 10, 'client.id': 'small' })
        whole.assign([P0])
        expect((await whole.poll(1000)).count()).toBe(1)
      })(),
  )

  test(
    'waits for fetch.min.bytes, but no longer than fetch.max.wait.ms',
    onCluster(async (t) => {
      const consumer = await connected(t, {
        'fetch.min.bytes': 500,
        'fetch.max.wait.ms': 3000,
      })
      await consumer.poll(0)
      const startMs = t.time.milliseconds()
      const producer = t.producer({ 'linger.ms': 0 })
      producer.send({ topic: 'orders', partition: 0, value: 'small' })
      expect((await consumer.poll(10_000)).count()).toBe(1)
      const waitedMs = t.time.milliseconds() - startMs
      expect(waitedMs).toBeGreaterThan(1500)
      expect(waitedMs).toBeLessThan(3500)
      producer.send({ topic: 'orders', partition: 0, value: 'x'.repeat(600) })
      const againMs = t.time.milliseconds()
      expect((await consumer.poll(10_000)).count()).toBe(1)
      expect(t.time.milliseconds() - againMs).toBeLessThan(500)
    }),
  )
})

describe('allow.auto.create.topics', () => {
  test.each([true, false])('%s: whether reading a topic creates it', (allowed) =>
    onCluster(async (t) => {
      const consumer = t.consumer({ 'allow.auto.create.topics': allowed })
      consumer.assign([new TopicPartition('new', 0)])
      await consumer.poll(500)
      const listed = await t.admin().listTopics().names()
      expect([...listed].includes('new')).toBe(allowed)
    })(),
  )
})

describe('auto.offset.reset', () => {
  test.each([
    ['earliest', 0],
    ['latest', 3],
    ['by_duration:PT1S', 2],
  ])('%s: begins at %i when the group has no offset', (reset, expected) =>
    onCluster(async (t) => {
      await write(t, 2)
      await t.time.sleep(5000)
      await write(t, 1)
      const consumer = t.consumer({ 'auto.offset.reset': reset })
      consumer.assign([P0])
      expect(await consumer.position(P0)).toBe(expected)
    })(),
  )
})
