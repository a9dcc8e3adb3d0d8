/**
 * A consumer as a member of its group: what the partitions are for `AbstractCoordinator`, which
 * knows only bytes.
 *
 *     poll ┬ topics changed?            SubscribedTopicsWatch
 *          ├ callbacks of commits       OffsetCommitter
 *          ├ rejoin needed?
 *          │   onJoinPrepare            commit, give up what must go   ConsumerCoordinatorProtocols
 *          │   onLeaderElected          who gets what                  ConsumerCoordinatorLeader
 *          │   onJoinComplete           take what we were given
 *          └ commit due?                AutoCommit
 *
 * Three things make a member join again: the coordinator says so, its subscription has changed, or
 * (for the leader) the topics have.
 *
 * The listener is told in this order, whatever it or the assignor throws: first what goes, while it
 * is still ours; then the assignment changes; then what has come. The first error is thrown at the
 * end.
 *
 * I1  The assignment changes after `onPartitionsRevoked` and before `onPartitionsAssigned`.
 * I2  What was owned in a generation that is over is lost, not revoked: nothing of it can be
 *     committed.
 * I3  Before partitions are given up, what was read of them is committed, if that is automatic and
 *     possible within the time that the group waits for us.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerCoordinator
 * @simplified a commit before a join that a wakeup ended is made again, which Java leaves out; and
 *   without a group a poll looks at the network only while something is under way.
 */

import type { Cluster } from '../../common/Cluster.ts'
import { IllegalStateException, KafkaException } from '../../common/errors.ts'
import type { Timer } from '../../common/Timer.ts'
import type { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { GroupMembershipOperation } from '../CloseOptions.ts'
import { ConsumerGroupMetadata } from '../ConsumerGroupMetadata.ts'
import type { ConsumerPartitionAssignor, RebalanceProtocol } from '../ConsumerPartitionAssignor.ts'
import type { OffsetCommitCallback } from '../OffsetCommitCallback.ts'
import { Subscription } from '../Subscription.ts'
import { AbstractCoordinator } from './AbstractCoordinator.ts'
import type { AbstractCoordinatorOptions } from './AbstractCoordinatorOptions.ts'
import { AutoCommit } from './AutoCommit.ts'
import { CommittedOffsetsFetcher, refreshCommittedOffsets } from './CommittedOffsetsFetcher.ts'
import {
  ConsumerCoordinatorLeader,
  lookupAssignor,
  type SerializedAssignments,
} from './ConsumerCoordinatorLeader.ts'
import { ConsumerCoordinatorMetrics } from './ConsumerCoordinatorMetrics.ts'
import { selectRebalanceProtocol } from './ConsumerCoordinatorProtocols.ts'
import type { ConsumerMetadata } from './ConsumerMetadata.ts'
import { serializeSubscription } from './ConsumerProtocol.ts'
import { ConsumerRebalance } from './ConsumerRebalance.ts'
import { ConsumerRebalanceListenerInvoker } from './ConsumerRebalanceListenerInvoker.ts'
import type { GroupMember, GroupProtocol } from './GroupContext.ts'
import { OffsetCommitter, type Offsets } from './OffsetCommitter.ts'
import type { CommittedOffsets } from './OffsetFetchResponseHandler.ts'
import { RebalanceCallbackMetricsManager } from './RebalanceCallbackMetricsManager.ts'
import type { RequestFuture } from './RequestFuture.ts'
import { SubscribedTopicsWatch } from './SubscribedTopicsWatch.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

/** What `protocolType` says for consumers: members of another kind cannot be in the group. */
const PROTOCOL_TYPE = 'consumer'

export interface ConsumerCoordinatorOptions extends AbstractCoordinatorOptions {
  /** In order of preference. None: no topics can be subscribed to. */
  readonly assignors: readonly ConsumerPartitionAssignor[]
  readonly metadata: ConsumerMetadata
  readonly subscriptions: SubscriptionState
  /** `enable.auto.commit` */
  readonly autoCommitEnabled: boolean
  /** `auto.commit.interval.ms` */
  readonly autoCommitIntervalMs: number
  /** Told of every commit that succeeded; `null`: nobody. */
  readonly interceptors?: { onCommit(offsets: Offsets): void } | null
  /** Whether a broker too old to wait for open transactions is an error. Default `false`. */
  readonly throwOnFetchStableOffsetsUnsupported?: boolean
}

export class ConsumerCoordinator extends AbstractCoordinator {
  readonly committer: OffsetCommitter
  private readonly assignors: readonly ConsumerPartitionAssignor[]
  private readonly metadataOfCluster: ConsumerMetadata
  private readonly subscriptions: SubscriptionState
  private readonly protocol: RebalanceProtocol | null
  private readonly watch: SubscribedTopicsWatch
  private readonly leader: ConsumerCoordinatorLeader
  private readonly autoCommit: AutoCommit | null
  private readonly committedOffsets: CommittedOffsetsFetcher
  private readonly rebalance: ConsumerRebalance
  private leads = false
  private memberOfGroup: ConsumerGroupMetadata

  /** @throws IllegalArgumentException when the assignors have no rebalance protocol in common */
  constructor(options: ConsumerCoordinatorOptions) {
    super(options)
    const { assignors, logger, metadata, subscriptions, time, trace, client } = options
    const { rebalanceConfig: config, metrics, metricGrpPrefix } = options
    const { groupId, groupInstanceId, rackId } = config
    this.assignors = assignors
    this.metadataOfCluster = metadata
    this.subscriptions = subscriptions
    this.protocol = selectRebalanceProtocol(assignors)
    this.memberOfGroup = new ConsumerGroupMetadata(groupId, undefined, undefined, groupInstanceId)
    this.watch = new SubscribedTopicsWatch({ time, client, metadata, subscriptions, rackId })
    const { watch, protocol } = this
    this.leader = new ConsumerCoordinatorLeader({ logger, metadata, watch, protocol })
    const shared = { logger, client, config, subscriptions }
    this.committer = new OffsetCommitter({
      ...shared,
      trace,
      member: this,
      retryBackoff: this.retryBackoff,
      metrics: new ConsumerCoordinatorMetrics({ metrics, metricGrpPrefix, subscriptions }),
      interceptors: options.interceptors ?? null,
    })
    this.autoCommit = options.autoCommitEnabled ? this.newAutoCommit(options) : null
    this.committedOffsets = new CommittedOffsetsFetcher({
      logger,
      client,
      member: this,
      groupId,
      retryBackoff: this.retryBackoff,
      throwOnFetchStableOffsetsUnsupported: options.throwOnFetchStableOffsetsUnsupported ?? false,
    })
    const metricsManager = new RebalanceCallbackMetricsManager(metrics, metricGrpPrefix)
    this.rebalance = new ConsumerRebalance({
      ...shared,
      time,
      protocol,
      autoCommit: this.autoCommit,
      invoker: new ConsumerRebalanceListenerInvoker({
        logger,
        subscriptions,
        time,
        metricsManager,
      }),
    })
    metadata.requestUpdate(true)
  }

  // ---- what a consumer does with it

  /**
   * Keeps the member in its group: finds the coordinator, joins if that is needed, runs callbacks
   * that are due, and commits when the time has come.
   *
   * @param waitForJoinGroup `false`: a join is begun and carried on, but not waited for
   * @returns `false` when the time was over first
   * @throws what a listener, a callback or the assignor has thrown, and what keeps the member out
   */
  async poll(timer: Timer, waitForJoinGroup = true): Promise<boolean> {
    this.watch.maybeUpdateSubscriptionMetadata()
    this.committer.invokeCompletedOffsetCommitCallbacks()
    if (!this.subscriptions.hasAutoAssignedPartitions()) await this.pollWithoutGroup(timer)
    else if (!(await this.pollGroup(timer, waitForJoinGroup))) return false
    this.maybeAutoCommitOffsetsAsync(timer.currentTimeMs())
    return true
  }

  /** Milliseconds until `poll` should be called again at the latest. */
  timeToNextPoll(nowMs: number): number {
    const heartbeatMs = this.timeToNextHeartbeat(nowMs)
    return this.autoCommit === null
      ? heartbeatMs
      : Math.min(this.autoCommit.remainingMs(), heartbeatMs)
  }

  groupMetadata(): ConsumerGroupMetadata {
    return this.memberOfGroup
  }

  /** Whether this member has assigned the partitions of the present generation. */
  isLeader(): boolean {
    return this.leads
  }

  /** What all assignors support; `null` without assignors. */
  getProtocol(): RebalanceProtocol | null {
    return this.protocol
  }

  updatePatternSubscription(cluster: Cluster): void {
    this.watch.updatePatternSubscription(cluster)
  }

  /** Commits the positions once more, leaves, and ends. */
  override async close(timer?: Timer, operation?: GroupMembershipOperation): Promise<void> {
    const deadline = timer ?? this.time.timer(0)
    // Nothing is left to wake up for.
    this.client.disableWakeups()
    try {
      await this.autoCommit?.commitSync(deadline)
      await this.committer.awaitPendingAsyncCommits(deadline)
    } finally {
      await super.close(deadline, operation)
    }
  }

  // ---- offsets: see OffsetCommitter, AutoCommit and CommittedOffsetsFetcher

  commitOffsetsSync(offsets: Offsets, timer: Timer): Promise<boolean> {
    return this.committer.commitOffsetsSync(offsets, timer)
  }

  commitOffsetsAsync(
    offsets: Offsets,
    callback: OffsetCommitCallback | null = null,
  ): RequestFuture<void> | null {
    return this.committer.commitOffsetsAsync(offsets, callback)
  }

  invokeCompletedOffsetCommitCallbacks(): void {
    this.committer.invokeCompletedOffsetCommitCallbacks()
  }

  maybeAutoCommitOffsetsAsync(nowMs: number): void {
    this.autoCommit?.maybeCommitAsync(nowMs)
  }

  /** `null` when the time is over; a partition without commit has `null`. */
  fetchCommittedOffsets(
    partitions: TopicPartitionSet,
    timer: Timer,
  ): Promise<CommittedOffsets | null> {
    return this.committedOffsets.fetchCommittedOffsets(partitions, timer)
  }

  /**
   * Lets partitions without position begin where the group stopped.
   *
   * @returns `false` when the time was over first
   */
  async initWithCommittedOffsetsIfNeeded(timer: Timer): Promise<boolean> {
    const initializing = this.subscriptions.initializingPartitions()
    const offsets = await this.fetchCommittedOffsets(initializing, timer)
    if (offsets === null) return false
    refreshCommittedOffsets(offsets, this.metadataOfCluster, this.subscriptions, this.logger)
    return true
  }

  // ---- what AbstractCoordinator asks for

  override protocolType(): string {
    return PROTOCOL_TYPE
  }

  /** What we want and what we have, once for each assignor. */
  override metadata(): readonly GroupProtocol[] {
    const topics = this.subscriptions.subscription()
    this.watch.joinedWith(topics)
    this.logger.debug(`Joining group with current subscription: [${[...topics]}]`)
    return this.assignors.map((assignor) => {
      const subscription = new Subscription([...topics], {
        userData: assignor.subscriptionUserData?.(topics) ?? null,
        ownedPartitions: this.subscriptions.assignedPartitionsList(),
        generationId: this.generation().generationId,
        rackId: this.rebalanceConfig.rackId,
      })
      return { name: assignor.name(), metadata: serializeSubscription(subscription) }
    })
  }

  override async onJoinPrepare(
    timer: Timer,
    generationId: number,
    memberId: string,
  ): Promise<boolean> {
    this.logger.debug(`Executing onJoinPrepare, generation ${generationId}, member ${memberId}`)
    try {
      if (!(await this.rebalance.commitBeforeJoin(timer))) return false
    } catch (error) {
      // Nobody has been told yet: the next call begins here again.
      this.membership.needsJoinPrepare = true
      throw error
    }
    const error = await this.rebalance.giveUpBeforeJoin(generationId, memberId)
    this.leads = false
    this.subscriptions.resetGroupSubscription()
    timer.update()
    if (error !== null) throw listenerFailure(error)
    return true
  }

  override onLeaderElected(
    _leaderId: string,
    protocol: string,
    members: readonly GroupMember[],
    skipAssignment: boolean,
  ): RequestFuture<SerializedAssignments> {
    const assignor = lookupAssignor(this.assignors, protocol)
    const { generationId } = this.generation()
    this.leads = true
    return this.leader.lead({ assignor, members, skipAssignment, generationId })
  }

  override async onJoinComplete(
    generationId: number,
    memberId: string,
    protocol: string,
    bytes: Uint8Array,
  ): Promise<void> {
    this.logger.debug(`Executing onJoinComplete, generation ${generationId}, member ${memberId}`)
    if (!this.leads) this.watch.forgetAssignment()
    const assignor = lookupAssignor(this.assignors, protocol)
    const { groupId, groupInstanceId } = this.rebalanceConfig
    this.memberOfGroup = new ConsumerGroupMetadata(groupId, generationId, memberId, groupInstanceId)
    const assignment = this.rebalance.assignmentFrom(bytes)
    if (!this.subscriptions.checkAssignmentMatchedSubscription(assignment.partitions)) {
      this.requestRejoin(
        'received assignment does not match the current subscription',
        `received assignment [${assignment.partitions.join(', ')}] does not match the current ` +
          `subscription ${this.subscriptions.prettyString()}; it has probably changed since we ` +
          'joined the group',
      )
      return
    }
    const error = await this.rebalance.takeAssignment(assignment, {
      requestRejoin: (shortReason, fullReason) => this.requestRejoin(shortReason, fullReason),
      beforeChange: () => {
        this.watch.maybeUpdateJoinedSubscription(assignment.partitions)
        return this.rebalance.tellAssignor(assignor, assignment, this.memberOfGroup)
      },
    })
    if (error instanceof KafkaException) throw error
    if (error !== null) throw listenerFailure(error)
  }

  override async onLeavePrepare(): Promise<void> {
    const generation = this.generation()
    this.logger.debug(`Executing onLeavePrepare with generation ${generation}`)
    if (!this.subscriptions.hasAutoAssignedPartitions()) return
    const error = await this.rebalance.giveUpEverything(generation, this.rebalanceInProgress())
    if (error !== null) throw listenerFailure(error)
  }

  override rejoinNeededOrPending(): boolean {
    if (!this.subscriptions.hasAutoAssignedPartitions()) return false
    const reason = this.watch.reasonToRejoin()
    if (reason === null) return super.rejoinNeededOrPending()
    this.requestRejoinIfNecessary(reason.short, reason.full)
    return true
  }

  private async pollGroup(timer: Timer, waitForJoinGroup: boolean): Promise<boolean> {
    if (this.protocol === null) {
      throw new IllegalStateException(
        'Topics cannot be subscribed to without an assignor: partition.assignment.strategy is ' +
          'empty.',
      )
    }
    // Before anything that may fail: the program is alive, even if the coordinator is not.
    const nowMs = timer.currentTimeMs()
    this.pollHeartbeat(nowMs)
    // A program that only computes gives no turn to the heartbeat loop: it gets one here.
    if (this.timeToNextHeartbeat(nowMs) === 0) await this.client.pollNoWakeup()
    if (this.coordinatorUnknown() && !(await this.ensureCoordinatorReady(timer))) return false
    if (!this.rejoinNeededOrPending()) return true
    const { subscriptions, watch } = this
    if (subscriptions.hasPatternSubscription() && !(await watch.refreshForPattern(timer))) {
      return false
    }
    if (await this.ensureActiveGroup(waitForJoinGroup ? timer : this.time.timer(0))) return true
    timer.update()
    return false
  }

  /**
   * With partitions of the program's own choice there is no group: only commits need the
   * coordinator, and a round of I/O only while some are under way.
   */
  private async pollWithoutGroup(timer: Timer): Promise<void> {
    const { client, metadataOfCluster: metadata } = this
    // With no connection at all a poll returns at once: wait for one, or the program would spin.
    if (metadata.updateRequested() && !client.hasReadyNodes(timer.currentTimeMs())) {
      await client.awaitMetadataUpdate(timer)
    }
    const coordinator = this.coordinator()
    const isUnderWay =
      this.committer.pendingAsyncCommits() > 0 ||
      (coordinator !== null && client.hasPendingRequests(coordinator))
    if (isUnderWay) await client.pollNoWakeup()
  }

  private newAutoCommit(options: ConsumerCoordinatorOptions): AutoCommit {
    const { logger, time, subscriptions, autoCommitIntervalMs, rebalanceConfig } = options
    return new AutoCommit({
      logger,
      time,
      subscriptions,
      committer: this.committer,
      intervalMs: autoCommitIntervalMs,
      retryBackoffMs: rebalanceConfig.retryBackoffMs,
    })
  }
}

const listenerFailure = (cause: Error): KafkaException =>
  new KafkaException(`User rebalance callback throws an error: ${cause.message}`, { cause })
