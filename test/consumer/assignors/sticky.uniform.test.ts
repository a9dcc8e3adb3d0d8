import { describe, expect, test } from 'vitest'
import { covers } from '../../support/covers.ts'
import { inWords, RACK_CONFIGS, sortedWords } from './support/groups.ts'
import { isFullyBalanced, STICKY_NAMES, StickyGroup } from './support/stickyGroups.ts'

const KINDS = STICKY_NAMES.flatMap((name) => RACK_CONFIGS.map((racks) => ({ name, racks })))

describe.each(KINDS)('$name, all want the same topics, $racks', ({ name, racks }) => {
  const group = (): StickyGroup => new StickyGroup(name, racks)

  test('one member gets nothing of no topic, of an empty one, or of those it does not want', () => {
    covers(
      'AbstractStickyAssignorTest.testOneConsumerNoTopic',
      'AbstractStickyAssignorTest.testOneConsumerNonexistentTopic',
      'AbstractStickyAssignorTest.testOnlyAssignsPartitionsFromSubscribedTopics',
    )
    expect(group().subscribe('C', '').rebalance()).toMatchObject({
      first: { C: '' },
      transferring: {},
    })
    expect(group().topic('t', 0).subscribe('C', 't').settle()).toEqual({ C: '' })
    const other = group().topic('t', 2).owning('C', 't', 't-0 t-1 other-0 other-1')
    expect(other.rebalance()).toMatchObject({ first: { C: 't-0 t-1' }, transferring: {} })
  })

  test('one member gets everything it wants', () => {
    covers(
      'AbstractStickyAssignorTest.testOneConsumerOneTopic',
      'AbstractStickyAssignorTest.testOneConsumerMultipleTopics',
    )
    const one = group().topic('t', 3).subscribe('C', 't').rebalance()
    expect(one).toMatchObject({ first: { C: 't-0 t-1 t-2' }, transferring: {} })
    const two = group().topic('t1', 1).topic('t2', 2).subscribe('C', 't1 t2').rebalance()
    expect(two).toMatchObject({ first: { C: 't1-0 t2-0 t2-1' }, transferring: {} })
  })

  test('new members get partitions in turn', () => {
    covers(
      'AbstractStickyAssignorTest.testTwoConsumersOneTopicOnePartition',
      'AbstractStickyAssignorTest.testTwoConsumersOneTopicTwoPartitions',
      'AbstractStickyAssignorTest.testTwoConsumersTwoTopicsSixPartitions',
    )
    const one = group().topic('t', 1).subscribe('C1', 't').subscribe('C2', 't')
    const { settled, transferring } = one.rebalance()
    expect(transferring).toEqual({})
    expect(isFullyBalanced(settled)).toBe(true)
    expect(one.topic('t', 2).rebalance().first).toEqual({ C1: 't-0', C2: 't-1' })
    const six = group().topic('t1', 3).topic('t2', 3)
    expect(six.subscribe('C1', 't1 t2').subscribe('C2', 't1 t2').rebalance()).toMatchObject({
      first: { C1: 't1-0 t1-2 t2-1', C2: 't1-1 t2-0 t2-2' },
      transferring: {},
    })
  })

  test('who has its share and may have one more gets one more', () => {
    covers('AbstractStickyAssignorTest.testConsumerOwningMinQuotaExpectedMaxQuota')
    const five = group().topic('t1', 2).topic('t2', 3)
    five.owning('C1', 't1 t2', 't1-0 t2-1').owning('C2', 't1 t2', 't1-1 t2-2')
    expect(five.rebalance()).toMatchObject({
      first: { C1: 't1-0 t2-1 t2-0', C2: 't1-1 t2-2' },
      transferring: {},
    })
  })

  test('of two with the larger share one must give something up', () => {
    covers('AbstractStickyAssignorTest.testMaxQuotaConsumerMoreThanNumExpectedMaxCapacityMembers')
    const four = group().topic('t1', 2).topic('t2', 2)
    four.owning('consumer1', 't1 t2', 't1-0 t2-0').owning('consumer2', 't1 t2', 't1-1 t2-1')
    const { transferring, settled } = four.owning('consumer3', 't1 t2', '').rebalance()
    // Neither is older or better: Java's order of these three names decides for the second.
    expect(transferring).toEqual({ 't2-0': 'consumer3' })
    expect(inWords(settled)).toEqual({
      consumer1: 't1-0',
      consumer2: 't1-1 t2-1',
      consumer3: 't2-0',
    })
  })

  test('all have less than their share: everybody keeps what it has', () => {
    covers('AbstractStickyAssignorTest.testAllConsumersAreUnderMinQuota')
    const five = group().topic('t1', 2).topic('t2', 3).owning('C1', 't1 t2', 't1-0')
    five.owning('C2', 't1 t2', 't1-1').owning('C3', 't1 t2', '')
    expect(five.rebalance()).toMatchObject({
      first: { C1: 't1-0 t2-1', C2: 't1-1 t2-2', C3: 't2-0' },
      transferring: {},
    })
  })

  test('a member comes and gets its share, another leaves and its share goes to the first', () => {
    covers('AbstractStickyAssignorTest.testAddRemoveConsumerOneTopic')
    const three = group().topic('t', 3).subscribe('C1', 't')
    const alone = three.rebalance().settled
    three.keep(alone).owning('C2', 't', '')
    const { transferring, settled } = three.rebalance()
    expect(transferring).toEqual({ 't-2': 'C2' })
    expect(inWords(settled)).toEqual({ C1: 't-0 t-1', C2: 't-2' })
    three.keep(settled).leave('C1')
    const last = three.rebalance()
    expect(last.transferring).toEqual({})
    expect(sortedWords(last.settled)).toEqual({ C2: 't-0 t-1 t-2' })
  })

  test('who gives something up gives up as much of every topic', () => {
    covers('AbstractStickyAssignorTest.testTopicBalanceAfterReassignment')
    const many = group().topic('t1', 12).topic('t2', 12).subscribe('C1', 't1 t2')
    const ofEach = (): number[][] => {
      const { settled } = many.rebalance()
      many.keep(settled)
      return Array.from(settled.values(), (has) =>
        ['t1', 't2'].map((topic) => has.filter((tp) => tp.topic === topic).length),
      )
    }
    expect(ofEach()).toEqual([[12, 12]])
    many.owning('C2', 't1 t2', '')
    expect(ofEach()).toEqual([
      [6, 6],
      [6, 6],
    ])
    many.owning('C3', 't1 t2', '').owning('C4', 't1 t2', '')
    expect(ofEach()).toEqual(new Array(4).fill([3, 3]))
    many.leave('C1').leave('C2')
    expect(ofEach()).toEqual(new Array(2).fill([6, 6]))
  })

  test('two come, two leave: what can stay stays', () => {
    covers('AbstractStickyAssignorTest.testAddRemoveTwoConsumersTwoTopics')
    const seven = group().topic('t1', 3).topic('t2', 4)
    seven.subscribe('C1', 't1 t2').subscribe('C2', 't1 t2')
    const first = seven.rebalance()
    expect(first.transferring).toEqual({})
    expect(inWords(first.settled)).toEqual({
      C1: 't1-0 t1-2 t2-1 t2-3',
      C2: 't1-1 t2-0 t2-2',
    })
    const four = seven.keep(first.settled).owning('C3', 't1 t2', '').owning('C4', 't1 t2', '')
    const second = four.rebalance()
    expect(second.transferring).toEqual({ 't1-2': 'C3', 't2-3': 'C3', 't2-2': 'C4' })
    expect(inWords(second.settled)).toEqual({
      C1: 't1-0 t2-1',
      C2: 't2-0 t1-1',
      C3: 't1-2 t2-3',
      C4: 't2-2',
    })
    const third = four.keep(second.settled).leave('C1').leave('C2').rebalance()
    expect(third.transferring).toEqual({})
    expect(inWords(third.settled)).toEqual({
      C3: 't1-2 t2-3 t1-0 t2-1',
      C4: 't2-2 t1-1 t2-0',
    })
  })

  test('a topic comes and goes: nobody gives up what it still may have', () => {
    covers('AbstractStickyAssignorTest.testAddRemoveTopicTwoConsumers')
    const two = group().topic('t', 3).subscribe('C1', 't').subscribe('C2', 't')
    const first = two.rebalance().settled
    expect(isFullyBalanced(first)).toBe(true)
    two.topic('t2', 3)
    for (const member of ['C1', 'C2']) two.owning(member, 't t2', first.get(member)!)
    const second = two.rebalance()
    expect(second.transferring).toEqual({})
    for (const [member, has] of second.settled) {
      expect(has).toHaveLength(3)
      expect(has).toEqual(expect.arrayContaining(first.get(member)!))
    }
    two.partitionsPerTopic.delete('t')
    for (const member of ['C1', 'C2']) two.owning(member, 't2', second.settled.get(member)!)
    const third = two.rebalance()
    expect(third.transferring).toEqual({})
    expect(isFullyBalanced(third.settled)).toBe(true)
    for (const [member, has] of third.settled) {
      expect(second.settled.get(member)).toEqual(expect.arrayContaining(has))
    }
  })

  test('ten members, then one more that nobody remembers anything of', () => {
    covers('AbstractStickyAssignorTest.testReassignmentAfterOneConsumerAdded')
    const ten = group().topic('t', 20)
    for (let i = 1; i < 10; i++) ten.subscribe(`c0${i}`, 't')
    expect(ten.rebalance().transferring).toEqual({})
    expect(ten.subscribe('c10', 't').rebalance().transferring).toEqual({})
  })

  test('of eight members with fourteen topics one leaves: nothing else changes hands', () => {
    covers('AbstractStickyAssignorTest.testSameSubscriptions')
    const eight = group()
    const topics = Array.from({ length: 14 }, (_, i) => `t${String(i + 1).padStart(2, '0')}`)
    for (const [i, topic] of topics.entries()) eight.topic(topic, i + 1)
    for (let i = 1; i < 9; i++) eight.subscribe(`c${i}`, topics.join(' '))
    const first = eight.rebalance()
    expect(first.transferring).toEqual({})
    expect(eight.keep(first.settled).leave('c5').rebalance().transferring).toEqual({})
  })

  test('one of four members leaves: the others keep what they have, and share the rest', () => {
    covers('AbstractStickyAssignorTest.testStickiness')
    const four = group().topic('t', 3)
    for (const member of ['C1', 'C2', 'C3', 'C4']) four.subscribe(member, 't')
    const first = four.rebalance()
    expect(first.transferring).toEqual({})
    for (const has of first.settled.values()) expect(has.length).toBeLessThan(2)
    const second = four.keep(first.settled).leave('C1').rebalance()
    expect(second.transferring).toEqual({})
    for (const [member, has] of second.settled) {
      expect(has).toHaveLength(1)
      expect(has).toEqual(expect.arrayContaining(first.settled.get(member)!))
    }
  })

  test('a topic without partitions is nobody’s, and no error', () => {
    covers(
      'AbstractStickyAssignorTest.testAssignmentUpdatedForDeletedTopic',
      'AbstractStickyAssignorTest.testNoExceptionThrownWhenOnlySubscribedTopicDeleted',
    )
    const some = group().topic('t1', 1).topic('t3', 100).subscribe('C', 't1 t2 t3').rebalance()
    expect(some.transferring).toEqual({})
    expect(some.settled.get('C')).toHaveLength(101)
    const only = group().topic('t', 3).subscribe('C', 't')
    only.keep(only.rebalance().settled).partitionsPerTopic.delete('t')
    const { transferring, settled } = only.rebalance()
    expect(transferring).toEqual({})
    expect(inWords(settled)).toEqual({ C: '' })
  })

  test('the pictures in ConstrainedAssignmentBuilder.ts and StickyAssignor.ts', () => {
    const seven = group().topic('t', 7).owning('A', 't', 't-0 t-1 t-2 t-3')
    expect(seven.owning('B', 't', 't-4 t-5').owning('C', 't', '').settle()).toEqual({
      A: 't-0 t-1 t-2',
      B: 't-4 t-5',
      C: 't-3 t-6',
    })

    const topics = 't0 t1 t2 t3'
    const eight = group().topic('t0', 2).topic('t1', 2).topic('t2', 2).topic('t3', 2)
    eight.owning('A', topics, 't0-0 t1-1 t3-0').owning('B', topics, 't0-1 t2-0 t3-1')
    expect(eight.settle()).toEqual({ A: 't0-0 t1-0 t1-1 t3-0', B: 't0-1 t2-0 t2-1 t3-1' })
  })

  test('as in Kafka, who comes first and wants nothing counts as wanting what the others do', () => {
    const two = group().topic('t', 2).subscribe('A', '').subscribe('B', 't')
    expect(sortedWords(two.assign())).toEqual({ A: 't-0', B: 't-1' })
    const last = group().topic('t', 2).subscribe('B', 't').subscribe('C', '')
    expect(sortedWords(last.assign())).toEqual({ B: 't-0 t-1', C: '' })
  })

  test('what exists no more is forgotten, and what comes after it is not dealt twice', () => {
    const four = group().topic('t', 2).topic('u', 2)
    four.owning('A', 't u', 't-0 t-7 u-0').owning('B', 't u', 't-1 u-1')
    expect(four.settle()).toEqual({ A: 't-0 u-0', B: 't-1 u-1' })
  })

  test('all have their share: nobody counts as having a gap', () => {
    covers('AbstractStickyAssignorTest.testAllConsumersReachExpectedQuotaAndAreConsideredFilled')
    const four = group().topic('t', 4).owning('C1', 't', 't-0 t-1')
    four.owning('C2', 't', 't-2').owning('C3', 't', '')
    expect(four.rebalance()).toMatchObject({
      first: { C1: 't-0 t-1', C2: 't-2', C3: 't-3' },
      transferring: {},
    })
  })
})
