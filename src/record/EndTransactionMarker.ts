/**
 * The control record that ends a transaction in a partition: committed or aborted.
 *
 *     key    ControlRecordType (ABORT or COMMIT)
 *     value  version int16 = 0 │ coordinator epoch int32
 *
 * The epoch lets the leader refuse a marker of a coordinator that has been replaced.
 *
 * @kafka org.apache.kafka.common.record.internal.EndTransactionMarker
 */

import { ByteBuffer } from '../common/ByteBuffer.ts'
import { InvalidRecordException } from '../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../common/errors.ts'
import { ControlRecordType } from './ControlRecordType.ts'
import { DefaultRecord } from './DefaultRecord.ts'
import { EMPTY_HEADERS } from './SimpleRecord.ts'

const CURRENT_VERSION = 0
const VALUE_SIZE = 6

export class EndTransactionMarker {
  readonly controlType: ControlRecordType
  readonly coordinatorEpoch: number

  /** @throws IllegalArgumentException when `controlType` is neither COMMIT nor ABORT */
  constructor(controlType: ControlRecordType, coordinatorEpoch: number) {
    ensureTransactionMarkerControlType(controlType)
    this.controlType = controlType
    this.coordinatorEpoch = coordinatorEpoch
  }

  /** Reads it from a record of a control batch. */
  static deserialize(record: Pick<DefaultRecord, 'key' | 'value'>): EndTransactionMarker {
    return EndTransactionMarker.deserializeValue(ControlRecordType.parse(record.key), record.value)
  }

  /**
   * A value of a later version is read as version 0: later versions only add fields.
   *
   * @throws InvalidRecordException when the value is too short, or its version negative
   */
  static deserializeValue(type: ControlRecordType, value: Uint8Array | null): EndTransactionMarker {
    ensureTransactionMarkerControlType(type)
    if (value === null || value.length < VALUE_SIZE) {
      throw new InvalidRecordException(
        `An end transaction marker has at least ${VALUE_SIZE} bytes, found ${value?.length ?? 0}`,
      )
    }
    const buffer = ByteBuffer.wrap(value)
    const version = buffer.getShort()
    if (version < CURRENT_VERSION) {
      throw new InvalidRecordException(
        `Invalid version found for end transaction marker: ${version}. ` +
          'May indicate data corruption',
      )
    }
    return new EndTransactionMarker(type, buffer.getInt())
  }

  serializeValue(): Uint8Array {
    return ByteBuffer.allocate(VALUE_SIZE).putShort(CURRENT_VERSION).putInt(this.coordinatorEpoch)
      .bytes
  }

  /** Bytes of the whole record in its batch. */
  endTxnMarkerValueSize(): number {
    const key = this.controlType.recordKey()
    return DefaultRecord.sizeInBytes(0, 0, key, this.serializeValue(), EMPTY_HEADERS)
  }

  equals(other: EndTransactionMarker): boolean {
    return (
      this.controlType === other.controlType && this.coordinatorEpoch === other.coordinatorEpoch
    )
  }

  toString(): string {
    return `EndTransactionMarker(${this.controlType}, coordinatorEpoch=${this.coordinatorEpoch})`
  }
}

const ensureTransactionMarkerControlType = (type: ControlRecordType): void => {
  if (type !== ControlRecordType.COMMIT && type !== ControlRecordType.ABORT) {
    throw new IllegalArgumentException(
      `Invalid control record type for end transaction marker ${type}`,
    )
  }
}
