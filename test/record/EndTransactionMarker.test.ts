import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { InvalidRecordException } from '../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { ControlRecordType } from '../../src/record/ControlRecordType.ts'
import { EndTransactionMarker } from '../../src/record/EndTransactionMarker.ts'
import { covers } from '../support/covers.ts'

const { ABORT, COMMIT, UNKNOWN, LEADER_CHANGE } = ControlRecordType

const valueBytes = (version: number, epoch: number, size = 6) =>
  ByteBuffer.allocate(size).putShort(version).putInt(epoch).bytes

describe('EndTransactionMarker', () => {
  test('only COMMIT and ABORT end a transaction', () => {
    expect(() => new EndTransactionMarker(UNKNOWN, 24)).toThrow(IllegalArgumentException)
    expect(() => new EndTransactionMarker(LEADER_CHANGE, 24)).toThrow(/LEADER_CHANGE/)
    expect(() => EndTransactionMarker.deserializeValue(UNKNOWN, new Uint8Array(0))).toThrow(
      IllegalArgumentException,
    )
    covers(
      'EndTransactionMarkerTest.testUnknownControlTypeNotAllowed',
      'EndTransactionMarkerTest.testCannotDeserializeUnknownControlType',
    )
  })

  test('a negative version, or too few bytes, is an invalid record', () => {
    for (const value of [valueBytes(-1, 3), new Uint8Array([255, 255]), new Uint8Array(5), null]) {
      expect(() => EndTransactionMarker.deserializeValue(ABORT, value)).toThrow(
        InvalidRecordException,
      )
    }
    covers('EndTransactionMarkerTest.testIllegalVersion')
  })

  test.each([COMMIT, ABORT])('%s is version and epoch in six bytes, and comes back', (type) => {
    const marker = new EndTransactionMarker(type, 79)
    expect(marker.serializeValue()).toEqual(valueBytes(0, 79))
    const key = type.recordKey()
    const again = EndTransactionMarker.deserialize({ key, value: marker.serializeValue() })
    expect(again.equals(marker)).toBe(true)
    expect(again.equals(new EndTransactionMarker(type, 80))).toBe(false)
    const old = EndTransactionMarker.deserializeValue(type, valueBytes(0, 10))
    expect([old.controlType, old.coordinatorEpoch]).toEqual([type, 10])
    covers(
      'EndTransactionMarkerTest.testSerde',
      'EndTransactionMarkerTest.testSerializeAndDeserialize',
      'EndTransactionMarkerTest.testBackwardDeserializeCompatibility',
      'EndTransactionMarkerTest.testForwardDeserializeCompatibility',
    )
  })

  test('a value of a later version is read by the fields that are known', () => {
    const marker = EndTransactionMarker.deserializeValue(COMMIT, valueBytes(5, 79, 8))
    expect(marker.coordinatorEpoch).toBe(79)
    covers('EndTransactionMarkerTest.testDeserializeNewerVersion')
  })

  test('its record takes length, attributes, two deltas, key, value and no headers', () => {
    const marker = new EndTransactionMarker(ABORT, 1)
    const size = 1 + 1 + 1 + 1 + (1 + 4) + (1 + 6) + 1
    expect(marker.endTxnMarkerValueSize()).toBe(size)
    covers('EndTransactionMarkerTest.testEndTxnMarkerValueSize')
  })
})
