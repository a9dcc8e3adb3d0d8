import { beforeEach, describe, expect, test } from 'vitest'
import type { ClassicGroup } from '../../../src/broker/group/classic/ClassicGroup.ts'
import {
  CLASSIC_GROUP_STATES,
  type ClassicGroupState,
} from '../../../src/broker/group/classic/ClassicGroupState.ts'
import { IllegalStateException } from '../../../src/common/errors.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { covers } from '../../support/covers.ts'
import { newGroup, newMember } from './classicGroupSupport.ts'

/** A way from Empty to each state. */
const WAYS: Record<ClassicGroupState, readonly ClassicGroupState[]> = {
  Empty: [],
  PreparingRebalance: ['PreparingRebalance'],
  CompletingRebalance: ['PreparingRebalance', 'CompletingRebalance'],
  Stable: ['PreparingRebalance', 'CompletingRebalance', 'Stable'],
  Dead: ['Dead'],
}

const groupIn = (state: ClassicGroupState): ClassicGroup => {
  const group = newGroup()
  for (const next of WAYS[state]) group.transitionTo(next)
  return group
}

const ALLOWED: Record<ClassicGroupState, readonly ClassicGroupState[]> = {
  Empty: ['PreparingRebalance', 'Dead'],
  PreparingRebalance: ['CompletingRebalance', 'Empty', 'Dead'],
  CompletingRebalance: ['Stable', 'PreparingRebalance', 'Dead'],
  Stable: ['PreparingRebalance', 'Dead'],
  Dead: ['Dead'],
}

/** Kafka's scenarios by where they start; the names of some say something else. */
const SCENARIOS: Record<ClassicGroupState, readonly string[]> = {
  Empty: [
    'testStableToPreparingRebalanceTransition',
    'testStableToDeadTransition',
    'testEmptyToDeadTransition',
    'testEmptyToStableIllegalTransition',
    'testEmptyToAwaitingRebalanceIllegalTransition',
  ],
  PreparingRebalance: [
    'testPreparingRebalanceToDeadTransition',
    'testPreparingRebalanceToEmptyTransition',
    'testPreparingRebalanceToPreparingRebalanceIllegalTransition',
    'testPreparingRebalanceToStableIllegalTransition',
  ],
  CompletingRebalance: [
    'testAwaitingRebalanceToPreparingRebalanceTransition',
    'testAwaitingRebalanceToStableTransition',
    'testAwaitingRebalanceToAwaitingRebalanceIllegalTransition',
  ],
  Stable: ['testStableToStableIllegalTransition'],
  Dead: [
    'testDeadToDeadIllegalTransition',
    'testDeadToStableIllegalTransition',
    'testDeadToPreparingRebalanceIllegalTransition',
    'testDeadToAwaitingRebalanceIllegalTransition',
  ],
}

let group: ClassicGroup

beforeEach(() => {
  group = newGroup()
})

describe('the states of a classic group', () => {
  test.each(CLASSIC_GROUP_STATES)('lead from %s to where they may and nowhere else', (from) => {
    covers(...SCENARIOS[from].map((scenario) => `ClassicGroupTest.${scenario}`))
    for (const to of CLASSIC_GROUP_STATES) {
      const group = groupIn(from)
      if (ALLOWED[from].includes(to)) {
        group.transitionTo(to)
        expect(CLASSIC_GROUP_STATES.filter((state) => group.isInState(state))).toEqual([to])
        expect(group.previousState()).toBe(from)
      } else {
        expect(() => group.transitionTo(to)).toThrow(IllegalStateException)
        expect(group.currentState()).toBe(from)
      }
    }
  })

  test.each([
    ['Empty', true, 'testCanRebalanceWhenStable'],
    ['PreparingRebalance', false, 'testCannotRebalanceWhenPreparingRebalance'],
    ['CompletingRebalance', true, 'testCanRebalanceWhenCompletingRebalance'],
    ['Stable', true, 'testCanRebalanceWhenStable'],
    ['Dead', false, 'testCannotRebalanceWhenDead'],
  ] as const)('say that in %s a rebalance can begin: %s', (state, canRebalance, scenario) => {
    covers(`ClassicGroupTest.${scenario}`)
    expect(groupIn(state).canRebalance()).toBe(canRebalance)
  })

  test('are matched against names in lower case', () => {
    covers('ClassicGroupTest.testIsInStates')
    for (const state of CLASSIC_GROUP_STATES) {
      const inState = groupIn(state)
      expect(inState.isInStates(new Set([state.toLowerCase(), ' ']))).toBe(true)
      expect(inState.isInStates(new Set([state]))).toBe(false)
      expect(inState.isInStates(new Set(['something else']))).toBe(false)
    }
  })

  test('remember since when they are', () => {
    const time = new MockTime(0, 5000)
    const group = newGroup(time)
    expect(group.currentStateTimestampOrDefault()).toBe(5000)
    void time.sleep(10)
    group.transitionTo('PreparingRebalance')
    expect(group.currentStateTimestampOrDefault()).toBe(5010)
  })
})

describe('the next generation', () => {
  test('has the protocol that the members choose', () => {
    covers('ClassicGroupTest.testInitNextGeneration')
    group.transitionTo('PreparingRebalance')
    group.add(newMember())
    expect(group.generationId).toBe(0)
    expect(group.protocolName).toBeNull()
    group.initNextGeneration()
    expect(group.generationId).toBe(1)
    expect(group.protocolName).toBe('roundrobin')
    expect(group.currentState()).toBe('CompletingRebalance')
  })

  test('has none when nobody is there', () => {
    covers('ClassicGroupTest.testInitNextGenerationEmptyGroup')
    expect(group.generationId).toBe(0)
    group.transitionTo('PreparingRebalance')
    group.initNextGeneration()
    expect(group.generationId).toBe(1)
    expect(group.protocolName).toBeNull()
    expect(group.isEmpty()).toBe(true)
  })

  test('waits for nobody who had to sync in the one before', () => {
    covers('ClassicGroupTest.testNewGenerationClearsPendingSyncMembers')
    group.add(newMember())
    group.transitionTo('PreparingRebalance')
    group.addPendingSyncMember('memberId')
    expect(group.allPendingSyncMembers()).toEqual(new Set(['memberId']))
    group.initNextGeneration()
    expect(group.hasReceivedSyncFromAllMembers()).toBe(true)
  })
})
