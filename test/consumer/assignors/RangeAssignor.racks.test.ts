import { describe, expect, test } from 'vitest'
import { RangeAssignor } from '../../../src/consumer/RangeAssignor.ts'
import { covers } from '../../support/covers.ts'
import { assignWithRacks, nullRacks, racks } from './support/groups.ts'

type Racks = readonly (string | null)[]

/** What the members get, and how many partitions lie elsewhere; `null`: it does not matter. */
const verify = (
  where: { topics: Record<string, number>; consumerTopics: readonly string[] },
  [replicationFactor, brokerRacks, consumerRacks]: readonly [number, Racks, Racks],
  wanted: readonly string[],
  mismatched: number | null,
  always = false,
): void => {
  const assignor = new RangeAssignor().preferRackAwareLogic(always)
  const result = assignWithRacks(assignor, {
    ...where,
    replicationFactor,
    brokerRacks,
    consumerRacks,
  })
  expect(result.assigned).toEqual(wanted)
  if (mismatched !== null) expect(result.mismatched).toBe(mismatched)
}

const everywhere = [3, racks(3), racks(3)] as const

/** Nobody says where it stands, or every rack has everything, or they share none. */
const verifyNonRackAware = (
  where: { topics: Record<string, number>; consumerTopics: readonly string[] },
  wanted: readonly string[],
): void => {
  verify(where, [3, nullRacks(3), racks(3)], wanted, null)
  verify(where, [3, racks(3), nullRacks(3)], wanted, null)
  verify(where, everywhere, wanted, 0)
  verify(where, [4, racks(4), racks(3)], wanted, 0)
  verify(where, [3, racks(3), ['d', 'e', 'f']], wanted, null)
  verify(where, [3, racks(3), [null, 'e', 'f']], wanted, null)
  verify(where, everywhere, wanted, 0, true)
}

describe('RangeAssignor among racks', () => {
  test('members with the same topics get what is near, within their shares', () => {
    covers('RangeAssignorTest.testRackAwareAssignmentWithUniformSubscription')
    const all = 't1 t2 t3'
    const where = { topics: { t1: 6, t2: 7, t3: 2 }, consumerTopics: [all, all, all] }
    const plain = [
      't1-0 t1-1 t2-0 t2-1 t2-2 t3-0',
      't1-2 t1-3 t2-3 t2-4 t3-1',
      't1-4 t1-5 t2-5 t2-6',
    ]
    verifyNonRackAware(where, plain)
    const one = ['t1-0 t1-3 t2-0 t2-3 t2-6', 't1-1 t1-4 t2-1 t2-4 t3-0', 't1-2 t1-5 t2-2 t2-5 t3-1']
    verify(where, [1, racks(3), racks(3)], one, 0)
    const two = ['t1-0 t1-2 t2-0 t2-2 t2-3 t3-1', 't1-1 t1-3 t2-1 t2-4 t3-0', 't1-4 t1-5 t2-5 t2-6']
    verify(where, [2, racks(3), racks(3)], two, 1)
    // One member stands where no partition is.
    verify(where, [3, racks(2), racks(3)], plain, 4)
  })

  test('members with different topics get what is near, within their shares', () => {
    covers('RangeAssignorTest.testRackAwareAssignmentWithNonEqualSubscription')
    const topics = { t1: 6, t2: 7, t3: 2 }
    const where = { topics, consumerTopics: ['t1 t2 t3', 't1 t2 t3', 't1 t3'] }
    const plain = [
      't1-0 t1-1 t2-0 t2-1 t2-2 t2-3 t3-0',
      't1-2 t1-3 t2-4 t2-5 t2-6 t3-1',
      't1-4 t1-5',
    ]
    verifyNonRackAware(where, plain)
    const one = ['t1-0 t1-3 t2-0 t2-2 t2-3 t2-6', 't1-1 t1-4 t2-1 t2-4 t2-5 t3-0', 't1-2 t1-5 t3-1']
    verify(where, [1, racks(3), racks(3)], one, 2)
    const two = ['t1-0 t1-2 t2-0 t2-2 t2-3 t2-5 t3-1', 't1-1 t1-3 t2-1 t2-4 t2-6 t3-0', 't1-4 t1-5']
    verify(where, [2, racks(3), racks(3)], two, 0)
    verify(where, [3, racks(2), racks(3)], plain, 2)
  })

  test('topics with as many partitions and the same members go together, near or not', () => {
    covers('RangeAssignorTest.testRackAwareAssignmentWithUniformPartitions')
    const all = 't1 t2 t3'
    const where = { topics: { t1: 5, t2: 5, t3: 5 }, consumerTopics: [all, all, all] }
    const plain = [
      't1-0 t1-1 t2-0 t2-1 t3-0 t3-1',
      't1-2 t1-3 t2-2 t2-3 t3-2 t3-3',
      't1-4 t2-4 t3-4',
    ]
    verifyNonRackAware(where, plain)
    verify(where, [1, racks(3), racks(3)], plain, 10)
    verify(where, [2, racks(3), racks(3)], plain, 5)
    verify(where, [3, racks(2), racks(3)], plain, 3)
  })

  test('topics with the same members go together, the others go where they are near', () => {
    covers('RangeAssignorTest.testRackAwareAssignmentWithUniformPartitionsNonEqualSubscription')
    const topics = { t1: 5, t2: 5, t3: 5 }
    const where = { topics, consumerTopics: ['t1 t2 t3', 't1 t2 t3', 't1 t3'] }
    const plain = [
      't1-0 t1-1 t2-0 t2-1 t2-2 t3-0 t3-1',
      't1-2 t1-3 t2-3 t2-4 t3-2 t3-3',
      't1-4 t3-4',
    ]
    verifyNonRackAware(where, plain)
    const one = ['t1-0 t1-1 t2-0 t2-1 t2-4 t3-0 t3-1', 't1-2 t1-3 t2-2 t2-3 t3-2 t3-3', 't1-4 t3-4']
    verify(where, [1, racks(3), racks(3)], one, 9)
    const two = ['t1-2 t2-0 t2-1 t2-3 t3-2', 't1-0 t1-3 t2-2 t2-4 t3-0 t3-3', 't1-1 t1-4 t3-1 t3-4']
    verify(where, [2, racks(3), racks(3)], two, 0)
    verify(where, [3, racks(2), racks(3)], plain, 2)
  })

  test('topics that lie alike go together and near', () => {
    covers('RangeAssignorTest.testRackAwareAssignmentWithCoPartitioning')
    const topics = { t1: 6, t2: 6, t3: 2, t4: 2 }
    const consumers = ['a', 'b', 'b', 'a']
    const pairs = { topics, consumerTopics: ['t1 t2', 't1 t2', 't3 t4', 't3 t4'] }
    const plain = [
      't1-0 t1-1 t1-2 t2-0 t2-1 t2-2',
      't1-3 t1-4 t1-5 t2-3 t2-4 t2-5',
      't3-0 t4-0',
      't3-1 t4-1',
    ]
    verify(pairs, [3, racks(2), consumers], plain, null)
    verify(pairs, [2, racks(2), consumers], plain, 0)
    const near = [
      't1-0 t1-2 t1-4 t2-0 t2-2 t2-4',
      't1-1 t1-3 t1-5 t2-1 t2-3 t2-5',
      't3-1 t4-1',
      't3-0 t4-0',
    ]
    verify(pairs, [1, racks(2), consumers], near, 0)

    const all = 't1 t2 t3 t4'
    const together = { topics, consumerTopics: [all, all, all, all] }
    const plainTogether = [
      't1-0 t1-1 t2-0 t2-1 t3-0 t4-0',
      't1-2 t1-3 t2-2 t2-3 t3-1 t4-1',
      't1-4 t2-4',
      't1-5 t2-5',
    ]
    verify(together, [3, racks(2), consumers], plainTogether, null)
    verify(together, [2, racks(2), consumers], plainTogether, 0)
    const nearTogether = [
      't1-0 t1-2 t2-0 t2-2 t3-0 t4-0',
      't1-1 t1-3 t2-1 t2-3 t3-1 t4-1',
      't1-5 t2-5',
      't1-4 t2-4',
    ]
    verify(together, [1, racks(2), consumers], nearTogether, 0)
    const three = [
      't1-0 t1-3 t2-0 t2-3 t3-0 t4-0',
      't1-1 t1-4 t2-1 t2-4 t3-1 t4-1',
      't1-2 t2-2',
      't1-5 t2-5',
    ]
    verify(together, [1, racks(3), consumers], three, 6)
  })

  test('six topics in three pairs that go together, for members who want them all', () => {
    covers('RangeAssignorTest.testCoPartitionedAssignmentWithSameSubscription')
    const all = 't1 t2 t3 t4 t5 t6 t7 t8 t9'
    const topics = { t1: 6, t2: 6, t3: 2, t4: 2, t5: 4, t6: 4 }
    const where = { topics, consumerTopics: [all, all, all] }
    const plain = [
      't1-0 t1-1 t2-0 t2-1 t3-0 t4-0 t5-0 t5-1 t6-0 t6-1',
      't1-2 t1-3 t2-2 t2-3 t3-1 t4-1 t5-2 t6-2',
      't1-4 t1-5 t2-4 t2-5 t5-3 t6-3',
    ]
    verify(where, [3, nullRacks(3), racks(3)], plain, null)
    verify(where, everywhere, plain, 0, true)
    const near = [
      't1-0 t1-2 t2-0 t2-2 t3-0 t4-0 t5-1 t6-1',
      't1-1 t1-3 t2-1 t2-3 t3-1 t4-1 t5-2 t6-2',
      't1-4 t1-5 t2-4 t2-5 t5-0 t5-3 t6-0 t6-3',
    ]
    verify(where, [2, racks(3), racks(3)], near, 0, true)
  })
})
