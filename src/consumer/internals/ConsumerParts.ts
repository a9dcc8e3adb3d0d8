/**
 * A consumer is born: its parts, made in order from the settings, and closed together.
 *
 *     ConsumerMetrics                  what all of them record
 *     interceptors, deserializers,     the program's own code first: it may fail to be made
 *     assignors
 *     SubscriptionState                what is read, and how far
 *     ConsumerMetadata                 which needs to know what is read
 *     KafkaClient                      connections: from here on there is something to close
 *     ConsumerNetworkClient            requests with futures on top of it
 *     ConsumerCoordinator              with a group only
 *     Fetcher, OffsetFetcher, TopicMetadataFetcher
 *
 * I1  If a part cannot be made, those made before it are closed.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer
 */

import { ApiVersions } from '../../clients/ApiVersions.ts'
import type { KafkaClient } from '../../clients/KafkaClient.ts'
import {
  type ClusterResourceListener,
  clusterResourceListenersOf,
} from '../../common/ClusterResourceListener.ts'
import { KafkaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { Timer } from '../../common/Timer.ts'
import type { Trace } from '../../common/Trace.ts'
import type { Environment } from '../../network/Environment.ts'
import type { GroupMembershipOperation } from '../CloseOptions.ts'
import type { ConsumerConfig } from '../ConsumerConfig.ts'
import type { ConsumerPartitionAssignor } from '../ConsumerPartitionAssignor.ts'
import { getAssignorInstances } from './AssignorInstances.ts'
import { ConsumerCoordinator } from './ConsumerCoordinator.ts'
import { ConsumerInterceptors } from './ConsumerInterceptors.ts'
import type { ConsumerMetadata } from './ConsumerMetadata.ts'
import { CONSUMER_METRIC_GROUP_PREFIX, ConsumerMetrics } from './ConsumerMetrics.ts'
import { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import * as ConsumerUtils from './ConsumerUtils.ts'
import { Deserializers } from './Deserializers.ts'
import { fetchConfigOf } from './FetchConfig.ts'
import { Fetcher } from './Fetcher.ts'
import { groupRebalanceConfigOf } from './GroupRebalanceConfig.ts'
import { OffsetFetcher } from './OffsetFetcher.ts'
import type { SingleCaller } from './SingleCaller.ts'
import type { SubscriptionState } from './SubscriptionState.ts'
import { TopicMetadataFetcher } from './TopicMetadataFetcher.ts'

/** For tests: what stands in for the network, with the state that it shares. */
export interface ConsumerStack {
  readonly client: KafkaClient
  readonly metadata: ConsumerMetadata
  readonly subscriptions: SubscriptionState
  readonly apiVersions?: ApiVersions
}

export interface ConsumerPartsOptions {
  readonly config: ConsumerConfig
  readonly environment: Environment
  /** Lets interceptors use the consumer while they run. */
  readonly caller: SingleCaller
  readonly logger: Logger
  readonly trace: Trace
  readonly stack?: ConsumerStack | undefined
}

export interface ConsumerParts<K, V> {
  readonly metrics: ConsumerMetrics
  readonly interceptors: ConsumerInterceptors<K, V>
  readonly deserializers: Deserializers<K, V>
  readonly subscriptions: SubscriptionState
  readonly metadata: ConsumerMetadata
  readonly kafkaClient: KafkaClient
  readonly client: ConsumerNetworkClient
  readonly assignors: readonly ConsumerPartitionAssignor[]
  /** `null` without `group.id`. */
  readonly coordinator: ConsumerCoordinator | null
  readonly fetcher: Fetcher<K, V>
  readonly offsetFetcher: OffsetFetcher
  readonly topicMetadataFetcher: TopicMetadataFetcher
}

/** @throws KafkaException whose cause says which part could not be made */
export const createConsumerParts = <K, V>(options: ConsumerPartsOptions): ConsumerParts<K, V> => {
  const closeables: Closeable[] = []
  try {
    return create(options, closeables)
  } catch (error) {
    for (const part of closeables) closeQuietly(part)
    const reason = error instanceof Error ? error.message : String(error)
    throw new KafkaException(`Failed to construct kafka consumer: ${reason}`, { cause: error })
  }
}

export interface CloseConsumerPartsOptions {
  readonly time: Time
  /** How long the brokers may be kept informed. */
  readonly timeoutMs: number
  /** The longest time for one of them. */
  readonly requestTimeoutMs: number
  /** Whether the group is told. */
  readonly operation: GroupMembershipOperation
  readonly logger: Logger
}

/**
 * Closes all parts, whatever happens to one of them.
 *
 * @throws KafkaException with the first failure as its cause
 */
export const closeConsumerParts = async <K, V>(
  parts: ConsumerParts<K, V>,
  options: CloseConsumerPartsOptions,
): Promise<void> => {
  const { logger, requestTimeoutMs } = options
  const whole = options.time.timer(options.timeoutMs)
  const timerOfPart = (): Timer => {
    whole.update()
    return options.time.timer(Math.min(whole.remainingMs(), requestTimeoutMs))
  }
  const failures: unknown[] = []
  for (const close of [
    () => parts.coordinator?.close(timerOfPart(), options.operation),
    () => parts.fetcher.close(timerOfPart()),
    () => parts.interceptors.close(),
    () => parts.client.close(),
    () => parts.deserializers.close(),
    () => parts.metrics.close(),
  ]) {
    try {
      await close()
    } catch (error) {
      logger.error('Failed to close a part of the consumer', error)
      failures.push(error)
    }
  }
  if (failures.length > 0) {
    throw new KafkaException('Failed to close kafka consumer', { cause: failures[0] })
  }
}

interface Closeable {
  close?(): unknown
}

const create = <K, V>(
  options: ConsumerPartsOptions,
  closeables: Closeable[],
): ConsumerParts<K, V> => {
  const { config, environment, logger, trace } = options
  const { time, random } = environment
  const retryBackoffMs = config.get('retry.backoff.ms')
  const retryBackoffMaxMs = config.get('retry.backoff.max.ms')
  const requestTimeoutMs = config.get('request.timeout.ms')

  const metrics = new ConsumerMetrics({ config, environment, logger })
  closeables.push(metrics)
  const { listeners, ...plugins } = createPlugins<K, V>(options, metrics, closeables)
  const { deserializers } = plugins
  const stack = createStack(options, metrics, listeners)
  const { apiVersions, subscriptions, metadata, kafkaClient } = stack
  closeables.push(kafkaClient)
  const client = new ConsumerNetworkClient({
    logger,
    client: kafkaClient,
    metadata,
    time,
    trace,
    retryBackoffMs,
    requestTimeoutMs,
    maxPollTimeoutMs: config.get('heartbeat.interval.ms'),
  })
  const groupId = ConsumerUtils.configuredGroupId(config)
  const group = { groupId, metrics, metadata, subscriptions, client }
  const coordinator = createCoordinator(options, group, plugins)
  const fetchConfig = fetchConfigOf(config)
  const { isolationLevel } = fetchConfig
  const shared = { logger, trace, time, client, metadata, subscriptions, apiVersions }
  const metricsManager = metrics.fetch
  const retries = { retryBackoffMs, retryBackoffMaxMs }
  return {
    metrics,
    ...plugins,
    subscriptions,
    metadata,
    kafkaClient,
    client,
    coordinator,
    fetcher: new Fetcher({ ...shared, fetchConfig, metricsManager, deserializers }),
    offsetFetcher: new OffsetFetcher({
      ...shared,
      retryBackoffMs,
      requestTimeoutMs,
      isolationLevel,
    }),
    topicMetadataFetcher: new TopicMetadataFetcher({ logger, client, random, ...retries }),
  }
}

/** What a program brings along. */
interface Plugins<K, V> {
  readonly interceptors: ConsumerInterceptors<K, V>
  readonly deserializers: Deserializers<K, V>
  readonly assignors: readonly ConsumerPartitionAssignor[]
}

const createPlugins = <K, V>(
  { config, logger, trace }: ConsumerPartsOptions,
  metrics: ConsumerMetrics,
  closeables: Closeable[],
): Plugins<K, V> & { readonly listeners: readonly ClusterResourceListener[] } => {
  const chain = ConsumerUtils.configuredConsumerInterceptors<K, V>(config)
  closeables.push(...chain)
  const keyDeserializer = ConsumerUtils.configuredDeserializer<K>(config, 'key.deserializer')
  closeables.push(keyDeserializer)
  const valueDeserializer = ConsumerUtils.configuredDeserializer<V>(config, 'value.deserializer')
  closeables.push(valueDeserializer)
  metrics.monitor('key.deserializer', keyDeserializer)
  metrics.monitor('value.deserializer', valueDeserializer)
  for (const interceptor of chain) metrics.monitor('interceptor.classes', interceptor)
  return {
    interceptors: new ConsumerInterceptors(chain, logger, trace),
    deserializers: new Deserializers(keyDeserializer, valueDeserializer),
    assignors: getAssignorInstances(
      config.get('partition.assignment.strategy'),
      config.originals({ 'client.id': config.get('client.id') }),
      logger,
    ),
    listeners: clusterResourceListenersOf([
      ...metrics.metrics.reporters(),
      ...chain,
      keyDeserializer,
      valueDeserializer,
    ]),
  }
}

const createCoordinator = <K, V>(
  { config, environment, caller, logger, trace }: ConsumerPartsOptions,
  { groupId, metrics, ...group }: GroupParts,
  { assignors, interceptors }: Plugins<K, V>,
): ConsumerCoordinator | null => {
  if (groupId === null) {
    config.ignore('auto.commit.interval.ms')
    config.ignore('internal.throw.on.fetch.stable.offset.unsupported')
    return null
  }
  const { time, random } = environment
  return new ConsumerCoordinator({
    ...group,
    logger,
    trace,
    time,
    random,
    assignors,
    rebalanceConfig: groupRebalanceConfigOf(config, groupId),
    metrics: metrics.metrics,
    metricGrpPrefix: CONSUMER_METRIC_GROUP_PREFIX,
    autoCommitEnabled: config.get('enable.auto.commit'),
    autoCommitIntervalMs: config.get('auto.commit.interval.ms'),
    throwOnFetchStableOffsetsUnsupported: config.get(
      'internal.throw.on.fetch.stable.offset.unsupported',
    ),
    interceptors: {
      onCommit: (offsets) => caller.runPlugin(() => interceptors.onCommit(offsets)),
    },
  })
}

interface GroupParts {
  readonly groupId: string | null
  readonly metrics: ConsumerMetrics
  readonly metadata: ConsumerMetadata
  readonly subscriptions: SubscriptionState
  readonly client: ConsumerNetworkClient
}

const createStack = (
  { config, environment, logger, trace, stack: given }: ConsumerPartsOptions,
  metrics: ConsumerMetrics,
  listeners: readonly ClusterResourceListener[],
): {
  apiVersions: ApiVersions
  subscriptions: SubscriptionState
  metadata: ConsumerMetadata
  kafkaClient: KafkaClient
} => {
  const apiVersions = given?.apiVersions ?? new ApiVersions()
  if (given !== undefined) {
    const { subscriptions, metadata, client } = given
    return { apiVersions, subscriptions, metadata, kafkaClient: client }
  }
  const subscriptions = ConsumerUtils.createSubscriptionState(config, logger)
  const shared = { config, environment, logger, trace }
  const metadata = ConsumerUtils.createConsumerMetadata(shared, subscriptions, listeners)
  const kafkaClient = ConsumerUtils.createKafkaClient(shared, metadata, apiVersions, metrics)
  return { apiVersions, subscriptions, metadata, kafkaClient }
}

const closeQuietly = (part: Closeable): void => {
  try {
    part.close?.()
  } catch {
    // The failure that led here is the one to report.
  }
}
