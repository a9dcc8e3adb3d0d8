/**
 * What the sticky assignors write into a subscription's user data, to be read by the leader.
 *
 * Neither has a version in front. A reader of `StickyAssignorUserData` tries the newer form, which
 * fails on bytes of the older one because they end too early, and then the older.
 *
 * @kafka org.apache.kafka.clients.consumer.StickyAssignor (serializeTopicPartitionAssignment)
 * @kafka org.apache.kafka.clients.consumer.CooperativeStickyAssignor (subscriptionUserData)
 */

import { ByteBuffer } from '../../common/ByteBuffer.ts'
import { KafkaException } from '../../common/errors.ts'
import { HashMap } from '../../common/HashMap.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { MessageWriter } from '../../protocol/schema/MessageWriter.ts'
import { message } from '../../protocol/schema/message.ts'
import { array, int32, string } from '../../protocol/schema/types.ts'
import { DEFAULT_GENERATION, type MemberData } from './PreviousOwners.ts'

/**
 * What an eager member had before it gave everything up.
 *
 *     StickyAssignorUserData v1 => [previousAssignment] generation
 *       previousAssignment => topic [partitions]
 *         topic => string
 *         partitions => int32
 *       generation => int32
 */
const StickyAssignorUserData = message({
  name: 'StickyAssignorUserData',
  kind: 'data',
  validVersions: '0-1',
  flexibleVersions: 'none',
  fields: {
    previousAssignment: array({
      topic: string(),
      partitions: array(int32()),
    }),
    generation: int32({ versions: '1+', default: DEFAULT_GENERATION }),
  },
})

/**
 * Since when a cooperative member has what its subscription says.
 *
 *     CooperativeStickyAssignorUserData v0 => generation
 *       generation => int32
 */
const CooperativeStickyAssignorUserData = message({
  name: 'CooperativeStickyAssignorUserData',
  kind: 'data',
  validVersions: '0',
  flexibleVersions: 'none',
  fields: { generation: int32() },
})

/** Topics in the order of Java's `HashMap`: the same bytes as a Java member's. */
export const serializeTopicPartitionAssignment = ({
  partitions,
  generation,
}: MemberData): Uint8Array => {
  const topics = HashMap.ofStrings<number[]>()
  for (const { topic, partition } of partitions) {
    topics.computeIfAbsent(topic, () => []).push(partition)
  }
  const previousAssignment = Array.from(topics, ([topic, numbers]) => ({
    topic,
    partitions: numbers,
  }))
  const out = new MessageWriter()
  const data = { previousAssignment, generation: generation ?? DEFAULT_GENERATION }
  StickyAssignorUserData.encode(data, 1, out)
  return out.toBytes()
}

/** What cannot be read counts as no past at all: a member must not stop its group by odd bytes. */
export const deserializeTopicPartitionAssignment = (userData: Uint8Array): MemberData => {
  for (const version of [1, 0]) {
    const data = readOrNull(() => StickyAssignorUserData.decode(ByteBuffer.wrap(userData), version))
    if (data === null) continue
    const partitions = data.previousAssignment.flatMap(({ topic, partitions: numbers }) =>
      numbers.map((number) => new TopicPartition(topic, number)),
    )
    return { partitions, generation: version === 1 ? data.generation : null }
  }
  return { partitions: [], generation: DEFAULT_GENERATION }
}

export const serializeGeneration = (generation: number): Uint8Array => {
  const out = new MessageWriter()
  CooperativeStickyAssignorUserData.encode({ generation }, 0, out)
  return out.toBytes()
}

/** -1 for what cannot be read. */
export const deserializeGeneration = (userData: Uint8Array): number =>
  readOrNull(() => CooperativeStickyAssignorUserData.decode(ByteBuffer.wrap(userData), 0))
    ?.generation ?? DEFAULT_GENERATION

const readOrNull = <T>(read: () => T): T | null => {
  try {
    return read()
  } catch (error) {
    if (error instanceof KafkaException) return null
    throw error
  }
}
