/**
 * What a broker remembers of idempotent producers, as clients see it: over the wire, through
 * restarts and crashes, and for as long as `producer.id.expiration.ms` says.
 */

import { describe, expect, test } from 'vitest'
import { Errors } from '../../src/protocol/Errors.ts'
import type { WireClient } from '../support/WireClient.ts'
import { batchOf, createTopic, fetch, onCluster, produce, valuesIn } from './brokerSupport.ts'

/** A batch of one record; its answer as an error's name, or the offset that it has. */
const send = async (
  client: WireClient,
  baseSequence: number,
  producerEpoch = 0,
): Promise<number | string> => {
  const values = [`${producerEpoch}/${baseSequence}`]
  const records = batchOf(values, { producerId: 7n, producerEpoch, baseSequence })
  const { errorCode, baseOffset } = await produce(client, 'orders', records)
  return errorCode === 0 ? baseOffset : Errors.forCode(errorCode).name
}

const sendAll = async (client: WireClient, from: number, to: number): Promise<void> => {
  for (let sequence = from; sequence <= to; sequence++) await send(client, sequence)
}

const contents = async (client: WireClient): Promise<string[]> =>
  valuesIn((await fetch(client, 'orders')).records)

describe('an idempotent producer, at the broker', () => {
  test(
    'is answered with the old offset for each of its last five batches',
    onCluster(async ({ connect }) => {
      const client = await connect()
      await createTopic(client, 'orders')
      await sendAll(client, 0, 6)
      for (const sequence of [6, 2, 4, 3, 5]) expect(await send(client, sequence)).toBe(sequence)
      expect(await send(client, 1)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
      expect(await send(client, 8)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
      expect(await send(client, 7)).toBe(7)
      expect((await contents(client)).length).toBe(8)
    }),
  )

  test(
    'begins a new epoch at 0, and is fenced under its old one',
    onCluster(async ({ connect }) => {
      const client = await connect()
      await createTopic(client, 'orders')
      await sendAll(client, 0, 2)
      expect(await send(client, 3, 1)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
      expect(await send(client, 0, 1)).toBe(3)
      expect(await send(client, 3, 0)).toBe('INVALID_PRODUCER_EPOCH')
      expect(await send(client, 2, 0)).toBe('INVALID_PRODUCER_EPOCH')
      expect(await send(client, 0, 1)).toBe(3)
      expect(await send(client, 1, 1)).toBe(4)
    }),
  )

  for (const how of ['stopBroker', 'killBroker'] as const) {
    test(
      `is known again after ${how} and a new start`,
      onCluster(async ({ cluster, connect }) => {
        const client = await connect()
        await createTopic(client, 'orders')
        await sendAll(client, 0, 5)
        const { port } = cluster.broker(1)
        await cluster[how](1)
        await cluster.startBroker(1, port)
        const again = await connect()
        // Kafka's snapshots hold the last batch of a producer, and no more.
        expect(await send(again, 5)).toBe(5)
        expect(await send(again, 4)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
        expect(await send(again, 6)).toBe(6)
        expect((await contents(again)).length).toBe(7)
      }),
    )
  }

  test(
    'is forgotten when it has been idle for producer.id.expiration.ms',
    onCluster(
      async ({ connect, world }) => {
        const client = await connect()
        await createTopic(client, 'orders')
        // The age of a producer is that of its last record.
        const startMs = world.simulation.milliseconds()
        await sendAll(client, 0, 1)
        expect(await send(client, 1)).toBe(1)
        await world.simulation.sleep(1_700_000_000_000 + 7000 - startMs)
        // Nothing is known of it: any sequence will do, and no duplicate is recognised.
        expect(await send(client, 1)).toBe(2)
        expect((await contents(client)).length).toBe(3)
      },
      {
        config: {
          'producer.id.expiration.ms': 5000,
          'producer.id.expiration.check.interval.ms': 1000,
        },
      },
    ),
  )
})
