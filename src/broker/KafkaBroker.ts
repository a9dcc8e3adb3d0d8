/**
 * One broker, put together: its log directory, its partitions, its door.
 *
 *     start   take the port → open the logs → register with the controller → let clients in
 *     close   let nobody in → leave the cluster → answer who waits → close connections → close logs
 *     kill    nothing more is written or answered; what write(2) took is all that is left
 *
 * The port is taken first because the cluster must know where a broker listens; clients are let in
 * last, because from then on everything must be answerable.
 *
 * @kafka kafka.server.BrokerServer
 */

import { InconsistentClusterIdException } from '../common/errors/ClusterExceptions.ts'
import { KafkaException } from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'
import { Topic } from '../common/Topic.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import type { Trace } from '../common/Trace.ts'
import { Uuid } from '../common/Uuid.ts'
import { utf8Bytes, utf8Read } from '../common/utf8.ts'
import type { Environment } from '../network/Environment.ts'
import { ApiVersionManager } from './ApiVersionManager.ts'
import type { QuorumController } from './controller/QuorumController.ts'
import { FaultInjector } from './faults/FaultInjector.ts'
import type { Faults } from './faults/Faults.ts'
import type { GroupCoordinatorService } from './group/GroupCoordinatorService.ts'
import { newGroupCoordinator } from './group/newGroupCoordinator.ts'
import { KafkaApis } from './KafkaApis.ts'
import type { KafkaConfig } from './KafkaConfig.ts'
import { KafkaRequestHandler, KafkaRequestHandlerPool } from './KafkaRequestHandler.ts'
import { BackgroundTasks } from './log/BackgroundTasks.ts'
import { writeWhole } from './log/CheckpointFile.ts'
import { LogDirFailureChannel } from './log/LogDirFailureChannel.ts'
import { LogManager } from './log/LogManager.ts'
import { joinPath, readWhole, type Storage } from './log/Storage.ts'
import { BrokerMetadataPublisher } from './metadata/BrokerMetadataPublisher.ts'
import { MetadataCache } from './metadata/MetadataCache.ts'
import { SocketServer } from './network/SocketServer.ts'
import { ReplicaManager } from './replica/ReplicaManager.ts'

export interface KafkaBrokerOptions {
  id: number
  host: string
  /** 0 takes a free one. */
  port: number
  config: KafkaConfig
  storage: Storage
  /** The log directory. */
  dir: string
  controller: QuorumController
  environment: Environment
  /** What is to go wrong, of the whole cluster. */
  faults: Faults
}

const META_PROPERTIES = 'meta.properties'

export class KafkaBroker {
  readonly id: number
  readonly host: string
  readonly config: KafkaConfig
  readonly socketServer: SocketServer
  readonly replicaManager: ReplicaManager
  readonly logManager: LogManager
  private readonly options: KafkaBrokerOptions
  private readonly logger: Logger
  private readonly trace: Trace
  private readonly tasks: BackgroundTasks
  private readonly metadataCache: MetadataCache
  private readonly groupCoordinator: GroupCoordinatorService
  private readonly metadataPublisher: BrokerMetadataPublisher
  private readonly apis: FaultInjector
  private readonly failureChannel: LogDirFailureChannel
  private handlerPool: KafkaRequestHandlerPool | undefined
  private unsubscribe: (() => void) | undefined
  private registered = false
  private killed = false

  private constructor(options: KafkaBrokerOptions) {
    const { id, config, environment, controller } = options
    const { time, random, network } = environment
    this.options = options
    this.id = id
    this.host = options.host
    this.config = config
    this.logger = environment.logger.withPrefix(`[Broker id=${id}] `)
    this.trace = environment.traceBus.from(`broker-${id}`)
    this.tasks = new BackgroundTasks(time, this.logger)
    this.metadataCache = new MetadataCache(controller.currentImage())
    this.failureChannel = new LogDirFailureChannel(options.dir, this.logger)
    this.logManager = this.makeLogManager()
    const { logger, trace, metadataCache, logManager, tasks } = this
    const brokerId = id
    const seams = { time, logger, trace }
    this.replicaManager = new ReplicaManager({ brokerId, ...seams, logManager, metadataCache })
    const { replicaManager } = this
    const coordinated = { ...seams, random, config, replicaManager, metadataCache }
    this.groupCoordinator = newGroupCoordinator(coordinated)
    const { groupCoordinator } = this
    const published = { brokerId, metadataCache, replicaManager, groupCoordinator }
    this.metadataPublisher = new BrokerMetadataPublisher(published)
    const apiVersionManager = new ApiVersionManager()
    const door = { config, ...seams, random, network, apiVersionManager }
    this.socketServer = new SocketServer(door)
    const { requestChannel } = this.socketServer
    const shared = { brokerId, requestChannel, metadataCache, trace }
    const managers = { replicaManager, controller, groupCoordinator, apiVersionManager }
    const apis = new KafkaApis({ ...shared, ...managers, config, logger })
    this.apis = new FaultInjector({ ...shared, faults: options.faults, apis, tasks })
  }

  /**
   * Starts a broker that answers when this resolves.
   *
   * @throws IOException when the port cannot be had, InconsistentClusterIdException for another
   *   cluster's directory
   */
  static async start(options: KafkaBrokerOptions): Promise<KafkaBroker> {
    const broker = new KafkaBroker(options)
    await broker.socketServer.bind(options.host, options.port)
    try {
      await broker.startup()
    } catch (error) {
      await broker.close()
      throw error
    }
    return broker
  }

  get port(): number {
    return this.socketServer.port
  }

  private async startup(): Promise<void> {
    const { controller, storage, dir } = this.options
    storage.makeDirectory(dir)
    this.checkMetaProperties()
    this.logManager.startup()
    this.groupCoordinator.startup(this.numOffsetsPartitions())
    const { metadataPublisher } = this
    this.unsubscribe = controller.subscribe((image) => metadataPublisher.onMetadataUpdate(image))
    const rack = this.config.get('broker.rack')
    this.registered = true
    await controller.registerBroker({ id: this.id, host: this.host, port: this.port, rack })
    const { requestChannel } = this.socketServer
    const { apis, logger, trace } = this
    this.handlerPool = new KafkaRequestHandlerPool(
      this.config.get('num.io.threads'),
      () => new KafkaRequestHandler({ requestChannel, apis, logger, trace }),
    )
    this.socketServer.enableRequestProcessing()
    this.config.logUnused(logger)
  }

  /**
   * Stops in order: nothing that was answered is lost, and the next start need not recover. What
   * fails on the way is reported, and the rest is stopped all the same.
   */
  async close(): Promise<void> {
    await this.attempt('stop accepting connections', () => this.socketServer.stopAccepting())
    this.unsubscribe?.()
    this.unsubscribe = undefined
    if (this.registered) {
      this.registered = false
      await this.attempt('leave the cluster', () =>
        this.options.controller.unregisterBroker(this.id),
      )
    }
    this.groupCoordinator.shutdown()
    this.replicaManager.shutdown()
    await this.attempt('close the connections', () => this.socketServer.shutdown())
    await this.handlerPool?.shutdown()
    this.tasks.close()
    await this.logManager.shutdown()
  }

  /**
   * Ends as a killed process does: at once, and in the middle of whatever it was doing. Resolves
   * when the port is free and the cluster knows.
   */
  async kill(): Promise<void> {
    // The disk first: from here on nothing can be appended, so nothing can be acknowledged either.
    this.killed = true
    this.failureChannel.abandon()
    this.tasks.close()
    this.unsubscribe?.()
    this.unsubscribe = undefined
    this.socketServer.abort()
    this.groupCoordinator.shutdown()
    this.replicaManager.shutdown()
    await this.attempt('close the connections', () => this.socketServer.shutdown())
    await this.handlerPool?.shutdown()
    await this.logManager.shutdown()
    this.registered = false
    await this.options.controller.unregisterBroker(this.id)
  }

  wasKilled(): boolean {
    return this.killed
  }

  private async attempt(what: string, action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      this.logger.error(`Failed to ${what}`, error)
    }
  }

  private makeLogManager(): LogManager {
    const { config, logger, trace, tasks } = this
    const { environment, storage, dir } = this.options
    const { time, random } = environment
    return new LogManager({
      context: {
        storage,
        time,
        random,
        logger,
        trace,
        failureChannel: this.failureChannel,
        deletions: tasks,
        producerIdExpirationMs: config.get('producer.id.expiration.ms'),
      },
      dir,
      tasks,
      configOf: (topic) => config.logConfigOf(this.metadataCache.topicConfig(topic)),
      expectedTopicId: (topicPartition) => this.expectedTopicId(topicPartition),
      flushSchedulerIntervalMs: config.get('log.flush.scheduler.interval.ms'),
      checkpointIntervalMs: config.get('log.flush.offset.checkpoint.interval.ms'),
      producerIdExpirationCheckIntervalMs: config.get('producer.id.expiration.check.interval.ms'),
    })
  }

  /** Of the topic as it is; of the one that will be made where there is none. */
  private numOffsetsPartitions(): number {
    const image = this.options.controller.currentImage()
    const topic = image.topicsByName.get(Topic.GROUP_METADATA_TOPIC_NAME)
    return topic?.partitions.length ?? this.config.get('offsets.topic.num.partitions')
  }

  private expectedTopicId({ topic, partition }: TopicPartition): Uuid | undefined {
    const found = this.options.controller.currentImage().topicsByName.get(topic)
    return found?.partitions[partition]?.replicas.includes(this.id) ? found.id : undefined
  }

  /** Whose directory it is; written on the first start. */
  private checkMetaProperties(): void {
    const { storage, dir, controller, environment } = this.options
    const path = joinPath(dir, META_PROPERTIES)
    const bytes = readWhole(storage, path)
    if (bytes === undefined || bytes.length === 0) {
      const directoryId = Uuid.randomUuid(environment.random)
      const lines = [
        `cluster.id=${controller.clusterId}`,
        `directory.id=${directoryId}`,
        `node.id=${this.id}`,
        'version=1',
      ]
      writeWhole(storage, path, utf8Bytes(`${lines.join('\n')}\n`))
      return
    }
    const properties = parseProperties(utf8Read(bytes, 0, bytes.length))
    if (properties.get('cluster.id') !== controller.clusterId) {
      throw new InconsistentClusterIdException(
        `The directory '${dir}' belongs to the cluster ${properties.get('cluster.id')}, and ` +
          `this is ${controller.clusterId}. Give each cluster a directory of its own.`,
      )
    }
    if (properties.get('node.id') !== String(this.id)) {
      throw new KafkaException(
        `The directory '${dir}' belongs to the broker ${properties.get('node.id')}, and this ` +
          `is ${this.id}.`,
      )
    }
  }
}

const parseProperties = (text: string): Map<string, string> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line.includes('=') && !line.startsWith('#'))
      .map((line) => {
        const equals = line.indexOf('=')
        return [line.slice(0, equals).trim(), line.slice(equals + 1).trim()]
      }),
  )
