/**
 * Whom to ask for which partitions next, and what to make of the answers.
 *
 *     assigned ─ not fetchable (paused, no valid position)
 *              ─ buffered (something of it is still to be handed out)
 *              ─ node unavailable, or busy with an earlier fetch of ours
 *              = one request per node, each in its own fetch session
 *
 * While a node's data is buffered, none of its other partitions is asked for either. The request
 * would leave the buffered ones out, and leaving a partition out tells the broker to forget it; it
 * would fly out of the session and come back with every round.
 *
 * I1  At most one fetch per node is under way.
 * I2  Every partition of a response was in the session when its request was built.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractFetch
 * @simplified one class with the classic consumer in mind; `isUnavailable` and
 *   `maybeThrowAuthFailure` stay abstract.
 */

import type { ApiVersions } from '../../clients/ApiVersions.ts'
import type { ClientResponse } from '../../clients/ClientResponse.ts'
import type { FetchRequestData } from '../../clients/FetchRequestData.ts'
import { type FetchedPartitionData, FetchResponse } from '../../clients/FetchResponse.ts'
import { type FetchSessionBuilder, FetchSessionHandler } from '../../clients/FetchSessionHandler.ts'
import type { LeaderIdAndEpoch } from '../../clients/LeaderAndEpoch.ts'
import { IllegalStateException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import { Node } from '../../common/Node.ts'
import type { Time } from '../../common/Time.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { Trace } from '../../common/Trace.ts'
import { Uuid } from '../../common/Uuid.ts'
import type { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import { CompletedFetch } from './CompletedFetch.ts'
import type { ConsumerMetadata } from './ConsumerMetadata.ts'
import { FetchBuffer } from './FetchBuffer.ts'
import type { FetchConfig } from './FetchConfig.ts'
import { FetchMetricsAggregator } from './FetchMetricsAggregator.ts'
import type { FetchMetricsManager } from './FetchMetricsManager.ts'
import type { FetchPosition } from './FetchPosition.ts'
import { requestMetadataUpdate } from './FetchUtils.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export interface AbstractFetchOptions {
  readonly logger: Logger
  readonly trace: Trace
  readonly time: Time
  readonly metadata: ConsumerMetadata
  readonly subscriptions: SubscriptionState
  readonly fetchConfig: FetchConfig
  readonly metricsManager: FetchMetricsManager
  readonly apiVersions: ApiVersions
}

/** A request that is ready to be sent to a node. */
export interface PreparedFetch {
  readonly node: Node
  readonly data: FetchRequestData
}

export abstract class AbstractFetch {
  protected readonly logger: Logger
  protected readonly trace: Trace
  protected readonly metadata: ConsumerMetadata
  protected readonly subscriptions: SubscriptionState
  protected readonly fetchConfig: FetchConfig
  protected readonly fetchBuffer: FetchBuffer
  private readonly metricsManager: FetchMetricsManager
  private readonly time: Time
  private readonly apiVersions: ApiVersions
  private readonly nodesWithPendingFetchRequests = new Set<number>()
  private readonly sessionHandlers = new Map<number, FetchSessionHandler>()

  constructor(options: AbstractFetchOptions) {
    this.logger = options.logger
    this.trace = options.trace
    this.time = options.time
    this.metadata = options.metadata
    this.subscriptions = options.subscriptions
    this.fetchConfig = options.fetchConfig
    this.metricsManager = options.metricsManager
    this.apiVersions = options.apiVersions
    this.fetchBuffer = new FetchBuffer(options.logger, options.trace)
  }

  /** Not connected, and the time to connect again has not come. */
  protected abstract isUnavailable(node: Node): boolean

  /** @throws AuthenticationException when `node` has refused us */
  protected abstract maybeThrowAuthFailure(node: Node): void

  /** Something has arrived that was not looked at yet. */
  hasCompletedFetches(): boolean {
    return !this.fetchBuffer.isEmpty()
  }

  /** Something has arrived that may be handed out now: what is paused does not count. */
  hasAvailableFetches(): boolean {
    return this.fetchBuffer.hasCompletedFetches((fetch) =>
      this.subscriptions.isFetchable(fetch.partition),
    )
  }

  sessionHandler(node: number): FetchSessionHandler | null {
    return this.sessionHandlers.get(node) ?? null
  }

  // ---- before a request

  /** What is to be asked now, node by node; from here on each of these nodes counts as busy. */
  protected prepareFetchRequests(): PreparedFetch[] {
    this.metricsManager.maybeUpdateAssignment(this.subscriptions)
    const nowMs = this.time.milliseconds()
    const buffered = this.fetchBuffer.bufferedPartitions()
    const unbuffered = this.subscriptions.fetchablePartitions((tp) => !buffered.has(tp))
    if (unbuffered.length === 0) return []
    const bufferedNodes = this.bufferedNodes(buffered, nowMs)
    const topicIds = this.metadata.topicIds()
    const fetchable = new Map<number, { node: Node; builder: FetchSessionBuilder }>()
    for (const partition of unbuffered) {
      const position = this.positionForPartition(partition)
      const node = this.maybeNodeForPosition(partition, position, nowMs)
      if (node === null || !this.canFetchFrom(node, bufferedNodes)) continue
      let target = fetchable.get(node.id)
      if (target === undefined) {
        target = { node, builder: this.sessionHandlerOf(node).newBuilder() }
        fetchable.set(node.id, target)
      }
      target.builder.add(partition, {
        topicId: topicIds.get(partition.topic) ?? Uuid.ZERO_UUID,
        fetchOffset: position.offset,
        maxBytes: this.fetchConfig.fetchSize,
        currentLeaderEpoch: position.currentLeader.epoch,
      })
    }
    return [...fetchable.values()].map(({ node, builder }) => this.prepare(node, builder))
  }

  /**
   * A last request for each session, so that the broker need not keep it until it is the oldest.
   */
  protected prepareCloseFetchSessionRequests(): PreparedFetch[] {
    const prepared: PreparedFetch[] = []
    const cluster = this.metadata.fetch()
    for (const [nodeId, handler] of this.sessionHandlers) {
      handler.notifyClose()
      const node = cluster.nodeById(nodeId)
      if (node === null || this.isUnavailable(node)) {
        this.logger.debug(`Skip closing the fetch session at node ${nodeId}: it is not reachable`)
        continue
      }
      prepared.push(this.prepare(node, handler.newBuilder()))
    }
    return prepared
  }

  /** The leader, or a replica near us that the leader has recommended. */
  selectReadReplica(partition: TopicPartition, leader: Node, nowMs: number): Node {
    const nodeId = this.subscriptions.preferredReadReplica(partition, nowMs)
    if (nodeId === null) return leader
    const node = this.metadata.fetch().nodeIfOnline(partition, nodeId)
    if (node !== null) return node
    // What we know may be old: ask again, and take the leader meanwhile.
    requestMetadataUpdate(this.metadata, this.subscriptions, partition)
    return leader
  }

  // ---- after it

  protected handleFetchSuccess(
    { node, data }: PreparedFetch,
    response: ClientResponse<typeof ApiKeys.FETCH>,
  ): void {
    this.nodesWithPendingFetchRequests.delete(node.id)
    const handler = this.sessionHandlers.get(node.id)
    if (handler === undefined || response.responseBody === null) {
      this.logger.error(
        `Ignoring a fetch response of node ${node.id}: it has no session or no body`,
      )
      return
    }
    const fetched = new FetchResponse(response.responseBody, response.requestHeader.apiVersion)
    if (!handler.handleResponse(fetched)) {
      if (fetched.error === Errors.FETCH_SESSION_TOPIC_ID_ERROR) this.metadata.requestUpdate(false)
      return
    }
    const newLeaders = new TopicPartitionMap<LeaderIdAndEpoch>()
    const partitions = fetched.responseData(handler.sessionTopicNames())
    const metricAggregator = new FetchMetricsAggregator(this.metricsManager, partitions.keys())
    for (const [partition, partitionData] of partitions) {
      this.bufferPartition(partition, partitionData, data, metricAggregator)
      const leader = newLeaderOf(partitionData)
      if (leader !== null) newLeaders.set(partition, leader)
    }
    if (newLeaders.size > 0) this.updateLeaders(newLeaders, fetched)
    this.metricsManager.recordLatency(response.destination, response.requestLatencyMs)
  }

  protected handleFetchFailure({ node }: PreparedFetch, error: Error): void {
    this.nodesWithPendingFetchRequests.delete(node.id)
    const handler = this.sessionHandlers.get(node.id)
    if (handler === undefined) return
    handler.handleError(error)
    for (const partition of handler.sessionTopicPartitions()) {
      this.subscriptions.clearPreferredReadReplica(partition)
    }
  }

  protected handleCloseFetchSessionSuccess({ node, data }: PreparedFetch): void {
    this.nodesWithPendingFetchRequests.delete(node.id)
    this.logger.debug(`Closed fetch session ${data.metadata.sessionId} at node ${node}`)
  }

  protected handleCloseFetchSessionFailure({ node, data }: PreparedFetch, error: Error): void {
    this.nodesWithPendingFetchRequests.delete(node.id)
    this.logger.debug(
      `Could not close fetch session ${data.metadata.sessionId} at node ${node}; the broker will ` +
        `drop it in time: ${error.message}`,
    )
  }

  /** Drops what is buffered. */
  protected closeBuffer(): void {
    this.fetchBuffer.close()
  }

  private prepare(node: Node, builder: FetchSessionBuilder): PreparedFetch {
    this.nodesWithPendingFetchRequests.add(node.id)
    return { node, data: builder.build() }
  }

  private sessionHandlerOf(node: Node): FetchSessionHandler {
    let handler = this.sessionHandlers.get(node.id)
    if (handler === undefined) {
      handler = new FetchSessionHandler(this.logger, node.id)
      this.sessionHandlers.set(node.id, handler)
    }
    return handler
  }

  private canFetchFrom(node: Node, bufferedNodes: ReadonlySet<number>): boolean {
    if (this.isUnavailable(node)) {
      this.maybeThrowAuthFailure(node)
      return false
    }
    return !this.nodesWithPendingFetchRequests.has(node.id) && !bufferedNodes.has(node.id)
  }

  private positionForPartition(partition: TopicPartition): FetchPosition {
    const position = this.subscriptions.position(partition)
    if (position === null) {
      throw new IllegalStateException(`Missing position for fetchable partition ${partition}`)
    }
    return position
  }

  private maybeNodeForPosition(
    partition: TopicPartition,
    position: FetchPosition,
    nowMs: number,
  ): Node | null {
    const { leader } = position.currentLeader
    if (leader !== null) return this.selectReadReplica(partition, leader, nowMs)
    this.logger.debug(`Asking for metadata: ${partition} at ${position} has no known leader`)
    this.metadata.requestUpdate(false)
    return null
  }

  /**
   * What is buffered but may not be handed out (paused, say) must not keep its node's other
   * partitions waiting.
   */
  private bufferedNodes(buffered: TopicPartitionSet, nowMs: number): ReadonlySet<number> {
    const ids = new Set<number>()
    for (const partition of buffered) {
      if (!this.subscriptions.isFetchable(partition)) continue
      const position = this.positionForPartition(partition)
      const node = this.maybeNodeForPosition(partition, position, nowMs)
      if (node !== null) ids.add(node.id)
    }
    return ids
  }

  private bufferPartition(
    partition: TopicPartition,
    partitionData: FetchedPartitionData,
    request: FetchRequestData,
    metricAggregator: FetchMetricsAggregator,
  ): void {
    const asked = request.sessionPartitions.get(partition)
    if (asked === undefined) {
      throw new IllegalStateException(
        `I2 the fetch response has partition ${partition}, which its request with ` +
          `${request.metadata} did not have`,
      )
    }
    this.fetchBuffer.add(
      new CompletedFetch({
        partition,
        partitionData,
        fetchOffset: asked.fetchOffset,
        metricAggregator,
        subscriptions: this.subscriptions,
        logger: this.logger,
        trace: this.trace,
      }),
    )
  }

  /**
   * The old leader has told us who the new one is (KIP-951): go there without asking for metadata
   * first.
   */
  private updateLeaders(
    newLeaders: TopicPartitionMap<LeaderIdAndEpoch>,
    response: FetchResponse,
  ): void {
    const leaderNodes = response.data.nodeEndpoints.map(
      (endpoint) => new Node(endpoint.nodeId, endpoint.host, endpoint.port, endpoint.rack),
    )
    for (const partition of this.metadata.updatePartitionLeadership(newLeaders, leaderNodes)) {
      this.subscriptions.maybeValidatePositionForCurrentLeader(
        this.apiVersions,
        partition,
        this.metadata.currentLeader(partition),
      )
    }
  }
}

const newLeaderOf = ({
  errorCode,
  currentLeader,
}: FetchedPartitionData): LeaderIdAndEpoch | null => {
  const error = Errors.forCode(errorCode)
  if (error !== Errors.NOT_LEADER_OR_FOLLOWER && error !== Errors.FENCED_LEADER_EPOCH) return null
  const { leaderId, leaderEpoch } = currentLeader
  return leaderId === -1 || leaderEpoch === -1 ? null : { leaderId, epoch: leaderEpoch }
}
