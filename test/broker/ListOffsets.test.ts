import { describe, expect, test } from 'vitest'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { batchOf, createTopic, fetch, onCluster, produce } from './brokerSupport.ts'

describe('ListOffsets', () => {
  test(
    'finds the beginning, the end, a time and the largest time, in every version',
    onCluster(async ({ connect }) => {
      covers(
        'KafkaApisTest.testReadUncommittedConsumerListOffsetLatest',
        'KafkaApisTest.testReadCommittedConsumerListOffsetLatest',
        'KafkaApisTest.testListOffsetMaxTimestampWithUnsupportedVersion',
        'KafkaApisTest.testListOffsetEarliestLocalTimestampWithUnsupportedVersion',
        'KafkaApisTest.testListOffsetLatestTieredTimestampWithUnsupportedVersion',
        'KafkaApisTest.testListOffsetNegativeTimestampWithOneOrAboveVersion',
      )
      const client = await connect()
      await createTopic(client, 'orders')
      for (let i = 0; i < 3; i++) await produce(client, 'orders', batchOf(['v']))
      const ask = async (version: number, timestamp: number, isolationLevel = 0) => {
        const { topics } = await client.request(ApiKeys.LIST_OFFSETS, version, {
          replicaId: -1,
          ...(version >= 2 && { isolationLevel }),
          topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp }] }],
        })
        const { errorCode, offset } = topics[0]!.partitions[0]!
        return errorCode === 0 ? offset : Errors.forCode(errorCode).name
      }
      for (let version = 1; version <= 11; version++) {
        expect(await ask(version, -2)).toBe(0)
        expect(await ask(version, -1)).toBe(3)
        expect(await ask(version, 1_700_000_000_000)).toBe(0)
        expect(await ask(version, 1_700_000_000_001)).toBe(-1)
        expect(await ask(version, -3)).toBe(version >= 7 ? 0 : 'UNSUPPORTED_VERSION')
        expect(await ask(version, -4)).toBe(version >= 8 ? 0 : 'UNSUPPORTED_VERSION')
        expect(await ask(version, -5)).toBe(version >= 9 ? -1 : 'UNSUPPORTED_VERSION')
        expect(await ask(version, -6)).toBe(version >= 11 ? -1 : 'UNSUPPORTED_VERSION')
        expect(await ask(version, -7)).toBe('UNSUPPORTED_VERSION')
      }
      expect(await ask(5, -1, 1)).toBe(3)
    }),
  )

  test(
    'says what is wrong with a partition, and refuses one that is named twice',
    onCluster(async ({ connect }) => {
      covers('KafkaApisTest.testLeaderReplicaIfLocalRaisesUnknownTopicOrPartition')
      const client = await connect()
      await createTopic(client, 'orders', 2)
      const at = (partitionIndex: number, currentLeaderEpoch = -1) => ({
        partitionIndex,
        timestamp: -1,
        currentLeaderEpoch,
      })
      const { topics } = await client.request(ApiKeys.LIST_OFFSETS, 5, {
        replicaId: -1,
        topics: [
          { name: 'orders', partitions: [at(0), at(0), at(1, 0), at(9)] },
          { name: 'nothing', partitions: [at(0)] },
        ],
      })
      expect(topics.map((topic) => topic.partitions.map((each) => each.errorCode))).toEqual([
        [
          Errors.INVALID_REQUEST.code,
          Errors.INVALID_REQUEST.code,
          0,
          Errors.UNKNOWN_TOPIC_OR_PARTITION.code,
        ],
        [Errors.UNKNOWN_TOPIC_OR_PARTITION.code],
      ])
    }),
  )

  test(
    'and Fetch refuse an isolation level that there is not, and it is no error of the broker',
    onCluster(async ({ connect, logger }) => {
      const client = await connect()
      await createTopic(client, 'orders')
      const { topics } = await client.request(ApiKeys.LIST_OFFSETS, 8, {
        replicaId: -1,
        isolationLevel: 7,
        topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
      })
      expect(topics[0]!.partitions[0]!.errorCode).toBe(Errors.UNKNOWN_SERVER_ERROR.code)
      const fetched = await fetch(client, 'orders', { isolationLevel: 7 })
      expect(fetched.errorCode).toBe(Errors.UNKNOWN_SERVER_ERROR.code)
      expect(logger.messages('error')).toEqual([])
    }),
  )

  test(
    'and Fetch fence an older epoch and do not know a newer one',
    onCluster(async ({ connect, cluster }) => {
      covers(
        'KafkaApisTest.testLeaderReplicaIfLocalRaisesFencedLeaderEpoch',
        'KafkaApisTest.testLeaderReplicaIfLocalRaisesUnknownLeaderEpoch',
        'PartitionTest.testFetchOffsetForTimestampEpochValidationForLeader',
        'PartitionTest.testLeaderEpochValidationOnLeader',
      )
      const first = await connect()
      await createTopic(first, 'orders')
      await cluster.stopBroker(1)
      await cluster.startBroker(1)
      const client = await connect()
      const epoch = cluster
        .broker(1)
        .replicaManager.getPartition({ key: 'orders-0' } as never)!.leaderEpoch
      expect(epoch).toBe(2)
      for (const [currentLeaderEpoch, error] of [
        [epoch - 1, Errors.FENCED_LEADER_EPOCH],
        [epoch + 1, Errors.UNKNOWN_LEADER_EPOCH],
        [epoch, Errors.NONE],
        [-1, Errors.NONE],
      ] as const) {
        const { topics } = await client.request(ApiKeys.LIST_OFFSETS, 5, {
          replicaId: -1,
          topics: [
            {
              name: 'orders',
              partitions: [{ partitionIndex: 0, timestamp: -1, currentLeaderEpoch }],
            },
          ],
        })
        expect(topics[0]!.partitions[0]!.errorCode).toBe(error.code)
        expect((await fetch(client, 'orders', { currentLeaderEpoch })).errorCode).toBe(error.code)
      }
    }),
  )
})

describe('OffsetForLeaderEpoch', () => {
  test(
    'says where an epoch ended, in every version',
    onCluster(async ({ connect, cluster }) => {
      covers('PartitionTest.testOffsetForLeaderEpochValidationForLeader')
      const first = await connect()
      await createTopic(first, 'orders')
      await produce(first, 'orders', batchOf(['a', 'b']))
      await cluster.stopBroker(1)
      await cluster.startBroker(1)
      const client = await connect()
      await produce(client, 'orders', batchOf(['c']))
      const ask = async (version: number, leaderEpoch: number, currentLeaderEpoch = -1) => {
        const { topics } = await client.request(ApiKeys.OFFSET_FOR_LEADER_EPOCH, version, {
          topics: [
            { topic: 'orders', partitions: [{ partition: 0, leaderEpoch, currentLeaderEpoch }] },
          ],
        })
        const answer = topics[0]!.partitions[0]!
        return [Errors.forCode(answer.errorCode).name, answer.leaderEpoch, answer.endOffset]
      }
      for (const version of [2, 3, 4]) {
        expect(await ask(version, 0)).toEqual(['NONE', 0, 2])
        expect(await ask(version, 2)).toEqual(['NONE', 2, 3])
        expect(await ask(version, 7)).toEqual(['NONE', -1, -1])
        expect(await ask(version, 0, 0)).toEqual(['FENCED_LEADER_EPOCH', -1, -1])
        expect(await ask(version, 0, 9)).toEqual(['UNKNOWN_LEADER_EPOCH', -1, -1])
      }
    }),
  )
})
