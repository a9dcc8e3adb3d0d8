/**
 * Runs one seed: the plan's cluster, producers and misfortunes on virtual time, until everything is
 * healed and closed; then reads the logs and holds them against what the producers were told.
 *
 *     plan ─► producers send ──────────────┐
 *          └► mischief, then all is healed ┴─► close ─► logs ─► checkOutcome
 */

import type { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { RecordHeader } from '../../src/common/header/RecordHeader.ts'
import { ByteArraySerializer } from '../../src/common/serialization/ByteArraySerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { TraceListener } from '../../src/common/Trace.ts'
import { utf8Bytes, utf8Read } from '../../src/common/utf8.ts'
import type { FutureRecordMetadata } from '../../src/producer/internals/FutureRecordMetadata.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import type { DefaultRecordBatch } from '../../src/record/DefaultRecordBatch.ts'
import type { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { range } from '../cluster/clusterSupport.ts'
import { Misfortunes } from './Misfortunes.ts'
import { checkOutcome, type Logs, type SentRecord, type StoredRecord } from './producerChecks.ts'
import { type Plan, type ProducerPlan, planOf, type SendStep } from './producerPlan.ts'
import { batchesOf, createTopics, runWorld, startCluster } from './simulated.ts'

/** When everything is healed, at the latest, after the first send. */
const HEAL_AFTER_MS = 6000
const SETTLING_MS = 500
export interface SimulatedRun {
  readonly records: number
  readonly acknowledged: number
  readonly virtualMs: number
  readonly steps: number
  readonly faultsHit: number
}

/**
 * @param listener hears of everything that happens
 * @throws when something is not as it must be; the message says what
 */
export const simulateProducer = async (
  seed: number,
  listener?: TraceListener,
): Promise<SimulatedRun> => {
  const plan = planOf(seed)
  let run!: ProducerRun
  const world = await runWorld({
    seed,
    listener,
    main: (made) => {
      run = new ProducerRun(plan, made)
      return run.main()
    },
    check: () => checkOutcome(plan, run.producers, run.logs),
    isForeseen: (message) => !plan.calm && isForeseen(message),
  })
  const sent = run.producers.flatMap((producer) => producer.sent)
  return {
    records: sent.length,
    acknowledged: sent.filter(({ error: failure }) => failure === null).length,
    virtualMs: world.simulation.hiResClockMs(),
    steps: world.simulation.steps,
    faultsHit: run.faultsHit,
  }
}

/**
 * When a batch has failed for good, the ones that were in flight behind it do not follow the last
 * one; Kafka's producer reports that as an error.
 */
const isForeseen = (message: string): boolean =>
  message.includes('The broker returned OutOfOrderSequenceException')

/** One producer of the run, and all that it was told. */
export class ProducerUnderTest {
  readonly plan: ProducerPlan
  readonly sent: SentRecord[] = []
  private readonly world: SimulatedWorld
  private nextTold = 0
  private readonly producer: KafkaProducer<Uint8Array, Uint8Array>

  constructor(plan: ProducerPlan, bootstrapServers: string, world: SimulatedWorld) {
    this.plan = plan
    this.world = world
    this.producer = new KafkaProducer<Uint8Array, Uint8Array>(
      {
        'bootstrap.servers': bootstrapServers,
        'client.id': plan.name,
        'key.serializer': ByteArraySerializer,
        'value.serializer': ByteArraySerializer,
        ...plan.settings,
      },
      world.environment(plan.name),
    )
  }

  /** Everything that the program does; resolves when it has closed its producer. */
  async runProgram(): Promise<void> {
    for (const step of this.plan.steps) {
      if (step.kind === 'sleep') await this.world.simulation.sleep(step.ms)
      else if (step.kind === 'flush') await this.producer.flush()
      else {
        const { appended } = this.send(step)
        // Why it did not get into a batch is told to the callback, too.
        if (step.awaitAppended) await appended?.catch(() => {})
      }
    }
    await this.producer.close(this.plan.closeTimeoutMs)
  }

  private send({ topic, partition, key, bytes }: SendStep): FutureRecordMetadata {
    const { name } = this.plan
    const number = this.sent.length
    const value = valueBytes(name, number, bytes)
    const record: SentRecord = { topic, number, key, value, callbacks: 0, settled: false }
    this.sent.push(record)
    const headers = [new RecordHeader('id', utf8Bytes(`${name} ${number}`))]
    const parts = { topic, partition, key: key === null ? null : utf8Bytes(key), value }
    const future = this.producer.send({ ...parts, headers }, (metadata, error) => {
      record.callbacks++
      record.toldAs = this.nextTold++
      record.error = error
      record.partition = metadata.partition
      record.offset = metadata.offset
    })
    future.then(
      ({ offset }) => settle(record, offset),
      () => settle(record, undefined),
    )
    return future
  }

  snapshot(): ReturnType<KafkaProducer<Uint8Array, Uint8Array>['snapshot']> {
    return this.producer.snapshot()
  }
}

const settle = (record: SentRecord, offset: number | undefined): void => {
  record.settled = true
  record.futureOffset = offset
}

class ProducerRun {
  readonly plan: Plan
  readonly producers: ProducerUnderTest[] = []
  readonly logs: Logs = new Map()
  private readonly world: SimulatedWorld
  private misfortunes!: Misfortunes
  private cluster!: EmbeddedCluster

  constructor(plan: Plan, world: SimulatedWorld) {
    this.plan = plan
    this.world = world
  }

  get faultsHit(): number {
    return this.misfortunes.faultsHit
  }

  async main(): Promise<void> {
    const { plan, world } = this
    this.cluster = await startCluster(world, plan.brokers)
    this.misfortunes = new Misfortunes(world, this.cluster)
    await createTopics(world, this.cluster, plan.topics)
    const { bootstrapServers } = this.cluster
    for (const each of plan.producers) {
      this.producers.push(new ProducerUnderTest(each, bootstrapServers, world))
    }
    world.network.faults.shape(plan.link)
    const programs = this.producers.map((producer) => producer.runProgram())
    await Promise.all([this.misbehave(), ...programs])
    // What was sent with acks=0 may still be on its way.
    await world.simulation.sleep(SETTLING_MS)
    this.readLogs()
    await this.cluster.close()
  }

  /** Everything that goes wrong, each at its time; at the end everything is whole again. */
  private async misbehave(): Promise<void> {
    const { simulation, network } = this.world
    const { calm, mischief } = this.plan
    if (calm) return
    const startMs = simulation.hiResClockMs()
    await this.misfortunes.happen(mischief)
    const healMs = Math.min(HEAL_AFTER_MS, mischief.at(-1)!.atMs + 2000)
    await simulation.sleep(Math.max(0, startMs + healMs - simulation.hiResClockMs()))
    this.cluster.faults.clear()
    network.faults.healAll()
    network.faults.shape({ breakChance: 0 })
  }

  private readLogs(): void {
    for (const { name, partitions } of this.plan.topics) {
      for (const index of range(partitions)) {
        const { key } = new TopicPartition(name, index)
        this.logs.set(key, storedRecords(batchesOf(this.cluster, name, index)))
      }
    }
  }
}

const storedRecords = (batches: Iterable<DefaultRecordBatch>): StoredRecord[] => {
  const stored: StoredRecord[] = []
  for (const batch of batches) {
    for (const record of batch) {
      const [id] = record.headers
      const [producer, number] = textOf(id!.value!).split(' ')
      const key = record.key === null ? null : textOf(record.key)
      const where = { offset: record.offset, producer: producer!, number: Number(number) }
      stored.push({ ...where, key, value: record.value! })
    }
  }
  return stored
}

const textOf = (bytes: Uint8Array): string => utf8Read(bytes, 0, bytes.length)

/** Bytes that no other record has, as far as there are enough of them; they compress a little. */
const valueBytes = (producer: string, number: number, bytes: number): Uint8Array => {
  const value = new Uint8Array(bytes)
  let state = producer.charCodeAt(1) * 1000 + number
  for (let i = 0; i < bytes; i++) {
    if (i % 4 === 0) state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    value[i] = state >>> 24
  }
  return value
}
