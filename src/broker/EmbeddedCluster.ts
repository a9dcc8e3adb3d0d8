/**
 * A Kafka cluster inside the program: some brokers and their controller, over TCP or in memory, on
 * disk or not.
 *
 *     await using cluster = await EmbeddedCluster.start({ brokers: 3 })
 *     const producer = new KafkaProducer({ 'bootstrap.servers': cluster.bootstrapServers, … })
 *
 * Every client of Kafka's can talk to it: it speaks the versions of 4.3.1. What is under it is the
 * environment's: with a `MemoryNetwork` and a `Simulation` a whole cluster runs on virtual time.
 *
 *     <storage>/controller/      the cluster's metadata
 *     <storage>/broker-1/        a log directory as Kafka's
 *
 * And it can be told to misbehave: `faults` for single requests, `killBroker`, `moveLeader`.
 *
 * @kafka org.apache.kafka.common.test.KafkaClusterTestKit
 */

import { IllegalArgumentException } from '../common/errors.ts'
import { TopicPartition } from '../common/TopicPartition.ts'
import { type Environment, systemEnvironment } from '../network/Environment.ts'
import { QuorumController } from './controller/QuorumController.ts'
import { Faults } from './faults/Faults.ts'
import { KafkaBroker } from './KafkaBroker.ts'
import { KafkaConfig, type KafkaConfigInput } from './KafkaConfig.ts'
import { brokerDir, moveLeader, placeLogs } from './LeaderMove.ts'
import { MemoryStorage } from './log/MemoryStorage.ts'
import type { Storage } from './log/Storage.ts'
import { NO_LEADER } from './metadata/MetadataImage.ts'

export interface EmbeddedClusterOptions {
  /** How many brokers. Default 1. */
  brokers?: number
  /** Where they listen and what clients are told. Default: the network's own name, or 127.0.0.1. */
  host?: string
  /** One per broker; 0 or nothing takes a free one. */
  ports?: readonly number[]
  /** Kafka's own broker settings, for all brokers. */
  config?: KafkaConfigInput | Readonly<Record<string, unknown>>
  /** Where records live. Default: in memory. */
  storage?: Storage
  /** The clock, chance, network, log and trace bus; what is left out is the machine's own. */
  environment?: Partial<Environment>
  /** What of the environment differs for one broker: for example its host on a memory network. */
  environmentOf?: (brokerId: number) => Partial<Environment> & { readonly host?: string }
}

export class EmbeddedCluster {
  /** What is to go wrong with requests, on all brokers. */
  readonly faults: Faults
  private readonly controller: QuorumController
  private readonly storage: Storage
  private readonly byId = new Map<number, KafkaBroker>()
  /** Not there any more for clients, but not through with their logs. */
  private readonly stopping = new Map<number, KafkaBroker>()
  private readonly start: (id: number, port: number) => Promise<KafkaBroker>
  private closing: Promise<void> | undefined

  private constructor(
    parts: { controller: QuorumController; storage: Storage; faults: Faults },
    start: (id: number, port: number) => Promise<KafkaBroker>,
  ) {
    this.controller = parts.controller
    this.storage = parts.storage
    this.faults = parts.faults
    this.start = start
  }

  /**
   * Resolves when every broker answers.
   *
   * @throws IOException when a port cannot be had, ConfigException for a bad setting
   */
  static async start(options: EmbeddedClusterOptions = {}): Promise<EmbeddedCluster> {
    const { brokers = 1, ports = [] } = options
    if (!Number.isInteger(brokers) || brokers < 1) {
      throw new IllegalArgumentException(`A cluster needs at least one broker, got ${brokers}`)
    }
    const environment = systemEnvironment(options.environment)
    const config = new KafkaConfig(options.config ?? {})
    const storage = options.storage ?? new MemoryStorage({ time: environment.time })
    const { random, logger } = environment
    const controller = await QuorumController.open({
      storage,
      dir: 'controller',
      config,
      random,
      logger,
    })
    placeLogs(storage, controller.currentImage())
    const faults = new Faults()
    const cluster = new EmbeddedCluster({ controller, storage, faults }, (id, port) => {
      const { host, ...own } = options.environmentOf?.(id) ?? {}
      const network = own.network ?? environment.network
      return KafkaBroker.start({
        id,
        host: host ?? options.host ?? network.hostName,
        port,
        config: new KafkaConfig(options.config ?? {}),
        storage,
        dir: brokerDir(id),
        controller,
        environment: { ...environment, ...own },
        faults,
      })
    })
    try {
      const firstId = Math.max(1, config.get('node.id'))
      for (let i = 0; i < brokers; i++) await cluster.startBroker(firstId + i, ports[i] ?? 0)
    } catch (error) {
      await cluster.close()
      throw error
    }
    return cluster
  }

  /** What clients need to know: `host:port` of every broker. */
  get bootstrapServers(): string {
    return Array.from(this.byId.values(), (broker) => `${broker.host}:${broker.port}`).join(',')
  }

  get clusterId(): string {
    return this.controller.clusterId
  }

  /** @throws IllegalArgumentException when it is not running */
  broker(id: number): KafkaBroker {
    const broker = this.byId.get(id)
    if (broker === undefined) {
      throw new IllegalArgumentException(
        `There is no broker ${id}; running are ${[...this.byId.keys()].join(', ')}.`,
      )
    }
    return broker
  }

  brokerIds(): number[] {
    return [...this.byId.keys()]
  }

  /**
   * Starts a broker, or starts one again that was stopped or killed, on the log directory it had.
   *
   * @param port where it listens; 0 or nothing takes a free one
   */
  async startBroker(id: number, port = 0): Promise<KafkaBroker> {
    if (this.byId.has(id)) throw new IllegalArgumentException(`Broker ${id} is running.`)
    const broker = await this.start(id, port)
    this.byId.set(id, broker)
    return broker
  }

  /** Stops one broker in order. Its partitions have no leader until it is started again. */
  async stopBroker(id: number): Promise<void> {
    const broker = this.broker(id)
    this.byId.delete(id)
    this.stopping.set(id, broker)
    try {
      await broker.close()
    } finally {
      this.stopping.delete(id)
    }
  }

  /**
   * A crash: connections break at once, what is half done stays half done, nothing is flushed. What
   * was written survives, and so everything that was acknowledged; `startBroker` recovers it. The
   * cluster notices at once, and the broker's partitions have no leader until it is started again
   * or they are moved.
   *
   * @throws IllegalArgumentException when it is not running
   */
  async killBroker(id: number): Promise<void> {
    const broker = this.broker(id)
    this.byId.delete(id)
    await broker.kill()
  }

  /** The broker that leads a partition; `undefined` while none does, or there is no such one. */
  leaderOf(topic: string, partition: number): number | undefined {
    const leader = this.controller
      .currentImage()
      .partition(new TopicPartition(topic, partition))?.leader
    return leader === undefined || leader === NO_LEADER ? undefined : leader
  }

  /**
   * Makes another broker the leader of a partition, under the next leader epoch; the log and what
   * is remembered of its producers go with it. The old leader answers NOT_LEADER_OR_FOLLOWER from
   * then on. Works for the partitions of a broker that is stopped or was killed, too.
   *
   * @throws UnknownTopicOrPartitionException for a partition that there is not,
   *   IllegalArgumentException for a broker that is not running, KafkaStorageException when the old
   *   leader's disk fails
   */
  moveLeader(topic: string, partition: number, brokerId: number): Promise<void> {
    const { controller, storage, byId, stopping } = this
    const topicPartition = new TopicPartition(topic, partition)
    return moveLeader({ controller, storage, running: byId, stopping }, topicPartition, brokerId)
  }

  /** Stops all brokers in order; a second call waits for the first. */
  close(): Promise<void> {
    this.closing ??= this.closeAll()
    return this.closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private async closeAll(): Promise<void> {
    for (const broker of this.byId.values()) await broker.close()
    this.byId.clear()
    await this.controller.close()
  }
}
