/**
 * A member of a group, and its talk with the one broker that coordinates the group.
 *
 *     ensureActiveGroup
 *       ensureCoordinatorReady    FindCoordinator: who coordinates us?       CoordinatorLookup
 *       joinGroupIfNeeded                                                    GroupJoin
 *         onJoinPrepare           give up, or commit, what was owned
 *         initiateJoinGroup       JoinGroup, SyncGroup                       GroupRequests
 *         onJoinComplete          take what we were given
 *
 *     meanwhile, and for ever     Heartbeat, every heartbeat.interval.ms     HeartbeatLoop
 *     close                       LeaveGroup
 *
 * What is shared out among the members, and how, is the subclass's: `protocolType` to
 * `onLeavePrepare`. The coordinator passes metadata and assignments on as bytes.
 *
 * In Java two threads meet here, and every method holds a lock. Here two loops interleave where
 * they await. Between two awaits nobody else runs; after one, what was read before may have
 * changed, and is read again. Where Java's lock is held across a wait, that is named: finding the
 * coordinator (`CoordinatorLookup`, I2) and leaving (`maybeLeaveGroup`).
 *
 * I1  When `joinGroupIfNeeded` has returned true, the member was `STABLE` and heartbeats went out.
 * I2  Nothing that goes wrong in the background gets lost: `pollHeartbeat` throws it.
 * I3  After `close` no loop runs and no timer is left.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator
 * @simplified no client telemetry.
 */

import { RETRY_BACKOFF_EXP_BASE, RETRY_BACKOFF_JITTER } from '../../clients/CommonClientConfigs.ts'
import { NO_TIMEOUT_MS } from '../../clients/KafkaClient.ts'
import { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import type { Time } from '../../common/Time.ts'
import type { Timer } from '../../common/Timer.ts'
import type { Trace } from '../../common/Trace.ts'
import type { WireError } from '../../protocol/Errors.ts'
import type { GroupMembershipOperation } from '../CloseOptions.ts'
import type { AbstractCoordinatorOptions } from './AbstractCoordinatorOptions.ts'
import type { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import { CoordinatorLookup } from './CoordinatorLookup.ts'
import type { HandlingCoordinator } from './CoordinatorResponseHandler.ts'
import type { Generation } from './Generation.ts'
import type { GroupMember, GroupProtocol, GroupProtocolType } from './GroupContext.ts'
import { GroupCoordinatorMetrics } from './GroupCoordinatorMetrics.ts'
import { GroupJoin, type JoiningMember } from './GroupJoin.ts'
import { GroupMembership } from './GroupMembership.ts'
import type { GroupRebalanceConfig } from './GroupRebalanceConfig.ts'
import { GroupRequests } from './GroupRequests.ts'
import { Heartbeat } from './Heartbeat.ts'
import { HeartbeatKeeper } from './HeartbeatKeeper.ts'
import { type BeatingCoordinator, HeartbeatLoop } from './HeartbeatLoop.ts'
import type { MemberState } from './MemberState.ts'
import type { RequestFuture } from './RequestFuture.ts'

export abstract class AbstractCoordinator
  implements BeatingCoordinator, GroupProtocolType, HandlingCoordinator, JoiningMember
{
  protected readonly logger: Logger
  protected readonly time: Time
  protected readonly client: ConsumerNetworkClient
  protected readonly trace: Trace
  protected readonly rebalanceConfig: GroupRebalanceConfig
  protected readonly retryBackoff: ExponentialBackoff
  protected readonly sensors: GroupCoordinatorMetrics
  readonly heartbeat: Heartbeat
  /** Who this member is, and how far. Changed by answers; outside of tests by nobody else. */
  readonly membership: GroupMembership
  private readonly lookup: CoordinatorLookup
  private readonly requests: GroupRequests
  private readonly join: GroupJoin
  private readonly keeper: HeartbeatKeeper

  constructor(options: AbstractCoordinatorOptions) {
    const { rebalanceConfig: config, logger, client, time, trace, random } = options
    this.rebalanceConfig = config
    this.logger = logger
    this.client = client
    this.time = time
    this.trace = trace
    this.retryBackoff = new ExponentialBackoff(
      config.retryBackoffMs,
      RETRY_BACKOFF_EXP_BASE,
      config.retryBackoffMaxMs,
      RETRY_BACKOFF_JITTER,
      random,
    )
    const heartbeat = new Heartbeat(config, time, random)
    this.heartbeat = heartbeat
    this.sensors = new GroupCoordinatorMetrics({
      metrics: options.metrics,
      metricGrpPrefix: options.metricGrpPrefix,
      lastHeartbeatSendMs: () => heartbeat.lastHeartbeatSend(),
    })
    this.membership = new GroupMembership(logger)
    const shared = { logger, client, time, trace, config }
    this.lookup = new CoordinatorLookup({
      ...shared,
      retryBackoff: this.retryBackoff,
      onFound: () => heartbeat.resetSessionTimeout(),
    })
    const context = {
      ...shared,
      sensors: this.sensors,
      membership: this.membership,
      coordinator: this,
      enableHeartbeat: () => this.keeper.enable(),
    }
    this.requests = new GroupRequests(context, () => this.checkAndGetCoordinator())
    this.join = new GroupJoin(context, this, () => this.sendJoinGroupRequest())
    const { retryBackoffMs } = config
    const loopOptions = { logger, time, heartbeat, retryBackoffMs, coordinator: this }
    const supplier = options.heartbeatLoopSupplier ?? ((given) => new HeartbeatLoop(given))
    const state = (): MemberState => this.memberState()
    this.keeper = new HeartbeatKeeper(heartbeat, state, () => supplier(loopOptions))
  }

  // ---- what a subclass fills in: see `GroupProtocolType` and `JoiningMember`

  abstract protocolType(): string
  abstract metadata(): readonly GroupProtocol[]
  abstract onJoinPrepare(timer: Timer, generation: number, memberId: string): Promise<boolean>
  abstract onLeaderElected(
    leaderId: string,
    protocol: string,
    members: readonly GroupMember[],
    skipAssignment: boolean,
  ): RequestFuture<ReadonlyMap<string, Uint8Array>>
  abstract onJoinComplete(
    generation: number,
    memberId: string,
    protocol: string,
    assignment: Uint8Array,
  ): Promise<void>

  /** Called before the member leaves because its program wants to; not when it is thrown out. */
  async onLeavePrepare(): Promise<void> {}

  // ---- the coordinator

  /**
   * Finds the coordinator, if it is not known.
   *
   * @returns `false` only when the time is over
   */
  ensureCoordinatorReady(timer: Timer): Promise<boolean> {
    return this.lookup.ensureCoordinatorReady(timer, false)
  }

  /** One try without waiting, and without a `WakeupException`. */
  ensureCoordinatorReadyAsync(): Promise<boolean> {
    return this.lookup.ensureCoordinatorReady(this.time.timer(0), true)
  }

  /** Asks for the coordinator, if nobody does yet; settled by a later poll. */
  lookupCoordinator(): RequestFuture<void> {
    return this.lookup.lookupCoordinator()
  }

  coordinatorUnknown(): boolean {
    return this.lookup.coordinatorUnknown()
  }

  /** `null`: unknown, or its connection has just failed. */
  checkAndGetCoordinator(): Node | null {
    return this.lookup.checkAndGetCoordinator()
  }

  /** As it was found last, without a look at the connection. */
  coordinator(): Node | null {
    return this.lookup.coordinator()
  }

  /** @param isDisconnected default: `false`, and then its connection is closed */
  markCoordinatorUnknown(cause: WireError | string, isDisconnected = false): void {
    this.lookup.markCoordinatorUnknown(cause, isDisconnected)
  }

  // ---- joining

  /**
   * Makes sure that the member is in the present round of its group.
   *
   * @param timer default: without limit
   * @returns `false` when the time was over first
   */
  async ensureActiveGroup(timer: Timer = this.time.timer(NO_TIMEOUT_MS)): Promise<boolean> {
    // Also without a need to join: a heartbeat may have lost the coordinator meanwhile.
    if (!(await this.ensureCoordinatorReady(timer))) return false
    this.keeper.startIfNeeded()
    return this.joinGroupIfNeeded(timer)
  }

  /** As `ensureActiveGroup`, without a heartbeat loop. */
  joinGroupIfNeeded(timer: Timer): Promise<boolean> {
    return this.join.joinGroupIfNeeded(timer)
  }

  /** Sends the join alone. For tests. */
  sendJoinGroupRequest(): RequestFuture<Uint8Array> {
    return this.requests.sendJoinGroupRequest()
  }

  /** A join is needed, or one is under way that must be finished. */
  rejoinNeededOrPending(): boolean {
    return this.join.isNeededOrPending()
  }

  /**
   * The member joins again with the next `poll`.
   *
   * @param shortReason what the coordinator is told (KIP-800)
   * @param fullReason for the log. Default: the same
   */
  requestRejoin(shortReason: string, fullReason?: string): void {
    this.membership.requestRejoin(shortReason, fullReason)
  }

  /** As `requestRejoin`, unless a rejoin is wanted already. */
  requestRejoinIfNecessary(shortReason: string, fullReason?: string): void {
    if (!this.membership.rejoinNeeded) this.requestRejoin(shortReason, fullReason)
  }

  // ---- who this member is

  /** Also in the middle of a rebalance: known from the answer to JoinGroup on. */
  generation(): Generation {
    return this.membership.generation
  }

  generationIfStable(): Generation | null {
    return this.membership.state === 'STABLE' ? this.membership.generation : null
  }

  rebalanceInProgress(): boolean {
    const { state } = this.membership
    return state === 'PREPARING_REBALANCE' || state === 'COMPLETING_REBALANCE'
  }

  /** `''`: none. */
  memberId(): string {
    return this.generation().memberId
  }

  memberState(): MemberState {
    return this.membership.state
  }

  /** Whether it has no name of its own (`group.instance.id`). */
  isDynamicMember(): boolean {
    return this.rebalanceConfig.groupInstanceId === null
  }

  /** @param api the name of the request whose answer `error` is */
  resetStateOnResponseError(api: string, error: WireError, shouldResetMemberId: boolean): void {
    this.membership.resetStateOnResponseError(api, error, shouldResetMemberId)
  }

  resetStateAndGeneration(reason: string, shouldResetMemberId: boolean): void {
    this.membership.resetStateAndGeneration(reason, shouldResetMemberId)
  }

  // ---- heartbeats

  /**
   * The program polls: it is there. To be called at least every `max.poll.interval.ms`.
   *
   * @throws what ended the heartbeat loop; the next call starts a new one
   */
  pollHeartbeat(nowMs: number): void {
    this.keeper.poll(nowMs)
  }

  /**
   * Milliseconds; without limit while no heartbeat is wanted.
   *
   * @throws what ended the heartbeat loop
   */
  timeToNextHeartbeat(nowMs: number): number {
    return this.keeper.timeToNext(nowMs)
  }

  /** Sends one, due or not. */
  sendHeartbeatRequest(): RequestFuture<void> {
    return this.requests.sendHeartbeatRequest()
  }

  /** The present loop; `null` before the first join, and after a failure. */
  heartbeatLoop(): HeartbeatLoop | null {
    return this.keeper.current()
  }

  /** For the heartbeat loop: a round of I/O that does not wait. */
  pollNoWakeup(): Promise<void> {
    return this.client.pollNoWakeup()
  }

  /** For the heartbeat loop: looks for the coordinator without waiting. */
  lookupInBackground(): void {
    this.lookup.lookupInBackground()
  }

  /** The program has been away for longer than `max.poll.interval.ms`. */
  async handlePollTimeoutExpiry(): Promise<void> {
    this.logger.warn(
      'consumer poll timeout has expired. This means the time between subsequent calls to poll() ' +
        'was longer than the configured max.poll.interval.ms, which typically implies that the ' +
        'poll loop is spending too much time processing messages. You can address this either by ' +
        'increasing max.poll.interval.ms or by reducing the maximum size of batches returned in ' +
        'poll() with max.poll.records.',
    )
    await this.maybeLeaveGroup('DEFAULT', 'consumer poll timeout has expired.')
  }

  // ---- leaving

  /**
   * Forgets the group, and tells the coordinator so if `operation` and the kind of member ask for
   * it.
   *
   * The state is reset before the request goes out, not after: between the two the heartbeat loop
   * may take a turn, and must find a member that has left. In Java a lock keeps it out.
   *
   * @param reason what the coordinator is told, and the log
   * @returns the answer to come; `null` when nobody was told
   */
  async maybeLeaveGroup(
    operation: GroupMembershipOperation,
    reason: string,
  ): Promise<RequestFuture<void> | null> {
    const coordinator = this.checkAndGetCoordinator()
    const future =
      coordinator !== null && this.shouldSendLeaveGroupRequest(operation)
        ? this.requests.sendLeaveGroupRequest(coordinator, reason)
        : null
    this.resetGenerationOnLeaveGroup()
    if (future !== null) await this.client.pollNoWakeup()
    return future
  }

  /** The member has left, or is about to. */
  resetGenerationOnLeaveGroup(): void {
    this.membership.resetStateAndRejoin('consumer pro-actively leaving the group', true)
  }

  /**
   * Ends the heartbeat loop, leaves, and waits for what is under way to the coordinator: commits,
   * and the leave itself.
   *
   * @param timer default: no wait
   */
  async close(
    timer: Timer = this.time.timer(0),
    operation: GroupMembershipOperation = 'DEFAULT',
  ): Promise<void> {
    await this.keeper.close()
    await this.onLeavePrepare()
    await this.maybeLeaveGroup(operation, 'the consumer is being closed')
    const coordinator = this.checkAndGetCoordinator()
    if (coordinator === null) return
    if (await this.client.awaitPendingRequests(coordinator, timer)) return
    const pending = this.client.pendingRequestCount(coordinator)
    this.logger.warn(
      `Close timed out with ${pending} pending requests to coordinator, terminating client ` +
        'connections',
    )
  }

  toString(): string {
    return `${this.constructor.name}(${this.membership}, ${this.lookup}, ${this.keeper})`
  }

  private shouldSendLeaveGroupRequest(operation: GroupMembershipOperation): boolean {
    const { generation, state } = this.membership
    if (state === 'UNJOINED' || !generation.hasMemberId()) return false
    return operation === 'LEAVE_GROUP' || (operation === 'DEFAULT' && this.isDynamicMember())
  }
}
