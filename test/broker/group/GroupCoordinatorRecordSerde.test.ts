/** The records of `__consumer_offsets`, held against those that Kafka's own serde wrote. */

import { describe, expect, test } from 'vitest'
import {
  UnknownRecordTypeException,
  UnknownRecordVersionException,
} from '../../../src/broker/coordinator/CoordinatorRecordSerde.ts'
import type {
  CoordinatorRecord,
  CoordinatorRecordType,
} from '../../../src/broker/group/GroupCoordinatorRecord.ts'
import { GroupCoordinatorRecordHelpers } from '../../../src/broker/group/GroupCoordinatorRecordHelpers.ts'
import { GroupCoordinatorRecordSerde } from '../../../src/broker/group/GroupCoordinatorRecordSerde.ts'
import {
  GroupMetadataKey,
  GroupMetadataValue,
} from '../../../src/broker/group/messages/GroupMetadataRecord.ts'
import {
  LegacyOffsetCommitKey,
  LegacyOffsetCommitValue,
  OffsetCommitKey,
  OffsetCommitValue,
} from '../../../src/broker/group/messages/OffsetCommitRecord.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { fromBase64, golden, structValue } from '../../protocol/golden.ts'
import { covers } from '../../support/covers.ts'

type Json = Record<string, unknown>
type Sample = [number | null, string, Json, Json | null, string, string | null]

const SCHEMAS = {
  LEGACY_OFFSET_COMMIT: [LegacyOffsetCommitKey, LegacyOffsetCommitValue],
  OFFSET_COMMIT: [OffsetCommitKey, OffsetCommitValue],
  GROUP_METADATA: [GroupMetadataKey, GroupMetadataValue],
} as const

const serde = new GroupCoordinatorRecordSerde()
const samples = golden('consumer-offsets.json') as Record<CoordinatorRecordType, Sample[]>

/** A sample as our record, and as the bytes that Java wrote. */
const recordOf = (type: CoordinatorRecordType, [version, , key, value]: Sample) => {
  const [keySchema, valueSchema] = SCHEMAS[type]
  return {
    type,
    key: structValue(keySchema.fields, key),
    value: value === null ? null : { version, message: structValue(valueSchema.fields, value) },
  } as unknown as CoordinatorRecord
}
const bytesOf = ([, , , , key, value]: Sample) => ({
  key: fromBase64(key),
  value: value === null ? null : fromBase64(value),
})

const key = serde.serializeKey(GroupCoordinatorRecordHelpers.newGroupMetadataTombstoneRecord('foo'))
const short = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 255)

for (const type of Object.keys(SCHEMAS) as CoordinatorRecordType[]) {
  describe(`records of the kind ${type}`, () => {
    test('are written as Kafka writes them, in every version', () => {
      covers(
        'GroupCoordinatorRecordSerdeTest.testSerializeKey',
        'GroupCoordinatorRecordSerdeTest.testSerializeValue',
        'GroupCoordinatorRecordSerdeTest.testSerializeNullValue',
      )
      for (const sample of samples[type]) {
        const record = recordOf(type, sample)
        const bytes = bytesOf(sample)
        expect(serde.serializeKey(record), `${sample}`).toEqual(bytes.key)
        expect(serde.serializeValue(record), `${sample}`).toEqual(bytes.value)
      }
    })

    test('are read as Kafka meant them, tombstones too', () => {
      covers(
        'GroupCoordinatorRecordSerdeTest.testDeserialize',
        'GroupCoordinatorRecordSerdeTest.testDeserializeWithTombstoneForValue',
      )
      expect(samples[type].at(-1)![5]).toBeNull()
      for (const sample of samples[type]) {
        const bytes = bytesOf(sample)
        expect(serde.deserialize(bytes.key, bytes.value)).toEqual(recordOf(type, sample))
      }
    })
  })
}

describe('what a broker writes', () => {
  test('has the version of an offset without a time of its own, unless it has one', () => {
    const offset = {
      recordOffset: -1,
      committedOffset: 7,
      leaderEpoch: -1,
      metadata: '',
      commitTimestampMs: 1000,
      expireTimestampMs: -1,
      topicId: Uuid.ZERO_UUID,
    }
    const { newOffsetCommitRecord } = GroupCoordinatorRecordHelpers
    expect(newOffsetCommitRecord('g', 't', 0, offset).value?.version).toBe(4)
    const expiring = { ...offset, expireTimestampMs: 2000 }
    expect(newOffsetCommitRecord('g', 't', 0, expiring).value?.version).toBe(1)
  })

  test('is a group in version 3, empty or not', () => {
    const group = { groupId: 'g', currentStateTimestampOrDefault: () => 5 }
    expect(GroupCoordinatorRecordHelpers.newEmptyGroupMetadataRecord(group)).toEqual({
      type: 'GROUP_METADATA',
      key: { group: 'g' },
      value: {
        version: 3,
        message: {
          protocolType: '',
          generation: 0,
          protocol: null,
          leader: null,
          currentStateTimestamp: 5,
          members: [],
        },
      },
    })
  })
})

describe('what cannot be read', () => {
  test('is a kind that there is not', () => {
    covers('GroupCoordinatorRecordSerdeTest.testDeserializeWithInvalidRecordType')
    const read = () => serde.deserialize(short(255), new Uint8Array(64))
    expect(read).toThrow(UnknownRecordTypeException)
    expect(read).toThrow(expect.objectContaining({ unknownType: 255 }))
  })

  test('is a key or a value of no bytes', () => {
    covers(
      'GroupCoordinatorRecordSerdeTest.testDeserializeWithKeyEmptyBuffer',
      'GroupCoordinatorRecordSerdeTest.testDeserializeWithValueEmptyBuffer',
    )
    for (const none of [null, new Uint8Array(0)]) {
      expect(() => serde.deserialize(none, new Uint8Array(64))).toThrow(
        "Could not read version from key's buffer.",
      )
    }
    expect(() => serde.deserialize(key, new Uint8Array(0))).toThrow(
      "Could not read version from value's buffer.",
    )
  })

  test('is a key or a value that ends too soon', () => {
    covers(
      'GroupCoordinatorRecordSerdeTest.testDeserializeWithInvalidKeyBytes',
      'GroupCoordinatorRecordSerdeTest.testDeserializeWithInvalidValueBytes',
    )
    expect(() => serde.deserialize(short(2), short(0))).toThrow(
      /^Could not read record with version 2 from key's buffer due to: /,
    )
    expect(() => serde.deserialize(key, short(0))).toThrow(
      /^Could not read record with version 0 from value's buffer due to: /,
    )
  })

  test('is a version that there is not', () => {
    covers('GroupCoordinatorRecordSerdeTest.testDeserializeWithInvalidValueVersion')
    for (const version of [-1, 5]) {
      const read = () => serde.deserialize(key, short(version))
      expect(read).toThrow(UnknownRecordVersionException)
      expect(read).toThrow(expect.objectContaining({ type: 2, unknownVersion: version }))
    }
  })
})
