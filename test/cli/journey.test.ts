import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { TraceBus } from '../../src/common/Trace.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { failureOf } from '../cluster/clusterSupport.ts'
import { type Manners, stranger } from '../cluster/stranger.ts'
import { type CliRun, startCli } from './runCli.ts'

interface Ended {
  code: number | null
  out: string
  err: string
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
    const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { stdio: 'pipe' })
    const ended: Ended = { code: null, out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      ended.out += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      ended.err += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      ended.code = code
      resolve(ended)
    })
    child.stdin.end(input)
  })

const stationsIn = (out: string): PrintedStation[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as PrintedStation)

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

/** What the command does in a world of its own, where a broker listens at `cluster:9092`. */
const inWorld = (check: (run: (...args: string[]) => CliRun, world: SimulatedWorld) => unknown) => {
  const world = new SimulatedWorld({ seed: 1 })
  return world.run(async () => {
    const traceBus = new TraceBus(world.simulation)
    const environment = { ...world.environment('cluster'), traceBus }
    const cluster = await EmbeddedCluster.start({ host: 'cluster', ports: [9092], environment })
    await check(
      (...args) =>
        startCli(['journey', ...args], {
          environment: world.environment('app'),
          input: ['one', '', '三'],
        }),
      world,
    )
    await cluster.close()
  })
}

test('each line of standard input makes a journey, empty ones and other scripts among them', () =>
  inWorld(async (run) => {
    const { code, out } = await run('--json').ended
    expect(code).toBe(0)
    const offsets = stationsIn(out)
      .filter(({ station }) => station === 'UnifiedLog.appendAsLeader')
      .map(({ record, out: told }) => [record, told])
    expect(offsets).toEqual([
      [0, 'offset 0 in segment 0'],
      [1, 'offset 1 in segment 0'],
      [2, 'offset 2 in segment 0'],
    ])
  }))

test('no more journeys are made when nobody reads of them', () =>
  inWorld(async (run) => {
    const journey = run('--json')
    journey.closeOutput()
    expect(await journey.ended).toMatchObject({ code: 0, out: '', err: '' })
  }))

describe('a journey through another Kafka', () => {
  test('has the broker as one station', () =>
    inWorld(async (run) => {
      const { code, out } = await run('--json', '--bootstrap', 'cluster:9092', 'far').ended
      expect(code).toBe(0)
      const stations = stationsIn(out)
      const brokers = stations.filter(({ source }) => inBroker(source))
      expect(brokers.map(({ station }) => station)).toEqual([
        'broker cluster:9092',
        'broker cluster:9092',
      ])
      expect(stations.length).toBeGreaterThan(30)
    }))

  test('says that TLS and SASL are not there yet', () =>
    inWorld(async (run) => {
      const { out } = await run('--bootstrap', 'cluster:9092', 'plain').ended
      expect(out).toContain('TLS and SASL are not there yet')
    }))
})

describe('a journey that cannot begin', () => {
  const complaint = async (bootstrap: string, manners: Manners | null): Promise<string> => {
    let message = ''
    await inWorld(async (run, world) => {
      const leave = manners === null ? () => {} : await stranger(world, manners)
      const startMs = world.simulation.milliseconds()
      message = (await failureOf(run('--bootstrap', bootstrap, 'x').ended)).message
      expect(world.simulation.milliseconds() - startMs).toBeLessThan(15_000)
      leave()
    })
    return message
  }

  test('ends within 15 s and names host, port and what to do when nobody listens', async () => {
    expect(await complaint('nobody:1', null)).toMatch(
      /nobody:1 within .* Check that a broker listens/,
    )
  })

  test('ends as well when the port speaks something else', async () => {
    const answer = new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n\r\n')
    const message = await complaint('stranger:9092', { answer, hangsUp: true })
    expect(message).toMatch(/stranger:9092 within .* Check that a broker listens/)
  })

  test('refuses an address that is none, and a file that is not there', async () => {
    const [noAddress, noFile] = await Promise.all([
      run(['journey', '--bootstrap', 'kafka', 'x']),
      run(['journey', '--file', '/nowhere/lines.txt']),
    ])
    expect(noAddress.code).not.toBe(0)
    expect(noAddress.err).toContain('host:port')
    expect(noFile.code).not.toBe(0)
    expect(noFile.err).toContain('/nowhere/lines.txt')
  })
})
