/** Fetches that are under way while a rebalance changes what is assigned. */

import { beforeEach, describe, expect, test } from 'vitest'
import type { Node } from '../../../src/common/Node.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionSet } from '../../../src/common/TopicPartitionSet.ts'
import type { FetchRequestData } from '../../../src/protocol/messages/Fetch.ts'
import { covers } from '../../support/covers.ts'
import {
  batch,
  ConsumerHarness,
  type FetchedOptions,
  topicName,
  tp0,
} from '../support/ConsumerHarness.ts'

let harness: ConsumerHarness
beforeEach(() => {
  harness = new ConsumerHarness()
})

/** A member of a group that has been given test-0, and has a fetch of it under way. */
const fetchingInGroup = async () => {
  harness.subscriptions.subscribe(new Set([topicName]), null)
  harness.subscriptions.assignFromSubscribed([tp0])
  harness.subscriptions.seek(tp0, 0)
  harness.updateMetadata({ leaderEpoch: () => 1 })
  expect(harness.sendFetches()).toBe(1)
  await harness.poll()
}

describe('what arrives for a partition', () => {
  test('that is about to be revoked is not handed out: the next owner will read it', async () => {
    covers('FetcherTest.testInflightFetchOnPendingPartitions')
    harness.assignAndSeek(0, tp0)
    expect(harness.sendFetches()).toBe(1)
    harness.subscriptions.markPendingRevocation([tp0])
    await harness.poll()
    await harness.answer([[tp0, { records: batch() }]])
    expect(harness.collect()).toEqual({})
    expect(harness.position(tp0)).toBe(0)
  })

  test('is not asked for while the revocation is pending', async () => {
    covers('FetcherTest.testFetchingPendingPartitions')
    harness.assignAndSeek(0, tp0)
    await harness.fetchAndAnswer([[tp0, { records: batch({ count: 4 }) }]])
    expect(harness.fetcher.hasCompletedFetches()).toBe(true)
    harness.collect()
    expect(harness.position(tp0)).toBe(4)
    harness.subscriptions.markPendingRevocation([tp0])
    expect(harness.sendFetches()).toBe(0)
    await harness.poll()
    expect(harness.fetcher.hasCompletedFetches()).toBe(false)
    harness.collect()
    expect(harness.position(tp0)).toBe(4)
  })

  test('that went and came again in an eager rebalance is dropped: its position has gone', async () => {
    covers('FetcherTest.testFetchDuringEagerRebalance')
    await fetchingInGroup()
    harness.subscriptions.assignFromSubscribed([])
    harness.subscriptions.assignFromSubscribed([tp0])
    await harness.answer([[tp0, { records: batch() }]])
    expect(harness.collect()).toEqual({})
  })

  test('that stayed in a cooperative rebalance is handed out', async () => {
    covers('FetcherTest.testFetchDuringCooperativeRebalance')
    await fetchingInGroup()
    harness.subscriptions.assignFromSubscribed([tp0])
    await harness.answer([[tp0, { records: batch() }]])
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1, 2] })
  })
})

test('a pending revocation ends with the assignment', () => {
  covers('OffsetFetcherTest.testFetchingPendingPartitionsBeforeAndAfterSubscriptionReset')
  const { subscriptions, offsetFetcher } = harness
  harness.assignAndSeek(100, tp0)
  expect(subscriptions.isFetchable(tp0)).toBe(true)
  subscriptions.markPendingRevocation([tp0])
  offsetFetcher.resetPositionsIfNeeded()
  expect(subscriptions.isOffsetResetNeeded(tp0)).toBe(false)
  expect(subscriptions.isFetchable(tp0)).toBe(false)
  expect(subscriptions.hasValidPosition(tp0)).toBe(true)
  expect(harness.position(tp0)).toBe(100)
  subscriptions.seek(tp0, 100)
  expect(subscriptions.isFetchable(tp0)).toBe(false)
  subscriptions.unsubscribe()
  harness.assignAndSeek(100, tp0)
  expect(harness.position(tp0)).toBe(100)
  expect(subscriptions.isFetchable(tp0)).toBe(true)
})

test('a fetch whose node was lost before anybody listened leaves its node free again', async () => {
  covers('FetcherTest.testFetchCompletedBeforeHandlerAdded')
  harness.assignAndSeek(0, tp0)
  await harness.fetchAndAnswer([[tp0, { records: batch({ count: 1 }) }]])
  harness.collect()
  const node = harness.subscriptions.position(tp0)?.currentLeader.leader as Node
  const replica = harness.fetcher.selectReadReplica(tp0, node, harness.time.milliseconds())
  // The node is to be left before its fetch is even queued.
  harness.consumerClient.disconnectAsync(replica)
  expect(harness.sendFetches()).toBe(1)
  await harness.poll()
  expect(harness.sendFetches()).toBe(1)
})

test('two loops that drive one client hand out each record once, in order', async () => {
  covers('FetcherTest.testFetcherConcurrency')
  const partitions = Array.from({ length: 20 }, (_, i) => new TopicPartition(topicName, i))
  harness = new ConsumerHarness({ fetchConfig: { maxPollRecords: 40, fetchSize: 10_000 } })
  harness.subscriptions.assignFromUser(new TopicPartitionSet(partitions))
  harness.updateMetadata({ topics: { [topicName]: 20 } })
  for (const partition of partitions) harness.subscriptions.seek(partition, 0)

  let rounds = 25
  /** As the heartbeat's loop: polls the client while the other one collects. */
  const other = async () => {
    while (rounds > 0) {
      const [request] = harness.client.requests()
      if (request === undefined) {
        await harness.poll()
        continue
      }
      const { topics } = request.requestBuilder.build(17) as FetchRequestData
      const answers = topics
        .flatMap((topic) => topic.partitions)
        .map(({ partition, fetchOffset }): readonly [TopicPartition, FetchedOptions] => [
          partitions[partition]!,
          {
            records: batch({ baseOffset: fetchOffset, count: 2 }),
            highWatermark: fetchOffset + 2,
          },
        ])
      await harness.answer(answers, { sessionId: 123 })
    }
  }
  const next = new Map(partitions.map((partition) => [partition.key, 0]))
  const loop = other()
  while (rounds > 0) {
    if (harness.sendFetches() === 1) await harness.poll()
    const collected = Object.entries(harness.collectOffsets())
    if (collected.length === 0) {
      await Promise.resolve()
      continue
    }
    rounds--
    for (const [key, offsets] of collected) {
      const from = next.get(key)!
      expect(offsets).toEqual([from, from + 1])
      next.set(key, from + 2)
    }
  }
  await loop
  expect([...next.values()].every((offset) => offset >= 2)).toBe(true)
})
