/**
 * Bytes that are not what they were: on the broker's disk, on the way, or too many of them. Nothing
 * corrupt is handed to a program, nothing hangs on it, and what is whole around it can be read.
 */

import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { crc32c } from '../../src/common/Crc32C.ts'
import {
  CorruptRecordException,
  RecordTooLargeException,
} from '../../src/common/errors/ApiExceptions.ts'
import { KafkaException } from '../../src/common/errors.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { SelectorProvider, SocketChannel } from '../../src/network/nio/SocketChannel.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { batchOf } from '../broker/brokerSupport.ts'
import { WireClient } from '../support/WireClient.ts'
import { type ClusterTest, failureOf, onCluster, range, valuesOf } from './clusterSupport.ts'

const ORDERS = new TopicPartition('orders', 0)
const LOG = 'broker-1/orders-0/00000000000000000000.log'

/** Writes batches of three records, offsets 0–2, 3–5, …; returns where each begins in the file. */
const writeBatches = async (t: ClusterTest, batches: number): Promise<number[]> => {
  const producer = t.producer({ 'client.id': 'writer' })
  await producer.partitionsFor('orders')
  const positions: number[] = []
  for (const batch of range(batches)) {
    positions.push(batch === 0 ? 0 : t.storage.open(LOG).size())
    for (const i of range(3, batch * 3)) producer.send({ topic: 'orders', value: `value-${i}` })
    await producer.flush()
  }
  await producer.close()
  return positions
}

/** What a rotten disk does to one byte. */
const rot = (t: ClusterTest, position: number, change: (byte: number) => number): void => {
  const file = t.storage.open(LOG)
  file.write(position, Uint8Array.of(change(file.read(position, 1)[0]!)))
  file.close()
}

const reader = (t: ClusterTest, settings = {}) => {
  const consumer = t.consumer(settings)
  consumer.assign([ORDERS])
  return consumer
}

describe('a wrong CRC in a fetch', () => {
  test(
    'gives what is whole before it, then an error with topic, partition, offset and the way on',
    onCluster(async (t) => {
      const positions = await writeBatches(t, 3)
      rot(t, positions[1]! + 70, (byte) => byte ^ 1)
      const consumer = reader(t)
      expect(valuesOf(await consumer.poll(1000))).toEqual(['value-0', 'value-1', 'value-2'])

      for (const _ of range(3)) {
        const error = await failureOf(consumer.poll(1000))
        expect(error.cause).toBeInstanceOf(CorruptRecordException)
        expect(error.message).toMatch(/topic 'orders', partition 0, at offset 3/)
        expect(error.message).toMatch(/stored crc = \d+, computed crc = \d+/)
        expect(error.message).toMatch(/seek past it.*ends before offset 6/)
        expect(await consumer.position(ORDERS)).toBe(3)
      }

      consumer.seek(ORDERS, 6)
      expect(valuesOf(await consumer.poll(1000))).toEqual(['value-6', 'value-7', 'value-8'])
    }),
  )

  test(
    'is not looked for with check.crcs=false',
    onCluster(async (t) => {
      const [first] = await writeBatches(t, 1)
      const size = t.storage.open(LOG).size()
      // The last letter of the last value; behind it is only the number of headers.
      rot(t, first! + size - 2, () => 'X'.charCodeAt(0))
      await failureOf(reader(t).poll(1000))
      const trusting = reader(t, { 'check.crcs': false, 'client.id': 'trusting' })
      expect(valuesOf(await trusting.poll(1000))).toEqual(['value-0', 'value-1', 'value-X'])
    }),
  )

  test(
    'of one partition does not stop the others',
    onCluster(async (t) => {
      await t.createTopic('orders', 3)
      const producer = t.producer()
      for (const i of range(9)) producer.send({ topic: 'orders', partition: i % 3, value: `${i}` })
      await producer.flush()
      rot(t, 70, (byte) => byte ^ 0x80)
      const consumer = t.consumer()
      consumer.assign(range(3).map((i) => new TopicPartition('orders', i)))
      const read: (string | null)[] = []
      const failures: Error[] = []
      for (const _ of range(12)) {
        try {
          read.push(...valuesOf(await consumer.poll(200)))
        } catch (error) {
          failures.push(error as Error)
          consumer.pause([ORDERS])
        }
      }
      expect(read.sort()).toEqual(['1', '2', '4', '5', '7', '8'])
      expect(failures).toHaveLength(1)
      expect(failures[0]?.cause).toBeInstanceOf(CorruptRecordException)
    }),
  )
})

describe('a truncated batch in a fetch', () => {
  /** The batch at `position` says one record more than it holds, under a right CRC. */
  const shorten = (t: ClusterTest, position: number): void => {
    const file = t.storage.open(LOG)
    const batch = file.read(position, file.size() - position).slice()
    const view = new DataView(batch.buffer)
    const size = 12 + view.getInt32(8)
    view.setInt32(57, view.getInt32(57) + 1)
    view.setUint32(17, crc32c(batch, 21, size - 21))
    file.write(position, batch)
    file.close()
  }

  test(
    'is an error with topic, partition, offset and the way on',
    onCluster(async (t) => {
      const positions = await writeBatches(t, 2)
      shorten(t, positions[0]!)
      const consumer = reader(t)
      expect(valuesOf(await consumer.poll(1000))).toEqual(['value-0', 'value-1', 'value-2'])
      const error = await failureOf(consumer.poll(1000))
      expect(error).toBeInstanceOf(KafkaException)
      expect(error.message).toMatch(/topic 'orders', partition 0, at offset 3.*seek past it/)
    }),
  )

  test(
    'cut off at the end of the file, is an error and not a silence',
    onCluster(async (t) => {
      const positions = await writeBatches(t, 2)
      const file = t.storage.open(LOG)
      file.truncate(file.size() - 5)
      file.close()
      const consumer = reader(t)
      expect(valuesOf(await consumer.poll(1000))).toEqual(['value-0', 'value-1', 'value-2'])
      const error = await failureOf(consumer.poll(1000))
      expect(error).toBeInstanceOf(KafkaException)
      expect(error.message).toMatch(/orders-0=3|topic 'orders', partition 0, at offset 3/)
      expect(positions).toHaveLength(2)
    }),
  )
})

/** A network that flips one bit in the first frame that `hits`. */
const corrupting = (
  provider: SelectorProvider,
  hits: (frame: Uint8Array) => boolean,
): SelectorProvider & { hit: number } => {
  const result = {
    hit: 0,
    hostName: provider.hostName,
    openServerSocketChannel: () => provider.openServerSocketChannel(),
    openSocketChannel: (): SocketChannel => {
      const channel = provider.openSocketChannel()
      const write = channel.write.bind(channel)
      channel.write = (buffers) => {
        const frame = Uint8Array.from(buffers.flatMap((buffer) => [...buffer]))
        if (result.hit > 0 || !hits(frame)) return write(buffers)
        result.hit++
        // Just before the tagged fields that end a request stands the last value.
        frame[frame.length - 8]! ^= 1
        return write([frame])
      }
      return channel
    },
  }
  return result
}

const isProduceRequest = (frame: Uint8Array): boolean =>
  frame.length > 12 && ByteBuffer.wrap(frame).view.getInt16(4) === ApiKeys.PRODUCE.id

describe('a wrong CRC in a produce', () => {
  test(
    'is CORRUPT_MESSAGE, and nothing is written',
    onCluster(async (t) => {
      await t.createTopic('orders')
      const { host, port } = t.cluster.broker(1)
      const client = await WireClient.connect(t.environment('app'), host, port)
      const records = batchOf(['value'])
      records[records.length - 2]! ^= 1
      const { responses } = await client.request(ApiKeys.PRODUCE, 9, {
        acks: -1,
        timeoutMs: 1000,
        topicData: [{ name: 'orders', partitionData: [{ index: 0, records }] }],
      })
      client.close()
      const answer = responses[0]!.partitionResponses[0]!
      expect(answer.errorCode).toBe(Errors.CORRUPT_MESSAGE.code)
      expect(await t.contents('orders')).toEqual([])
    }),
  )

  test(
    'that came about on the way is sent again, and written once and whole',
    onCluster(async (t) => {
      const network = corrupting(t.world.network.host('producer'), isProduceRequest)
      const producer = t.producer({}, { ...t.environment('producer'), network })
      const sent = await producer.send({ topic: 'orders', value: 'a value of some length' })
      expect(network.hit).toBe(1)
      expect(sent.offset).toBe(0)
      expect(t.logger.messages('warn').join('\n')).toMatch(/orders-0, retrying.*CORRUPT_MESSAGE/)
      expect(valuesOf(await t.contents('orders'))).toEqual(['a value of some length'])
    }),
  )
})

describe('a record that is too large', () => {
  const large = 'x'.repeat(3000)

  test(
    'for max.request.size fails at once, with both sizes and the setting, and harms no other',
    onCluster(async (t) => {
      const producer = t.producer({ 'max.request.size': 2000 })
      const sent = [
        producer.send({ topic: 'orders', value: 'before' }),
        producer.send({ topic: 'orders', value: large }),
        producer.send({ topic: 'orders', value: 'after' }),
      ]
      const error = await failureOf(sent[1]!)
      expect(error).toBeInstanceOf(RecordTooLargeException)
      expect(error.message).toMatch(/30\d\d bytes.*2000.*max\.request\.size/s)
      await Promise.all([sent[0], sent[2]])
      expect(valuesOf(await t.contents('orders'))).toEqual(['before', 'after'])
    }),
  )

  test(
    'for buffer.memory fails at once',
    onCluster(async (t) => {
      const producer = t.producer({ 'buffer.memory': 2000, 'batch.size': 500 })
      const error = await failureOf(producer.send({ topic: 'orders', value: large }))
      expect(error).toBeInstanceOf(RecordTooLargeException)
      expect(error.message).toMatch(/buffer\.memory/)
    }),
  )

  for (const [whose, config, topicConfig] of [
    ['message.max.bytes of the broker', { 'message.max.bytes': 2000 }, {}],
    ['max.message.bytes of the topic', {}, { 'max.message.bytes': '2000' }],
  ] as const) {
    test(
      `for ${whose} fails alone, and is not split for ever from what was in its batch`,
      onCluster(
        async (t) => {
          await t.createTopic('orders', 1, topicConfig)
          // With several requests in flight a part may pass another one, as in Kafka.
          const oneByOne = { 'max.in.flight.requests.per.connection': 1 }
          const producer = t.producer({ 'linger.ms': 50, ...oneByOne })
          const sent = ['before', large, 'after'].map((value) =>
            producer.send({ topic: 'orders', value }),
          )
          const error = await failureOf(sent[1]!)
          expect(error).toBeInstanceOf(RecordTooLargeException)
          expect(error.message).toMatch(
            /record for orders-0 is larger.*raise 'max\.message\.bytes'/,
          )
          await Promise.all([sent[0], sent[2]])
          expect(valuesOf(await t.contents('orders'))).toEqual(['before', 'after'])
        },
        { config },
      ),
    )
  }
})
