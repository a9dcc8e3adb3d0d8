import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cluster } from '../../../src/common/Cluster.ts'
import { Node } from '../../../src/common/Node.ts'
import { PartitionInfo } from '../../../src/common/PartitionInfo.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import type { ConsumerPartitionAssignor } from '../../../src/consumer/ConsumerPartitionAssignor.ts'
import { CooperativeStickyAssignor } from '../../../src/consumer/CooperativeStickyAssignor.ts'
import { GroupSubscription } from '../../../src/consumer/GroupSubscription.ts'
import { RangeAssignor } from '../../../src/consumer/RangeAssignor.ts'
import { RoundRobinAssignor } from '../../../src/consumer/RoundRobinAssignor.ts'
import { StickyAssignor } from '../../../src/consumer/StickyAssignor.ts'
import { Subscription } from '../../../src/consumer/Subscription.ts'
import { ALL_RACKS, silent } from './support/groups.ts'
import { userDataOf } from './support/stickyGroups.ts'

const RUNS = { numRuns: 60, seed: 7 }
const ASSIGNORS: readonly (() => ConsumerPartitionAssignor)[] = [
  () => new RangeAssignor().useLogger(silent),
  () => new RoundRobinAssignor().useLogger(silent),
  () => new StickyAssignor().useLogger(silent),
  () => new CooperativeStickyAssignor().useLogger(silent),
]
const NAMED = ASSIGNORS.map((make) => [make().name(), make] as const)

type Assigned = ReadonlyMap<string, readonly TopicPartition[]>

interface Member {
  readonly id: string
  readonly topics: readonly string[]
  readonly rack: string | null
  readonly instance: string | null
  /** Nobody else owns any of it. */
  readonly owns: readonly TopicPartition[]
}

interface Group {
  /** Partitions by topic. */
  readonly topics: ReadonlyMap<string, number>
  readonly cluster: Cluster
  readonly members: readonly Member[]
}

interface Shape {
  readonly members: number
  readonly topics: number
  readonly partitions: number
  readonly sameTopics?: boolean
}

const clusterOf = (topics: ReadonlyMap<string, number>, racks: boolean, rf: number): Cluster => {
  const nodes = [0, 1, 2].map((id) => new Node(id, 'h', 1, racks ? ALL_RACKS[id]! : null))
  const partitions = [...topics].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, p) => {
      const replicas = Array.from({ length: rf }, (_, k) => nodes[(p + k) % nodes.length]!)
      return new PartitionInfo(topic, p, replicas[0]!, replicas, replicas)
    }),
  )
  return new Cluster({ nodes, partitions })
}

/** Random groups; who owns something wants its topic. */
const groups = (shape: Shape): fc.Arbitrary<Group> =>
  fc
    .record({
      counts: fc.array(fc.nat(shape.partitions), { minLength: 1, maxLength: shape.topics }),
      wants: fc.array(fc.nat(2 ** shape.topics - 1), { minLength: 1, maxLength: shape.members }),
      racks: fc.option(fc.array(fc.constantFrom('a', 'b', 'c', null), { minLength: 30 })),
      statics: fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
      owners: fc.array(fc.nat(99), { minLength: 60, maxLength: 60 }),
      replicationFactor: fc.integer({ min: 1, max: 3 }),
    })
    .map(({ counts, wants, racks, statics, owners, replicationFactor }) => {
      const topics = new Map(counts.map((count, i) => [`t${i}`, count]))
      const owns = wants.map((): TopicPartition[] => [])
      const topicsOf = wants.map((mask) =>
        [...topics.keys()].filter((_, i) => shape.sameTopics || ((mask >> i) & 1) === 1),
      )
      let at = 0
      for (const [topic, count] of topics) {
        for (let p = 0; p < count; p++) {
          const owner = owners[at++ % owners.length]! % (wants.length + 1)
          if (topicsOf[owner]?.includes(topic)) owns[owner]!.push(new TopicPartition(topic, p))
        }
      }
      const members = wants.map((_, i) => ({
        id: `member-${(i * 7919) % 1009}`,
        topics: topicsOf[i]!,
        rack: racks?.[i] ?? null,
        instance: statics[i] ? `i${i}` : null,
        owns: owns[i]!,
      }))
      return { topics, cluster: clusterOf(topics, racks !== null, replicationFactor), members }
    })

const assignTo = (assignor: ConsumerPartitionAssignor, group: Group): Assigned => {
  const name = assignor.name()
  const subscriptions = group.members.map(({ id, topics, rack, instance, owns }) => {
    const options = {
      userData: name === 'sticky' ? userDataOf('sticky', owns, 5) : null,
      ownedPartitions: name === 'sticky' ? [] : owns,
      generationId: 5,
      rackId: rack,
      groupInstanceId: instance,
    }
    return [id, new Subscription(topics, options)] as const
  })
  const all = assignor.assign(group.cluster, new GroupSubscription(new Map(subscriptions)))
  return new Map(Array.from(all.groupAssignment(), ([id, { partitions }]) => [id, partitions]))
}

/** After the cooperative rounds that it takes. */
const settle = (assignor: ConsumerPartitionAssignor, group: Group): Assigned => {
  let now = group
  for (let round = 0; round < 5; round++) {
    const assigned = assignTo(assignor, now)
    const givesUp = now.members.some(({ id, owns }) => {
      const has = new Set(assigned.get(id)!.map(String))
      return owns.some((partition) => !has.has(partition.key))
    })
    if (assignor.name() !== 'cooperative-sticky' || !givesUp) return assigned
    now = { ...now, members: now.members.map((m) => ({ ...m, owns: assigned.get(m.id)! })) }
  }
  throw new Error('The group does not settle')
}

const sizes = (assigned: Assigned): number[] => Array.from(assigned.values(), (p) => p.length)
const spread = (numbers: readonly number[]): number => Math.max(...numbers) - Math.min(...numbers)

/** Partitions that their owner did not keep. */
const moved = (group: Group, assigned: Assigned): number =>
  group.members.reduce((sum, { id, owns }) => {
    const has = new Set(assigned.get(id)!.map(String))
    return sum + owns.filter((partition) => !has.has(partition.key)).length
  }, 0)

describe.each(NAMED)('%s, random groups', (_name, make) => {
  test('every partition that somebody wants has exactly one owner, who wants it', () => {
    const shape = { members: 9, topics: 5, partitions: 9 }
    fc.assert(
      fc.property(groups(shape), (group) => {
        const assigned = settle(make(), group)
        expect([...assigned.keys()].sort()).toEqual(group.members.map(({ id }) => id).sort())
        const owners = new Map<string, string>()
        for (const { id, topics } of group.members) {
          for (const partition of assigned.get(id)!) {
            expect(owners.has(partition.key)).toBe(false)
            owners.set(partition.key, id)
            // Kafka's sticky assignors: whoever comes before the first with topics counts as alike.
            if (topics.length > 0) expect(topics).toContain(partition.topic)
          }
        }
        for (const [topic, count] of group.topics) {
          const wanted = group.members.some(({ topics }) => topics.includes(topic))
          const has = [...owners.keys()].filter((key) => key.startsWith(`${topic}-`)).length
          expect(has).toBe(wanted ? count : 0)
        }
      }),
      RUNS,
    )
  })

  test('the same input gives the same result', () => {
    fc.assert(
      fc.property(groups({ members: 6, topics: 4, partitions: 6 }), (group) => {
        const words = (assigned: Assigned): string =>
          Array.from(assigned, ([id, has]) => `${id}=${has}`)
            .sort()
            .join()
        const once = words(assignTo(make(), group))
        expect(words(assignTo(make(), group))).toBe(once)
      }),
      RUNS,
    )
  })
})

describe('Balance', () => {
  const same = groups({ members: 9, topics: 4, partitions: 9, sameTopics: true })

  test('range: of every topic all who want it get as many, or one more', () => {
    fc.assert(
      fc.property(groups({ members: 7, topics: 4, partitions: 9 }), (group) => {
        const assigned = assignTo(new RangeAssignor(), group)
        for (const topic of group.topics.keys()) {
          const takers = group.members.filter(({ topics }) => topics.includes(topic))
          if (takers.length === 0) continue
          const counts = takers.map(
            ({ id }) => assigned.get(id)!.filter((tp) => tp.topic === topic).length,
          )
          expect(spread(counts)).toBeLessThanOrEqual(1)
        }
      }),
      RUNS,
    )
  })

  test.each(NAMED.slice(1))('%s: who all want the same get as many, or one more', (_, make) => {
    fc.assert(
      fc.property(same, (group) => {
        expect(spread(sizes(settle(make(), group)))).toBeLessThanOrEqual(1)
      }),
      RUNS,
    )
  })

  test.each(NAMED.slice(2))('%s: nothing could go to who wants it and has two less', (_, make) => {
    fc.assert(
      fc.property(groups({ members: 6, topics: 4, partitions: 6 }), (group) => {
        const assigned = settle(make(), group)
        for (const { id, topics } of group.members) {
          if (topics.length === 0) continue
          const { length } = assigned.get(id)!
          for (const [other, has] of assigned) {
            if (has.length < length + 2) continue
            const could = has.filter((tp) => topics.includes(tp.topic)).map(String)
            expect(`${other} → ${id}: ${could}`).toBe(`${other} → ${id}: `)
          }
        }
      }),
      RUNS,
    )
  })
})

/** The fewest partitions that must leave their owner for all to have their share; same topics. */
const fewestMoves = (group: Group): number => {
  const partitions = [...group.topics.values()].reduce((sum, count) => sum + count, 0)
  const members = group.members.length
  const min = Math.floor(partitions / members)
  const larger = partitions % members
  // Who may have one more: every choice is tried.
  let fewest = Number.POSITIVE_INFINITY
  for (let choice = 0; choice < 2 ** members; choice++) {
    const bits = group.members.map((_, i) => (choice >> i) & 1)
    if (bits.reduce((sum, bit) => sum + bit, 0) !== larger) continue
    const moves = group.members.reduce(
      (sum, { owns }, i) => sum + Math.max(0, owns.length - min - bits[i]!),
      0,
    )
    fewest = Math.min(fewest, moves)
  }
  return fewest
}

describe('Stickiness', () => {
  const same = groups({ members: 6, topics: 3, partitions: 5, sameTopics: true })
  const withoutRacks = same.map((group) => ({
    ...group,
    members: group.members.map((member) => ({ ...member, rack: null })),
  }))

  /** Everybody wants something, and racks do not matter. */
  const wanting = groups({ members: 6, topics: 4, partitions: 6 }).map((group) => ({
    ...group,
    members: group.members.map((member) => ({
      ...member,
      rack: null,
      topics: member.topics.length > 0 ? member.topics : ['t0'],
    })),
  }))

  test.each(NAMED.slice(2))('%s moves no more than the best balanced assignment', (_, make) => {
    fc.assert(
      fc.property(withoutRacks, (group) => {
        expect(moved(group, settle(make(), group))).toBe(fewestMoves(group))
      }),
      RUNS,
    )
  })

  test.each(NAMED.slice(2))('%s: a second time nothing moves', (name, make) => {
    fc.assert(
      fc.property(wanting, (group) => {
        const assignor = make()
        const first = settle(assignor, group)
        const members = group.members.map((m) => ({ ...m, owns: first.get(m.id)! }))
        const again = { ...group, members }
        expect([name, moved(again, settle(make(), again))]).toEqual([name, 0])
      }),
      RUNS,
    )
  })

  test('cooperative-sticky gives nobody what another one still owns', () => {
    fc.assert(
      fc.property(groups({ members: 9, topics: 5, partitions: 9 }), (group) => {
        const ownerOf = new Map(
          group.members.flatMap(({ id, owns }) => owns.map((tp) => [tp.key, id] as const)),
        )
        for (const [id, has] of assignTo(new CooperativeStickyAssignor(), group)) {
          for (const { key } of has) expect(ownerOf.get(key) ?? id).toBe(id)
        }
      }),
      RUNS,
    )
  })
})
