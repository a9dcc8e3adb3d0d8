/** Groups, topics and assignments in words, for tests of assignors. */

import { HashMap } from '../../../../src/common/HashMap.ts'
import { ConsoleLogger } from '../../../../src/common/Logger.ts'
import { Node } from '../../../../src/common/Node.ts'
import { PartitionInfo } from '../../../../src/common/PartitionInfo.ts'
import { TopicPartition } from '../../../../src/common/TopicPartition.ts'
import type {
  AbstractPartitionAssignor,
  PartitionsByMember,
} from '../../../../src/consumer/internals/AbstractPartitionAssignor.ts'
import { Subscription, type SubscriptionOptions } from '../../../../src/consumer/Subscription.ts'

export const silent = new ConsoleLogger('silent')

export const ALL_RACKS = ['a', 'b', 'c', 'd', 'e', 'f']

/** Who says where it stands. Where all do, every rack has every partition. */
export type RackConfig = 'NO_BROKER_RACK' | 'NO_CONSUMER_RACK' | 'BROKER_AND_CONSUMER_RACK'
export const RACK_CONFIGS: readonly RackConfig[] = [
  'NO_BROKER_RACK',
  'NO_CONSUMER_RACK',
  'BROKER_AND_CONSUMER_RACK',
]

/** `'t-0 t-1'` */
export const tps = (words: string): TopicPartition[] =>
  words
    .split(/[ ,]+/)
    .filter((word) => word !== '')
    .map((word) => {
      const dash = word.lastIndexOf('-')
      return new TopicPartition(word.slice(0, dash), Number(word.slice(dash + 1)))
    })

/** `{ A: 't-0 t-1' }`, each in its order. */
export const inWords = (assignment: PartitionsByMember): Record<string, string> =>
  Object.fromEntries(Array.from(assignment, ([member, has]) => [member, has.join(' ')]))

/** The same with everything sorted, for where the order does not matter. */
export const sortedWords = (
  assignment: Iterable<readonly [string, readonly TopicPartition[]]>,
): Record<string, string> =>
  Object.fromEntries(
    [...assignment].map(([member, has]) => [member, has.map(String).sort().join(' ')]),
  )

export interface PartitionInfosOptions {
  readonly topic: string
  readonly partitions: number
  readonly replicationFactor: number
  readonly brokerRacks: readonly (string | null)[]
  /** Which broker has the first replica of partition 0. Default 0. */
  readonly firstNode?: number
}

export const partitionInfos = (options: PartitionInfosOptions): PartitionInfo[] => {
  const { topic, brokerRacks, replicationFactor, firstNode = 0 } = options
  const nodes = brokerRacks.map((rack, id) => new Node(id, '', id, rack))
  return Array.from({ length: options.partitions }, (_, i) => {
    const replicas = Array.from(
      { length: replicationFactor },
      (_, j) => nodes[(i + j + firstNode) % nodes.length]!,
    )
    return new PartitionInfo(topic, i, replicas[0]!, replicas, replicas)
  })
}

export const racks = (count: number): string[] => ALL_RACKS.slice(0, count)
export const nullRacks = (count: number): null[] => new Array<null>(count).fill(null)

/** What a member of a group says, for one assignor or another. */
export type SubscriptionMaker = (
  topics: readonly string[],
  owns: readonly TopicPartition[],
  generation: number,
  options: SubscriptionOptions,
) => Subscription

/** A group that changes and is assigned to again and again. */
export class TestGroup {
  readonly partitionsPerTopic = new Map<string, PartitionInfo[]>()
  readonly subscriptions = new Map<string, Subscription>()
  readonly assignor: AbstractPartitionAssignor
  private readonly rackConfig: RackConfig
  private readonly maxRacks: number

  constructor(assignor: AbstractPartitionAssignor, rackConfig: RackConfig, maxRacks = 3) {
    this.assignor = assignor.useLogger(silent).preferRackAwareLogic()
    this.rackConfig = rackConfig
    this.maxRacks = maxRacks
  }

  topic(topic: string, partitions: number): this {
    const count = this.maxRacks
    const brokerRacks =
      this.rackConfig === 'NO_BROKER_RACK'
        ? nullRacks(count)
        : Array.from({ length: count * count }, (_, i) => ALL_RACKS[i % count]!)
    this.partitionsPerTopic.set(
      topic,
      partitionInfos({ topic, partitions, replicationFactor: count, brokerRacks }),
    )
    return this
  }

  /** A member, whose rack follows from its number in the group. */
  subscribe(member: string, topics: string, options: SubscriptionOptions = {}): this {
    return this.put(member, new Subscription(split(topics), this.standing(member, options)))
  }

  put(member: string, subscription: Subscription): this {
    this.subscriptions.set(member, subscription)
    return this
  }

  standing(member: string, options: SubscriptionOptions = {}): SubscriptionOptions {
    if (this.rackConfig === 'NO_CONSUMER_RACK') return options
    const known = this.subscriptions.get(member)?.rackId
    const count = this.rackConfig === 'NO_BROKER_RACK' ? ALL_RACKS.length : this.maxRacks
    return { ...options, rackId: known ?? ALL_RACKS[this.subscriptions.size % count]! }
  }

  leave(member: string): this {
    this.subscriptions.delete(member)
    return this
  }

  /** In the order of Java's maps, as `AbstractPartitionAssignor.assign`. */
  assign(): PartitionsByMember {
    return this.assignor.assignPartitions(
      new Map(HashMap.ofStrings(this.partitionsPerTopic)),
      new Map(HashMap.ofStrings(this.subscriptions)),
    )
  }
}

export const split = (words: string): string[] => words.split(' ').filter((word) => word !== '')

export interface RackScenario {
  readonly topics: Readonly<Record<string, number>>
  readonly replicationFactor: number
  readonly brokerRacks: readonly (string | null)[]
  readonly consumerRacks: readonly (string | null)[]
  /** `['t1 t2', 't1']`, by member. */
  readonly consumerTopics: readonly string[]
  /** `['t1-0 t1-1', '']`, by member; default nothing. */
  readonly owned?: readonly string[]
}

/** What the members get, sorted, and how many of it lie in another rack than their owner. */
export const assignWithRacks = (
  assignor: AbstractPartitionAssignor,
  scenario: RackScenario,
): { assigned: string[]; mismatched: number } => {
  const { consumerRacks, replicationFactor, brokerRacks } = scenario
  const partitionsPerTopic = new Map<string, PartitionInfo[]>()
  let firstNode = 0
  for (const topic of Object.keys(scenario.topics).sort()) {
    const partitions = scenario.topics[topic]!
    const options = { topic, partitions, replicationFactor, brokerRacks, firstNode }
    partitionsPerTopic.set(topic, partitionInfos(options))
    firstNode += partitions
  }
  const subscriptions = new Map(
    consumerRacks.map((rackId, i) => {
      const ownedPartitions = tps(scenario.owned?.[i] ?? '')
      const topics = split(scenario.consumerTopics[i]!)
      return [`consumer${i}`, new Subscription(topics, { ownedPartitions, rackId })]
    }),
  )
  const assignment = assignor.useLogger(silent).assignPartitions(partitionsPerTopic, subscriptions)
  let mismatched = 0
  for (const [member, partitions] of assignment) {
    const rack = subscriptions.get(member)!.rackId
    for (const { topic, partition } of partitions) {
      const { replicas } = partitionsPerTopic.get(topic)![partition]!
      if (rack !== null && replicas.every((node) => node.rack !== rack)) mismatched++
    }
  }
  return { assigned: Object.values(sortedWords([...assignment].sort())), mismatched }
}
