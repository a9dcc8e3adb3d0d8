/**
 * A `ConsumerCoordinator` around a `MockClient`: one broker that coordinates the group, topics
 * `test1` and `test2` with one partition each, time by hand, and a heartbeat loop that stands still
 * unless a test wants it to run.
 */

import { MockClient, type ResponseOptions } from '../../../src/clients/MockClient.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { Metrics } from '../../../src/common/metrics/Metrics.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import type { Timer } from '../../../src/common/Timer.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionMap } from '../../../src/common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../../../src/common/TopicPartitionSet.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import type {
  ConsumerPartitionAssignor,
  RebalanceProtocol,
} from '../../../src/consumer/ConsumerPartitionAssignor.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { ConsumerCoordinator } from '../../../src/consumer/internals/ConsumerCoordinator.ts'
import { ConsumerMetadata } from '../../../src/consumer/internals/ConsumerMetadata.ts'
import { ConsumerNetworkClient } from '../../../src/consumer/internals/ConsumerNetworkClient.ts'
import { HeartbeatLoop } from '../../../src/consumer/internals/HeartbeatLoop.ts'
import type { Offsets } from '../../../src/consumer/internals/OffsetCommitter.ts'
import { SubscriptionState } from '../../../src/consumer/internals/SubscriptionState.ts'
import { OffsetAndMetadata } from '../../../src/consumer/OffsetAndMetadata.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import type { JoinGroupRequestData } from '../../../src/protocol/messages/JoinGroup.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { type MetadataOptions, metadataResponse, nodes } from './ConsumerHarness.ts'
import {
  MockPartitionAssignor,
  RecordingListener,
  ThrowOnAssignmentAssignor,
} from './groupDoubles.ts'
import {
  committed,
  coordinatorIs,
  groupId,
  type JoinedAsLeaderOptions,
  joinedAsFollower,
  joinedAsLeader,
  synced,
} from './groupResponses.ts'

export const topic1 = 'test1'
export const topic2 = 'test2'
export const t1p = new TopicPartition(topic1, 0)
export const t2p = new TopicPartition(topic2, 0)
export const bothTopics = { [topic1]: 1, [topic2]: 1 }

export const rebalanceTimeoutMs = 60_000
export const sessionTimeoutMs = 10_000
export const heartbeatIntervalMs = 5000
export const retryBackoffMs = 100
export const autoCommitIntervalMs = 2000
export const requestTimeoutMs = 30_000

export const offsets = (...entries: (readonly [TopicPartition, number])[]): Offsets =>
  new TopicPartitionMap(
    entries.map(([partition, offset]) => [partition, new OffsetAndMetadata(offset)] as const),
  )

export interface CoordinatorHarnessOptions {
  readonly autoCommit?: boolean
  readonly groupInstanceId?: string
  readonly rackId?: string
  readonly assignors?: readonly ConsumerPartitionAssignor[]
  readonly includeInternalTopics?: boolean
  readonly throwOnFetchStableOffsetsUnsupported?: boolean
  readonly onCommit?: (offsets: Offsets) => void
  /** Whether heartbeats are sent. Default `false`. */
  readonly heartbeats?: boolean
}

export interface LeaderOptions extends JoinedAsLeaderOptions {
  /** Looks at the join; `false` fails the test. */
  readonly onJoin?: (request: JoinGroupRequestData) => boolean
  /** Something that happens when the sync is on its way. */
  readonly onSync?: () => void
}

export class CoordinatorHarness {
  readonly time = new MockTime()
  readonly logger = new RecordingLogger()
  readonly node = nodes(1)[0]!
  readonly metrics = new Metrics({ time: this.time })
  readonly listener = new RecordingListener()
  readonly assignor: MockPartitionAssignor
  readonly subscriptions: SubscriptionState
  readonly metadata: ConsumerMetadata
  readonly client: MockClient
  readonly consumerClient: ConsumerNetworkClient
  readonly coordinator: ConsumerCoordinator
  readonly traceBus = new TraceBus(this.time)

  constructor(protocol: RebalanceProtocol = 'EAGER', options: CoordinatorHarnessOptions = {}) {
    const { time, logger, metrics } = this
    const trace = this.traceBus.from('test')
    const random = new SeededRandom(1)
    this.assignor = new MockPartitionAssignor([protocol])
    this.subscriptions = new SubscriptionState(logger, AutoOffsetResetStrategy.EARLIEST)
    const { subscriptions } = this
    this.metadata = new ConsumerMetadata({
      refreshBackoffMs: 0,
      refreshBackoffMaxMs: 0,
      metadataExpireMs: Number.MAX_SAFE_INTEGER,
      allowAutoTopicCreation: false,
      includeInternalTopics: options.includeInternalTopics ?? false,
      subscriptions,
      random,
      logger,
      trace,
    })
    this.client = new MockClient(time, this.metadata)
    this.updateMetadata({ topics: bothTopics })
    this.consumerClient = new ConsumerNetworkClient({
      logger,
      client: this.client,
      metadata: this.metadata,
      time,
      trace,
      retryBackoffMs,
      requestTimeoutMs,
      maxPollTimeoutMs: 2 ** 31 - 1,
    })
    const throwing = new ThrowOnAssignmentAssignor([protocol], new Error('Kaboom for assignment!'))
    this.coordinator = new ConsumerCoordinator({
      rebalanceConfig: {
        groupId,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        heartbeatIntervalMs,
        groupInstanceId: options.groupInstanceId ?? null,
        rackId: options.rackId ?? null,
        retryBackoffMs,
        retryBackoffMaxMs: 1000,
      },
      logger,
      client: this.consumerClient,
      metrics,
      metricGrpPrefix: 'consumer',
      time,
      random,
      trace,
      assignors: options.assignors ?? [this.assignor, throwing],
      metadata: this.metadata,
      subscriptions,
      autoCommitEnabled: options.autoCommit ?? false,
      autoCommitIntervalMs,
      interceptors: options.onCommit === undefined ? null : { onCommit: options.onCommit },
      throwOnFetchStableOffsetsUnsupported: options.throwOnFetchStableOffsetsUnsupported ?? false,
      ...(options.heartbeats !== true && {
        heartbeatLoopSupplier: (given) => new SilentHeartbeatLoop(given),
      }),
    })
  }

  // ---- time

  timer(timeoutMs: number): Timer {
    return this.time.timer(timeoutMs)
  }

  /** Without limit, for what comes without waiting. */
  get forever(): Timer {
    return this.timer(Number.MAX_SAFE_INTEGER)
  }

  // ---- the group

  subscribe(...topics: string[]): void {
    this.subscriptions.subscribe(new Set(topics), this.listener)
  }

  subscribeToPattern(pattern: RegExp): void {
    this.subscriptions.subscribe(pattern, this.listener)
  }

  assignByHand(...partitions: TopicPartition[]): void {
    this.subscriptions.assignFromUser(new TopicPartitionSet(partitions))
  }

  assigned(): TopicPartition[] {
    return [...this.subscriptions.assignedPartitions()]
  }

  updateMetadata(options: MetadataOptions): void {
    this.client.updateMetadata(metadataResponse({ nodes: [this.node], ...options }))
  }

  prepareMetadataUpdate(options: MetadataOptions): void {
    this.client.prepareMetadataUpdate(metadataResponse({ nodes: [this.node], ...options }))
  }

  /** All partitions that the metadata has, in order. */
  partitionsKnown(): TopicPartition[] {
    const cluster = this.metadata.fetch()
    return cluster
      .topics()
      .sort()
      .flatMap((topic) => cluster.partitionsForTopic(topic))
      .map(({ topic, partition }) => new TopicPartition(topic, partition))
  }

  prepareCoordinator(error: WireError = Errors.NONE): void {
    this.client.prepareResponse(ApiKeys.FIND_COORDINATOR, coordinatorIs(this.node, error))
  }

  async findCoordinator(): Promise<void> {
    this.prepareCoordinator()
    await this.coordinator.ensureCoordinatorReady(this.forever)
  }

  /** As `findCoordinator`, for a question that is under way. */
  async respondWithCoordinator(): Promise<void> {
    this.client.respond(ApiKeys.FIND_COORDINATOR, coordinatorIs(this.node))
    await this.coordinator.ensureCoordinatorReady(this.forever)
  }

  prepareJoinAsFollower(
    partitions: readonly TopicPartition[],
    generationId = 1,
    memberId = 'consumer',
  ): void {
    this.client.prepareResponse(ApiKeys.JOIN_GROUP, joinedAsFollower({ generationId, memberId }))
    this.client.prepareResponse(ApiKeys.SYNC_GROUP, synced(partitions), {
      matcher: (request) =>
        request.memberId === memberId &&
        request.generationId === generationId &&
        request.assignments.length === 0,
    })
  }

  /** The leader's way: the assignor gives `partitions` to `memberId`, default `consumer`. */
  prepareJoinAsLeader(partitions: readonly TopicPartition[], options: LeaderOptions = {}): void {
    this.client.prepareResponse(ApiKeys.JOIN_GROUP, joinedAsLeader(options), {
      matcher: (request) => options.onJoin?.(request) ?? true,
    })
    this.prepareSyncAsLeader(partitions, options)
  }

  /** As `prepareJoinAsLeader`, for a join that is under way. */
  respondToJoinAsLeader(partitions: readonly TopicPartition[], options: LeaderOptions = {}): void {
    this.client.respond(ApiKeys.JOIN_GROUP, joinedAsLeader(options), {
      matcher: (request) => options.onJoin?.(request) ?? true,
    })
    this.prepareSyncAsLeader(partitions, options)
  }

  private prepareSyncAsLeader(
    partitions: readonly TopicPartition[],
    { memberId = 'consumer', generationId = 1, skipAssignment = false, onSync }: LeaderOptions,
  ): void {
    if (!skipAssignment) this.assignor.prepare({ [memberId]: partitions })
    this.client.prepareResponse(ApiKeys.SYNC_GROUP, synced(partitions), {
      matcher: (request) => {
        onSync?.()
        return (
          request.memberId === memberId &&
          request.generationId === generationId &&
          (skipAssignment || request.assignments.some((share) => share.memberId === memberId))
        )
      },
    })
  }

  async joinAsFollower(...partitions: TopicPartition[]): Promise<void> {
    await this.findCoordinator()
    this.prepareJoinAsFollower(partitions)
    await this.coordinator.joinGroupIfNeeded(this.forever)
  }

  // ---- commits

  prepareCommit(
    expected: Offsets,
    error: WireError = Errors.NONE,
    options: ResponseOptions<typeof ApiKeys.OFFSET_COMMIT> = {},
  ): void {
    this.client.prepareResponse(ApiKeys.OFFSET_COMMIT, committed(partitionsOf(expected), error), {
      matcher: commits(expected),
      ...options,
    })
  }

  respondToCommit(expected: Offsets, error: WireError = Errors.NONE): void {
    const answer = committed(partitionsOf(expected), error)
    this.client.respond(ApiKeys.OFFSET_COMMIT, answer, { matcher: commits(expected) })
  }

  /** Lets what was sent in the background get out, and its answer arrive. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await this.consumerClient.pollNoWakeup()
  }

  inFlightAsyncCommits(): number {
    return this.coordinator.committer.inFlightAsyncCommits()
  }
}

/** Can be enabled and closed like any other, and never beats. */
class SilentHeartbeatLoop extends HeartbeatLoop {
  override start(): void {}
}

const partitionsOf = (expected: Offsets): TopicPartition[] =>
  [...expected].map(([partition]) => partition)

/** The request commits exactly these offsets. */
const commits =
  (expected: Offsets): NonNullable<ResponseOptions<typeof ApiKeys.OFFSET_COMMIT>['matcher']> =>
  ({ topics }) => {
    const found = topics.flatMap(({ name, partitions }) =>
      partitions.map(
        ({ partitionIndex, committedOffset }) => `${name}-${partitionIndex}@${committedOffset}`,
      ),
    )
    const wanted = [...expected].map(([partition, { offset }]) => `${partition}@${offset}`)
    return found.sort().join() === wanted.sort().join()
  }

/** Gives all promises that are settled, and what follows from them, their turn. */
export const microtasks = async (turns = 200): Promise<void> => {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve()
}
