import { describe, expect, test } from 'vitest'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { parseResponse } from '../../src/protocol/SendBuilder.ts'
import { covers } from '../support/covers.ts'
import { batchOf, createTopic, fetch, onCluster, produce, valuesIn } from './brokerSupport.ts'

describe('Fetch', () => {
  test(
    'gives records in every version, by name and by id',
    onCluster(async ({ connect }) => {
      const client = await connect()
      const topicId = await createTopic(client, 'orders')
      await produce(client, 'orders', batchOf(['a', 'b']))
      for (let version = 4; version <= 18; version++) {
        const { responses, errorCode, sessionId } = await client.request(ApiKeys.FETCH, version, {
          maxWaitMs: 0,
          minBytes: 1,
          maxBytes: 1000,
          topics: [
            {
              topic: 'orders',
              topicId,
              partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }],
            },
          ],
        })
        expect([errorCode, sessionId]).toEqual([0, 0])
        const answer = responses[0]!.partitions[0]!
        expect(answer).toMatchObject({ errorCode: 0, highWatermark: 2, lastStableOffset: 2 })
        expect(valuesIn(answer.records)).toEqual(['a', 'b'])
        if (version >= 13) expect(responses[0]!.topicId.equals(topicId)).toBe(true)
        else expect(responses[0]!.topic).toBe('orders')
      }
    }),
  )

  test(
    'waits for minBytes, and answers at the moment when they are there',
    onCluster(async ({ connect, world, cluster }) => {
      covers('DelayedOperationTest.testRequestSatisfaction')
      const consumer = await connect()
      const producer = await connect()
      await createTopic(producer, 'orders')
      const one = batchOf(['v']).length
      const startMs = world.simulation.hiResClockMs()
      await consumer.send(ApiKeys.FETCH, 12, {
        maxWaitMs: 60_000,
        minBytes: one + 1,
        maxBytes: 10_000,
        topics: [
          {
            topic: 'orders',
            partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 10_000 }],
          },
        ],
      })
      await world.simulation.sleep(1000)
      await produce(producer, 'orders', batchOf(['v']))
      await world.simulation.sleep(1000)
      expect(cluster.broker(1).replicaManager.delayedFetchPurgatory.numDelayed()).toBe(1)
      await produce(producer, 'orders', batchOf(['w']))
      const answer = parseResponse(ApiKeys.FETCH, 12, await consumer.receive()).data
      expect(valuesIn(answer.responses[0]!.partitions[0]!.records)).toEqual(['v', 'w'])
      expect(world.simulation.hiResClockMs() - startMs).toBeLessThan(2100)
      expect(cluster.broker(1).replicaManager.delayedFetchPurgatory.watched()).toBe(0)
    }),
  )

  test(
    'answers after maxWait with what there is',
    onCluster(async ({ connect, world }) => {
      covers('DelayedOperationTest.testRequestExpiry')
      const client = await connect()
      await createTopic(client, 'orders')
      await produce(client, 'orders', batchOf(['v']))
      const startMs = world.simulation.hiResClockMs()
      const answer = await fetch(client, 'orders', { maxWaitMs: 5000, minBytes: 1000 })
      expect(valuesIn(answer.records)).toEqual(['v'])
      expect(world.simulation.hiResClockMs() - startMs).toBeGreaterThanOrEqual(5000)
      const end = await fetch(client, 'orders', { maxWaitMs: 5000, minBytes: 1, offset: 1 })
      expect([end.errorCode, end.records?.length, end.highWatermark]).toEqual([0, 0, 1])
    }),
  )

  test(
    'waits for several partitions together, and an error ends the wait',
    onCluster(async ({ connect, world }) => {
      const client = await connect()
      const other = await connect()
      await createTopic(client, 'orders', 2)
      const startMs = world.simulation.hiResClockMs()
      const both = (offset: number) => ({
        maxWaitMs: 60_000,
        minBytes: 1,
        maxBytes: 1000,
        topics: [
          {
            topic: 'orders',
            partitions: [
              { partition: 0, fetchOffset: offset, partitionMaxBytes: 1000 },
              { partition: 1, fetchOffset: 0, partitionMaxBytes: 1000 },
            ],
          },
        ],
      })
      await client.send(ApiKeys.FETCH, 12, both(0))
      await world.simulation.sleep(10)
      await produce(other, 'orders', batchOf(['v']), { partition: 1 })
      const answer = parseResponse(ApiKeys.FETCH, 12, await client.receive()).data
      expect(answer.responses[0]!.partitions.map((each) => valuesIn(each.records))).toEqual([
        [],
        ['v'],
      ])

      const outOfRange = await client.request(ApiKeys.FETCH, 12, both(7))
      expect(outOfRange.responses[0]!.partitions.map((each) => each.errorCode)).toEqual([
        Errors.OFFSET_OUT_OF_RANGE.code,
        0,
      ])
      expect(world.simulation.hiResClockMs() - startMs).toBeLessThan(1000)
    }),
  )

  test(
    'gives the first batch whole whatever the limits, and keeps to them after it',
    onCluster(async ({ connect }) => {
      const client = await connect()
      await createTopic(client, 'orders', 3)
      const large = batchOf(['x'.repeat(5000)])
      for (const partition of [0, 1, 2]) {
        for (let i = 0; i < 3; i++) await produce(client, 'orders', large, { partition })
      }
      const ask = async (maxBytes: number, partitionMaxBytes: number) => {
        const { responses } = await client.request(ApiKeys.FETCH, 12, {
          maxWaitMs: 0,
          minBytes: 1,
          maxBytes,
          topics: [
            {
              topic: 'orders',
              partitions: [0, 1, 2].map((partition) => ({
                partition,
                fetchOffset: 0,
                partitionMaxBytes,
              })),
            },
          ],
        })
        return responses[0]!.partitions.map((each) => valuesIn(each.records).length)
      }
      expect(await ask(1, 1)).toEqual([1, 0, 0])
      expect(await ask(100_000, 1)).toEqual([1, 0, 0])
      expect(await ask(100_000, large.length * 2)).toEqual([2, 2, 2])
      expect(await ask(large.length * 4, large.length * 3)).toEqual([3, 1, 0])
      expect(await ask(100_000, 100_000)).toEqual([3, 3, 3])
    }),
  )

  test(
    'refuses offsets outside the log',
    onCluster(async ({ connect }) => {
      covers(
        'ReplicaManagerTest.testOffsetOutOfRangeExceptionWhenReadFromLog',
        'ReplicaManagerTest.testOffsetOutOfRangeExceptionWhenFetchMessages',
        'ReplicaManagerTest.testFetchBeyondHighWatermark',
      )
      const client = await connect()
      await createTopic(client, 'orders')
      await produce(client, 'orders', batchOf(['a', 'b']))
      for (const [offset, errorCode] of [
        [-1, Errors.OFFSET_OUT_OF_RANGE.code],
        [0, 0],
        [1, 0],
        [2, 0],
        [3, Errors.OFFSET_OUT_OF_RANGE.code],
      ] as const) {
        expect((await fetch(client, 'orders', { offset })).errorCode).toBe(errorCode)
      }
      expect(valuesIn((await fetch(client, 'orders', { offset: 1 })).records)).toEqual(['a', 'b'])
    }),
  )

  test(
    'tells a reader whose log parts from ours where that is',
    onCluster(async ({ connect, cluster }) => {
      covers('PartitionTest.testLastFetchedOffsetValidation')
      const first = await connect()
      await createTopic(first, 'orders')
      await produce(first, 'orders', batchOf(['a', 'b']))
      await cluster.stopBroker(1)
      await cluster.startBroker(1)
      const client = await connect()
      await produce(client, 'orders', batchOf(['c']))
      const at = (offset: number, lastFetchedEpoch: number) =>
        fetch(client, 'orders', { offset, lastFetchedEpoch })
      expect((await at(2, 0)).divergingEpoch).toEqual({ epoch: -1, endOffset: -1 })
      // Three records of epoch 0: this log has two.
      const diverging = await at(3, 0)
      expect(diverging.divergingEpoch).toEqual({ epoch: 0, endOffset: 2 })
      expect(diverging.records?.length).toBe(0)
      // Epoch 1 wrote nothing here.
      expect((await at(3, 1)).divergingEpoch).toEqual({ epoch: 0, endOffset: 2 })
      expect((await at(3, 9)).errorCode).toBe(Errors.OFFSET_OUT_OF_RANGE.code)
    }),
  )

  test(
    'declines sessions: id 0 to whoever wants one, and no session is known',
    onCluster(async ({ connect }) => {
      const client = await connect()
      await createTopic(client, 'orders')
      const ask = (sessionId: number, sessionEpoch: number) =>
        client.request(ApiKeys.FETCH, 12, {
          sessionId,
          sessionEpoch,
          maxWaitMs: 0,
          topics: [{ topic: 'orders', partitions: [{ partition: 0, partitionMaxBytes: 10 }] }],
        })
      for (const epoch of [0, -1])
        expect(await ask(0, epoch)).toMatchObject({ errorCode: 0, sessionId: 0 })
      const unknown = await ask(123, 1)
      expect(unknown.errorCode).toBe(Errors.FETCH_SESSION_ID_NOT_FOUND.code)
    }),
  )

  test(
    'tells a reader of committed records of no aborted transactions, and the others nothing',
    onCluster(async ({ connect }) => {
      const client = await connect()
      await createTopic(client, 'orders')
      await produce(client, 'orders', batchOf(['v']))
      const committed = { isolationLevel: 1 }
      expect((await fetch(client, 'orders', committed)).abortedTransactions).toEqual([])
      expect(
        (await fetch(client, 'orders', { ...committed, offset: 1 })).abortedTransactions,
      ).toEqual([])
      expect((await fetch(client, 'orders')).abortedTransactions).toBeNull()
      const failed = await fetch(client, 'orders', { ...committed, offset: 9 })
      expect(failed.abortedTransactions).toBeNull()
    }),
  )

  test(
    'by a follower is refused: there is none',
    onCluster(async ({ connect }) => {
      covers('PartitionTest.testFetchFromUnrecognizedFollower')
      const client = await connect()
      await createTopic(client, 'orders')
      expect((await fetch(client, 'orders', { replicaId: 2 })).errorCode).toBe(
        Errors.NOT_LEADER_OR_FOLLOWER.code,
      )
    }),
  )

  test(
    'that waits is answered when its topic is deleted, and when the broker stops',
    onCluster(async ({ connect, cluster }) => {
      covers('ReplicaManagerTest.testDeltaLeaderToRemovedTopic')
      const waiting = await connect()
      const admin = await connect()
      const ask = (topic: string) =>
        waiting.send(ApiKeys.FETCH, 12, {
          maxWaitMs: 600_000,
          minBytes: 1,
          topics: [{ topic, partitions: [{ partition: 0, partitionMaxBytes: 10 }] }],
        })
      await createTopic(admin, 'doomed')
      await createTopic(admin, 'orders')
      await ask('doomed')
      await admin.request(ApiKeys.DELETE_TOPICS, 6, {
        topics: [{ name: 'doomed' }],
        timeoutMs: 1000,
      })
      const answer = parseResponse(ApiKeys.FETCH, 12, await waiting.receive()).data
      expect(answer.responses[0]!.partitions[0]!.errorCode).toBe(
        Errors.UNKNOWN_TOPIC_OR_PARTITION.code,
      )
      await ask('orders')
      await cluster.stopBroker(1)
      await waiting.closedByBroker().catch(() => {})
    }),
  )
})
