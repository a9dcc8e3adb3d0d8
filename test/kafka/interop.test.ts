/**
 * Agreement with software that we did not write: what one client produces, another consumes,
 * through our embedded broker and through Apache Kafka's own.
 */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import {
  base64,
  type ForeignClient,
  javaTools,
  kafkaJs,
  kcat,
  type PlainRecord,
  pythonClient,
} from './support/ForeignClient.ts'
import { ourClient } from './support/ourClient.ts'

const tools = inject('tools')
const confluent = pythonClient(tools, 'confluent')
const kafkaPython = pythonClient(tools, 'kafka-python')
const foreign = [kcat(tools), confluent, kafkaPython, kafkaJs(), javaTools(tools)]
const ours = [ourClient(), ourClient('gzip')]

/**
 * Keys, nulls, repeated headers, empty values, text outside Latin, bytes that are no text, a large
 * value.
 */
const allRecords = (): (PlainRecord & { needs?: 'binary' | 'nullHeaders' })[] => {
  const now = Date.now()
  return [
    { timestamp: now - 5000, key: base64('k-1'), value: base64('hello, kafka'), headers: [] },
    { timestamp: now - 4000, key: null, value: base64('no key'), headers: [] },
    { timestamp: now - 3000, key: base64('tombstone'), value: null, headers: [] },
    {
      timestamp: now - 2000,
      key: base64('ключ'),
      value: base64('值 with ünïcode'),
      headers: [
        ['trace', base64('a1')],
        ['trace', base64('b2')],
        ['kind', base64('test')],
      ],
    },
    {
      timestamp: now - 1000,
      key: base64('n'),
      value: base64('null header'),
      headers: [['nothing', null]],
      needs: 'nullHeaders',
    },
    {
      timestamp: now,
      key: Buffer.from([0, 255, 128, 10]).toString('base64'),
      value: Buffer.alloc(100_000, 0xa7).toString('base64'),
      headers: [],
      needs: 'binary',
    },
  ]
}

const recordsFor = (...clients: ForeignClient[]): PlainRecord[] =>
  allRecords()
    .filter(({ needs }) => needs === undefined || !clients.some((c) => c.cannot.has(needs)))
    .map(({ needs: _, ...record }) => record)

let topics = 0

const roundTrip = async (bootstrap: string, from: ForeignClient, to: ForeignClient) => {
  const topic = `interop-${topics++}`
  const admin = new KafkaAdminClient({ 'bootstrap.servers': bootstrap })
  await admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor: 1 }]).all()
  await admin.close()
  const records = recordsFor(from, to)
  const before = Date.now()
  await from.produce(bootstrap, topic, records)
  const consumed = await to.consume(bootstrap, topic, records.length)
  expect(consumed.map((record) => record.offset)).toEqual(records.map((_, i) => i))
  for (const [i, { offset: _, timestamp, ...content }] of consumed.entries()) {
    const { timestamp: sentAt, ...expected } = records[i]!
    expect(content).toEqual(expected)
    if (!from.cannot.has('timestamps')) expect(timestamp).toBe(sentAt)
    else expect(timestamp).toBeGreaterThanOrEqual(before - 1000)
  }
}

describe('the embedded broker', () => {
  let cluster: EmbeddedCluster
  beforeAll(async () => {
    cluster = await EmbeddedCluster.start()
  })
  afterAll(() => cluster.close())

  for (const client of foreign) {
    test(`stores what ${client.name} produces, and we consume it`, () =>
      roundTrip(cluster.bootstrapServers, client, ourClient()))
  }
  for (const client of foreign.filter((c) => !c.cannot.has('consume'))) {
    for (const us of ours) {
      test(`gives ${client.name} what ${us.name} produced`, () =>
        roundTrip(cluster.bootstrapServers, us, client))
    }
  }
  test('carries records between two clients that know nothing of us', async () => {
    await roundTrip(cluster.bootstrapServers, confluent, kafkaPython)
    await roundTrip(cluster.bootstrapServers, kafkaPython, confluent)
  })
})

describe(`Apache Kafka's broker`, () => {
  const bootstrap = inject('realKafka')

  for (const us of ours) {
    test(`carries what ${us.name} produces back to us`, () => roundTrip(bootstrap, us, ourClient()))
  }
  for (const client of foreign) {
    test(`gives us what ${client.name} produces`, () => roundTrip(bootstrap, client, ourClient()))
  }
  for (const client of foreign.filter((c) => !c.cannot.has('consume'))) {
    test(`gives ${client.name} what we produce`, () => roundTrip(bootstrap, ourClient(), client))
  }
})
