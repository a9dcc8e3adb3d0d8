import { describe, expect, test } from 'vitest'
import { produceRequest } from '../../src/clients/ProduceRequest.ts'
import type { RequestBuilder, RequestInputOf } from '../../src/clients/RequestBuilder.ts'
import { throughCodec } from '../../src/clients/throughCodec.ts'
import {
  InvalidRecordException,
  UnsupportedCompressionTypeException,
} from '../../src/common/errors/ApiExceptions.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { validateRecords } from '../../src/protocol/ProduceRecords.ts'
import { CompressionType } from '../../src/record/CompressionType.ts'
import type { DefaultRecordBatch } from '../../src/record/DefaultRecordBatch.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { type RecordsOptions, withRecords } from '../../src/record/withRecords.ts'
import { covers } from '../support/covers.ts'

type Builder = RequestBuilder<typeof ApiKeys.PRODUCE>
type Data = RequestInputOf<typeof ApiKeys.PRODUCE>

const topicId = Uuid.fromString('H3Emm3vW7AKKO4NTRPaCWt')
const utf8 = (text: string) => new TextEncoder().encode(text)

const batch = (options: RecordsOptions = {}, ...values: string[]): Uint8Array =>
  withRecords(options, ...values.map((value) => ({ timestamp: 10, key: null, value: utf8(value) })))
    .bytes

const IDEMPOTENT = { producerId: 15n, producerEpoch: 5, baseSequence: 10 }
const TRANSACTIONAL = { ...IDEMPOTENT, isTransactional: true }

/** A request with one topic, and a partition for each of `records`. */
const dataOf = (...records: Uint8Array[]): Data => ({
  topicData: [
    {
      name: 'topic',
      topicId,
      partitionData: records.map((bytes, index) => ({ index, records: bytes })),
    },
  ],
  acks: -1,
  timeoutMs: 10,
})

/** The batches of a request, after it went over the wire in each version that it may go out in. */
const overTheWire = (builder: Builder): DefaultRecordBatch[] => {
  const batches: DefaultRecordBatch[] = []
  for (let v = builder.oldestAllowedVersion; v <= builder.latestAllowedVersion; v++) {
    const { topicData } = throughCodec(ApiKeys.PRODUCE.request, builder.build(v), v)
    for (const { records } of topicData.flatMap((topic) => topic.partitionData)) {
      batches.push(validateRecords(v, MemoryRecords.readableRecords(records!)))
    }
  }
  return batches
}

const versions = (builder: Builder): [number, number] => [
  builder.oldestAllowedVersion,
  builder.latestAllowedVersion,
]

const throwsForAllVersions = (builder: Builder, expected: new (message: string) => Error): void => {
  for (let v = builder.oldestAllowedVersion; v <= builder.latestAllowedVersion; v++) {
    expect(() => builder.build(v), `version ${v}`).toThrow(expected)
  }
}

/** One message in a format of before Kafka 0.11: as much of it as tells the format. */
const legacy = (magic: 0 | 1): Uint8Array => {
  const bytes = new Uint8Array(40)
  const view = new DataView(bytes.buffer)
  view.setInt32(8, bytes.length - 12)
  view.setInt8(16, magic)
  return bytes
}

/** A batch that says of itself that zstd compressed it. */
const zstdBatch = (): Uint8Array => {
  const bytes = batch({}, 'a')
  bytes[22] = CompressionType.ZSTD.id
  return bytes
}

describe('a produce request says of its batches', () => {
  const flags = (...records: Uint8Array[]) => {
    const batches = overTheWire(produceRequest(dataOf(...records)))
    return {
      transactional: batches.some((each) => each.isTransactional),
      idempotent: batches.some((each) => each.hasProducerId),
    }
  }

  test('that they are transactional, when they are', () => {
    covers('ProduceRequestTest.shouldBeFlaggedAsTransactionalWhenTransactionalRecords')
    expect(flags(batch(TRANSACTIONAL, 'value')).transactional).toBe(true)
  })

  test('that they are neither that nor idempotent, when they are not', () => {
    covers(
      'ProduceRequestTest.shouldNotBeFlaggedAsTransactionalWhenNoRecords',
      'ProduceRequestTest.shouldNotBeFlaggedAsIdempotentWhenRecordsNotIdempotent',
    )
    expect(flags(batch({}, 'value'))).toEqual({ transactional: false, idempotent: false })
  })

  test('that they are idempotent, when they are', () => {
    covers('ProduceRequestTest.shouldBeFlaggedAsIdempotentWhenIdempotentRecords')
    expect(flags(batch(IDEMPOTENT, 'value'))).toEqual({ transactional: false, idempotent: true })
  })

  test('that some are, when others are not', () => {
    covers(
      'ProduceRequestTest.testMixedTransactionalData',
      'ProduceRequestTest.testMixedIdempotentData',
    )
    const plain = batch({}, 'foo')
    expect(flags(batch(TRANSACTIONAL, 'bar'), plain)).toEqual({
      transactional: true,
      idempotent: true,
    })
    expect(flags(batch(IDEMPOTENT, 'bar'), plain)).toEqual({
      transactional: false,
      idempotent: true,
    })
  })
})

describe('the versions of a produce request', () => {
  test('are all that are known, with a topic id or without', () => {
    covers(
      'ProduceRequestTest.testBuildWithCurrentMessageFormat',
      'ProduceRequestTest.testBuildWithCurrentMessageFormatWithoutTopicId',
      'ProduceRequestTest.testBuilderOldestAndLatestAllowed',
    )
    const all = [ApiKeys.PRODUCE.oldestVersion(), ApiKeys.PRODUCE.latestVersion()]
    const data = dataOf(batch({}, 'a'))
    expect(versions(produceRequest(data))).toEqual(all)
    const [topic] = data.topicData!
    const { topicId: _, ...byName } = topic!
    const withoutId = produceRequest({ ...data, topicData: [byName] })
    expect(versions(withoutId)).toEqual(all)
    expect(overTheWire(withoutId)).toHaveLength(all[1]! - all[0]! + 1)
  })

  test('end at 11 for who adds partitions to a transaction by itself', () => {
    expect(versions(produceRequest(dataOf(batch({}, 'a')), { latest: 11 }))).toEqual([3, 11])
  })
})

describe('a produce request is refused', () => {
  test('with two batches for a partition', () => {
    covers('ProduceRequestTest.testV3AndAboveShouldContainOnlyOneRecordBatch')
    const both = Uint8Array.from([...batch({}, 'a'), ...batch({ baseOffset: 1 }, 'b', 'c')])
    throwsForAllVersions(produceRequest(dataOf(both)), InvalidRecordException)
  })

  test('with no batch for a partition, or part of one', () => {
    covers('ProduceRequestTest.testV3AndAboveCannotHaveNoRecordBatches')
    throwsForAllVersions(produceRequest(dataOf(MemoryRecords.EMPTY.bytes)), InvalidRecordException)
    throwsForAllVersions(
      produceRequest(dataOf(batch({}, 'a').subarray(0, 60))),
      InvalidRecordException,
    )
  })

  test('with a batch in one of the old formats', () => {
    covers(
      'ProduceRequestTest.testV3AndAboveCannotUseMagicV0',
      'ProduceRequestTest.testV3AndAboveCannotUseMagicV1',
    )
    throwsForAllVersions(produceRequest(dataOf(legacy(0))), InvalidRecordException)
    throwsForAllVersions(produceRequest(dataOf(legacy(1))), InvalidRecordException)
  })

  test('with zstd before version 7, not from there on', () => {
    covers('ProduceRequestTest.testV6AndBelowCannotUseZStdCompression')
    const data = dataOf(zstdBatch())
    throwsForAllVersions(produceRequest(data, { latest: 6 }), UnsupportedCompressionTypeException)
    const later = overTheWire(produceRequest(data, { oldest: 7 }))
    expect(later.map(({ compressionType }) => compressionType.name)).toEqual(Array(7).fill('zstd'))
  })
})
