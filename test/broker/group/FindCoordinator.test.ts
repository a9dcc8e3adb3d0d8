import { describe, expect, test } from 'vitest'
import { hashOfString } from '../../../src/common/HashMap.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import type { WireClient } from '../../support/WireClient.ts'
import { onCluster } from '../brokerSupport.ts'
import { findCoordinator, OFFSETS_TOPIC, onGroupCluster, partitionOf } from './groupSupport.ts'

const NOT_AVAILABLE = Errors.COORDINATOR_NOT_AVAILABLE.code
const NO_NODE = { nodeId: -1, host: '', port: -1 }

const ask = async (client: WireClient, keyType: number, ...coordinatorKeys: string[]) =>
  (await client.request(ApiKeys.FIND_COORDINATOR, 6, { keyType, coordinatorKeys })).coordinators

describe('the first question for a coordinator', () => {
  test(
    'makes __consumer_offsets as Kafka makes it, and says first that there is none',
    onCluster(async ({ connect, cluster, world }) => {
      covers(
        'KafkaApisTest.testFindCoordinatorAutoTopicCreationForOffsetTopic',
        'AutoTopicCreationManagerTest.testCreateOffsetTopic',
      )
      const client = await connect()
      expect(await ask(client, 0, 'group')).toMatchObject([
        { key: 'group', errorCode: NOT_AVAILABLE, ...NO_NODE },
      ])
      await world.simulation.sleep(10)
      expect(await ask(client, 0, 'group')).toMatchObject([
        { key: 'group', errorCode: 0, nodeId: 1, host: 'cluster', port: cluster.broker(1).port },
      ])
      const { topics } = await client.request(ApiKeys.METADATA, 12, {
        topics: [{ name: OFFSETS_TOPIC }],
      })
      expect(topics[0]).toMatchObject({ errorCode: 0, isInternal: true })
      expect(topics[0]!.partitions).toHaveLength(50)
      const { results } = await client.request(ApiKeys.DESCRIBE_CONFIGS, 4, {
        resources: [{ resourceType: 2, resourceName: OFFSETS_TOPIC }],
      })
      const configs = Object.fromEntries(
        results[0]!.configs.map(({ name, value }) => [name, value]),
      )
      expect(configs).toMatchObject({
        'cleanup.policy': 'compact',
        'compression.type': 'producer',
        'segment.bytes': '104857600',
      })
    }),
  )

  test(
    'is answered before version 4 with the error of the whole',
    onCluster(async ({ connect, cluster, world }) => {
      covers('KafkaApisTest.testOldFindCoordinatorAutoTopicCreationForOffsetTopic')
      const client = await connect()
      for (let version = 0; version < 4; version++) {
        const request = { key: 'group', ...(version > 0 && { keyType: 0 }) }
        const response = await client.request(ApiKeys.FIND_COORDINATOR, version, request)
        const available = version > 0
        expect(response.errorCode, `v${version}`).toBe(available ? 0 : NOT_AVAILABLE)
        if (available) expect(response).toMatchObject({ nodeId: 1, port: cluster.broker(1).port })
        else expect(response).toMatchObject(NO_NODE)
        await world.simulation.sleep(10)
      }
    }),
  )

  test(
    'does not ask for more brokers than one: a factor of 3 is a wish here',
    onCluster(
      async (test) => {
        covers(
          'KafkaApisTest.testFindCoordinatorNotEnoughBrokersForOffsetTopic',
          'KafkaApisTest.testOldFindCoordinatorNotEnoughBrokersForOffsetTopic',
        )
        const client = await test.connect()
        expect(await ask(client, 0, 'group')).toMatchObject([{ errorCode: NOT_AVAILABLE }])
        expect(await findCoordinator(test, client, 'group')).toBe(1)
      },
      { config: { 'offsets.topic.replication.factor': 3 } },
    ),
  )
})

describe('a group', () => {
  test(
    "belongs to a partition by Java's hash of its name, and to the broker that leads it",
    onGroupCluster(
      async ({ connect, cluster, coordinatorOf }) => {
        await coordinatorOf('a')
        const client = await connect(2)
        const keys = ['a', 'orders-app', 'größe', '🦀', '']
        for (const { key, nodeId, errorCode } of await ask(client, 0, ...keys)) {
          expect(errorCode).toBe(0)
          expect(nodeId).toBe(cluster.leaderOf(OFFSETS_TOPIC, partitionOf(key)))
        }
      },
      { brokers: 3 },
    ),
  )

  test('whose hash has no absolute value belongs to partition 0', () => {
    expect(hashOfString('polygenelubricants')).toBe(-(2 ** 31))
  })

  test(
    'has no coordinator while nobody leads its partition',
    onGroupCluster(
      async ({ cluster, connect, coordinatorOf }) => {
        await coordinatorOf('group')
        const leader = cluster.leaderOf(OFFSETS_TOPIC, partitionOf('group'))!
        const other = cluster.brokerIds().find((id) => id !== leader)!
        const client = await connect(other)
        await cluster.stopBroker(leader)
        expect(await ask(client, 0, 'group')).toMatchObject([
          { errorCode: NOT_AVAILABLE, ...NO_NODE },
        ])
      },
      { brokers: 2 },
    ),
  )
})

describe('other coordinators', () => {
  test(
    'are not there: of transactions, of share groups, and of nothing known',
    onCluster(async ({ connect }) => {
      const client = await connect()
      expect(await ask(client, 1, 'tx')).toMatchObject([{ errorCode: NOT_AVAILABLE, ...NO_NODE }])
      expect(await ask(client, 2, 'share')).toMatchObject([{ errorCode: NOT_AVAILABLE }])
      expect(await ask(client, 9, 'x')).toMatchObject([{ errorCode: Errors.INVALID_REQUEST.code }])
      const old = await client.request(ApiKeys.FIND_COORDINATOR, 5, {
        keyType: 2,
        coordinatorKeys: ['share'],
      })
      expect(old.coordinators).toMatchObject([{ errorCode: Errors.INVALID_REQUEST.code }])
    }),
  )
})
