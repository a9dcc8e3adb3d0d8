/**
 * Runs one seed: the plan's cluster, producers and misfortunes on virtual time, until everything is
 * healed and closed; then reads the logs and holds them against what the producers were told.
 *
 *     plan ─► producers send ──────────────┐
 *          └► mischief, then all is healed ┴─► close ─► logs ─► checkOutcome
 */

import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import type { FaultRule } from '../../src/broker/faults/Faults.ts'
import { MemoryStorage } from '../../src/broker/log/MemoryStorage.ts'
import { RecordHeader } from '../../src/common/header/RecordHeader.ts'
import type { Logger, LogLevel } from '../../src/common/Logger.ts'
import { ByteArraySerializer } from '../../src/common/serialization/ByteArraySerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { TraceListener } from '../../src/common/Trace.ts'
import { utf8Bytes, utf8Read } from '../../src/common/utf8.ts'
import type { FutureRecordMetadata } from '../../src/producer/internals/FutureRecordMetadata.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { checkOutcome, type Logs, type SentRecord, type StoredRecord } from './producerChecks.ts'
import {
  hostOf,
  type Mischief,
  type Plan,
  type ProducerPlan,
  planOf,
  type SendStep,
  type TopicPlan,
} from './producerPlan.ts'

/** Longer than any plan takes: with its time-outs, back-offs and the healing. */
const MAX_DURATION_MS = 600_000
/** When everything is healed, at the latest, after the first send. */
const HEAL_AFTER_MS = 6000
const SETTLING_MS = 500
/** What may be left in the queue of virtual time when all is closed: answers on the wire. */
const MAX_STEPS_AFTER_CLOSE = 5000

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
  const logger = new ErrorLog()
  const world = new SimulatedWorld({ seed, logger, maxDurationMs: MAX_DURATION_MS })
  if (listener !== undefined) world.traceBus.listen(listener)
  const run = new ProducerRun(plan, world)
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => {
    unhandled.push(reason)
  }
  process.on('unhandledRejection', note)
  try {
    await world.run(() => run.main())
    await drain(world)
  } finally {
    process.off('unhandledRejection', note)
  }
  checkOutcome(plan, run.producers, run.logs)
  if (unhandled.length > 0) throw new Error(`unhandled rejection: ${unhandled[0]}`)
  const error = logger.errors.find((message) => plan.calm || !isForeseen(message))
  if (error !== undefined) throw new Error(`an error was logged: ${error}`)
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

/** Nothing may wait when all is closed: no timer, no loop, no segment that goes round for ever. */
const drain = async ({ simulation }: SimulatedWorld): Promise<void> => {
  for (let i = 0; i < MAX_STEPS_AFTER_CLOSE; i++) if (!(await simulation.step())) return
  throw new Error(`after everything was closed, something still runs every now and then`)
}

/** Keeps errors, and lets nobody build a message of any other kind. */
class ErrorLog implements Logger {
  readonly errors: string[] = []

  isEnabled(level: LogLevel): boolean {
    return level === 'error'
  }

  debug(): void {}

  info(): void {}

  warn(): void {}

  error(message: string, cause?: unknown): void {
    this.errors.push(cause === undefined ? message : `${message}: ${cause}`)
  }

  withPrefix(): Logger {
    return this
  }
}

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

  /** One record to each partition; with no time to wait for metadata it takes a few attempts. */
  async warmUp(topics: readonly TopicPlan[]): Promise<void> {
    for (const { name, partitions } of topics) {
      for (let partition = 0; partition < partitions; ) {
        const step = { topic: name, partition, key: null, bytes: 0, awaitAppended: false }
        const sent = await this.send({ kind: 'send', ...step }).catch(() => undefined)
        if (sent === undefined) await this.world.simulation.sleep(5)
        else partition++
      }
    }
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
  private readonly rules: FaultRule[] = []
  private readonly ports = new Map<number, number>()
  private cluster!: EmbeddedCluster

  constructor(plan: Plan, world: SimulatedWorld) {
    this.plan = plan
    this.world = world
  }

  get faultsHit(): number {
    return this.rules.reduce((hits, rule) => hits + rule.hits, 0)
  }

  async main(): Promise<void> {
    const { plan, world } = this
    this.cluster = await EmbeddedCluster.start({
      brokers: plan.brokers,
      storage: new MemoryStorage({ time: world.simulation }),
      environment: world.environment('controller'),
      environmentOf: (id) => world.environment(hostOf(id)),
    })
    for (const id of this.cluster.brokerIds()) this.ports.set(id, this.cluster.broker(id).port)
    await this.createTopics()
    const { bootstrapServers } = this.cluster
    for (const each of plan.producers) {
      const producer = new ProducerUnderTest(each, bootstrapServers, world)
      this.producers.push(producer)
      if (each.warmUp) await producer.warmUp(plan.topics)
    }
    world.network.faults.shape(plan.link)
    const programs = this.producers.map((producer) => producer.runProgram())
    await Promise.all([this.misbehave(), ...programs])
    // What was sent with acks=0 may still be on its way.
    await world.simulation.sleep(SETTLING_MS)
    this.readLogs()
    await this.cluster.close()
  }

  private async createTopics(): Promise<void> {
    const { cluster, plan, world } = this
    const admin = new KafkaAdminClient(
      { 'bootstrap.servers': cluster.bootstrapServers },
      world.environment('admin'),
    )
    await admin
      .createTopics(
        plan.topics.map(({ name, partitions, configs }) => {
          return { name, numPartitions: partitions, replicationFactor: 1, configs }
        }),
      )
      .all()
    await admin.close()
  }

  /** Everything that goes wrong, each at its time; at the end everything is whole again. */
  private async misbehave(): Promise<void> {
    const { simulation, network } = this.world
    if (this.plan.calm) return
    const startMs = simulation.hiResClockMs()
    const waitUntil = (atMs: number): Promise<void> =>
      simulation.sleep(Math.max(0, startMs + atMs - simulation.hiResClockMs()))
    const lasting = this.plan.mischief.map(async ({ atMs, what }) => {
      await waitUntil(atMs)
      await this.commit(what)
    })
    await Promise.all(lasting)
    await waitUntil(Math.min(HEAL_AFTER_MS, this.plan.mischief.at(-1)!.atMs + 2000))
    this.cluster.faults.clear()
    network.faults.healAll()
    network.faults.shape({ breakChance: 0 })
  }

  private async commit(what: Mischief): Promise<void> {
    const { simulation, network } = this.world
    const { faults } = network
    switch (what.kind) {
      case 'fault':
        return this.addFault(what)
      case 'kill':
      case 'stop':
        return this.takeDown(what.broker, what.kind, what.forMs)
      case 'moveLeader':
        // Who is down cannot lead.
        if (!this.cluster.brokerIds().includes(what.broker)) return
        return this.cluster.moveLeader(what.topic, what.partition, what.broker)
      case 'breakConnections':
        return faults.breakConnections(what.a, what.b)
      case 'cutAfter':
        return faults.cutAfter(what.from, what.to, what.bytes)
      case 'loseNext':
        return faults.loseNext(what.from, what.to, what.count)
      case 'partition':
        faults.partition(what.a, what.b)
        await simulation.sleep(what.forMs)
        return faults.heal(what.a, what.b)
    }
  }

  private addFault(what: Extract<Mischief, { kind: 'fault' }>): void {
    const { api, broker, partition, times, action } = what
    const builder = this.cluster.faults.on({
      api,
      times,
      ...(broker !== undefined && { broker }),
      ...(partition !== undefined && { partition }),
    })
    this.rules.push(
      action.kind === 'error'
        ? builder.error(action.name)
        : action.kind === 'delay'
          ? builder.delay(action.ms, action)
          : action.kind === 'drop'
            ? builder.drop(action)
            : builder.disconnect(action),
    )
  }

  private async takeDown(id: number, how: 'kill' | 'stop', forMs: number): Promise<void> {
    const { cluster } = this
    // Down already, by another mischief, which starts it again.
    if (!cluster.brokerIds().includes(id)) return
    if (how === 'kill') await cluster.killBroker(id)
    else await cluster.stopBroker(id)
    await this.world.simulation.sleep(forMs)
    await cluster.startBroker(id, this.ports.get(id))
  }

  /** What the leaders have, read from the log itself. */
  private readLogs(): void {
    for (const { name, partitions } of this.plan.topics) {
      for (let index = 0; index < partitions; index++) {
        const leader = this.cluster.leaderOf(name, index)
        if (leader === undefined) throw new Error(`${name}-${index} has no leader at the end`)
        const topicPartition = new TopicPartition(name, index)
        const { replicaManager } = this.cluster.broker(leader)
        const { log } = replicaManager.getPartition(topicPartition)!
        this.logs.set(topicPartition.key, recordsOf(log))
      }
    }
  }
}

type Log = NonNullable<
  ReturnType<ReturnType<EmbeddedCluster['broker']>['replicaManager']['getPartition']>
>['log']

const recordsOf = (log: Log): StoredRecord[] => {
  const stored: StoredRecord[] = []
  let offset = log.logStartOffset
  while (offset < log.logEndOffset) {
    const { records } = log.read(offset, 1024 * 1024, 'highWatermark', true)
    for (const batch of MemoryRecords.readableRecords(records.toBytes()).batches()) {
      if (!batch.isValid()) throw new Error(`${log.topicPartition}: a batch is corrupt`)
      for (const record of batch) {
        const [id] = record.headers
        const [producer, number] = textOf(id!.value!).split(' ')
        const key = record.key === null ? null : textOf(record.key)
        const where = { offset: record.offset, producer: producer!, number: Number(number) }
        stored.push({ ...where, key, value: record.value! })
      }
      offset = batch.lastOffset + 1
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
