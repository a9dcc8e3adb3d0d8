import { describe, expect, test } from 'vitest'
import { covers } from '../../support/covers.ts'
import { inWords, RACK_CONFIGS, sortedWords, tps } from './support/groups.ts'
import { isFullyBalanced, STICKY_NAMES, StickyGroup } from './support/stickyGroups.ts'

const KINDS = STICKY_NAMES.flatMap((name) => RACK_CONFIGS.map((racks) => ({ name, racks })))

describe.each(KINDS)('$name, members contradict each other, $racks', ({ name, racks }) => {
  const group = (): StickyGroup => new StickyGroup(name, racks)

  test.each([
    [
      9,
      'AbstractStickyAssignorTest.testOwnedPartitionsAreInvalidatedForConsumerWithStaleGeneration',
    ],
    [-1, 'AbstractStickyAssignorTest.testOwnedPartitionsAreInvalidatedForConsumerWithNoGeneration'],
  ])('generation 10 is believed before %i', (generation, scenario) => {
    covers(scenario)
    const six = group().topic('t', 3).topic('t2', 3)
    six.owning('C1', 't t2', 't-0 t-2 t2-1', 10)
    six.owning('C2', 't t2', 't-0 t-2 t2-1', generation)
    const { first, transferring } = six.rebalance()
    expect(transferring).toEqual({})
    expect(first.C1!.split(' ').sort().join(' ')).toBe('t-0 t-2 t2-1')
    expect(first.C2!.split(' ').sort().join(' ')).toBe('t-1 t2-0 t2-2')
  })

  test('what only the older generation claims it keeps', () => {
    covers(
      'AbstractStickyAssignorTest.testOwnedPartitionsAreInvalidatedForConsumerWithMultipleGeneration',
    )
    const six = group().topic('t', 3).topic('t2', 3)
    six.owning('C1', 't t2', 't-0 t2-1 t-1', 10).owning('C2', 't t2', 't-0 t2-1 t2-2', 8)
    const { settled, transferring } = six.rebalance()
    expect(transferring).toEqual({})
    expect(sortedWords(settled)).toEqual({ C1: 't-0 t-1 t2-1', C2: 't-2 t2-0 t2-2' })
  })

  test('of three generations the highest keeps each partition', () => {
    covers('AbstractStickyAssignorTest.testEnsurePartitionsAssignedToHighestGeneration')
    const nine = group().topic('t', 3).topic('t2', 3).topic('t3', 3)
    nine.owning('C1', 't t2 t3', 't-0 t2-0 t3-0', 10)
    nine.owning('C2', 't t2 t3', 't-1 t2-1 t3-1', 9)
    nine.owning('C3', 't t2 t3', 't2-1 t3-0 t3-2', 8)
    const { settled, transferring } = nine.rebalance()
    expect(transferring).toEqual({})
    expect(sortedWords(settled)).toEqual({
      C1: 't-0 t2-0 t3-0',
      C2: 't-1 t2-1 t3-1',
      C3: 't-2 t2-2 t3-2',
    })
  })

  test('old generations that nobody contradicts keep all they have', () => {
    covers('AbstractStickyAssignorTest.testNoReassignmentOnCurrentMembers')
    const topics = 't t2 t3 t1'
    const twelve = group().topic('t', 3).topic('t1', 3).topic('t2', 3).topic('t3', 3)
    twelve.owning('C1', topics, '', -1).owning('C2', topics, 't-0 t2-0 t1-0', 9)
    twelve.owning('C3', topics, 't3-2 t2-2 t1-1', 8).owning('C4', topics, 't3-1 t-1 t-2', 7)
    const { settled, transferring } = twelve.rebalance()
    expect(transferring).toEqual({})
    expect(sortedWords(settled).C1).toBe('t1-2 t2-1 t3-0')
  })

  test('what two claim in the same generation is taken from both', () => {
    covers(
      'AbstractStickyAssignorTest.' +
        'testPartitionsTransferringOwnershipIncludeThePartitionClaimedByMultipleConsumersInSameGeneration',
    )
    const three = group().topic('t', 3).owning('C1', 't', 't-0 t-1')
    three.owning('C2', 't', 't-0 t-2').owning('C3', 't', '')
    const { settled, transferring } = three.rebalance()
    expect(transferring).toEqual({ 't-0': 'C3' })
    expect(inWords(settled)).toEqual({ C1: 't-1', C2: 't-2', C3: 't-0' })
  })

  test('what two claim is given to a third at once, or, cooperatively, when both gave it up', () => {
    const test = name === 'sticky' ? 'StickyAssignorTest' : 'CooperativeStickyAssignorTest'
    const common =
      `${test}.testAllConsumersHaveOwnedPartitionInvalidatedWhenClaimedByMultipleConsumers` +
      'InSameGenerationWith'
    covers(`${common}EqualPartitionsPerConsumer`, `${common}UnequalPartitionsPerConsumer`)
    const contested = name === 'sticky' ? 't-0' : ''
    const three = group().topic('t', 3).owning('C1', 't', 't-0 t-1')
    three.owning('C2', 't', 't-0 t-2').owning('C3', 't', '')
    expect(three.rebalance().first).toEqual({ C1: 't-1', C2: 't-2', C3: contested })
    const four = group().topic('t', 4).owning('C1', 't', 't-0 t-1')
    four.owning('C2', 't', 't-0 t-2').owning('C3', 't', '')
    expect(four.rebalance().first).toEqual({ C1: 't-1 t-3', C2: 't-2', C3: contested })
  })

  test('three claim one partition, in any order of generations: it has one owner', () => {
    covers(
      'AbstractStickyAssignorTest.testSubscriptionNotEqualAndAssignSamePartitionWith3Generation',
    )
    for (const [one, two, three] of [
      [1, 2, 3],
      [1, 3, 2],
      [2, 1, 3],
      [2, 3, 1],
      [3, 1, 2],
      [3, 2, 1],
    ]) {
      const seven = group().topic('t', 6).topic('t1', 1)
      seven.owning('C1', 't', 't-0 t-2', one).owning('C2', 't', 't-1 t-2 t-3', two)
      seven.owning('C3', 't', 't-2 t-4 t-5', three).owning('C4', 't1', 't1-0', 2)
      const assignment = seven.assign()
      const all = [...assignment.values()].flat().map(String)
      expect(new Set(all).size).toBe(all.length)
      for (const { length } of assignment.values()) {
        expect(length).toBeGreaterThan(0)
        expect(length).toBeLessThan(3)
      }
    }
  })
})

describe.each(RACK_CONFIGS)('sticky, members of several generations, %s', (racks) => {
  const group = (): StickyGroup => new StickyGroup('sticky', racks)

  test.each([true, false])('a member is away for two generations; same topics: %s', (same) => {
    covers('StickyAssignorTest.testAssignmentWithMultipleGenerations1')
    const second = same ? 't t2' : 't'
    const twelve = group().topic('t', 6).topic('t2', 6)
    twelve.subscribe('C1', 't t2').subscribe('C2', second).subscribe('C3', 't t2')
    const r1 = twelve.rebalance().settled
    for (const { length } of r1.values()) expect(length).toBe(4)

    twelve.keep(r1).leave('C3')
    const r2 = twelve.rebalance().settled
    for (const { length } of r2.values()) expect(length).toBe(6)
    if (same) expect(r2.get('C1')).toEqual(expect.arrayContaining(r1.get('C1')!))
    expect(r2.get('C2')).toEqual(expect.arrayContaining(r1.get('C2')!))
    const formerlyC3 = new Set(r1.get('C3')!.map(String))
    expect(r2.get('C2')!.some((tp) => formerlyC3.has(tp.key))).toBe(true)

    twelve.leave('C1').owning('C2', second, r2.get('C2')!, 2)
    twelve.owning('C3', 't t2', r1.get('C3')!, 1)
    const r3 = twelve.rebalance().settled
    for (const { length } of r3.values()) expect(length).toBe(6)
    expect(isFullyBalanced(r3)).toBe(true)
  })

  test.each([true, false])('two come back with what they had; same topics: %s', (same) => {
    covers('StickyAssignorTest.testAssignmentWithMultipleGenerations2')
    const all = 't t2 t3'
    const topics = { C1: same ? all : 't', C2: all, C3: same ? all : 't t2' }
    const twelve = group().topic('t', 4).topic('t2', 4).topic('t3', 4)
    for (const [member, wanted] of Object.entries(topics)) twelve.subscribe(member, wanted)
    const r1 = twelve.rebalance().settled
    for (const { length } of r1.values()) expect(length).toBe(4)

    twelve.keep(r1).leave('C1').leave('C3')
    const r2 = twelve.rebalance().settled.get('C2')!
    expect(r2).toHaveLength(12)
    expect(r2).toEqual(expect.arrayContaining(r1.get('C2')!))

    twelve.owning('C1', topics.C1, r1.get('C1')!, 1).owning('C2', all, r2, 2)
    twelve.owning('C3', topics.C3, r1.get('C3')!, 1)
    const r3 = twelve.rebalance().settled
    for (const { length } of r3.values()) expect(length).toBe(4)
  })

  test.each([true, false])('two of the newest generation keep theirs; same topics: %s', (same) => {
    covers('StickyAssignorTest.testAssignmentWithConflictingPreviousGenerations')
    const all = 't t2 t3'
    const c1 = same ? 't-0 t-1 t-2 t2-2 t2-3 t3-0' : 't-0 t-1 t-2 t-3'
    const c2 = 't-0 t-1 t2-0 t2-1 t2-2 t2-3'
    const c3 = 't-2 t-3 t3-0 t3-1 t3-2 t3-3'
    const twelve = group().topic('t', 4).topic('t2', 4).topic('t3', 4)
    twelve.owning('C1', same ? all : 't', c1, 1).owning('C2', same ? all : 't t2', c2, 2)
    const { settled } = twelve.owning('C3', all, c3, 2).rebalance()
    for (const { length } of settled.values()) expect(length).toBe(4)
    expect(tps(c2)).toEqual(expect.arrayContaining(settled.get('C2')!))
    expect(tps(c3)).toEqual(expect.arrayContaining(settled.get('C3')!))
  })
})
