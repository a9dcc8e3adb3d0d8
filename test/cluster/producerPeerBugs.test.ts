/**
 * What went wrong in other clients while producing, each a test of the same name: tagged fields,
 * correlation ids past 32 bits, sends that never settle, memory that grows behind a slow broker.
 *
 * Others stand with what they belong to: batching of single sends in `road.test.ts`, negative
 * time-outs in `producer/sendingRules.test.ts`, a slow broker and `max.block.ms` in
 * `slowParties.test.ts`.
 */

import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { BufferExhaustedException, TimeoutException } from '../../src/common/errors.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import type { ProducerSnapshot } from '../../src/producer/internals/ProducerSnapshot.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { buildResponseSend, parseResponse } from '../../src/protocol/SendBuilder.ts'
import { producerWorld } from '../producer/producerWorld.ts'
import { onCluster, range, type StringProducer, valuesOf } from './clusterSupport.ts'

/** Of tomorrow's Kafka: nobody here knows these tags. */
const UNKNOWN = [
  { tag: 7, data: Uint8Array.of(1, 2, 3) },
  { tag: 300, data: new Uint8Array(200) },
]

const joined = (slices: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(slices.flatMap((slice) => [...slice]))

describe('tagged fields (platformatic/kafka #313)', () => {
  test('that nobody knows, in every struct of an answer, do not hide what is known', async () => {
    await producerWorld({ 'linger.ms': 0 }, async ({ producer, broker }) => {
      const plain = broker.answer.bind(broker)
      broker.answer = (data) => {
        const answer = plain(data)
        if (answer === null) return null
        const responses = answer.responses.map((topic) => ({
          ...topic,
          partitionResponses: topic.partitionResponses.map((partition) => ({
            ...partition,
            unknownTaggedFields: UNKNOWN,
          })),
          unknownTaggedFields: UNKNOWN,
        }))
        return { responses, unknownTaggedFields: UNKNOWN }
      }
      for (const i of range(3)) {
        expect((await producer.send({ topic: 't', value: `${i}` })).offset).toBe(i)
      }
    })
  })

  test('that are known stand among others, also behind a header that has some', () => {
    const version = ApiKeys.PRODUCE.latestVersion()
    const partition = {
      index: 3,
      baseOffset: 42,
      currentLeader: { leaderId: 2, leaderEpoch: 9 },
      unknownTaggedFields: UNKNOWN,
    }
    const frame = joined(
      buildResponseSend(ApiKeys.PRODUCE, version, 77, {
        responses: [{ topicId: Uuid.ONE_UUID, partitionResponses: [partition] }],
        nodeEndpoints: [{ nodeId: 2, host: 'two', port: 9092 }],
        unknownTaggedFields: UNKNOWN,
      }),
    )
    // Size and correlation id are eight bytes, then comes the number of the header's tags: one.
    const bytes = joined([frame.subarray(4, 8), Uint8Array.of(1, 5, 2, 0, 0), frame.subarray(9)])
    const { correlationId, data } = parseResponse(ApiKeys.PRODUCE, version, ByteBuffer.wrap(bytes))
    expect(correlationId).toBe(77)
    expect(data.responses[0]!.partitionResponses[0]).toMatchObject({
      index: 3,
      baseOffset: 42,
      currentLeader: { leaderId: 2, leaderEpoch: 9 },
    })
    expect(data.nodeEndpoints[0]).toMatchObject({ nodeId: 2, host: 'two', port: 9092 })
  })
})

describe('correlation ids past 32 bits (platformatic/kafka #302)', () => {
  test(
    'wrap around, and records go on being acknowledged',
    onCluster(async (t) => {
      const producer = t.producer({ 'linger.ms': 0 })
      await producer.send({ topic: 'orders', partition: 0, value: '0' })
      const { client } = (
        producer as unknown as { parts: { sender: { client: { correlation: number } } } }
      ).parts.sender
      client.correlation = 2 ** 31 - 12
      const ids = t.events('clients.networkClient.doSend')
      for (const i of range(20, 1)) {
        const sent = await producer.send({ topic: 'orders', partition: 0, value: `${i}` })
        expect(sent.offset).toBe(i)
      }
      const seen = ids.map(({ fields }) => fields.correlationId)
      expect(seen).toContain(2 ** 31 - 9)
      expect(seen).toContain(-(2 ** 31))
    }),
  )
})

describe('a send that never settles when the broker goes away (kafkajs #1751)', () => {
  const settings = {
    'linger.ms': 0,
    'batch.size': 300,
    'delivery.timeout.ms': 6000,
    'request.timeout.ms': 2000,
    'max.block.ms': 3000,
  } as const

  /** Every send's outcome, in the order of sending. */
  const outcomesOf = (producer: StringProducer, count: number): Promise<string[]> => {
    const outcome = (error: Error | null): string => (error === null ? 'sent' : error.name)
    return Promise.all(
      range(count).map(
        (i) =>
          new Promise<string>((resolve) => {
            const record = { topic: 'orders', partition: 0, value: `record ${i}` }
            producer.send(record, (_, error) => resolve(outcome(error)))
          }),
      ),
    )
  }

  test(
    'settles: in flight, in a batch, or waiting; and all memory comes back',
    onCluster(
      async (t) => {
        const producer = t.producer(settings)
        await producer.send({ topic: 'orders', partition: 0, value: 'before' })
        const startMs = t.time.milliseconds()
        const outcomes = outcomesOf(producer, 200)
        await t.time.sleep(3) // requests are under way
        await t.cluster.stopBroker(1)
        const kinds = new Set(await outcomes)
        expect(kinds.has(TimeoutException.name)).toBe(true)
        expect(t.time.milliseconds() - startMs).toBeLessThanOrEqual(6500)
        const { bufferPool, inFlight } = producer.snapshot()
        expect(inFlight).toEqual([])
        expect(bufferPool.inUseBytes).toBe(0)
      },
      { link: { latencyMs: 2 } },
    ),
  )

  test(
    'is sent when the broker comes back in time',
    onCluster(
      async (t) => {
        const producer = t.producer(settings)
        await producer.send({ topic: 'orders', partition: 0, value: 'before' })
        const port = Number(t.cluster.bootstrapServers.split(':')[1])
        await t.cluster.stopBroker(1)
        const outcomes = outcomesOf(producer, 50)
        await t.time.sleep(2000)
        await t.cluster.startBroker(1, port)
        expect(new Set(await outcomes)).toEqual(new Set(['sent']))
        const values = valuesOf(await t.contents('orders'))
        expect(new Set(values).size).toBe(51)
      },
      { link: { latencyMs: 2 } },
    ),
  )
})

describe('memory that grows behind a slow broker (platformatic/kafka #236, #260)', () => {
  const heldBytes = ({ bufferPool, waitingSends }: ProducerSnapshot): number =>
    bufferPool.inUseBytes + waitingSends.reduce((sum, { bytes }) => sum + bytes, 0)

  test.each(['all', '1', '0'] as const)('stays within its bounds with acks=%s', (acks) =>
    onCluster(
      async (t) => {
        const memory = 100_000
        const settings = {
          acks,
          'buffer.memory': memory,
          'batch.size': 4000,
          'linger.ms': 0,
        } as const
        const producer = t.producer({ ...settings, 'max.block.ms': 500 })
        await producer.send({ topic: 'orders', partition: 0, value: 'before' })
        let settled = 0
        let refused = 0
        let most = 0
        const value = 'x'.repeat(1000)
        // With acks=0 a record is done once the socket took it, and that takes a megabyte first.
        const count = acks === '0' ? 3000 : 1000
        for (let i = 0; i < count; i++) {
          // Nobody awaits: as fast as a program can, ten records a millisecond.
          producer.send({ topic: 'orders', partition: 0, value }, (_, error) => {
            settled++
            if (error instanceof BufferExhaustedException) refused++
          })
          if (i % 10 === 0) await t.time.sleep(1)
          most = Math.max(most, heldBytes(producer.snapshot()))
        }
        await producer.flush()
        expect(settled).toBe(count)
        expect(refused).toBeGreaterThan(0)
        expect(most).toBeGreaterThan(memory / 2)
        expect(most).toBeLessThanOrEqual(2 * memory)
        expect(heldBytes(producer.snapshot())).toBe(0)
      },
      { link: { latencyMs: 1, bytesPerMs: 200 } },
    )(),
  )
})
