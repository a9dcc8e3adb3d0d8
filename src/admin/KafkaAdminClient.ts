/**
 * Manages topics and looks at the cluster; with `GroupAdmin`, also groups and their offsets.
 *
 *     const admin = new KafkaAdminClient({ 'bootstrap.servers': 'localhost:9092' })
 *     await admin.createTopics([{ name: 'orders', numPartitions: 3 }]).all()
 *     await admin.close()
 *
 * A method makes a `Call`, hands it to the loop of `AdminClientRunnable` and returns at once: what
 * it returns holds a promise per topic.
 *
 *     createTopics ─► Call ─► newCalls ─► pendingCalls ─► callsToSend ─► in flight ─► done
 *       the caller's turn │   the loop's: whom to ask?     connected?      │
 *                             back-off, deadline ◄─────────────────────────┘ failed, try again
 *
 * I1  Every promise is settled, at the latest at the call's deadline or when `close` ends.
 * I2  A failure that nobody looks at is no unhandled rejection.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient
 * @kafka org.apache.kafka.clients.admin.Admin
 * @simplified topics, groups, cluster and configurations; ACLs and quotas come with the parts of
 *   the broker that serve them. Telemetry is left out. `describeTopics` has one
 *   deadline; in Java each of its requests begins a new one.
 */

import { ApiVersions } from '../clients/ApiVersions.ts'
import { createNetworkClient, parseAndValidateAddresses } from '../clients/ClientUtils.ts'
import {
  RETRY_BACKOFF_EXP_BASE,
  RETRY_BACKOFF_JITTER,
  warnDisablingExponentialBackoff,
} from '../clients/CommonClientConfigs.ts'
import type { KafkaClient } from '../clients/KafkaClient.ts'
import { metadataRecoveryStrategyOf } from '../clients/MetadataRecoveryStrategy.ts'
import type { Properties } from '../common/config/ConfigDef.ts'
import { ExponentialBackoff } from '../common/ExponentialBackoff.ts'
import { IllegalArgumentException } from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'
import type { MetricName } from '../common/MetricName.ts'
import type { KafkaMetric } from '../common/metrics/KafkaMetric.ts'
import type { Time } from '../common/Time.ts'
import { type Environment, systemEnvironment } from '../network/Environment.ts'
import {
  AdminClientConfig,
  type AdminConfigInput,
  configureDefaultApiTimeoutMs,
} from './AdminClientConfig.ts'
import type {
  CreateTopicsOptions,
  DeleteTopicsOptions,
  DescribeClusterOptions,
  DescribeConfigsOptions,
  DescribeTopicsOptions,
  ListTopicsOptions,
} from './AdminOptions.ts'
import type { Config } from './Config.ts'
import {
  type ConfigResource,
  configResourceKey,
  configResourceTypeId,
  nodeFor,
} from './ConfigResource.ts'
import { CreateTopicsResult, type TopicMetadataAndConfig } from './CreateTopicsResult.ts'
import { DeleteTopicsResult } from './DeleteTopicsResult.ts'
import { type ClusterDescription, DescribeClusterResult } from './DescribeClusterResult.ts'
import { DescribeConfigsResult } from './DescribeConfigsResult.ts'
import { DescribeTopicsResult } from './DescribeTopicsResult.ts'
import { GroupAdmin } from './GroupAdmin.ts'
import { AdminClientRunnable } from './internals/AdminClientRunnable.ts'
import type { AdminContext } from './internals/AdminContext.ts'
import { AdminMetadataManager } from './internals/AdminMetadataManager.ts'
import { AdminMetrics } from './internals/AdminMetrics.ts'
import { CreateTopicsCall } from './internals/CreateTopicsCall.ts'
import { DeleteTopicsCall } from './internals/DeleteTopicsCall.ts'
import { DescribeClusterCall } from './internals/DescribeClusterCall.ts'
import { type AskedResource, DescribeConfigsCall } from './internals/DescribeConfigsCall.ts'
import { DescribeTopicPartitionsCall } from './internals/DescribeTopicPartitionsCall.ts'
import {
  DescribeTopicsByMetadataCall,
  type DescribeTopicsCallOptions,
} from './internals/DescribeTopicsByMetadataCall.ts'
import { completeAllExceptionally, KafkaFutureImpl } from './internals/KafkaFutureImpl.ts'
import { ListTopicsCall } from './internals/ListTopicsCall.ts'
import { MetadataCall } from './internals/MetadataCall.ts'
import { NodeProviders } from './internals/NodeProvider.ts'
import { askFor, futuresOf } from './internals/topicFutures.ts'
import { ListTopicsResult } from './ListTopicsResult.ts'
import { convertToCreatableTopic, type NewTopic } from './NewTopic.ts'
import { isTopicIds, type TopicCollection } from './TopicCollection.ts'
import type { TopicDescription, TopicListing } from './TopicDescription.ts'

/** Parts that a test puts in the place of the real ones. */
export interface AdminPartsOverrides {
  readonly client?: KafkaClient
  readonly metadataManager?: AdminMetadataManager
}

/** Java's year: long enough, and the sum with any clock stays a safe integer. */
const MAX_CLOSE_MS = 365 * 24 * 60 * 60 * 1000
/** Every call brings its own time-out, so the connection's is out of the way. */
const ONE_HOUR_MS = 60 * 60 * 1000

export class KafkaAdminClient extends GroupAdmin {
  readonly clientId: string
  private readonly time: Time
  private readonly logger: Logger
  private readonly ofClient: AdminMetrics
  protected override readonly defaultApiTimeoutMs: number
  protected override readonly context: AdminContext
  private readonly runnable: AdminClientRunnable
  /** Resolves when the loop has ended. */
  private readonly ioLoop: Promise<void>

  /**
   * Starts at once, and asks for the cluster's nodes.
   *
   * @param environment clock, chance, network, log and trace; default: the machine's own
   * @param overrides parts that a test puts in the place of the real ones
   * @throws ConfigException for a setting that cannot be
   */
  constructor(
    config: AdminConfigInput,
    environment: Partial<Environment> = {},
    overrides: AdminPartsOverrides = {},
  ) {
    super()
    const seams = systemEnvironment(environment)
    const settings = new AdminClientConfig(config)
    this.clientId = settings.clientId(seams.random)
    this.time = seams.time
    this.logger = seams.logger.withPrefix(`[AdminClient clientId=${this.clientId}] `)
    warnDisablingExponentialBackoff(settings.values() as Properties, this.logger)
    this.defaultApiTimeoutMs = configureDefaultApiTimeoutMs(settings, (m) => this.logger.warn(m))
    const { clientId, time, logger } = this
    const metadataManager = overrides.metadataManager ?? this.createMetadataManager(settings)
    this.ofClient = new AdminMetrics({ config: settings, clientId, time, logger })
    const client = overrides.client ?? this.createClient(settings, seams, metadataManager)
    const metadataRecoveryStrategy = metadataRecoveryStrategyOf(
      settings.get('metadata.recovery.strategy'),
    )
    const retryBackoff = new ExponentialBackoff(
      settings.get('retry.backoff.ms'),
      RETRY_BACKOFF_EXP_BASE,
      settings.get('retry.backoff.max.ms'),
      RETRY_BACKOFF_JITTER,
      seams.random,
    )
    this.context = {
      nodeProviders: new NodeProviders({ client, metadataManager, metadataRecoveryStrategy, time }),
      metadataManager,
      retryBackoff,
      time,
      logger,
      submit: (call) => this.runnable.call(call),
    }
    const requestTimeoutMs = settings.get('request.timeout.ms')
    this.runnable = new AdminClientRunnable({
      client,
      metadataManager,
      makeMetadataCall: (nowMs, onDone) => this.metadataCall(nowMs + requestTimeoutMs, onDone),
      requestTimeoutMs,
      maxRetries: settings.get('retries'),
      retryBackoff,
      time,
      logger,
    })
    settings.logUnused(logger)
    this.ioLoop = this.runnable.run()
  }

  // ---- topics

  /**
   * Creates topics. A topic fails with a `TopicExistsException` when it is there already, an
   * `InvalidReplicationFactorException` when there are too few brokers, …
   *
   * @throws IllegalArgumentException for a topic that contradicts itself
   */
  createTopics(topics: Iterable<NewTopic>, options: CreateTopicsOptions = {}): CreateTopicsResult {
    const { retryOnQuotaViolation = true, validateOnly = false } = options
    const wanted = new Map<string, NewTopic>()
    for (const topic of topics) if (!wanted.has(topic.name)) wanted.set(topic.name, topic)
    const { futures, pending } = futuresOf<TopicMetadataAndConfig>(wanted.keys())
    const items = new Map(pending.map((name) => [name, convertToCreatableTopic(wanted.get(name)!)]))
    if (items.size > 0) {
      const deadlineMs = this.calcDeadlineMs(options)
      const call = { callName: 'createTopics', deadlineMs, retryOnQuotaViolation, items, futures }
      this.runnable.call(new CreateTopicsCall({ ...call, context: this.context }, validateOnly))
    }
    return new CreateTopicsResult(futures)
  }

  /**
   * Deletes topics, given by their names or their ids. They vanish a little later: other brokers
   * may go on naming them for a moment.
   */
  deleteTopics(topics: TopicCollection, options: DeleteTopicsOptions = {}): DeleteTopicsResult {
    const { retryOnQuotaViolation = true } = options
    const { futures, items } = askFor<void>(topics)
    if (items.size > 0) {
      const deadlineMs = this.calcDeadlineMs(options)
      const call = { callName: 'deleteTopics', deadlineMs, retryOnQuotaViolation, items, futures }
      this.runnable.call(new DeleteTopicsCall({ ...call, context: this.context }))
    }
    return new DeleteTopicsResult(futures)
  }

  /** Lists the topics that we may see. */
  listTopics(options: ListTopicsOptions = {}): ListTopicsResult {
    const future = new KafkaFutureImpl<Map<string, TopicListing>>()
    const { listInternal = false } = options
    const deadlineMs = this.calcDeadlineMs(options)
    this.runnable.call(new ListTopicsCall(this.context, deadlineMs, listInternal, future))
    return new ListTopicsResult(future)
  }

  /** Describes topics and their partitions, given by their names or their ids. */
  describeTopics(
    topics: TopicCollection,
    options: DescribeTopicsOptions = {},
  ): DescribeTopicsResult {
    const { futures, items } = askFor<TopicDescription>(topics)
    const deadlineMs = this.calcDeadlineMs(options)
    const call = { context: this.context, deadlineMs, topics: items, futures, options }
    if (items.size > 0) {
      if (isTopicIds(topics)) this.runnable.call(new DescribeTopicsByMetadataCall(call))
      else this.describeTopicsByNames(call)
    }
    return new DescribeTopicsResult(futures)
  }

  /** Responses name brokers by their ids, so the brokers are asked for first. */
  private describeTopicsByNames(call: DescribeTopicsCallOptions): void {
    this.runnable.call(
      new DescribeClusterCall(
        this.context,
        call.deadlineMs,
        {},
        {
          complete: ({ nodes }) => this.runnable.call(new DescribeTopicPartitionsCall(call, nodes)),
          completeExceptionally: (error) => completeAllExceptionally(call.futures.values(), error),
        },
      ),
    )
  }

  // ---- cluster and settings

  /** Tells which brokers there are, and the cluster's id. */
  describeCluster(options: DescribeClusterOptions = {}): DescribeClusterResult {
    const future = new KafkaFutureImpl<ClusterDescription>()
    const deadlineMs = this.calcDeadlineMs(options)
    this.runnable.call(new DescribeClusterCall(this.context, deadlineMs, options, future))
    return new DescribeClusterResult(future)
  }

  /**
   * Tells settings and where they come from. A broker's own are asked of that broker.
   *
   * @throws IllegalArgumentException for a broker whose name is no id
   */
  describeConfigs(
    resources: Iterable<ConfigResource>,
    options: DescribeConfigsOptions = {},
  ): DescribeConfigsResult {
    const futures = new Map<ConfigResource, KafkaFutureImpl<Config>>()
    const byNode = new Map<number | null, Map<string, AskedResource>>()
    for (const resource of resources) {
      const node = nodeFor(resource)
      const asked = byNode.get(node) ?? new Map<string, AskedResource>()
      byNode.set(node, asked)
      const key = configResourceKey(configResourceTypeId(resource), resource.name)
      const future = asked.get(key)?.future ?? new KafkaFutureImpl<Config>()
      if (!asked.has(key)) asked.set(key, { resource, future })
      futures.set(resource, future)
    }
    const deadlineMs = this.calcDeadlineMs(options)
    for (const [node, asked] of byNode) {
      const call = { context: this.context, deadlineMs, node, asked, options }
      this.runnable.call(new DescribeConfigsCall(call))
    }
    return new DescribeConfigsResult(futures)
  }

  // ---- the end

  /**
   * Takes no more calls, waits for those that were made, and ends the client. After `timeoutMs`
   * whatever is not done fails with a `TimeoutException`. A second call can only shorten the time.
   *
   * @param timeoutMs 0: nothing is waited for; default: as long as it takes, which the deadlines
   *   of the calls bound
   * @throws IllegalArgumentException for a negative time
   */
  async close(timeoutMs: number = MAX_CLOSE_MS): Promise<void> {
    if (!(timeoutMs >= 0)) {
      throw new IllegalArgumentException(`The timeout of close cannot be negative: ${timeoutMs} ms`)
    }
    this.runnable.initiateClose(this.time.milliseconds() + Math.min(timeoutMs, MAX_CLOSE_MS))
    await this.ioLoop
    this.ofClient.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * Everything this client measures: read a value with `metricValue()`. The map shows metrics that
   * come and go later.
   */
  metrics(): ReadonlyMap<MetricName, KafkaMetric> {
    return this.ofClient.metrics.metrics()
  }

  // ---- parts

  private metadataCall(deadlineMs: number, onDone: () => void): MetadataCall {
    const onUpdate = () => this.runnable.unassignUnsentCalls(() => true)
    return new MetadataCall({ context: this.context, deadlineMs, onUpdate, onDone })
  }

  private createMetadataManager(config: AdminClientConfig): AdminMetadataManager {
    const { logger } = this
    const metadataManager = new AdminMetadataManager({
      refreshBackoffMs: config.get('retry.backoff.ms'),
      metadataExpireMs: config.get('metadata.max.age.ms'),
      logger,
    })
    const addresses = parseAndValidateAddresses(config.get('bootstrap.servers'), logger)
    metadataManager.bootstrap(addresses, this.time.milliseconds())
    return metadataManager
  }

  private createClient(
    config: AdminClientConfig,
    environment: Environment,
    metadataManager: AdminMetadataManager,
  ): KafkaClient {
    const { clientId, logger } = this
    return createNetworkClient({
      config,
      clientId,
      environment,
      logger,
      trace: environment.traceBus.from(clientId),
      apiVersions: new ApiVersions(),
      metrics: this.ofClient.selector(),
      maxInFlightRequestsPerConnection: 1,
      metadataUpdater: metadataManager.updater,
      requestTimeoutMs: ONE_HOUR_MS,
    })
  }
}
