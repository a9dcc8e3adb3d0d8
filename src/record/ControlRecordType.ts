/**
 * What a record of a control batch says: its key is a version and one of these numbers.
 *
 *     key   version int16 = 0 │ type int16
 *
 * Control records take an offset like all others but are never handed to users. A type that this
 * client does not know is `UNKNOWN`, and skipped.
 *
 * @kafka org.apache.kafka.common.record.internal.ControlRecordType
 */

import { ByteBuffer } from '../common/ByteBuffer.ts'
import { InvalidRecordException } from '../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../common/errors.ts'

const CURRENT_VERSION = 0
const CONTROL_RECORD_KEY_SIZE = 4

export class ControlRecordType {
  static readonly ABORT = new ControlRecordType(0, 'ABORT')
  static readonly COMMIT = new ControlRecordType(1, 'COMMIT')
  static readonly LEADER_CHANGE = new ControlRecordType(2, 'LEADER_CHANGE')
  static readonly SNAPSHOT_HEADER = new ControlRecordType(3, 'SNAPSHOT_HEADER')
  static readonly SNAPSHOT_FOOTER = new ControlRecordType(4, 'SNAPSHOT_FOOTER')
  static readonly KRAFT_VERSION = new ControlRecordType(5, 'KRAFT_VERSION')
  static readonly KRAFT_VOTERS = new ControlRecordType(6, 'KRAFT_VOTERS')
  static readonly UNKNOWN = new ControlRecordType(-1, 'UNKNOWN')

  /** The number on the wire. */
  readonly type: number
  readonly name: string

  private constructor(type: number, name: string) {
    this.type = type
    this.name = name
  }

  /** All but `UNKNOWN`; the index is the number on the wire. */
  static values(): readonly ControlRecordType[] {
    return VALUES
  }

  static fromTypeId(type: number): ControlRecordType {
    return VALUES[type] ?? ControlRecordType.UNKNOWN
  }

  /** The type that a control record's key names. */
  static parse(key: Uint8Array | null): ControlRecordType {
    return ControlRecordType.fromTypeId(ControlRecordType.parseTypeId(key))
  }

  /**
   * A key of a later version is read as version 0: later versions only add fields.
   *
   * @throws InvalidRecordException when the key is too short, or its version negative
   */
  static parseTypeId(key: Uint8Array | null): number {
    const size = key === null ? 0 : key.length
    if (key === null || size < CONTROL_RECORD_KEY_SIZE) {
      throw new InvalidRecordException(
        'Invalid value size found for control record key. Must have at least ' +
          `${CONTROL_RECORD_KEY_SIZE} bytes, but found only ${size}`,
      )
    }
    const buffer = ByteBuffer.wrap(key)
    const version = buffer.getShort()
    if (version < CURRENT_VERSION) {
      throw new InvalidRecordException(
        `Invalid version found for control record: ${version}. May indicate data corruption`,
      )
    }
    return buffer.getShort()
  }

  /** The key of a control record of this type. */
  recordKey(): Uint8Array {
    if (this === ControlRecordType.UNKNOWN) {
      throw new IllegalArgumentException('Cannot serialize UNKNOWN control record type')
    }
    return ByteBuffer.allocate(CONTROL_RECORD_KEY_SIZE)
      .putShort(CURRENT_VERSION)
      .putShort(this.type).bytes
  }

  controlRecordKeySize(): number {
    return CONTROL_RECORD_KEY_SIZE
  }

  toString(): string {
    return this.name
  }
}

const VALUES: readonly ControlRecordType[] = [
  ControlRecordType.ABORT,
  ControlRecordType.COMMIT,
  ControlRecordType.LEADER_CHANGE,
  ControlRecordType.SNAPSHOT_HEADER,
  ControlRecordType.SNAPSHOT_FOOTER,
  ControlRecordType.KRAFT_VERSION,
  ControlRecordType.KRAFT_VOTERS,
]
