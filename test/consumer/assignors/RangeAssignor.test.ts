import { describe, expect, test } from 'vitest'
import { RangeAssignor } from '../../../src/consumer/RangeAssignor.ts'
import { covers } from '../../support/covers.ts'
import {
  partitionInfos,
  RACK_CONFIGS,
  type RackConfig,
  racks,
  sortedWords,
  TestGroup,
} from './support/groups.ts'

const group = (rackConfig: RackConfig, members = 3): TestGroup =>
  new TestGroup(new RangeAssignor(), rackConfig, members)

const assigned = (of: TestGroup): Record<string, string> => sortedWords(of.assign())

/** What every member gets, by instance id. */
const byInstance = (of: TestGroup): Record<string, string> => {
  const words = assigned(of)
  return Object.fromEntries(
    Array.from(of.subscriptions, ([member, { groupInstanceId }]) => [
      groupInstanceId!,
      words[member]!,
    ]),
  )
}

/** Members 2 and 3 come back with new member ids. */
const restart = (of: TestGroup): void => {
  for (const [before, after] of [
    ['C3', 'C4'],
    ['C2', 'C5'],
  ] as const) {
    of.put(after, of.subscriptions.get(before)!).leave(before)
  }
}

describe.each(RACK_CONFIGS)('RangeAssignor, %s', (rackConfig) => {
  test('one member gets nothing of no topic, of an unknown one, or of those it does not want', () => {
    covers(
      'RangeAssignorTest.testOneConsumerNoTopic',
      'RangeAssignorTest.testOneConsumerNonexistentTopic',
      'RangeAssignorTest.testOnlyAssignsPartitionsFromSubscribedTopics',
    )
    expect(assigned(group(rackConfig).subscribe('C', ''))).toEqual({ C: '' })
    expect(assigned(group(rackConfig).subscribe('C', 't'))).toEqual({ C: '' })
    const one = group(rackConfig).topic('t', 3).topic('other', 3).subscribe('C', 't')
    expect(assigned(one)).toEqual({ C: 't-0 t-1 t-2' })
  })

  test('one member gets everything it wants', () => {
    covers(
      'RangeAssignorTest.testOneConsumerOneTopic',
      'RangeAssignorTest.testOneConsumerMultipleTopics',
    )
    const one = group(rackConfig).topic('t1', 3).subscribe('C', 't1')
    expect(assigned(one)).toEqual({ C: 't1-0 t1-1 t1-2' })
    const two = group(rackConfig).topic('t1', 1).topic('t2', 2).subscribe('C', 't1 t2')
    expect(assigned(two)).toEqual({ C: 't1-0 t2-0 t2-1' })
  })

  test('the first members get what does not come out even, and that of every topic', () => {
    covers(
      'RangeAssignorTest.testTwoConsumersOneTopicOnePartition',
      'RangeAssignorTest.testTwoConsumersOneTopicTwoPartitions',
      'RangeAssignorTest.testTwoConsumersTwoTopicsSixPartitions',
    )
    const one = group(rackConfig).topic('t1', 1).subscribe('C1', 't1').subscribe('C2', 't1')
    expect(assigned(one)).toEqual({ C1: 't1-0', C2: '' })
    expect(assigned(one.topic('t1', 2))).toEqual({ C1: 't1-0', C2: 't1-1' })
    const six = group(rackConfig).topic('t1', 3).topic('t2', 3)
    expect(assigned(six.subscribe('C1', 't1 t2').subscribe('C2', 't1 t2'))).toEqual({
      C1: 't1-0 t1-1 t2-0 t2-1',
      C2: 't1-2 t2-2',
    })
  })

  test('each topic is cut among those who want it', () => {
    covers('RangeAssignorTest.testMultipleConsumersMixedTopics')
    const mixed = group(rackConfig).topic('t1', 3).topic('t2', 2)
    mixed.subscribe('C1', 't1').subscribe('C2', 't1 t2').subscribe('C3', 't1')
    expect(assigned(mixed)).toEqual({ C1: 't1-0', C2: 't1-1 t2-0 t2-1', C3: 't1-2' })
  })

  test('static members stand in the order of their instance ids, before all others', () => {
    covers(
      'RangeAssignorTest.testTwoStaticConsumersTwoTopicsSixPartitions',
      'RangeAssignorTest.testOneStaticConsumerAndOneDynamicConsumerTwoTopicsSixPartitions',
    )
    for (const groupInstanceId of ['instance2', null]) {
      const six = group(rackConfig).topic('t1', 3).topic('t2', 3)
      six.subscribe('b', 't1 t2', { groupInstanceId: 'instance1' })
      six.subscribe('a', 't1 t2', { groupInstanceId })
      expect(assigned(six)).toEqual({ b: 't1-0 t1-1 t2-0 t2-1', a: 't1-2 t2-2' })
    }
  })

  test('a dynamic member comes and goes, the static ones keep what they have', () => {
    covers('RangeAssignorTest.testStaticMemberRangeAssignmentPersistent')
    const nine = group(rackConfig, 5).topic('t1', 5).topic('t2', 4)
    for (const n of [1, 2, 3]) {
      nine.subscribe(`C${n}`, 't1 t2', { groupInstanceId: `instance${n}` })
    }
    const statics = { C1: 't1-0 t1-1 t2-0', C2: 't1-2 t2-1', C3: 't1-3 t2-2' }
    expect(assigned(nine.subscribe('C4', 't1 t2'))).toEqual({ ...statics, C4: 't1-4 t2-3' })
    nine.leave('C4').subscribe('C5', 't1 t2')
    expect(assigned(nine)).toEqual({ ...statics, C5: 't1-4 t2-3' })
  })

  test('new member ids change nothing for static members', () => {
    covers('RangeAssignorTest.testStaticMemberRangeAssignmentPersistentAfterMemberIdChanges')
    const ten = group(rackConfig).topic('t1', 5).topic('t2', 5)
    for (const n of [1, 2, 3]) {
      ten.subscribe(`C${n}`, 't1 t2', { groupInstanceId: `instance${n}` })
    }
    const wanted = {
      instance1: 't1-0 t1-1 t2-0 t2-1',
      instance2: 't1-2 t1-3 t2-2 t2-3',
      instance3: 't1-4 t2-4',
    }
    expect(byInstance(ten)).toEqual(wanted)
    restart(ten)
    expect(byInstance(ten)).toEqual(wanted)
  })
})

test('new member ids change nothing for static members, each in a rack with a part of all', () => {
  covers('RangeAssignorTest.testRackAwareStaticMemberRangeAssignmentPersistentAfterMemberIdChanges')
  const ten = group('BROKER_AND_CONSUMER_RACK')
  const brokerRacks = [...racks(3), ...racks(3)]
  for (const topic of ['t1', 't2']) {
    const options = { topic, partitions: 5, replicationFactor: 2, brokerRacks }
    ten.partitionsPerTopic.set(topic, partitionInfos(options))
  }
  for (const n of [1, 2, 3]) {
    ten.subscribe(`C${n}`, 't1 t2', { groupInstanceId: `instance${n}` })
  }
  const wanted = {
    instance1: 't1-0 t1-2 t2-0 t2-2',
    instance2: 't1-1 t1-3 t2-1 t2-3',
    instance3: 't1-4 t2-4',
  }
  expect(byInstance(ten)).toEqual(wanted)
  restart(ten)
  expect(byInstance(ten)).toEqual(wanted)
})
