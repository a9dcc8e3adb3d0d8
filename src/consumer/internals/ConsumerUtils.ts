/**
 * How the parts of a consumer are made from its settings.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerUtils
 */

import type { ApiVersions } from '../../clients/ApiVersions.ts'
import {
  createNetworkClient,
  MAX_RESPONSE_BYTES,
  parseAndValidateAddresses,
} from '../../clients/ClientUtils.ts'
import type { KafkaClient } from '../../clients/KafkaClient.ts'
import type { ClusterResourceListener } from '../../common/ClusterResourceListener.ts'
import type { ClassOrInstance } from '../../common/config/ConfigTypes.ts'
import { InvalidGroupIdException } from '../../common/errors/CoordinatorExceptions.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Deserializer } from '../../common/serialization/Deserializer.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { Trace } from '../../common/Trace.ts'
import type { Environment } from '../../network/Environment.ts'
import type { ConsumerConfig } from '../ConsumerConfig.ts'
import type { ConsumerInterceptor } from '../ConsumerInterceptor.ts'
import { OffsetAndMetadata } from '../OffsetAndMetadata.ts'
import { AutoOffsetResetStrategy } from './AutoOffsetResetStrategy.ts'
import { ConsumerMetadata } from './ConsumerMetadata.ts'
import type { ConsumerMetrics } from './ConsumerMetrics.ts'
import { SubscriptionState } from './SubscriptionState.ts'

export const DEFAULT_CLOSE_TIMEOUT_MS = 30_000

/** More than a consumer ever has: one fetch, and a few questions. */
const CONSUMER_MAX_INFLIGHT_REQUESTS_PER_CONNECTION = 100

/** What a program wants to know from whoever logs for this consumer. */
export const createLogger = (config: ConsumerConfig, environment: Environment): Logger =>
  environment.logger.withPrefix(
    `[Consumer clientId=${config.get('client.id')}, groupId=${config.get('group.id')}] `,
  )

/** @throws InvalidGroupIdException for a group id of nothing but blanks */
export const configuredGroupId = (config: ConsumerConfig): string | null => {
  const groupId = config.get('group.id')
  if (groupId !== null && groupId.trim() === '') {
    throw new InvalidGroupIdException(
      "The configured 'group.id' should not be an empty string or whitespace.",
    )
  }
  return groupId
}

export const createSubscriptionState = (
  config: ConsumerConfig,
  logger: Logger,
): SubscriptionState =>
  new SubscriptionState(logger, AutoOffsetResetStrategy.fromString(config.get('auto.offset.reset')))

/** What every part of a consumer is made from. */
export interface ConsumerContext {
  readonly config: ConsumerConfig
  readonly environment: Environment
  readonly logger: Logger
  readonly trace: Trace
}

export const createConsumerMetadata = (
  { config, environment, logger, trace }: ConsumerContext,
  subscriptions: SubscriptionState,
  clusterResourceListeners: readonly ClusterResourceListener[],
): ConsumerMetadata => {
  const metadata = new ConsumerMetadata({
    refreshBackoffMs: config.get('retry.backoff.ms'),
    refreshBackoffMaxMs: config.get('retry.backoff.max.ms'),
    metadataExpireMs: config.get('metadata.max.age.ms'),
    allowAutoTopicCreation: config.get('allow.auto.create.topics'),
    includeInternalTopics: !config.get('exclude.internal.topics'),
    random: environment.random,
    clusterResourceListeners,
    subscriptions,
    logger,
    trace,
  })
  metadata.bootstrap(parseAndValidateAddresses(config.get('bootstrap.servers'), logger))
  return metadata
}

export const createKafkaClient = (
  { config, environment, logger, trace }: ConsumerContext,
  metadata: ConsumerMetadata,
  apiVersions: ApiVersions,
  metrics: ConsumerMetrics,
): KafkaClient =>
  createNetworkClient({
    config,
    clientId: config.get('client.id'),
    environment,
    logger,
    trace,
    apiVersions,
    metadata,
    metrics: metrics.selector(),
    throttleTimeSensor: metrics.throttleTime,
    maxInFlightRequestsPerConnection: CONSUMER_MAX_INFLIGHT_REQUESTS_PER_CONNECTION,
    // An answer may be longer than was asked for: the first batch comes whole.
    maxResponseBytes: config.get('fetch.max.bytes') + MAX_RESPONSE_BYTES,
  })

/** An object is taken as it is; a class is made and configured. */
export const configuredDeserializer = <T>(
  config: ConsumerConfig,
  key: 'key.deserializer' | 'value.deserializer',
): Deserializer<T> => {
  const given = config.get(key) as ClassOrInstance<Deserializer<T>>
  if (typeof given !== 'function') return given
  const deserializer = new given()
  const configs = config.originals({ 'client.id': config.get('client.id') })
  deserializer.configure?.(configs, key === 'key.deserializer')
  return deserializer
}

/** In their order. If one cannot be made, those made before are closed. */
export const configuredConsumerInterceptors = <K, V>(
  config: ConsumerConfig,
): ConsumerInterceptor<K, V>[] =>
  config.getConfiguredInstances('interceptor.classes', {
    'client.id': config.get('client.id'),
  }) as unknown as ConsumerInterceptor<K, V>[]

// ---- what callers hand in

/** @throws IllegalArgumentException for an offset that is negative, or no whole number */
export const offsetToSeek = (offset: number): OffsetAndMetadata => {
  if (!(offset >= 0)) {
    throw new IllegalArgumentException(`seek offset must not be a negative number: ${offset}`)
  }
  return new OffsetAndMetadata(offset)
}

/** @throws IllegalArgumentException for a topic without name, and for one name instead of a list */
export const checkedTopics = (topics: Iterable<string>): ReadonlySet<string> => {
  if (topics === null || topics === undefined) {
    throw new IllegalArgumentException('Topic collection to subscribe to cannot be null')
  }
  if (typeof topics === 'string') {
    throw new IllegalArgumentException(`Subscribe to a list: ['${topics}'].`)
  }
  const checked = new Set(topics)
  for (const topic of checked) {
    if (topic?.trim()) continue
    throw new IllegalArgumentException(
      'Topic collection to subscribe to cannot contain null or empty topic',
    )
  }
  return checked
}

/** @throws IllegalArgumentException for a partition without topic, or without a number */
export const checkedPartitions = (partitions: Iterable<TopicPartition>): TopicPartitionSet => {
  if (partitions === null || partitions === undefined) {
    throw new IllegalArgumentException('Topic partition collection to assign to cannot be null')
  }
  const checked = new TopicPartitionSet()
  for (const partition of partitions) {
    if (!partition?.topic?.trim()) {
      throw new IllegalArgumentException(
        'Topic partitions to assign to cannot have null or empty topic',
      )
    }
    if (!Number.isInteger(partition.partition)) {
      throw new IllegalArgumentException(
        `The number of a partition of topic '${partition.topic}' is ${partition.partition}`,
      )
    }
    checked.add(partition)
  }
  return checked
}

/** @throws IllegalArgumentException for a time that is negative, or no whole number */
export const checkedTimestamps = (
  timestampsToSearch: Iterable<readonly [TopicPartition, number]>,
): TopicPartitionMap<number> => {
  const checked = new TopicPartitionMap(timestampsToSearch)
  for (const [partition, timestamp] of checked) {
    if (timestamp >= 0 && Number.isSafeInteger(timestamp)) continue
    const why = timestamp < 0 ? 'It cannot be negative.' : 'It has to be whole milliseconds.'
    throw new IllegalArgumentException(
      `The target time for partition ${partition} is ${timestamp}. ${why}`,
    )
  }
  return checked
}
