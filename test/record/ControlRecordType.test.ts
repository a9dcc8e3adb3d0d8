import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { InvalidRecordException } from '../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { ControlRecordType } from '../../src/record/ControlRecordType.ts'
import { covers } from '../support/covers.ts'

const keyOf = (version: number, type: number, size = 4) =>
  ByteBuffer.allocate(size).putShort(version).putShort(type).bytes

describe('ControlRecordType', () => {
  test('a type that is not known is UNKNOWN, and cannot be written', () => {
    expect(ControlRecordType.parse(keyOf(0, 337))).toBe(ControlRecordType.UNKNOWN)
    expect(ControlRecordType.parse(keyOf(0, -1))).toBe(ControlRecordType.UNKNOWN)
    expect(() => ControlRecordType.UNKNOWN.recordKey()).toThrow(IllegalArgumentException)
    covers('ControlRecordTypeTest.testParseUnknownType')
  })

  test('a key of a later version is read by the fields that are known', () => {
    expect(ControlRecordType.parse(keyOf(5, 0, 8))).toBe(ControlRecordType.ABORT)
    covers('ControlRecordTypeTest.testParseUnknownVersion')
  })

  test('every key comes back as its type, and is version and number in four bytes', () => {
    expect(ControlRecordType.values().map(String)).toEqual([
      'ABORT',
      'COMMIT',
      'LEADER_CHANGE',
      'SNAPSHOT_HEADER',
      'SNAPSHOT_FOOTER',
      'KRAFT_VERSION',
      'KRAFT_VOTERS',
    ])
    ControlRecordType.values().forEach((type, number) => {
      expect(ControlRecordType.parse(type.recordKey())).toBe(type)
      expect(type.recordKey()).toEqual(keyOf(0, number))
      expect(ControlRecordType.parse(keyOf(0, type.type))).toBe(type)
      expect(ControlRecordType.fromTypeId(number)).toBe(type)
      expect(type.controlRecordKeySize()).toBe(type.recordKey().length)
    })
    covers(
      'ControlRecordTypeTest.testRoundTrip',
      'ControlRecordTypeTest.testValueControlRecordKeySize',
      'ControlRecordTypeTest.testBackwardDeserializeCompatibility',
      'ControlRecordTypeTest.testForwardDeserializeCompatibility',
    )
  })

  test('a key that is missing, too short, or of a negative version is an invalid record', () => {
    for (const key of [null, new Uint8Array(3), keyOf(-1, 0)]) {
      expect(() => ControlRecordType.parse(key)).toThrow(InvalidRecordException)
    }
  })
})
