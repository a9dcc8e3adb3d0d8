/**
 * Forgets groups and their offsets. Only a group without members can be deleted.
 *
 * 2 brought the flexible form.
 *
 * @kafka org.apache.kafka.common.message.DeleteGroupsRequestData
 * @kafka org.apache.kafka.common.message.DeleteGroupsResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, int16, int32, string } from '../schema/types.ts'

/**
 * Which groups.
 *
 *     DeleteGroupsRequest v2 => [groupsNames] {}
 *       groupsNames => string
 */
export const DeleteGroupsRequest = message({
  name: 'DeleteGroupsRequest',
  kind: 'request',
  apiKey: 42,
  validVersions: '0-2',
  flexibleVersions: '2+',
  fields: {
    groupsNames: array(string()),
  },
})
export type DeleteGroupsRequestData = DataOf<typeof DeleteGroupsRequest>
export type DeleteGroupsRequestInput = InputOf<typeof DeleteGroupsRequest>

/**
 * For each whether it is gone.
 *
 *     DeleteGroupsResponse v2 => throttleTimeMs [results] {}
 *       throttleTimeMs => int32
 *       results => groupId errorCode {}
 *         groupId => string
 *         errorCode => int16
 */
export const DeleteGroupsResponse = message({
  name: 'DeleteGroupsResponse',
  kind: 'response',
  apiKey: 42,
  validVersions: '0-2',
  flexibleVersions: '2+',
  fields: {
    throttleTimeMs: int32(),
    results: array({
      groupId: string(),
      errorCode: int16(),
    }),
  },
})
export type DeleteGroupsResponseData = DataOf<typeof DeleteGroupsResponse>
export type DeleteGroupsResponseInput = InputOf<typeof DeleteGroupsResponse>
export type DeletableGroupResult = ElementOf<DeleteGroupsResponseData['results']>
