import { describe, expect, test } from 'vitest'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { buildRequestSend } from '../../src/protocol/SendBuilder.ts'
import { covers } from '../support/covers.ts'
import { batchOf, onCluster } from './brokerSupport.ts'

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
        [8, 2, 10],
        [9, 1, 10],
        [10, 0, 6],
        [11, 0, 9],
        [12, 0, 4],
        [13, 0, 5],
        [14, 0, 5],
        [15, 0, 6],
        [16, 0, 5],
        [18, 0, 4],
        [19, 2, 7],
        [20, 1, 6],
        [22, 0, 5],
        [23, 2, 4],
        [32, 1, 4],
        [42, 0, 2],
        [47, 0, 0],
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
