/** The first offset of a partition, its end, or that of a time, asked of its leader. */

import { describe, expect, test } from 'vitest'
import type { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { OffsetSpec } from '../../src/admin/OffsetSpec.ts'
import type { MockClient } from '../../src/clients/MockClient.ts'
import { NodeApiVersions } from '../../src/clients/NodeApiVersions.ts'
import {
  InvalidTopicException,
  TopicAuthorizationException,
  UnknownServerException,
  UnknownTopicOrPartitionException,
  UnsupportedVersionException,
} from '../../src/common/errors/ApiExceptions.ts'
import {
  ApiException,
  IllegalArgumentException,
  TimeoutException,
} from '../../src/common/errors.ts'
import type { Node } from '../../src/common/Node.ts'
import type { TopicPartition } from '../../src/common/TopicPartition.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import type { ListOffsetsRequestData } from '../../src/protocol/messages/ListOffsets.ts'
import type { MetadataRequestInput } from '../../src/protocol/messages/Metadata.ts'
import { covers } from '../support/covers.ts'
import { metadataOf, mockCluster, until, withAdmin } from './adminEnv.ts'
import { BAR_0, FOO_0, FOO_1, failureOf } from './groupEnv.ts'

const { LIST_OFFSETS, METADATA } = ApiKeys
const cluster = mockCluster(3)

interface Led {
  readonly partition: TopicPartition
  readonly leader: number
  readonly error?: Errors
}

/** Who leads what. */
const leaders = (led: readonly Led[], topicError: Errors = Errors.NONE) => {
  const names = new Set(led.map(({ partition }) => partition.topic))
  return metadataOf(
    cluster,
    Array.from(names, (name) => ({
      name,
      errorCode: topicError.code,
      partitions: led
        .filter(({ partition }) => partition.topic === name)
        .map(({ partition, leader, error = Errors.NONE }) => ({
          partitionIndex: partition.partition,
          errorCode: error.code,
          leaderId: leader,
          leaderEpoch: 1,
          replicaNodes: [0, 1, 2],
          isrNodes: [0, 1, 2],
        })),
    })),
  )
}

const prepareLeaders = (client: MockClient, led: readonly Led[], topicError?: Errors): void =>
  client.prepareResponse(METADATA, leaders(led, topicError))

interface Found {
  readonly partition: TopicPartition
  readonly offset?: number
  readonly error?: Errors
}

const found = ({ partition, offset = -1, error = Errors.NONE }: Found) => ({
  name: partition.topic,
  partitions: [
    { partitionIndex: partition.partition, errorCode: error.code, offset, leaderEpoch: 7 },
  ],
})

const prepareOffsets = (
  client: MockClient,
  offsets: readonly Found[],
  { node, sent = [] }: { node?: Node; sent?: ListOffsetsRequestData[] } = {},
): void =>
  client.prepareResponse(
    LIST_OFFSETS,
    { topics: offsets.map(found) },
    { matcher: (request) => sent.push(request) > 0, ...(node && { node }) },
  )

const latest = (admin: KafkaAdminClient, ...partitions: TopicPartition[]) =>
  admin.listOffsets(partitions.map((partition) => [partition, OffsetSpec.latest()]))

const FOO_AT_0: Led = { partition: FOO_0, leader: 0 }
const FOO_1_AT_1: Led = { partition: FOO_1, leader: 1 }

describe('listOffsets', () => {
  test('asks each leader for what is led by it', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testListOffsets')
      prepareLeaders(client, [FOO_AT_0, FOO_1_AT_1, { partition: BAR_0, leader: 0 }])
      const sent: ListOffsetsRequestData[] = []
      const first = [{ partition: FOO_0, offset: 123 }, { partition: BAR_0 }]
      prepareOffsets(client, first, { node: cluster.nodes[0]!, sent })
      prepareOffsets(client, [{ partition: FOO_1, offset: 234 }], { node: cluster.nodes[1]!, sent })
      const result = admin.listOffsets([
        [FOO_0, OffsetSpec.latest()],
        [FOO_1, OffsetSpec.earliest()],
        [BAR_0, OffsetSpec.forTimestamp(1000)],
      ])
      const all = await result.all()
      expect(all.get(FOO_0)).toEqual({ offset: 123, timestamp: -1, leaderEpoch: 7 })
      expect(all.get(FOO_1)!.offset).toBe(234)
      expect(all.get(BAR_0)!.offset).toBe(-1)
      expect(await result.partitionResult(FOO_1)).toMatchObject({ offset: 234 })
      const partition = (timestamp: number) => ({ partitions: [{ timestamp }] })
      expect(sent.map(({ topics }) => topics)).toMatchObject([
        [partition(-1), partition(1000)],
        [partition(-2)],
      ])
      const other = { ...FOO_0, key: 'other' } as TopicPartition
      expect(() => result.partitionResult(other)).toThrow(IllegalArgumentException)
    }))

  test('knows the leaders of the last time', () =>
    withAdmin({}, async ({ admin, client }) => {
      prepareLeaders(client, [FOO_AT_0])
      prepareOffsets(client, [{ partition: FOO_0, offset: 1 }])
      await latest(admin, FOO_0).all()
      prepareOffsets(client, [{ partition: FOO_0, offset: 2 }])
      expect((await latest(admin, FOO_0).all()).get(FOO_0)!.offset).toBe(2)
    }))

  test('looks the leader up again when the one of the last time has left the cluster', () =>
    withAdmin(
      { config: { 'default.api.timeout.ms': 5000 } },
      async ({ admin, client, metadataManager, time }) => {
        covers('KafkaAdminClientTest.testListOffsetsRetriesLookupWhenCachedLeaderLeavesCluster')
        prepareLeaders(client, [{ partition: FOO_0, leader: 2 }])
        prepareOffsets(client, [{ partition: FOO_0, offset: 100 }], { node: cluster.nodes[2]! })
        await latest(admin, FOO_0).all()
        metadataManager.update(mockCluster(2), time.milliseconds())
        const startMs = time.milliseconds()
        const result = latest(admin, FOO_0)
        let done = false
        void result.all().then(() => {
          done = true
        })
        await until(time, () => {
          for (const request of [...client.requests()]) {
            if (request.apiKey !== METADATA) {
              const answer = { topics: [found({ partition: FOO_0, offset: 200 })] }
              expect(request.destination).toBe('0')
              client.respondToRequest(request, LIST_OFFSETS, answer)
            } else {
              // The question for the nodes, which the missing one has led to, names no topic.
              const { topics } = request.requestBuilder.build(12) as MetadataRequestInput
              const shrunk = metadataOf(mockCluster(2))
              const answer = topics?.length
                ? { ...leaders([FOO_AT_0]), brokers: shrunk.brokers }
                : shrunk
              client.respondToRequest(request, METADATA, answer as typeof shrunk)
            }
          }
          return done
        })
        expect((await result.all()).get(FOO_0)!.offset).toBe(200)
        expect(time.milliseconds() - startMs).toBeLessThan(5000)
      },
    ))

  test('asks again for what may pass, at another leader or at the same one', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testListOffsetsRetriableErrors')
      const [zero, one] = cluster.nodes
      prepareLeaders(client, [FOO_AT_0, FOO_1_AT_1, { partition: BAR_0, leader: 0 }])
      const moved = { partition: FOO_0, error: Errors.LEADER_NOT_AVAILABLE }
      prepareOffsets(client, [moved, { partition: BAR_0, offset: 3 }], { node: zero! })
      const later = { partition: FOO_1, error: Errors.OFFSET_NOT_AVAILABLE }
      prepareOffsets(client, [later], { node: one! })
      prepareLeaders(client, [{ partition: FOO_0, leader: 2 }])
      prepareOffsets(client, [{ partition: FOO_1, offset: 2 }], { node: one! })
      prepareOffsets(client, [{ partition: FOO_0, offset: 1 }], { node: cluster.nodes[2]! })
      const all = await latest(admin, FOO_0, FOO_1, BAR_0).all()
      expect([...all].map(([p, { offset }]) => `${p}@${offset}`)).toEqual([
        'foo-0@1',
        'foo-1@2',
        'bar-0@3',
      ])
    }))

  test('fails a partition that it may not see', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testListOffsetsNonRetriableErrors')
      prepareLeaders(client, [FOO_AT_0])
      prepareOffsets(client, [{ partition: FOO_0, error: Errors.TOPIC_AUTHORIZATION_FAILED }])
      await expect(latest(admin, FOO_0).all()).rejects.toThrow(TopicAuthorizationException)
    }))

  test('goes on with the others when only one partition is not answered', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testListOffsetsPartialResponse')
      prepareLeaders(client, [FOO_AT_0, { partition: FOO_1, leader: 0 }])
      prepareOffsets(client, [{ partition: FOO_0, offset: 123 }])
      const result = latest(admin, FOO_0, FOO_1)
      expect((await result.partitionResult(FOO_0)).offset).toBe(123)
      await expect(result.partitionResult(FOO_1)).rejects.toThrow(ApiException)
      await expect(result.all()).rejects.toThrow(
        'did not contain a result for topic partition foo-1',
      )
    }))

  test('gives up a partition that goes on timing out, and keeps the other', () =>
    withAdmin({ config: { retries: 2 } }, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testListOffsetsHandlesFulfillmentTimeouts')
      const ok = { partition: FOO_1, offset: 345 }
      const timedOut = [{ partition: FOO_0, error: Errors.REQUEST_TIMED_OUT }, ok]
      prepareLeaders(client, [FOO_AT_0, { partition: FOO_1, leader: 0 }])
      for (let i = 0; i < 3; i++) prepareOffsets(client, timedOut)
      const failing = latest(admin, FOO_0, FOO_1)
      await expect(failing.partitionResult(FOO_0)).rejects.toThrow(TimeoutException)
      expect((await failing.partitionResult(FOO_1)).offset).toBe(345)
      // Its leader is forgotten, and looked up.
      prepareLeaders(client, [FOO_AT_0])
      prepareOffsets(client, [ok])
      for (let i = 0; i < 2; i++) prepareOffsets(client, timedOut)
      prepareOffsets(client, [{ partition: FOO_0, offset: 789 }, ok])
      const passing = latest(admin, FOO_0, FOO_1)
      expect((await passing.partitionResult(FOO_0)).offset).toBe(789)
      expect((await passing.partitionResult(FOO_1)).offset).toBe(345)
    }))
})

describe('the leaders', () => {
  test('are asked for until all are known', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testListOffsetsMetadataRetriableErrors')
      prepareLeaders(client, [FOO_AT_0, FOO_1_AT_1], Errors.LEADER_NOT_AVAILABLE)
      const unknown = Errors.UNKNOWN_TOPIC_OR_PARTITION
      prepareLeaders(client, [
        { ...FOO_AT_0, error: unknown },
        { ...FOO_1_AT_1, error: unknown },
      ])
      prepareLeaders(client, [
        { ...FOO_AT_0, leader: -1 },
        { ...FOO_1_AT_1, leader: -1 },
      ])
      prepareLeaders(client, [FOO_AT_0, FOO_1_AT_1])
      prepareOffsets(client, [{ partition: FOO_0, offset: 345 }], { node: cluster.nodes[0]! })
      prepareOffsets(client, [{ partition: FOO_1, offset: 789 }], { node: cluster.nodes[1]! })
      const all = await latest(admin, FOO_0, FOO_1).all()
      expect([all.get(FOO_0)!.offset, all.get(FOO_1)!.offset]).toEqual([345, 789])
    }))

  test.each([
    ['testListOffsetsWithMultiplePartitionsLeaderChange', [FOO_0, FOO_1]],
    ['testListOffsetsWithLeaderChange', [FOO_0]],
  ])('%s: the new ones are asked', (scenario, partitions) =>
    withAdmin({}, async ({ admin, client }) => {
      covers(`KafkaAdminClientTest.${scenario}`)
      const [zero, one, two] = cluster.nodes
      const errors = [Errors.NOT_LEADER_OR_FOLLOWER, Errors.LEADER_NOT_AVAILABLE]
      prepareLeaders(
        client,
        partitions.map((partition) => ({ partition, leader: 0 })),
      )
      const refused = partitions.map((partition, i) => ({ partition, error: errors[i]! }))
      prepareOffsets(client, refused, { node: zero! })
      prepareLeaders(
        client,
        partitions.map((partition, i) => ({ partition, leader: i + 1 })),
      )
      for (const [i, partition] of partitions.entries()) {
        prepareOffsets(client, [{ partition, offset: 100 + i }], { node: [one!, two!][i]! })
      }
      const all = await latest(admin, ...partitions).all()
      expect(partitions.map((partition) => all.get(partition)!.offset)).toEqual(
        partitions.map((_, i) => 100 + i),
      )
    }),
  )

  test.each([
    ['a topic that we may not see', Errors.TOPIC_AUTHORIZATION_FAILED, TopicAuthorizationException],
    ['a topic that cannot be', Errors.INVALID_TOPIC_EXCEPTION, InvalidTopicException],
    ['no such topic', Errors.UNKNOWN_TOPIC_OR_PARTITION, UnknownTopicOrPartitionException],
    ['a broken broker', Errors.UNKNOWN_SERVER_ERROR, UnknownServerException],
  ])('are not asked for again: %s', (_, error, exceptionClass) =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testListOffsetsMetadataNonRetriableErrors')
      prepareLeaders(client, [FOO_AT_0], error)
      expect(await failureOf(latest(admin, FOO_0).all())).toBeInstanceOf(exceptionClass)
    }),
  )

  test('are not asked for again after an error of the partition that will not pass', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testListOffsetsMetadataNonRetriableErrors')
      prepareLeaders(client, [{ ...FOO_AT_0, error: Errors.UNKNOWN_SERVER_ERROR }])
      await expect(latest(admin, FOO_0).all()).rejects.toThrow(UnknownServerException)
    }))
})

describe('a place that an older broker does not know', () => {
  const max = OffsetSpec.maxTimestamp()

  test('fails the partition that asks for it', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testListOffsetsMaxTimestampUnsupportedSingleOffsetSpec')
      prepareLeaders(client, [FOO_AT_0])
      client.prepareUnsupportedVersionResponse(LIST_OFFSETS)
      const result = admin.listOffsets([[FOO_0, max]])
      await expect(result.all()).rejects.toThrow(UnsupportedVersionException)
    }))

  test('does not fail the partitions that ask for another one', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testListOffsetsMaxTimestampUnsupportedMultipleOffsetSpec')
      const v6 = { apiKey: LIST_OFFSETS.id, minVersion: 0, maxVersion: 6 }
      client.setNodeApiVersions(NodeApiVersions.create([v6]))
      prepareLeaders(client, [FOO_AT_0, { partition: FOO_1, leader: 0 }])
      prepareOffsets(client, []) // never sent
      prepareOffsets(client, [{ partition: FOO_1, offset: 345 }])
      const result = admin.listOffsets([
        [FOO_0, max],
        [FOO_1, OffsetSpec.latest()],
      ])
      await expect(result.partitionResult(FOO_0)).rejects.toThrow(UnsupportedVersionException)
      expect((await result.partitionResult(FOO_1)).offset).toBe(345)
    }))

  test('is not blamed when nobody asks for it', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testListOffsetsUnsupportedNonMaxTimestamp')
      prepareLeaders(client, [FOO_AT_0])
      client.prepareUnsupportedVersionResponse(LIST_OFFSETS)
      await expect(latest(admin, FOO_0).all()).rejects.toThrow(UnsupportedVersionException)
    }))

  test('does not keep an older version from being used when nobody asks for it', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testListOffsetsNonMaxTimestampDowngradedImmediately')
      const v6 = { apiKey: LIST_OFFSETS.id, minVersion: 0, maxVersion: 6 }
      client.setNodeApiVersions(NodeApiVersions.create([v6]))
      prepareLeaders(client, [FOO_AT_0])
      prepareOffsets(client, [{ partition: FOO_0, offset: 123 }])
      expect((await latest(admin, FOO_0).all()).get(FOO_0)!.offset).toBe(123)
    }))

  test.each([
    ['testListOffsetsEarliestLocalSpecMinVersion', OffsetSpec.earliestLocal(), 8],
    ['testListOffsetsLatestTierSpecSpecMinVersion', OffsetSpec.latestTiered(), 9],
    [
      'testListOffsetsEarliestPendingUploadSpecSpecMinVersion',
      OffsetSpec.earliestPendingUpload(),
      11,
    ],
  ])('%s: has its oldest version', (scenario, spec, version) =>
    withAdmin({}, async ({ admin, client, time }) => {
      covers(`KafkaAdminClientTest.${scenario}`)
      prepareLeaders(client, [FOO_AT_0])
      admin.listOffsets([[FOO_0, spec]])
      await until(time, () => client.requests().some(({ apiKey }) => apiKey === LIST_OFFSETS))
      expect(client.requests()[0]!.requestBuilder.oldestAllowedVersion).toBe(version)
    }),
  )
})
