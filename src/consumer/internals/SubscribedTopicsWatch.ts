/**
 * Notices that the topics have changed in a way that concerns the group: a topic that fits the
 * pattern has come or gone, or one that somebody in the group reads has got more partitions.
 *
 * Every member watches its own pattern. The rest is watched by the leader alone, for all: else each
 * member would ask for a rebalance as soon as it hears of the change, one after the other.
 *
 *     new metadata ─► maybeUpdateSubscriptionMetadata ─► pattern: other topics? subscribe to them
 *                                                    └─► snapshot
 *     subscription ─── differs from that of the last join? rejoin
 *     leader: the snapshot by which it has assigned  ─── differs from the newest? rejoin
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerCoordinator
 */

import type { Cluster } from '../../common/Cluster.ts'
import type { Time } from '../../common/Time.ts'
import type { Timer } from '../../common/Timer.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { ConsumerMetadata } from './ConsumerMetadata.ts'
import type { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import { RequestFuture } from './RequestFuture.ts'
import { SubscribedTopicsSnapshot } from './SubscribedTopicsSnapshot.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export interface SubscribedTopicsWatchOptions {
  readonly time: Time
  readonly client: ConsumerNetworkClient
  readonly metadata: ConsumerMetadata
  readonly subscriptions: SubscriptionState
  /** `client.rack`; `null`: not known */
  readonly rackId: string | null
}

/** For the coordinator, and for the log. */
export interface RejoinReason {
  readonly short: string
  readonly full: string
}

export class SubscribedTopicsWatch {
  private readonly options: SubscribedTopicsWatchOptions
  private metadataSnapshot: SubscribedTopicsSnapshot
  /** `null`: this member does not lead. */
  private assignmentSnapshot: SubscribedTopicsSnapshot | null = null
  /** As of the last join; `null` before. */
  private joinedSubscription: ReadonlySet<string> | null = null

  constructor(options: SubscribedTopicsWatchOptions) {
    this.options = options
    const { metadata } = options
    this.metadataSnapshot = this.snapshotOf(metadata.fetch(), metadata.updateVersion())
  }

  /** Looks at the metadata, if it is newer than what was looked at last. */
  maybeUpdateSubscriptionMetadata(): void {
    const { metadata, subscriptions } = this.options
    const version = metadata.updateVersion()
    if (version <= this.metadataSnapshot.version) return
    const cluster = metadata.fetch()
    if (subscriptions.hasPatternSubscription()) this.updatePatternSubscription(cluster)
    this.metadataSnapshot = this.snapshotOf(cluster, version)
  }

  /** Subscribes to the topics that fit the pattern. */
  updatePatternSubscription(cluster: Cluster): void {
    const fitting = cluster
      .topics()
      .filter((topic) => this.options.subscriptions.matchesSubscribedPattern(topic))
    this.subscribeFromPattern(new Set(fitting))
  }

  /**
   * The leader's: from now on all topics of the group are watched.
   *
   * @returns settled when there is metadata for them
   */
  updateGroupSubscription(topics: ReadonlySet<string>): RequestFuture<void> {
    const { metadata, subscriptions } = this.options
    if (subscriptions.groupSubscribe(topics)) metadata.requestUpdateForNewTopics()
    const fresh = this.isFresh() ? RequestFuture.voidSuccess() : metadata.nextUpdate()
    return fresh.compose<void>({
      onSuccess: (_, future) => {
        this.maybeUpdateSubscriptionMetadata()
        future.complete(undefined)
      },
    })
  }

  /**
   * A pattern is matched against fresh metadata before joining: else members that hear of a new
   * topic one after the other would each bring about a rebalance of its own.
   *
   * @returns `false` when the time was over first
   */
  async refreshForPattern(timer: Timer): Promise<boolean> {
    const { client, metadata } = this.options
    if (metadata.timeToAllowUpdate(timer.currentTimeMs()) === 0) metadata.requestUpdate(true)
    if (!this.isFresh() && !(await client.awaitMetadataUpdate(timer))) return false
    this.maybeUpdateSubscriptionMetadata()
    return true
  }

  /** The leader has assigned by what it knows now. */
  rememberAssignment(): void {
    this.assignmentSnapshot = this.metadataSnapshot
  }

  /** This member does not lead: its view of the topics matters no more. */
  forgetAssignment(): void {
    this.assignmentSnapshot = null
  }

  /** This member joins with these topics. */
  joinedWith(topics: ReadonlySet<string>): void {
    this.joinedSubscription = topics
  }

  /**
   * With a pattern the leader may have found topics that we have not seen yet: they fit, so they
   * are subscribed to, and are no reason to join again.
   */
  maybeUpdateJoinedSubscription(assigned: readonly TopicPartition[]): void {
    const { subscriptions } = this.options
    if (!subscriptions.hasPatternSubscription()) return
    const joined = this.joinedSubscription ?? new Set()
    const added = assigned.map(({ topic }) => topic).filter((topic) => !joined.has(topic))
    if (added.length === 0) return
    this.subscribeFromPattern(new Set([...subscriptions.subscription(), ...added]))
    this.joinedSubscription = new Set([...joined, ...added])
  }

  /**
   * Why this member has to join again: the topics differ from those it has assigned, or from those
   * it has joined with; `null`: it has not.
   */
  reasonToRejoin(): RejoinReason | null {
    const { assignmentSnapshot: assigned, metadataSnapshot: current } = this
    if (assigned !== null) {
      if (!assigned.matches(current)) return changed('cached metadata', `${assigned}`, `${current}`)
      // The same by content: from here on the version says so, and every poll asks.
      this.assignmentSnapshot = current
    }
    const { joinedSubscription: joined } = this
    const subscribed = this.options.subscriptions.subscription()
    if (joined !== null && !isSameSet(joined, subscribed)) {
      return changed('subscription', `[${[...joined]}]`, `[${[...subscribed]}]`)
    }
    return null
  }

  toString(): string {
    const { metadataSnapshot: current, assignmentSnapshot: assigned } = this
    return `SubscribedTopicsWatch(current=${current}, assigned=${assigned})`
  }

  private subscribeFromPattern(topics: ReadonlySet<string>): void {
    const { metadata, subscriptions } = this.options
    if (subscriptions.subscribeFromPattern(topics)) metadata.requestUpdateForNewTopics()
  }

  /** No newer picture is wanted. */
  private isFresh(): boolean {
    const { metadata, time } = this.options
    return !metadata.updateRequested() && metadata.timeToNextUpdate(time.milliseconds()) > 0
  }

  private snapshotOf(cluster: Cluster, version: number): SubscribedTopicsSnapshot {
    const { rackId, subscriptions } = this.options
    return new SubscribedTopicsSnapshot(rackId, subscriptions.metadataTopics(), cluster, version)
  }
}

const changed = (what: string, from: string, to: string): RejoinReason => {
  const short = `${what} has changed`
  return { short, full: `${short} from ${from} at the beginning of the rebalance to ${to}` }
}

const isSameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => {
  if (a === b) return true
  if (a.size !== b.size) return false
  for (const item of a) if (!b.has(item)) return false
  return true
}
