import { describe, expect, test } from 'vitest'
import { FetchMetadata } from '../../src/clients/FetchMetadata.ts'
import type { FetchPartitionData, FetchRequestData } from '../../src/clients/FetchRequestData.ts'
import { FetchResponse } from '../../src/clients/FetchResponse.ts'
import { FetchSessionHandler, findMissing } from '../../src/clients/FetchSessionHandler.ts'
import { IllegalStateException } from '../../src/common/errors.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors, type Errors as WireError } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

const random = new SeededRandom(7)
const newId = (): Uuid => Uuid.randomUuid(random)
const LATEST = ApiKeys.FETCH.latestVersion()
const BY_NAME = 12

const foo0 = new TopicPartition('foo', 0)
const foo1 = new TopicPartition('foo', 1)
const bar0 = new TopicPartition('bar', 0)
const bar1 = new TopicPartition('bar', 1)

type Wanted = readonly (readonly [TopicPartition, Uuid, number?])[]

const wish = (topicId: Uuid, fetchOffset = 0): FetchPartitionData => ({
  topicId,
  fetchOffset,
  maxBytes: 200,
  currentLeaderEpoch: null,
})
const newHandler = (): FetchSessionHandler => new FetchSessionHandler(new RecordingLogger(), 1)

const build = (handler: FetchSessionHandler, wanted: Wanted): FetchRequestData => {
  const builder = handler.newBuilder()
  for (const [partition, id, offset] of wanted) builder.add(partition, wish(id, offset))
  return builder.build()
}

interface Told {
  readonly version?: number
  readonly error?: WireError
  readonly sessionId?: number
  readonly throttleTimeMs?: number
}
const respond = (told: Told, ...partitions: (readonly [TopicPartition, Uuid])[]): FetchResponse =>
  new FetchResponse(
    {
      throttleTimeMs: told.throttleTimeMs ?? 0,
      errorCode: told.error?.code ?? 0,
      sessionId: told.sessionId ?? FetchMetadata.INVALID_SESSION_ID,
      responses: partitions.map(([{ topic, partition }, topicId]) => ({
        topic,
        topicId,
        partitions: [{ partitionIndex: partition }],
      })),
      nodeEndpoints: [],
    } as unknown as FetchResponse['data'],
    told.version ?? LATEST,
  )

const names = (partitions: Iterable<TopicPartition>): string[] => [...partitions].map(String)
const session = (data: FetchRequestData) => ({
  sessionId: data.metadata.sessionId,
  epoch: data.metadata.epoch,
  toSend: names(data.toSend.keys()),
  inSession: names(data.sessionPartitions.keys()).sort(),
})
/** Both ways to name topics. */
const bothWays: [string, number, Uuid, Uuid][] = [
  ['names', BY_NAME, Uuid.ZERO_UUID, Uuid.ZERO_UUID],
  ['ids', LATEST, newId(), newId()],
]

test('what is missing is found in its order', () => {
  covers('FetchSessionHandlerTest.testFindMissing')
  expect(findMissing(['a', 'b', 'c'], new Set(['b']))).toEqual(['a', 'c'])
  expect(findMissing(['a'], new Set(['a', 'b']))).toEqual([])
  expect(findMissing([], new Set(['a']))).toEqual([])
})

describe.each(bothWays)('topics by %s', (_, version, fooId, barId) => {
  test('a broker that declines the session gets full requests', () => {
    covers('FetchSessionHandlerTest.testSessionless')
    const handler = newHandler()
    const first = build(handler, [
      [foo0, fooId],
      [foo1, fooId, 10],
    ])
    expect(session(first)).toEqual({
      sessionId: 0,
      epoch: 0,
      toSend: ['foo-0', 'foo-1'],
      inSession: ['foo-0', 'foo-1'],
    })
    expect(handler.handleResponse(respond({ version }, [foo0, fooId], [foo1, fooId]))).toBe(true)

    const second = build(handler, [[foo0, fooId]])
    expect(session(second)).toMatchObject({ sessionId: 0, epoch: 0, toSend: ['foo-0'] })
    expect(second.metadata.isFull()).toBe(true)
    expect(second.toForget).toEqual([])
  })

  test('within a session only what is new or changed is sent, new partitions first', () => {
    covers('FetchSessionHandlerTest.testIncrementals')
    const handler = newHandler()
    build(handler, [
      [foo0, fooId],
      [foo1, fooId, 10],
    ])
    handler.handleResponse(respond({ version, sessionId: 123 }, [foo0, fooId], [foo1, fooId]))

    const wanted: Wanted = [
      [foo0, fooId],
      [foo1, fooId, 20],
      [bar0, barId],
    ]
    expect(session(build(handler, wanted))).toEqual({
      sessionId: 123,
      epoch: 1,
      toSend: ['bar-0', 'foo-1'],
      inSession: ['bar-0', 'foo-0', 'foo-1'],
    })
    expect(handler.handleResponse(respond({ version, sessionId: 123 }, [foo1, fooId]))).toBe(true)

    // The broker says that it has lost count: the session is closed and begun anew, in one request.
    const outOfStep = respond({ version, error: Errors.INVALID_FETCH_SESSION_EPOCH })
    expect(handler.handleResponse(outOfStep)).toBe(false)
    expect(session(build(handler, wanted))).toMatchObject({
      sessionId: 123,
      epoch: 0,
      toSend: ['foo-0', 'foo-1', 'bar-0'],
    })
  })

  test('what is no longer wanted is named once, as forgotten', () => {
    covers('FetchSessionHandlerTest.testIncrementalPartitionRemoval')
    const handler = newHandler()
    build(handler, [
      [foo0, fooId],
      [foo1, fooId, 10],
      [bar0, barId, 20],
    ])
    handler.handleResponse(
      respond({ version, sessionId: 123 }, [foo0, fooId], [foo1, fooId], [bar0, barId]),
    )
    const second = build(handler, [[foo1, fooId, 10]])
    expect(session(second)).toEqual({ sessionId: 123, epoch: 1, toSend: [], inSession: ['foo-1'] })
    expect(second.toForget).toEqual([
      { topicId: fooId, topicPartition: foo0 },
      { topicId: barId, topicPartition: bar0 },
    ])
    handler.handleResponse(respond({ version, sessionId: 123 }))
    expect(build(handler, [[foo1, fooId, 10]]).toForget).toEqual([])

    // A session that the broker has forgotten need not be closed.
    handler.handleResponse(respond({ version, error: Errors.FETCH_SESSION_ID_NOT_FOUND }))
    expect(session(build(handler, [[foo0, fooId]]))).toMatchObject({ sessionId: 0, epoch: 0 })
  })

  test('forgetting everything needs ids only if ids were used', () => {
    covers('FetchSessionHandlerTest.testIdUsageWithAllForgottenPartitions')
    const handler = newHandler()
    const usesIds = version === LATEST
    expect(build(handler, [[foo0, fooId]]).canUseTopicIds).toBe(usesIds)
    handler.handleResponse(respond({ version, sessionId: 123 }, [foo0, fooId]))
    const second = build(handler, [])
    expect(second.toForget).toEqual([{ topicId: fooId, topicPartition: foo0 }])
    expect(session(second)).toMatchObject({ sessionId: 123, epoch: 1 })
    expect(second.canUseTopicIds).toBe(usesIds)
  })

  test('a full response must hold exactly what was asked for', () => {
    covers('FetchSessionHandlerTest.testVerifyFullFetchResponsePartitions')
    const handler = newHandler()
    build(handler, [
      [foo0, fooId],
      [foo1, fooId],
      [bar0, barId],
    ])
    const verify = (...partitions: (readonly [TopicPartition, Uuid])[]): string | null =>
      handler.verifyFullFetchResponsePartitions(respond({ version }, ...partitions))
    expect(verify([foo0, fooId], [foo1, fooId], [bar0, barId])).toBe(null)
    expect(verify([foo0, fooId], [foo1, fooId])).toMatch(/^omittedPartitions=\(bar-0\), response=/)
    expect(verify([foo0, fooId], [foo1, fooId], [bar0, barId], [bar1, barId])).toMatch(
      /^extraPartitions=\(bar-1\), response=/,
    )
  })
})

test('a request is built once', () => {
  covers('FetchSessionHandlerTest.testDoubleBuild')
  const builder = newHandler().newBuilder()
  builder.add(foo0, wish(newId()))
  builder.build()
  expect(() => builder.build()).toThrow(IllegalStateException)
  expect(() => builder.add(foo1, wish(newId()))).toThrow(IllegalStateException)
})

describe('when topic ids become known, or are lost', () => {
  test('ids are used as soon as nothing in the session lacks one', () => {
    covers('FetchSessionHandlerTest.testTopicIdUsageGrantedOnIdUpgrade')
    for (const next of [foo0, foo1]) {
      const handler = newHandler()
      expect(build(handler, [[foo0, Uuid.ZERO_UUID]]).canUseTopicIds).toBe(false)
      handler.handleResponse(respond({ version: BY_NAME, sessionId: 123 }, [foo0, Uuid.ZERO_UUID]))
      const second = build(handler, [[next, newId(), 10]])
      expect(session(second)).toMatchObject({ sessionId: 123, epoch: 1 })
      // With foo-1 in its place foo-0 must be forgotten, and that takes its name.
      expect(second.canUseTopicIds).toBe(next === foo0)
    }
  })

  test('names are used as soon as one id is missing', () => {
    covers('FetchSessionHandlerTest.testIdUsageRevokedOnIdDowngrade')
    for (const next of [foo0, foo1]) {
      const handler = newHandler()
      const fooId = newId()
      expect(build(handler, [[foo0, fooId]]).canUseTopicIds).toBe(true)
      handler.handleResponse(respond({ sessionId: 123 }, [foo0, fooId]))
      const second = build(handler, [[next, Uuid.ZERO_UUID, 10]])
      expect(session(second)).toMatchObject({ sessionId: 123, epoch: 1 })
      expect(second.canUseTopicIds).toBe(false)
    }
  })

  test.each([true, false])('one topic with an id and one without go by name (%s)', (fooHasId) => {
    covers('FetchSessionHandlerTest.testSessionEpochWhenMixedUsageOfTopicIDs')
    const [fooId, barId] = fooHasId ? [newId(), Uuid.ZERO_UUID] : [Uuid.ZERO_UUID, newId()]
    const handler = newHandler()
    expect(build(handler, [[foo0, fooId]]).canUseTopicIds).toBe(fooHasId)
    const version = fooHasId ? LATEST : BY_NAME
    handler.handleResponse(respond({ version, sessionId: 123 }, [foo0, fooId]))
    const second = build(handler, [
      [foo0, fooId, 10],
      [bar1, barId],
    ])
    expect(session(second)).toMatchObject({ sessionId: 123, epoch: 1 })
    expect(second.canUseTopicIds).toBe(false)
  })

  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('a topic made anew is replaced (id before: %s, id now: %s)', (before, now) => {
    covers('FetchSessionHandlerTest.testTopicIdReplaced')
    const [oldId, id] = [before ? newId() : Uuid.ZERO_UUID, now ? newId() : Uuid.ZERO_UUID]
    const handler = newHandler()
    build(handler, [[foo0, oldId]])
    const version = before ? LATEST : BY_NAME
    handler.handleResponse(respond({ version, sessionId: 123 }, [foo0, oldId]))
    const second = build(handler, [[foo0, id]])
    const isReplaced = before && now
    expect(second.toReplace).toEqual(isReplaced ? [{ topicId: oldId, topicPartition: foo0 }] : [])
    expect(session(second)).toEqual({
      sessionId: 123,
      epoch: 1,
      toSend: before || now ? ['foo-0'] : [],
      inSession: ['foo-0'],
    })
    expect(second.canUseTopicIds).toBe(now)
    expect([...handler.sessionTopicNames()]).toEqual(now ? [[id.toString(), 'foo']] : [])
  })

  test('a topic that was forgotten may come back with another id', () => {
    covers('FetchSessionHandlerTest.testOkToAddNewIdAfterTopicRemovedFromSession')
    const handler = newHandler()
    const fooId = newId()
    build(handler, [[foo0, fooId]])
    handler.handleResponse(respond({ sessionId: 123 }, [foo0, fooId]))
    expect(session(build(handler, []))).toMatchObject({ toSend: [], inSession: [] })
    handler.handleResponse(respond({ sessionId: 123 }))
    const third = build(handler, [[foo0, newId()]])
    expect(session(third)).toMatchObject({ sessionId: 123, epoch: 2, toSend: ['foo-0'] })
    expect(third.canUseTopicIds).toBe(true)
    expect(third.toReplace).toEqual([])
  })
})

describe('a response that does not fit', () => {
  test('in the ids it names is refused, and a new session is begun', () => {
    covers('FetchSessionHandlerTest.testVerifyFullFetchResponsePartitionsWithTopicIds')
    const handler = newHandler()
    const [fooId, barId, extraId] = [newId(), newId(), newId()]
    build(handler, [
      [foo0, fooId],
      [bar0, barId],
    ])
    const extra = new TopicPartition('extra', 1)
    const bad = respond({ sessionId: 5 }, [foo0, fooId], [extra, extraId], [bar0, barId])
    expect(handler.verifyFullFetchResponsePartitions(bad)).toMatch(
      new RegExp(`^extraIds=\\(${extraId}\\), response=`),
    )
    expect(handler.handleResponse(bad)).toBe(false)
    expect(session(build(handler, [[foo0, fooId]]))).toMatchObject({ sessionId: 0, epoch: 0 })
    const good = respond({}, [foo0, fooId])
    expect(handler.verifyFullFetchResponsePartitions(good)).toBe(null)
  })

  test('with an error of the whole request begins a new session in the place of the old one', () => {
    covers('FetchSessionHandlerTest.testTopLevelErrorResetsMetadata')
    const handler = newHandler()
    const fooId = newId()
    build(handler, [[foo0, fooId]])
    handler.handleResponse(respond({ sessionId: 123 }, [foo0, fooId]))
    const unknown = new TopicPartition('unknown', 0)
    const unknownId = newId()
    expect(session(build(handler, [[unknown, unknownId]]))).toMatchObject({
      sessionId: 123,
      epoch: 1,
    })
    const failed = respond({ sessionId: 123, error: Errors.UNKNOWN_TOPIC_ID }, [unknown, newId()])
    expect(handler.handleResponse(failed)).toBe(false)
    expect(session(build(handler, []))).toMatchObject({ sessionId: 123, epoch: 0 })
  })

  test('within a session closes it and begins a new one', () => {
    const handler = newHandler()
    const fooId = newId()
    build(handler, [[foo0, fooId]])
    handler.handleResponse(respond({ sessionId: 123 }, [foo0, fooId]))
    build(handler, [[foo0, fooId, 5]])
    expect(handler.handleResponse(respond({ sessionId: 123 }, [foo1, fooId]))).toBe(false)
    expect(session(build(handler, [[foo0, fooId, 5]]))).toMatchObject({ sessionId: 123, epoch: 0 })
  })

  test('because the broker wants us to slow down is no error, and no data', () => {
    const handler = newHandler()
    build(handler, [[foo0, newId()]])
    expect(handler.handleResponse(respond({ throttleTimeMs: 50 }))).toBe(false)
  })
})

test('an empty incremental response keeps the session', () => {
  const handler = newHandler()
  const fooId = newId()
  build(handler, [[foo0, fooId]])
  handler.handleResponse(respond({ sessionId: 123 }, [foo0, fooId]))
  build(handler, [[foo0, fooId]])
  expect(handler.handleResponse(respond({ sessionId: 123 }))).toBe(true)
  expect(session(build(handler, [[foo0, fooId]]))).toMatchObject({ sessionId: 123, epoch: 2 })
})

test('a lost connection closes the session, since nobody knows what the broker has made of the request', () => {
  const handler = newHandler()
  const fooId = newId()
  build(handler, [[foo0, fooId]])
  handler.handleResponse(respond({ sessionId: 123 }, [foo0, fooId]))
  handler.handleError(new Error('gone'))
  expect(session(build(handler, [[foo0, fooId]]))).toMatchObject({
    sessionId: 123,
    epoch: 0,
    toSend: ['foo-0'],
  })
  handler.notifyClose()
  expect(session(build(handler, []))).toMatchObject({ sessionId: 123, epoch: -1 })
})

test('the epoch after the largest one is 1: 0 and -1 have meanings of their own', () => {
  expect(FetchMetadata.nextEpoch(0)).toBe(1)
  expect(FetchMetadata.nextEpoch(2 ** 31 - 1)).toBe(1)
  expect(FetchMetadata.nextEpoch(-1)).toBe(-1)
})
