/**
 * What a producer is made of, put together in the order in which the parts need each other.
 *
 *     BufferPool ─────────► RecordAccumulator ─┐
 *     TransactionManager ─►     ''   ──────────┤
 *     ProducerMetadata ────────────────────────┼─► Sender
 *     NetworkClient (on a Selector) ───────────┘
 *
 * @kafka org.apache.kafka.clients.producer.KafkaProducer
 * @simplified in Java this is the constructor of `KafkaProducer`, with `newSender`,
 *   `configureTransactionState` and `configureCompression`.
 */

import { ApiVersions } from '../../clients/ApiVersions.ts'
import { createNetworkClient, parseAndValidateAddresses } from '../../clients/ClientUtils.ts'
import { warnDisablingExponentialBackoff } from '../../clients/CommonClientConfigs.ts'
import type { KafkaClient } from '../../clients/KafkaClient.ts'
import {
  type ClusterResourceListener,
  clusterResourceListenersOf,
} from '../../common/ClusterResourceListener.ts'
import type { Properties } from '../../common/config/ConfigDef.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Trace } from '../../common/Trace.ts'
import type { Environment } from '../../network/Environment.ts'
import type { CompressionName } from '../../record/CompressionType.ts'
import { Compression } from '../../record/compress/Compression.ts'
import { configureDeliveryTimeout, type ProducerConfig } from '../ProducerConfig.ts'
import { BufferPool } from './BufferPool.ts'
import { logDisabledIdempotence } from './idempotenceConfigs.ts'
import { ProducerMetadata } from './ProducerMetadata.ts'
import { ProducerMetrics } from './ProducerMetrics.ts'
import { type ProducerSnapshot, snapshotOf } from './ProducerSnapshot.ts'
import { RecordAccumulator } from './RecordAccumulator.ts'
import { Sender } from './Sender.ts'
import { SenderMetrics } from './SenderMetrics.ts'
import { SenderTurns } from './SenderTurns.ts'
import { TransactionManager } from './TransactionManager.ts'
import { UnobservedFailures } from './UnobservedFailures.ts'
import type { WaitingRoom } from './WaitingRoom.ts'

/** Parts that a test puts in the place of the real ones. */
export interface ProducerPartsOverrides {
  readonly client?: KafkaClient
  readonly metadata?: ProducerMetadata
}

/** Who makes the parts, and with what. */
export interface ProducerContext {
  readonly config: ProducerConfig
  readonly clientId: string
  readonly environment: Environment
  /** Of this producer, with its prefix. */
  readonly logger: Logger
  readonly trace: Trace
}

export interface ProducerParts {
  readonly metadata: ProducerMetadata
  readonly accumulator: RecordAccumulator
  readonly turns: SenderTurns
  readonly failures: UnobservedFailures
  readonly sender: Sender
  /** `null`: the producer is not idempotent. */
  readonly transactionManager: TransactionManager | null
  readonly metrics: ProducerMetrics
}

type NamedPlugin = readonly [config: string, instance: object]

/** @throws ConfigException when settings contradict each other, or an address is none */
export const createProducerParts = (
  context: ProducerContext,
  overrides: ProducerPartsOverrides = {},
  plugins: readonly NamedPlugin[] = [],
): ProducerParts => {
  const metrics = new ProducerMetrics(context)
  try {
    for (const [config, plugin] of plugins) metrics.monitor(config, plugin)
    return assemble(context, metrics, overrides, listenersAmong(plugins, metrics))
  } catch (error) {
    metrics.close()
    throw error
  }
}

/** Interceptors, then reporters, then serializers; in Java a partitioner is never told. */
const listenersAmong = (
  plugins: readonly NamedPlugin[],
  { metrics }: ProducerMetrics,
): ClusterResourceListener[] => {
  const ofSetting = (wanted: string): object[] =>
    plugins.filter(([config]) => config === wanted).map(([, instance]) => instance)
  return clusterResourceListenersOf([
    ...ofSetting('interceptor.classes'),
    ...metrics.reporters(),
    ...ofSetting('key.serializer'),
    ...ofSetting('value.serializer'),
  ])
}

const assemble = (
  context: ProducerContext,
  metrics: ProducerMetrics,
  overrides: ProducerPartsOverrides,
  listeners: readonly ClusterResourceListener[],
): ProducerParts => {
  const { config, environment, logger, trace } = context
  const { time } = environment
  warnDisablingExponentialBackoff(config.values() as Properties, logger)
  const failures = new UnobservedFailures(time, logger)
  const turns = new SenderTurns(config.get('max.request.size'))
  const transactionManager = configureTransactionState(context)
  const accumulator = createAccumulator(context, metrics, failures, transactionManager)
  const metadata = overrides.metadata ?? createMetadata(context, listeners)
  const maxInFlight = config.get('max.in.flight.requests.per.connection')
  const client =
    overrides.client ??
    createNetworkClient({
      ...context,
      apiVersions: new ApiVersions(),
      maxInFlightRequestsPerConnection: maxInFlight,
      metadata,
      metrics: metrics.selector(),
      throttleTimeSensor: metrics.throttleTime,
    })
  const registry = metrics.senderMetrics
  const sender = new Sender({
    client,
    metadata,
    accumulator,
    turns,
    guaranteeMessageOrder: maxInFlight === 1,
    maxRequestSize: config.get('max.request.size'),
    acks: config.acks(),
    retries: config.get('retries'),
    requestTimeoutMs: config.get('request.timeout.ms'),
    retryBackoffMs: config.get('retry.backoff.ms'),
    transactionManager,
    sensors: new SenderMetrics({ registry, metadata, client, time }),
    time,
    logger,
    trace,
  })
  return { metadata, accumulator, turns, failures, sender, transactionManager, metrics }
}

const configureTransactionState = ({
  config,
  logger,
  trace,
}: ProducerContext): TransactionManager | null => {
  if (config.get('enable.idempotence')) return new TransactionManager({ logger, trace })
  logDisabledIdempotence(config.originals(), config.values() as Properties, logger)
  return null
}

const createAccumulator = (
  { config, environment, logger, trace }: ProducerContext,
  metrics: ProducerMetrics,
  failures: UnobservedFailures,
  transactionManager: TransactionManager | null,
): RecordAccumulator => {
  const { time, random } = environment
  // 0 switches batching off: each record fills a batch of at least one byte.
  const batchSize = Math.max(1, config.get('batch.size'))
  // A partitioner of the program's own does not look at the weights.
  const enableAdaptivePartitioning =
    config.get('partitioner.class') === null &&
    config.get('partitioner.adaptive.partitioning.enable')
  return new RecordAccumulator({
    batchSize,
    compression: configureCompression(config),
    lingerMs: config.get('linger.ms'),
    retryBackoffMs: config.get('retry.backoff.ms'),
    retryBackoffMaxMs: config.get('retry.backoff.max.ms'),
    deliveryTimeoutMs: configureDeliveryTimeout(config, (message) => logger.warn(message)),
    enableAdaptivePartitioning,
    partitionAvailabilityTimeoutMs: config.get('partitioner.availability.timeout.ms'),
    bufferPool: new BufferPool({
      memory: config.get('buffer.memory'),
      poolableSize: batchSize,
      time,
      trace,
      metrics: metrics.bufferPool,
    }),
    transactionManager,
    failures,
    time,
    random,
    logger,
    trace,
  })
}

const createMetadata = (
  { config, environment, logger, trace }: ProducerContext,
  clusterResourceListeners: readonly ClusterResourceListener[],
): ProducerMetadata => {
  const metadata = new ProducerMetadata({
    refreshBackoffMs: config.get('retry.backoff.ms'),
    refreshBackoffMaxMs: config.get('retry.backoff.max.ms'),
    metadataExpireMs: config.get('metadata.max.age.ms'),
    metadataIdleMs: config.get('metadata.max.idle.ms'),
    clusterResourceListeners,
    time: environment.time,
    random: environment.random,
    logger,
    trace,
  })
  metadata.bootstrap(parseAndValidateAddresses(config.get('bootstrap.servers'), logger))
  return metadata
}

const configureCompression = (config: ProducerConfig): Compression =>
  Compression.ofLevel(config.get('compression.type') as CompressionName, {
    gzip: config.get('compression.gzip.level'),
    lz4: config.get('compression.lz4.level'),
    zstd: config.get('compression.zstd.level'),
  })

/** What is where in a producer, at this moment. */
export const producerSnapshot = (
  { accumulator, sender, transactionManager }: ProducerParts,
  waitingRoom: Pick<WaitingRoom<never, never>, 'snapshot'>,
): ProducerSnapshot => ({
  producerIdAndEpoch: transactionManager?.snapshot() ?? null,
  accumulator: accumulator.snapshot(),
  bufferPool: accumulator.free.snapshot(),
  inFlight: sender.batchesInFlight.all().map(snapshotOf),
  waitingSends: waitingRoom.snapshot(),
})
