import { expect, test } from 'vitest'
import { convertToCreatableTopic } from '../../src/admin/NewTopic.ts'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { covers } from '../support/covers.ts'

test('what is not said is the choice of the broker', () => {
  covers('NewTopicTest.testConstructorWithOptionalValues', 'NewTopicTest.testConfigsNull')
  expect(convertToCreatableTopic({ name: 'a' })).toEqual({
    name: 'a',
    numPartitions: -1,
    replicationFactor: -1,
    assignments: [],
    configs: [],
  })
})

test('numbers and settings are taken as they are', () => {
  covers(
    'NewTopicTest.testConstructorWithPartitionsAndReplicationFactor',
    'NewTopicTest.testConvertToCreatableTopicWithPartitionsAndReplicationFactor',
    'NewTopicTest.testConfigsNotNull',
  )
  const configs = { 'cleanup.policy': 'compact', 'retention.ms': null }
  expect(
    convertToCreatableTopic({ name: 'a', numPartitions: 3, replicationFactor: 2, configs }),
  ).toEqual({
    name: 'a',
    numPartitions: 3,
    replicationFactor: 2,
    assignments: [],
    configs: [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'retention.ms', value: null },
    ],
  })
})

test('assignments stand for both numbers, and exclude them', () => {
  covers(
    'NewTopicTest.testConstructorWithReplicasAssignments',
    'NewTopicTest.testConvertToCreatableTopicWithReplicasAssignments',
  )
  const replicasAssignments = { 0: [1, 2], 1: [2, 3] }
  expect(convertToCreatableTopic({ name: 'a', replicasAssignments })).toMatchObject({
    numPartitions: -1,
    replicationFactor: -1,
    assignments: [
      { partitionIndex: 0, brokerIds: [1, 2] },
      { partitionIndex: 1, brokerIds: [2, 3] },
    ],
  })
  for (const numbers of [{ numPartitions: 2 }, { replicationFactor: 2 }]) {
    const contradicting = { name: 'a', replicasAssignments, ...numbers }
    expect(() => convertToCreatableTopic(contradicting)).toThrow(IllegalArgumentException)
  }
})
