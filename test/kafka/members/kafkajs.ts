/**
 * kafkajs as a member of a mixed group (`tell.ts`): its own assigner knows no one else's bytes, so
 * it is given one with Kafka's name and Kafka's way of sharing. It shares by range alone.
 */

import { AssignerProtocol, Kafka, logLevel, type PartitionAssigner } from 'kafkajs'
import { goodbye, memberArguments, tell } from './tell.ts'

const { bootstrap, topic, group } = memberArguments()
const { MemberAssignment, MemberMetadata } = AssignerProtocol

/** Kafka's `RangeAssignor`: consecutive partitions, the first members get one more. */
const range: PartitionAssigner = ({ cluster }) => ({
  name: 'range',
  version: 0,
  async assign({ members, topics }) {
    const ids = members.map(({ memberId }) => memberId).sort()
    const shares = new Map(ids.map((id) => [id, {} as Record<string, number[]>]))
    for (const each of topics) {
      const partitions = cluster
        .findTopicPartitionMetadata(each)
        .map(({ partitionId }) => partitionId)
        .sort((a, b) => a - b)
      const least = Math.floor(partitions.length / ids.length)
      const more = partitions.length % ids.length
      let next = 0
      for (const [i, id] of ids.entries()) {
        const count = least + (i < more ? 1 : 0)
        shares.get(id)![each] = partitions.slice(next, next + count)
        next += count
      }
    }
    return ids.map((memberId) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({
        version: 0,
        assignment: shares.get(memberId)!,
        userData: Buffer.alloc(0),
      }),
    }))
  },
  protocol: ({ topics }) => ({
    name: 'range',
    metadata: MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
  }),
})

const consumer = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).consumer({
  groupId: group,
  partitionAssigners: [range],
  sessionTimeout: 6000,
  heartbeatInterval: 500,
  rebalanceTimeout: 10_000,
  maxWaitTimeInMs: 100,
})

let owned: readonly number[] = []
const give = (): void => {
  if (owned.length > 0) tell({ event: 'revoked', partitions: owned })
  owned = []
}
consumer.on('consumer.group_join', ({ payload }) => {
  owned = payload.memberAssignment[topic] ?? []
  tell({ event: 'assigned', partitions: owned })
})
consumer.on('consumer.rebalancing', give)

await consumer.connect()
await consumer.subscribe({ topics: [topic], fromBeginning: true })
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: false,
  eachBatch: async ({ batch, resolveOffset, isStale, heartbeat }) => {
    if (isStale() || batch.messages.length === 0) return
    const from = Number(batch.messages[0]!.offset)
    const to = Number(batch.messages.at(-1)!.offset)
    tell({ event: 'records', partition: batch.partition, from, to })
    await consumer.commitOffsets([{ topic, partition: batch.partition, offset: String(to + 1) }])
    tell({ event: 'committed', partition: batch.partition, offset: to + 1 })
    resolveOffset(String(to))
    await heartbeat()
  },
})
await goodbye()
await consumer.disconnect()
give()
