/**
 * What is this cluster called, which brokers are there, who is its controller? Any broker can
 * answer. Unlike Metadata it says nothing about topics, so it does not grow with them.
 *
 * 1 brought asking controllers about controllers, 2 brokers that are fenced (registered, not
 * serving).
 *
 * @kafka org.apache.kafka.common.message.DescribeClusterRequestData
 * @kafka org.apache.kafka.common.message.DescribeClusterResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, bool, int8, int16, int32, string } from '../schema/types.ts'

/**
 * What to tell.
 *
 *     DescribeClusterRequest v2 => includeClusterAuthorizedOperations endpointType
 *         includeFencedBrokers {}
 *       includeClusterAuthorizedOperations => bool
 *       endpointType => int8
 *       includeFencedBrokers => bool
 */
export const DescribeClusterRequest = message({
  name: 'DescribeClusterRequest',
  kind: 'request',
  apiKey: 60,
  validVersions: '0-2',
  flexibleVersions: '0+',
  fields: {
    includeClusterAuthorizedOperations: bool(),
    // 1: brokers. 2: controllers.
    endpointType: int8({ versions: '1+', default: 1 }),
    includeFencedBrokers: bool({ versions: '2+' }),
  },
})
export type DescribeClusterRequestData = DataOf<typeof DescribeClusterRequest>
export type DescribeClusterRequestInput = InputOf<typeof DescribeClusterRequest>

/**
 * The cluster. Asked of a broker, the controller is only a guess: some broker that is alive, since
 * the real controllers are not for clients.
 *
 *     DescribeClusterResponse v2 => throttleTimeMs errorCode errorMessage endpointType clusterId
 *         controllerId [brokers] clusterAuthorizedOperations {}
 *       throttleTimeMs => int32
 *       errorCode => int16
 *       errorMessage => string | null
 *       endpointType => int8
 *       clusterId => string
 *       controllerId => int32
 *       brokers => brokerId host port rack isFenced {}
 *         brokerId => int32
 *         host => string
 *         port => int32
 *         rack => string | null
 *         isFenced => bool
 *       clusterAuthorizedOperations => int32
 */
export const DescribeClusterResponse = message({
  name: 'DescribeClusterResponse',
  kind: 'response',
  apiKey: 60,
  validVersions: '0-2',
  flexibleVersions: '0+',
  fields: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: string({ nullable: '0+', default: null }),
    endpointType: int8({ versions: '1+', default: 1 }),
    clusterId: string(),
    controllerId: int32({ default: -1 }),
    brokers: array({
      brokerId: int32(),
      host: string(),
      port: int32(),
      rack: string({ nullable: '0+', default: null }),
      isFenced: bool({ versions: '2+' }),
    }),
    // A bit per operation; the default says that nobody asked.
    clusterAuthorizedOperations: int32({ default: -0x80000000 }),
  },
})
export type DescribeClusterResponseData = DataOf<typeof DescribeClusterResponse>
export type DescribeClusterResponseInput = InputOf<typeof DescribeClusterResponse>
export type DescribeClusterBroker = ElementOf<DescribeClusterResponseData['brokers']>
