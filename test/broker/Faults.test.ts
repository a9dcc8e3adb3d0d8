import { describe, expect, test } from 'vitest'
import type { FaultErrorName } from '../../src/broker/faults/Faults.ts'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { batchOf, createTopic, fetch, onCluster, produce, valuesIn } from './brokerSupport.ts'

/** Two partitions in one request, by topic id. */
const twoPartitions = (topicId: Awaited<ReturnType<typeof createTopic>>, acks = -1) => ({
  acks,
  timeoutMs: 1000,
  topicData: [
    {
      topicId,
      partitionData: [
        { index: 0, records: batchOf(['zero']) },
        { index: 1, records: batchOf(['one']) },
      ],
    },
  ],
})

describe('a fault rule with an error', () => {
  test(
    'answers it for its partition only; the others are really handled',
    onCluster(async ({ cluster, connect }) => {
      const client = await connect()
      const topicId = await createTopic(client, 'orders', 2)
      const rule = cluster.faults
        .on({ api: 'PRODUCE', topic: 'orders', partition: 1 })
        .error('NOT_LEADER_OR_FOLLOWER')
      const { responses } = await client.request(ApiKeys.PRODUCE, 13, twoPartitions(topicId))
      expect(responses.length).toBe(1)
      expect(
        responses[0]!.partitionResponses.map(({ index, errorCode, baseOffset }) => [
          index,
          errorCode,
          baseOffset,
        ]),
      ).toEqual([
        [0, 0, 0],
        [1, Errors.NOT_LEADER_OR_FOLLOWER.code, -1],
      ])
      expect([rule.hits, rule.remaining]).toEqual([1, 0])
      expect(cluster.faults.rules()).toEqual([])
      expect(valuesIn((await fetch(client, 'orders')).records)).toEqual(['zero'])
      expect(valuesIn((await fetch(client, 'orders', { partition: 1 })).records)).toEqual([])
      // It is used up: the same request is handled whole.
      const again = await client.request(ApiKeys.PRODUCE, 13, twoPartitions(topicId))
      expect(again.responses[0]!.partitionResponses.map(({ errorCode }) => errorCode)).toEqual([
        0, 0,
      ])
    }),
  )

  test(
    'closes the connection with acks=0, and still handles what it is not meant for',
    onCluster(async ({ cluster, connect }) => {
      const client = await connect()
      const topicId = await createTopic(client, 'orders', 2)
      cluster.faults.on({ api: 'PRODUCE', partition: 1 }).error('CORRUPT_MESSAGE')
      await client.send(ApiKeys.PRODUCE, 13, twoPartitions(topicId, 0))
      await client.closedByBroker()
      const other = await connect()
      expect(valuesIn((await fetch(other, 'orders')).records)).toEqual(['zero'])
      expect(valuesIn((await fetch(other, 'orders', { partition: 1 })).records)).toEqual([])
    }),
  )

  test(
    'can be had of every API, in each of its versions',
    onCluster(async ({ cluster, connect }) => {
      const client = await connect()
      await createTopic(client, 'orders')
      const rule = cluster.faults
        .on({ topic: 'orders', times: Number.POSITIVE_INFINITY })
        .error('UNKNOWN_SERVER_ERROR')
      const code = Errors.UNKNOWN_SERVER_ERROR.code
      for (const version of [4, 12]) {
        const answer = await fetch(client, 'orders', { version, maxWaitMs: 60_000 })
        expect(answer.errorCode).toBe(code)
      }
      expect((await produce(client, 'orders', batchOf(['v']))).errorCode).toBe(code)
      const offsets = await client.request(ApiKeys.LIST_OFFSETS, 7, {
        topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
      })
      expect(offsets.topics[0]!.partitions[0]!.errorCode).toBe(code)
      for (const version of [1, 9, 12]) {
        const metadata = await client.request(ApiKeys.METADATA, version, {
          topics: [{ name: 'orders' }],
        })
        expect(metadata.topics[0]!.errorCode).toBe(code)
        expect(metadata.brokers.length, 'the rest of the answer is true').toBe(1)
      }
      expect(rule.hits).toBe(7)
      rule.remove()
      cluster.faults.on({ api: 'INIT_PRODUCER_ID' }).error('COORDINATOR_NOT_AVAILABLE')
      const request = { transactionalId: null, transactionTimeoutMs: 1000 }
      const refused = await client.request(ApiKeys.INIT_PRODUCER_ID, 4, request)
      expect(refused.errorCode).toBe(Errors.COORDINATOR_NOT_AVAILABLE.code)
      const granted = await client.request(ApiKeys.INIT_PRODUCER_ID, 4, request)
      expect(granted.errorCode).toBe(0)
    }),
  )
})

describe('a fault rule', () => {
  test(
    'that delays holds a request back, or its answer',
    onCluster(async ({ cluster, connect, world }) => {
      const client = await connect()
      await createTopic(client, 'orders')
      for (const when of ['beforeHandling', 'afterHandling'] as const) {
        cluster.faults.on({ api: 'PRODUCE' }).delay(400, { when })
        const startMs = world.simulation.milliseconds()
        const answer = produce(client, 'orders', batchOf([when]))
        await world.simulation.sleep(200)
        const other = await connect()
        const seen = valuesIn((await fetch(other, 'orders')).records)
        expect(seen.includes(when), when).toBe(when === 'afterHandling')
        expect((await answer).errorCode).toBe(0)
        expect(world.simulation.milliseconds() - startMs).toBeGreaterThanOrEqual(400)
      }
    }),
  )

  test(
    'that drops never answers; with acks=0 the record is lost and the connection goes on',
    onCluster(async ({ cluster, connect }) => {
      const client = await connect()
      await createTopic(client, 'orders')
      cluster.faults.on({ api: 'PRODUCE', times: 2 }).drop()
      const request = {
        acks: 0,
        timeoutMs: 1000,
        topicData: [{ name: 'orders', partitionData: [{ index: 0, records: batchOf(['lost']) }] }],
      }
      await client.send(ApiKeys.PRODUCE, 9, request)
      expect(valuesIn((await fetch(client, 'orders')).records)).toEqual([])
      await expect(produce(client, 'orders', batchOf(['unheard']))).rejects.toThrow(
        /no response within/,
      )
      const other = await connect()
      expect(valuesIn((await fetch(other, 'orders')).records)).toEqual([])
    }),
  )

  test(
    'that disconnects loses the request, or only the acknowledgement',
    onCluster(async ({ cluster, connect }) => {
      const first = await connect()
      await createTopic(first, 'orders')
      cluster.faults.on({ api: 'PRODUCE' }).disconnect()
      await expect(produce(first, 'orders', batchOf(['not handled']))).rejects.toThrow(/closed/)
      const second = await connect()
      cluster.faults.on({ api: 'PRODUCE' }).disconnect({ when: 'afterHandling' })
      await expect(produce(second, 'orders', batchOf(['handled']))).rejects.toThrow(/closed/)
      const third = await connect()
      expect(valuesIn((await fetch(third, 'orders')).records)).toEqual(['handled'])
    }),
  )

  test(
    'lets the first bytes of an answer out, and no more',
    onCluster(async ({ cluster, connect, world }) => {
      const client = await connect()
      await createTopic(client, 'orders')
      let bytes = 0
      world.traceBus.listen(({ name, fields }) => {
        const { from, kind, bytes: count } = fields as { from: string; kind: string; bytes: number }
        if (name === 'network.pipe.deliver' && from === 'cluster' && kind === 'data') bytes += count
      })
      cluster.faults.on({ api: 'PRODUCE' }).disconnect({ afterBytes: 7 })
      await expect(produce(client, 'orders', batchOf(['v']))).rejects.toThrow(/closed/)
      expect(bytes).toBe(7)
    }),
  )

  test(
    'fits by client, broker and API, and the oldest that fits is the one',
    onCluster(
      async ({ cluster, connect }) => {
        const client = await connect(2)
        await createTopic(client, 'orders')
        const other = cluster.faults.on({ clientId: 'somebody-else' }).drop()
        const first = cluster.faults.on({ broker: 1 }).drop()
        const older = cluster.faults
          .on({ api: 'INIT_PRODUCER_ID', clientId: 'wire-client', broker: 2 })
          .error('COORDINATOR_LOAD_IN_PROGRESS')
        const younger = cluster.faults.on({ api: 'INIT_PRODUCER_ID' }).error('NOT_COORDINATOR')
        const request = { transactionalId: null, transactionTimeoutMs: 1000 }
        const codes: number[] = []
        for (let i = 0; i < 3; i++) {
          codes.push((await client.request(ApiKeys.INIT_PRODUCER_ID, 4, request)).errorCode)
        }
        expect(codes).toEqual([
          Errors.COORDINATOR_LOAD_IN_PROGRESS.code,
          Errors.NOT_COORDINATOR.code,
          0,
        ])
        expect([other.hits, first.hits, older.hits, younger.hits]).toEqual([0, 0, 1, 1])
        expect(String(first)).toBe('drop beforeHandling on broker=1')
        cluster.faults.clear()
        expect(cluster.faults.isEmpty()).toBe(true)
      },
      { brokers: 2 },
    ),
  )

  test(
    'that hits is told on the trace bus',
    onCluster(async ({ cluster, connect, world }) => {
      const client = await connect()
      const told: unknown[] = []
      world.traceBus.listen(({ name, fields }) => {
        if (name === 'broker.faults.hit') told.push(fields)
      })
      cluster.faults.on({ api: 'METADATA', times: 2 }).delay(5)
      await client.request(ApiKeys.METADATA, 12, { topics: [] })
      await client.request(ApiKeys.METADATA, 12, { topics: [] })
      expect(told).toMatchObject([
        { api: 'Metadata', action: 'delay of 5 ms beforeHandling', hits: 1 },
        { api: 'Metadata', hits: 2 },
      ])
    }),
  )

  test(
    'does not keep the cluster from closing while requests are dropped or delayed',
    onCluster(async ({ cluster, connect, world }) => {
      const client = await connect()
      const other = await connect()
      await createTopic(client, 'orders')
      cluster.faults.on({ api: 'PRODUCE' }).drop()
      cluster.faults.on({ api: 'METADATA' }).delay(86_000_000)
      const dropped = produce(client, 'orders', batchOf(['v'])).catch((error: Error) => error)
      const delayed = other
        .request(ApiKeys.METADATA, 12, { topics: [] })
        .catch((error: Error) => error)
      await world.simulation.sleep(100)
      const startMs = world.simulation.milliseconds()
      await cluster.close()
      expect(world.simulation.milliseconds() - startMs).toBeLessThan(1000)
      expect(String(await dropped)).toMatch(/closed/)
      expect(String(await delayed)).toMatch(/closed/)
    }),
  )

  test(
    'that says nothing sensible is refused',
    onCluster(async ({ cluster: { faults } }) => {
      expect(() => faults.on({ api: 'PRODUCT' as 'PRODUCE' })).toThrow(IllegalArgumentException)
      for (const times of [0, -1, 1.5, Number.NaN]) {
        expect(() => faults.on({ times })).toThrow(IllegalArgumentException)
      }
      for (const name of ['NONE', 'NO_SUCH_ERROR', 'forCode']) {
        expect(() => faults.on().error(name as FaultErrorName)).toThrow(/There is no error/)
      }
      expect(() => faults.on().delay(-1)).toThrow(IllegalArgumentException)
      expect(() => faults.on().disconnect({ when: 'beforeHandling', afterBytes: 3 })).toThrow(
        /afterBytes goes with/,
      )
      expect(faults.isEmpty()).toBe(true)
    }),
  )
})
