/**
 * The promise of the whole road, held against chance: for every seed another cluster, other
 * settings, other loads and other misfortunes, on virtual time.
 *
 *     every send settles, and well: no misfortune lasts as long as delivery.timeout.ms
 *     what was acknowledged is in the log, at the offset that was said
 *     what is in the log is consumed, in order of offset, without a gap
 *     the memory of the producer is all back at the end
 *     without misfortunes: exactly once, and in the order of sending
 *
 * `SEEDS=1000 npx vitest run test/cluster` tries more, `SEED=17 npx vitest run test/cluster` one
 * again.
 */

import { expect, test } from 'vitest'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { MemoryStorage } from '../../src/broker/log/MemoryStorage.ts'
import type { Random } from '../../src/common/Random.ts'
import type { LinkSettings } from '../../src/network/nio/MemoryLink.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { ClusterTest, type ProducerSettings, partitionsOf, range } from './clusterSupport.ts'

const BUFFER_MEMORY = 64 * 1024

interface Plan {
  readonly brokers: number
  readonly topics: ReadonlyMap<string, number>
  readonly records: number
  readonly largestValue: number
  readonly settings: ProducerSettings
  readonly link: Partial<LinkSettings>
  /** How many brokers are stopped and started meanwhile. */
  readonly restarts: number
}

const planOf = (random: Random, calm: boolean): Plan => {
  const pick = <T>(...choices: T[]): T => choices[random.nextInt(choices.length)]!
  return {
    brokers: pick(1, 1, 2, 3),
    topics: new Map(range(1 + random.nextInt(3)).map((i) => [`topic-${i}`, 1 + random.nextInt(4)])),
    records: 20 + random.nextInt(120),
    largestValue: pick(10, 200, 2000),
    settings: {
      'buffer.memory': BUFFER_MEMORY,
      'batch.size': pick(0, 200, 1000, 16_384),
      'linger.ms': pick(0, 0, 5, 50),
      'compression.type': pick('none', 'none', 'gzip'),
      'max.in.flight.requests.per.connection': pick(1, 5),
      'request.timeout.ms': 3000,
      'retry.backoff.ms': pick(10, 100),
      'reconnect.backoff.ms': pick(10, 50),
    },
    link: {
      latencyMs: pick<LinkSettings['latencyMs']>(0, [0, 3], [1, 30]),
      // Small segments are many: a chance that leaves hope for a batch of 16 KB.
      ...pick<Partial<LinkSettings>>(
        { segmentBytes: 65_536, breakChance: calm ? 0 : 0.03 },
        { segmentBytes: [1, 2000], breakChance: calm ? 0 : 0.02 },
        { segmentBytes: [20, 100], breakChance: calm ? 0 : 0.002 },
      ),
    },
    restarts: calm ? 0 : pick(0, 1, 2, 3),
  }
}

interface Sent {
  readonly topic: string
  readonly value: string
  /** `topic-partition@offset`, or why not; `null`: no outcome. */
  outcome: string | Error | null
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz '.repeat(100)

/** Sends the plan's records with some pauses; each value begins with its number. */
const produce = async (t: ClusterTest, plan: Plan): Promise<Sent[]> => {
  const { random } = t.time
  const producer = t.producer(plan.settings)
  const released = t.events('producer.bufferPool.deallocate')
  const topics = [...plan.topics.keys()]
  const all: Sent[] = []
  for (const i of range(plan.records)) {
    const topic = topics[random.nextInt(topics.length)]!
    const value = `${i} ${LETTERS.slice(0, random.nextInt(plan.largestValue))}`
    const key = random.nextBoolean() ? `key-${random.nextInt(10)}` : null
    const sent: Sent = { topic, value, outcome: null }
    all.push(sent)
    const future = producer.send({ topic, key, value }, (metadata, error) => {
      sent.outcome = error ?? String(metadata)
    })
    if (random.nextInt(3) === 0) await future.appended
    if (random.nextInt(5) === 0) await t.time.sleep(random.nextInt(40))
  }
  if (random.nextBoolean()) await producer.flush()
  await producer.close()
  expect(released.at(-1)!.fields.availableBytes, 'the memory that is back').toBe(BUFFER_MEMORY)
  return all
}

const restart = async (t: ClusterTest, plan: Plan): Promise<void> => {
  const { random } = t.time
  for (const _ of range(plan.restarts)) {
    await t.time.sleep(random.nextInt(200))
    const id = 1 + random.nextInt(plan.brokers)
    const { port } = t.cluster.broker(id)
    await t.cluster.stopBroker(id)
    await t.time.sleep(random.nextInt(2000))
    await t.cluster.startBroker(id, port)
  }
}

/**
 * Everything in the log, `topic-partition@offset` to value: read from the beginning, by a consumer
 * that may be there from the first record on, until `over` and the end.
 */
const consume = async (
  t: ClusterTest,
  plan: Plan,
  over: Promise<unknown>,
): Promise<Map<string, string | null>> => {
  const { random } = t.time
  if (random.nextBoolean()) await over
  const consumer = t.consumer({
    'max.poll.records': 1 + random.nextInt(50),
    'max.partition.fetch.bytes': 1 + random.nextInt(5000),
    'request.timeout.ms': 3000,
  })
  const partitions = [...plan.topics].flatMap(([topic, count]) => partitionsOf(topic, count))
  consumer.assign(partitions)
  const next = new Map(partitions.map((partition) => [String(partition), 0]))
  const log = new Map<string, string | null>()
  const poll = async (): Promise<void> => {
    for (const { topic, partition, offset, value } of await consumer.poll(1000)) {
      const name = `${topic}-${partition}`
      expect(offset, `the next offset of ${name}`).toBe(next.get(name))
      next.set(name, offset + 1)
      log.set(`${name}@${offset}`, value)
    }
  }
  let isOver = false
  const settle = () => {
    isOver = true
  }
  over.then(settle, settle)
  while (!isOver) await poll()
  const ends = [...(await consumer.endOffsets(partitions))]
  while (ends.some(([partition, end]) => next.get(String(partition))! < end)) await poll()
  return log
}

const check = (plan: Plan, all: Sent[], log: Map<string, string | null>, calm: boolean): void => {
  for (const { value, outcome } of all) {
    const record = `record ${Number.parseInt(value, 10)}`
    expect(outcome, `the outcome of ${record}`).not.toBeNull()
    if (typeof outcome === 'string') expect(log.get(outcome), outcome).toBe(value)
    else expect.fail(`${record} failed: ${outcome?.message}`)
  }
  const written = new Map<string | null, number>()
  for (const value of log.values()) written.set(value, (written.get(value) ?? 0) + 1)
  const known = new Set(all.map(({ value }) => value))
  for (const value of written.keys()) expect(known.has(value!), `'${value}' was sent`).toBe(true)
  if (!calm) return
  expect(log.size, 'records in the log').toBe(plan.records)
  expect(written.size, 'different records in the log').toBe(plan.records)
  const last = new Map<string, number>()
  for (const [place, value] of log) {
    const partition = place.slice(0, place.indexOf('@'))
    const number = Number.parseInt(value!, 10)
    expect(number, `what follows in ${partition}`).toBeGreaterThan(last.get(partition) ?? -1)
    last.set(partition, number)
  }
}

const runSeed = async (seed: number): Promise<void> => {
  const calm = seed % 2 === 0
  const logger = new RecordingLogger()
  const world = new SimulatedWorld({ seed, logger, maxDurationMs: 600_000 })
  const plan = planOf(world.simulation.random, calm)
  await world.run(async () => {
    const storage = new MemoryStorage({ time: world.simulation })
    const { brokers, topics } = plan
    const environment = world.environment('cluster')
    const cluster = await EmbeddedCluster.start({ brokers, storage, environment })
    const t = new ClusterTest(world, logger, storage, cluster)
    for (const [topic, partitions] of topics) await t.createTopic(topic, partitions)
    world.network.faults.shape(plan.link)
    const producing = Promise.all([produce(t, plan), restart(t, plan)])
    const [[all], log] = await Promise.all([producing, consume(t, plan, producing)])
    check(plan, all, log, calm)
    await t.closeAll()
  })
  expect(logger.messages('error')).toEqual([])
}

const seeds = (): number[] => {
  const { SEED, SEEDS = '40' } = process.env
  return SEED === undefined ? range(Number(SEEDS), 1) : [Number(SEED)]
}

test('what is acknowledged is there, in its place, whatever the seed brings', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', note)
  try {
    for (const seed of seeds()) {
      try {
        await runSeed(seed)
        expect(unhandled, 'unhandled rejections').toEqual([])
      } catch (error) {
        const again = `SEED=${seed} npx vitest run test/cluster`
        throw new Error(`Seed ${seed}: ${(error as Error).message}\nAgain: ${again}`, {
          cause: error,
        })
      }
    }
  } finally {
    process.off('unhandledRejection', note)
  }
}, 600_000)
