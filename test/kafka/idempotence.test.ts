/**
 * The idempotent producer and Apache Kafka's own broker: it knows our batches by their producer id
 * and sequence, and writes none of them twice.
 */

import { expect, inject, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { systemEnvironment } from '../../src/network/Environment.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { WireClient } from '../support/WireClient.ts'
import { ourClient } from './support/ourClient.ts'

const bootstrap = inject('realKafka')
const RECORDS = 300

/** All that partition 0 holds, as it came over the wire. */
const fetchBytes = async (client: WireClient, topic: string): Promise<Uint8Array> => {
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }]
  const { responses } = await client.request(ApiKeys.FETCH, 12, {
    maxWaitMs: 1000,
    minBytes: 1,
    topics: [{ topic, partitions }],
  })
  return responses[0]!.partitions[0]!.records!
}

test('numbers of an idempotent producer are taken, and a batch that comes again is not written', async () => {
  const topic = 'idempotence'
  const admin = new KafkaAdminClient({ 'bootstrap.servers': bootstrap })
  await admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor: 1 }]).all()
  await admin.close()
  const producer = new KafkaProducer({
    'bootstrap.servers': bootstrap,
    'key.serializer': StringSerializer,
    'value.serializer': StringSerializer,
    'batch.size': 300,
    'linger.ms': 0,
  })
  const sent = Array.from({ length: RECORDS }, (_, i) =>
    producer.send({ topic, partition: 0, value: `value ${i}` }),
  )
  const offsets = (await Promise.all(sent)).map(({ offset }) => offset)
  await producer.close()
  expect(offsets).toEqual(Array.from({ length: RECORDS }, (_, i) => i))

  const [host, port] = bootstrap.split(':')
  const client = await WireClient.connect(systemEnvironment(), host!, Number(port))
  try {
    const stored = [...MemoryRecords.readableRecords(await fetchBytes(client, topic)).batches()]
    expect(stored.length).toBeGreaterThan(10)
    const [first] = stored
    let sequence = 0
    for (const batch of stored) {
      expect([batch.producerId, batch.producerEpoch]).toEqual([first!.producerId, 0])
      expect(batch.baseSequence).toBe(sequence)
      sequence = batch.lastSequence + 1
    }
    expect(first!.producerId).toBeGreaterThanOrEqual(0n)
    expect(sequence).toBe(RECORDS)

    // As if its answer had been lost: the broker answers as it did before.
    const last = stored.at(-1)!
    const records = last.bytes.slice()
    // As a producer writes it: from offset 0, which no checksum covers.
    records.fill(0, 0, 8)
    const again = await client.request(ApiKeys.PRODUCE, 9, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 10_000,
      topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
    })
    const answer = again.responses[0]!.partitionResponses[0]!
    expect([answer.errorCode, answer.baseOffset]).toEqual([Errors.NONE.code, last.baseOffset])
  } finally {
    client.close()
  }
  const consumed = await ourClient().consume(bootstrap, topic, RECORDS)
  const value = (i: number) => Buffer.from(`value ${i}`).toString('base64')
  expect(consumed.map((record) => record.value)).toEqual(offsets.map(value))
})
