/**
 * Commits and rebalances of whole consumers on a cluster: what the group knows afterwards, and who
 * has read what.
 */

import { describe, expect, test } from 'vitest'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { CommitFailedException } from '../../src/consumer/CommitFailedException.ts'
import type { ConsumerRebalanceListener } from '../../src/consumer/ConsumerRebalanceListener.ts'
import { CooperativeStickyAssignor } from '../../src/consumer/CooperativeStickyAssignor.ts'
import { OffsetAndMetadata } from '../../src/consumer/OffsetAndMetadata.ts'
import { RangeAssignor } from '../../src/consumer/RangeAssignor.ts'
import {
  type ClusterTest,
  type ConsumerSettings,
  failureOf,
  onCluster,
  range,
  type StringConsumer,
} from './clusterSupport.ts'

const P0 = new TopicPartition('orders', 0)
const AT_ONCE = {
  config: { 'group.initial.rebalance.delay.ms': 0, 'offsets.topic.num.partitions': 1 },
}

const member = (t: ClusterTest, settings: ConsumerSettings = {}, host = 'consumer') =>
  t.consumer({ 'group.id': 'billing', ...settings }, t.environment(host))

/** Values `0` to `count - 1`, in turn over the partitions. */
const write = async (t: ClusterTest, count: number, partitions = 1): Promise<void> => {
  const producer = t.producer()
  for (const i of range(count)) {
    producer.send({ topic: 'orders', partition: i % partitions, value: `${i}` })
  }
  await producer.close()
}

/** What the group has committed for orders-0, asked by somebody outside. */
const committed = async (t: ClusterTest): Promise<number | undefined> => {
  const reader = member(t, { 'client.id': 'reader' }, 'reader')
  const offsets = await reader.committed([P0])
  await reader.close()
  return offsets.get(P0)?.offset
}

/** Polls until there are records, and says which. */
const readSome = async (consumer: StringConsumer): Promise<number[]> => {
  for (;;) {
    const records = await consumer.poll(100)
    if (!records.isEmpty()) return [...records].map(({ value }) => Number(value))
  }
}

describe('what is committed', () => {
  test(
    'cannot be of a partition that is none; the consumer goes on, and commits others',
    onCluster(async (t) => {
      await t.createTopic('orders')
      await write(t, 3)
      const consumer = member(t, { 'enable.auto.commit': false })
      consumer.subscribe(['orders'])
      expect(await readSome(consumer)).toEqual([0, 1, 2])
      const none = new TopicPartition('orders', 0.5)
      const failure = await failureOf(consumer.commitSync([[none, new OffsetAndMetadata(1)]]))
      expect(failure).toBeInstanceOf(IllegalArgumentException)
      await consumer.commitSync()
      expect(await committed(t)).toBe(3)
      await consumer.close()
    }, AT_ONCE),
  )

  test(
    'peer bug: is the next offset, not that of the last record',
    onCluster(async (t) => {
      await t.createTopic('orders')
      await write(t, 10)
      const consumer = member(t, { 'enable.auto.commit': false })
      consumer.subscribe(['orders'])
      expect(await readSome(consumer)).toEqual(range(10))
      await consumer.commitSync()
      expect(await committed(t)).toBe(10)
      // Who comes next gets nothing twice.
      await consumer.close()
      const next = member(t)
      next.subscribe(['orders'])
      expect((await next.poll(1000)).count()).toBe(0)
      expect(await next.position(P0)).toBe(10)
    }, AT_ONCE),
  )

  test(
    'peer bug: is what the program was handed, not what waits in a buffer',
    onCluster(async (t) => {
      await t.createTopic('orders')
      await write(t, 50)
      const settings = { 'max.poll.records': 10, 'auto.commit.interval.ms': 1 }
      const consumer = member(t, settings, 'far')
      consumer.subscribe(['orders'])
      // One fetch brings all fifty.
      const fetches = t.events('consumer.fetcher.sendFetches')
      expect(await readSome(consumer)).toEqual(range(10))
      const fetchesOfFirst = fetches.length
      await t.time.sleep(10)
      expect(await readSome(consumer)).toEqual(range(10, 10))
      expect(fetches.length).toBe(fetchesOfFirst)
      await t.time.sleep(100)
      // The second poll says that the first ten are done; of the second ten nobody knows yet.
      expect(await committed(t)).toBe(10)

      t.world.network.faults.isolate('far')
      const next = member(t)
      next.subscribe(['orders'])
      expect((await readSome(next))[0]).toBe(10)
    }, AT_ONCE),
  )

  test(
    'in the background is on its way before the program comes back',
    onCluster(async (t) => {
      await t.createTopic('orders')
      await write(t, 10)
      const consumer = member(t, { 'enable.auto.commit': false })
      consumer.subscribe(['orders'])
      await readSome(consumer)
      consumer.commitAsync()
      await t.time.sleep(50)
      expect(await committed(t)).toBe(10)
    }, AT_ONCE),
  )
})

describe.each([
  ['eager', RangeAssignor],
  ['cooperative', CooperativeStickyAssignor],
] as const)('an %s group', (_, assignor) => {
  const settings: ConsumerSettings = {
    'partition.assignment.strategy': [assignor],
    'enable.auto.commit': false,
    'max.poll.records': 5,
    'heartbeat.interval.ms': 100,
  }

  test(
    'hands partitions over with nothing lost and nothing twice, when the listener commits',
    onCluster(async (t) => {
      await t.createTopic('orders', 4)
      await write(t, 400, 4)
      const seen: number[] = []
      const owners = new Map<string, string>()
      const twiceOwned: string[] = []
      const start = (name: string): StringConsumer => {
        const consumer = member(t, { ...settings, 'client.id': name }, name)
        const listener: ConsumerRebalanceListener = {
          onPartitionsRevoked: async (partitions) => {
            await consumer.commitSync()
            for (const partition of partitions) owners.delete(partition.key)
          },
          onPartitionsAssigned: (partitions) => {
            for (const { key } of partitions) {
              if (owners.has(key)) twiceOwned.push(key)
              owners.set(key, name)
            }
          },
        }
        consumer.subscribe(['orders'], listener)
        return consumer
      }
      const read = async (consumer: StringConsumer, until: () => boolean): Promise<void> => {
        while (!until()) {
          const records = await consumer.poll(50)
          seen.push(...[...records].map(({ value }) => Number(value)))
          await t.time.sleep(20)
        }
      }
      const isDone = (): boolean => seen.length >= 400
      const first = start('first')
      await read(first, () => seen.length >= 40)
      const second = start('second')
      await Promise.all([
        read(first, isDone),
        read(second, () => seen.length >= 200 && new Set(owners.values()).size === 2).then(
          async () => {
            await second.commitSync()
            await second.close()
          },
        ),
      ])
      expect(twiceOwned).toEqual([])
      expect(seen.toSorted((a, b) => a - b)).toEqual(range(400))
    }, AT_ONCE),
  )

  test(
    'gives each member its own topics, though the leader reads others',
    onCluster(async (t) => {
      await t.createTopic('orders', 1)
      await t.createTopic('returns', 2)
      const [a, b] = [member(t, settings, 'a'), member(t, settings, 'b')]
      a.subscribe(['orders'])
      b.subscribe(['returns'])
      const end = t.time.milliseconds() + 3000
      const poll = async (consumer: StringConsumer): Promise<void> => {
        while (t.time.milliseconds() < end) await consumer.poll(100)
      }
      await Promise.all([poll(a), poll(b)])
      expect([...a.assignment()].join()).toBe('orders-0')
      expect([...b.assignment()].join()).toBe('returns-0,returns-1')
    }, AT_ONCE),
  )

  test(
    'throws a member out that does not poll, and its commit with it',
    onCluster(async (t) => {
      await t.createTopic('orders', 1)
      await write(t, 10)
      const told: string[] = []
      const slow = member(t, { ...settings, 'max.poll.interval.ms': 2000 }, 'slow')
      slow.subscribe(['orders'], {
        onPartitionsLost: (partitions) => void told.push(`lost ${partitions}`),
        onPartitionsAssigned: (partitions) => void told.push(`got ${partitions}`),
      })
      await readSome(slow)
      await t.time.sleep(4000)
      expect(await failureOf(slow.commitSync())).toBeInstanceOf(CommitFailedException)
      await slow.poll(1000)
      expect(told).toEqual(['got orders-0', 'lost orders-0', 'got orders-0'])
      // It begins again where the group stopped, which is the beginning.
      await slow.commitSync()
      expect(await committed(t)).toBeGreaterThan(0)
    }, AT_ONCE),
  )
})
