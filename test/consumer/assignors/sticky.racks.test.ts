import { expect, test } from 'vitest'
import { CooperativeStickyAssignor } from '../../../src/consumer/CooperativeStickyAssignor.ts'
import { covers } from '../../support/covers.ts'
import { assignWithRacks, nullRacks, racks } from './support/groups.ts'
import { makeSticky, STICKY_NAMES, type StickyName } from './support/stickyGroups.ts'

type Racks = readonly (string | null)[]

const TOPICS = { t1: 6, t2: 7, t3: 2 }

interface Check {
  readonly name: StickyName
  readonly consumerTopics: readonly string[]
  readonly owned?: readonly string[]
  readonly always?: boolean
}

const verify = (
  { name, always = false, consumerTopics, owned }: Check,
  [replicationFactor, brokerRacks, consumerRacks]: readonly [number, Racks, Racks],
  wanted: readonly string[],
  mismatched: number | null,
): void => {
  const scenario = { topics: TOPICS, replicationFactor, brokerRacks, consumerRacks, consumerTopics }
  const assignor = makeSticky(name).preferRackAwareLogic(always)
  const result = assignWithRacks(assignor, owned === undefined ? scenario : { ...scenario, owned })
  expect(result.assigned).toEqual(wanted)
  if (mismatched !== null) expect(result.mismatched).toBe(mismatched)
}

/** From nothing, and once more with what everybody got. */
const verifyTwice: typeof verify = (check, where, wanted, mismatched) => {
  verify(check, where, wanted, mismatched)
  verify({ ...check, owned: wanted }, where, wanted, mismatched)
}

const everywhere = [3, racks(3), racks(3)] as const
const oneReplica = [1, racks(3), racks(3)] as const

/** Nobody says where it stands, or every rack has everything, or they share none. */
const verifyNonRackAware = (check: Check, wanted: readonly string[]): void => {
  verifyTwice(check, [3, nullRacks(3), racks(3)], wanted, null)
  verifyTwice(check, [3, racks(3), nullRacks(3)], wanted, null)
  verifyTwice({ ...check, always: true }, everywhere, wanted, 0)
  verifyTwice({ ...check, always: true }, [4, racks(4), racks(3)], wanted, 0)
  verifyTwice(check, everywhere, wanted, 0)
  verifyTwice(check, [3, racks(3), ['d', 'e', 'f']], wanted, null)
  verifyTwice(check, [3, racks(3), [null, 'e', 'f']], wanted, null)
}

const MISPLACED = [
  't1-0 t1-1 t1-2 t1-3 t1-4',
  't1-5 t2-0 t2-1 t2-2 t2-3',
  't2-4 t2-5 t2-6 t3-0 t3-1',
]

test.each(STICKY_NAMES)('%s among racks, all want the same topics', (name) => {
  covers('AbstractStickyAssignorTest.testRackAwareAssignmentWithUniformSubscription')
  const all = 't1 t2 t3'
  const check: Check = { name, consumerTopics: [all, all, all] }
  const plain = ['t1-0 t1-3 t2-0 t2-3 t2-6', 't1-1 t1-4 t2-1 t2-4 t3-0', 't1-2 t1-5 t2-2 t2-5 t3-1']
  verifyNonRackAware(check, plain)
  verifyTwice(check, oneReplica, plain, 0)
  verifyTwice(check, [2, racks(3), racks(3)], plain, 0)
  // One member stands where no partition is, and gets its share all the same.
  verifyTwice(check, [3, racks(2), racks(3)], plain, 5)

  // What lies elsewhere is moved near; cooperatively it is given up first.
  const moved = name === 'sticky' ? plain : ['t1-0 t1-3', 't2-1', 't2-5 t3-1']
  verify({ ...check, owned: MISPLACED }, oneReplica, moved, 0)
  // What lies near stays.
  verify({ ...check, owned: plain, always: true }, everywhere, plain, 0)
})

test.each(STICKY_NAMES)('%s among racks, members want different topics', (name) => {
  covers('AbstractStickyAssignorTest.testRackAwareAssignmentWithNonEqualSubscription')
  const check: Check = { name, consumerTopics: ['t1 t2 t3', 't1 t2 t3', 't1 t3'] }
  const plain = ['t1-5 t2-0 t2-2 t2-4 t2-6', 't1-3 t2-1 t2-3 t2-5 t3-0', 't1-0 t1-1 t1-2 t1-4 t3-1']
  verifyNonRackAware(check, plain)
  const one = ['t1-3 t2-0 t2-2 t2-3 t2-6', 't1-4 t2-1 t2-4 t2-5 t3-0', 't1-0 t1-1 t1-2 t1-5 t3-1']
  verifyTwice(check, oneReplica, one, 4)
  const two = ['t1-3 t2-0 t2-2 t2-5 t2-6', 't1-0 t2-1 t2-3 t2-4 t3-0', 't1-1 t1-2 t1-4 t1-5 t3-1']
  verifyTwice(check, [2, racks(3), racks(3)], two, 0)
  // One member stands where no partition is, and gets its share all the same.
  verifyTwice(check, [3, racks(2), racks(3)], plain, 5)

  // What lies elsewhere is moved near, as far as the shares allow.
  const misplaced = { ...check, owned: MISPLACED }
  if (name === 'sticky') {
    verify(misplaced, oneReplica, one, 4)
    verify(misplaced, everywhere, plain, 0)
    verify({ ...misplaced, always: true }, everywhere, plain, 0)
    return
  }
  const given = ['t1-3', 't2-1', 't3-1']
  verify(misplaced, oneReplica, given, 0)
  verify({ ...check, owned: given }, oneReplica, one, 4)
  const kept = ['t1-2 t1-3 t1-4', 't2-0 t2-1 t2-2 t2-3', 't3-0 t3-1']
  const settled = [
    't1-2 t1-3 t1-4 t2-4 t2-5',
    't2-0 t2-1 t2-2 t2-3 t2-6',
    't1-0 t1-1 t1-5 t3-0 t3-1',
  ]
  for (const always of [false, true]) {
    verify({ ...misplaced, always }, everywhere, kept, 0)
    verify({ ...check, always, owned: kept }, everywhere, settled, 0)
  }
})

test('cooperative-sticky notes what goes to the other rack', () => {
  covers('CooperativeStickyAssignorTest.testUniformSubscriptionTransferOwnershipListIsRight')
  const assignor = new CooperativeStickyAssignor()
  const scenario = {
    topics: { t: 4 },
    replicationFactor: 1,
    brokerRacks: racks(2),
    consumerRacks: racks(2),
    consumerTopics: ['t', 't'],
    owned: ['t-0 t-1', 't-2 t-3'],
  }
  expect(assignWithRacks(assignor, scenario).assigned).toEqual(['t-0', 't-3'])
  expect(String(assignor.partitionsTransferringOwnership())).toBe('{t-1=consumer1, t-2=consumer0}')
})
