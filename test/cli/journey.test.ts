import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'

interface Ended {
  code: number | null
  out: string
  err: string
  /** From its first word on: how long a busy machine takes to start a process is not its doing. */
  seconds: number
}

interface PrintedStation {
  record: number
  station: string
  source: string
  at: number
  in: string
  out: string
  bytes?: number
}

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** Runs the command as a user does; `input` stands on its standard input. */
const run = (args: string[], input = ''): Promise<Ended> =>
  new Promise((resolve, reject) => {
    let startedMs = Number.POSITIVE_INFINITY
    const started = (): void => {
      startedMs = Math.min(startedMs, performance.now())
    }
    const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { stdio: 'pipe' })
    const ended: Ended = { code: null, out: '', err: '', seconds: 0 }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      started()
      ended.out += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      started()
      ended.err += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      ended.code = code
      ended.seconds = (performance.now() - startedMs) / 1000
      resolve(ended)
    })
    child.stdin.end(input)
  })

const stationsIn = (out: string): PrintedStation[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as PrintedStation)

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1)!

/**
 * The way of a record, as far as it exists: coordinator, replication and followers are not built
 * yet.
 */
const THE_WAY = [
  'KafkaProducer.send',
  'ProducerInterceptors.onSend',
  'KafkaProducer.waitOnMetadata',
  'KafkaProducer.serialize',
  'KafkaProducer.partition',
  'BufferPool.allocate',
  'MemoryRecordsBuilder.append',
  'ProducerBatch.tryAppend',
  'RecordAccumulator.append',
  'Sender.wakeup',
  'Sender.runOnce',
  'RecordAccumulator.ready',
  'NetworkClient.ready',
  'RecordAccumulator.drain',
  'Sender.sendProduceRequest',
  'NetworkClient.doSend',
  'Selector.send',
  'Selector.poll',
  'PlaintextTransportLayer.write',
  'KafkaChannel.write',
  'Processor.processCompletedReceives',
  'RequestChannel.sendRequest',
  'KafkaRequestHandler.run',
  'KafkaApis.handleProduceRequest',
  'ReplicaManager.handleProduceAppend',
  'Partition.appendRecordsToLeader',
  'UnifiedLog.appendAsLeader',
  'RequestChannel.sendResponse',
  'NetworkClient.handleCompletedReceives',
  'ClientResponse.onComplete',
  'Sender.handleProduceResponse',
  'Sender.completeBatch',
  'ProducerBatch.completeFutureAndFireCallbacks',
  'BufferPool.deallocate',
  'KafkaConsumer.poll',
  'ClassicKafkaConsumer.poll',
  'Fetcher.sendFetches',
  'KafkaApis.handleFetchRequest',
  'ReplicaManager.fetchMessages',
  'UnifiedLog.read',
  'FetchBuffer.add',
  'CompletedFetch.fetchRecords',
  'CompletedFetch.parseRecord',
  'FetchCollector.collectFetch',
  'ConsumerInterceptors.onConsume',
]

/** Those of the above that happen inside a broker. */
const inBroker = (source: string): boolean => source.startsWith('broker')

describe.concurrent('the journey of a record', () => {
  test('passes every station, forward in time, each told with what went in and what came out', async () => {
    const { code, out, err } = await run(['journey', '--json', 'hello, kafka'])
    expect(err).toBe('')
    expect(code).toBe(0)
    const stations = stationsIn(out)
    const names = new Set(stations.map(({ station }) => station))
    expect(THE_WAY.filter((station) => !names.has(station))).toEqual([])
    for (const { station, at, in: input, out: output } of stations) {
      expect(station).toMatch(/^[A-Z]\w+\.\w+$/)
      expect(typeof at).toBe('number')
      expect(input).not.toBe('')
      expect(output).not.toBe('')
    }
    const times = stations.map(({ at }) => at)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  test('is made by each line of standard input, empty ones and other scripts among them', async () => {
    const { code, out } = await run(['journey', '--json'], 'one\n\n三\n')
    expect(code).toBe(0)
    const offsets = stationsIn(out)
      .filter(({ station }) => station === 'UnifiedLog.appendAsLeader')
      .map(({ record, out: told }) => [record, told])
    expect(offsets).toEqual([
      [0, 'offset 0 in segment 0'],
      [1, 'offset 1 in segment 0'],
      [2, 'offset 2 in segment 0'],
    ])
  })

  test('is made by each line of a file, and printed without colours into a pipe', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'journey-'))
    try {
      writeFileSync(join(dir, 'lines.txt'), 'first\nsecond\n')
      const { code, out } = await run(['journey', '--file', join(dir, 'lines.txt')])
      expect(code).toBe(0)
      expect(out).toContain('record 0: "first"')
      expect(out).toContain('record 1: "second"')
      expect(out).not.toContain('\u001b[')
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
})

describe.concurrent('a journey through another Kafka', () => {
  let cluster: EmbeddedCluster
  beforeAll(async () => {
    cluster = await EmbeddedCluster.start()
  })
  afterAll(() => cluster.close())

  test('has the broker as one station', async () => {
    const bootstrap = cluster.bootstrapServers
    const { code, out } = await run(['journey', '--json', '--bootstrap', bootstrap, 'far'])
    expect(code).toBe(0)
    const stations = stationsIn(out)
    const brokers = stations.filter(({ source }) => inBroker(source))
    expect(brokers.map(({ station }) => station)).toEqual([
      `broker ${bootstrap}`,
      `broker ${bootstrap}`,
    ])
    expect(stations.length).toBeGreaterThan(30)
  })

  test('says that TLS and SASL are not there yet', async () => {
    const { out } = await run(['journey', '--bootstrap', cluster.bootstrapServers, 'plain'])
    expect(out).toContain('TLS and SASL are not there yet')
  })
})

describe.concurrent('a journey that cannot begin', () => {
  test('ends within 15 s and names host, port and what to do when nobody listens', async () => {
    const { code, err, seconds } = await run(['journey', '--bootstrap', '127.0.0.1:1', 'x'])
    expect(code).not.toBe(0)
    expect(seconds).toBeLessThan(15)
    expect(lastLine(err)).toContain('127.0.0.1:1')
    expect(lastLine(err)).toMatch(/Check that a broker listens/)
  })

  test('ends as well when the port speaks something else', async () => {
    const server: Server = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    try {
      const bootstrap = `127.0.0.1:${address.port}`
      const { code, err, seconds } = await run(['journey', '--bootstrap', bootstrap, 'x'])
      expect(code).not.toBe(0)
      expect(seconds).toBeLessThan(15)
      expect(lastLine(err)).toContain(bootstrap)
    } finally {
      server.close()
    }
  })

  test('refuses an address that is none, and a file that is not there', async () => {
    const noAddress = await run(['journey', '--bootstrap', 'kafka', 'x'])
    expect(noAddress.code).not.toBe(0)
    expect(noAddress.err).toContain('host:port')
    const noFile = await run(['journey', '--file', '/nowhere/lines.txt'])
    expect(noFile.code).not.toBe(0)
    expect(noFile.err).toContain('/nowhere/lines.txt')
  })
})
