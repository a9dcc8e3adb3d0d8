import { expect, it } from 'vitest'
import { IllegalArgumentException, IllegalStateException } from '../../src/common/errors.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { ProducerRecord } from '../../src/producer/ProducerRecord.ts'
import { RecordMetadata } from '../../src/producer/RecordMetadata.ts'
import { covers } from '../support/covers.ts'
import { ascii } from './producerSupport.ts'

it('is equal to another one of the same parts', () => {
  covers('ProducerRecordTest.testEqualsAndHashCode')
  const parts = { topic: 'test', partition: 1, key: 'key', value: 1 }
  const record = new ProducerRecord(parts)
  expect(record.equals(new ProducerRecord(parts))).toBe(true)
  for (const different of [
    { topic: 'other' },
    { partition: 2 },
    { key: 'other' },
    { value: 2 },
    { timestamp: 3 },
    { headers: [{ key: 'h', value: null }] },
  ]) {
    expect(record.equals(new ProducerRecord({ ...parts, ...different }))).toBe(false)
  }
  const headed = (value: string) =>
    new ProducerRecord({ ...parts, headers: [{ key: 'h', value: ascii(value) }] })
  expect(headed('1').equals(headed('1'))).toBe(true)
  expect(headed('1').equals(headed('2'))).toBe(false)
  expect(String(headed('1'))).toContain('headers=[RecordHeader(key = h, value = [49])]')
  const empty = new ProducerRecord({ topic: 'test', value: null })
  expect(empty.equals(new ProducerRecord({ topic: 'test', value: null }))).toBe(true)
  expect(String(empty)).toBe(
    'ProducerRecord(topic=test, partition=null, headers=[], key=null, value=null, timestamp=null)',
  )
})

it('refuses what cannot be sent', () => {
  covers('ProducerRecordTest.testInvalidRecords')
  const make = (parts: object) => () => new ProducerRecord({ topic: 't', value: 1, ...parts })
  for (const parts of [
    { topic: null },
    { timestamp: -1 },
    { timestamp: 1.5 },
    { partition: -1 },
    { partition: 0.5 },
    { partition: Number.NaN },
  ]) {
    expect(make(parts)).toThrow(IllegalArgumentException)
  }
  expect(make({ partition: null, timestamp: 0 })).not.toThrow()
})

it('refuses a topic that is no string: no metadata request could be written with it', () => {
  for (const topic of [null, undefined, 42, {}, Promise.resolve('t')] as unknown as string[]) {
    expect(() => new ProducerRecord({ topic, value: 'v' })).toThrow(IllegalArgumentException)
  }
})

it('has headers that may be changed until it is on its way', () => {
  for (const headers of [undefined, [{ key: 'a', value: ascii('1') }]]) {
    const record = new ProducerRecord({ topic: 't', value: 1, ...(headers && { headers }) })
    if (headers) record.headers.add('b', null)
    const keys = record.headerArray().map(({ key }) => key)
    expect(keys).toEqual(headers ? ['a', 'b'] : [])
    record.setReadOnly()
    expect(() => record.headers.add('late', null)).toThrow(IllegalStateException)
  }
})

it('has metadata without offset when the batch has none', () => {
  covers('RecordMetadataTest.testConstructionWithMissingBatchIndex')
  const metadata = new RecordMetadata(new TopicPartition('foo', 0), -1, -1, 2_340_234, 3, 5)
  expect([metadata.topic, metadata.partition, metadata.timestamp]).toEqual(['foo', 0, 2_340_234])
  expect([metadata.hasOffset(), metadata.offset, metadata.hasTimestamp()]).toEqual([
    false,
    -1,
    true,
  ])
  expect([metadata.serializedKeySize, metadata.serializedValueSize]).toEqual([3, 5])
})

it('has metadata with the offset of its place in the batch', () => {
  covers('RecordMetadataTest.testConstructionWithBatchIndexOffset')
  const metadata = new RecordMetadata(new TopicPartition('foo', 0), 15, 3, -1, 3, 5)
  expect([metadata.hasOffset(), metadata.offset, metadata.hasTimestamp()]).toEqual([
    true,
    18,
    false,
  ])
  expect(String(metadata)).toBe('foo-0@18')
})
