/**
 * A member of a group around a `MockClient`: one broker, which is the coordinator as well, time by
 * hand, and a subclass that shares nothing out but counts what it is called for.
 */

import { MockClient, type RequestMatcher } from '../../../src/clients/MockClient.ts'
import { WakeupException } from '../../../src/common/errors.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { Metrics } from '../../../src/common/metrics/Metrics.ts'
import { Node } from '../../../src/common/Node.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import type { Time } from '../../../src/common/Time.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import { AbstractCoordinator } from '../../../src/consumer/internals/AbstractCoordinator.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { ConsumerMetadata } from '../../../src/consumer/internals/ConsumerMetadata.ts'
import { ConsumerNetworkClient } from '../../../src/consumer/internals/ConsumerNetworkClient.ts'
import type { GroupMember, GroupProtocol } from '../../../src/consumer/internals/GroupContext.ts'
import type { GroupRebalanceConfig } from '../../../src/consumer/internals/GroupRebalanceConfig.ts'
import {
  HeartbeatLoop,
  type HeartbeatLoopOptions,
} from '../../../src/consumer/internals/HeartbeatLoop.ts'
import { RequestFuture } from '../../../src/consumer/internals/RequestFuture.ts'
import { SubscriptionState } from '../../../src/consumer/internals/SubscriptionState.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import type { JoinGroupResponseInput } from '../../../src/protocol/messages/JoinGroup.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { metadataResponse } from './ConsumerHarness.ts'

export const GROUP_ID = 'dummy-group'
export const PROTOCOL_TYPE = 'dummy'
export const PROTOCOL_NAME = 'dummy-subprotocol'
export const MEMBER_ID = 'memberId'
export const LEADER_ID = 'leaderId'
export const REBALANCE_TIMEOUT_MS = 60_000
export const SESSION_TIMEOUT_MS = 10_000
export const HEARTBEAT_INTERVAL_MS = 3000
export const RETRY_BACKOFF_MS = 100
export const REQUEST_TIMEOUT_MS = 40_000
export const UNKNOWN_GENERATION = -1

/** Shares nothing out, and counts. */
export class DummyCoordinator extends AbstractCoordinator {
  onJoinPrepareInvokes = 0
  onJoinCompleteInvokes = 0
  onLeavePrepareInvokes = 0
  wakeupOnJoinComplete = false
  /** Whether `onJoinPrepare` is done. */
  isPrepared = true
  skipped: boolean | null = null
  assignment: Uint8Array | null = null
  /** What `onLeaderElected` gives each member. */
  share = new Uint8Array(0)
  /** What `onLeaderElected` answers with, when it has been completed. */
  assigned: RequestFuture<ReadonlyMap<string, Uint8Array>> | null = null

  /** Asks for another join as often as this says, as a change of metadata would. */
  changesOfMetadata = 0

  override rejoinNeededOrPending(): boolean {
    if (super.rejoinNeededOrPending()) return true
    if (this.changesOfMetadata === 0) return false
    this.changesOfMetadata--
    this.requestRejoin('cached metadata has changed')
    return true
  }

  override protocolType(): string {
    return PROTOCOL_TYPE
  }

  override metadata(): GroupProtocol[] {
    return [{ name: PROTOCOL_NAME, metadata: new Uint8Array(0) }]
  }

  override onLeaderElected(
    _leaderId: string,
    _protocol: string,
    members: readonly GroupMember[],
    skipAssignment: boolean,
  ): RequestFuture<ReadonlyMap<string, Uint8Array>> {
    this.skipped = skipAssignment
    if (this.assigned !== null) return this.assigned
    const future = new RequestFuture<ReadonlyMap<string, Uint8Array>>()
    future.complete(new Map(members.map(({ memberId }) => [memberId, this.share])))
    return future
  }

  override async onJoinPrepare(): Promise<boolean> {
    this.onJoinPrepareInvokes++
    return this.isPrepared
  }

  override async onJoinComplete(
    _generation: number,
    _memberId: string,
    _protocol: string,
    assignment: Uint8Array,
  ): Promise<void> {
    if (this.wakeupOnJoinComplete) throw new WakeupException('Woken up in onJoinComplete')
    this.assignment = assignment
    this.onJoinCompleteInvokes++
  }

  override async onLeavePrepare(): Promise<void> {
    this.onLeavePrepareInvokes++
  }
}

/** A loop that a test steps through by itself. */
export class SteppedHeartbeatLoop extends HeartbeatLoop {
  timesEnabled = 0

  override start(): void {}

  override enable(): void {
    this.timesEnabled++
    super.enable()
  }
}

export interface DummyHarnessOptions {
  readonly retryBackoffMs?: number
  readonly retryBackoffMaxMs?: number
  readonly rebalanceTimeoutMs?: number
  readonly groupInstanceId?: string | null
  /** Default: the loop runs by itself. */
  readonly heartbeatLoopSupplier?: (options: HeartbeatLoopOptions) => HeartbeatLoop
}

export class DummyHarness<T extends Time = MockTime> {
  readonly time: T
  readonly logger = new RecordingLogger()
  readonly traceBus: TraceBus
  readonly metrics: Metrics
  readonly client: MockClient
  readonly consumerClient: ConsumerNetworkClient
  readonly coordinator: DummyCoordinator
  readonly metadata: ConsumerMetadata
  readonly node: Node
  /** As the coordinator's own connection is named. */
  readonly coordinatorNode: Node

  constructor(options: DummyHarnessOptions = {}, time: T = new MockTime() as Time as T) {
    const { logger } = this
    this.time = time
    this.traceBus = new TraceBus(time)
    const trace = this.traceBus.from('test')
    const random = new SeededRandom(1)
    const retryBackoffMs = options.retryBackoffMs ?? RETRY_BACKOFF_MS
    const retryBackoffMaxMs = options.retryBackoffMaxMs ?? 1000
    this.metadata = new ConsumerMetadata({
      refreshBackoffMs: retryBackoffMs,
      refreshBackoffMaxMs: retryBackoffMaxMs,
      metadataExpireMs: 3_600_000,
      allowAutoTopicCreation: false,
      subscriptions: new SubscriptionState(logger, AutoOffsetResetStrategy.EARLIEST),
      random,
      logger,
      trace,
    })
    const { metadata } = this
    this.client = new MockClient(time, metadata)
    this.consumerClient = new ConsumerNetworkClient({
      logger,
      client: this.client,
      metadata,
      time,
      trace,
      retryBackoffMs,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      maxPollTimeoutMs: HEARTBEAT_INTERVAL_MS,
    })
    this.metrics = new Metrics({ time })
    this.client.updateMetadata(metadataResponse())
    this.node = metadata.fetch().nodes[0]!
    this.coordinatorNode = new Node(2 ** 31 - 1 - this.node.id, this.node.host, this.node.port)
    const rebalanceConfig: GroupRebalanceConfig = {
      groupId: GROUP_ID,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? REBALANCE_TIMEOUT_MS,
      heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
      groupInstanceId: options.groupInstanceId ?? null,
      rackId: null,
      retryBackoffMs,
      retryBackoffMaxMs,
    }
    const { heartbeatLoopSupplier } = options
    this.coordinator = new DummyCoordinator({
      rebalanceConfig,
      logger,
      client: this.consumerClient,
      metrics: this.metrics,
      metricGrpPrefix: 'consumer',
      time,
      random,
      trace,
      ...(heartbeatLoopSupplier && { heartbeatLoopSupplier }),
    })
  }

  // ---- answers that are prepared

  prepareFindCoordinator(error = Errors.NONE): void {
    this.client.prepareResponse(ApiKeys.FIND_COORDINATOR, this.found(error))
  }

  found(error: WireError = Errors.NONE) {
    const { id, host, port } = this.node
    return {
      coordinators: [
        { key: GROUP_ID, nodeId: id, host, port, errorCode: error.code, errorMessage: '' },
      ],
    }
  }

  prepareJoin(
    response: JoinGroupResponseInput = joined(),
    matcher?: RequestMatcher<typeof ApiKeys.JOIN_GROUP>,
  ): void {
    this.client.prepareResponse(ApiKeys.JOIN_GROUP, response, matcher && { matcher })
  }

  prepareSync(
    error = Errors.NONE,
    matcher?: RequestMatcher<typeof ApiKeys.SYNC_GROUP>,
    protocol: { protocolType?: string | null; protocolName?: string | null } = {},
  ): void {
    const response = { errorCode: error.code, assignment: new Uint8Array(0), ...protocol }
    this.client.prepareResponse(ApiKeys.SYNC_GROUP, response, matcher && { matcher })
  }

  prepareHeartbeat(error = Errors.NONE, matcher?: RequestMatcher<typeof ApiKeys.HEARTBEAT>): void {
    const response = { errorCode: error.code }
    this.client.prepareResponse(ApiKeys.HEARTBEAT, response, matcher && { matcher })
  }

  respondHeartbeat(error = Errors.NONE): void {
    this.client.respond(ApiKeys.HEARTBEAT, { errorCode: error.code })
  }

  // ---- what tests do again and again

  /** The coordinator is known. */
  async findCoordinator(): Promise<void> {
    this.prepareFindCoordinator()
    await this.coordinator.ensureCoordinatorReady(this.time.timer(0))
  }

  /** Finds the coordinator and joins, generation 1. */
  async joinGroup(): Promise<void> {
    this.prepareFindCoordinator()
    this.prepareJoin()
    this.prepareSync()
    await this.coordinator.ensureActiveGroup()
  }

  /** Requests without an answer, by name. */
  asked(): string[] {
    return this.client.requests().map(({ apiKey }) => apiKey.name)
  }

  poll(timeoutMs = 0): Promise<void> {
    return this.consumerClient.poll(this.time.timer(timeoutMs))
  }

  close(): Promise<void> {
    return this.coordinator.close(this.time.timer(0), 'REMAIN_IN_GROUP')
  }
}

export interface JoinedOptions {
  readonly error?: WireError
  readonly generation?: number
  readonly memberId?: string
  readonly leader?: string
  readonly protocolType?: string | null
  readonly members?: JoinGroupResponseInput['members']
  readonly skipAssignment?: boolean
}

/** The answer to a follower's join; to a leader's, when `leader` is its own id. */
export const joined = (options: JoinedOptions = {}): JoinGroupResponseInput => ({
  errorCode: (options.error ?? Errors.NONE).code,
  generationId: options.generation ?? 1,
  protocolType: options.protocolType ?? null,
  protocolName: PROTOCOL_NAME,
  memberId: options.memberId ?? MEMBER_ID,
  leader: options.leader ?? LEADER_ID,
  members: options.members ?? [],
  skipAssignment: options.skipAssignment ?? false,
})

/** The answer that keeps a member out. */
export const refused = (error: WireError, memberId = MEMBER_ID): JoinGroupResponseInput =>
  joined({ error, generation: UNKNOWN_GENERATION, memberId, leader: '' })
