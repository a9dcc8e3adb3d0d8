/**
 * A consumer's parts around a `MockClient`: one broker or more, topics with ids, time by hand.
 */

import { ApiVersions } from '../../../src/clients/ApiVersions.ts'
import { FetchMetadata } from '../../../src/clients/FetchMetadata.ts'
import { MetadataResponse } from '../../../src/clients/MetadataResponse.ts'
import { MockClient, type ResponseOptions } from '../../../src/clients/MockClient.ts'
import { NodeApiVersions } from '../../../src/clients/NodeApiVersions.ts'
import type { Header } from '../../../src/common/header/Header.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { MetricConfig } from '../../../src/common/metrics/MetricConfig.ts'
import { Metrics } from '../../../src/common/metrics/Metrics.ts'
import { Node } from '../../../src/common/Node.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { ByteArrayDeserializer } from '../../../src/common/serialization/ByteArrayDeserializer.ts'
import type { Deserializer } from '../../../src/common/serialization/Deserializer.ts'
import type { Time } from '../../../src/common/Time.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionSet } from '../../../src/common/TopicPartitionSet.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { ConsumerMetadata } from '../../../src/consumer/internals/ConsumerMetadata.ts'
import { ConsumerNetworkClient } from '../../../src/consumer/internals/ConsumerNetworkClient.ts'
import { Deserializers } from '../../../src/consumer/internals/Deserializers.ts'
import type { FetchConfig } from '../../../src/consumer/internals/FetchConfig.ts'
import { Fetcher } from '../../../src/consumer/internals/Fetcher.ts'
import { FetchMetricsAggregator } from '../../../src/consumer/internals/FetchMetricsAggregator.ts'
import { FetchMetricsManager } from '../../../src/consumer/internals/FetchMetricsManager.ts'
import { FetchMetricsRegistry } from '../../../src/consumer/internals/FetchMetricsRegistry.ts'
import { FetchPosition } from '../../../src/consumer/internals/FetchPosition.ts'
import { OffsetFetcher } from '../../../src/consumer/internals/OffsetFetcher.ts'
import { SubscriptionState } from '../../../src/consumer/internals/SubscriptionState.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type Errors as WireError } from '../../../src/protocol/Errors.ts'
import type { FetchResponseInput } from '../../../src/protocol/messages/Fetch.ts'
import type { ControlRecordType } from '../../../src/record/ControlRecordType.ts'
import { EndTransactionMarker } from '../../../src/record/EndTransactionMarker.ts'
import { withEndTransactionMarker, withRecords } from '../../../src/record/withRecords.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'

export const topicName = 'test'
export const topicId = Uuid.fromString('AAAAAAAAAAAAAAAAAAAABQ')
export const tp0 = new TopicPartition(topicName, 0)
export const tp1 = new TopicPartition(topicName, 1)
export const tp2 = new TopicPartition(topicName, 2)
export const tp3 = new TopicPartition(topicName, 3)

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : new TextDecoder().decode(bytes)

// ---- records

export interface BatchOptions {
  readonly baseOffset?: number
  readonly count?: number
  readonly leaderEpoch?: number
  readonly headers?: readonly Header[]
}

/** One batch: keys `key`, values `value-<offset>`. */
export const batch = ({
  baseOffset = 0,
  count = 3,
  leaderEpoch = -1,
  headers = [],
}: BatchOptions = {}): Uint8Array =>
  withRecords(
    { baseOffset, partitionLeaderEpoch: leaderEpoch },
    ...Array.from({ length: count }, (_, i) => ({
      timestamp: 1000 + baseOffset + i,
      key: utf8('key'),
      value: utf8(`value-${baseOffset + i}`),
      headers,
    })),
  ).bytes

export const concat = (...parts: Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export interface TransactionOptions {
  readonly baseOffset?: number
  readonly producerId?: bigint
  readonly count?: number
}

/** Records of a transaction (none for a count of 0) and the marker that ends it. */
export const transaction = (
  type: ControlRecordType,
  options: TransactionOptions = {},
): Uint8Array => {
  const { baseOffset = 0, producerId = 1n, count = 3 } = options
  const producer = { producerId, producerEpoch: 0 }
  return concat(
    transactional({ baseOffset, producerId, count }),
    withEndTransactionMarker(
      { baseOffset: baseOffset + count, timestamp: 0, ...producer },
      new EndTransactionMarker(type, 0),
    ).bytes,
  )
}

/** Records of a transaction, its end not yet decided. */
export const transactional = ({ baseOffset = 0, producerId = 1n, count = 3 }: TransactionOptions) =>
  withRecords(
    { baseOffset, producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true },
    ...Array.from({ length: count }, (_, i) => ({
      key: utf8(`key-${producerId}`),
      value: utf8(`tx-${producerId}-${baseOffset + i}`),
    })),
  ).bytes

// ---- metadata

export interface MetadataOptions {
  readonly nodes?: readonly Node[]
  /** Partitions by topic. */
  readonly topics?: Readonly<Record<string, number>>
  readonly topicIds?: Readonly<Record<string, Uuid>>
  /** Which of the topics are Kafka's own. */
  readonly internalTopics?: readonly string[]
  /** Errors by topic. */
  readonly errors?: Readonly<Record<string, WireError>>
  readonly leaderEpoch?: (partition: TopicPartition) => number
  /** Default: partitions in turn over the nodes; `null`: no leader. */
  readonly leader?: (partition: TopicPartition) => Node | null
  readonly version?: number
}

export const nodes = (count: number): Node[] =>
  Array.from({ length: count }, (_, i) => new Node(i, 'localhost', 1969 + i))

export const metadataResponse = (options: MetadataOptions = {}): MetadataResponse => {
  const brokers = options.nodes ?? nodes(1)
  const topics = Object.entries(options.topics ?? {}).map(([name, count]) => ({
    errorCode: 0,
    name,
    topicId: options.topicIds?.[name] ?? Uuid.ZERO_UUID,
    isInternal: options.internalTopics?.includes(name) ?? false,
    topicAuthorizedOperations: -(2 ** 31),
    unknownTaggedFields: [],
    partitions: Array.from({ length: count }, (_, partitionIndex) => {
      const partition = new TopicPartition(name, partitionIndex)
      const leader = options.leader
        ? options.leader(partition)
        : brokers[partitionIndex % brokers.length]!
      return {
        errorCode: leader === null ? Errors.LEADER_NOT_AVAILABLE.code : 0,
        partitionIndex,
        leaderId: leader?.id ?? -1,
        leaderEpoch: options.leaderEpoch?.(partition) ?? -1,
        replicaNodes: brokers.map((node) => node.id),
        isrNodes: brokers.map((node) => node.id),
        offlineReplicas: [],
        unknownTaggedFields: [],
      }
    }),
  }))
  const failed = Object.entries(options.errors ?? {}).map(([name, error]) => ({
    errorCode: error.code,
    name,
    topicId: Uuid.ZERO_UUID,
    isInternal: false,
    topicAuthorizedOperations: -(2 ** 31),
    partitions: [],
    unknownTaggedFields: [],
  }))
  return new MetadataResponse(
    {
      throttleTimeMs: 0,
      brokers: brokers.map(({ id, host, port, rack }) => ({
        nodeId: id,
        host,
        port,
        rack,
        unknownTaggedFields: [],
      })),
      clusterId: 'kafka-cluster',
      controllerId: brokers[0]?.id ?? -1,
      clusterAuthorizedOperations: -(2 ** 31),
      topics: [...topics, ...failed],
      errorCode: 0,
      unknownTaggedFields: [],
    } as MetadataResponse['data'],
    options.version ?? 13,
  )
}

// ---- fetch responses

export interface FetchedOptions {
  readonly records?: Uint8Array | null
  readonly error?: WireError
  readonly highWatermark?: number
  readonly lastStableOffset?: number
  readonly logStartOffset?: number
  readonly preferredReadReplica?: number
  readonly abortedTransactions?: { producerId: bigint; firstOffset: number }[] | null
  readonly currentLeader?: { leaderId: number; leaderEpoch: number }
}

type ResponseTopics = NonNullable<FetchResponseInput['responses']>
type ResponsePartition = NonNullable<ResponseTopics[number]['partitions']>[number]

export const fetchedPartition = (
  partition: TopicPartition,
  options: FetchedOptions = {},
): ResponsePartition => ({
  partitionIndex: partition.partition,
  errorCode: options.error?.code ?? 0,
  highWatermark: options.highWatermark ?? 100,
  lastStableOffset: options.lastStableOffset ?? -1,
  logStartOffset: options.logStartOffset ?? 0,
  abortedTransactions: options.abortedTransactions ?? null,
  preferredReadReplica: options.preferredReadReplica ?? -1,
  records: options.records ?? new Uint8Array(0),
  ...(options.currentLeader && { currentLeader: options.currentLeader }),
})

export interface FetchResponseOptions {
  readonly sessionId?: number
  readonly error?: WireError
  readonly throttleTimeMs?: number
  readonly topicIds?: Readonly<Record<string, Uuid>>
  readonly nodeEndpoints?: { nodeId: number; host: string; port: number; rack?: string | null }[]
}

export const fetchResponse = (
  partitions: readonly (readonly [TopicPartition, FetchedOptions])[],
  options: FetchResponseOptions = {},
): FetchResponseInput => {
  const byTopic = new Map<string, ResponsePartition[]>()
  for (const [partition, fetched] of partitions) {
    const list = byTopic.get(partition.topic) ?? []
    list.push(fetchedPartition(partition, fetched))
    byTopic.set(partition.topic, list)
  }
  return {
    throttleTimeMs: options.throttleTimeMs ?? 0,
    errorCode: options.error?.code ?? 0,
    sessionId: options.sessionId ?? FetchMetadata.INVALID_SESSION_ID,
    responses: [...byTopic].map(([topic, list]) => ({
      topic,
      topicId: (options.topicIds ?? { [topicName]: topicId })[topic] ?? Uuid.ZERO_UUID,
      partitions: list,
    })),
    ...(options.nodeEndpoints && { nodeEndpoints: options.nodeEndpoints }),
  }
}

// ---- the parts

export interface HarnessOptions<K, V> {
  readonly fetchConfig?: Partial<FetchConfig>
  readonly reset?: AutoOffsetResetStrategy
  readonly nodes?: readonly Node[]
  readonly topics?: Readonly<Record<string, number>>
  readonly topicIds?: Readonly<Record<string, Uuid>>
  readonly keyDeserializer?: Deserializer<K>
  readonly valueDeserializer?: Deserializer<V>
  readonly retryBackoffMs?: number
  readonly requestTimeoutMs?: number
  readonly metadataExpireMs?: number
  readonly includeInternalTopics?: boolean
}

export const fetchConfig: FetchConfig = {
  minBytes: 1,
  maxBytes: 2 ** 31 - 1,
  maxWaitMs: 0,
  fetchSize: 1000,
  maxPollRecords: 2 ** 31 - 1,
  checkCrcs: true,
  clientRackId: '',
  isolationLevel: 'read_uncommitted',
}

/** The metrics of a client named `test`, and the names of those of fetching. */
export const fetchMetrics = (time: Time) => {
  const metrics = new Metrics({ time, config: new MetricConfig({ tags: { 'client-id': 'test' } }) })
  const registry = new FetchMetricsRegistry(metrics, 'consumer')
  return { metrics, registry, manager: new FetchMetricsManager(registry) }
}

/** Of an answer that has this partition only. */
export const metricAggregator = (partition: TopicPartition): FetchMetricsAggregator =>
  new FetchMetricsAggregator(fetchMetrics(new MockTime()).manager, [partition])

export class ConsumerHarness<K = Uint8Array, V = Uint8Array> {
  readonly time = new MockTime()
  readonly logger = new RecordingLogger()
  readonly traceBus = new TraceBus(this.time)
  readonly trace = this.traceBus.from('test')
  readonly random = new SeededRandom(1)
  readonly nodes: readonly Node[]
  readonly subscriptions: SubscriptionState
  readonly metadata: ConsumerMetadata
  readonly client: MockClient
  readonly apiVersions = new ApiVersions()
  readonly consumerClient: ConsumerNetworkClient
  readonly fetcher: Fetcher<K, V>
  readonly offsetFetcher: OffsetFetcher
  readonly fetchConfig: FetchConfig
  readonly fetchMetrics = fetchMetrics(this.time)

  constructor(options: HarnessOptions<K, V> = {}) {
    const { time, logger, trace, random, apiVersions } = this
    const retryBackoffMs = options.retryBackoffMs ?? 100
    const requestTimeoutMs = options.requestTimeoutMs ?? 30_000
    this.nodes = options.nodes ?? nodes(1)
    this.subscriptions = new SubscriptionState(
      logger,
      options.reset ?? AutoOffsetResetStrategy.EARLIEST,
    )
    this.metadata = new ConsumerMetadata({
      refreshBackoffMs: 0,
      refreshBackoffMaxMs: 0,
      metadataExpireMs: options.metadataExpireMs ?? 2 ** 40,
      allowAutoTopicCreation: true,
      includeInternalTopics: options.includeInternalTopics ?? false,
      subscriptions: this.subscriptions,
      random,
      logger,
      trace,
    })
    this.client = new MockClient(time, this.metadata)
    this.consumerClient = new ConsumerNetworkClient({
      logger,
      client: this.client,
      metadata: this.metadata,
      time,
      trace,
      retryBackoffMs,
      requestTimeoutMs: 1000,
      maxPollTimeoutMs: 2 ** 31 - 1,
    })
    this.fetchConfig = { ...fetchConfig, ...options.fetchConfig }
    const bytes = new ByteArrayDeserializer() as Deserializer<never>
    const deserializers = new Deserializers<K, V>(
      options.keyDeserializer ?? bytes,
      options.valueDeserializer ?? bytes,
    )
    const shared = {
      logger,
      trace,
      time,
      apiVersions,
      client: this.consumerClient,
      metadata: this.metadata,
      subscriptions: this.subscriptions,
    }
    this.fetcher = new Fetcher({
      ...shared,
      fetchConfig: this.fetchConfig,
      metricsManager: this.fetchMetrics.manager,
      deserializers,
    })
    this.offsetFetcher = new OffsetFetcher({
      ...shared,
      retryBackoffMs,
      requestTimeoutMs,
      isolationLevel: this.fetchConfig.isolationLevel,
    })
    this.apiVersions.update('0', NodeApiVersions.create())
  }

  /** Assigns, and brings metadata for what is assigned. */
  assign(...partitions: TopicPartition[]): void {
    this.subscriptions.assignFromUser(new TopicPartitionSet(partitions))
    this.updateMetadata()
  }

  updateMetadata(options: MetadataOptions = {}): void {
    this.client.updateMetadata(
      metadataResponse({
        nodes: this.nodes,
        topics: { [topicName]: 4 },
        topicIds: { [topicName]: topicId },
        ...options,
      }),
    )
  }

  /** Polls once, without waiting. */
  poll(timeoutMs = 0): Promise<void> {
    return this.consumerClient.poll(this.time.timer(timeoutMs))
  }

  /** Assigns, and begins to read each of these at `offset`. */
  assignAndSeek(offset: number, ...partitions: TopicPartition[]): void {
    this.assign(...partitions)
    for (const partition of partitions) this.subscriptions.seek(partition, offset)
  }

  /** As the consumer's own `seek`: with the leader as it is known. */
  seek(partition: TopicPartition, offset: number, offsetEpoch: number | null = null): void {
    const leader = this.metadata.currentLeader(partition)
    this.subscriptions.seekUnvalidated(partition, new FetchPosition(offset, offsetEpoch, leader))
  }

  sendFetches(): number {
    this.offsetFetcher.validatePositionsOnMetadataChange()
    return this.fetcher.sendFetches()
  }

  /**
   * Sends what is to be fetched, answers it, and lets the answer arrive.
   *
   * @returns how many were sent
   */
  async fetchAndAnswer(
    partitions: readonly (readonly [TopicPartition, FetchedOptions])[],
    options: FetchResponseOptions &
      Omit<ResponseOptions<typeof ApiKeys.FETCH>, 'disconnected'> = {},
  ): Promise<number> {
    const sent = this.sendFetches()
    this.client.prepareResponse(ApiKeys.FETCH, fetchResponse(partitions, options), {
      ...(options.matcher && { matcher: options.matcher }),
      ...(options.node && { node: options.node }),
    })
    await this.poll()
    return sent
  }

  /** Answers the fetch that is waiting, and lets the answer arrive. */
  async answer(
    partitions: readonly (readonly [TopicPartition, FetchedOptions])[],
    options: FetchResponseOptions & { readonly node?: Node } = {},
  ): Promise<void> {
    this.client.respond(ApiKeys.FETCH, fetchResponse(partitions, options), {
      ...(options.node && { node: options.node }),
    })
    await this.poll()
  }

  /** Offsets by partition, of what is collected now. */
  collectOffsets(): Record<string, number[]> {
    const fetch = this.fetcher.collectFetch()
    return Object.fromEntries(
      [...fetch.records()].map(([partition, records]) => [
        partition.key,
        records.map((record) => record.offset),
      ]),
    )
  }

  /** Values by partition, of what is collected now. */
  collect(): Record<string, (string | null)[]> {
    const fetch = this.fetcher.collectFetch()
    return Object.fromEntries(
      [...fetch.records()].map(([partition, records]) => [
        partition.key,
        records.map((record) => text(record.value as Uint8Array | null)),
      ]),
    )
  }

  position(partition: TopicPartition): number | undefined {
    return this.subscriptions.position(partition)?.offset
  }
}
