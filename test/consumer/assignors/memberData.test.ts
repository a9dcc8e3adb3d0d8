import { describe, expect, test } from 'vitest'
import { Assignment } from '../../../src/consumer/Assignment.ts'
import { ConsumerGroupMetadata } from '../../../src/consumer/ConsumerGroupMetadata.ts'
import { CooperativeStickyAssignor } from '../../../src/consumer/CooperativeStickyAssignor.ts'
import { StickyAssignor } from '../../../src/consumer/StickyAssignor.ts'
import { Subscription } from '../../../src/consumer/Subscription.ts'
import { covers } from '../../support/covers.ts'
import { inWords, RACK_CONFIGS, tps } from './support/groups.ts'
import { makeSticky, STICKY_NAMES, StickyGroup, userDataOf } from './support/stickyGroups.ts'

const OWNED = tps('t1-0 t2-1')

/** The older form of the sticky assignor's user data: no generation behind the topics. */
const withoutGeneration = (userData: Uint8Array): Uint8Array => userData.slice(0, -4)

describe('what a member says of its past', () => {
  test.each(STICKY_NAMES)('%s reads it in every version of the subscription', (name) => {
    covers('AbstractStickyAssignorTest.testMemberData')
    const userData = userDataOf(name, OWNED, 1)
    const v0 = new Subscription(['t'], { userData })
    const v1 = new Subscription(['t'], { userData, ownedPartitions: OWNED })
    const v2 = new Subscription(['t'], { userData, ownedPartitions: OWNED, generationId: 1 })
    // The cooperative assignor cannot do without owned partitions, which version 1 brought.
    for (const subscription of name === 'sticky' ? [v0, v1, v2] : [v1, v2]) {
      const { partitions, generation } = makeSticky(name).memberData(subscription)
      expect(partitions).toEqual(OWNED)
      expect(generation).toBe(1)
    }
  })

  test('the eager assignor believes user data, the cooperative one the subscription', () => {
    covers(
      'StickyAssignorTest.testMemberDataWithInconsistentData',
      'CooperativeStickyAssignorTest.testMemberDataWithInconsistentData',
    )
    for (const name of STICKY_NAMES) {
      const userData = userDataOf(name, tps('t-1'), 1)
      const subscription = new Subscription(['t'], { userData, ownedPartitions: tps('t-0') })
      const { partitions, generation } = makeSticky(name).memberData(subscription)
      expect(partitions).toEqual(tps(name === 'sticky' ? 't-1' : 't-0'))
      expect(generation).toBe(1)
    }
  })

  test('the eager assignor believes user data also of an older generation', () => {
    covers('StickyAssignorTest.testMemberDataWillHonorUserData')
    const userData = userDataOf('sticky', OWNED, 0)
    const subscription = new Subscription(['t'], { userData, generationId: 1 })
    const { partitions, generation } = new StickyAssignor().memberData(subscription)
    expect(partitions).toEqual(OWNED)
    expect(generation).toBe(0)
  })

  test.each([
    [1, 'testMemberDataWithEmptyPartitionsAndEqualGeneration'],
    [0, 'testMemberDataWithEmptyPartitionsAndHigherGeneration'],
  ])('the cooperative assignor believes an empty subscription, user data of %i', (at, scenario) => {
    covers(`CooperativeStickyAssignorTest.${scenario}`)
    const userData = userDataOf('cooperative-sticky', OWNED, at)
    const subscription = new Subscription(['t'], { userData, generationId: 1 })
    const { partitions, generation } = new CooperativeStickyAssignor().memberData(subscription)
    expect(partitions).toEqual([])
    expect(generation).toBe(1)
  })

  test('the cooperative assignor notes its generation, and reads it again', () => {
    covers(
      'CooperativeStickyAssignorTest.testEncodeAndDecodeGeneration',
      'CooperativeStickyAssignorTest.testDecodeGeneration',
    )
    const assignor = new CooperativeStickyAssignor()
    const generation = (userData: Uint8Array | null): number | null =>
      assignor.memberData(new Subscription(['t'], { userData })).generation
    expect(generation(assignor.subscriptionUserData(new Set(['t'])))).toBe(-1)
    assignor.onAssignment(new Assignment([]), new ConsumerGroupMetadata('group', 10, 'member'))
    expect(generation(assignor.subscriptionUserData(new Set(['t'])))).toBe(10)
    expect(generation(null)).toBeNull()
  })

  test('the eager assignor says nothing before its first assignment', () => {
    expect(new StickyAssignor().subscriptionUserData(new Set(['t']))).toBeNull()
  })

  test('Empty user data in an assignment (#284): no past, and no error, for either', () => {
    for (const name of STICKY_NAMES) {
      const subscription = new Subscription(['t'], { userData: new Uint8Array(0) })
      expect(makeSticky(name).memberData(subscription)).toEqual({
        partitions: [],
        generation: name === 'sticky' ? null : -1,
      })
    }
  })

  test('user data that cannot be read is no past, and does not stop the group', () => {
    const userData = Uint8Array.of(0x7f, 0xff, 0xff)
    const subscription = new Subscription(['t'], { userData })
    for (const name of STICKY_NAMES) {
      const data = makeSticky(name).memberData(subscription)
      expect(data).toEqual({ partitions: [], generation: -1 })
    }
  })
})

describe.each(RACK_CONFIGS)('members of other versions, %s', (racks) => {
  test('user data without generation is an older past', () => {
    covers('StickyAssignorTest.testSchemaBackwardCompatibility')
    const three = new StickyGroup('sticky', racks).topic('t', 3)
    const userData = withoutGeneration(userDataOf('sticky', tps('t-1'), 1))
    three.owning('C1', 't', 't-0 t-2', 1).subscribe('C2', 't', { userData }).subscribe('C3', 't')
    expect(new StickyAssignor().memberData(three.subscriptions.get('C2')!)).toEqual({
      partitions: tps('t-1'),
      generation: null,
    })
    const { settled } = three.rebalance()
    expect(inWords(settled)).toEqual({ C1: 't-0', C2: 't-1', C3: 't-2' })
  })

  test.each(STICKY_NAMES)('%s: old subscriptions and new ones in one group', (name) => {
    const common = 'AssignorTest.testAssignorWithOldVersionSubscriptions'
    covers(name === 'sticky' ? `Sticky${common}` : `CooperativeSticky${common}`)
    const old = (words: string): object => ({
      userData: userDataOf(name, tps(words), 1),
      ownedPartitions: tps(words),
    })
    const three = new StickyGroup(name, racks).topic('t', 3)
    three.subscribe('C1', 't', old('t-0')).subscribe('C2', 't', old('t-1')).owning('C3', 't', '')
    expect(three.rebalance().first).toEqual({ C1: 't-0', C2: 't-1', C3: 't-2' })
  })
})
