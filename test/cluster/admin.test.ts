/**
 * What the admin client says and what the cluster does about it: round trips, and the errors of
 * both.
 */

import { describe, expect, test } from 'vitest'
import {
  InvalidConfigurationException,
  InvalidPartitionsException,
  InvalidReplicationFactorException,
  InvalidTopicException,
  TopicExistsException,
  UnknownTopicIdException,
  UnknownTopicOrPartitionException,
} from '../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { failureOf, onCluster, partitionsOf, range, thrownBy, valuesOf } from './clusterSupport.ts'

describe('a topic', () => {
  test(
    'is created, listed, described by name and by id, deleted, and gone',
    onCluster(
      async (t) => {
        const admin = t.admin()
        const created = admin.createTopics([
          { name: 'orders', numPartitions: 4, configs: { 'retention.ms': '1000' } },
          { name: 'clicks' },
          { name: 'placed', replicasAssignments: { 0: [2], 1: [3] } },
        ])
        await created.all()
        const id = await created.topicId('orders')
        expect(await created.numPartitions('orders')).toBe(4)
        expect(await created.numPartitions('clicks')).toBe(2)
        expect(await created.replicationFactor('clicks')).toBe(1)
        expect((await created.config('orders')).get('retention.ms')?.value).toBe('1000')

        expect(await admin.listTopics().names()).toEqual(new Set(['orders', 'clicks', 'placed']))
        const byName = (await admin.describeTopics(['orders', 'placed']).all()).get('orders')!
        expect(byName.topicId.equals(id)).toBe(true)
        expect(byName.partitions.map(({ partition }) => partition)).toEqual(range(4))
        expect(byName.partitions.every(({ leader, isr }) => leader?.id === isr[0]!.id)).toBe(true)
        const placed = (await admin.describeTopics(['placed']).all()).get('placed')!
        expect(placed.partitions.map(({ leader }) => leader!.id)).toEqual([2, 3])
        const byId = await admin.describeTopics([id]).all()
        // By its id it is asked of the metadata, which says nothing about eligible leaders.
        const described = [...byId.values()][0]!
        const leaders = ({ partitions }: typeof byName) => partitions.map((p) => p.leader?.id)
        expect([described.name, leaders(described)]).toEqual(['orders', leaders(byName)])

        await admin.deleteTopics(['orders']).all()
        await admin.deleteTopics([await created.topicId('clicks')]).all()
        expect(await admin.listTopics().names()).toEqual(new Set(['placed']))
        const error = await failureOf(admin.describeTopics(['orders']).all())
        expect(error).toBeInstanceOf(UnknownTopicOrPartitionException)
      },
      { brokers: 3, config: { 'num.partitions': 2 } },
    ),
  )

  test(
    'fails for itself: the others of the call are created',
    onCluster(async (t) => {
      const admin = t.admin()
      await admin.createTopics([{ name: 'there' }]).all()
      const results = admin
        .createTopics([
          { name: 'fine' },
          { name: 'there' },
          { name: 'not/a/name' },
          { name: 'empty', numPartitions: 0 },
          { name: 'many-copies', numPartitions: 1, replicationFactor: 3 },
          { name: 'odd', configs: { 'retention.ms': 'long' } },
          { name: 'odder', configs: { 'retention.time': '5' } },
        ])
        .values()
      await results.get('fine')
      const failures = [
        ['there', TopicExistsException, /Topic 'there' already exists/],
        ['not/a/name', InvalidTopicException, /not\/a\/name/],
        ['empty', InvalidPartitionsException, /number of partitions|partition/i],
        ['many-copies', InvalidReplicationFactorException, /3.*1 broker/s],
        ['odd', InvalidConfigurationException, /long.*retention\.ms/s],
        ['odder', InvalidConfigurationException, /retention\.time/],
      ] as const
      for (const [name, kind, message] of failures) {
        const error = await failureOf(results.get(name)!)
        expect(error, name).toBeInstanceOf(kind)
        expect(error.message).toMatch(message)
      }
      expect(await admin.listTopics().names()).toEqual(new Set(['there', 'fine']))
    }),
  )

  test(
    'that is only validated is not created',
    onCluster(async (t) => {
      const admin = t.admin()
      await admin.createTopics([{ name: 'dry', numPartitions: 2 }], { validateOnly: true }).all()
      expect(await admin.listTopics().names()).toEqual(new Set())
    }),
  )

  test(
    'that is not there, or contradicts itself, is a typed error of its kind',
    onCluster(async (t) => {
      const admin = t.admin()
      const error = await failureOf(admin.deleteTopics(['missing']).all())
      expect(error).toBeInstanceOf(UnknownTopicOrPartitionException)
      const unknown = Uuid.randomUuid(new SeededRandom(1))
      for (const call of [
        admin.deleteTopics([unknown]).all(),
        admin.describeTopics([unknown]).all(),
      ]) {
        expect(await failureOf(call)).toBeInstanceOf(UnknownTopicIdException)
      }
      const both = { name: 'both', numPartitions: 1, replicasAssignments: { 0: [1] } }
      expect(thrownBy(() => admin.createTopics([both]))).toBeInstanceOf(IllegalArgumentException)
    }),
  )

  test(
    'that is deleted and made again under its name is a new one: old records do not come back',
    onCluster(async (t) => {
      const admin = t.admin()
      await admin.createTopics([{ name: 'orders', numPartitions: 1 }]).all()
      const producer = t.producer({ 'metadata.max.age.ms': 1000 })
      await Promise.all(range(5).map((i) => producer.send({ topic: 'orders', value: `old-${i}` })))
      const consumer = t.consumer()
      consumer.assign(partitionsOf('orders', 1))
      expect((await consumer.poll(1000)).count()).toBe(5)

      await admin.deleteTopics(['orders']).all()
      await admin.createTopics([{ name: 'orders', numPartitions: 2 }]).all()
      const sent = await producer.send({ topic: 'orders', partition: 0, value: 'new' })
      expect(sent.offset).toBe(0)
      expect(valuesOf(await t.contents('orders', 2))).toEqual(['new'])
      const values: (string | null)[] = []
      const end = t.time.milliseconds() + 20_000
      consumer.seekToBeginning([new TopicPartition('orders', 0)])
      while (values.length === 0 && t.time.milliseconds() < end) {
        values.push(...valuesOf(await consumer.poll(1000)))
      }
      expect(values).toEqual(['new'])
    }),
  )
})

describe('the cluster', () => {
  test(
    'is described as it is, also when a broker has gone',
    onCluster(
      async (t) => {
        const admin = t.admin()
        const before = await admin.describeCluster().description()
        expect(before.clusterId).toBe(t.cluster.clusterId)
        expect(before.nodes.map((node) => node.id).sort()).toEqual([1, 2, 3])
        expect(before.nodes.find((node) => node.id === 2)!.port).toBe(t.cluster.broker(2).port)
        await t.cluster.stopBroker(2)
        expect((await admin.describeCluster().nodes()).map(({ id }) => id).sort()).toEqual([1, 3])
      },
      { brokers: 3 },
    ),
  )

  test(
    'answers calls that were made before it could be reached, and before close',
    onCluster(
      async (t) => {
        t.world.network.faults.isolate('cluster')
        const admin = t.admin()
        const listed = admin.listTopics().names()
        const created = admin.createTopics([{ name: 'orders' }]).all()
        const closed = admin.close()
        await t.time.sleep(3000)
        t.world.network.faults.healAll()
        expect(await listed).toBeInstanceOf(Set)
        await created
        await closed
      },
      { link: { latencyMs: 5 } },
    ),
  )
})
