/** A fetch as it goes over the wire, in every version: by name, and from 13 on by id. */

import { describe, expect, test } from 'vitest'
import { FetchMetadata } from '../../../src/clients/FetchMetadata.ts'
import {
  type FetchPartitionData,
  type FetchRequestData,
  samePartitionData,
  type TopicIdPartition,
} from '../../../src/clients/FetchRequestData.ts'
import { throughCodec } from '../../../src/clients/throughCodec.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionMap } from '../../../src/common/TopicPartitionMap.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { fetchRequestBuilder } from '../../../src/consumer/internals/FetchRequestBuilder.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { covers } from '../../support/covers.ts'
import { fetchConfig } from '../support/ConsumerHarness.ts'

const { FETCH } = ApiKeys
const versions = Array.from(
  { length: FETCH.latestVersion() - FETCH.oldestVersion() + 1 },
  (_, i) => FETCH.oldestVersion() + i,
)
const withIds = versions.filter((version) => version >= 13)
const withNames = versions.filter((version) => version < 13)

const idOfA = Uuid.fromString('AAAAAAAAAAAAAAAAAAAACg')
const idOfB = Uuid.fromString('AAAAAAAAAAAAAAAAAAAACw')
const a0 = new TopicPartition('a', 0)
const a1 = new TopicPartition('a', 1)
const b0 = new TopicPartition('b', 0)

const partitionData = (more: Partial<FetchPartitionData> = {}): FetchPartitionData => ({
  topicId: idOfA,
  fetchOffset: 118,
  maxBytes: 120,
  currentLeaderEpoch: 121,
  ...more,
})

const requestData = (
  toSend: readonly (readonly [TopicPartition, FetchPartitionData])[],
  more: Partial<FetchRequestData> = {},
): FetchRequestData => ({
  toSend: new TopicPartitionMap(toSend),
  toForget: [],
  toReplace: [],
  sessionPartitions: new TopicPartitionMap(toSend),
  metadata: FetchMetadata.newIncremental(123),
  canUseTopicIds: true,
  ...more,
})

/** What the broker reads. */
const overTheWire = (data: FetchRequestData, version: number) =>
  throughCodec(FETCH.request, fetchRequestBuilder(fetchConfig, data).build(version), version)

const forgotten = (topicPartition: TopicPartition, topicId: Uuid): TopicIdPartition => ({
  topicId,
  topicPartition,
})

describe('a partition', () => {
  test.each(withNames)('is asked for by the name of its topic in version %i', (version) => {
    covers('FetchRequestTest.testFetchData')
    const { topics } = overTheWire(requestData([[a0, partitionData()]]), version)
    expect(topics).toHaveLength(1)
    expect(topics[0]).toMatchObject({ topic: 'a', topicId: Uuid.ZERO_UUID })
    expect(topics[0]!.partitions[0]).toMatchObject({
      partition: 0,
      fetchOffset: 118,
      partitionMaxBytes: 120,
      // The epoch of the leader came with version 9.
      currentLeaderEpoch: version >= 9 ? 121 : -1,
    })
  })

  test.each(withIds)('is asked for by the id of its topic in version %i', (version) => {
    covers('FetchRequestTest.testFetchData')
    const { topics } = overTheWire(requestData([[a0, partitionData()]]), version)
    expect(topics[0]).toMatchObject({ topic: '', topicId: idOfA })
    expect(topics[0]!.partitions[0]).toMatchObject({
      partition: 0,
      fetchOffset: 118,
      partitionMaxBytes: 120,
      currentLeaderEpoch: 121,
      // A consumer is no replica, and has no log of its own.
      logStartOffset: -1,
      lastFetchedEpoch: -1,
    })
  })

  test('shares the entry of its topic with those beside it only: the order is that of service', () => {
    const data = requestData([
      [a0, partitionData()],
      [b0, partitionData({ topicId: idOfB })],
      [a1, partitionData({ fetchOffset: 7 })],
    ])
    const { topics } = overTheWire(data, 12)
    expect(topics.map(({ topic, partitions }) => [topic, partitions.length])).toEqual([
      ['a', 1],
      ['b', 1],
      ['a', 1],
    ])
  })

  test('without an id for its topic keeps the whole request to names', () => {
    const builder = fetchRequestBuilder(fetchConfig, requestData([], { canUseTopicIds: false }))
    expect(builder.latestAllowedVersion).toBe(12)
  })

  test('is the same as before when nothing of it has changed', () => {
    covers('FetchRequestTest.testPartitionDataEquals')
    expect(samePartitionData(partitionData(), partitionData())).toBe(true)
    for (const other of [
      { topicId: idOfB },
      { fetchOffset: 119 },
      { maxBytes: 121 },
      { currentLeaderEpoch: null },
    ]) {
      expect(samePartitionData(partitionData(), partitionData(other))).toBe(false)
    }
  })
})

describe('what is forgotten', () => {
  const toForget = [forgotten(a0, idOfA), forgotten(a1, idOfA), forgotten(b0, idOfB)]

  test.each(versions.filter((version) => version >= 7))(
    'is named once, with all its partitions, in version %i',
    (version) => {
      covers('FetchRequestTest.testForgottenTopics')
      const { forgottenTopicsData } = overTheWire(requestData([], { toForget }), version)
      const byId = version >= 13
      expect(
        forgottenTopicsData.map(({ topic, topicId, partitions }) => [topic, topicId, partitions]),
      ).toEqual([
        [byId ? '' : 'a', byId ? idOfA : Uuid.ZERO_UUID, [0, 1]],
        [byId ? '' : 'b', byId ? idOfB : Uuid.ZERO_UUID, [0]],
      ])
    },
  )

  test.each(versions)(
    'in version %i: a topic made anew has its old id forgotten, if it has ids',
    (version) => {
      covers('FetchRequestTest.testToReplaceWithDifferentVersions')
      const data = requestData([[a0, partitionData({ topicId: idOfB })]], {
        toReplace: [forgotten(a0, idOfA)],
      })
      const request = fetchRequestBuilder(fetchConfig, data).build(version)
      const { forgottenTopicsData = [], topics = [] } = request
      // By name, forgetting the old topic would forget the new one as well.
      expect(forgottenTopicsData.map(({ topic, topicId }) => [topic, topicId])).toEqual(
        version >= 13 ? [['a', idOfA]] : [],
      )
      expect(topics.map(({ topic, topicId }) => [topic, topicId])).toEqual([['a', idOfB]])
    },
  )
})
