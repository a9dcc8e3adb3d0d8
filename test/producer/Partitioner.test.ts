/** What a program's own partitioner is asked, and what becomes of its answers. */

import { expect, it } from 'vitest'
import type { Cluster } from '../../src/common/Cluster.ts'
import { IllegalArgumentException, TimeoutException } from '../../src/common/errors.ts'
import type { Partitioner } from '../../src/producer/Partitioner.ts'
import { RoundRobinPartitioner } from '../../src/producer/RoundRobinPartitioner.ts'
import { ascii } from './producerSupport.ts'
import { type Broker, failureOf, producerWorld, type WorldConfig } from './producerWorld.ts'

const threePartitions = (broker: Broker): void => {
  broker.topics['t'] = 3
}

/** A partitioner that answers with `chosen`, and notes what it was asked. */
const answering = (chosen: () => number) => {
  const asked: unknown[][] = []
  const partitioner: Partitioner<string, string> = {
    partition: (...question) => {
      asked.push(question)
      return chosen()
    },
  }
  return { asked, config: { 'partitioner.class': partitioner } satisfies WorldConfig }
}

it('is asked with key and value, before and after serialization, and the cluster', async () => {
  const { asked, config } = answering(() => 2)
  await producerWorld(
    config,
    async ({ producer, broker }) => {
      await producer.send({ topic: 't', key: 'k', value: 'v' })
      await producer.send({ topic: 't', value: null })
      expect(broker.values('t-2')).toEqual(['v', ''])
    },
    threePartitions,
  )
  expect(asked.map((question) => question.slice(0, 5))).toEqual([
    ['t', 'k', ascii('k'), 'v', ascii('v')],
    ['t', null, null, null, null],
  ])
  const cluster = asked[0]![5] as Cluster
  expect(cluster.partitionsForTopic('t')).toHaveLength(3)
})

it('is not asked where the record names a partition', async () => {
  const { asked, config } = answering(() => 2)
  await producerWorld(
    config,
    async ({ producer, broker }) => {
      await producer.send({ topic: 't', partition: 1, key: 'k', value: 'v' })
      expect(broker.values('t-1')).toEqual(['v'])
    },
    threePartitions,
  )
  expect(asked).toEqual([])
})

it('decides for keys as well, whatever partitioner.ignore.keys says', async () => {
  const { config } = answering(() => 0)
  const ignoring = { ...config, 'partitioner.ignore.keys': true }
  await producerWorld(
    ignoring,
    async ({ producer, broker }) => {
      for (const key of ['a', 'b', 'c', 'd']) await producer.send({ topic: 't', key, value: key })
      expect(broker.values('t-0')).toEqual(['a', 'b', 'c', 'd'])
    },
    threePartitions,
  )
})

it.each([-1, 1.5, Number.NaN])(
  '%s is no partition, and the next send is none the worse',
  async (bad) => {
    let answer = bad
    const { config } = answering(() => answer)
    await producerWorld(config, async ({ producer, broker }) => {
      await producer.partitionsFor('t')
      expect(() => producer.send({ topic: 't', value: 'v' })).toThrow(IllegalArgumentException)
      answer = 0
      await producer.send({ topic: 't', value: 'w' })
      expect(broker.values()).toEqual(['w'])
    })
  },
)

it('what it throws is thrown by send', async () => {
  const { config } = answering(() => {
    throw new Error('no idea')
  })
  await producerWorld(config, async ({ producer }) => {
    await producer.partitionsFor('t')
    expect(() => producer.send({ topic: 't', value: 'v' })).toThrow('no idea')
  })
})

it('a partition that the topic does not have is waited for, until the delivery time-out', async () => {
  const { config } = answering(() => 5)
  const limits = { 'delivery.timeout.ms': 2000, 'request.timeout.ms': 1000, 'linger.ms': 0 }
  await producerWorld({ ...config, ...limits }, async ({ producer }) => {
    const failure = await failureOf(producer.send({ topic: 't', value: 'v' }))
    expect(failure).toBeInstanceOf(TimeoutException)
    expect(failure.message).toContain('t-5')
  })
})

it('round robin gives every partition its share, also while records wait for memory', async () => {
  const limits = { 'buffer.memory': 4000, 'batch.size': 1000 }
  await producerWorld(
    { 'partitioner.class': RoundRobinPartitioner, ...limits },
    async ({ producer, broker }) => {
      await producer.partitionsFor('t')
      const value = 'v'.repeat(300)
      const sent = Array.from({ length: 15 }, () => producer.send({ topic: 't', key: 'k', value }))
      expect(sent.some(({ appended }) => appended !== null)).toBe(true)
      await producer.flush()
      expect([0, 1, 2].map((p) => broker.values(`t-${p}`).length)).toEqual([5, 5, 5])
    },
    threePartitions,
  )
})

it('made from a class is handed the settings and closed with the producer', async () => {
  const calls: unknown[] = []
  class FromClass implements Partitioner<string, string> {
    configure(configs: Readonly<Record<string, unknown>>): void {
      calls.push(['configured', configs['client.id']])
    }

    partition(): number {
      return 0
    }

    close(): void {
      calls.push('closed')
    }
  }
  await producerWorld({ 'partitioner.class': FromClass }, async ({ producer }) => {
    await producer.send({ topic: 't', value: 'v' })
    expect(calls).toEqual([['configured', 'p']])
    await producer.close()
  })
  expect(calls).toEqual([['configured', 'p'], 'closed'])
})
