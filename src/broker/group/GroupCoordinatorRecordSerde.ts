/**
 * The records of `__consumer_offsets` as bytes, the same that Kafka's brokers write.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde
 * @simplified the records of consumer, share and streams groups are unknown kinds here, which a
 *   loader skips.
 */

import { ByteBuffer } from '../../common/ByteBuffer.ts'
import type { Message } from '../../protocol/schema/message.ts'
import {
  type CoordinatorRecordSerde,
  readMessage,
  readVersion,
  toVersionPrefixedBytes,
  UnknownRecordTypeException,
  UnknownRecordVersionException,
} from '../coordinator/CoordinatorRecordSerde.ts'
import type { CoordinatorRecord, CoordinatorRecordType } from './GroupCoordinatorRecord.ts'
import { GroupMetadataKey, GroupMetadataValue } from './messages/GroupMetadataRecord.ts'
import {
  LegacyOffsetCommitKey,
  LegacyOffsetCommitValue,
  OffsetCommitKey,
  OffsetCommitValue,
} from './messages/OffsetCommitRecord.ts'

interface RecordSchema {
  readonly id: number
  readonly key: Message
  readonly value: Message
}

/** Keys have one version, 0: what stands in front of them is the kind. */
const KEY_VERSION = 0

const SCHEMAS: Readonly<Record<CoordinatorRecordType, RecordSchema>> = {
  LEGACY_OFFSET_COMMIT: { id: 0, key: LegacyOffsetCommitKey, value: LegacyOffsetCommitValue },
  OFFSET_COMMIT: { id: 1, key: OffsetCommitKey, value: OffsetCommitValue },
  GROUP_METADATA: { id: 2, key: GroupMetadataKey, value: GroupMetadataValue },
}

const TYPES_BY_ID: ReadonlyMap<number, CoordinatorRecordType> = new Map(
  Object.entries(SCHEMAS).map(([type, { id }]) => [id, type as CoordinatorRecordType]),
)

export class GroupCoordinatorRecordSerde implements CoordinatorRecordSerde<CoordinatorRecord> {
  serializeKey(record: CoordinatorRecord): Uint8Array {
    const { id, key } = SCHEMAS[record.type]
    return toVersionPrefixedBytes(id, key, KEY_VERSION, record.key)
  }

  serializeValue({ type, value }: CoordinatorRecord): Uint8Array | null {
    if (value === null) return null
    return toVersionPrefixedBytes(value.version, SCHEMAS[type].value, value.version, value.message)
  }

  deserialize(keyBytes: Uint8Array | null, valueBytes: Uint8Array | null): CoordinatorRecord {
    const keyBuffer = ByteBuffer.wrap(keyBytes ?? new Uint8Array(0))
    const id = readVersion(keyBuffer, 'key')
    const type = TYPES_BY_ID.get(id)
    if (type === undefined) throw new UnknownRecordTypeException(id)
    const schema = SCHEMAS[type]
    const key = readMessage(schema.key, keyBuffer, KEY_VERSION, 'key', id)
    if (valueBytes === null) return { type, key, value: null } as CoordinatorRecord
    const valueBuffer = ByteBuffer.wrap(valueBytes)
    const version = readVersion(valueBuffer, 'value')
    if (!schema.value.validVersions.contains(version)) {
      throw new UnknownRecordVersionException(id, version)
    }
    const message = readMessage(schema.value, valueBuffer, version, 'value')
    return { type, key, value: { version, message } } as CoordinatorRecord
  }
}
