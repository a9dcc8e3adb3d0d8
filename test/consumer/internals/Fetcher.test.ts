import { beforeEach, describe, expect, test } from 'vitest'
import { FetchResponse } from '../../../src/clients/FetchResponse.ts'
import { Node } from '../../../src/common/Node.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionSet } from '../../../src/common/TopicPartitionSet.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import type { FetchRequestData } from '../../../src/protocol/messages/Fetch.ts'
import { covers } from '../../support/covers.ts'
import {
  batch,
  ConsumerHarness,
  fetchResponse,
  nodes,
  topicId,
  topicName,
  tp0,
  tp1,
} from '../support/ConsumerHarness.ts'

let harness: ConsumerHarness

beforeEach(() => {
  harness = new ConsumerHarness()
})

/** The fetch that is in flight, as the broker reads it. */
const inFlight = (): FetchRequestData & { version: number } => {
  const request = harness.client.requests()[0]!
  const version = request.requestBuilder.latestAllowedVersion
  return { ...(request.requestBuilder.build(version) as FetchRequestData), version }
}
const asked = (): string[] =>
  inFlight().topics.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, fetchOffset }) => `${topic}-${partition}@${fetchOffset}`),
  )

describe('fetching', () => {
  test('asks for what is assigned, buffers what comes, and moves the position when it is collected', async () => {
    covers('FetcherTest.testFetchNormal')
    harness.assignAndSeek(0, tp0)
    expect(await harness.fetchAndAnswer([[tp0, { records: batch() }]])).toBe(1)
    expect(harness.fetcher.hasCompletedFetches()).toBe(true)
    expect(harness.position(tp0)).toBe(0)
    expect(harness.collect()).toEqual({ 'test-0': ['value-0', 'value-1', 'value-2'] })
    expect(harness.position(tp0)).toBe(3)
  })

  test('says what the settings say', () => {
    harness = new ConsumerHarness({
      fetchConfig: {
        minBytes: 17,
        maxBytes: 99_999,
        maxWaitMs: 321,
        fetchSize: 4321,
        clientRackId: 'r1',
        isolationLevel: 'read_committed',
      },
    })
    harness.assignAndSeek(0, tp0)
    harness.sendFetches()
    return harness.poll().then(() => {
      expect(inFlight()).toMatchObject({
        minBytes: 17,
        maxBytes: 99_999,
        maxWaitMs: 321,
        rackId: 'r1',
        isolationLevel: 1,
        sessionId: 0,
        sessionEpoch: 0,
      })
      expect(inFlight().topics[0]!.partitions[0]!.partitionMaxBytes).toBe(4321)
    })
  })

  test('does not ask a node that still owes an answer', async () => {
    harness.assignAndSeek(0, tp0)
    expect(harness.sendFetches()).toBe(1)
    expect(harness.sendFetches()).toBe(0)
    await harness.poll()
    expect(harness.sendFetches()).toBe(0)
    await harness.answer([[tp0, { records: batch() }]])
    harness.collect()
    expect(harness.sendFetches()).toBe(1)
  })

  test('does not ask for what is buffered, nor for anything else from that node', async () => {
    harness.assignAndSeek(0, tp0, tp1)
    await harness.fetchAndAnswer([
      [tp0, { records: batch() }],
      [tp1, {}],
    ])
    // test-1 would be free, but leaving test-0 out would throw it out of the session.
    expect(harness.sendFetches()).toBe(0)
    harness.collect()
    expect(harness.sendFetches()).toBe(1)
    await harness.poll()
    expect(asked()).toEqual(['test-1@0', 'test-0@3'])
  })

  test('prefetches: the next request is out before the caller has worked off the last answer', async () => {
    harness = new ConsumerHarness({ fetchConfig: { maxPollRecords: 3 } })
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { records: batch({ count: 4 }) }]])
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1, 2] })
    expect(harness.sendFetches()).toBe(0)
    expect(harness.collectOffsets()).toEqual({ 'test-0': [3] })
    expect(harness.sendFetches()).toBe(1)
  })

  test('skips a node that cannot be reached now', () => {
    covers('FetcherTest.testFetchSkipsBlackedOutNodes')
    harness.assignAndSeek(0, tp0)
    const node = harness.metadata.fetch().nodes[0]!
    harness.client.backoff(node, 500)
    expect(harness.sendFetches()).toBe(0)
    return harness.time.sleep(500).then(() => expect(harness.sendFetches()).toBe(1))
  })

  test('asks for metadata when a partition has no leader', () => {
    harness.assignAndSeek(0, tp0)
    harness.updateMetadata({ leader: () => null })
    expect(harness.sendFetches()).toBe(0)
    expect(harness.metadata.updateRequested()).toBe(true)
  })

  test('tells the epoch of the leader that it believes in', async () => {
    covers('FetcherTest.testEpochSetInFetchRequest')
    harness.assign(tp0)
    harness.updateMetadata({ leaderEpoch: () => 99 })
    harness.subscriptions.seek(tp0, 10)
    harness.sendFetches()
    await harness.poll()
    expect(inFlight().topics[0]!.partitions[0]).toMatchObject({
      fetchOffset: 10,
      currentLeaderEpoch: 99,
    })
  })

  test('serves in turn: who has delivered stands last', async () => {
    harness.assignAndSeek(0, tp0, tp1)
    await harness.fetchAndAnswer([
      [tp0, { records: batch() }],
      [tp1, {}],
    ])
    harness.collect()
    harness.sendFetches()
    await harness.poll()
    expect(asked()).toEqual(['test-1@0', 'test-0@3'])
  })
})

describe('topic ids', () => {
  const foo = new TopicPartition('foo', 0)
  const newId = (seed: number): Uuid => Uuid.randomUuid(new SeededRandom(seed))
  const assignFoo = (id: Uuid): void => {
    harness.subscriptions.assignFromUser(new TopicPartitionSet([foo]))
    harness.updateMetadata({ topics: { foo: 1 }, topicIds: { foo: id } })
    harness.subscriptions.seek(foo, 0)
  }

  test('are used when they are known', async () => {
    covers('FetcherTest.testFetchWithTopicId')
    harness.assignAndSeek(0, tp0)
    harness.sendFetches()
    await harness.poll()
    expect(inFlight().version).toBe(ApiKeys.FETCH.latestVersion())
    expect(inFlight().topics[0]!.topicId.toString()).toBe(topicId.toString())
    await harness.answer([[tp0, { records: batch() }]])
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1, 2] })
  })

  test('that are not known leave the names, in version 12', async () => {
    covers('FetcherTest.testFetchWithNoTopicId')
    assignFoo(Uuid.ZERO_UUID)
    harness.sendFetches()
    await harness.poll()
    expect(inFlight().version).toBe(12)
    await harness.answer([[foo, { records: batch() }]])
    expect(harness.collectOffsets()).toEqual({ 'foo-0': [0, 1, 2] })
  })

  test('come into use, and go out of it, within one session', async () => {
    covers('FetcherTest.testFetchTopicIdUpgradeDowngrade')
    const id = newId(1)
    const versions: number[] = []
    for (const current of [Uuid.ZERO_UUID, id, Uuid.ZERO_UUID]) {
      assignFoo(current)
      harness.sendFetches()
      await harness.poll()
      versions.push(inFlight().version)
      await harness.answer([[foo, { records: batch() }]], {
        sessionId: 1,
        topicIds: { foo: current },
      })
      harness.collect()
    }
    expect(versions).toEqual([12, ApiKeys.FETCH.latestVersion(), 12])
  })

  test('of a partition that is dropped are forgotten', async () => {
    covers('FetcherTest.testFetchForgetTopicIdWhenUnassigned')
    const [fooId, barId] = [newId(1), newId(2)]
    const bar = new TopicPartition('bar', 0)
    const topicIds = { foo: fooId, bar: barId }
    assignFoo(fooId)
    await harness.fetchAndAnswer([[foo, { records: batch() }]], { sessionId: 1, topicIds })
    harness.collect()

    harness.subscriptions.assignFromUser(new TopicPartitionSet([bar]))
    harness.updateMetadata({ topics: { bar: 1 }, topicIds: { bar: barId } })
    harness.subscriptions.seek(bar, 0)
    harness.sendFetches()
    await harness.poll()
    expect(asked()).toEqual(['bar-0@0'])
    expect(inFlight().forgottenTopicsData).toMatchObject([{ topicId: fooId, partitions: [0] }])
  })

  test('of a topic that was made anew are forgotten, and the new one is asked for', async () => {
    covers('FetcherTest.testFetchForgetTopicIdWhenReplaced')
    const [oldId, freshId] = [newId(1), newId(2)]
    assignFoo(oldId)
    await harness.fetchAndAnswer([[foo, { records: batch() }]], {
      sessionId: 1,
      topicIds: { foo: oldId },
    })
    harness.collect()
    assignFoo(freshId)
    harness.sendFetches()
    await harness.poll()
    expect(inFlight().topics[0]).toMatchObject({ topicId: freshId })
    expect(inFlight().forgottenTopicsData).toMatchObject([{ topicId: oldId, partitions: [0] }])
    await harness.answer([[foo, { records: batch() }]], {
      sessionId: 1,
      topicIds: { foo: freshId },
    })
    expect(harness.collectOffsets()).toEqual({ 'foo-0': [0, 1, 2] })
  })

  test('decide what a response is about, each time it is read', () => {
    covers('FetcherTest.testFetcherDontCacheAnyData')
    const data = fetchResponse([[tp0, { records: batch() }]]) as FetchResponse['data']
    const response = new FetchResponse(data, 17)
    expect(response.responseData(new Map([[topicId.toString(), topicName]])).has(tp0)).toBe(true)
    expect(response.responseData(new Map()).size).toBe(0)
  })
})

describe('sessions', () => {
  test('carry on with what has changed', async () => {
    covers('FetcherTest.testConsumingViaIncrementalFetchRequests')
    harness = new ConsumerHarness({ fetchConfig: { maxPollRecords: 2 } })
    harness.assignAndSeek(0, tp0)
    harness.assign(tp0, tp1)
    harness.subscriptions.seek(tp1, 1)
    await harness.fetchAndAnswer(
      [
        [tp0, { records: batch({ baseOffset: 0, count: 3 }), highWatermark: 2 }],
        [tp1, { highWatermark: 100 }],
      ],
      { sessionId: 123 },
    )
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1] })
    // Something of test-0 is still here: nothing is asked for.
    expect(harness.sendFetches()).toBe(0)
    expect(harness.collectOffsets()).toEqual({ 'test-0': [2] })
    expect(harness.position(tp1)).toBe(1)

    expect(harness.sendFetches()).toBe(1)
    await harness.poll()
    expect(inFlight()).toMatchObject({ sessionId: 123, sessionEpoch: 1 })
    expect(asked()).toEqual(['test-0@3'])
    await harness.answer([], { sessionId: 123 })
    expect(harness.collectOffsets()).toEqual({})

    await harness.fetchAndAnswer([[tp0, { records: batch({ baseOffset: 3, count: 2 }) }]], {
      sessionId: 123,
    })
    expect(harness.collectOffsets()).toEqual({ 'test-0': [3, 4] })
    expect(harness.position(tp0)).toBe(5)
  })

  test('count along with the broker', async () => {
    covers('FetcherTest.testFetcherSessionEpochUpdate')
    harness.assignAndSeek(0, tp0)
    const epochs: number[] = []
    for (let round = 0; round < 5; round++) {
      harness.sendFetches()
      await harness.poll()
      epochs.push(inFlight().sessionEpoch)
      const records = batch({ baseOffset: round * 3 })
      await harness.answer([[tp0, { records }]], { sessionId: 123 })
      harness.collect()
    }
    expect(epochs).toEqual([0, 1, 2, 3, 4])
  })

  test('are told once which partitions are forgotten, and those are not delivered any more', async () => {
    // platformatic/kafka #316 and #321: a session that was never told went on delivering.
    harness.assignAndSeek(0, tp0, tp1)
    await harness.fetchAndAnswer(
      [
        [tp0, {}],
        [tp1, {}],
      ],
      { sessionId: 9 },
    )
    harness.collect()
    harness.assign(tp1)
    harness.sendFetches()
    await harness.poll()
    expect(inFlight().forgottenTopicsData).toMatchObject([{ topicId, partitions: [0] }])
    expect(asked()).toEqual([])
    await harness.answer([], { sessionId: 9 })
    harness.sendFetches()
    await harness.poll()
    expect(inFlight().forgottenTopicsData).toEqual([])
  })

  test('are begun anew when the broker does not know them any more', async () => {
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, {}]], { sessionId: 9 })
    harness.collect()
    await harness.fetchAndAnswer([], { error: Errors.FETCH_SESSION_ID_NOT_FOUND })
    harness.sendFetches()
    await harness.poll()
    expect(inFlight()).toMatchObject({ sessionId: 0, sessionEpoch: 0 })
    expect(asked()).toEqual(['test-0@0'])
  })

  test('are closed with the fetcher', async () => {
    covers(
      'FetcherTest.testFetcherCloseClosesFetchSessionsInBroker',
      'FetcherTest.testCloseShouldBeIdempotent',
    )
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { records: batch() }]], { sessionId: 123 })
    const closing: unknown[] = []
    harness.client.prepareResponse(ApiKeys.FETCH, fetchResponse([]), {
      matcher: (request) => {
        closing.push(request.sessionId, request.sessionEpoch, request.topics.length)
        return true
      },
    })
    await harness.fetcher.close(harness.time.timer(100))
    await harness.fetcher.close(harness.time.timer(100))
    expect(closing).toEqual([123, -1, 0])
    expect(harness.fetcher.hasCompletedFetches()).toBe(false)
    expect(harness.client.hasInFlightRequests()).toBe(false)
  })

  test('of a broker that does not answer do not keep the fetcher from closing', async () => {
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { records: batch() }]], { sessionId: 123 })
    harness.client.advanceTimeDuringPoll = true
    await harness.fetcher.close(harness.time.timer(100))
    expect(harness.logger.messages('debug').join()).toMatch(/Not all fetch sessions were closed/)
  })
})

describe('a fetch under way', () => {
  test('when its connection is lost is sent again, from the same position', async () => {
    covers('FetcherTest.testFetchDisconnected')
    harness.assignAndSeek(0, tp0)
    harness.sendFetches()
    harness.client.prepareResponse(ApiKeys.FETCH, fetchResponse([[tp0, { records: batch() }]]), {
      disconnected: true,
    })
    await harness.poll()
    expect(harness.collectOffsets()).toEqual({})
    expect(harness.position(tp0)).toBe(0)
    expect(harness.sendFetches()).toBe(1)
  })

  test('that is given up before it was sent does not block its node for ever', async () => {
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { records: batch({ count: 1 }) }]])
    harness.collect()
    expect(harness.sendFetches()).toBe(1)
    const node = harness.metadata.fetch().nodes[0]!
    harness.consumerClient.disconnectAsync(node)
    await harness.poll()
    expect(harness.sendFetches()).toBe(1)
  })

  test('whose partition is dropped meanwhile brings nothing', async () => {
    covers('FetcherTest.testFetchAfterPartitionWithFetchedRecordsIsUnassigned')
    harness = new ConsumerHarness({ fetchConfig: { maxPollRecords: 2 } })
    harness.assignAndSeek(1, tp0)
    await harness.fetchAndAnswer([[tp0, { records: batch({ baseOffset: 1 }) }]])
    expect(harness.collectOffsets()).toEqual({ 'test-0': [1, 2] })
    harness.assignAndSeek(4, tp1)
    expect(harness.collectOffsets()).toEqual({})
    await harness.fetchAndAnswer([[tp1, { records: batch({ baseOffset: 4, count: 2 }) }]])
    expect(harness.collectOffsets()).toEqual({ 'test-1': [4, 5] })
  })

  test('is dropped with the partitions that are cleared', async () => {
    covers('FetcherTest.testClearBufferedDataForTopicPartitions')
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { records: batch() }]])
    harness.fetcher.clearBufferedDataForUnassignedPartitions([tp0])
    expect(harness.fetcher.hasCompletedFetches()).toBe(true)
    harness.fetcher.clearBufferedDataForUnassignedPartitions([tp1])
    expect(harness.fetcher.hasCompletedFetches()).toBe(false)
  })

  test('goes to each leader by itself', async () => {
    harness = new ConsumerHarness({ nodes: nodes(2) })
    harness.assignAndSeek(0, tp0, tp1)
    expect(harness.sendFetches()).toBe(2)
    await harness.poll()
    expect(
      harness.client
        .requests()
        .map((request) => request.destination)
        .sort(),
    ).toEqual(['0', '1'])
    await harness.answer([[tp1, { records: batch() }]], { node: new Node(1, '', 0) })
    expect(harness.collectOffsets()).toEqual({ 'test-1': [0, 1, 2] })
    // Node 1 is free again, node 0 still owes its answer.
    expect(harness.sendFetches()).toBe(1)
  })
})
