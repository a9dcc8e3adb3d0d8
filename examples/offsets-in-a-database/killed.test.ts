/** The program of this folder, killed between any two of its steps, and started again. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EmbeddedCluster } from '../../src/broker/index.ts'
import { KafkaProducer, StringSerializer } from '../../src/index.ts'
import { Ledger, type Step } from './Ledger.ts'

const PROGRAM = fileURLToPath(new URL('./payments.ts', import.meta.url))
const STEPS: readonly Step[] = ['begun', 'balanced', 'noted', 'committed']
const ACCOUNTS = ['ada', 'bob', 'cy']
const PARTITIONS = 3

let cluster: EmbeddedCluster
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'))
  const config = { 'group.initial.rebalance.delay.ms': 0, 'num.partitions': PARTITIONS }
  cluster = await EmbeddedCluster.start({ config })
})

afterAll(async () => {
  await cluster.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Sends payments, and returns what the balances must become. */
const pay = async (topic: string, count: number): Promise<Map<string, number>> => {
  const producer = new KafkaProducer({
    'bootstrap.servers': cluster.bootstrapServers,
    'key.serializer': StringSerializer,
    'value.serializer': StringSerializer,
  })
  const expected = new Map<string, number>()
  for (let i = 0; i < count; i++) {
    const account = ACCOUNTS[i % ACCOUNTS.length]!
    // All different: one that is missing and one that came twice do not cancel out.
    const amount = i * i + 1
    expected.set(account, (expected.get(account) ?? 0) + amount)
    await producer.send({
      topic,
      partition: i % PARTITIONS,
      key: account,
      value: String(amount),
    })
  }
  await producer.close()
  return expected
}

/** Runs the program; resolves with the signal that ended it, or `null` when it ended by itself. */
const run = async (topic: string, ...options: string[]): Promise<string | null> => {
  const args = ['--import', 'tsx', PROGRAM, cluster.bootstrapServers, topic, join(folder, topic)]
  const child = spawn(process.execPath, [...args, '--idle', '1500', ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 30_000,
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (code !== 0 && signal === null) throw new Error(`the program failed: ${said}`)
  return signal
}

const balancesOf = (topic: string): ReadonlyMap<string, number> => {
  const ledger = new Ledger(join(folder, topic))
  const balances = ledger.balances()
  ledger.close()
  return balances
}

describe('a program that keeps offsets with its results', () => {
  it('counts every payment once, killed at every step and started again', async () => {
    const expected = await pay('killed', 60)
    for (const step of STEPS) expect(await run('killed', '--kill-at', `${step}:7`)).toBe('SIGKILL')
    expect(balancesOf('killed')).not.toEqual(expected)
    expect(await run('killed')).toBeNull()
    expect(balancesOf('killed')).toEqual(expected)
  })

  it('goes on where it was when payments come later', async () => {
    await pay('later', 9)
    await run('later')
    const first = balancesOf('later')
    await pay('later', 9)
    await run('later')
    const twice = new Map([...first].map(([account, amount]) => [account, 2 * amount]))
    expect(balancesOf('later')).toEqual(twice)
  })
})

describe('the ledger', () => {
  const place = { topic: 'payments', partition: 0 }

  it('takes a payment that it has already taken for one that it has already taken', () => {
    const ledger = new Ledger(join(folder, 'again'))
    ledger.apply({ ...place, offset: 4 }, { account: 'ada', amount: 5 })
    ledger.apply({ ...place, offset: 4 }, { account: 'ada', amount: 5 })
    expect([...ledger.balances()]).toEqual([['ada', 5]])
    expect(ledger.nextOffset('payments', 0)).toBe(5)
    ledger.close()
  })

  it('changes nothing when a step fails', () => {
    let fails = false
    const ledger = new Ledger(join(folder, 'failing'), (step) => {
      if (fails && step === 'noted') throw new Error('the disk is full')
    })
    ledger.apply({ ...place, offset: 0 }, { account: 'ada', amount: 5 })
    fails = true
    expect(() => ledger.apply({ ...place, offset: 1 }, { account: 'bob', amount: 1 })).toThrow(
      'the disk is full',
    )
    expect([...ledger.balances()]).toEqual([['ada', 5]])
    expect(ledger.nextOffset('payments', 0)).toBe(1)
    ledger.close()
  })

  it('belongs to one process at a time', () => {
    const path = join(folder, 'owned')
    const ledger = new Ledger(path)
    expect(() => new Ledger(path)).toThrow(`is open in process ${process.pid}`)
    ledger.close()
    new Ledger(path).close()
  })
})
