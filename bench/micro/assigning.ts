/** A leader's work in a rebalance: from what all members want to what each gets. */

import { Cluster } from '../../src/common/Cluster.ts'
import { Node } from '../../src/common/Node.ts'
import { PartitionInfo } from '../../src/common/PartitionInfo.ts'
import type { ConsumerPartitionAssignor } from '../../src/consumer/ConsumerPartitionAssignor.ts'
import { CooperativeStickyAssignor } from '../../src/consumer/CooperativeStickyAssignor.ts'
import { GroupSubscription } from '../../src/consumer/GroupSubscription.ts'
import { RangeAssignor } from '../../src/consumer/RangeAssignor.ts'
import { Subscription } from '../../src/consumer/Subscription.ts'
import { calls, type Micro } from './timed.ts'

const TOPICS = ['orders', 'payments', 'shipments', 'returns']
const SIZES = [
  { partitions: 200, members: 4 },
  { partitions: 2000, members: 100 },
]

type Size = (typeof SIZES)[number]

const clusterOf = ({ partitions }: Size): Cluster => {
  const node = new Node(0, 'localhost', 9092)
  const infos = TOPICS.flatMap((topic) =>
    Array.from(
      { length: partitions / TOPICS.length },
      (_, p) => new PartitionInfo(topic, p, node, [node], [node]),
    ),
  )
  return new Cluster({ nodes: [node], partitions: infos })
}

/** All but the last member have what they got when they were among themselves. */
const groupOf = (
  assignor: ConsumerPartitionAssignor,
  cluster: Cluster,
  size: Size,
): GroupSubscription => {
  const ids = Array.from({ length: size.members }, (_, i) => `consumer-group-1-member-${i}`)
  const before = new GroupSubscription(
    new Map(ids.slice(0, -1).map((id) => [id, new Subscription(TOPICS)])),
  )
  const had = assignor.assign(cluster, before).groupAssignment()
  const subscription = (id: string): Subscription => {
    const ownedPartitions = had.get(id)?.partitions ?? []
    return new Subscription(TOPICS, { ownedPartitions, generationId: had.has(id) ? 1 : -1 })
  }
  return new GroupSubscription(new Map(ids.map((id) => [id, subscription(id)])))
}

export const assigning = (): Micro[] =>
  SIZES.flatMap((size) =>
    [new RangeAssignor(), new CooperativeStickyAssignor()].map((assignor) => {
      const cluster = clusterOf(size)
      const group = groupOf(assignor, cluster, size)
      return {
        name: `assign ${size.partitions} partitions to ${size.members} members, ${assignor.name()}`,
        sample: calls(() => assignor.assign(cluster, group)),
        bytes: 0,
      }
    }),
  )
