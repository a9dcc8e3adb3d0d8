/**
 * What the coordinator knows about groups of the classic protocol: their state, and who has what.
 *
 * 3 brought the operations that the asker may do, 4 static members, 5 the flexible form, 6 an
 * error of its own for groups that do not exist, with a message (KIP-1043).
 *
 * @kafka org.apache.kafka.common.message.DescribeGroupsRequestData
 * @kafka org.apache.kafka.common.message.DescribeGroupsResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, bool, bytes, int16, int32, string } from '../schema/types.ts'

/**
 * Which groups.
 *
 *     DescribeGroupsRequest v6 => [groups] includeAuthorizedOperations {}
 *       groups => string
 *       includeAuthorizedOperations => bool
 */
export const DescribeGroupsRequest = message({
  name: 'DescribeGroupsRequest',
  kind: 'request',
  apiKey: 15,
  validVersions: '0-6',
  flexibleVersions: '5+',
  fields: {
    groups: array(string()),
    includeAuthorizedOperations: bool({ versions: '3+' }),
  },
})
export type DescribeGroupsRequestData = DataOf<typeof DescribeGroupsRequest>
export type DescribeGroupsRequestInput = InputOf<typeof DescribeGroupsRequest>

/**
 * Each group with its members.
 *
 *     DescribeGroupsResponse v6 => throttleTimeMs [groups] {}
 *       throttleTimeMs => int32
 *       groups => errorCode errorMessage groupId groupState protocolType protocolData [members]
 *           authorizedOperations {}
 *         errorCode => int16
 *         errorMessage => string | null
 *         groupId => string
 *         groupState => string
 *         protocolType => string
 *         protocolData => string
 *         members => memberId groupInstanceId clientId clientHost memberMetadata memberAssignment
 *             {}
 *           memberId => string
 *           groupInstanceId => string | null
 *           clientId => string
 *           clientHost => string
 *           memberMetadata => bytes
 *           memberAssignment => bytes
 *         authorizedOperations => int32
 */
export const DescribeGroupsResponse = message({
  name: 'DescribeGroupsResponse',
  kind: 'response',
  apiKey: 15,
  validVersions: '0-6',
  flexibleVersions: '5+',
  fields: {
    throttleTimeMs: int32({ versions: '1+', ignorable: true }),
    groups: array({
      errorCode: int16(),
      errorMessage: string({ versions: '6+', nullable: '6+', default: null }),
      groupId: string(),
      groupState: string(),
      protocolType: string(),
      protocolData: string(),
      members: array({
        memberId: string(),
        groupInstanceId: string({ versions: '4+', nullable: '4+', default: null, ignorable: true }),
        clientId: string(),
        clientHost: string(),
        memberMetadata: bytes(),
        memberAssignment: bytes(),
      }),
      authorizedOperations: int32({ versions: '3+', default: -2147483648 }),
    }),
  },
})
export type DescribeGroupsResponseData = DataOf<typeof DescribeGroupsResponse>
export type DescribeGroupsResponseInput = InputOf<typeof DescribeGroupsResponse>
export type DescribedGroup = ElementOf<DescribeGroupsResponseData['groups']>
export type DescribedGroupMember = ElementOf<DescribedGroup['members']>
