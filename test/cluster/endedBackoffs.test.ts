/**
 * A call that waits between two tries, because its broker cannot be reached, is ended at once: by
 * its signal with the signal's reason, by `wakeup()` with a `WakeupException`. The consumer is as
 * good as before.
 */

import { describe, expect, test } from 'vitest'
import { WakeupException } from '../../src/common/errors.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { OffsetAndMetadata } from '../../src/consumer/OffsetAndMetadata.ts'
import type { Wait } from '../../src/consumer/WaitOptions.ts'
import { type ClusterTest, failureOf, onCluster, type StringConsumer } from './clusterSupport.ts'

const BACKOFF_MS = 5000
const OPTIONS = { config: { 'group.initial.rebalance.delay.ms': 0 } }
const tp0 = new TopicPartition('orders', 0)
const offsets = () => [[tp0, new OffsetAndMetadata(1)]] as const

const consumerOf = (t: ClusterTest): StringConsumer =>
  t.consumer({
    'group.id': 'billing',
    'retry.backoff.ms': BACKOFF_MS,
    'retry.backoff.max.ms': BACKOFF_MS,
    'enable.auto.commit': false,
  })

type Calls = Record<string, (consumer: StringConsumer, wait: Wait) => Promise<unknown>>

/** By a consumer that has never been connected. */
const asStranger: Calls = {
  listTopics: (consumer, wait) => consumer.listTopics(wait),
  partitionsFor: (consumer, wait) => consumer.partitionsFor('orders', wait),
  'commitSync of offsets': (consumer, wait) => consumer.commitSync(offsets(), wait),
  committed: (consumer, wait) => consumer.committed([tp0], wait),
  'poll of a member': (consumer, wait) => {
    consumer.subscribe(['orders'])
    return consumer.poll(wait)
  },
  'poll of what was assigned': (consumer, wait) => {
    consumer.assign([tp0])
    return consumer.poll(wait)
  },
  position: (consumer, wait) => {
    consumer.assign([tp0])
    return consumer.position(tp0, wait)
  },
  beginningOffsets: (consumer, wait) => consumer.beginningOffsets([tp0], wait),
  endOffsets: (consumer, wait) => consumer.endOffsets([tp0], wait),
  offsetsForTimes: (consumer, wait) => consumer.offsetsForTimes([[tp0, 1]], wait),
}

/** By one that knows its coordinator. */
const asAcquaintance: Calls = {
  'commitSync of offsets': asStranger['commitSync of offsets']!,
  committed: asStranger['committed']!,
  'poll of a member': asStranger['poll of a member']!,
  'poll of what was assigned': asStranger['poll of what was assigned']!,
  position: asStranger['position']!,
}

const cases = [
  ...Object.entries(asStranger).map(
    ([name, call]) =>
      [`${name}, of a consumer without a broker,`, { call, isKnown: false }] as const,
  ),
  ...Object.entries(asAcquaintance).map(
    ([name, call]) => [`${name}, of one that lost its broker,`, { call, isKnown: true }] as const,
  ),
]

/** @returns what starts it again, on its port */
const stopBroker = async (t: ClusterTest): Promise<() => Promise<unknown>> => {
  const { port } = t.cluster.broker(1)
  await t.cluster.stopBroker(1)
  return () => t.cluster.startBroker(1, port)
}

/** Afterwards the consumer does what consumers do. */
const expectUsable = async (t: ClusterTest, consumer: StringConsumer): Promise<void> => {
  await consumer.unsubscribe()
  consumer.assign([tp0])
  expect((await consumer.listTopics()).has('orders')).toBe(true)
  await consumer.commitSync([[tp0, new OffsetAndMetadata(0)]])
  const producer = t.producer()
  await producer.send({ topic: 'orders', partition: 0, value: 'red' })
  await producer.close()
  consumer.seekToBeginning([tp0])
  expect(Array.from(await consumer.poll({ timeoutMs: 60_000 }), ({ value }) => value)).toEqual([
    'red',
  ])
}

describe.each([3000, 7000])('%d ms after the beginning', (endedMs) => {
  test.each(cases)('%s is ended by its signal', async (_, it) => {
    await onCluster(async (t) => {
      await t.createTopic('orders')
      const consumer = consumerOf(t)
      if (it.isKnown) await consumer.committed([tp0])
      const startBroker = await stopBroker(t)
      const reason = new Error('enough')
      const stopping = new AbortController()
      const failure = failureOf(it.call(consumer, { signal: stopping.signal }))
      const tookMs = failure.then(() => t.time.milliseconds())
      await t.time.sleep(endedMs)
      const abortedMs = t.time.milliseconds()
      stopping.abort(reason)
      expect(await failure).toBe(reason)
      expect((await tookMs) - abortedMs).toBeLessThanOrEqual(1)
      await startBroker()
      await expectUsable(t, consumer)
    }, OPTIONS)()
  })

  test.each(cases)('%s is ended by wakeup', async (_, it) => {
    await onCluster(async (t) => {
      await t.createTopic('orders')
      const consumer = consumerOf(t)
      if (it.isKnown) await consumer.committed([tp0])
      const startBroker = await stopBroker(t)
      const failure = failureOf(it.call(consumer, { timeoutMs: 60_000 }))
      const tookMs = failure.then(() => t.time.milliseconds())
      await t.time.sleep(endedMs)
      const wokenMs = t.time.milliseconds()
      consumer.wakeup()
      expect(await failure).toBeInstanceOf(WakeupException)
      expect((await tookMs) - wokenMs).toBeLessThanOrEqual(1)
      await startBroker()
      await expectUsable(t, consumer)
    }, OPTIONS)()
  })
})

test('a loop over records ends at once when its broker cannot be reached', async () => {
  await onCluster(async (t) => {
    await t.createTopic('orders')
    const consumer = consumerOf(t)
    const startBroker = await stopBroker(t)
    consumer.subscribe(['orders'])
    const stopping = new AbortController()
    const loop = (async () => {
      for await (const _ of consumer.records({ signal: stopping.signal })) throw new Error('none')
      return t.time.milliseconds()
    })()
    await t.time.sleep(3000)
    const abortedMs = t.time.milliseconds()
    stopping.abort()
    expect((await loop) - abortedMs).toBeLessThanOrEqual(1)
    await startBroker()
    await expectUsable(t, consumer)
  }, OPTIONS)()
})

test.each(['its signal', 'wakeup'])('a commit behind another one is ended by %s', async (how) => {
  await onCluster(async (t) => {
    await t.createTopic('orders')
    const consumer = consumerOf(t)
    await consumer.committed([tp0])
    const { faults } = t.world.network
    faults.partition('consumer', 'cluster')
    consumer.commitAsync(offsets(), () => {})
    const stopping = new AbortController()
    const failure = failureOf(consumer.commitSync([], { signal: stopping.signal }))
    const tookMs = failure.then(() => t.time.milliseconds())
    // A poll as long as the heartbeat interval, of which the commit hears nothing; the back-off.
    await t.time.sleep(5000)
    const endedMs = t.time.milliseconds()
    if (how === 'wakeup') consumer.wakeup()
    else stopping.abort()
    expect((await failure).name).toBe(how === 'wakeup' ? 'WakeupException' : 'AbortError')
    expect((await tookMs) - endedMs).toBeLessThanOrEqual(1)
    faults.healAll()
    await expectUsable(t, consumer)
  }, OPTIONS)()
})
