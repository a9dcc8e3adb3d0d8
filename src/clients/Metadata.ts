/**
 * What a client knows of the cluster, shared by all who need to know: the caller's side looks up
 * partitions and waits for topics to become known, the I/O side (`DefaultMetadataUpdater`) asks
 * brokers and brings the answers.
 *
 *                    requestUpdate…           newMetadataRequestAndVersion
 *      caller ─────────────────────► Metadata ◄───────────────────────────── DefaultMetadataUpdater
 *             ◄──── fetch ─────────  │ snapshot   what is known                      │
 *             ◄── maybeThrow… ─────  │ refresh    when to ask again                  │
 *                                    │ epochs     what is newer than what            │
 *                                    │ errors     what went wrong   ◄── update, fatalError, …
 *
 * `updateVersion` grows with every picture; whoever waits for news waits for it to grow.
 *
 * Java guards each method with a lock, for two threads share this object. Here no method awaits,
 * which does the same.
 *
 * I1  The snapshot is replaced, never changed.
 * I2  An answer with an older leader epoch never replaces a newer one (`LeaderEpochs`).
 *
 * @kafka org.apache.kafka.clients.Metadata
 */

import type { Cluster } from '../common/Cluster.ts'
import type { ClusterResourceListener } from '../common/ClusterResourceListener.ts'
import { ExponentialBackoff } from '../common/ExponentialBackoff.ts'
import {
  IllegalArgumentException,
  IllegalStateException,
  type KafkaException,
} from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'
import type { Node } from '../common/Node.ts'
import type { Random } from '../common/Random.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import type { Trace } from '../common/Trace.ts'
import type { Uuid } from '../common/Uuid.ts'
import { RETRY_BACKOFF_EXP_BASE, RETRY_BACKOFF_JITTER } from './CommonClientConfigs.ts'
import type { HostAndPort } from './HostAndPort.ts'
import { LeaderAndEpoch, type LeaderIdAndEpoch } from './LeaderAndEpoch.ts'
import { LeaderEpochs } from './LeaderEpochs.ts'
import { MetadataErrors } from './MetadataErrors.ts'
import { MetadataRefresh } from './MetadataRefresh.ts'
import { type MetadataRequestBuilder, metadataRequestForAllTopics } from './MetadataRequest.ts'
import type { MetadataResponse } from './MetadataResponse.ts'
import { MetadataResponseHandler, type RetainToldTopic } from './MetadataResponseHandler.ts'
import { MetadataSnapshot } from './MetadataSnapshot.ts'
import type { PartitionMetadata } from './PartitionMetadata.ts'

export interface MetadataOptions {
  /** `retry.backoff.ms`: the shortest time between two requests, milliseconds. */
  readonly refreshBackoffMs: number
  /** `retry.backoff.max.ms`. */
  readonly refreshBackoffMaxMs: number
  /** `metadata.max.age.ms`: how long a picture may be used without asking again. */
  readonly metadataExpireMs: number
  readonly random: Random
  readonly logger: Logger
  readonly trace?: Trace | null
  /** Told after every update. */
  readonly clusterResourceListeners?: readonly ClusterResourceListener[]
}

/** A request, and what its answer has to be filed under. */
export interface MetadataRequestAndVersion {
  readonly request: MetadataRequestBuilder
  readonly requestVersion: number
  readonly isPartialUpdate: boolean
}

export class Metadata {
  readonly metadataExpireMs: number
  protected readonly logger: Logger
  private readonly trace: Trace | null
  private readonly listeners: readonly ClusterResourceListener[]
  private readonly refresh: MetadataRefresh
  private readonly errors: MetadataErrors
  private readonly responses: MetadataResponseHandler
  private readonly leaderEpochs = new LeaderEpochs()
  private snapshot = MetadataSnapshot.empty()
  private bootstrapAddresses: readonly HostAndPort[] = []
  private pictures = 0
  private closed = false

  constructor(options: MetadataOptions) {
    this.metadataExpireMs = options.metadataExpireMs
    this.logger = options.logger
    this.trace = options.trace ?? null
    this.listeners = options.clusterResourceListeners ?? []
    this.errors = new MetadataErrors(options.logger)
    const backoff = new ExponentialBackoff(
      options.refreshBackoffMs,
      RETRY_BACKOFF_EXP_BASE,
      options.refreshBackoffMaxMs,
      RETRY_BACKOFF_JITTER,
      options.random,
    )
    this.refresh = new MetadataRefresh(options.metadataExpireMs, backoff)
    this.responses = new MetadataResponseHandler(this.leaderEpochs, this.refresh)
  }

  // ---- what is known

  /** The picture, as it is now. */
  fetch(): Cluster {
    return this.snapshot.cluster()
  }

  fetchMetadataSnapshot(): MetadataSnapshot {
    return this.snapshot
  }

  topicIds(): ReadonlyMap<string, Uuid> {
    return this.snapshot.topicIds
  }

  /** The name of the topic with this id; `null` when it is not known. */
  topicName(id: Uuid): string | null {
    return this.snapshot.topicName(id)
  }

  /** The leader, if what is known is not behind an epoch seen elsewhere. */
  currentLeader(partition: TopicPartition): LeaderAndEpoch {
    const metadata = this.partitionMetadataIfCurrent(partition)
    if (metadata === null) return new LeaderAndEpoch(null, this.leaderEpochs.get(partition))
    const leader = metadata.leaderId === null ? null : this.snapshot.nodeById(metadata.leaderId)
    return new LeaderAndEpoch(leader, metadata.leaderEpoch)
  }

  /**
   * What is known of a partition; `null` also when a newer leader epoch has been seen, for then it
   * is old.
   */
  partitionMetadataIfCurrent(partition: TopicPartition): PartitionMetadata | null {
    const metadata = this.snapshot.partitionMetadata(partition)
    const epoch = this.leaderEpochs.get(partition)
    if (epoch === null || metadata === null) return metadata
    return metadata.leaderEpoch === epoch ? metadata : null
  }

  lastSeenLeaderEpoch(partition: TopicPartition): number | null {
    return this.leaderEpochs.get(partition)
  }

  // ---- when to ask

  /** Milliseconds until another request may be made; 0: now. */
  timeToAllowUpdate(nowMs: number): number {
    return this.refresh.timeToAllowUpdate(nowMs)
  }

  /** Milliseconds until a request is due; 0: one should be on its way. */
  timeToNextUpdate(nowMs: number): number {
    return this.refresh.timeToNextUpdate(nowMs)
  }

  /**
   * Asks for a new picture of everything, as soon as back-off allows.
   *
   * @param resetEquivalentResponseBackoff `true` when something new is wanted; `false` when the
   *   wish is part of trying again, for then the same answer as before may well come
   * @returns `updateVersion` now; once it has grown, the wish may have been granted
   */
  requestUpdate(resetEquivalentResponseBackoff: boolean): number {
    this.refresh.requestUpdate(resetEquivalentResponseBackoff)
    return this.pictures
  }

  /** Asks for topics that are not known yet, without back-off. Returns as `requestUpdate`. */
  requestUpdateForNewTopics(): number {
    this.refresh.requestUpdateForNewTopics()
    return this.pictures
  }

  updateRequested(): boolean {
    return this.refresh.updateRequested()
  }

  /** How many pictures there have been. */
  updateVersion(): number {
    return this.pictures
  }

  /** When the last full picture came, milliseconds since 1970; 0: never. */
  lastSuccessfulUpdate(): number {
    return this.refresh.lastSuccessfulUpdate()
  }

  /**
   * The next request: for the topics that are missing if that is enough, else for all that is
   * wanted.
   */
  newMetadataRequestAndVersion(nowMs: number): MetadataRequestAndVersion {
    const { requestVersion } = this.refresh
    if (this.refresh.allowsPartialUpdate(nowMs)) {
      const request = this.newMetadataRequestBuilderForNewTopics()
      if (request !== null) return { request, requestVersion, isPartialUpdate: true }
    }
    return { request: this.newMetadataRequestBuilder(), requestVersion, isPartialUpdate: false }
  }

  // ---- news

  /** Starts from addresses: a first picture whose nodes have the ids -1, -2, … */
  bootstrap(addresses: readonly HostAndPort[]): void {
    this.refresh.requestUpdate(false)
    this.pictures++
    this.snapshot = MetadataSnapshot.bootstrap(addresses)
    this.bootstrapAddresses = addresses
  }

  /** Starts again from the same addresses, when nobody of the present picture can be reached. */
  rebootstrap(): void {
    const addresses = this.bootstrapAddresses.map(({ host, port }) => `${host}:${port}`)
    this.logger.info(`Rebootstrapping with [${addresses.join(', ')}]`)
    this.bootstrap(this.bootstrapAddresses)
  }

  /** As `update`, for an answer to the newest request. */
  updateWithCurrentRequestVersion(
    response: MetadataResponse,
    isPartialUpdate: boolean,
    nowMs: number,
  ): void {
    this.update(this.refresh.requestVersion, response, isPartialUpdate, nowMs)
  }

  /**
   * Takes an answer in.
   *
   * @param requestVersion of the request that it answers
   * @param isPartialUpdate the request was for some of the wanted topics only
   */
  update(
    requestVersion: number,
    response: MetadataResponse,
    isPartialUpdate: boolean,
    nowMs: number,
  ): void {
    if (this.closed) {
      throw new IllegalStateException('A metadata response came after the metadata was closed.')
    }
    this.refresh.succeeded(requestVersion, isPartialUpdate, nowMs)
    this.pictures++

    const previousClusterId = this.snapshot.clusterId
    const retainTopic: RetainToldTopic = (topic, topicId, isInternal) =>
      this.retainTopic(topic, topicId, isInternal, nowMs)
    this.snapshot = this.responses.nextSnapshot(
      this.snapshot,
      response,
      isPartialUpdate,
      retainTopic,
    )
    const cluster = this.snapshot.cluster()
    this.errors.setFrom(cluster)
    this.leaderEpochs.retainTopics((topic) => retainTopic(topic, null, false))

    if (this.snapshot.clusterId !== previousClusterId) {
      this.logger.info(`Cluster ID: ${this.snapshot.clusterId}`)
    }
    if (this.trace?.enabled) {
      const topics = cluster.topics().length
      const nodes = cluster.nodes.length
      this.trace.emit('clients.metadata.update', { topics, nodes, requestVersion })
    }
    this.tellListeners()
  }

  /** A response of any API named a leader epoch: if it is newer than ours, the picture is old. */
  updateLastSeenEpochIfNewer(partition: TopicPartition, leaderEpoch: number): boolean {
    if (leaderEpoch < 0) {
      throw new IllegalArgumentException(
        `Invalid leader epoch ${leaderEpoch} of ${partition}: it cannot be negative`,
      )
    }
    const updated = this.leaderEpochs.raise(partition, leaderEpoch)
    if (updated) this.refresh.requestUpdate(false)
    return updated
  }

  /**
   * A produce or fetch response named new leaders (KIP-951): taken in at once, without asking for
   * metadata.
   *
   * Left out are leaders that are not newer than the known ones, that sit on unknown brokers, or
   * whose partition is no longer known.
   *
   * @param leaderNodes where the new leaders are
   * @returns the partitions whose leader changed
   */
  updatePartitionLeadership(
    partitionLeaders: Iterable<readonly [TopicPartition, LeaderIdAndEpoch]>,
    leaderNodes: Iterable<Node>,
  ): TopicPartition[] {
    const nodes = new Map(this.fetch().nodes.map((node) => [node.id, node]))
    for (const node of leaderNodes) nodes.set(node.id, node)

    const changed: PartitionMetadata[] = []
    for (const [partition, { leaderId, epoch }] of partitionLeaders) {
      if (leaderId === null || epoch === null || !nodes.has(leaderId)) continue
      const current = this.currentLeader(partition).epoch
      if (current !== null && epoch <= current) continue
      const known = this.snapshot.partitionMetadata(partition)
      if (known === null) continue
      changed.push(known.withLeader(leaderId, epoch))
      this.leaderEpochs.set(partition, epoch)
    }
    if (changed.length === 0) return []
    this.snapshot = this.snapshot.withPartitions(nodes, changed)
    this.tellListeners()
    return changed.map((metadata) => metadata.topicPartition)
  }

  /** A request was not answered, or its node went away. */
  failedUpdate(nowMs: number): void {
    this.refresh.failed(nowMs)
  }

  /**
   * Something that asking again will not mend, such as a refused login. Thrown at the next
   * occasion.
   */
  fatalError(exception: KafkaException): void {
    this.errors.setFatal(exception)
  }

  // ---- trouble, for whoever waits for metadata; what was thrown is forgotten

  /** Throws what is fatal, or what is wrong with any topic. */
  maybeThrowAnyException(): void {
    this.errors.maybeThrowAny()
  }

  /** Throws what is fatal, or what is wrong with this topic. */
  maybeThrowExceptionForTopic(topic: string): void {
    this.errors.maybeThrowForTopic(topic)
  }

  maybeThrowFatalException(): void {
    this.errors.maybeThrowFatal()
  }

  /**
   * Why the last broker could not be asked, with its host and port and what to look at; `null` once
   * one has answered. Meant for the message of whoever gives up waiting.
   */
  connectionProblem(): string | null {
    return this.errors.connectionProblem
  }

  noteConnectionProblem(problem: string): void {
    this.errors.connectionProblem = problem
  }

  close(): void {
    this.closed = true
  }

  isClosed(): boolean {
    return this.closed
  }

  // ---- for subclasses: which topics matter

  /** The request for everything that is wanted. */
  newMetadataRequestBuilder(): MetadataRequestBuilder {
    return metadataRequestForAllTopics()
  }

  /** The request for what is wanted and missing; `null` when the two cannot be told apart. */
  newMetadataRequestBuilderForNewTopics(): MetadataRequestBuilder | null {
    return null
  }

  /** Whether what is said of a topic is kept; `topicId` is `null` when it is not known. */
  protected retainTopic(
    _topic: string,
    _topicId: Uuid | null,
    _isInternal: boolean,
    _nowMs: number,
  ): boolean {
    return true
  }

  private tellListeners(): void {
    const resource = this.snapshot.clusterResource()
    for (const listener of this.listeners) {
      try {
        listener.onUpdate(resource)
      } catch (error) {
        this.logger.error(`${listener.constructor.name} threw in onUpdate(${resource})`, error)
      }
    }
  }
}
