import { expect, test } from 'vitest'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { PartitionStates } from '../../../src/consumer/internals/PartitionStates.ts'
import { covers } from '../../support/covers.ts'

const tp = (name: string): TopicPartition => {
  const [topic, partition] = name.split('-')
  return new TopicPartition(topic!, Number(partition))
}
const statesOf = (...names: string[]): PartitionStates<string> => {
  const states = new PartitionStates<string>()
  states.set(names.map((name) => [tp(name), `state of ${name}`]))
  return states
}
const order = (states: PartitionStates<string>): string[] => [...states.partitions()].map(String)

test('an assignment is laid out topic by topic, topics in order of first appearance', () => {
  covers('PartitionStatesTest.testSet')
  expect(order(statesOf('foo-2', 'blah-1', 'foo-0', 'baz-3', 'blah-2'))).toEqual([
    'foo-2',
    'foo-0',
    'blah-1',
    'blah-2',
    'baz-3',
  ])
  expect(order(statesOf())).toEqual([])
})

test('setting again replaces everything', () => {
  const states = statesOf('foo-0', 'foo-1')
  states.set([[tp('bar-0'), 'x']])
  expect(order(states)).toEqual(['bar-0'])
  expect(states.size).toBe(1)
})

test('a partition moves to the end with its state', () => {
  covers('PartitionStatesTest.testMoveToEnd')
  const states = statesOf('foo-0', 'foo-1', 'bar-0')
  states.moveToEnd(tp('foo-0'))
  expect(order(states)).toEqual(['foo-1', 'bar-0', 'foo-0'])
  expect(states.stateValue(tp('foo-0'))).toBe('state of foo-0')
  states.moveToEnd(tp('not-0'))
  expect(order(states)).toEqual(['foo-1', 'bar-0', 'foo-0'])
})

test('a partition moves to the end with a new state, known before or not', () => {
  covers('PartitionStatesTest.testUpdateAndMoveToEnd')
  const states = statesOf('foo-0', 'foo-1')
  states.updateAndMoveToEnd(tp('foo-0'), 'new')
  states.updateAndMoveToEnd(tp('bar-9'), 'fresh')
  expect(order(states)).toEqual(['foo-1', 'foo-0', 'bar-9'])
  expect([...states.partitionStateValues()]).toEqual(['state of foo-1', 'new', 'fresh'])
})

test('states come in the order of their partitions', () => {
  covers('PartitionStatesTest.testPartitionValues')
  const states = statesOf('foo-1', 'foo-0')
  expect([...states.partitionStateValues()]).toEqual(['state of foo-1', 'state of foo-0'])
  expect(states.contains(tp('foo-1'))).toBe(true)
})

test('everything can be cleared', () => {
  covers('PartitionStatesTest.testClear')
  const states = statesOf('foo-1', 'foo-0')
  states.clear()
  expect(order(states)).toEqual([])
})

test('one partition can be removed', () => {
  covers('PartitionStatesTest.testRemove')
  const states = statesOf('foo-1', 'foo-0')
  states.remove(tp('foo-1'))
  expect(order(states)).toEqual(['foo-0'])
  expect(states.contains(tp('foo-1'))).toBe(false)
})
