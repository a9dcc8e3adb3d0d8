import { describe, expect, test } from 'vitest'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { batchOf, createTopic, fetch, onCluster, produce, valuesIn } from './brokerSupport.ts'

const ONE_BAD_ONE_GOOD =
  'KafkaApisTest.shouldRespondWithUnknownTopicOrPartitionForBadPartitionAndNoErrorsForGoodPartition'

describe('Produce', () => {
  test(
    'is answered with offsets in every version, by name and by id',
    onCluster(async ({ connect }) => {
      covers('SocketServerTest.simpleRequest')
      const client = await connect()
      const topicId = await createTopic(client, 'orders')
      let offset = 0
      for (let version = 3; version <= 13; version++) {
        const { responses } = await client.request(ApiKeys.PRODUCE, version, {
          acks: version % 2 === 0 ? 1 : -1,
          timeoutMs: 1000,
          topicData: [
            {
              name: 'orders',
              topicId,
              partitionData: [{ index: 0, records: batchOf(['a', 'b']) }],
            },
          ],
        })
        const [answer] = responses[0]!.partitionResponses
        expect(answer).toMatchObject({
          index: 0,
          errorCode: 0,
          baseOffset: offset,
          logAppendTimeMs: -1,
        })
        offset += 2
      }
      expect(valuesIn((await fetch(client, 'orders')).records)).toHaveLength(offset)
    }),
  )

  test(
    'says for each partition what was wrong with it, and appends the others',
    onCluster(
      async ({ connect }) => {
        covers(ONE_BAD_ONE_GOOD)
        const client = await connect()
        await createTopic(client, 'orders', 3, {
          'max.message.bytes': '200',
          'message.timestamp.after.max.ms': '1',
        })
        const corrupt = batchOf(['x'])
        corrupt[64]! ^= 0xff
        const twice = new Uint8Array([...batchOf(['x']), ...batchOf(['y'])])
        const magic1 = batchOf(['x'])
        magic1[16] = 1
        const cases: [number, Uint8Array | null, number][] = [
          [0, batchOf(['fine']), Errors.NONE.code],
          [7, batchOf(['x']), Errors.UNKNOWN_TOPIC_OR_PARTITION.code],
          [-1, batchOf(['x']), Errors.UNKNOWN_TOPIC_OR_PARTITION.code],
          [1, batchOf(['x'.repeat(300)]), Errors.MESSAGE_TOO_LARGE.code],
          [1, corrupt, Errors.CORRUPT_MESSAGE.code],
          [1, twice, Errors.INVALID_RECORD.code],
          [1, null, Errors.INVALID_RECORD.code],
          [1, magic1, Errors.INVALID_RECORD.code],
          [2, batchOf(['fine too']), Errors.NONE.code],
        ]
        for (const [partition, records, errorCode] of cases) {
          const answer = await produce(client, 'orders', records, { partition })
          expect(answer.errorCode).toBe(errorCode)
          // The code says it all; of the log nothing is told that the error does not depend on.
          expect(answer.errorMessage).toBeNull()
          expect(answer.logStartOffset).toBe(errorCode === 0 ? 0 : -1)
        }
        const { responses } = await client.request(ApiKeys.PRODUCE, 9, {
          acks: -1,
          timeoutMs: 1000,
          topicData: [
            {
              name: 'orders',
              partitionData: [
                { index: 0, records: batchOf(['one more']) },
                { index: 9, records: batchOf(['nowhere']) },
              ],
            },
            { name: 'nothing', partitionData: [{ index: 0, records: batchOf(['x']) }] },
          ],
        })
        expect(
          responses.map((topic) => topic.partitionResponses.map((each) => each.errorCode)),
        ).toEqual([[0, 3], [3]])
      },
      { config: { 'auto.create.topics.enable': false } },
    ),
  )

  test(
    'names the records that were refused, from version 8 on',
    onCluster(async ({ connect }) => {
      covers('ReplicaManagerTest.testAppendRecordsToLeader')
      const client = await connect()
      await createTopic(client, 'compacted', 1, { 'cleanup.policy': 'compact' })
      for (const version of [7, 8]) {
        const answer = await produce(client, 'compacted', batchOf(['a', 'b']), { version })
        expect(answer.errorCode).toBe(Errors.INVALID_RECORD.code)
        expect(answer.recordErrors.map((each) => each.batchIndex)).toEqual(
          version === 8 ? [0, 1] : [],
        )
        if (version === 8) expect(answer.errorMessage).toMatch(/due to 2 record errors/)
        expect(answer.logStartOffset).toBe(0)
      }
    }),
  )

  test(
    'with acks=0 is not answered; an error closes the connection',
    onCluster(async ({ connect }) => {
      covers('SocketServerTest.testNoOpAction')
      const client = await connect()
      await createTopic(client, 'orders')
      const request = (name: string) => ({
        acks: 0,
        timeoutMs: 1000,
        topicData: [{ name, partitionData: [{ index: 0, records: batchOf(['v']) }] }],
      })
      await client.send(ApiKeys.PRODUCE, 9, request('orders'))
      await client.send(ApiKeys.PRODUCE, 9, request('orders'))
      // The next request on the same connection is answered: nothing stands between.
      expect(valuesIn((await fetch(client, 'orders')).records)).toEqual(['v', 'v'])
      await client.send(ApiKeys.PRODUCE, 9, request('nothing'))
      await client.closedByBroker()
    }),
  )

  test(
    'refuses other acks than -1, 0 and 1',
    onCluster(async ({ connect }) => {
      covers('ReplicaManagerTest.testIllegalRequiredAcks')
      const client = await connect()
      await createTopic(client, 'orders')
      for (const acks of [2, -2, 100]) {
        const answer = await produce(client, 'orders', batchOf(['v']), { acks })
        expect(answer.errorCode).toBe(Errors.INVALID_REQUIRED_ACKS.code)
      }
      expect((await fetch(client, 'orders')).highWatermark).toBe(0)
    }),
  )

  test(
    'answers a batch that is sent again with the offset it has, and refuses gaps and old epochs',
    onCluster(async ({ connect }) => {
      covers('ReplicaManagerTest.testReceiveOutOfOrderSequenceExceptionWithLogStartOffset')
      const client = await connect()
      await createTopic(client, 'orders')
      const { producerId } = await client.request(ApiKeys.INIT_PRODUCER_ID, 4, {
        transactionalId: null,
        transactionTimeoutMs: -1,
      })
      const send = (producerEpoch: number, baseSequence: number) =>
        produce(client, 'orders', batchOf(['a', 'b'], { producerId, producerEpoch, baseSequence }))
      for (let i = 0; i < 6; i++) expect((await send(1, i * 2)).baseOffset).toBe(i * 2)
      for (let i = 1; i < 6; i++) {
        expect(await send(1, i * 2)).toMatchObject({
          errorCode: 0,
          baseOffset: i * 2,
          logStartOffset: 0,
        })
      }
      const gap = await send(1, 20)
      expect(gap).toMatchObject({
        errorCode: Errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code,
        logStartOffset: 0,
      })
      expect((await send(0, 0)).errorCode).toBe(Errors.INVALID_PRODUCER_EPOCH.code)
      expect((await send(1, 12)).baseOffset).toBe(12)
      expect((await fetch(client, 'orders')).highWatermark).toBe(14)
    }),
  )

  test(
    'many idempotent requests at once are stored once each and answered with offsets of their own',
    onCluster(async ({ connect }) => {
      const client = await connect()
      await createTopic(client, 'orders')
      for (let baseSequence = 0; baseSequence < 5; baseSequence++) {
        await client.send(ApiKeys.PRODUCE, 9, {
          acks: -1,
          timeoutMs: 1000,
          topicData: [
            {
              name: 'orders',
              partitionData: [
                {
                  index: 0,
                  records: batchOf([`v${baseSequence}`], {
                    producerId: 3n,
                    producerEpoch: 0,
                    baseSequence,
                  }),
                },
              ],
            },
          ],
        })
      }
      for (let i = 0; i < 5; i++) await client.receive()
      expect(valuesIn((await fetch(client, 'orders')).records)).toEqual([
        'v0',
        'v1',
        'v2',
        'v3',
        'v4',
      ])
    }),
  )

  test(
    'refuses transactional records, with and without a transactional id',
    onCluster(async ({ connect }) => {
      const client = await connect()
      await createTopic(client, 'orders')
      const records = batchOf(['v'], {
        producerId: 1n,
        producerEpoch: 0,
        baseSequence: 0,
        isTransactional: true,
      })
      const without = await produce(client, 'orders', records.slice())
      expect(without.errorCode).toBe(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code)
      const with_ = await produce(client, 'orders', records, { transactionalId: 't' })
      expect(with_.errorCode).toBe(Errors.INVALID_TXN_STATE.code)
    }),
  )

  test(
    "writes the broker's time where the topic wants it, and says which",
    onCluster(async ({ connect, world }) => {
      const client = await connect()
      await createTopic(client, 'orders', 1, { 'message.timestamp.type': 'LogAppendTime' })
      const answer = await produce(client, 'orders', batchOf(['v']))
      expect(answer.logAppendTimeMs).toBeGreaterThanOrEqual(1_700_000_000_000)
      expect(answer.logAppendTimeMs).toBeLessThanOrEqual(world.simulation.milliseconds())
    }),
  )

  test(
    "into Kafka's own topics is refused",
    onCluster(async ({ connect }) => {
      const client = await connect()
      await createTopic(client, '__consumer_offsets')
      const answer = await produce(client, '__consumer_offsets', batchOf(['v']))
      expect(answer.errorCode).toBe(Errors.INVALID_TOPIC_EXCEPTION.code)
    }),
  )
})

describe('InitProducerId', () => {
  test(
    'gives every caller another id, on every broker, and never one again after a restart',
    onCluster(
      async ({ connect, cluster }) => {
        const seen = new Set<bigint>()
        const draw = async (brokerId: number, count: number): Promise<void> => {
          const client = await connect(brokerId)
          for (let i = 0; i < count; i++) {
            const version = i % 6
            const response = await client.request(ApiKeys.INIT_PRODUCER_ID, version, {
              transactionalId: null,
              transactionTimeoutMs: -1,
            })
            expect([response.errorCode, response.producerEpoch]).toEqual([0, 0])
            expect(seen.has(response.producerId)).toBe(false)
            seen.add(response.producerId)
          }
        }
        await draw(1, 5)
        await draw(2, 5)
        await cluster.stopBroker(1)
        await cluster.startBroker(1)
        await draw(1, 5)
      },
      { brokers: 2 },
    ),
  )

  test(
    'refuses half an identity and, for now, transactional ids',
    onCluster(async ({ connect }) => {
      const client = await connect()
      const ask = async (request: object) =>
        client.request(ApiKeys.INIT_PRODUCER_ID, 5, {
          transactionalId: null,
          transactionTimeoutMs: 1000,
          ...request,
        })
      const refusals: [object, number][] = [
        [{ producerId: 5n }, Errors.INVALID_REQUEST.code],
        [{ producerEpoch: 5 }, Errors.INVALID_REQUEST.code],
        [{ transactionalId: '' }, Errors.INVALID_REQUEST.code],
        [{ transactionalId: 't' }, Errors.NOT_COORDINATOR.code],
      ]
      for (const [request, errorCode] of refusals) {
        const none = { producerId: -1n, producerEpoch: -1 }
        expect(await ask(request)).toMatchObject({ errorCode, ...none })
      }
      expect((await ask({ producerId: 5n, producerEpoch: 1 })).errorCode).toBe(0)
    }),
  )
})
