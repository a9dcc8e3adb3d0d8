/**
 * Every codec, both ways: what we compress, the Java client and librdkafka read; what they
 * compress, we read. Through Apache Kafka's own broker and through ours.
 *
 * The log itself is looked into: a codec that was quietly not used would prove nothing.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { MemoryStorage } from '../../src/broker/log/MemoryStorage.ts'
import { readWhole } from '../../src/broker/log/Storage.ts'
import type { CompressionName } from '../../src/record/CompressionType.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import {
  base64,
  type ForeignClient,
  javaTools,
  kcat,
  type PlainRecord,
  pythonClient,
} from './support/ForeignClient.ts'
import { ourClient } from './support/ourClient.ts'

const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const
/** Our producers, each with a level; `undefined` is the default. */
const OURS = [
  ...CODECS.map((codec) => [codec, undefined] as const),
  ...([1, 9] as const).map((level) => ['gzip', level] as const),
  ...([1, 8, 17] as const).map((level) => ['lz4', level] as const),
  ...([-131_072, 1, 22] as const).map((level) => ['zstd', level] as const),
]
const tools = inject('tools')

/** Text with copies of many lengths and distances, in more than one block of every codec. */
const longText = (): string =>
  Array.from({ length: 9000 }, (_, i) => `line ${(i * i) % 977} of ${i % 13}`).join('; ')

/** A null value, a null key, headers, an empty value, text outside Latin, several blocks. */
const records = (name: string): PlainRecord[] => {
  const now = Date.now()
  const headers: [string, string][] = [
    ['trace', base64('a1')],
    ['trace', base64('b2')],
  ]
  return [
    { timestamp: now, key: base64('codec'), value: base64(name), headers: [] },
    { timestamp: now, key: base64('tombstone'), value: null, headers: [] },
    { timestamp: now, key: null, value: base64('no key: 值 with ünïcode'), headers },
    { timestamp: now, key: base64('long'), value: base64(longText()), headers: [] },
  ]
}

interface Broker {
  readonly bootstrap: string
  /** The bytes of the log of a topic's only partition. */
  log(topic: string): Uint8Array
}

/** The codecs of the batches in the log, each once, in the order in which they came. */
const codecsIn = (broker: Broker, topic: string): string[] => {
  const batches = [...MemoryRecords.readableRecords(broker.log(topic)).batches()]
  return [...new Set(batches.map((batch) => batch.compressionType.name))]
}

const createTopics = async (bootstrap: string, names: string[]): Promise<void> => {
  const admin = new KafkaAdminClient({ 'bootstrap.servers': bootstrap })
  const topics = names.map((name) => ({ name, numPartitions: 1, replicationFactor: 1 }))
  await admin.createTopics(topics).all()
  await admin.close()
}

const expectConsumed = async (
  client: ForeignClient,
  bootstrap: string,
  topic: string,
  expected: readonly PlainRecord[],
): Promise<void> => {
  const consumed = await client.consume(bootstrap, topic, expected.length)
  const content = consumed.map(({ key, value, headers }) => ({ key, value, headers }))
  const wanted = expected.map(({ key, value, headers }) => ({ key, value, headers }))
  // As text: comparing objects of megabytes takes seconds.
  expect(JSON.stringify(content) === JSON.stringify(wanted), `${client.name}, ${topic}`).toBe(true)
  expect(consumed.map(({ offset }) => offset)).toEqual(expected.map((_, i) => i))
}

const writers: ((codec: CompressionName) => ForeignClient)[] = [
  (codec) => javaTools(tools, codec),
  (codec) => pythonClient(tools, 'confluent', codec),
  (codec) => kcat(tools, codec),
]

const bothWays = (broker: () => Broker): void => {
  test('Java, librdkafka and we read what we compressed, all levels in one response', async () => {
    const { bootstrap } = broker()
    const topic = 'codecs-of-ours'
    await createTopics(bootstrap, [topic])
    const sent: PlainRecord[] = []
    for (const [codec, level] of OURS) {
      const some = records(`${codec} ${level ?? 'default'}`)
      await ourClient(codec, level).produce(bootstrap, topic, some)
      sent.push(...some)
    }
    expect(codecsIn(broker(), topic)).toEqual([...CODECS])
    const readers = [...writers.map((of) => of('none')), ourClient()]
    await Promise.all(readers.map((each) => expectConsumed(each, bootstrap, topic, sent)))
  })

  test.each(writers.map((of) => [of('none').name, of] as const))(
    'we read what %s compressed, with every codec',
    async (name, of) => {
      const { bootstrap } = broker()
      const topics = CODECS.map((codec) => `${codec}-of-${name}`)
      await createTopics(bootstrap, topics)
      await Promise.all(
        CODECS.map(async (codec, i) => {
          const client = of(codec)
          await client.produce(bootstrap, topics[i]!, records(codec))
          await expectConsumed(ourClient(), bootstrap, topics[i]!, records(codec))
          expect(codecsIn(broker(), topics[i]!)).toContain(codec)
        }),
      )
    },
  )
}

describe('through the embedded broker', () => {
  const storage = new MemoryStorage()
  let cluster: EmbeddedCluster
  beforeAll(async () => {
    cluster = await EmbeddedCluster.start({ storage })
  })
  afterAll(() => cluster.close())

  bothWays(() => ({
    bootstrap: cluster.bootstrapServers,
    log: (topic) => readWhole(storage, `broker-1/${topic}-0/00000000000000000000.log`)!,
  }))
})

describe("through Apache Kafka's broker", () => {
  const bootstrap = inject('realKafka')
  const data = join(tools.workDir, `kafka-${bootstrap.split(':')[1]}`, 'data')

  bothWays(() => ({
    bootstrap,
    log: (topic) => new Uint8Array(readFileSync(join(data, `${topic}-0/00000000000000000000.log`))),
  }))
})
