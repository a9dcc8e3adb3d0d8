import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/common/Random.ts'
import { covers } from '../../support/covers.ts'
import { inWords, RACK_CONFIGS } from './support/groups.ts'
import { expectValidAndBalanced, STICKY_NAMES, StickyGroup } from './support/stickyGroups.ts'

const KINDS = STICKY_NAMES.flatMap((name) => RACK_CONFIGS.map((racks) => ({ name, racks })))

const padded = (prefix: string, i: number): string => `${prefix}${String(i).padStart(3, '0')}`

/** Members say what they got and want new topics. */
const wantOther = (of: StickyGroup, topicsOf: (member: string) => string): void => {
  const assignment = of.rebalance().settled
  for (const member of [...of.subscriptions.keys()]) {
    of.owning(member, topicsOf(member), assignment.get(member)!)
  }
}

describe.each(KINDS)('$name, members want different topics, $racks', ({ name, racks }) => {
  const group = (): StickyGroup => new StickyGroup(name, racks)

  test('who wants more topics gets what the others cannot have', () => {
    covers('AbstractStickyAssignorTest.testMultipleConsumersMixedTopicSubscriptions')
    const five = group().topic('t1', 3).topic('t2', 2)
    five.subscribe('C1', 't1').subscribe('C2', 't1 t2').subscribe('C3', 't1')
    expect(five.rebalance()).toMatchObject({
      first: { C1: 't1-0 t1-2', C2: 't2-0 t2-1', C3: 't1-1' },
      transferring: null,
    })
  })

  test('what round robin deals badly is dealt evenly', () => {
    covers('AbstractStickyAssignorTest.testPoorRoundRobinAssignmentScenario')
    const eight = group()
    for (let i = 1; i <= 5; i++) eight.topic(`t${i}`, (i % 2) + 1)
    eight.subscribe('C1', 't1 t2 t3 t4 t5').subscribe('C2', 't1 t3 t5')
    eight.subscribe('C3', 't1 t3 t5').subscribe('C4', 't1 t2 t3 t4 t5')
    for (const { length } of eight.rebalance().settled.values()) expect(length).toBe(2)
  })

  test('a member leaves: nothing moves for nothing', () => {
    covers('AbstractStickyAssignorTest.testReassignmentAfterOneConsumerLeaves')
    const many = group()
    for (let i = 1; i < 20; i++) many.topic(padded('t', i), i)
    for (let i = 1; i < 20; i++) {
      const topics = Array.from({ length: i }, (_, j) => padded('t', j + 1))
      many.subscribe(padded('c', i), topics.join(' '))
    }
    many.keep(many.rebalance().settled).leave('c010').rebalance()
    expect(many.assignor.isSticky()).toBe(true)
  })

  test('a member wants one topic more', () => {
    covers('AbstractStickyAssignorTest.testNewSubscription')
    const few = group()
    for (let i = 1; i < 5; i++) few.topic(`t${i}`, 1)
    few.subscribe('c0', '').subscribe('c1', 't1').subscribe('c2', 't2 t3 t4').rebalance()
    few.subscribe('c0', 't1').rebalance()
    expect(few.assignor.isSticky()).toBe(true)
  })

  test('partitions move along a row of members', () => {
    covers('AbstractStickyAssignorTest.testMoveExistingAssignments')
    const six = group()
    for (let i = 1; i <= 6; i++) six.topic(`t${i}`, 1)
    six.owning('C1', 't1 t2', 't1-0').owning('C2', 't1 t2 t3 t4', 't2-0 t3-0')
    six.owning('C3', 't2 t3 t4 t5 t6', 't4-0 t5-0 t6-0')
    expect(six.rebalance().transferring).toBeNull()
  })

  test('the picture in GeneralAssignmentBuilder.ts', () => {
    const six = group().topic('t', 4).topic('u', 2).owning('A', 't', 't-0 t-1 t-2 t-3')
    six.owning('B', 't u', 'u-0').owning('C', 'u', 'u-1')
    expect(six.settle()).toEqual({ A: 't-1 t-2 t-3', B: 't-0 u-0', C: 'u-1' })
  })

  test('members change their minds at random, thirty groups', () => {
    covers('AbstractStickyAssignorTest.testReassignmentWithRandomSubscriptionsAndChanges')
    const random = new SeededRandom(7)
    for (let round = 0; round < 30; round++) {
      const many = group()
      const topics = Array.from({ length: 10 + random.nextInt(10) }, (_, i) => padded('t', i))
      for (const [i, topic] of topics.entries()) many.topic(topic, i + 1)
      const some = (): string => {
        const keep = 1 + random.nextInt(topics.length)
        return topics.filter(() => random.nextInt(topics.length) < keep).join(' ') || topics[0]!
      }
      const members = 20 + random.nextInt(20)
      for (let i = 0; i < members; i++) many.subscribe(padded('c', i), some())
      wantOther(many, some)
      many.rebalance()
      expect(many.assignor.isSticky()).toBe(true)
    }
  })
})

test('as in Kafka, a former owner gets back also what it does not want any more', () => {
  const eight = new StickyGroup('sticky').topic('t', 6).topic('u', 2)
  eight.owning('A', 't', 't-0 t-1 t-2 t-3 t-4 t-5', 5).owning('B', 't', '', 5)
  eight.owning('C', 'u', 't-0', 4).owning('D', 'u', 'u-0', 5)
  expect(inWords(eight.assign())).toEqual({
    A: 't-3 t-4 t-5',
    B: 't-1 t-2',
    C: 'u-1 t-0',
    D: 'u-0',
  })
})

test('a former owner that has no part in the search for balance gets nothing back', () => {
  const eight = new StickyGroup('sticky').topic('t', 6).topic('u', 1)
  eight.owning('A', 't', 't-0 t-1 t-2 t-3 t-4 t-5', 5).owning('B', 't', '', 5)
  // It has all of the only topic that it wants.
  eight.owning('C', 'u', 't-0 u-0', 4)
  expect(eight.settle()).toEqual({ A: 't-3 t-4 t-5', B: 't-0 t-1 t-2', C: 'u-0' })
})

describe.each(STICKY_NAMES)('%s, large groups', (name) => {
  const large = (topics: number, partitions: number): [StickyGroup, string[]] => {
    const group = new StickyGroup(name, 'NO_CONSUMER_RACK')
    const names = Array.from({ length: topics }, (_, i) => padded('t', i))
    for (const topic of names) group.topic(topic, partitions)
    return [group, names]
  }

  /** Twice, the second time with what everybody got; both must be valid and balanced. */
  const assignTwice = (group: StickyGroup): void => {
    const first = group.assign()
    expectValidAndBalanced(group.subscriptions, first)
    const second = group.keep(first).assign()
    expectValidAndBalanced(group.subscriptions, second)
  }

  test('same topics: 10,000 partitions, 200 members', () => {
    covers(
      'AbstractStickyAssignorTest.testLargeAssignmentAndGroupWithUniformSubscription',
      ...(name === 'sticky'
        ? ['StickyAssignorTest.testLargeAssignmentAndGroupWithUniformSubscription']
        : []),
    )
    const [group, topics] = large(50, 200)
    for (let i = 0; i < 200; i++) group.subscribe(padded('c', i), topics.join(' '))
    assignTwice(group)
  })

  test('one wants a single topic: 10,000 partitions, 200 members', () => {
    covers('AbstractStickyAssignorTest.testLargeAssignmentAndGroupWithNonEqualSubscription')
    const [group, topics] = large(50, 200)
    for (let i = 0; i < 200; i++) {
      group.subscribe(padded('c', i), i === 199 ? topics[0]! : topics.join(' '))
    }
    assignTwice(group)
  })

  test('one in four wants the other half: 2,000 partitions, 100 members', () => {
    covers('AbstractStickyAssignorTest.testAssignmentAndGroupWithNonEqualSubscriptionNotTimeout')
    const [group, topics] = large(20, 100)
    const half = topics.length / 2
    for (let i = 0; i < 100; i++) {
      const wanted = i % 4 === 0 ? topics.slice(0, half) : topics.slice(half)
      group.subscribe(padded('c', i), wanted.join(' '))
    }
    assignTwice(group)
  })

  test('many leave at once, topics at random: 200 members', () => {
    covers(
      'AbstractStickyAssignorTest.' +
        'testLargeAssignmentWithMultipleConsumersLeavingAndRandomSubscription',
    )
    const random = new SeededRandom(7)
    const group = new StickyGroup(name, 'NO_CONSUMER_RACK')
    for (let i = 0; i < 40; i++) group.topic(padded('t', i), 1 + random.nextInt(10))
    for (let i = 0; i < 200; i++) {
      const topics = Array.from({ length: random.nextInt(12) }, () =>
        padded('t', random.nextInt(40)),
      )
      group.subscribe(padded('c', i), [...new Set(topics)].join(' '))
    }
    group.keep(group.rebalance().settled)
    for (let i = 0; i < 50; i++) group.leave(padded('c', random.nextInt(200)))
    group.rebalance()
    expect(group.assignor.isSticky()).toBe(true)
  })
})
