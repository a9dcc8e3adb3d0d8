import { describe, expect, test } from 'vitest'
import { apiErrorOf } from '../../src/broker/apis/ApiError.ts'
import { errorResponse } from '../../src/broker/apis/errorResponse.ts'
import { TopicExistsException } from '../../src/common/errors/ApiExceptions.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'

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
