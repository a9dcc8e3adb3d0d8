/**
 * The random groups of `Assignments.java` (test/golden/generator): numbers are drawn from the same
 * generator in the same order, so both sides see the same ten thousand groups.
 */

import { Cluster } from '../../../../src/common/Cluster.ts'
import { Node } from '../../../../src/common/Node.ts'
import { PartitionInfo } from '../../../../src/common/PartitionInfo.ts'
import { TopicPartition } from '../../../../src/common/TopicPartition.ts'

export interface RandomMember {
  readonly id: string
  readonly topics: readonly string[]
  readonly instance: string | null
  readonly rack: string | null
  readonly generation: number
  /** It has user data from an earlier assignment. */
  readonly noted: boolean
  /** It does not say its generation in the subscription. */
  readonly old: boolean
  /** Of its subscription. */
  readonly version: number
  readonly owned: TopicPartition[]
}

export interface RandomGroup {
  readonly cluster: Cluster
  readonly members: RandomMember[]
}

/** Draws below a bound: xorshift, 32 bits. */
type Draw = (bound: number) => number

const xorshift = (): Draw => {
  let state = 0x2545f491
  return (bound) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % bound
  }
}

/** A function that makes the next group. */
export const randomGroups = (): (() => RandomGroup) => {
  const below = xorshift()
  return () => {
    const n = 1 + below(below(10) === 0 ? 18 : 5)
    const size = n >= 12 ? n + 1 : n
    const topicCount = 1 + below(4)
    const racks = below(2) === 0
    const same = below(2) === 0
    const statics = below(4) === 0
    const past = below(4)
    const { cluster, topics } = randomCluster(below, topicCount, racks)
    const members = Array.from({ length: size }, (_, j) =>
      randomMember(below, { j, topics: [...topics.keys()], same, statics, racks, past }),
    )
    own(below, topics, members, past)
    return { cluster, members }
  }
}

const randomCluster = (below: Draw, topicCount: number, racks: boolean) => {
  const nodes = [0, 1, 2, 3].map((k) => new Node(k, 'host', 9092, racks ? `rack-${k % 3}` : null))
  const topics = new Map<string, number>()
  const partitions: PartitionInfo[] = []
  for (let i = 0; i < topicCount; i++) {
    const topic = `topic-${below(1000)}-${i}`
    const count = below(10) === 0 ? 0 : 1 + below(9)
    topics.set(topic, count)
    for (let p = 0; p < count; p++) {
      const factor = 1 + below(3)
      const first = below(4)
      const replicas = Array.from({ length: factor }, (_, k) => nodes[(first + k) % 4]!)
      partitions.push(new PartitionInfo(topic, p, replicas[0]!, replicas, replicas))
    }
  }
  return { cluster: new Cluster({ nodes, partitions }), topics }
}

interface MemberShape {
  readonly j: number
  readonly topics: readonly string[]
  readonly same: boolean
  readonly statics: boolean
  readonly racks: boolean
  readonly past: number
}

const randomMember = (below: Draw, shape: MemberShape): RandomMember => {
  const { j, same, statics, racks, past } = shape
  const id = `consumer-${below(1_000_000)}-${j}`
  const topics = shape.topics.filter(() => same || below(2) === 0)
  if (topics.length === 0 && below(4) !== 0) topics.push(shape.topics[below(shape.topics.length)]!)
  const instance = statics && below(2) === 0 ? `instance-${below(1000)}-${j}` : null
  const rack = racks && below(5) !== 0 ? `rack-${below(3)}` : null
  const generation = randomGeneration(below, past)
  const noted = past !== 3 || below(3) !== 0
  const old = below(5) === 0
  const version = below(10) === 0 ? below(4) : 3
  return { id, topics, instance, rack, generation, noted, old, version, owned: [] }
}

const randomGeneration = (below: Draw, past: number): number => {
  if (past === 0) return -1
  if (past === 1) return 5
  if (past === 3) return 5 - below(2)
  return below(5) === 0 ? -1 : 3 + below(3)
}

const own = (
  below: Draw,
  topics: ReadonlyMap<string, number>,
  members: readonly RandomMember[],
  past: number,
): void => {
  if (past === 0) return
  for (const [topic, count] of topics) {
    for (let p = 0; p < count; p++) {
      const claims = past === 2 ? below(3) : below(4) === 0 ? 0 : 1
      for (let c = 0; c < claims; c++) {
        const member = members[below(members.length)]!
        const partition = new TopicPartition(topic, p)
        const may = past !== 1 || member.topics.includes(topic)
        if (may && !member.owned.some((tp) => tp.equals(partition))) member.owned.push(partition)
      }
    }
  }
  if (past === 2 && below(3) === 0) {
    members[below(members.length)]!.owned.push(new TopicPartition('gone', 0))
  }
}
