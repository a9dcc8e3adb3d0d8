/**
 * `npm run bench`: our producer against kafkajs, in the same run, rounds interleaved.
 *
 *     --quick          one round of fewer records, against the embedded broker alone
 *     --rounds N       default 3
 *     --broker NAME    embedded, real, or both; default: both where there is a JVM, Maven and Python
 *     --json           one object for machines instead of the tables
 *
 * A figure counts only when every record that was sent was acknowledged, and the broker's end offsets say so too.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { KafkaAdminClient } from '../src/admin/KafkaAdminClient.ts'
import { ByteArrayDeserializer } from '../src/common/serialization/ByteArrayDeserializer.ts'
import { TopicPartition } from '../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../src/consumer/KafkaConsumer.ts'
import { bringPrerequisites, MissingPrerequisite } from '../test/kafka/support/prerequisites.ts'
import { RealKafka } from '../test/kafka/support/RealKafka.ts'
import { CONTENDERS } from './contenders.ts'

const PARTITIONS = 6

/** Strips the types and changes nothing else: the code that is measured is the code that is packed. */
const TYPESCRIPT = ['--import', 'ts-blank-space/register']

interface Round {
  acknowledged: number
  seconds: number
  cpuSeconds: number
  peakMemoryMb: number
  memoryBeforeMb: number
}

interface Row {
  broker: string
  contender: string
  recordsPerSecond: number
  cpuSecondsPerMillion: number
  peakMemoryMb: number
}

interface Broker {
  readonly name: string
  readonly bootstrap: string
  stop(): Promise<void>
}

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    broker: { type: 'string' },
  },
})

const script = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const say = (line: string): void => {
  if (!options.json) process.stdout.write(`${line}\n`)
}

/** The embedded cluster in a process of its own, its log on disk. */
const startEmbedded = async (): Promise<Broker> => {
  const dir = mkdtempSync(join(tmpdir(), 'annotated-kafka-bench-'))
  const broker = [script('../src/cli/main.ts'), 'broker', '--port', '0', '--dir', dir]
  const args = [...TYPESCRIPT, ...broker]
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout! })) {
    const address = /(\d+\.\d+\.\d+\.\d+:\d+)/.exec(line)?.[1]
    if (address === undefined) continue
    return {
      name: 'embedded broker',
      bootstrap: address,
      async stop() {
        child.kill('SIGINT')
        await once(child, 'exit')
        rmSync(dir, { recursive: true, force: true })
      },
    }
  }
  throw new Error('the embedded broker ended before it listened')
}

const startReal = async (): Promise<Broker | null> => {
  try {
    const kafka = await RealKafka.start(bringPrerequisites())
    return {
      name: 'Apache Kafka 4.3.1',
      bootstrap: kafka.bootstrapServers,
      stop: () => kafka.stop(),
    }
  } catch (error) {
    if (!(error instanceof MissingPrerequisite)) throw error
    say(`without Apache Kafka: ${error.message}`)
    return null
  }
}

const createTopic = async (bootstrap: string, ...names: string[]): Promise<void> => {
  const admin = new KafkaAdminClient({ 'bootstrap.servers': bootstrap })
  const topics = names.map((name) => ({ name, numPartitions: PARTITIONS, replicationFactor: 1 }))
  await admin.createTopics(topics).all()
  await admin.close()
}

/** What the broker itself says is stored. */
const countBack = async (bootstrap: string, topic: string): Promise<number> => {
  const consumer = new KafkaConsumer({
    'bootstrap.servers': bootstrap,
    'key.deserializer': ByteArrayDeserializer,
    'value.deserializer': ByteArrayDeserializer,
  })
  const partitions = Array.from({ length: PARTITIONS }, (_, i) => new TopicPartition(topic, i))
  let sum = 0
  for (const offset of (await consumer.endOffsets(partitions)).values()) sum += offset
  await consumer.close()
  return sum
}

const contend = async (broker: Broker, name: string, topic: string): Promise<Round> => {
  const { count, quickCount } = CONTENDERS[name]!
  const records = options.quick ? quickCount : count
  await createTopic(broker.bootstrap, topic, `${topic}-warm-up`)
  const args = [...TYPESCRIPT, script('contend.ts'), name, broker.bootstrap, topic, String(records)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${name} ended with ${code}`)
  const round = JSON.parse(out) as Round
  const stored = await countBack(broker.bootstrap, topic)
  if (round.acknowledged !== records || stored !== records) {
    throw new Error(
      `${name}: ${records} sent, ${round.acknowledged} acknowledged, ${stored} stored`,
    )
  }
  return round
}

const median = (numbers: number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!

const measure = async (broker: Broker, rounds: number): Promise<Row[]> => {
  const results = new Map<string, Round[]>(Object.keys(CONTENDERS).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, done] of results) {
      done.push(await contend(broker, name, `bench-${name}-${round}-${Date.now()}`))
    }
  }
  return [...results].map(([contender, all]) => ({
    broker: broker.name,
    contender,
    recordsPerSecond: Math.round(median(all.map((r) => r.acknowledged / r.seconds))),
    cpuSecondsPerMillion: median(all.map((r) => (r.cpuSeconds / r.acknowledged) * 1e6)),
    peakMemoryMb: Math.round(median(all.map((r) => r.peakMemoryMb))),
  }))
}

const show = (rows: Row[]): void => {
  const ours = rows.find((row) => row.contender === 'ours')!
  say(`\n${rows[0]!.broker}: ${PARTITIONS} partitions, 100 B, acks=all`)
  say(`${''.padEnd(38)}   records/s  CPU s per million   peak MB   ours ÷ this`)
  for (const row of rows) {
    say(
      `${CONTENDERS[row.contender]!.describe.padEnd(38)}${row.recordsPerSecond
        .toLocaleString('en')
        .padStart(12)}${row.cpuSecondsPerMillion.toFixed(2).padStart(19)}${String(
        row.peakMemoryMb,
      ).padStart(10)}${(ours.recordsPerSecond / row.recordsPerSecond).toFixed(2).padStart(14)}`,
    )
  }
}

const main = async (): Promise<void> => {
  const rounds = options.quick ? 1 : Number(options.rounds)
  const which = options.broker ?? (options.quick ? 'embedded' : 'both')
  const rows: Row[] = []
  for (const start of [
    ...(which === 'real' ? [] : [startEmbedded]),
    ...(which === 'embedded' ? [] : [startReal]),
  ]) {
    const broker = await start()
    if (broker === null) continue
    try {
      const measured = await measure(broker, rounds)
      rows.push(...measured)
      show(measured)
    } finally {
      await broker.stop()
    }
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ rows })}\n`)
}

await main()
