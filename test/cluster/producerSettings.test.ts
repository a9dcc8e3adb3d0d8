/**
 * Settings of a producer at work, all the way down to the network: what they change can be seen
 * from outside. `settingsOfKafka.test.ts` says for every other setting which test shows it.
 *
 * Times have 20 % of chance in them where Kafka's have; a test then says between what they lie.
 */

import { describe, expect, test } from 'vitest'
import { TimeoutException } from '../../src/common/errors.ts'
import {
  type ClusterTest,
  failureOf,
  onCluster,
  type ProducerSettings,
  range,
} from './clusterSupport.ts'
import { expectAbout, gapsOf, setupLimits } from './waits.ts'

const LINK = { latencyMs: 1 }

/** A producer that has sent a record, so that it knows the cluster and is connected. */
const connected = async (t: ClusterTest, settings: ProducerSettings) => {
  const producer = t.producer(settings)
  await producer.send({ topic: 'orders', partition: 0, value: 'first' })
  return producer
}

describe('bootstrap.servers', () => {
  test(
    'may name addresses where nobody is: one that answers will do',
    onCluster(async (t) => {
      const servers = `nowhere:9092,${t.cluster.bootstrapServers},cluster:1`
      const producer = await connected(t, { 'bootstrap.servers': servers })
      expect((await producer.partitionsFor('orders')).length).toBe(1)
    }),
  )
})

describe('client.id', () => {
  test(
    'goes along with every request, for the broker to see',
    onCluster(async (t) => {
      const requests = t.events('broker.processor.processCompletedReceives')
      await connected(t, { 'client.id': 'billing' })
      const ids = requests.map(({ fields }) => fields.clientId)
      expect(ids.length).toBeGreaterThanOrEqual(3) // ApiVersions, Metadata, Produce
      expect(new Set(ids)).toEqual(new Set(['billing']))
    }),
  )
})

describe('metadata.max.age.ms', () => {
  test(
    'is how often an idle producer asks again, and so finds new partitions and brokers',
    onCluster(
      async (t) => {
        await connected(t, { 'metadata.max.age.ms': 1000 })
        const updates = t.events('clients.metadata.update')
        await t.time.sleep(10_500)
        expect(updates.length).toBeGreaterThanOrEqual(9)
        expectAbout(gapsOf(updates), [1000, 1000, 1000])
      },
      { link: LINK },
    ),
  )
})

describe('connections.max.idle.ms', () => {
  test(
    'closes a connection that nobody uses, and the next record makes a new one',
    onCluster(
      async (t) => {
        const producer = await connected(t, { 'connections.max.idle.ms': 3000 })
        const closes = t.events('network.selector.close')
        // Looked at when a poll ends, and an idle one may take request.timeout.ms.
        await t.time.sleep(40_000)
        expect(closes.map(({ fields }) => fields.reason)).toContain('EXPIRED')
        const again = await producer.send({ topic: 'orders', partition: 0, value: 'again' })
        expect(again.offset).toBe(1)
      },
      { link: LINK },
    ),
  )
})

describe('reconnect.backoff.ms and reconnect.backoff.max.ms', () => {
  const waitsOf = async (t: ClusterTest, settings: ProducerSettings): Promise<number[]> => {
    // Whoever reconnects wants metadata, and that has a back-off of its own.
    const alone = { 'metadata.recovery.strategy': 'none', 'retry.backoff.ms': 1 } as const
    await connected(t, { ...alone, ...settings })
    await t.cluster.stopBroker(1)
    const attempts = t.events('network.selector.connect')
    await t.time.sleep(20_000)
    return gapsOf(attempts)
  }

  test(
    'double the wait after each failed attempt, up to the maximum',
    onCluster(
      async (t) => {
        const settings = { 'reconnect.backoff.ms': 100, 'reconnect.backoff.max.ms': 1000 }
        const waits = await waitsOf(t, settings)
        // While no node may be tried, it looks again every reconnect.backoff.ms.
        expectAbout(waits, [200, 400, 800, 1000, 1000, 1000], 120)
      },
      { link: LINK },
    ),
  )

  test(
    'without the second, every wait is the first, above the default of the second too',
    onCluster(
      async (t) => {
        const waits = await waitsOf(t, { 'reconnect.backoff.ms': 2000 })
        expectAbout(waits, [2000, 2000, 2000, 2000], 2020)
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
        t.producer({
          'socket.connection.setup.timeout.ms': 1000,
          'socket.connection.setup.timeout.max.ms': 3000,
          'max.block.ms': 15_000,
        }).send({ topic: 'orders', value: 'lost' })
        await t.time.sleep(14_000)
        expectAbout(setupLimits(t), [1000, 2000, 3000, 3000])
        t.world.network.faults.healAll()
      },
      { link: LINK, errorsExpected: true },
    ),
  )
})

describe('request.timeout.ms', () => {
  test(
    'ends the wait for an answer; the record is tried again until delivery.timeout.ms',
    onCluster(
      async (t) => {
        const settings = {
          'request.timeout.ms': 2000,
          'delivery.timeout.ms': 5000,
          'linger.ms': 0,
        }
        const producer = await connected(t, settings)
        const timedOut = t.events('clients.nodeConnections.timedOut')
        t.world.network.faults.isolate('cluster')
        const startMs = t.time.milliseconds()
        const error = await failureOf(producer.send({ topic: 'orders', partition: 0, value: 'x' }))
        expect(error).toBeInstanceOf(TimeoutException)
        expect(t.time.milliseconds() - startMs).toBeGreaterThanOrEqual(5000)
        expect(t.time.milliseconds() - startMs).toBeLessThan(5500)
        const { fields } = timedOut.find(({ fields }) => fields.api === 'Produce')!
        expect(fields.waitedMs).toBeGreaterThanOrEqual(2000)
        expect(fields.waitedMs).toBeLessThan(2050)
        t.world.network.faults.healAll()
      },
      { link: LINK, errorsExpected: true },
    ),
  )
})

describe('max.in.flight.requests.per.connection', () => {
  test.each([1, 3])('lets %i requests wait for their answers', (limit) =>
    onCluster(
      async (t) => {
        const producer = await connected(t, {
          'max.in.flight.requests.per.connection': limit,
          'batch.size': 200,
        })
        let inFlight = 0
        let most = 0
        t.world.traceBus.listen(({ name }) => {
          if (name === 'producer.sender.sendProduceRequest') most = Math.max(most, ++inFlight)
          if (name === 'producer.sender.handleProduceResponse') inFlight--
        })
        for (const i of range(100)) producer.send({ topic: 'orders', partition: 0, value: `${i}` })
        await producer.flush()
        expect(most).toBe(limit)
      },
      { link: { latencyMs: 20 } },
    )(),
  )
})

describe('metadata.recovery.strategy', () => {
  /** The one broker moves to an address that is in `bootstrap.servers` and in no metadata. */
  const afterTheMove = async (t: ClusterTest, strategy: string) => {
    const servers = `${t.cluster.bootstrapServers},cluster:7777`
    const producer = await connected(t, {
      'bootstrap.servers': servers,
      'metadata.recovery.strategy': strategy,
      'delivery.timeout.ms': 20_000,
      'request.timeout.ms': 5000,
    })
    await t.cluster.stopBroker(1)
    await t.cluster.startBroker(1, 7777)
    return producer.send({ topic: 'orders', partition: 0, value: 'moved' })
  }

  test(
    'rebootstrap: begins anew from bootstrap.servers when no known broker can be reached',
    onCluster(
      async (t) => {
        expect((await afterTheMove(t, 'rebootstrap')).offset).toBe(1)
        expect(t.logger.messages('info').join('\n')).toContain('Rebootstrapping with')
      },
      { link: LINK },
    ),
  )

  test(
    'none: goes on with the brokers that it knows, in vain',
    onCluster(
      async (t) => {
        expect(await failureOf(afterTheMove(t, 'NONE'))).toBeInstanceOf(TimeoutException)
        expect(t.logger.messages('info').join('\n')).not.toContain('Rebootstrapping with')
      },
      { link: LINK, errorsExpected: true },
    ),
  )
})

describe('metadata.recovery.rebootstrap.trigger.ms', () => {
  /** Whether it began anew while a broker took the connection for 8 s and said nothing. */
  const rebootstraps = async (t: ClusterTest, triggerMs: number): Promise<number> => {
    await connected(t, {
      'metadata.recovery.rebootstrap.trigger.ms': triggerMs,
      'metadata.max.age.ms': 1000,
      'request.timeout.ms': 2000,
    })
    // Nothing is answered any more, and nothing breaks: back-off never empties the list of nodes.
    t.world.network.faults.isolate('cluster')
    await t.time.sleep(8000)
    t.world.network.faults.healAll()
    const lines = t.logger.messages('info')
    return lines.filter((line) => line.includes('Rebootstrapping with')).length
  }

  test(
    'begins anew when metadata has not come for so long, though a broker seems to be there',
    onCluster(
      async (t) => {
        expect(await rebootstraps(t, 3000)).toBeGreaterThanOrEqual(1)
      },
      { link: LINK },
    ),
  )

  test(
    'and not before',
    onCluster(
      async (t) => {
        expect(await rebootstraps(t, 60_000)).toBe(0)
      },
      { link: LINK },
    ),
  )
})

describe('partitioner.ignore.keys', () => {
  const partitionsOfOneKey = async (t: ClusterTest, ignore: boolean): Promise<Set<number>> => {
    await t.createTopic('spread', 3)
    const producer = t.producer({ 'partitioner.ignore.keys': ignore, 'batch.size': 100 })
    const sent = range(60).map((i) => producer.send({ topic: 'spread', key: 'k', value: `v${i}` }))
    return new Set((await Promise.all(sent)).map(({ partition }) => partition))
  }

  test(
    'spreads records of one key as if they had none',
    onCluster(async (t) => {
      expect((await partitionsOfOneKey(t, true)).size).toBeGreaterThan(1)
    }),
  )

  test(
    'and without it the key alone decides',
    onCluster(async (t) => {
      expect((await partitionsOfOneKey(t, false)).size).toBe(1)
    }),
  )
})
