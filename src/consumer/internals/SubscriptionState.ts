/**
 * What this consumer reads, and how far it has come: the one place where that is kept.
 *
 * Everybody works on it. The caller subscribes or assigns, seeks and pauses; the
 * `ConsumerCoordinator` brings the partitions of a subscription; the `OffsetFetcher` fills in
 * positions that are missing or in doubt; the `Fetcher` asks which partitions may be fetched; the
 * `FetchCollector` moves positions on as records are handed out. None of them keeps a copy.
 *
 *     subscribe(topics)  ─► AUTO_TOPICS  ─┐
 *     subscribe(pattern) ─► AUTO_PATTERN ─┴► group ─► assignFromSubscribed ─┐
 *                           USER_ASSIGNED ◄─ assignFromUser ────────────────┴► assignment
 *
 * The three ways exclude each other until `unsubscribe`. A group's leader also watches the topics
 * of the others (`groupSubscribe`), for it must notice when they change.
 *
 * I1  `assignmentId` grows with every change of the assignment.
 * I2  A partition that stays in the assignment keeps its position and its flags.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.SubscriptionState
 * @simplified positions stand in `AssignedPositions`, what the brokers say about partitions in
 *   `AssignedPartitions`, to keep all three readable. Patterns that the broker evaluates belong to
 *   the new group protocol, which is not here.
 */

import { IllegalArgumentException, IllegalStateException } from '../../common/errors.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { ConsumerRebalanceListener } from '../ConsumerRebalanceListener.ts'
import { AssignedPositions } from './AssignedPositions.ts'
import { TopicPartitionState } from './TopicPartitionState.ts'

type SubscriptionType = 'NONE' | 'AUTO_TOPICS' | 'AUTO_PATTERN' | 'USER_ASSIGNED'

const NO_TOPICS: ReadonlySet<string> = new Set()

export class SubscriptionState extends AssignedPositions {
  private subscriptionType: SubscriptionType = 'NONE'
  private subscribedPattern: RegExp | null = null
  private wholeNamePattern: RegExp | null = null
  private topics = NO_TOPICS
  private groupTopics = NO_TOPICS
  private listener: ConsumerRebalanceListener | null = null
  private changes = 0

  // ---- what is wanted

  /**
   * The caller's choice of topics, by name or by pattern. What belongs to it follows from the group
   * (`assignFromSubscribed`), for a pattern also from the topics that there are
   * (`subscribeFromPattern`).
   *
   * @param subscription a pattern must fit the whole name
   * @param listener told when partitions come and go; it replaces the one before
   * @returns whether the set of topics has changed, so that metadata is needed
   * @throws IllegalStateException while the caller has chosen in another way
   */
  subscribe(
    subscription: ReadonlySet<string> | RegExp,
    listener: ConsumerRebalanceListener | null = null,
  ): boolean {
    this.listener = listener
    if (subscription instanceof RegExp) {
      this.setSubscriptionType('AUTO_PATTERN')
      this.subscribedPattern = subscription
      this.wholeNamePattern = wholeName(subscription)
      return false
    }
    this.setSubscriptionType('AUTO_TOPICS')
    return this.changeSubscription(subscription)
  }

  /** The topics that fit the pattern. @returns as `subscribe` */
  subscribeFromPattern(topics: ReadonlySet<string>): boolean {
    if (this.subscriptionType !== 'AUTO_PATTERN') {
      throw new IllegalArgumentException(
        `Attempt to subscribe from pattern while subscription type is ${this.subscriptionType}`,
      )
    }
    return this.changeSubscription(topics)
  }

  /**
   * The leader's: what all members of the group have subscribed to.
   *
   * @returns whether there are topics among them that we have not
   */
  groupSubscribe(topics: Iterable<string>): boolean {
    if (!this.hasAutoAssignedPartitions()) throw this.mutuallyExclusive()
    this.groupTopics = new Set(topics)
    return !includesAll(this.topics, this.groupTopics)
  }

  /** No longer the leader: our own topics are enough. */
  resetGroupSubscription(): void {
    this.groupTopics = NO_TOPICS
  }

  unsubscribe(): void {
    this.topics = NO_TOPICS
    this.groupTopics = NO_TOPICS
    this.assignment.clear()
    this.subscribedPattern = null
    this.wholeNamePattern = null
    this.subscriptionType = 'NONE'
    this.changes++
  }

  hasNoSubscriptionOrUserAssignment(): boolean {
    return this.subscriptionType === 'NONE'
  }

  hasPatternSubscription(): boolean {
    return this.subscriptionType === 'AUTO_PATTERN'
  }

  /** Whether a group decides what is read. */
  hasAutoAssignedPartitions(): boolean {
    return this.subscriptionType === 'AUTO_TOPICS' || this.subscriptionType === 'AUTO_PATTERN'
  }

  matchesSubscribedPattern(topic: string): boolean {
    return this.wholeNamePattern?.test(topic) ?? false
  }

  /** The subscribed topics; none for partitions that the caller has assigned. */
  subscription(): ReadonlySet<string> {
    return this.hasAutoAssignedPartitions() ? this.topics : NO_TOPICS
  }

  rebalanceListener(): ConsumerRebalanceListener | null {
    return this.listener
  }

  /** The topics whose metadata this consumer needs; for a leader those of the whole group. */
  metadataTopics(): ReadonlySet<string> {
    if (this.groupTopics.size === 0) return this.topics
    if (includesAll(this.groupTopics, this.topics)) return this.groupTopics
    // The subscription has changed since the group's was gathered.
    return new Set([...this.groupTopics, ...this.topics])
  }

  needsMetadata(topic: string): boolean {
    return this.topics.has(topic) || this.groupTopics.has(topic)
  }

  // ---- what is assigned

  /** The caller's own choice of partitions. @returns and throws as `subscribe` */
  assignFromUser(partitions: TopicPartitionSet): boolean {
    this.setSubscriptionType('USER_ASSIGNED')
    if (partitions.equals(this.assignedPartitions())) return false
    this.assign(partitions)
    return this.changeSubscription(new Set([...partitions].map(({ topic }) => topic)))
  }

  /** What the group has given us. */
  assignFromSubscribed(partitions: Iterable<TopicPartition>): void {
    if (!this.hasAutoAssignedPartitions()) {
      throw new IllegalArgumentException(
        'Attempt to dynamically assign partitions while manual assignment in use',
      )
    }
    this.assign(partitions)
  }

  /**
   * As `assignFromSubscribed`; what has been added is not read before the listener has been told
   * (`enablePartitionsAwaitingCallback`).
   */
  assignFromSubscribedAwaitingCallback(
    fullAssignment: Iterable<TopicPartition>,
    addedPartitions: Iterable<TopicPartition>,
  ): void {
    this.assignFromSubscribed(fullAssignment)
    this.markPendingOnAssignedCallback(addedPartitions, true)
  }

  enablePartitionsAwaitingCallback(partitions: Iterable<TopicPartition>): void {
    this.markPendingOnAssignedCallback(partitions, false)
  }

  /** These will go soon: nothing of them is handed out any more. */
  markPendingRevocation(partitions: Iterable<TopicPartition>): void {
    for (const partition of partitions) this.assignedState(partition).markPendingRevocation()
  }

  /**
   * Whether we have asked for what the group gives us. Not so when the subscription has changed
   * since we joined.
   */
  checkAssignmentMatchedSubscription(partitions: Iterable<TopicPartition>): boolean {
    for (const partition of partitions) {
      const { topic } = partition
      const asked = this.wholeNamePattern?.test(topic) ?? this.topics.has(topic)
      if (asked) continue
      this.logger.info(
        `Assigned partition ${partition} is of a topic that is not subscribed; ` +
          `the subscription is ${this.prettyString()}`,
      )
      return false
    }
    return true
  }

  assignmentId(): number {
    return this.changes
  }

  /** A copy, in the order in which the partitions are fetched. */
  assignedPartitions(): TopicPartitionSet {
    return new TopicPartitionSet(this.assignment.partitions())
  }

  assignedPartitionsList(): TopicPartition[] {
    return [...this.assignment.partitions()]
  }

  // ---- what may be fetched

  /** In the order of the assignment; `isAvailable` is asked only where the cheap checks pass. */
  fetchablePartitions(isAvailable: (partition: TopicPartition) => boolean): TopicPartition[] {
    const fetchable: TopicPartition[] = []
    for (const [partition, state] of this.assignment) {
      if (this.isFetchableAndSubscribed(partition, state) && isAvailable(partition)) {
        fetchable.push(partition)
      }
    }
    return fetchable
  }

  isFetchable(partition: TopicPartition): boolean {
    const state = this.assignment.stateValue(partition)
    return state !== undefined && this.isFetchableAndSubscribed(partition, state)
  }

  // ---- for people

  override toString(): string {
    const states = [...this.assignment].map(([partition, state]) => `${partition} ${state}`)
    return (
      `SubscriptionState{type=${this.subscriptionType}, ` +
      `subscribedPattern=${this.subscribedPattern}, subscription=[${sorted(this.topics)}], ` +
      `groupSubscription=[${sorted(this.groupTopics)}], ` +
      `assignment=[${states.join(', ')}] (id=${this.changes})}`
    )
  }

  /** What the caller has asked for, in his words. */
  prettyString(): string {
    switch (this.subscriptionType) {
      case 'NONE':
        return 'None'
      case 'AUTO_TOPICS':
        return `Subscribe(${sorted(this.topics)})`
      case 'AUTO_PATTERN':
        return `Subscribe(${this.subscribedPattern})`
      case 'USER_ASSIGNED':
        return `Assign(${this.assignedPartitions()}, id=${this.changes})`
    }
  }

  private assign(partitions: Iterable<TopicPartition>): void {
    const states: [TopicPartition, TopicPartitionState][] = []
    for (const partition of partitions) {
      states.push([partition, this.assignment.stateValue(partition) ?? new TopicPartitionState()])
    }
    this.changes++
    this.assignment.set(states)
  }

  /** A topic that was dropped from the subscription is not read while its partitions still go. */
  private isFetchableAndSubscribed(partition: TopicPartition, state: TopicPartitionState): boolean {
    if (this.subscriptionType === 'AUTO_TOPICS' && !this.topics.has(partition.topic)) return false
    return state.isFetchable()
  }

  private markPendingOnAssignedCallback(
    partitions: Iterable<TopicPartition>,
    pending: boolean,
  ): void {
    for (const partition of partitions) {
      this.assignedState(partition).markPendingOnAssignedCallback(pending)
    }
  }

  private setSubscriptionType(type: SubscriptionType): void {
    if (this.subscriptionType === 'NONE') this.subscriptionType = type
    else if (this.subscriptionType !== type) throw this.mutuallyExclusive()
  }

  private changeSubscription(topics: ReadonlySet<string>): boolean {
    if (topics.size === this.topics.size && includesAll(this.topics, topics)) return false
    this.topics = topics
    return true
  }

  private mutuallyExclusive(): IllegalStateException {
    return new IllegalStateException(
      'Subscription to topics, partitions and pattern are mutually exclusive; ' +
        `in use is ${this.prettyString()}. Call unsubscribe() first.`,
    )
  }
}

/**
 * Java's `matches` and not `find`: `/orders/` is the topic orders, not `orders-dlq` as well. The
 * flags `g` and `y` would make `test` remember where it stopped.
 */
const wholeName = (pattern: RegExp): RegExp =>
  new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ''))

const includesAll = (set: ReadonlySet<string>, items: ReadonlySet<string>): boolean => {
  for (const item of items) if (!set.has(item)) return false
  return true
}

const sorted = (topics: ReadonlySet<string>): string => [...topics].sort().join(', ')
