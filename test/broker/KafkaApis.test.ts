import { describe, expect, test } from 'vitest'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { buildRequestSend } from '../../src/protocol/SendBuilder.ts'
import { covers } from '../support/covers.ts'
import { batchOf, createTopic, fetch, onCluster, produce, valuesIn } from './brokerSupport.ts'

const ONE_BAD_ONE_GOOD =
  'KafkaApisTest.shouldRespondWithUnknownTopicOrPartitionForBadPartitionAndNoErrorsForGoodPartition'

/** The header of a request of any key and version, client id 'x', with a body. */
const frame = (
  apiKey: number,
  version: number,
  flexible: boolean,
  body: number[] = [],
): Uint8Array => {
  const header = [apiKey >> 8, apiKey & 255, version >> 8, version & 255, 0, 0, 0, 9, 0, 1, 0x78]
  const bytes = [...header, ...(flexible ? [0] : []), ...body]
  return Uint8Array.from([0, 0, bytes.length >> 8, bytes.length & 255, ...bytes])
}

describe('ApiVersions', () => {
  test(
    'names exactly what is served, Produce from 0 on',
    onCluster(async ({ connect }) => {
      const client = await connect()
      const expected = [
        [0, 0, 13],
        [1, 4, 18],
        [2, 1, 11],
        [3, 0, 13],
        [18, 0, 4],
        [19, 2, 7],
        [20, 1, 6],
        [22, 0, 5],
        [23, 2, 4],
        [32, 1, 4],
        [60, 0, 2],
        [75, 0, 0],
      ]
      for (const version of ApiKeys.API_VERSIONS.allVersions()) {
        const introduction = { clientSoftwareName: 'wire-client', clientSoftwareVersion: '1.0' }
        const response = await client.request(ApiKeys.API_VERSIONS, version, introduction)
        expect(response.errorCode).toBe(0)
        expect(response.apiKeys.map((key) => [key.apiKey, key.minVersion, key.maxVersion])).toEqual(
          expected,
        )
      }
    }),
  )

  test(
    'answers an unknown version in version 0, with the versions to ask in',
    onCluster(async ({ connect }) => {
      const client = await connect()
      await client.sendRaw([frame(18, 99, true, [1, 2, 3, 4])])
      const answer = await client.receive()
      // A classic header, an error, one API: no tagged fields anywhere.
      expect([...answer.bytes]).toEqual([0, 0, 0, 9, 0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 4])
      const again = await client.request(ApiKeys.API_VERSIONS, 0, {})
      expect(again.errorCode).toBe(0)
    }),
  )

  test(
    'wants to know from version 3 on who asks',
    onCluster(async ({ connect }) => {
      const client = await connect()
      const ask = async (
        version: number,
        clientSoftwareName: string,
        clientSoftwareVersion: string,
      ) =>
        (
          await client.request(ApiKeys.API_VERSIONS, version, {
            clientSoftwareName,
            clientSoftwareVersion,
          })
        ).errorCode
      expect(await ask(3, 'apache-kafka-java', '4.3.1')).toBe(0)
      for (const [name, version] of [
        ['', '1'],
        ['a', ''],
        ['-a', '1'],
        ['a b', '1'],
        ['a', '1_0'],
        ['a\n', '1'],
      ] as const) {
        expect(await ask(3, name, version)).toBe(Errors.INVALID_REQUEST.code)
      }
      expect(await ask(2, '', '')).toBe(0)
    }),
  )
})

describe('what is not served', () => {
  test(
    'another key or version closes the connection, and only that one',
    onCluster(async ({ connect, logger }) => {
      covers('SocketServerTest.testDisabledRequestIsRejected')
      const other = await connect()
      for (const [key, version] of [
        [0, 2],
        [0, 14],
        [1, 3],
        [3, 14],
        [11, 0],
        [22, 6],
        [999, 0],
        [-1, 0],
      ] as const) {
        const client = await connect()
        await client.sendRaw([frame(key, version, false)])
        await client.closedByBroker()
      }
      expect((await other.request(ApiKeys.API_VERSIONS, 0, {})).errorCode).toBe(0)
      expect(logger.messages('error')).toEqual([])
      expect(logger.messages('warn').some((line) => line.includes('JoinGroup(11)'))).toBe(true)
    }),
  )
})

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
          [1, magic1, Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT.code],
          [2, batchOf(['fine too']), Errors.NONE.code],
        ]
        for (const [partition, records, errorCode] of cases) {
          expect((await produce(client, 'orders', records, { partition })).errorCode).toBe(
            errorCode,
          )
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
        (
          await client.request(ApiKeys.INIT_PRODUCER_ID, 5, {
            transactionalId: null,
            transactionTimeoutMs: 1000,
            ...request,
          })
        ).errorCode
      expect(await ask({ producerId: 5n })).toBe(Errors.INVALID_REQUEST.code)
      expect(await ask({ producerEpoch: 5 })).toBe(Errors.INVALID_REQUEST.code)
      expect(await ask({ transactionalId: '' })).toBe(Errors.INVALID_REQUEST.code)
      expect(await ask({ transactionalId: 't' })).toBe(Errors.NOT_COORDINATOR.code)
      expect(await ask({ producerId: 5n, producerEpoch: 1 })).toBe(0)
    }),
  )
})

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

describe('a request whose parts cannot be told apart', () => {
  test(
    'ids that nobody knows are UNKNOWN_TOPIC_ID',
    onCluster(async ({ connect, environment }) => {
      const client = await connect()
      const topicId = Uuid.randomUuid(environment.random)
      const produced = await client.request(ApiKeys.PRODUCE, 13, {
        acks: 1,
        timeoutMs: 1,
        topicData: [{ topicId, partitionData: [{ index: 0, records: batchOf(['v']) }] }],
      })
      expect(produced.responses[0]!.partitionResponses[0]!.errorCode).toBe(
        Errors.UNKNOWN_TOPIC_ID.code,
      )
      const fetched = await client.request(ApiKeys.FETCH, 13, {
        topics: [{ topicId, partitions: [{ partition: 0, partitionMaxBytes: 1 }] }],
      })
      expect(fetched.responses[0]!.partitions[0]!.errorCode).toBe(Errors.UNKNOWN_TOPIC_ID.code)
    }),
  )

  test(
    'bytes that do not follow the schema close the connection',
    onCluster(async ({ connect }) => {
      const client = await connect()
      const [slice] = [
        Buffer.concat(buildRequestSend(ApiKeys.METADATA, 9, 1, 'x', { topics: [{ name: 'a' }] })),
      ]
      const bytes = Uint8Array.from(slice!)
      // The array says that it has thousands of elements.
      bytes[bytes.length - 9] = 0xff
      await client.sendRaw([bytes])
      await client.closedByBroker()
    }),
  )
})
