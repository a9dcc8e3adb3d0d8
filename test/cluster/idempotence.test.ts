/**
 * Records are written once and in order, whatever the network does: the idempotent producer and a
 * broker that knows its sequences, over connections that break in the middle of answers.
 */

import { describe, expect, it } from 'vitest'
import {
  type ClusterTest,
  failureOf,
  onCluster,
  range,
  type StringProducer,
} from './clusterSupport.ts'

const TOPIC = 'orders'
/** A batch for every few records, and several requests in flight. */
const SMALL_BATCHES = { 'batch.size': 200, 'linger.ms': 0, 'retry.backoff.ms': 20 }

/** Sends numbered records, a few at a time, and tells the offsets that it was told. */
const sendNumbered = async (
  { time }: ClusterTest,
  producer: StringProducer,
  count: number,
): Promise<number[]> => {
  const futures = []
  for (let i = 0; i < count; i++) {
    futures.push(producer.send({ topic: TOPIC, partition: 0, value: `value ${i}` }))
    if (i % 7 === 6) await time.sleep(2)
  }
  const told = []
  for (const future of futures) told.push((await future).offset)
  return told
}

const throughLostAnswers = async (test: ClusterTest): Promise<void> => {
  await test.createTopic(TOPIC)
  const { faults } = test.world.network
  const producer = test.producer(SMALL_BATCHES)
  await producer.partitionsFor(TOPIC)
  const requests = test.events('producer.sender.sendProduceRequest')
  const retries = test.events('producer.sender.reenqueueBatch')
  const answers = test.events('producer.sender.handleProduceResponse')
  let mostInFlight = 0
  const stop = test.world.traceBus.listen(({ name }) => {
    mostInFlight = Math.max(mostInFlight, requests.length - answers.length)
    if (name !== 'producer.sender.sendProduceRequest' || requests.length % 6 !== 0) return
    // In the middle of an answer: what it acknowledges has been written.
    faults.cutAfter('cluster', 'producer', test.time.random.nextInt(60))
  })
  const told = await sendNumbered(test, producer, 400)
  stop()
  expect(requests.length).toBeGreaterThan(20)
  expect(retries.length).toBeGreaterThan(10)
  expect(mostInFlight).toBe(5)
  const contents = await test.contents(TOPIC)
  expect(contents.map(({ value }) => value)).toEqual(range(400).map((i) => `value ${i}`))
  // A duplicate that the broker has forgotten is told without an offset; all others are exact.
  for (const [i, offset] of told.entries()) if (offset !== -1) expect(offset).toBe(i)
}

describe('an idempotent producer', () => {
  for (const seed of [1, 2, 3]) {
    it(
      `writes everything once and in order while answers are lost (seed ${seed})`,
      onCluster(throughLostAnswers, { seed, link: { latencyMs: 15 } }),
    )
  }

  it(
    'would write twice without idempotence: a lost answer shows it',
    onCluster(
      async (test) => {
        for (const idempotent of [true, false]) {
          const topic = `idempotent-${idempotent}`
          await test.createTopic(topic)
          const producer = test.producer({ 'enable.idempotence': idempotent })
          await producer.send({ topic, partition: 0, value: 'first' })
          test.world.network.faults.cutAfter('cluster', 'producer', 20)
          await producer.send({ topic, partition: 0, value: 'second' })
          await producer.close()
          const contents = await test.contents(topic)
          const again = idempotent ? [] : ['second']
          expect(contents.map(({ value }) => value)).toEqual(['first', 'second', ...again])
        }
      },
      { link: { latencyMs: 15 } },
    ),
  )

  it(
    'Many idempotent sends at once, all acknowledged with the same offset ' +
      '(platformatic/kafka #326; kafkajs #1005, #598): each has its own',
    onCluster(async (test) => {
      await test.createTopic(TOPIC)
      const producer = test.producer({ ...SMALL_BATCHES, 'enable.idempotence': true })
      const sends = range(500).map((i) =>
        producer.send({ topic: TOPIC, partition: 0, value: `value ${i}` }),
      )
      const told = (await Promise.all(sends)).map(({ offset }) => offset)
      expect(told).toEqual(range(500))
      expect(await test.contents(TOPIC)).toHaveLength(500)
    }),
  )

  it(
    'Batches behind the first one were written in its place, and it was refused until ' +
      'delivery.timeout.ms was over (Java 4.3.1): it is written first, and at once',
    onCluster(
      async (test) => {
        await test.createTopic(TOPIC)
        const producer = test.producer(SMALL_BATCHES)
        await producer.partitionsFor(TOPIC)
        // So answers a broker that has not yet taken over a partition that was just created.
        const refused = test.cluster.faults.on({ api: 'PRODUCE' }).error('NOT_LEADER_OR_FOLLOWER')
        const startMs = test.time.milliseconds()
        expect(await sendNumbered(test, producer, 50)).toEqual(range(50))
        expect(test.time.milliseconds() - startMs).toBeLessThan(500)
        expect(refused.hits).toBe(1)
        const contents = await test.contents(TOPIC)
        expect(contents.map(({ value }) => value)).toEqual(range(50).map((i) => `value ${i}`))
      },
      { link: { latencyMs: 15 } },
    ),
  )

  for (const error of ['UNKNOWN_PRODUCER_ID', 'OUT_OF_ORDER_SEQUENCE_NUMBER'] as const) {
    it(
      `No way back after ${error} (platformatic/kafka #309): there is one, each time`,
      onCluster(async (test) => {
        await test.createTopic(TOPIC)
        const producer = test.producer()
        for (const i of range(12)) {
          if (i % 3 === 1)
            test.cluster.faults.on({ api: 'PRODUCE', times: 1 + (i % 2) }).error(error)
          const { offset } = await producer.send({ topic: TOPIC, partition: 0, value: `${i}` })
          expect(offset).toBe(i)
        }
        const contents = await test.contents(TOPIC)
        expect(contents.map(({ value }) => value)).toEqual(range(12).map(String))
      }),
    )
  }

  it(
    'waits for its id while brokers refuse it, for as long as that may pass',
    onCluster(async (test) => {
      await test.createTopic(TOPIC)
      const refusals = [
        test.cluster.faults
          .on({ api: 'INIT_PRODUCER_ID', times: 3 })
          .error('COORDINATOR_LOAD_IN_PROGRESS'),
        test.cluster.faults
          .on({ api: 'INIT_PRODUCER_ID', times: 2 })
          .disconnect({ when: 'afterHandling' }),
      ]
      const producer = test.producer()
      const sent = await producer.send({ topic: TOPIC, partition: 0, value: 'patience' })
      expect(sent.offset).toBe(0)
      expect(refusals.map(({ remaining }) => remaining)).toEqual([0, 0])
    }),
  )

  it(
    'No way back after the broker has forgotten it (platformatic/kafka #309): it writes on',
    onCluster(
      async (test) => {
        await test.createTopic(TOPIC)
        const producer = test.producer()
        for (const i of range(4)) {
          const { offset } = await producer.send({ topic: TOPIC, partition: 0, value: `${i}` })
          expect(offset).toBe(i)
          await test.time.sleep(10_000)
        }
        expect(await test.contents(TOPIC)).toHaveLength(4)
      },
      {
        config: {
          'producer.id.expiration.ms': 1000,
          'producer.id.expiration.check.interval.ms': 500,
        },
      },
    ),
  )

  it(
    'is recognised by a new leader too, with several batches whose answers were lost',
    onCluster(
      async (test) => {
        await test.createTopic(TOPIC)
        const appends = test.events('broker.log.append')
        const producer = test.producer({ 'batch.size': 1, 'linger.ms': 0 })
        await producer.send({ topic: TOPIC, partition: 0, value: 'first' })
        const sent = []
        for (const i of range(4)) {
          sent.push(producer.send({ topic: TOPIC, partition: 0, value: `${i}` }))
          await test.time.sleep(1)
        }
        while (appends.length < 5) await test.time.sleep(1)
        test.world.network.faults.breakConnections('producer')
        const { leader } = (await producer.partitionsFor(TOPIC))[0]!
        await test.cluster.moveLeader(TOPIC, 0, leader!.id === 1 ? 2 : 1)
        const told = []
        for (const future of sent) told.push((await future).offset)
        expect(told).toEqual([1, 2, 3, 4])
        const contents = await test.contents(TOPIC)
        expect(contents.map(({ value }) => value)).toEqual(['first', ...range(4).map(String)])
      },
      { brokers: 2, link: { latencyMs: 15 } },
    ),
  )

  it(
    'does not wait for its id when it is closed, nor when a record has had its time',
    onCluster(async (test) => {
      await test.createTopic(TOPIC)
      const producer = test.producer({ 'delivery.timeout.ms': 3000, 'request.timeout.ms': 2000 })
      test.cluster.faults.on({ api: 'INIT_PRODUCER_ID', times: Infinity }).drop()
      const startMs = test.time.milliseconds()
      const waited = () => test.time.milliseconds() - startMs
      const error = await failureOf(producer.send({ topic: TOPIC, partition: 0, value: 'late' }))
      expect(error.message).toMatch(/Expiring 1 record\(s\) for orders-0: 3\d{3} ms/)
      test.world.network.faults.isolate('cluster')
      await producer.close()
      expect(waited()).toBeLessThan(7000)
      test.world.network.faults.healAll()
    }),
  )
})
