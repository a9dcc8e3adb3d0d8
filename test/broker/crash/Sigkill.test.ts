import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EmbeddedCluster } from '../../../src/broker/EmbeddedCluster.ts'
import { FileStorage } from '../../../src/broker/log/FileStorage.ts'
import { systemEnvironment } from '../../../src/network/Environment.ts'
import { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { WireClient } from '../../support/WireClient.ts'
import { fetch } from '../brokerSupport.ts'
import { committed, coordinatorReady } from '../group/groupSupport.ts'

const PROGRAM = fileURLToPath(new URL('./brokerToKill.ts', import.meta.url))
let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'annotated-kafka-kill-'))
})

afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Runs the program until it has said `count` acknowledgements, and kills it there. */
const runAndKill = (
  already: number,
  count: number,
): Promise<{ acknowledged: number[]; committed: number[]; producer: bigint }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, dir, String(already)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.split('acknowledged').length > count) child.kill('SIGKILL')
    })
    child.on('error', reject)
    child.on('close', (_code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`the program ended by itself: ${output}`))
      // The last line may have been cut off by the signal.
      const lines = output.slice(0, output.lastIndexOf('\n')).split('\n')
      resolve({
        producer: BigInt(lines[0]!.split(' ')[1]!),
        acknowledged: numbersAfter('acknowledged', lines),
        committed: numbersAfter('committed', lines),
      })
    })
  })

const numbersAfter = (word: string, lines: readonly string[]): number[] =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.split(' ')[1]))

/** What a broker finds that is started again: the records, and what the groups have committed. */
const foundOnDisk = async (
  ...groups: string[]
): Promise<{ values: string[]; offsets: number[] }> => {
  const environment = systemEnvironment({ logger: new RecordingLogger() })
  const cluster = await EmbeddedCluster.start({ environment, storage: new FileStorage(dir) })
  const { host, port } = cluster.broker(1)
  const client = await WireClient.connect(environment, host, port)
  const values: string[] = []
  for (;;) {
    const { records, highWatermark } = await fetch(client, 'orders', {
      offset: values.length,
      partitionMaxBytes: 8e6,
    })
    for (const batch of MemoryRecords.readableRecords(records!).batches()) {
      batch.ensureValid()
      for (const record of batch) {
        expect(record.offset).toBe(values.length)
        values.push(new TextDecoder().decode(record.value!))
      }
    }
    if (values.length >= highWatermark) break
  }
  const offsets: number[] = []
  for (const group of groups) {
    await coordinatorReady(environment.time, client, group)
    offsets.push((await committed(client, group))['orders-0']!)
  }
  client.close()
  await cluster.close()
  return { values, offsets }
}

describe('a broker that is killed with SIGKILL', () => {
  test('has every record and every commit that was acknowledged, time after time', async () => {
    let kept = 0
    const producers = new Set<bigint>()
    for (const count of [40, 150]) {
      const { acknowledged, committed: commits, producer } = await runAndKill(kept, count)
      expect(acknowledged.length).toBeGreaterThanOrEqual(count)
      expect(acknowledged[0]).toBe(kept)
      expect(producers.has(producer)).toBe(false)
      producers.add(producer)
      const { values, offsets } = await foundOnDisk('readers', `readers-${kept}`)
      // At least the last one that was said, and at most one more: it was on its way.
      expect(commits.length).toBeGreaterThanOrEqual(count - 1)
      for (const offset of offsets) {
        expect(offset - commits.at(-1)!).toBeGreaterThanOrEqual(0)
        expect(offset - commits.at(-1)!).toBeLessThanOrEqual(1)
      }
      expect(values.length).toBeGreaterThan(acknowledged.at(-1)!)
      for (const [i, value] of values.entries()) expect(value.startsWith(`record ${i} `)).toBe(true)
      kept = values.length
    }
  }, 60_000)
})
