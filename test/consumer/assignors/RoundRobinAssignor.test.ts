import { describe, expect, test } from 'vitest'
import { AbstractPartitionAssignor } from '../../../src/consumer/internals/AbstractPartitionAssignor.ts'
import { RoundRobinAssignor } from '../../../src/consumer/RoundRobinAssignor.ts'
import { Subscription } from '../../../src/consumer/Subscription.ts'
import { covers } from '../../support/covers.ts'
import { inWords, split } from './support/groups.ts'

interface Member {
  readonly topics: string
  readonly instance?: string
}

const assign = (topics: Record<string, number>, members: Record<string, Member>) =>
  inWords(
    new RoundRobinAssignor().assignPartitions(
      AbstractPartitionAssignor.partitionInfosWithoutRacks(Object.entries(topics)),
      new Map(
        Object.entries(members).map(([member, { topics: wanted, instance }]) => [
          member,
          new Subscription(split(wanted), { groupInstanceId: instance ?? null }),
        ]),
      ),
    ),
  )

const both = { topics: 't1 t2' }

describe('RoundRobinAssignor', () => {
  test('one member gets nothing of no topic, of an unknown one, or of those it does not want', () => {
    covers(
      'RoundRobinAssignorTest.testOneConsumerNoTopic',
      'RoundRobinAssignorTest.testOneConsumerNonexistentTopic',
      'RoundRobinAssignorTest.testOnlyAssignsPartitionsFromSubscribedTopics',
    )
    expect(assign({}, { C: { topics: '' } })).toEqual({ C: '' })
    expect(assign({}, { C: { topics: 't' } })).toEqual({ C: '' })
    expect(assign({ t: 3, other: 3 }, { C: { topics: 't' } })).toEqual({ C: 't-0 t-1 t-2' })
  })

  test('one member gets everything it wants, topics by name and partitions by number', () => {
    covers(
      'RoundRobinAssignorTest.testOneConsumerOneTopic',
      'RoundRobinAssignorTest.testOneConsumerMultipleTopics',
    )
    expect(assign({ t: 3 }, { C: { topics: 't' } })).toEqual({ C: 't-0 t-1 t-2' })
    expect(assign({ t2: 2, t1: 1 }, { C: { topics: 't2 t1' } })).toEqual({ C: 't1-0 t2-0 t2-1' })
  })

  test('members take turns, those with small ids first', () => {
    covers(
      'RoundRobinAssignorTest.testTwoConsumersOneTopicOnePartition',
      'RoundRobinAssignorTest.testTwoConsumersOneTopicTwoPartitions',
      'RoundRobinAssignorTest.testTwoDynamicConsumersTwoTopicsSixPartitions',
    )
    const t = { topics: 't' }
    expect(assign({ t: 1 }, { C2: t, C1: t })).toEqual({ C1: 't-0', C2: '' })
    expect(assign({ t: 2 }, { C2: t, C1: t })).toEqual({ C1: 't-0', C2: 't-1' })
    expect(assign({ t1: 3, t2: 3 }, { C1: both, C2: both })).toEqual({
      C1: 't1-0 t1-2 t2-1',
      C2: 't1-1 t2-0 t2-2',
    })
  })

  test('who does not want a topic is passed over', () => {
    covers('RoundRobinAssignorTest.testMultipleConsumersMixedTopics')
    const t1 = { topics: 't1' }
    expect(assign({ t1: 3, t2: 2 }, { C1: t1, C2: both, C3: t1 })).toEqual({
      C1: 't1-0',
      C2: 't1-1 t2-0 t2-1',
      C3: 't1-2',
    })
    // The picture in RoundRobinAssignor.ts.
    expect(
      assign(
        { t0: 1, t1: 2, t2: 3 },
        { C0: { topics: 't0' }, C1: { topics: 't0 t1' }, C2: { topics: 't0 t1 t2' } },
      ),
    ).toEqual({ C0: 't0-0', C1: 't1-0', C2: 't1-1 t2-0 t2-1 t2-2' })
  })

  test('static members sit in the order of their instance ids, before all others', () => {
    covers(
      'RoundRobinAssignorTest.testTwoStaticConsumersTwoTopicsSixPartitions',
      'RoundRobinAssignorTest.testOneStaticConsumerAndOneDynamicConsumerTwoTopicsSixPartitions',
    )
    const wanted = { b: 't1-0 t1-2 t2-1', a: 't1-1 t2-0 t2-2' }
    const topics = { t1: 3, t2: 3 }
    const b = { ...both, instance: 'instance1' }
    expect(assign(topics, { b, a: { ...both, instance: 'instance2' } })).toEqual(wanted)
    expect(assign(topics, { b, a: both })).toEqual(wanted)
  })

  test('a dynamic member comes and goes, the static ones keep what they have', () => {
    covers('RoundRobinAssignorTest.testStaticMemberRoundRobinAssignmentPersistent')
    const statics = {
      C1: { ...both, instance: 'instance1' },
      C2: { ...both, instance: 'instance2' },
      C3: { ...both, instance: 'instance3' },
    }
    const wanted = { C1: 't1-0 t2-1', C2: 't1-1 t2-2', C3: 't1-2' }
    const topics = { t1: 3, t2: 3 }
    expect(assign(topics, { ...statics, C4: both })).toEqual({ ...wanted, C4: 't2-0' })
    expect(assign(topics, { ...statics, C5: both })).toEqual({ ...wanted, C5: 't2-0' })
  })

  test('new member ids change nothing for static members', () => {
    covers(
      'RoundRobinAssignorTest.testStaticMemberRoundRobinAssignmentPersistentAfterMemberIdChanges',
    )
    const member = (instance: string): Member => ({ ...both, instance })
    const topics = { t1: 5, t2: 5 }
    const first = assign(topics, { C1: member('i1'), C2: member('i2'), C3: member('i3') })
    expect(first).toEqual({
      C1: 't1-0 t1-3 t2-1 t2-4',
      C2: 't1-1 t1-4 t2-2',
      C3: 't1-2 t2-0 t2-3',
    })
    const then = assign(topics, { C1: member('i1'), C5: member('i2'), C4: member('i3') })
    expect(then).toEqual({ C1: first.C1, C5: first.C2, C4: first.C3 })
  })
})
