/**
 * Delete topics. The controller does it; any broker passes the request on.
 *
 * Version 0 is gone since 4.0. 4 brought the flexible form, 5 error messages and quotas, 6 topic
 * ids, which moved the names into `topics`.
 *
 * @kafka org.apache.kafka.common.message.DeleteTopicsRequestData
 * @kafka org.apache.kafka.common.message.DeleteTopicsResponseData
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, int16, int32, string, uuid } from '../schema/types.ts'

/**
 * Which topics: `topicNames` up to version 5, `topics` from 6 on.
 *
 *     DeleteTopicsRequest v6 => [topics] timeoutMs {}
 *       topics => name topicId {}
 *         name => string | null
 *         topicId => uuid
 *       timeoutMs => int32
 */
export const DeleteTopicsRequest = message({
  name: 'DeleteTopicsRequest',
  kind: 'request',
  apiKey: 20,
  validVersions: '1-6',
  flexibleVersions: '4+',
  fields: {
    topics: array(
      { versions: '6+' },
      {
        // Either the name or, with null here, the id.
        name: string({ nullable: '6+', default: null }),
        topicId: uuid(),
      },
    ),
    topicNames: array({ versions: '0-5', ignorable: true }, string()),
    timeoutMs: int32(),
  },
})
export type DeleteTopicsRequestData = DataOf<typeof DeleteTopicsRequest>
export type DeleteTopicsRequestInput = InputOf<typeof DeleteTopicsRequest>
export type DeleteTopicState = ElementOf<DeleteTopicsRequestData['topics']>

/**
 * One result per topic.
 *
 *     DeleteTopicsResponse v6 => throttleTimeMs [responses] {}
 *       throttleTimeMs => int32
 *       responses => name topicId errorCode errorMessage {}
 *         name => string | null
 *         topicId => uuid
 *         errorCode => int16
 *         errorMessage => string | null
 */
export const DeleteTopicsResponse = message({
  name: 'DeleteTopicsResponse',
  kind: 'response',
  apiKey: 20,
  validVersions: '1-6',
  flexibleVersions: '4+',
  fields: {
    throttleTimeMs: int32({ ignorable: true }),
    responses: array({
      // null when the topic was asked for by an id that no topic has.
      name: string({ nullable: '6+' }),
      topicId: uuid({ versions: '6+', ignorable: true }),
      errorCode: int16(),
      errorMessage: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
    }),
  },
})
export type DeleteTopicsResponseData = DataOf<typeof DeleteTopicsResponse>
export type DeleteTopicsResponseInput = InputOf<typeof DeleteTopicsResponse>
export type DeletableTopicResult = ElementOf<DeleteTopicsResponseData['responses']>
