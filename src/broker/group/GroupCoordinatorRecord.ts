/**
 * What the log of a group coordinator can say, as the code handles it: a key, and a value in one of
 * its versions or none.
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorRecord
 * @kafka org.apache.kafka.coordinator.group.generated.CoordinatorRecordType
 */

import type {
  GroupMetadataKeyData,
  GroupMetadataValueData,
} from './messages/GroupMetadataRecord.ts'
import type {
  LegacyOffsetCommitValueData,
  OffsetCommitKeyData,
  OffsetCommitValueData,
} from './messages/OffsetCommitRecord.ts'

/** @kafka org.apache.kafka.server.common.ApiMessageAndVersion */
export interface MessageAndVersion<T> {
  readonly message: T
  readonly version: number
}

export type CoordinatorRecord =
  | {
      readonly type: 'LEGACY_OFFSET_COMMIT'
      readonly key: OffsetCommitKeyData
      readonly value: MessageAndVersion<LegacyOffsetCommitValueData> | null
    }
  | {
      readonly type: 'OFFSET_COMMIT'
      readonly key: OffsetCommitKeyData
      /** `null`: a tombstone. */
      readonly value: MessageAndVersion<OffsetCommitValueData> | null
    }
  | {
      readonly type: 'GROUP_METADATA'
      readonly key: GroupMetadataKeyData
      readonly value: MessageAndVersion<GroupMetadataValueData> | null
    }

export type CoordinatorRecordType = CoordinatorRecord['type']
