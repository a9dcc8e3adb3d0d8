/**
 * A consumer is born: its parts, made in order from the settings, and closed together.
 *
 *     interceptors, deserializers      the program's own code first: it may fail to be made
 *     SubscriptionState                what is read, and how far
 *     ConsumerMetadata                 which needs to know what is read
 *     KafkaClient                      connections: from here on there is something to close
 *     ConsumerNetworkClient            requests with futures on top of it
 *     Fetcher, OffsetFetcher, TopicMetadataFetcher
 *
 * I1  If a part cannot be made, those made before it are closed.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer
 */

import { ApiVersions } from '../../clients/ApiVersions.ts'
import type { KafkaClient } from '../../clients/KafkaClient.ts'
import { KafkaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Timer } from '../../common/Timer.ts'
import type { Trace } from '../../common/Trace.ts'
import type { Environment } from '../../network/Environment.ts'
import type { ConsumerConfig } from '../ConsumerConfig.ts'
import { ConsumerInterceptors } from './ConsumerInterceptors.ts'
import type { ConsumerMetadata } from './ConsumerMetadata.ts'
import { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import * as ConsumerUtils from './ConsumerUtils.ts'
import { Deserializers } from './Deserializers.ts'
import { fetchConfigOf } from './FetchConfig.ts'
import { Fetcher } from './Fetcher.ts'
import { OffsetFetcher } from './OffsetFetcher.ts'
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
  readonly logger: Logger
  readonly trace: Trace
  readonly stack?: ConsumerStack | undefined
}

export interface ConsumerParts<K, V> {
  readonly interceptors: ConsumerInterceptors<K, V>
  readonly deserializers: Deserializers<K, V>
  readonly subscriptions: SubscriptionState
  readonly metadata: ConsumerMetadata
  readonly client: ConsumerNetworkClient
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

/**
 * Closes all parts, whatever happens to one of them.
 *
 * @param timer how long the brokers may be kept informed
 * @throws KafkaException with the first failure as its cause
 */
export const closeConsumerParts = async <K, V>(
  parts: ConsumerParts<K, V>,
  timer: Timer,
  logger: Logger,
): Promise<void> => {
  const failures: unknown[] = []
  for (const close of [
    () => parts.fetcher.close(timer),
    () => parts.interceptors.close(),
    () => parts.client.close(),
    () => parts.deserializers.close(),
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
  { config, environment, logger, trace, stack }: ConsumerPartsOptions,
  closeables: Closeable[],
): ConsumerParts<K, V> => {
  const { time, random } = environment
  const retryBackoffMs = config.get('retry.backoff.ms')
  const requestTimeoutMs = config.get('request.timeout.ms')

  const chain = ConsumerUtils.configuredConsumerInterceptors<K, V>(config)
  closeables.push(...chain)
  const interceptors = new ConsumerInterceptors(chain, logger, trace)
  const keyDeserializer = ConsumerUtils.configuredDeserializer<K>(config, 'key.deserializer')
  closeables.push(keyDeserializer)
  const valueDeserializer = ConsumerUtils.configuredDeserializer<V>(config, 'value.deserializer')
  closeables.push(valueDeserializer)
  const deserializers = new Deserializers(keyDeserializer, valueDeserializer)

  const { apiVersions, subscriptions, metadata, kafkaClient } = createStack(
    { config, environment, logger, trace },
    stack,
  )
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

  const fetchConfig = fetchConfigOf(config)
  const { isolationLevel } = fetchConfig
  const shared = { logger, trace, time, client, metadata, subscriptions, apiVersions }
  return {
    interceptors,
    deserializers,
    subscriptions,
    metadata,
    client,
    fetcher: new Fetcher({ ...shared, fetchConfig, deserializers }),
    offsetFetcher: new OffsetFetcher({
      ...shared,
      retryBackoffMs,
      requestTimeoutMs,
      isolationLevel,
    }),
    topicMetadataFetcher: new TopicMetadataFetcher({
      logger,
      client,
      random,
      retryBackoffMs,
      retryBackoffMaxMs: config.get('retry.backoff.max.ms'),
    }),
  }
}

const createStack = (
  { config, environment, logger, trace }: ConsumerPartsOptions,
  given: ConsumerStack | undefined,
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
  const metadata = ConsumerUtils.createConsumerMetadata(shared, subscriptions)
  const kafkaClient = ConsumerUtils.createKafkaClient(shared, metadata, apiVersions)
  return { apiVersions, subscriptions, metadata, kafkaClient }
}

const closeQuietly = (part: Closeable): void => {
  try {
    part.close?.()
  } catch {
    // The failure that led here is the one to report.
  }
}
