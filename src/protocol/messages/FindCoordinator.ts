/**
 * Which broker coordinates this group, or this transactional id? Any broker can answer: the
 * coordinator is the leader of one partition of an internal topic, chosen by the hash of the key.
 *
 * 1 brought transactions, 3 the flexible form, 4 many keys in one request, 6 share groups.
 *
 * @kafka org.apache.kafka.common.message.FindCoordinatorRequestData
 * @kafka org.apache.kafka.common.message.FindCoordinatorResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, int8, int16, int32, string } from '../schema/types.ts'

/**
 * Whose coordinator. `key` up to version 3, `coordinatorKeys` from 4 on.
 *
 *     FindCoordinatorRequest v6 => keyType [coordinatorKeys] {}
 *       keyType => int8
 *       coordinatorKeys => string
 */
export const FindCoordinatorRequest = message({
  name: 'FindCoordinatorRequest',
  kind: 'request',
  apiKey: 10,
  validVersions: '0-6',
  flexibleVersions: '3+',
  fields: {
    key: string({ versions: '0-3' }),
    // 0: a group. 1: a transactional id. 2: a share group, keyed as `group:topicId:partition`.
    keyType: int8({ versions: '1+' }),
    coordinatorKeys: array({ versions: '4+' }, string()),
  },
})
export type FindCoordinatorRequestData = DataOf<typeof FindCoordinatorRequest>
export type FindCoordinatorRequestInput = InputOf<typeof FindCoordinatorRequest>

/**
 * Where it is. One answer at the top up to version 3, a list from 4 on.
 *
 *     FindCoordinatorResponse v6 => throttleTimeMs [coordinators] {}
 *       throttleTimeMs => int32
 *       coordinators => key nodeId host port errorCode errorMessage {}
 *         key => string
 *         nodeId => int32
 *         host => string
 *         port => int32
 *         errorCode => int16
 *         errorMessage => string | null
 */
export const FindCoordinatorResponse = message({
  name: 'FindCoordinatorResponse',
  kind: 'response',
  apiKey: 10,
  validVersions: '0-6',
  flexibleVersions: '3+',
  fields: {
    throttleTimeMs: int32({ versions: '1+', ignorable: true }),
    errorCode: int16({ versions: '0-3' }),
    errorMessage: string({ versions: '1-3', nullable: '1-3', ignorable: true }),
    nodeId: int32({ versions: '0-3' }),
    host: string({ versions: '0-3' }),
    port: int32({ versions: '0-3' }),
    coordinators: array(
      { versions: '4+' },
      {
        key: string(),
        nodeId: int32(),
        host: string(),
        port: int32(),
        errorCode: int16(),
        errorMessage: string({ nullable: '4+', ignorable: true }),
      },
    ),
  },
})
export type FindCoordinatorResponseData = DataOf<typeof FindCoordinatorResponse>
export type FindCoordinatorResponseInput = InputOf<typeof FindCoordinatorResponse>
export type Coordinator = ElementOf<FindCoordinatorResponseData['coordinators']>
