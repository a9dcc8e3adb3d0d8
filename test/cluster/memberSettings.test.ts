/**
 * Settings of a member of a group at work, on a cluster: what they change can be seen from outside.
 */

import { describe, expect, test } from 'vitest'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { RangeAssignor } from '../../src/consumer/RangeAssignor.ts'
import { RoundRobinAssignor } from '../../src/consumer/RoundRobinAssignor.ts'
import {
  type ClusterTest,
  type ConsumerSettings,
  onCluster,
  range,
  type StringConsumer,
} from './clusterSupport.ts'

const P0 = new TopicPartition('orders', 0)
const AT_ONCE = {
  config: {
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.num.partitions': 1,
    'group.min.session.timeout.ms': 100,
  },
}

const member = (
  t: ClusterTest,
  settings: ConsumerSettings = {},
  topics: string[] | RegExp = ['orders'],
): StringConsumer => {
  const consumer = t.consumer({ 'group.id': 'billing', ...settings })
  if (topics instanceof RegExp) consumer.subscribe(topics)
  else consumer.subscribe(topics)
  return consumer
}

const write = async (t: ClusterTest, count: number, topic = 'orders'): Promise<void> => {
  const producer = t.producer()
  for (const i of range(count)) producer.send({ topic, partition: 0, value: `${i}` })
  await producer.close()
}

/** Both poll, until the time is over. */
const pollBoth = async (
  t: ClusterTest,
  consumers: readonly StringConsumer[],
  ms: number,
): Promise<void> => {
  const end = t.time.milliseconds() + ms
  await Promise.all(
    consumers.map(async (consumer) => {
      while (t.time.milliseconds() < end) await consumer.poll(100)
    }),
  )
}

const assigned = (consumer: StringConsumer): string => [...consumer.assignment()].sort().join()

/** What the group has committed, asked by somebody outside. */
const committed = async (t: ClusterTest): Promise<number | undefined> => {
  const reader = t.consumer({ 'group.id': 'billing', 'client.id': 'reader' })
  const offsets = await reader.committed([P0])
  await reader.close()
  return offsets.get(P0)?.offset
}

describe('group.id', () => {
  test(
    'shares the partitions among those who have the same',
    onCluster(async (t) => {
      await t.createTopic('orders', 2)
      const [a, b] = [member(t), member(t)]
      const other = member(t, { 'group.id': 'shipping' })
      await pollBoth(t, [a, b, other], 5000)
      expect([assigned(a), assigned(b)].sort()).toEqual(['orders-0', 'orders-1'])
      expect(assigned(other)).toBe('orders-0,orders-1')
    }, AT_ONCE),
  )
})

describe('group.instance.id', () => {
  test(
    'lets a member come back to its partitions without a rebalance',
    onCluster(async (t) => {
      await t.createTopic('orders', 2)
      const told: string[] = []
      const a = member(t, { 'group.instance.id': 'a' })
      const b = t.consumer({ 'group.id': 'billing', 'group.instance.id': 'b' })
      b.subscribe(['orders'], {
        onPartitionsRevoked: (partitions) => void told.push(`-${partitions.join()}`),
        onPartitionsAssigned: (partitions) => void told.push(`+${partitions.join()}`),
      })
      await pollBoth(t, [a, b], 5000)
      const before = assigned(a)
      told.length = 0
      await a.close()
      const again = member(t, { 'group.instance.id': 'a' })
      await pollBoth(t, [again, b], 5000)
      expect(assigned(again)).toBe(before)
      expect(told).toEqual([])
    }, AT_ONCE),
  )
})

describe('session.timeout.ms', () => {
  test.each([
    ['is how long a silent member keeps its partitions', 6000, 3000, ''],
    ['and no longer', 6000, 9000, 'orders-0'],
  ] as const)('%s', (_, sessionTimeoutMs, waitMs, expected) =>
    onCluster(
      async (t) => {
        await t.createTopic('orders', 1)
        const settings = { 'session.timeout.ms': sessionTimeoutMs, 'heartbeat.interval.ms': 500 }
        const silent = t.consumer({ 'group.id': 'billing', ...settings }, t.environment('far'))
        silent.subscribe(['orders'])
        await pollBoth(t, [silent], 1000)
        t.world.network.faults.isolate('far')
        const waiting = member(t, { ...settings, 'client.id': 'waiting' })
        // A rebalance waits for the silent one, until its session is over.
        await pollBoth(t, [waiting], waitMs)
        expect(assigned(waiting)).toBe(expected)
        t.world.network.faults.healAll()
      },
      { ...AT_ONCE, errorsExpected: true },
    )(),
  )
})

describe('heartbeat.interval.ms', () => {
  test(
    'is the time between two signs of life, while the program works and does not poll',
    onCluster(async (t) => {
      await t.createTopic('orders', 1)
      const consumer = member(t, { 'heartbeat.interval.ms': 700 })
      await pollBoth(t, [consumer], 1000)
      const requests = t.events('broker.processor.processCompletedReceives')
      await t.time.sleep(7000)
      const beats = requests.filter(({ fields }) => fields.api === 'Heartbeat')
      expect(beats.length).toBeGreaterThanOrEqual(9)
      expect(beats.length).toBeLessThanOrEqual(10)
      await consumer.close()
    }, AT_ONCE),
  )
})

describe('max.poll.interval.ms', () => {
  test(
    'is how long a program may work without a poll before it loses its partitions',
    onCluster(async (t) => {
      await t.createTopic('orders', 1)
      const settings = {
        'max.poll.interval.ms': 4000,
        'session.timeout.ms': 3000,
        'heartbeat.interval.ms': 500,
      }
      const slow = member(t, { ...settings, 'client.id': 'slow' })
      await pollBoth(t, [slow], 1000)
      expect(assigned(slow)).toBe('orders-0')
      const waiting = member(t, { ...settings, 'client.id': 'waiting' })
      await pollBoth(t, [waiting], 7000)
      expect(assigned(waiting)).toBe('orders-0')
      expect(t.logger.messages('warn').join()).toContain('max.poll.interval.ms')
    }, AT_ONCE),
  )
})

describe('partition.assignment.strategy', () => {
  test.each([
    ['classes', [RoundRobinAssignor, RangeAssignor], 'roundrobin'],
    ['objects', [new RangeAssignor()], 'range'],
    ['names', 'cooperative-sticky,range', 'cooperative-sticky'],
  ] as const)('takes %s; a group takes the first that all have', (_, strategy, expected) =>
    onCluster(async (t) => {
      await t.createTopic('orders', 1)
      const consumer = member(t, { 'partition.assignment.strategy': strategy })
      await pollBoth(t, [consumer], 1000)
      const described = await t.admin().describeConsumerGroups(['billing']).all()
      expect(described.get('billing')?.partitionAssignor).toBe(expected)
    }, AT_ONCE)(),
  )
})

describe('enable.auto.commit and auto.commit.interval.ms', () => {
  test(
    'commit what was handed out, when the time has come',
    onCluster(async (t) => {
      await write(t, 5)
      const consumer = member(t, { 'auto.commit.interval.ms': 3000 })
      let count = 0
      while (count < 5) count += (await consumer.poll(100)).count()
      await pollBoth(t, [consumer], 1500)
      expect(await committed(t)).toBe(undefined)
      await pollBoth(t, [consumer], 2500)
      expect(await committed(t)).toBe(5)
    }, AT_ONCE),
  )

  test(
    'commit nothing when it is off, not even on close',
    onCluster(async (t) => {
      await write(t, 5)
      const consumer = member(t, { 'enable.auto.commit': false, 'auto.commit.interval.ms': 10 })
      await pollBoth(t, [consumer], 1000)
      await consumer.close()
      expect(await committed(t)).toBe(undefined)
    }, AT_ONCE),
  )
})

describe('exclude.internal.topics', () => {
  test.each([true, false])('%s: whether a pattern passes over __consumer_offsets', (exclude) =>
    onCluster(async (t) => {
      await t.createTopic('orders', 1)
      const settings = { 'exclude.internal.topics': exclude, 'metadata.max.age.ms': 500 }
      const consumer = member(t, settings, /.*/)
      await pollBoth(t, [consumer], 3000)
      expect(consumer.subscription().has('orders')).toBe(true)
      expect(consumer.subscription().has('__consumer_offsets')).toBe(!exclude)
    }, AT_ONCE)(),
  )
})
