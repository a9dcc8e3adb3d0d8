/**
 * The groups that one broker coordinates: whoever wants all of them asks every broker.
 *
 * 3 brought the flexible form, 4 filtering by state (KIP-518), 5 filtering by type (KIP-848).
 *
 * @kafka org.apache.kafka.common.message.ListGroupsRequestData
 * @kafka org.apache.kafka.common.message.ListGroupsResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, int16, int32, string } from '../schema/types.ts'

/**
 * Which states and types; an empty list means all.
 *
 *     ListGroupsRequest v5 => [statesFilter] [typesFilter] {}
 *       statesFilter => string
 *       typesFilter => string
 */
export const ListGroupsRequest = message({
  name: 'ListGroupsRequest',
  kind: 'request',
  apiKey: 16,
  validVersions: '0-5',
  flexibleVersions: '3+',
  fields: {
    statesFilter: array({ versions: '4+' }, string()),
    typesFilter: array({ versions: '5+' }, string()),
  },
})
export type ListGroupsRequestData = DataOf<typeof ListGroupsRequest>
export type ListGroupsRequestInput = InputOf<typeof ListGroupsRequest>

/**
 * Each group with its state.
 *
 *     ListGroupsResponse v5 => throttleTimeMs errorCode [groups] {}
 *       throttleTimeMs => int32
 *       errorCode => int16
 *       groups => groupId protocolType groupState groupType {}
 *         groupId => string
 *         protocolType => string
 *         groupState => string
 *         groupType => string
 */
export const ListGroupsResponse = message({
  name: 'ListGroupsResponse',
  kind: 'response',
  apiKey: 16,
  validVersions: '0-5',
  flexibleVersions: '3+',
  fields: {
    throttleTimeMs: int32({ versions: '1+', ignorable: true }),
    errorCode: int16(),
    groups: array({
      groupId: string(),
      protocolType: string(),
      groupState: string({ versions: '4+', ignorable: true }),
      groupType: string({ versions: '5+', ignorable: true }),
    }),
  },
})
export type ListGroupsResponseData = DataOf<typeof ListGroupsResponse>
export type ListGroupsResponseInput = InputOf<typeof ListGroupsResponse>
export type ListedGroup = ElementOf<ListGroupsResponseData['groups']>
