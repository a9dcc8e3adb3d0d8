/**
 * Kafka clients that we did not write, each reduced to two calls: produce these records, consume
 * that many.
 *
 * All but kafkajs run in a process of their own and talk JSON lines with the test.
 */

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel } from 'kafkajs'
import type { CompressionName } from '../../../src/record/CompressionType.ts'
import type { Prerequisites } from './prerequisites.ts'

/** A record as every client can tell it; bytes are base64, `null` is Kafka's null. */
export interface PlainRecord {
  timestamp: number
  key: string | null
  value: string | null
  headers: [name: string, value: string | null][]
}

export interface ConsumedRecord extends PlainRecord {
  offset: number
}

export interface ForeignClient {
  readonly name: string
  /** What its interface cannot say, so that a test does not ask for it. */
  readonly cannot: ReadonlySet<'timestamps' | 'binary' | 'nullHeaders' | 'consume'>
  produce(bootstrap: string, topic: string, records: readonly PlainRecord[]): Promise<void>
  consume(bootstrap: string, topic: string, count: number): Promise<ConsumedRecord[]>
}

const PARTITION = 0

/** kcat splits its input at these; with -Z, an empty value behind a key is a null. */
const END_OF_MESSAGE = '\u0001'
const END_OF_KEY = '\u0002'

export const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

const text = (packed: string | null): string | null =>
  packed === null ? null : Buffer.from(packed, 'base64').toString('utf8')

const pack = (bytes: Buffer | Uint8Array | string | null | undefined): string | null =>
  bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('base64')

/** Runs a command to its end; rejects with what it said when it fails. */
export const run = (command: string, args: string[], input = ''): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'pipe', timeout: 60_000 })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk
    })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${command} ended with ${code}: ${err || out}`)),
    )
    child.stdin.end(input)
  })

const jsonLines = <T>(out: string): T[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)

/**
 * librdkafka (current) and kafka-python (idempotent by default), from PyPI. Only the first is given
 * a codec: the other would need libraries of its own.
 */
export const pythonClient = (
  tools: Prerequisites,
  name: 'confluent' | 'kafka-python',
  compression: CompressionName = 'none',
): ForeignClient => {
  const script = fileURLToPath(new URL('clients.py', import.meta.url))
  const call = (action: string, ...rest: string[]) => [script, name, action, ...rest]
  return {
    name,
    cannot: new Set(name === 'kafka-python' ? (['nullHeaders'] as const) : []),
    async produce(bootstrap, topic, records) {
      const input = records.map((record) => JSON.stringify(record)).join('\n')
      const where = [bootstrap, topic, String(PARTITION), compression]
      await run(tools.python, call('produce', ...where), input)
    },
    async consume(bootstrap, topic, count) {
      const args = call('consume', bootstrap, topic, String(PARTITION), String(count))
      return jsonLines<ConsumedRecord>(await run(tools.python, args))
    },
  }
}

/**
 * kcat, over the librdkafka 2.0.2 of Debian: text only, one process per record when headers differ.
 */
export const kcat = (
  tools: Prerequisites,
  compression: CompressionName = 'none',
): ForeignClient => ({
  name: 'kcat',
  cannot: new Set(['timestamps', 'binary', 'nullHeaders'] as const),
  async produce(bootstrap, topic, records) {
    const where = ['-P', '-b', bootstrap, '-t', topic, '-p', String(PARTITION)]
    for (const record of records) {
      const args = [...where, '-Z', '-D', END_OF_MESSAGE, '-z', compression]
      for (const [name, value] of record.headers) args.push('-H', `${name}=${text(value)}`)
      if (record.key !== null) args.push('-K', END_OF_KEY)
      const key = record.key === null ? '' : text(record.key) + END_OF_KEY
      await run(tools.kcat, args, key + (text(record.value) ?? '') + END_OF_MESSAGE)
    }
  },
  async consume(bootstrap, topic, count) {
    const where = ['-C', '-b', bootstrap, '-t', topic, '-p', String(PARTITION), '-o', 'beginning']
    const out = await run(tools.kcat, [...where, '-c', String(count), '-J', '-q'])
    interface KcatMessage {
      offset: number
      ts: number
      key: string | null
      payload: string | null
      headers?: string[]
    }
    return jsonLines<KcatMessage>(out).map((m) => ({
      offset: m.offset,
      timestamp: m.ts,
      key: m.key === null ? null : base64(m.key),
      value: m.payload === null ? null : base64(m.payload),
      headers: pairs(m.headers ?? []),
    }))
  },
})

const pairs = (flat: string[]): [string, string][] =>
  flat.flatMap((name, i) => (i % 2 === 0 ? [[name, base64(flat[i + 1]!)] as [string, string]] : []))

/** kafkajs: it consumes in groups only, so here it produces. */
export const kafkaJs = (): ForeignClient => ({
  name: 'kafkajs',
  cannot: new Set(['nullHeaders', 'consume'] as const),
  async produce(bootstrap, topic, records) {
    const kafka = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING })
    const producer = kafka.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    try {
      await producer.send({
        topic,
        messages: records.map((record) => ({
          partition: PARTITION,
          timestamp: String(record.timestamp),
          key: record.key === null ? null : Buffer.from(record.key, 'base64'),
          value: record.value === null ? null : Buffer.from(record.value, 'base64'),
          headers: groupByName(record.headers),
        })),
      })
    } finally {
      await producer.disconnect()
    }
  },
  consume() {
    throw new Error('kafkajs consumes in groups only')
  },
})

const groupByName = (headers: PlainRecord['headers']): Record<string, Buffer[]> => {
  const grouped: Record<string, Buffer[]> = {}
  for (const [name, value] of headers) {
    grouped[name] = [...(grouped[name] ?? []), Buffer.from(value!, 'base64')]
  }
  return grouped
}

/** Kafka's own command-line tools, and so its Java producer and consumer: text only. */
export const javaTools = (
  tools: Prerequisites,
  compression: CompressionName = 'none',
): ForeignClient => {
  const java = ['-cp', tools.kafkaClasspath, `-Dlog4j2.configurationFile=${tools.log4jConfig}`]
  const NULL = '<null>'
  return {
    name: 'java',
    cannot: new Set(['timestamps', 'binary'] as const),
    async produce(bootstrap, topic, records) {
      const input = records
        .map((r) => {
          const headers = r.headers.map(([name, value]) => `${name}:${text(value) ?? NULL}`)
          return `${headers.join(',') || NULL}\t${text(r.key) ?? NULL}\t${text(r.value) ?? NULL}\n`
        })
        .join('')
      const settings = ['parse.key=true', 'parse.headers=true', `null.marker=${NULL}`]
      const properties = settings.flatMap((setting) => ['--reader-property', setting])
      const where = ['--bootstrap-server', bootstrap, '--topic', topic]
      const codec = ['--compression-codec', compression]
      await run(
        'java',
        [...java, 'org.apache.kafka.tools.ConsoleProducer', ...where, ...codec, ...properties],
        input,
      )
    },
    async consume(bootstrap, topic, count) {
      const where = [
        '--bootstrap-server',
        bootstrap,
        '--topic',
        topic,
        '--partition',
        String(PARTITION),
      ]
      const what = [
        '--offset',
        'earliest',
        '--max-messages',
        String(count),
        '--timeout-ms',
        '30000',
      ]
      const printed = ['timestamp', 'offset', 'headers', 'key', 'value']
      const settings = [...printed.map((p) => `print.${p}=true`), `null.literal=${NULL}`]
      const properties = settings.flatMap((setting) => ['--formatter-property', setting])
      const tool = 'org.apache.kafka.tools.consumer.ConsoleConsumer'
      const out = await run('java', [...java, tool, ...where, ...what, ...properties])
      return out
        .split('\n')
        .filter((line) => line.startsWith('CreateTime:'))
        .map(parseLine)
    },
  }

  function parseLine(line: string): ConsumedRecord {
    const [timestamp, offset, headers, key, value] = line.split('\t') as [
      string,
      string,
      string,
      string,
      string,
    ]
    const unmark = (field: string): string | null => (field === NULL ? null : base64(field))
    const none = headers === 'NO_HEADERS' || headers === ''
    return {
      timestamp: Number(timestamp.slice('CreateTime:'.length)),
      offset: Number(offset.slice('Offset:'.length)),
      headers: none
        ? []
        : headers.split(',').map((pair) => {
            const at = pair.indexOf(':')
            return [pair.slice(0, at), unmark(pair.slice(at + 1))]
          }),
      key: unmark(key),
      value: unmark(value),
    }
  }
}

export { pack }
