import { describe, expect, test } from 'vitest'
import {
  logDeleteDirName,
  logDirName,
  logFile,
  offsetFromFile,
  offsetFromFileName,
  offsetIndexFile,
  parseTopicPartitionName,
  producerSnapshotFile,
  timeIndexFile,
} from '../../../src/broker/log/LogFileUtils.ts'
import { baseName } from '../../../src/broker/log/Storage.ts'
import { IllegalArgumentException, KafkaException } from '../../../src/common/errors.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { covers } from '../../support/covers.ts'

const random = new SeededRandom(3)
const deleteName = (topic: string, partition: number): string =>
  logDeleteDirName(new TopicPartition(topic, partition), Uuid.randomUuid(random))

describe('LogFileUtils', () => {
  test('sorting names sorts offsets', () => {
    const names = [0, 9, 10, 1_000_000, 2 ** 40, Number.MAX_SAFE_INTEGER].map((offset) =>
      logFile('orders-0', offset),
    )
    expect(names[2]).toBe('orders-0/00000000000000000010.log')
    expect([...names].sort()).toEqual(names)
  })

  test('every file of a segment says its base offset', () => {
    covers('LocalLogTest.testOffsetFromFile', 'UnifiedLogTest.testOffsetFromProducerSnapshotFile')
    const offset = 23_423_423
    for (const file of [logFile, offsetIndexFile, timeIndexFile, producerSnapshotFile]) {
      expect(offsetFromFile(baseName(file('orders-0', offset)))).toBe(offset)
    }
    expect(offsetFromFile(baseName(logFile('orders-0', offset, '.deleted')))).toBe(offset)
    expect(offsetFromFileName('leader-epoch-checkpoint')).toBeUndefined()
    expect(() => offsetFromFile('partition.metadata')).toThrow(IllegalArgumentException)
  })

  test('a directory says which partition it holds', () => {
    covers('LocalLogTest.testParseTopicPartitionName')
    for (const partition of [
      new TopicPartition('test_topic', 143),
      new TopicPartition('with-dash-7', 0),
      new TopicPartition('with.dot', 12),
    ]) {
      expect(parseTopicPartitionName(logDirName(partition))).toEqual(partition)
    }
  })

  test('a directory on its way out still says which partition it held', () => {
    covers('LocalLogTest.testParseTopicPartitionNameWithPeriodForDeletedTopic')
    const partition = parseTopicPartitionName(deleteName('foo.bar-testtopic', 42))
    expect(partition).toEqual(new TopicPartition('foo.bar-testtopic', 42))
  })

  test.each([
    ['', 'testParseTopicPartitionNameForEmptyName'],
    ['test_topic1999', 'testParseTopicPartitionNameForMissingSeparator'],
    ['test_topic1999.-delete', 'testParseTopicPartitionNameForMissingSeparator'],
    ['-1999', 'testParseTopicPartitionNameForMissingTopic'],
    [deleteName('', 1999), 'testParseTopicPartitionNameForMissingTopic'],
    ['test_topic-', 'testParseTopicPartitionNameForMissingPartition'],
    ['test_topic-.-delete', 'testParseTopicPartitionNameForMissingPartition'],
    ['test_topic-1999a', 'testParseTopicPartitionNameForInvalidPartition'],
    ['test_topic1999a.-delete', 'testParseTopicPartitionNameForInvalidPartition'],
    ['non_kafka_dir', 'testParseTopicPartitionNameForExistingInvalidDir'],
    ['non_kafka_dir-delete', 'testParseTopicPartitionNameForExistingInvalidDir'],
  ])("'%s' is no partition's directory", (name, scenario) => {
    covers(`LocalLogTest.${scenario}`)
    expect(() => parseTopicPartitionName(name)).toThrow(KafkaException)
    expect(() => parseTopicPartitionName(name)).toThrow(`'${name}'`)
  })

  test('the name of a deleted directory fits into 255 characters', () => {
    covers('LocalLogTest.testLogDeleteDirName')
    expect(deleteName('foo', 3)).toMatch(/^foo-3\.[0-9a-f]{32}-delete$/)
    const long = deleteName(`n${'o'.repeat(248)}`, 5)
    expect(long).toHaveLength(255)
    expect(long).toMatch(/^no{212}-5\.[0-9a-f]{32}-delete$/)
  })
})
