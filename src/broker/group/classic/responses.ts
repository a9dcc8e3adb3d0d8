/**
 * Answers of the classic protocol, with the wire's defaults in every field that is not named.
 */

import { Bytes } from '../../../common/Bytes.ts'
import type { DescribedGroup } from '../../../protocol/messages/DescribeGroups.ts'
import type {
  JoinGroupRequestData,
  JoinGroupResponseData,
} from '../../../protocol/messages/JoinGroup.ts'
import type { SyncGroupResponseData } from '../../../protocol/messages/SyncGroup.ts'

/** Who has no member id yet sends this one, and is answered with it when it gets none. */
export const UNKNOWN_MEMBER_ID = ''

/** What stands for the leader where there is none. */
export const NO_LEADER = ''

export const joinGroupResponse = (
  fields: Partial<JoinGroupResponseData>,
): JoinGroupResponseData => ({
  throttleTimeMs: 0,
  errorCode: 0,
  generationId: -1,
  protocolType: null,
  protocolName: '',
  leader: NO_LEADER,
  skipAssignment: false,
  memberId: UNKNOWN_MEMBER_ID,
  members: [],
  ...fields,
})

export const syncGroupResponse = (
  fields: Partial<SyncGroupResponseData>,
): SyncGroupResponseData => ({
  throttleTimeMs: 0,
  errorCode: 0,
  protocolType: null,
  protocolName: null,
  assignment: Bytes.EMPTY,
  ...fields,
})

/** Why the client joins, for the log. */
export const joinReason = ({ reason }: JoinGroupRequestData): string =>
  reason === null || reason === '' ? 'not provided' : reason

/** A broker without authorizer says nothing of what the asker may do. */
const NO_AUTHORIZED_OPERATIONS = -(2 ** 31)

export const describedGroup = (fields: Partial<DescribedGroup>): DescribedGroup => ({
  errorCode: 0,
  errorMessage: null,
  groupId: '',
  groupState: '',
  protocolType: '',
  protocolData: '',
  members: [],
  authorizedOperations: NO_AUTHORIZED_OPERATIONS,
  ...fields,
})
