import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../../src/common/Cluster.ts'
import { crc32c } from '../../../src/common/Crc32C.ts'
import { ConsoleLogger } from '../../../src/common/Logger.ts'
import type { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { utf8Bytes } from '../../../src/common/utf8.ts'
import { Assignment } from '../../../src/consumer/Assignment.ts'
import { ConsumerGroupMetadata } from '../../../src/consumer/ConsumerGroupMetadata.ts'
import type { ConsumerPartitionAssignor } from '../../../src/consumer/ConsumerPartitionAssignor.ts'
import { CooperativeStickyAssignor } from '../../../src/consumer/CooperativeStickyAssignor.ts'
import { GroupSubscription } from '../../../src/consumer/GroupSubscription.ts'
import {
  deserializeSubscription,
  serializeSubscription,
} from '../../../src/consumer/internals/ConsumerProtocol.ts'
import { RangeAssignor } from '../../../src/consumer/RangeAssignor.ts'
import { RoundRobinAssignor } from '../../../src/consumer/RoundRobinAssignor.ts'
import { StickyAssignor } from '../../../src/consumer/StickyAssignor.ts'
import { Subscription } from '../../../src/consumer/Subscription.ts'
import { MessageWriter } from '../../../src/protocol/schema/MessageWriter.ts'
import { type RandomGroup, type RandomMember, randomGroups } from './support/randomGroups.ts'

/** What Kafka's own assignors gave the same groups: see test/golden/README.md. */
const golden = JSON.parse(
  readFileSync(new URL('../../golden/assignments.json', import.meta.url), 'utf8'),
) as {
  digests: number[][]
  failures: Record<string, number[]>
  samples: { members: Record<string, unknown>; [assignor: string]: unknown }[]
}

const silent = new ConsoleLogger('silent')
const ASSIGNORS: ReadonlyMap<string, () => ConsumerPartitionAssignor> = new Map([
  ['range', () => new RangeAssignor().useLogger(silent)],
  ['roundrobin', () => new RoundRobinAssignor().useLogger(silent)],
  ['sticky', () => new StickyAssignor().useLogger(silent)],
  ['cooperative-sticky', () => new CooperativeStickyAssignor().useLogger(silent)],
])
const ROUNDS_APART = 4
const NEXT_GENERATION = 6

/** The CRC32C of pieces, one after the other. */
class Digest {
  private readonly pieces = new MessageWriter()

  update(bytes: Uint8Array): void {
    this.pieces.writeBytes(bytes)
  }

  get crc(): number {
    return crc32c(this.pieces.toBytes())
  }
}

class Run {
  readonly subscriptionBytes = new Digest()
  readonly results = new Map(Array.from(ASSIGNORS.keys(), (name) => [name, new Digest()]))
  private readonly failures = new Map(
    Object.entries(golden.failures).map(([name, groups]) => [name, new Set(groups)]),
  )

  /** What `Assignments.group` does: each assignor's result, in words. */
  group(number: number, { cluster, members }: RandomGroup): Map<string, string> {
    const sticky = this.subscriptions(true, members)
    const others = this.subscriptions(false, members)
    const results = new Map<string, string>()
    for (const [name, make] of ASSIGNORS) {
      const first = name === 'sticky' ? sticky : others
      results.set(name, this.assign(name, make(), cluster, members, first, number))
    }
    return results
  }

  private assign(
    name: string,
    assignor: ConsumerPartitionAssignor,
    cluster: Cluster,
    members: readonly RandomMember[],
    subscriptions: ReadonlyMap<string, Subscription>,
    number: number,
  ): string {
    const round = (of: ReadonlyMap<string, Subscription>) =>
      assignor.assign(cluster, new GroupSubscription(of)).groupAssignment()
    const first = round(subscriptions)
    if (this.failures.get(name)?.has(number)) return 'fails'
    const text = this.text(name, first)
    if (!name.includes('sticky') || number % ROUNDS_APART !== 0) return text

    const staying = members.length > 1 ? members.slice(1) : members
    const next = staying.map((m) => again(m, m.id, first.get(m.id)!.partitions))
    next.push(again(members[0]!, `consumer-new-${number}`, []))
    return `${text} then ${this.text(name, round(this.subscriptions(name === 'sticky', next)))}`
  }

  private subscriptions(
    sticky: boolean,
    members: readonly RandomMember[],
  ): ReadonlyMap<string, Subscription> {
    const subscriptions = new Map<string, Subscription>()
    for (const member of members) {
      const bytes = serializeSubscription(subscriptionOf(sticky, member), member.version)
      this.subscriptionBytes.update(bytes)
      const subscription = deserializeSubscription(bytes)
      subscription.setGroupInstanceId(member.instance)
      subscriptions.set(member.id, subscription)
    }
    return subscriptions
  }

  private text(name: string, assignment: ReadonlyMap<string, Assignment>): string {
    const text = Array.from(
      assignment,
      ([member, { partitions }]) => `${member}=${partitions.join(',')};`,
    ).join('')
    this.results.get(name)!.update(utf8Bytes(text))
    return text
  }
}

const again = (
  before: RandomMember,
  id: string,
  owned: readonly TopicPartition[],
): RandomMember => ({
  ...before,
  id,
  instance: null,
  generation: owned.length === 0 ? -1 : NEXT_GENERATION,
  noted: true,
  old: false,
  owned: [...owned],
})

const subscriptionOf = (sticky: boolean, member: RandomMember): Subscription => {
  const noting = sticky ? new StickyAssignor() : new CooperativeStickyAssignor()
  const metadata = new ConsumerGroupMetadata('group', member.generation, member.id)
  if (member.noted) noting.onAssignment(new Assignment(member.owned), metadata)
  return new Subscription(member.topics, {
    userData: noting.subscriptionUserData(new Set(member.topics)),
    ownedPartitions: sticky ? [] : member.owned,
    generationId: member.old ? -1 : member.generation,
    rackId: member.rack,
  })
}

describe("The same assignments as Java's, of ten thousand random groups", () => {
  test('some small groups, in words', () => {
    const next = randomGroups()
    const run = new Run()
    const samples = golden.samples.values()
    let sample = samples.next()
    for (let number = 0; !sample.done; number++) {
      const group = next()
      const wanted = Object.keys(sample.value.members).join()
      if (group.members.map(({ id }) => id).join() !== wanted) continue
      for (const [name, words] of run.group(number, group)) {
        expect(words).toBe(sample.value[name])
      }
      sample = samples.next()
    }
  })

  test('where a Java leader fails ours assigns every partition that is wanted, once', () => {
    const next = randomGroups()
    const failing = Object.entries(golden.failures)
    for (let number = 0; number < 500; number++) {
      const { cluster, members } = next()
      for (const [name, numbers] of failing) {
        if (!numbers.includes(number)) continue
        const subscriptions = members.map(
          (m) => [m.id, subscriptionOf(name === 'sticky', m)] as const,
        )
        const all = ASSIGNORS.get(name)!()
          .assign(cluster, new GroupSubscription(new Map(subscriptions)))
          .groupAssignment()
        const assigned = Array.from(all.values(), ({ partitions }) => partitions.map(String)).flat()
        expect(new Set(assigned).size).toBe(assigned.length)
        if (name !== 'sticky') continue
        const wanted = new Set(members.flatMap(({ topics }) => topics))
        const count = [...wanted].reduce((sum, t) => sum + cluster.partitionsForTopic(t).length, 0)
        expect(assigned.length).toBe(count)
      }
    }
  })

  test('all of them, and the bytes on the way, as digests', () => {
    const next = randomGroups()
    let run = new Run()
    const digests: number[][] = []
    for (let number = 0; number < golden.digests.at(-1)![0]!; number++) {
      run.group(number, next())
      if ((number + 1) % golden.digests[0]![0]! === 0) {
        const results = Array.from(run.results.values(), ({ crc }) => crc)
        digests.push([number + 1, run.subscriptionBytes.crc, ...results])
        run = new Run()
      }
    }
    expect(digests).toEqual(golden.digests)
  }, 120_000)
})
