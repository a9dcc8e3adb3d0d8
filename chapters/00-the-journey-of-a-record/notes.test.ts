/**
 * The notes, checked: what the study notes claim of messaging, on a running cluster.
 *
 * Consumers have no groups yet, so here each is told its partitions by `assign`.
 */

import { describe, expect, test } from 'vitest'
import { BuiltInPartitioner } from '../../src/producer/internals/BuiltInPartitioner.ts'
import { onCluster, partitionsOf, range, valuesOf } from '../../test/cluster/clusterSupport.ts'
import { note } from '../../test/support/notes.ts'

describe('N1: a broker gives asynchrony, decoupling and peak shaving', () => {
  test(
    'decoupling: a producer sends, ends and is gone before the first consumer exists',
    onCluster(async (t) => {
      note('N1', 'holds with a condition', 'within retention, and if consumers keep up on average')
      const producer = t.producer()
      for (const i of range(3)) producer.send({ topic: 'orders', value: `order ${i}` })
      await producer.close()

      const consumer = t.consumer()
      consumer.assign(partitionsOf('orders', 1))
      expect(valuesOf(await consumer.poll(1000))).toEqual(['order 0', 'order 1', 'order 2'])
    }),
  )

  test(
    'asynchrony: `send` returns at once, however slow the network is',
    onCluster(
      async (t) => {
        note('N1', 'holds with a condition', 'once metadata is known and memory is at hand')
        const producer = t.producer()
        await producer.partitionsFor('orders')
        const startMs = t.time.milliseconds()
        const future = producer.send({ topic: 'orders', value: 'paid' })
        expect(t.time.milliseconds()).toBe(startMs)
        await future
        expect(t.time.milliseconds()).toBeGreaterThanOrEqual(startMs + 500)
      },
      { link: { latencyMs: 250 } },
    ),
  )

  test(
    'peak shaving: a burst is taken at once; the lag grows, and a slow consumer works it off',
    onCluster(async (t) => {
      note('N1', 'holds with a condition', 'the peak must be over some time')
      const burst = 60
      const producer = t.producer()
      for (const i of range(burst)) producer.send({ topic: 'orders', value: `${i}` })
      await producer.flush()
      const takenMs = t.time.milliseconds()

      const consumer = t.consumer({ 'max.poll.records': 1 })
      const [orders] = partitionsOf('orders', 1)
      consumer.assign([orders!])
      const lags: number[] = []
      while (lags.at(-1) !== 0) {
        for (const { offset } of await consumer.poll(1000)) {
          await t.time.sleep(10)
          lags.push(burst - (offset + 1))
        }
      }
      expect(lags).toEqual(range(burst).toReversed())
      expect(t.time.milliseconds() - takenMs).toBeGreaterThanOrEqual(burst * 10)
    }),
  )
})

describe('N2: in a group a partition is consumed by at most one consumer', () => {
  test(
    'it is the group that keeps two consumers apart: without one, both may read the same partition',
    onCluster(async (t) => {
      note('N2', 'in part', 'by assignment both read; that a group hands out each once: chapter 17')
      const producer = t.producer()
      for (const i of range(3)) producer.send({ topic: 'orders', value: `${i}` })
      await producer.flush()
      const [one, other] = [
        t.consumer({ 'client.id': 'one' }),
        t.consumer({ 'client.id': 'other' }),
      ]
      for (const consumer of [one, other]) consumer.assign(partitionsOf('orders', 1))
      expect(valuesOf(await one.poll(1000))).toEqual(['0', '1', '2'])
      expect(valuesOf(await other.poll(1000))).toEqual(['0', '1', '2'])
    }),
  )
})

describe('N3: load is balanced by partition, not by number of messages', () => {
  test(
    'with one busy key one of two consumers does all the work',
    onCluster(async (t) => {
      note('N3', 'holds', 'shown with assigned partitions; how a group assigns them: chapter 17')
      await t.createTopic('orders', 2)
      const producer = t.producer()
      for (const i of range(100)) producer.send({ topic: 'orders', key: 'ann', value: `${i}` })
      await producer.flush()
      const counts: number[] = []
      for (const partition of partitionsOf('orders', 2)) {
        const consumer = t.consumer({ 'client.id': `consumer-${partition.partition}` })
        consumer.assign([partition])
        counts.push((await consumer.poll(1000)).count())
      }
      expect(counts).toEqual([100, 0])
    }),
  )

  test('a key has its partition by arithmetic, so it moves when there are more partitions', () => {
    const ann = new TextEncoder().encode('ann')
    expect(BuiltInPartitioner.partitionForKey(ann, 2)).toBe(0)
    expect(BuiltInPartitioner.partitionForKey(ann, 3)).toBe(2)
  })
})

describe('N4: num.partitions defaults to 1', () => {
  test(
    'a topic that is made by its first use has one partition',
    onCluster(async (t) => {
      note('N4', 'holds')
      const partitions = await t.producer().partitionsFor('made-by-its-first-use')
      expect(partitions.map(({ partition }) => partition)).toEqual([0])
    }),
  )

  test(
    'and as many as the broker is told, if it is told',
    onCluster(
      async (t) => {
        note('N4', 'holds')
        expect(await t.producer().partitionsFor('made-by-its-first-use')).toHaveLength(3)
      },
      { config: { 'num.partitions': 3 } },
    ),
  )
})

describe('N7: total order over a topic needs exactly one partition', () => {
  const EVENTS = ['ann orders', 'kim orders', 'ann pays', 'kim pays', 'ann leaves', 'kim leaves']
  const keyOf = (event: string): string => event.split(' ')[0]!

  const readBack = (partitions: number, check: (read: (string | null)[]) => void) =>
    onCluster(async (t) => {
      note('N7', 'holds')
      // The one consumer has all partitions: the second half of N2.
      note('N2', 'in part', 'a consumer may have several partitions')
      await t.createTopic('events', partitions)
      const producer = t.producer()
      for (const event of EVENTS) {
        await producer.send({ topic: 'events', key: keyOf(event), value: event })
      }
      const consumer = t.consumer()
      consumer.assign(partitionsOf('events', partitions))
      const read: (string | null)[] = []
      while (read.length < EVENTS.length) read.push(...valuesOf(await consumer.poll(1000)))
      check(read)
    })

  test(
    'one partition: what is read comes in the order in which it was sent',
    readBack(1, (read) => expect(read).toEqual(EVENTS)),
  )

  test(
    'two partitions: the same records in another order, but each key in its own',
    readBack(2, (read) => {
      expect(read).not.toEqual(EVENTS)
      expect(read.toSorted()).toEqual(EVENTS.toSorted())
      for (const key of ['ann', 'kim']) {
        const ofKey = (event: string | null): boolean => event !== null && keyOf(event) === key
        expect(read.filter(ofKey)).toEqual(EVENTS.filter(ofKey))
      }
    }),
  )
})
