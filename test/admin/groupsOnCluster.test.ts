/** The admin client and the group coordinators of an embedded cluster, over the wire. */

import { expect, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { OffsetSpec } from '../../src/admin/OffsetSpec.ts'
import {
  GroupIdNotFoundException,
  GroupNotEmptyException,
  UnknownMemberIdException,
} from '../../src/common/errors/CoordinatorExceptions.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { OffsetAndMetadata } from '../../src/consumer/OffsetAndMetadata.ts'
import { batchOf, onCluster, produce, type TestCluster } from '../broker/brokerSupport.ts'
import { joinAsMember } from '../cli/rawMember.ts'

const ORDERS_0 = new TopicPartition('orders', 0)
const ORDERS_1 = new TopicPartition('orders', 1)
const GROUPS = ['a', 'b', 'c', 'd', 'e', 'f']

const withAdminOn = (
  brokers: number,
  main: (test: TestCluster & { readonly admin: KafkaAdminClient }) => Promise<void>,
) =>
  onCluster(
    async (cluster) => {
      const { bootstrapServers } = cluster.cluster
      const admin = new KafkaAdminClient(
        { 'bootstrap.servers': bootstrapServers },
        cluster.environment,
      )
      await admin.createTopics([{ name: 'orders', numPartitions: 2 }]).all()
      await main({ ...cluster, admin })
      await admin.close()
    },
    {
      brokers,
      config: { 'group.initial.rebalance.delay.ms': '0', 'offsets.topic.num.partitions': '6' },
    },
  )

test(
  'groups of several coordinators are written, found, described and deleted in one call each',
  withAdminOn(3, async ({ admin, cluster }) => {
    for (const [i, group] of GROUPS.entries()) {
      const offset = new OffsetAndMetadata(i, null, `of ${group}`)
      await admin.alterConsumerGroupOffsets(group, [[ORDERS_0, offset]]).all()
    }
    const listed = (await admin.listGroups().all()).map(({ groupId }) => groupId)
    expect([...listed].sort()).toEqual(GROUPS)
    const described = await admin.describeConsumerGroups(GROUPS).all()
    const coordinators = new Set([...described.values()].map(({ coordinator }) => coordinator.id))
    expect(coordinators.size).toBe(3)
    for (const { groupState, isSimpleConsumerGroup } of described.values()) {
      expect([groupState, isSimpleConsumerGroup]).toEqual(['Empty', true])
    }
    const specs = new Map(GROUPS.map((group) => [group, {}]))
    const offsets = await admin.listConsumerGroupOffsets(specs).all()
    expect(GROUPS.map((group) => offsets.get(group)!.get(ORDERS_0))).toEqual(
      GROUPS.map((group, i) => new OffsetAndMetadata(i, null, `of ${group}`)),
    )
    // The coordinators move, and are found where they are.
    for (let partition = 0; partition < 6; partition++) {
      const leader = cluster.leaderOf('__consumer_offsets', partition)!
      await cluster.moveLeader('__consumer_offsets', partition, (leader % 3) + 1)
    }
    await admin.deleteConsumerGroupOffsets('a', [ORDERS_0]).all()
    await admin.deleteConsumerGroups(GROUPS.slice(1)).all()
    expect(await admin.listGroups().all()).toHaveLength(1)
    const gone = admin.describeConsumerGroups(['b']).all()
    await expect(gone).rejects.toThrow(GroupIdNotFoundException)
  }),
)

test(
  'a group with members is described, left alone, and emptied',
  withAdminOn(1, async ({ admin, connect }) => {
    const settings = { topic: 'orders', groupInstanceId: 'instance-1' }
    const member = await joinAsMember(await connect(), 'busy', settings, [1])
    const described = (await admin.describeConsumerGroups(['busy']).all()).get('busy')!
    expect(described).toMatchObject({ groupState: 'Stable', partitionAssignor: 'range' })
    const [description] = described.members
    expect(description).toMatchObject({ consumerId: member, groupInstanceId: 'instance-1' })
    expect([...description!.assignment]).toEqual([ORDERS_1])
    const classic = (await admin.describeClassicGroups(['busy']).all()).get('busy')!
    expect(classic).toMatchObject({ state: 'Stable', protocol: 'consumer', protocolData: 'range' })

    await expect(admin.deleteConsumerGroups(['busy']).all()).rejects.toThrow(GroupNotEmptyException)
    const alter = () =>
      admin.alterConsumerGroupOffsets('busy', [[ORDERS_1, new OffsetAndMetadata(1)]]).all()
    await expect(alter()).rejects.toThrow(UnknownMemberIdException)

    const unknown = { members: [{ groupInstanceId: 'nobody' }] }
    const refused = admin.removeMembersFromConsumerGroup('busy', unknown)
    await expect(refused.all()).rejects.toThrow(UnknownMemberIdException)
    await admin.removeMembersFromConsumerGroup('busy').all()
    await alter()
    const [left] = (await admin.describeConsumerGroups(['busy']).all()).values()
    expect(left).toMatchObject({ groupState: 'Empty', members: [] })
    await admin.deleteConsumerGroups(['busy']).all()
  }),
)

test(
  'the first offset, the end and that of a time are those of the log, at any of its leaders',
  withAdminOn(2, async ({ admin, connect, cluster }) => {
    const leader = cluster.leaderOf('orders', 0)!
    await produce(await connect(leader), 'orders', batchOf(['one', 'two', 'three']))
    const ask = async (spec: OffsetSpec) => {
      const all = await admin
        .listOffsets([
          [ORDERS_0, spec],
          [ORDERS_1, spec],
        ])
        .all()
      return [all.get(ORDERS_0)!.offset, all.get(ORDERS_1)!.offset]
    }
    expect(await ask(OffsetSpec.earliest())).toEqual([0, 0])
    expect(await ask(OffsetSpec.latest())).toEqual([3, 0])
    expect(await ask(OffsetSpec.forTimestamp(1_700_000_000_000))).toEqual([0, -1])
    expect(await ask(OffsetSpec.forTimestamp(1_700_000_000_001))).toEqual([-1, -1])
    expect(await ask(OffsetSpec.maxTimestamp())).toEqual([0, -1])
    await cluster.moveLeader('orders', 0, leader === 1 ? 2 : 1)
    expect(await ask(OffsetSpec.latest())).toEqual([3, 0])
  }),
)
