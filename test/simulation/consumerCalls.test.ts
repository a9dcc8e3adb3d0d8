/**
 * A consumer whose owner changes his mind all the time, while answers to older questions are still
 * on their way: seeks, resets, pauses, other assignments, wakeups, lost connections, in an order of
 * chance.
 *
 *     a poll returns in time
 *     what it returns is assigned, not paused, and begins exactly at the position, without a gap
 *     the position is where the owner has put it, or behind what was returned last
 *
 * `SEEDS=1000 npx vitest run test/simulation/consumerCalls` tries more.
 */

import { expect, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { WakeupException } from '../../src/common/errors.ts'
import type { Random } from '../../src/common/Random.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

const RECORDS = 40
const PARTITIONS = Array.from({ length: 4 }, (_, i) => new TopicPartition('way', i))
const SEEDS = Number(process.env.SEEDS ?? 15)
const CALLS = 60

interface Bootstrap {
  readonly 'bootstrap.servers': string
}

/** What the owner knows: where each assigned partition must go on. */
class Expectation {
  readonly positions = new Map<TopicPartition, number>()
  readonly paused = new Set<TopicPartition>()

  assign(partitions: readonly TopicPartition[]): void {
    for (const partition of PARTITIONS) {
      if (partitions.includes(partition)) {
        if (!this.positions.has(partition)) this.positions.set(partition, 0)
      } else {
        this.positions.delete(partition)
        this.paused.delete(partition)
      }
    }
  }

  assigned(): TopicPartition[] {
    return [...this.positions.keys()]
  }
}

class Owner {
  private readonly world: SimulatedWorld
  private readonly random: Random
  private readonly consumer: KafkaConsumer<string, string>
  private readonly expected = new Expectation()
  private readonly calls: string[] = []

  constructor(world: SimulatedWorld, bootstrap: Bootstrap) {
    this.world = world
    this.random = world.simulation.random
    this.consumer = new KafkaConsumer(
      {
        ...bootstrap,
        'key.deserializer': StringDeserializer,
        'value.deserializer': StringDeserializer,
        'auto.offset.reset': 'earliest',
        'max.poll.records': 1 + this.random.nextInt(20),
        'max.partition.fetch.bytes': this.pick(100, 1_000_000),
        'fetch.max.wait.ms': this.pick(0, 20, 500),
        'reconnect.backoff.ms': 5,
        'retry.backoff.ms': 10,
      },
      world.environment('consumer'),
    )
    this.assign()
  }

  async live(): Promise<void> {
    for (let i = 0; i < CALLS; i++) {
      await this.callAnything()
      await this.poll(this.pick(0, 0, 1, 10, 200))
    }
    await this.readToTheEnd()
    await this.inTime('close', 30_000, () => this.consumer.close())
  }

  private async callAnything(): Promise<void> {
    const { consumer, expected, random } = this
    const [partition] = this.some(expected.assigned())
    if (partition === undefined) return this.assign()
    switch (random.nextInt(10)) {
      case 0:
        return this.assign()
      case 1: {
        const offset = random.nextInt(RECORDS + 1)
        this.note(`seek ${partition} ${offset}`)
        consumer.seek(partition, offset)
        expected.positions.set(partition, offset)
        return
      }
      case 2:
        this.note(`seekToBeginning ${partition}`)
        consumer.seekToBeginning([partition])
        expected.positions.set(partition, 0)
        return
      case 3:
        this.note(`seekToEnd ${partition}`)
        consumer.seekToEnd([partition])
        expected.positions.set(partition, RECORDS)
        return
      case 4:
        this.note(`pause ${partition}`)
        consumer.pause([partition])
        expected.paused.add(partition)
        return
      case 5:
        this.note(`resume ${partition}`)
        consumer.resume([partition])
        expected.paused.delete(partition)
        return
      case 6:
        return this.checkPosition(partition)
      case 7: {
        const ends = await this.inTime('endOffsets', 60_000, () => consumer.endOffsets(PARTITIONS))
        expect([...ends.values()], this.story()).toEqual(PARTITIONS.map(() => RECORDS))
        return
      }
      case 8:
        this.note('wakeup, soon')
        this.world.simulation.schedule(random.nextInt(20), () => consumer.wakeup())
        return
      default:
        this.note('connections break')
        this.world.network.faults.breakConnections('consumer')
    }
  }

  private assign(): void {
    const partitions = this.some(PARTITIONS, 1 + this.random.nextInt(PARTITIONS.length))
    this.note(`assign ${partitions.join(' ')}`)
    this.consumer.assign(partitions)
    this.expected.assign(partitions)
  }

  private async poll(timeoutMs: number): Promise<void> {
    const { positions, paused } = this.expected
    const records = await this.inTime(`poll ${timeoutMs}`, timeoutMs, () =>
      this.consumer.poll(timeoutMs),
    )
    for (const { topic, partition, offset, value } of records ?? []) {
      const from = PARTITIONS[partition]!
      this.note(`  ${topic}-${partition}@${offset}`)
      expect(positions.get(from), this.story()).toBe(offset)
      expect(paused.has(from), this.story()).toBe(false)
      expect(value).toBe(`${from}@${offset}`)
      positions.set(from, offset + 1)
    }
  }

  private async checkPosition(partition: TopicPartition): Promise<void> {
    const position = await this.inTime(`position ${partition}`, 60_000, () =>
      this.consumer.position(partition),
    )
    if (position === null) return
    expect(position, this.story()).toBe(this.expected.positions.get(partition))
  }

  private async readToTheEnd(): Promise<void> {
    const { positions, paused } = this.expected
    this.consumer.resume(positions.keys())
    paused.clear()
    const deadlineMs = this.world.simulation.milliseconds() + 60_000
    while ([...positions.values()].some((position) => position < RECORDS)) {
      expect(this.world.simulation.milliseconds(), this.story()).toBeLessThan(deadlineMs)
      await this.poll(1000)
    }
    for (const partition of positions.keys()) await this.checkPosition(partition)
  }

  /** `null`: it was woken. */
  private async inTime<T>(what: string, limitMs: number, call: () => Promise<T>): Promise<T> {
    this.note(what)
    const startMs = this.world.simulation.hiResClockMs()
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof WakeupException)) throw new Error(this.story(), { cause: error })
      this.note('  woken')
      return (what === 'endOffsets' ? new Map(PARTITIONS.map((p) => [p, RECORDS])) : null) as T
    } finally {
      const tookMs = this.world.simulation.hiResClockMs() - startMs
      expect(tookMs, this.story()).toBeLessThan(limitMs + 5)
    }
  }

  private note(call: string): void {
    this.calls.push(`${Math.floor(this.world.simulation.hiResClockMs())} ${call}`)
  }

  private story(): string {
    return this.calls.slice(-25).join('\n')
  }

  private some(partitions: readonly TopicPartition[], count = 1): TopicPartition[] {
    const left = [...partitions]
    const taken: TopicPartition[] = []
    while (taken.length < count && left.length > 0) {
      taken.push(...left.splice(this.random.nextInt(left.length), 1))
    }
    return taken
  }

  private pick<T>(...choices: T[]): T {
    return choices[this.random.nextInt(choices.length)]!
  }
}

const run = async (seed: number): Promise<void> => {
  const world = new SimulatedWorld({
    seed,
    link: { latencyMs: [0, 10], segmentBytes: [50, 2000], breakChance: 0.002 },
    logger: new RecordingLogger(),
    maxDurationMs: 3_600_000,
  })
  await world.run(async () => {
    const cluster = await EmbeddedCluster.start({
      brokers: 2,
      environment: world.environment('cluster'),
    })
    const bootstrap = { 'bootstrap.servers': cluster.bootstrapServers }
    await fill(world, bootstrap)
    await new Owner(world, bootstrap).live()
    await cluster.close()
  })
}

const fill = async (world: SimulatedWorld, bootstrap: Bootstrap): Promise<void> => {
  world.network.faults.shape({ breakChance: 0 })
  const admin = new KafkaAdminClient(bootstrap, world.environment('admin'))
  const numPartitions = PARTITIONS.length
  await admin.createTopics([{ name: 'way', numPartitions, replicationFactor: 1 }]).all()
  await admin.close()
  const producer = new KafkaProducer<string, string>(
    {
      ...bootstrap,
      'key.serializer': StringSerializer,
      'value.serializer': StringSerializer,
      'batch.size': 200,
    },
    world.environment('producer'),
  )
  for (const { topic, partition } of PARTITIONS) {
    for (let i = 0; i < RECORDS; i++) {
      producer.send({ topic, partition, value: `${topic}-${partition}@${i}` })
    }
  }
  await producer.close()
  world.network.faults.shape({ breakChance: 0.002 })
}

test(`a consumer reads on from where its owner says, ${SEEDS} times`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      await run(seed)
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
})
