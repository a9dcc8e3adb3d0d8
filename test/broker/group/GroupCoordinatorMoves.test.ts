/** Groups and offsets when the broker that coordinates them stops, crashes, or hands them on. */

import { describe, expect, test } from 'vitest'
import { GroupCoordinatorRecordSerde } from '../../../src/broker/group/GroupCoordinatorRecordSerde.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import { createTopic } from '../brokerSupport.ts'
import {
  commit,
  committed,
  findCoordinator,
  type GroupCluster,
  join,
  joinAlone,
  OFFSETS_TOPIC,
  onGroupCluster,
  partitionOf,
  sync,
} from './groupSupport.ts'

const MINUTE_MS = 60_000

/** What the log of a group's partition has. */
const logOf = ({ cluster }: GroupCluster, groupId: string) => {
  const partition = partitionOf(groupId)
  const broker = cluster.broker(cluster.leaderOf(OFFSETS_TOPIC, partition)!)
  const topicPartition = new TopicPartition(OFFSETS_TOPIC, partition)
  const { log } = broker.replicaManager.getPartition(topicPartition)!
  const { records } = log.read(0, 1 << 20, 'logEnd', true)
  const read = MemoryRecords.readableRecords(records.toBytes())
  return { batches: [...read.batches()], records: [...read.records()] }
}

/** Its records, read as Kafka would. */
const recordsOf = (test: GroupCluster, groupId: string) => {
  const serde = new GroupCoordinatorRecordSerde()
  return logOf(test, groupId).records.map(({ key, value }) => serde.deserialize(key, value))
}

const heartbeat = async (
  test: GroupCluster,
  groupId: string,
  { memberId, generationId }: { memberId: string; generationId: number },
): Promise<number> => {
  const client = await test.coordinatorOf(groupId)
  const request = { groupId, memberId, generationId }
  return (await client.request(ApiKeys.HEARTBEAT, 4, request)).errorCode
}

describe('after a restart', () => {
  for (const [how, end] of [
    ['in order', 'stopBroker'],
    ['after a crash', 'killBroker'],
  ] as const) {
    test(
      `${how}, groups have their members and offsets, and members go on without a rebalance`,
      onGroupCluster(async (test) => {
        const { cluster, coordinatorOf, world } = test
        const client = await coordinatorOf('g')
        await createTopic(client, 'orders', 2)
        const member = await joinAlone(client, 'g')
        await commit(client, 'g', 'orders', 5, member)
        await commit(client, 'g', 'orders', 6, { ...member, partition: 1 })
        await commit(client, 'g', 'orders', 7, member)
        await commit(client, 'simple', 'orders', 1, { metadata: 'note' })
        await cluster[end](1)
        await world.simulation.sleep(1000)
        await cluster.startBroker(1, 0)
        const again = await coordinatorOf('g')
        expect(await committed(again, 'g')).toEqual({ 'orders-0': 7, 'orders-1': 6 })
        expect(await committed(again, 'simple')).toEqual({ 'orders-0': 1 })
        expect(await heartbeat(test, 'g', member)).toBe(0)
        expect(await commit(again, 'g', 'orders', 8, member)).toBe(0)
        // The session began anew with the restart, and ends like any other.
        await world.simulation.sleep(10_001)
        expect(await heartbeat(test, 'g', member)).toBe(Errors.UNKNOWN_MEMBER_ID.code)
        expect(await committed(again, 'g')).toEqual({ 'orders-0': 8, 'orders-1': 6 })
      }),
    )
  }

  test(
    'what was deleted stays deleted: tombstones are read, too',
    onGroupCluster(async (test) => {
      const { cluster, coordinatorOf } = test
      const client = await coordinatorOf('g')
      await createTopic(client, 'orders')
      await createTopic(client, 'gone')
      await commit(client, 'g', 'orders', 5)
      await commit(client, 'g', 'gone', 5)
      await commit(client, 'h', 'orders', 5)
      await client.request(ApiKeys.DELETE_GROUPS, 2, { groupsNames: ['g'] })
      await client.request(ApiKeys.DELETE_TOPICS, 6, { topics: [{ name: 'gone' }] })
      const records = recordsOf(test, 'g')
      expect(records.filter(({ value }) => value === null).map(({ key }) => key)).toEqual([
        { group: 'g', topic: 'orders', partition: 0 },
        { group: 'g', topic: 'gone', partition: 0 },
        { group: 'g' },
      ])
      await cluster.stopBroker(1)
      await cluster.startBroker(1)
      const again = await coordinatorOf('g')
      expect(await committed(again, 'g')).toEqual({})
      expect(await committed(again, 'h')).toEqual({ 'orders-0': 5 })
      const { groups } = await again.request(ApiKeys.LIST_GROUPS, 5, {})
      expect(groups.map(({ groupId }) => groupId)).toEqual(['h'])
    }),
  )

  test(
    'offsets of a topic that was deleted while nobody coordinated are not those of a new one',
    onGroupCluster(
      async ({ cluster, coordinatorOf, connect }) => {
        const client = await coordinatorOf('g')
        await createTopic(client, 'orders')
        await commit(client, 'g', 'orders', 5)
        const partition = partitionOf('g')
        const leader = cluster.leaderOf(OFFSETS_TOPIC, partition)!
        const other = cluster.brokerIds().find((id) => id !== leader)!
        await cluster.stopBroker(leader)
        const survivor = await connect(other)
        await survivor.request(ApiKeys.DELETE_TOPICS, 6, { topics: [{ name: 'orders' }] })
        await cluster.startBroker(leader)
        const again = await coordinatorOf('g')
        // As in Kafka the offset is still there; its topic's id tells it from the new topic.
        const topicId = await createTopic(again, 'orders')
        const { groups } = await again.request(ApiKeys.OFFSET_FETCH, 10, {
          groups: [{ groupId: 'g', topics: [{ topicId, partitionIndexes: [0] }] }],
        })
        expect(groups[0]!.topics[0]!.partitions[0]!.committedOffset).toBe(-1)
      },
      { brokers: 2 },
    ),
  )
})

describe('when the coordinator moves', () => {
  test(
    'the new one has everything, and the old one says that it is not the one any more',
    onGroupCluster(
      async (test) => {
        const { cluster, coordinatorOf, connect } = test
        const client = await coordinatorOf('g')
        await createTopic(client, 'orders')
        const member = await joinAlone(client, 'g')
        await commit(client, 'g', 'orders', 5, member)
        const partition = partitionOf('g')
        const from = cluster.leaderOf(OFFSETS_TOPIC, partition)!
        const to = cluster.brokerIds().find((id) => id !== from)!
        await cluster.moveLeader(OFFSETS_TOPIC, partition, to)
        expect(await commit(client, 'g', 'orders', 6, member)).toBe(Errors.NOT_COORDINATOR.code)
        expect(await findCoordinator(test, client, 'g')).toBe(to)
        const next = await connect(to)
        expect(await committed(next, 'g')).toEqual({ 'orders-0': 5 })
        expect(await commit(next, 'g', 'orders', 6, member)).toBe(0)
        await cluster.moveLeader(OFFSETS_TOPIC, partition, from)
        expect(await committed(client, 'g')).toEqual({ 'orders-0': 6 })
        expect(await heartbeat(test, 'g', member)).toBe(0)
      },
      { brokers: 2 },
    ),
  )

  for (const [how, move] of [
    [
      'moves',
      ({ cluster }: GroupCluster, from: number, to: number) =>
        cluster.moveLeader(OFFSETS_TOPIC, partitionOf('g'), to).then(() => from),
    ],
    ['stops', ({ cluster }: GroupCluster, from: number) => cluster.stopBroker(from)],
  ] as const) {
    test(
      `whoever waits to join is answered as soon as it ${how}`,
      onGroupCluster(
        async (test) => {
          const { cluster, coordinatorOf, world } = test
          const client = await coordinatorOf('g')
          await joinAlone(client, 'g')
          // A second member waits for the first one, which never comes.
          const waiting = join(await coordinatorOf('g'), 'g').catch((error: Error) => error.message)
          await world.simulation.sleep(100)
          const from = cluster.leaderOf(OFFSETS_TOPIC, partitionOf('g'))!
          const to = cluster.brokerIds().find((id) => id !== from)!
          await move(test, from, to)
          expect(await waiting).toBe(`JoinGroup: error ${Errors.NOT_COORDINATOR.code}`)
        },
        { brokers: 2 },
      ),
    )
  }

  test(
    'again and again under commits, no commit that was acknowledged is lost',
    onGroupCluster(
      async (test) => {
        const { cluster, connect, environment, coordinatorOf } = test
        await createTopic(await coordinatorOf('g'), 'orders')
        const clients = new Map<number, Awaited<ReturnType<typeof connect>>>()
        for (const id of cluster.brokerIds()) clients.set(id, await connect(id))
        const partition = partitionOf('g')
        let acknowledged = -1
        let refused = 0
        const moving = (async () => {
          for (let i = 0; i < 8; i++) {
            await environment.time.sleep(7)
            await cluster.moveLeader(OFFSETS_TOPIC, partition, (i % 3) + 1)
          }
        })()
        let coordinator = cluster.leaderOf(OFFSETS_TOPIC, partition)!
        for (let offset = 0; offset < 60; offset++) {
          await environment.time.sleep(1)
          const errorCode = await commit(clients.get(coordinator)!, 'g', 'orders', offset)
          if (errorCode === 0) acknowledged = offset
          else {
            expect(errorCode).toBe(Errors.NOT_COORDINATOR.code)
            refused++
            coordinator = cluster.leaderOf(OFFSETS_TOPIC, partition)!
          }
        }
        await moving
        expect(refused).toBeGreaterThan(0)
        const last = (await committed(await coordinatorOf('g'), 'g'))['orders-0']!
        expect(last).toBeGreaterThanOrEqual(acknowledged)
      },
      { brokers: 3 },
    ),
  )
})

describe('with flush.messages', () => {
  test(
    'a commit is answered when the disk has it, and operations keep their order',
    onGroupCluster(
      async ({ coordinatorOf }) => {
        const client = await coordinatorOf('g')
        const [one, two] = [await coordinatorOf('g'), await coordinatorOf('g')]
        await createTopic(client, 'orders')
        const member = await joinAlone(client, 'g')
        const codes = await Promise.all([
          commit(one, 'g', 'orders', 1, member),
          commit(two, 'g', 'orders', 2, member),
          commit(client, 'g', 'orders', 3, member),
        ])
        expect(codes).toEqual([0, 0, 0])
        expect([1, 2, 3]).toContain((await committed(client, 'g'))['orders-0'])
      },
      { config: { 'log.flush.interval.messages': 1 } },
    ),
  )
})

describe('the settings of the log', () => {
  for (const [codec, name] of ['none', 'gzip', 'snappy', 'lz4', 'zstd'].entries()) {
    test(
      `with ${name}, records are written so and read again, however small the pieces`,
      onGroupCluster(
        async (test) => {
          const { cluster, coordinatorOf } = test
          const client = await coordinatorOf('g')
          await createTopic(client, 'orders', 3)
          const member = await joinAlone(client, 'g')
          for (const partition of [0, 1, 2]) {
            await commit(client, 'g', 'orders', partition + 5, { ...member, partition })
          }
          const { batches } = logOf(test, 'g')
          expect(batches.map(({ compressionType }) => compressionType.id)).toContain(codec)
          await cluster.stopBroker(1)
          await cluster.startBroker(1)
          const offsets = await committed(await coordinatorOf('g'), 'g')
          expect(offsets).toEqual({ 'orders-0': 5, 'orders-1': 6, 'orders-2': 7 })
          expect(await heartbeat(test, 'g', member)).toBe(0)
        },
        {
          config: { 'offsets.topic.compression.codec': codec, 'offsets.load.buffer.size': 1 },
        },
      ),
    )
  }
})

describe('in the course of time', () => {
  test(
    'offsets and groups that nobody uses are forgotten, those of a group that reads are not',
    onGroupCluster(
      async (test) => {
        const { coordinatorOf, world } = test
        const client = await coordinatorOf('reading')
        await createTopic(client, 'orders')
        const member = await join(client, 'reading', { sessionTimeoutMs: MINUTE_MS / 2 })
        await sync(client, 'reading', member)
        await commit(client, 'reading', 'orders', 1, member)
        await commit(client, 'simple', 'orders', 2)
        for (let i = 0; i < 4; i++) {
          await world.simulation.sleep(MINUTE_MS / 2 - 1000)
          expect(await heartbeat(test, 'reading', member)).toBe(0)
        }
        const later = await coordinatorOf('reading')
        expect(await committed(later, 'reading')).toEqual({ 'orders-0': 1 })
        expect(await committed(later, 'simple')).toEqual({})
        const { groups } = await later.request(ApiKeys.LIST_GROUPS, 5, {})
        expect(groups.map(({ groupId }) => groupId)).toEqual(['reading'])
        // It is silent, and a minute after its session it is forgotten too.
        await world.simulation.sleep(MINUTE_MS / 2 + MINUTE_MS + 10_000)
        const last = await coordinatorOf('reading')
        expect(await committed(last, 'reading')).toEqual({})
        expect((await last.request(ApiKeys.LIST_GROUPS, 5, {})).groups).toEqual([])
        expect(recordsOf(test, 'reading').at(-1)).toMatchObject({ key: { group: 'reading' } })
      },
      {
        config: {
          'offsets.retention.minutes': 1,
          'offsets.retention.check.interval.ms': 10_000,
        },
      },
    ),
  )
})
