import { describe, expect, test } from 'vitest'
import { Cluster } from '../../../src/common/Cluster.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { GroupSubscription } from '../../../src/consumer/GroupSubscription.ts'
import type { PartitionsByMember } from '../../../src/consumer/internals/AbstractPartitionAssignor.ts'
import { MemberInfo } from '../../../src/consumer/internals/MemberInfo.ts'
import { RangeAssignor } from '../../../src/consumer/RangeAssignor.ts'
import { Subscription } from '../../../src/consumer/Subscription.ts'
import { covers } from '../../support/covers.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { partitionInfos } from './support/groups.ts'

describe('MemberInfo', () => {
  const sorted = (...members: [id: string, instance: string | null][]): string =>
    members
      .map(([id, instance]) => new MemberInfo(id, instance))
      .sort(MemberInfo.compare)
      .map(({ memberId }) => memberId)
      .join('')

  test('dynamic members stand by member id, static ones by instance id, and before them', () => {
    covers(
      'AbstractPartitionAssignorTest.testMemberInfoSortingWithoutGroupInstanceId',
      'AbstractPartitionAssignorTest.testMemberInfoSortingWithAllGroupInstanceId',
      'AbstractPartitionAssignorTest.testMemberInfoSortingSomeGroupInstanceId',
    )
    expect(sorted(['c', null], ['a', null], ['b', null])).toBe('abc')
    expect(sorted(['a', 'y'], ['b', 'z'], ['c', 'x'])).toBe('cab')
    expect(sorted(['a', null], ['b', 'y'], ['c', 'x'])).toBe('cba')
  })

  test('a hundred members in any order stand the same', () => {
    covers('AbstractPartitionAssignorTest.testMergeSortManyMemberInfo')
    const random = new SeededRandom(100)
    const members = Array.from({ length: 100 }, (_, i) => {
      const id = String(100 + i)
      return new MemberInfo(id, random.nextBoolean() ? id : null)
    })
    const statics = members.filter(({ groupInstanceId }) => groupInstanceId !== null)
    const dynamic = members.filter(({ groupInstanceId }) => groupInstanceId === null)
    const shuffled = members
      .map((member) => ({ member, at: random.nextDouble() }))
      .sort((a, b) => a.at - b.at)
      .map(({ member }) => member)
    expect(shuffled.sort(MemberInfo.compare)).toEqual([...statics, ...dynamic])
  })
})

/** Shows whether racks are minded. */
class RackMinder extends RangeAssignor {
  minds(consumers: string, partitions: string, racksPerPartition: readonly string[]): boolean {
    const sets = racksPerPartition.map((racks) => new Set(racks))
    return this.useRackAwareAssignment(new Set(consumers), new Set(partitions), sets)
  }
}

describe('AbstractPartitionAssignor', () => {
  test('racks are minded where members and partitions share one and not all have everything', () => {
    covers('AbstractPartitionAssignorTest.testUseRackAwareAssignment')
    const everywhere = new Array<string>(10).fill('abc')
    const scattered = Array.from({ length: 10 }, (_, i) => 'abc'[i % 3]!)
    const assignor = new RackMinder()
    for (const always of [false, true]) {
      assignor.preferRackAwareLogic(always)
      expect(assignor.minds('', '', everywhere)).toBe(false)
      expect(assignor.minds('', 'abc', everywhere)).toBe(false)
      expect(assignor.minds('abc', '', [])).toBe(false)
      expect(assignor.minds('d', 'abc', everywhere)).toBe(false)
      expect(assignor.minds('abc', 'abc', everywhere)).toBe(always)
      expect(assignor.minds('ab', 'abc', everywhere)).toBe(always)
      expect(assignor.minds('ad', 'abc', everywhere)).toBe(always)
      expect(assignor.minds('abc', 'abc', scattered)).toBe(true)
      expect(assignor.minds('ab', 'abc', scattered)).toBe(true)
      expect(assignor.minds('ad', 'abc', scattered)).toBe(true)
    }
  })

  test('from a cluster and a group to an assignment for every member', () => {
    const logger = new RecordingLogger()
    const options = { replicationFactor: 1, brokerRacks: [null] }
    // Metadata in whatever order: partitions count by number.
    const partitions = partitionInfos({ ...options, topic: 't', partitions: 3 }).reverse()
    const nodes = [partitions[0]!.leader!]
    const group = new GroupSubscription(
      new Map([
        ['C1', new Subscription(['t', 'unknown'])],
        ['C2', new Subscription(['t'])],
        ['C3', new Subscription([])],
      ]),
    )
    const assignor = new RangeAssignor().useLogger(logger)
    const assignment = assignor.assign(new Cluster({ nodes, partitions }), group)
    expect(String(assignment)).toBe(
      'GroupAssignment(assignments={C3=Assignment(partitions=[]), ' +
        'C1=Assignment(partitions=[t-0, t-1]), C2=Assignment(partitions=[t-2])})',
    )
    expect(logger.messages('debug')).toEqual([
      'Skipping assignment for topic unknown: no metadata is available',
    ])
  })

  test('a program may build its own on it', () => {
    class First extends RangeAssignor {
      override name(): string {
        return 'first'
      }
      override assignPartitions(
        ...[partitions, subscriptions]: Parameters<RangeAssignor['assignPartitions']>
      ): PartitionsByMember {
        const all = [...super.assignPartitions(partitions, subscriptions)]
        return new Map(all.map(([member], i) => [member, i === 0 ? all.flatMap((e) => e[1]) : []]))
      }
    }
    const partitions = partitionInfos({
      topic: 't',
      partitions: 2,
      replicationFactor: 1,
      brokerRacks: [null],
    })
    const cluster = new Cluster({ nodes: [partitions[0]!.leader!], partitions })
    const members = ['A', 'B'].map((id) => [id, new Subscription(['t'])] as const)
    const all = new First().assign(cluster, new GroupSubscription(new Map(members)))
    expect(all.groupAssignment().get('A')!.partitions.join()).toBe('t-0,t-1')
  })
})
