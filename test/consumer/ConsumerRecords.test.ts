import { describe, expect, test } from 'vitest'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { TopicPartitionMap } from '../../src/common/TopicPartitionMap.ts'
import { ConsumerRecord } from '../../src/consumer/ConsumerRecord.ts'
import { ConsumerRecords } from '../../src/consumer/ConsumerRecords.ts'
import { OffsetAndMetadata } from '../../src/consumer/OffsetAndMetadata.ts'
import { OffsetAndTimestamp } from '../../src/consumer/OffsetAndTimestamp.ts'
import { covers } from '../support/covers.ts'

/** Topics `t0`, `t1`, …, two partitions each, three records each. */
const recordsOf = (topics: number): ConsumerRecords<number, string> => {
  const byPartition = new TopicPartitionMap<ConsumerRecord<number, string>[]>()
  const nextOffsets = new TopicPartitionMap<OffsetAndMetadata>()
  for (let t = 0; t < topics; t++) {
    for (let partition = 0; partition < 2; partition++) {
      const topic = `t${t}`
      const tp = new TopicPartition(topic, partition)
      byPartition.set(
        tp,
        [0, 1, 2].map(
          (offset) =>
            new ConsumerRecord({ topic, partition, offset, key: offset, value: `${offset}` }),
        ),
      )
      nextOffsets.set(tp, new OffsetAndMetadata(3))
    }
  }
  return new ConsumerRecords(byPartition, nextOffsets)
}

describe('the records of a poll', () => {
  test('are walked partition after partition, and may be walked again', () => {
    covers('ConsumerRecordsTest.testIterator')
    const records = recordsOf(2)
    const places = [...records].map(
      ({ topic, partition, offset }) => `${topic}-${partition}@${offset}`,
    )
    expect(places).toEqual(
      ['t0-0', 't0-1', 't1-0', 't1-1'].flatMap((tp) =>
        [0, 1, 2].map((offset) => `${tp}@${offset}`),
      ),
    )
    expect([...records]).toHaveLength(12)
    expect(records.count()).toBe(12)
    expect(records.isEmpty()).toBe(false)
  })

  test('are found by partition, by value', () => {
    covers('ConsumerRecordsTest.testRecordsByPartition')
    const records = recordsOf(2)
    expect(records.records(new TopicPartition('t1', 1)).map((record) => record.offset)).toEqual([
      0, 1, 2,
    ])
    expect(records.records(new TopicPartition('t1', 7))).toEqual([])
    expect(records.partitions().map(String)).toEqual(['t0-0', 't0-1', 't1-0', 't1-1'])
  })

  test('cannot be changed: the compiler refuses it, and other answers are copies', () => {
    covers('ConsumerRecordsTest.testRecordsAreImmutable')
    const records = recordsOf(2)
    const tp = new TopicPartition('t0', 0)
    const changing = (record: ConsumerRecord<number, string>): void => {
      // @ts-expect-error: a readonly list.
      records.records(tp).push(record)
      // @ts-expect-error: a readonly list.
      records.partitions().push(tp)
      // @ts-expect-error: an iterator takes nothing away.
      records[Symbol.iterator]().remove()
      // @ts-expect-error: a readonly map.
      records.nextOffsets.set(tp, new OffsetAndMetadata(1))
    }
    expect(typeof changing).toBe('function')
    ;(records.partitions() as TopicPartition[]).length = 0
    expect(records.count()).toBe(12)
    expect(records.partitions()).toHaveLength(4)
  })

  test('are found by topic', () => {
    covers('ConsumerRecordsTest.testRecordsByTopic')
    const records = recordsOf(3)
    const ofTopic = records.records('t1')
    for (let round = 0; round < 2; round++) {
      expect([...ofTopic].map(({ partition, offset }) => `${partition}@${offset}`)).toEqual([
        '0@0',
        '0@1',
        '0@2',
        '1@0',
        '1@1',
        '1@2',
      ])
    }
    expect([...records.records('nowhere')]).toEqual([])
  })

  test('of no topic at all are a mistake', () => {
    covers('ConsumerRecordsTest.testRecordsByNullTopic')
    expect(() => recordsOf(1).records(null as unknown as string)).toThrow(IllegalArgumentException)
  })

  test('come with the offsets that follow them', () => {
    expect(recordsOf(1).nextOffsets.get(new TopicPartition('t0', 1))?.offset).toBe(3)
    const empty = ConsumerRecords.empty<number, string>()
    expect(empty.isEmpty()).toBe(true)
    expect(empty.count()).toBe(0)
    expect(empty.nextOffsets.size).toBe(0)
    expect([...empty]).toEqual([])
  })
})

test('a record that says little has the defaults of the protocol', () => {
  const record = new ConsumerRecord({ topic: 't', partition: 1, offset: 5, key: null, value: 'v' })
  expect(record).toMatchObject({
    timestamp: -1,
    timestampType: 'NoTimestampType',
    serializedKeySize: -1,
    serializedValueSize: -1,
    leaderEpoch: null,
  })
  expect([...record.headers]).toEqual([])
  expect(
    () => new ConsumerRecord({ topic: '', partition: 1, offset: 5, key: null, value: null }),
  ).toThrow(IllegalArgumentException)
})

describe('OffsetAndMetadata', () => {
  test('has no negative offset', () => {
    covers('OffsetAndMetadataTest.testInvalidNegativeOffset')
    expect(() => new OffsetAndMetadata(-239, 15, '')).toThrow(IllegalArgumentException)
    expect(() => new OffsetAndMetadata(1.5)).toThrow('a whole number from 0 to 2^53 - 1, not 1.5')
    expect(() => new OffsetAndTimestamp(-1, 0)).toThrow(IllegalArgumentException)
    expect(() => new OffsetAndTimestamp(0, -1)).toThrow(IllegalArgumentException)
  })

  test('is equal with no epoch and with a negative one', () => {
    covers('OffsetAndMetadataTest.testEqualsWithNullAndNegativeLeaderEpoch')
    expect(new OffsetAndMetadata(100, null, 'm').equals(new OffsetAndMetadata(100, -1, 'm'))).toBe(
      true,
    )
    expect(new OffsetAndMetadata(100, 1, 'm').equals(new OffsetAndMetadata(100, -1, 'm'))).toBe(
      false,
    )
  })

  test('is equal with no metadata and with the empty text', () => {
    covers('OffsetAndMetadataTest.testEqualsWithNullAndEmptyMetadata')
    expect(new OffsetAndMetadata(100, 1, null).equals(new OffsetAndMetadata(100, 1, ''))).toBe(true)
    expect(new OffsetAndMetadata(100, 1, 'm').equals(new OffsetAndMetadata(100, 1, ''))).toBe(false)
  })
})
