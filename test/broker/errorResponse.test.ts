import { describe, expect, test } from 'vitest'
import { apiErrorOf } from '../../src/broker/apis/ApiError.ts'
import { errorResponse } from '../../src/broker/apis/errorResponse.ts'
import {
  NotCoordinatorException,
  TopicExistsException,
} from '../../src/common/errors/ApiExceptions.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { buildResponseSend } from '../../src/protocol/SendBuilder.ts'

const UNFORESEEN = new TypeError("Cannot read properties of undefined (reading 'secret')")

describe('what an error says', () => {
  test('the text of an unforeseen exception is not told to clients', () => {
    expect(apiErrorOf(UNFORESEEN)).toEqual({ error: Errors.UNKNOWN_SERVER_ERROR, message: null })
    const body = { topics: [{ name: 'a' }] }
    expect(errorResponse(ApiKeys.CREATE_TOPICS, 7, body, UNFORESEEN)).toEqual({
      topics: [{ name: 'a', errorCode: -1, errorMessage: null }],
    })
  })

  test('a text is told when it says more than the error does, else left out', () => {
    const error = Errors.TOPIC_ALREADY_EXISTS
    const more = new TopicExistsException("Topic 'a' already exists.")
    expect(apiErrorOf(more)).toEqual({ error, message: "Topic 'a' already exists." })
    expect(apiErrorOf(new TopicExistsException(error.message!))).toEqual({ error, message: null })
  })
})

describe('a fetch that fails as a whole', () => {
  const body = {
    sessionId: 5,
    topics: [{ topic: 'a', topicId: Uuid.ZERO_UUID, partitions: [{ partition: 3 }] }],
  }

  test('names its partitions to clients that may not look at the error of the whole', () => {
    expect(errorResponse(ApiKeys.FETCH, 12, body, UNFORESEEN)).toMatchObject({
      errorCode: -1,
      responses: [{ topic: 'a', partitions: [{ partitionIndex: 3, errorCode: -1 }] }],
    })
  })

  test('names none from version 13 on', () => {
    const response = errorResponse(ApiKeys.FETCH, 13, body, UNFORESEEN)
    expect(response).toEqual({ errorCode: -1, sessionId: 5, responses: [] })
  })
})

describe('a request about groups that fails as a whole', () => {
  const error = new NotCoordinatorException('elsewhere')
  const { code } = Errors.NOT_COORDINATOR
  const topicId = Uuid.fromString('aaaaaaaaaaaaaaaaaaaaaQ')
  const group = { groupId: 'g', topics: [{ name: 't', topicId, partitionIndexes: [2] }] }
  const requests = [
    [ApiKeys.FIND_COORDINATOR, { key: 'g', keyType: 0, coordinatorKeys: ['g', 'h'] }],
    [ApiKeys.JOIN_GROUP, {}],
    [ApiKeys.SYNC_GROUP, {}],
    [ApiKeys.HEARTBEAT, {}],
    [ApiKeys.LEAVE_GROUP, {}],
    [ApiKeys.LIST_GROUPS, {}],
    [ApiKeys.DESCRIBE_GROUPS, { groups: ['g'] }],
    [ApiKeys.DELETE_GROUPS, { groupsNames: ['g'] }],
    [
      ApiKeys.OFFSET_COMMIT,
      { topics: [{ name: 't', topicId, partitions: [{ partitionIndex: 2 }] }] },
    ],
    [ApiKeys.OFFSET_FETCH, { ...group, groups: [group] }],
    [ApiKeys.OFFSET_DELETE, {}],
  ] as const

  test('is answered in every version, in a form that can be written', () => {
    for (const [apiKey, body] of requests) {
      for (const version of apiKey.allVersions()) {
        const response = errorResponse(apiKey, version, body, error)
        expect(JSON.stringify(response), `${apiKey.name} v${version}`).toContain(`:${code}`)
        const write = () => buildResponseSend(apiKey, version, 1, response as never)
        expect(write, `${apiKey.name} v${version}`).not.toThrow()
      }
    }
  })

  test('names its partitions where the version has no other place', () => {
    const partitions = [{ partitionIndex: 2, errorCode: code, committedOffset: -1 }]
    const old = errorResponse(ApiKeys.OFFSET_FETCH, 1, group, error)
    expect(old).toMatchObject({ topics: [{ name: 't', partitions }] })
    const later = errorResponse(ApiKeys.OFFSET_FETCH, 7, group, error)
    expect(later).toEqual({ errorCode: code, topics: undefined })
    const newest = errorResponse(ApiKeys.OFFSET_FETCH, 10, { groups: [group] }, error)
    expect(newest).toEqual({ groups: [{ groupId: 'g', errorCode: code }] })
  })

  test('says "no protocol" as the version can, and names no coordinator', () => {
    expect(errorResponse(ApiKeys.JOIN_GROUP, 6, {}, error)).toMatchObject({ protocolName: '' })
    expect(errorResponse(ApiKeys.JOIN_GROUP, 7, {}, error)).toMatchObject({ protocolName: null })
    const find = { coordinatorKeys: ['g'] }
    expect(errorResponse(ApiKeys.FIND_COORDINATOR, 6, find, error)).toMatchObject({
      coordinators: [{ key: 'g', errorCode: code, nodeId: -1, host: '', port: -1 }],
    })
  })
})
