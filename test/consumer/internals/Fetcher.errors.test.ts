import { beforeEach, describe, expect, test } from 'vitest'
import { NodeApiVersions } from '../../../src/clients/NodeApiVersions.ts'
import { TopicAuthorizationException } from '../../../src/common/errors/ApiExceptions.ts'
import { Node } from '../../../src/common/Node.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { OffsetOutOfRangeException } from '../../../src/consumer/OffsetOutOfRangeException.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
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

const now = (): number => harness.time.milliseconds()

describe('errors of a partition', () => {
  test.each([
    [Errors.NOT_LEADER_OR_FOLLOWER, true],
    [Errors.UNKNOWN_TOPIC_OR_PARTITION, true],
    [Errors.UNKNOWN_TOPIC_ID, true],
    [Errors.INCONSISTENT_TOPIC_ID, true],
    [Errors.FENCED_LEADER_EPOCH, true],
    [Errors.UNKNOWN_LEADER_EPOCH, false],
  ])('%s brings nothing, and asks for metadata: %s', async (error, asksForMetadata) => {
    covers('FetcherTest.testHandleFetchResponseError', 'FetcherTest.testFetchError')
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { error }]])
    expect(harness.collectOffsets()).toEqual({})
    expect(harness.metadata.updateRequested()).toBe(asksForMetadata)
    expect(harness.subscriptions.isFetchable(tp0)).toBe(true)
  })

  test('of the session, about topic ids, ask for metadata', async () => {
    covers('FetcherTest.testHandleFetchResponseError')
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([], { error: Errors.FETCH_SESSION_TOPIC_ID_ERROR })
    expect(harness.collectOffsets()).toEqual({})
    expect(harness.metadata.updateRequested()).toBe(true)
  })

  test('TOPIC_AUTHORIZATION_FAILED is raised, with the topic', async () => {
    covers('FetcherTest.testUnauthorizedTopic')
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { error: Errors.TOPIC_AUTHORIZATION_FAILED }]])
    try {
      harness.fetcher.collectFetch()
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(TopicAuthorizationException)
      expect([...(error as TopicAuthorizationException).unauthorizedTopics]).toEqual([topicName])
    }
  })

  test('CORRUPT_MESSAGE is raised: the broker cannot read its own log', async () => {
    covers('FetcherTest.testCorruptMessageError')
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { error: Errors.CORRUPT_MESSAGE }]])
    expect(() => harness.fetcher.collectFetch()).toThrow(/corrupt message.*offset 0/)
  })
})

describe('an offset out of range', () => {
  test('is reset by the policy', async () => {
    covers('FetcherTest.testFetchOffsetOutOfRange')
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { error: Errors.OFFSET_OUT_OF_RANGE }]])
    expect(harness.collectOffsets()).toEqual({})
    expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(true)
    expect(harness.subscriptions.validPosition(tp0)).toBe(null)
    expect(harness.subscriptions.position(tp0)).toBe(null)
  })

  test('is no news when the caller has seeked meanwhile', async () => {
    covers('FetcherTest.testStaleOutOfRangeError')
    harness.assignAndSeek(0, tp0)
    harness.sendFetches()
    await harness.poll()
    harness.seek(tp0, 1)
    await harness.answer([[tp0, { error: Errors.OFFSET_OUT_OF_RANGE }]])
    expect(harness.collectOffsets()).toEqual({})
    expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(false)
    expect(harness.position(tp0)).toBe(1)
  })

  test('is raised without a policy, again and again, until the caller seeks', async () => {
    covers('FetcherTest.testFetchOffsetOutOfRangeException')
    harness = new ConsumerHarness({ reset: AutoOffsetResetStrategy.NONE })
    harness.assignAndSeek(0, tp0)
    for (let i = 0; i < 2; i++) {
      await harness.fetchAndAnswer([[tp0, { error: Errors.OFFSET_OUT_OF_RANGE }]])
      expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(false)
      try {
        harness.fetcher.collectFetch()
        expect.unreachable()
      } catch (error) {
        expect(error).toBeInstanceOf(OffsetOutOfRangeException)
        expect((error as OffsetOutOfRangeException).offsetOutOfRangePartitions.get(tp0)).toBe(0)
      }
    }
  })

  test('of one partition leaves the records of the others, and comes after them', async () => {
    covers('FetcherTest.testFetchPositionAfterException')
    harness = new ConsumerHarness({ reset: AutoOffsetResetStrategy.NONE })
    harness.assignAndSeek(1, tp0, tp1)
    await harness.fetchAndAnswer([
      [tp1, { records: batch({ baseOffset: 1 }) }],
      [tp0, { error: Errors.OFFSET_OUT_OF_RANGE }],
    ])
    expect(harness.collectOffsets()).toEqual({ 'test-1': [1, 2, 3] })
    expect([harness.position(tp0), harness.position(tp1)]).toEqual([1, 4])
    expect(() => harness.fetcher.collectFetch()).toThrow(OffsetOutOfRangeException)
    expect([harness.position(tp0), harness.position(tp1)]).toEqual([1, 4])
  })

  test('that the caller has left by seeking is not raised any more', async () => {
    covers('FetcherTest.testSeekBeforeException')
    harness = new ConsumerHarness({
      reset: AutoOffsetResetStrategy.NONE,
      fetchConfig: { maxPollRecords: 2 },
      nodes: nodes(2),
    })
    harness.assignAndSeek(1, tp0, tp1)
    harness.sendFetches()
    await harness.poll()
    const [node0, node1] = harness.nodes as [Node, Node]
    await harness.answer([[tp0, { records: batch({ baseOffset: 1 }) }]], { node: node0 })
    expect(harness.collectOffsets()).toEqual({ 'test-0': [1, 2] })
    await harness.answer([[tp1, { error: Errors.OFFSET_OUT_OF_RANGE }]], { node: node1 })
    expect(harness.collectOffsets()).toEqual({ 'test-0': [3] })
    harness.seek(tp1, 10)
    expect(harness.collectOffsets()).toEqual({})
  })

  test('is left behind: the reset finds an offset, and reading goes on', async () => {
    // platformatic/kafka 286 and 303: OFFSET_OUT_OF_RANGE was never recovered from.
    harness.assignAndSeek(1000, tp0)
    await harness.fetchAndAnswer([[tp0, { error: Errors.OFFSET_OUT_OF_RANGE }]])
    harness.collect()
    harness.offsetFetcher.resetPositionsIfNeeded()
    harness.client.prepareResponse(ApiKeys.LIST_OFFSETS, {
      topics: [{ name: topicName, partitions: [{ partitionIndex: 0, offset: 40, timestamp: -1 }] }],
    })
    await harness.poll()
    expect(harness.position(tp0)).toBe(40)
    await harness.fetchAndAnswer([[tp0, { records: batch({ baseOffset: 40 }) }]])
    expect(harness.collectOffsets()).toEqual({ 'test-0': [40, 41, 42] })
  })
})

describe('paused partitions', () => {
  test('are not fetched', () => {
    covers('FetcherTest.testFetchOnPausedPartition')
    harness.assignAndSeek(0, tp0)
    harness.subscriptions.pause(tp0)
    expect(harness.sendFetches()).toBe(0)
    expect(harness.client.requests()).toEqual([])
  })

  test('keep what arrives for them', async () => {
    covers('FetcherTest.testInFlightFetchOnPausedPartition')
    harness.assignAndSeek(0, tp0)
    harness.sendFetches()
    harness.subscriptions.pause(tp0)
    await harness.poll()
    await harness.answer([[tp0, { records: batch() }]])
    expect(harness.collectOffsets()).toEqual({})
    expect(harness.fetcher.hasCompletedFetches()).toBe(true)
    expect(harness.fetcher.hasAvailableFetches()).toBe(false)
    harness.subscriptions.resume(tp0)
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1, 2] })
  })

  test('give what was kept when they are resumed', async () => {
    covers('FetcherTest.testFetchOnCompletedFetchesForPausedAndResumedPartitions')
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { records: batch() }]])
    harness.subscriptions.pause(tp0)
    expect(harness.collectOffsets()).toEqual({})
    expect(harness.fetcher.hasCompletedFetches()).toBe(true)
    expect(harness.sendFetches()).toBe(0)
    harness.subscriptions.resume(tp0)
    expect(harness.fetcher.hasAvailableFetches()).toBe(true)
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1, 2] })
    expect(harness.fetcher.hasCompletedFetches()).toBe(false)
  })

  test('do not hold up the others', async () => {
    covers('FetcherTest.testFetchOnCompletedFetchesForSomePausedPartitions')
    harness.assignAndSeek(0, tp0, tp1)
    await harness.fetchAndAnswer([
      [tp0, { records: batch() }],
      [tp1, { records: batch({ count: 2 }) }],
    ])
    harness.subscriptions.pause(tp0)
    expect(harness.collectOffsets()).toEqual({ 'test-1': [0, 1] })
    expect(harness.fetcher.hasCompletedFetches()).toBe(true)
    expect(harness.collectOffsets()).toEqual({})
    // What is kept of test-0 does not keep test-1 from being fetched.
    expect(harness.sendFetches()).toBe(1)
  })

  test('may be all there are', async () => {
    covers('FetcherTest.testFetchOnCompletedFetchesForAllPausedPartitions')
    harness.assignAndSeek(0, tp0, tp1)
    await harness.fetchAndAnswer([
      [tp0, { records: batch() }],
      [tp1, { records: batch() }],
    ])
    harness.subscriptions.pause(tp0)
    harness.subscriptions.pause(tp1)
    expect(harness.collectOffsets()).toEqual({})
    expect(harness.fetcher.hasCompletedFetches()).toBe(true)
    expect(harness.fetcher.hasAvailableFetches()).toBe(false)
  })

  test('may be paused in the middle of what was fetched', async () => {
    covers('FetcherTest.testPartialFetchWithPausedPartitions')
    harness = new ConsumerHarness({ fetchConfig: { maxPollRecords: 2 } })
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { records: batch() }]])
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1] })
    harness.subscriptions.pause(tp0)
    expect(harness.collectOffsets()).toEqual({})
    harness.subscriptions.resume(tp0)
    expect(harness.collectOffsets()).toEqual({ 'test-0': [2] })
    expect(harness.collectOffsets()).toEqual({})
  })

  test('lose what was kept when the caller seeks elsewhere before resuming', async () => {
    covers('FetcherTest.testFetchDiscardedAfterPausedPartitionResumedAndSoughtToNewOffset')
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { records: batch() }]])
    harness.subscriptions.pause(tp0)
    harness.seek(tp0, 3)
    harness.subscriptions.resume(tp0)
    expect(harness.collectOffsets()).toEqual({})
    expect(harness.fetcher.hasCompletedFetches()).toBe(false)
  })
})

describe('a replica that the leader recommends', () => {
  const noNode = Node.NO_NODE
  const selected = (): number => harness.fetcher.selectReadReplica(tp0, noNode, now()).id

  /** Reads once from the leader, who recommends node 1. */
  const recommended = async (): Promise<void> => {
    harness = new ConsumerHarness({ nodes: nodes(2) })
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { records: batch(), preferredReadReplica: 1 }]])
    harness.collect()
    expect(selected()).toBe(1)
  }

  test('is read, unless it is unknown', async () => {
    covers('FetcherTest.testPreferredReadReplica')
    harness = new ConsumerHarness({ nodes: nodes(2), metadataExpireMs: 300_000 })
    harness.assignAndSeek(0, tp0)
    expect(selected()).toBe(-1)
    await recommended()
    harness.sendFetches()
    await harness.poll()
    expect(harness.client.requests()[0]!.destination).toBe('1')
    await harness.answer([[tp0, { records: batch({ baseOffset: 3 }), preferredReadReplica: 2 }]])
    harness.collect()
    expect(selected()).toBe(-1)
    expect(harness.metadata.updateRequested()).toBe(true)
  })

  test('is left when its connection is lost', async () => {
    covers('FetcherTest.testFetchDisconnectedShouldClearPreferredReadReplica')
    await recommended()
    harness.sendFetches()
    harness.client.prepareResponse(ApiKeys.FETCH, fetchResponse([]), { disconnected: true })
    await harness.poll()
    expect(harness.collectOffsets()).toEqual({})
    expect(selected()).toBe(-1)
  })

  test('of a partition that was dropped meanwhile is nothing to lose', async () => {
    covers('FetcherTest.testFetchDisconnectedShouldNotClearPreferredReadReplicaIfUnassigned')
    await recommended()
    harness.sendFetches()
    await harness.poll()
    harness.assign(tp1)
    harness.client.respond(ApiKeys.FETCH, fetchResponse([]), { disconnected: true })
    await harness.poll()
    expect(harness.collectOffsets()).toEqual({})
    expect(harness.subscriptions.preferredReadReplica(tp0, now())).toBe(null)
  })

  test('is left when it says that it is not the one to ask', async () => {
    covers('FetcherTest.testFetchErrorShouldClearPreferredReadReplica')
    await recommended()
    await harness.fetchAndAnswer([[tp0, { error: Errors.NOT_LEADER_OR_FOLLOWER }]])
    harness.collect()
    expect(selected()).toBe(-1)
  })

  test('is left when it does not have the offset, and nothing is reset', async () => {
    covers('FetcherTest.testPreferredReadReplicaOffsetError')
    await recommended()
    await harness.fetchAndAnswer([[tp0, { error: Errors.OFFSET_OUT_OF_RANGE }]])
    harness.collect()
    expect(selected()).toBe(-1)
    expect(harness.subscriptions.isOffsetResetNeeded(tp0)).toBe(false)
  })
})

describe('when the leader has changed', () => {
  const leaderError = [Errors.NOT_LEADER_OR_FOLLOWER, Errors.FENCED_LEADER_EPOCH]

  const reading = (): void => {
    harness = new ConsumerHarness({ nodes: nodes(2) })
    harness.assign(tp0, tp1)
    harness.updateMetadata({ leaderEpoch: () => 100 })
    for (const partition of [tp0, tp1]) harness.seek(partition, 0)
  }

  test.each(leaderError)('%s without the new leader asks for metadata', async (error) => {
    covers(
      'FetcherTest.testWhenFetchResponseReturnsALeaderShipChangeErrorButNoNewLeaderInformation',
    )
    reading()
    const before = harness.metadata.currentLeader(tp0)
    harness.sendFetches()
    await harness.poll()
    await harness.answer([[tp0, { error }]], { node: harness.nodes[0]! })
    await harness.answer([[tp1, { records: batch() }]], { node: harness.nodes[1]! })
    expect(harness.collectOffsets()).toEqual({ 'test-1': [0, 1, 2] })
    expect(harness.metadata.updateRequested()).toBe(true)
    expect(harness.metadata.currentLeader(tp0).equals(before)).toBe(true)
    expect(harness.subscriptions.isFetchable(tp0)).toBe(true)
  })

  test.each(leaderError)('%s with the new leader goes there at once', async (error) => {
    covers('FetcherTest.testWhenFetchResponseReturnsALeaderShipChangeErrorAndNewLeaderInformation')
    reading()
    harness.sendFetches()
    await harness.poll()
    const newLeader = new Node(999, 'newnode', 999, 'newrack')
    await harness.answer([[tp0, { error, currentLeader: { leaderId: 999, leaderEpoch: 200 } }]], {
      node: harness.nodes[0]!,
      nodeEndpoints: [{ nodeId: 999, host: 'newnode', port: 999, rack: 'newrack' }],
    })
    expect(harness.collectOffsets()).toEqual({})
    const { leader, epoch } = harness.subscriptions.position(tp0)!.currentLeader
    expect(leader?.equals(newLeader)).toBe(true)
    expect(epoch).toBe(200)
    expect(harness.metadata.updateRequested()).toBe(true)
    expect(harness.subscriptions.isFetchable(tp0)).toBe(true)
    harness.sendFetches()
    await harness.poll()
    expect(harness.client.requests().map((request) => request.destination)).toContain('999')
  })

  test('a position with an epoch is confirmed before it is read from', async () => {
    covers('FetcherTest.testTruncationDetected')
    harness.assign(tp0)
    harness.updateMetadata({ leaderEpoch: () => 1 })
    harness.seek(tp0, 0, 1)
    harness.subscriptions.completeValidation(tp0)
    harness.updateMetadata({ leaderEpoch: () => 2 })
    harness.apiVersions.update('0', NodeApiVersions.create())
    harness.offsetFetcher.validatePositionsIfNeeded()
    expect(harness.sendFetches()).toBe(0)
    expect(harness.subscriptions.awaitingValidation(tp0)).toBe(true)

    harness.client.prepareResponse(ApiKeys.OFFSET_FOR_LEADER_EPOCH, {
      topics: [{ topic: topicName, partitions: [{ partition: 0, leaderEpoch: 1, endOffset: 10 }] }],
    })
    await harness.poll()
    expect(harness.subscriptions.awaitingValidation(tp0)).toBe(false)
    await harness.fetchAndAnswer([[tp0, { records: batch({ leaderEpoch: 1 }) }]], {
      topicIds: { [topicName]: topicId },
    })
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1, 2] })
    expect(harness.subscriptions.position(tp0)).toMatchObject({ offset: 3, offsetEpoch: 1 })
  })

  test('a fenced epoch is asked about and read on, and does not stop the consumer', async () => {
    // platformatic/kafka 250.
    reading()
    harness.sendFetches()
    await harness.poll()
    await harness.answer([[tp0, { error: Errors.FENCED_LEADER_EPOCH }]], {
      node: harness.nodes[0]!,
    })
    harness.collect()
    harness.updateMetadata({ leaderEpoch: () => 101 })
    await harness.fetchAndAnswer([[tp0, { records: batch() }]], { node: harness.nodes[0]! })
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1, 2] })
  })
})

test('behind a caller that does not collect, nothing piles up', async () => {
  // kafkajs 526 and 1278, platformatic/kafka 236 and 260: memory grew without bound behind a slow
  // consumer.
  harness = new ConsumerHarness({ nodes: nodes(2) })
  harness.assignAndSeek(0, tp0, tp1)
  let sent = 0
  for (let round = 0; round < 20; round++) {
    sent += harness.sendFetches()
    await harness.poll()
    for (const request of [...harness.client.requests()]) {
      const partition = request.destination === '0' ? tp0 : tp1
      await harness.answer([[partition, { records: batch() }]], {
        node: harness.nodes[partition.partition]!,
      })
    }
  }
  expect(sent).toBe(2)
})
