/**
 * What tests across all floors share: a world on virtual time with a cluster in it, real clients
 * for it that are closed afterwards, and three things that hold for each of them: no rejection is
 * unhandled, nobody logs an error that the test does not expect, nothing hangs.
 */

import { expect } from 'vitest'
import type { AdminConfigInput } from '../../src/admin/AdminClientConfig.ts'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { EmbeddedCluster, type EmbeddedClusterOptions } from '../../src/broker/EmbeddedCluster.ts'
import { MemoryStorage } from '../../src/broker/log/MemoryStorage.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { TraceEntry } from '../../src/common/Trace.ts'
import type { TraceName } from '../../src/common/TraceEvents.ts'
import type { ConsumerConfigInput } from '../../src/consumer/ConsumerConfig.ts'
import type { ConsumerRecord } from '../../src/consumer/ConsumerRecord.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import type { Environment } from '../../src/network/Environment.ts'
import type { LinkSettings } from '../../src/network/nio/MemoryLink.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import type { ProducerConfigInput } from '../../src/producer/ProducerConfig.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

export type StringProducer = KafkaProducer<string, string>
export type StringConsumer = KafkaConsumer<string, string>
export type StringRecord = ConsumerRecord<string, string>
export type ProducerSettings = Partial<ProducerConfigInput<string, string>>
export type ConsumerSettings = Partial<ConsumerConfigInput<string, string>>

export interface ClusterTestOptions extends EmbeddedClusterOptions {
  seed?: number
  link?: Partial<LinkSettings>
  /** The test expects errors in the log. */
  errorsExpected?: boolean
}

/** Everything a test needs, in one hand. Clients that are made here are closed at its end. */
export class ClusterTest {
  readonly world: SimulatedWorld
  readonly logger: RecordingLogger
  readonly storage: MemoryStorage
  readonly cluster: EmbeddedCluster
  private readonly closing: (() => Promise<void>)[] = []

  constructor(
    world: SimulatedWorld,
    logger: RecordingLogger,
    storage: MemoryStorage,
    cluster: EmbeddedCluster,
  ) {
    this.world = world
    this.logger = logger
    this.storage = storage
    this.cluster = cluster
  }

  get time() {
    return this.world.simulation
  }

  producer(settings: ProducerSettings = {}, environment = this.environment('producer')) {
    const producer = new KafkaProducer<string, string>(
      {
        'bootstrap.servers': this.cluster.bootstrapServers,
        'client.id': 'producer',
        'key.serializer': StringSerializer,
        'value.serializer': StringSerializer,
        ...settings,
      },
      environment,
    )
    this.closing.push(() => producer.close())
    return producer
  }

  /** Reads from the beginning when nothing else is said. */
  consumer(settings: ConsumerSettings = {}, environment = this.environment('consumer')) {
    const consumer = new KafkaConsumer<string, string>(
      {
        'bootstrap.servers': this.cluster.bootstrapServers,
        'client.id': 'consumer',
        'key.deserializer': StringDeserializer,
        'value.deserializer': StringDeserializer,
        'auto.offset.reset': 'earliest',
        ...settings,
      },
      environment,
    )
    this.closing.push(() => consumer.close())
    return consumer
  }

  admin(settings: Partial<AdminConfigInput> = {}) {
    const admin = new KafkaAdminClient(
      { 'bootstrap.servers': this.cluster.bootstrapServers, 'client.id': 'admin', ...settings },
      this.environment('admin'),
    )
    this.closing.push(() => admin.close())
    return admin
  }

  environment(host: string): Environment {
    return this.world.environment(host)
  }

  async createTopic(name: string, numPartitions = 1, configs: Record<string, string> = {}) {
    const admin = this.admin()
    await admin.createTopics([{ name, numPartitions, replicationFactor: 1, configs }]).all()
    await admin.close()
  }

  /** Everything that a topic holds, by a consumer of its own: partition after partition. */
  async contents(topic: string, partitions = 1): Promise<StringRecord[]> {
    const consumer = this.consumer({ 'client.id': 'reader' })
    const assigned = partitionsOf(topic, partitions)
    consumer.assign(assigned)
    const ends = await consumer.endOffsets(assigned)
    const records: StringRecord[] = []
    const missing = async (): Promise<boolean> => {
      for (const [partition, end] of ends) {
        if ((await consumer.position(partition)) < end) return true
      }
      return false
    }
    while (await missing()) records.push(...(await consumer.poll(1000)))
    await consumer.close()
    return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
  }

  /** From now on every event of this name. */
  events<N extends TraceName>(name: N): TraceEntry<N>[] {
    const entries: TraceEntry<N>[] = []
    this.world.traceBus.listen((entry) => {
      if (entry.name === name) entries.push(entry as TraceEntry<N>)
    })
    return entries
  }

  async closeAll(): Promise<void> {
    for (const close of this.closing.toReversed()) await close()
    await this.cluster.close()
  }
}

/** A test on virtual time against a cluster of its own, listening on the host `cluster`. */
export const onCluster =
  (main: (test: ClusterTest) => Promise<void>, options: ClusterTestOptions = {}) =>
  async (): Promise<void> => {
    const { seed = 1, link, errorsExpected = false, ...rest } = options
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    const logger = new RecordingLogger()
    try {
      const world = new SimulatedWorld({ seed, logger, ...(link && { link }) })
      await world.run(async () => {
        const storage = new MemoryStorage({ time: world.simulation })
        const environment = world.environment('cluster')
        const cluster = await EmbeddedCluster.start({ environment, storage, ...rest })
        const test = new ClusterTest(world, logger, storage, cluster)
        try {
          await main(test)
        } finally {
          await test.closeAll()
        }
      })
    } finally {
      process.off('unhandledRejection', note)
    }
    expect(unhandled).toEqual([])
    if (!errorsExpected) expect(logger.messages('error')).toEqual([])
  }

export const range = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, i) => from + i)

export const partitionsOf = (topic: string, count: number): TopicPartition[] =>
  range(count).map((partition) => new TopicPartition(topic, partition))

export const valuesOf = (records: Iterable<{ value: string | null }>): (string | null)[] =>
  Array.from(records, ({ value }) => value)

/** What an action fails with. */
export const failureOf = async (action: PromiseLike<unknown>): Promise<Error> => {
  let outcome: unknown
  try {
    outcome = await action
  } catch (error) {
    return error as Error
  }
  throw new Error(`It succeeded: ${outcome}`)
}

/** What an action throws. */
export const thrownBy = (action: () => unknown): Error => {
  try {
    action()
  } catch (error) {
    return error as Error
  }
  throw new Error('It did not throw')
}
