/**
 * From what was fetched to what `poll` returns: takes records out of the buffer, up to
 * `max.poll.records`, and moves the positions on.
 *
 * A response is an answer to an old question. Since the fetch was sent the caller may have seeked,
 * paused, or dropped the partition, so what came is compared with the position first, and what no
 * longer fits is thrown away:
 *
 *     position 7, fetched at 7    ✓ hand out
 *     position 9, fetched at 7    ✗ the caller has seeked meanwhile: drop
 *     paused                      ⟲ keep until it is resumed
 *     an error instead of data    look at its kind: ask for metadata, reset the offset, or raise it
 *
 * I1  A position moves exactly past the records that are returned, and nothing can fail between the
 *     two.
 * I2  An error never hides records: what was collected before it is returned, the error comes with
 *     the next call.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.FetchCollector
 */

import { recordsSize } from '../../clients/FetchResponse.ts'
import { TopicAuthorizationException } from '../../common/errors/ApiExceptions.ts'
import { IllegalStateException, KafkaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { Trace } from '../../common/Trace.ts'
import { Errors } from '../../protocol/Errors.ts'
import { OffsetAndMetadata } from '../OffsetAndMetadata.ts'
import { OffsetOutOfRangeException } from '../OffsetOutOfRangeException.ts'
import type { CompletedFetch } from './CompletedFetch.ts'
import type { ConsumerMetadata } from './ConsumerMetadata.ts'
import type { Deserializers } from './Deserializers.ts'
import { Fetch } from './Fetch.ts'
import type { FetchBuffer } from './FetchBuffer.ts'
import type { FetchConfig } from './FetchConfig.ts'
import type { FetchMetricsManager } from './FetchMetricsManager.ts'
import { FetchPosition } from './FetchPosition.ts'
import { requestMetadataUpdate } from './FetchUtils.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export interface FetchCollectorOptions<K, V> {
  readonly logger: Logger
  readonly trace: Trace
  readonly time: Time
  readonly metadata: ConsumerMetadata
  readonly subscriptions: SubscriptionState
  readonly fetchConfig: FetchConfig
  readonly metricsManager: FetchMetricsManager
  readonly deserializers: Deserializers<K, V>
}

export class FetchCollector<K, V> {
  private readonly logger: Logger
  private readonly trace: Trace
  private readonly time: Time
  private readonly metadata: ConsumerMetadata
  private readonly subscriptions: SubscriptionState
  private readonly fetchConfig: FetchConfig
  private readonly metricsManager: FetchMetricsManager
  private readonly deserializers: Deserializers<K, V>

  constructor(options: FetchCollectorOptions<K, V>) {
    this.logger = options.logger
    this.trace = options.trace
    this.time = options.time
    this.metadata = options.metadata
    this.subscriptions = options.subscriptions
    this.fetchConfig = options.fetchConfig
    this.metricsManager = options.metricsManager
    this.deserializers = options.deserializers
  }

  /**
   * The next records. An empty result means that no position has moved.
   *
   * @throws OffsetOutOfRangeException when there is no reset policy
   * @throws TopicAuthorizationException, RecordDeserializationException, KafkaException
   */
  collectFetch(fetchBuffer: FetchBuffer): Fetch<K, V> {
    const fetch = Fetch.empty<K, V>()
    const paused: CompletedFetch[] = []
    try {
      this.fill(fetch, fetchBuffer, paused)
    } catch (error) {
      // I2: the error will show again, because what caused it is still there.
      if (!(error instanceof KafkaException) || fetch.isEmpty()) throw error
    } finally {
      fetchBuffer.addAll(paused)
    }
    if (this.trace.enabled && !fetch.isEmpty()) {
      this.trace.emit('consumer.fetchCollector.collectFetch', { records: fetch.numRecords() })
    }
    return fetch
  }

  private fill(fetch: Fetch<K, V>, fetchBuffer: FetchBuffer, paused: CompletedFetch[]): void {
    while (fetch.numRecords() < this.fetchConfig.maxPollRecords) {
      const nextInLine = fetchBuffer.nextInLineFetch()
      if (nextInLine === null || nextInLine.isConsumed()) {
        const completedFetch = fetchBuffer.peek()
        if (completedFetch === null) return
        fetchBuffer.setNextInLineFetch(this.initializeNext(completedFetch, fetch, fetchBuffer))
        fetchBuffer.poll()
      } else if (this.subscriptions.isPaused(nextInLine.partition)) {
        this.logger.debug(`Keeping what was fetched of ${nextInLine.partition}: it is paused`)
        paused.push(nextInLine)
        fetchBuffer.setNextInLineFetch(null)
      } else {
        const room = this.fetchConfig.maxPollRecords - fetch.numRecords()
        fetch.add(this.fetchRecords(nextInLine, room))
      }
    }
  }

  private initializeNext(
    completedFetch: CompletedFetch,
    fetch: Fetch<K, V>,
    fetchBuffer: FetchBuffer,
  ): CompletedFetch | null {
    if (completedFetch.isInitialized()) return completedFetch
    try {
      return this.initialize(completedFetch)
    } catch (error) {
      // An error without data has been told once it is thrown. With data it must stay, and so must
      // one that comes after records, because those are returned instead of it.
      if (fetch.isEmpty() && recordsSize(completedFetch.partitionData) === 0) fetchBuffer.poll()
      throw error
    }
  }

  private fetchRecords(nextInLine: CompletedFetch, maxRecords: number): Fetch<K, V> {
    const { partition } = nextInLine
    const ignore = (why: string): Fetch<K, V> => {
      this.logger.debug(`Not returning fetched records for partition ${partition}: ${why}`)
      nextInLine.drain()
      return Fetch.empty()
    }
    if (!this.subscriptions.isAssigned(partition)) return ignore('it is no longer assigned')
    if (!this.subscriptions.isFetchable(partition)) return ignore('it is no longer fetchable')
    const position = this.subscriptions.position(partition)
    if (position === null) {
      throw new IllegalStateException(`Missing position for fetchable partition ${partition}`)
    }
    if (nextInLine.nextFetchOffset() !== position.offset) {
      return ignore(`they are from ${nextInLine.nextFetchOffset()} on, the position is ${position}`)
    }
    const records = nextInLine.fetchRecords(this.fetchConfig, this.deserializers, maxRecords)
    const nextOffset = nextInLine.nextFetchOffset()
    const epoch = nextInLine.lastEpoch()
    const positionAdvanced = nextOffset > position.offset
    if (positionAdvanced) {
      const next = new FetchPosition(nextOffset, epoch, position.currentLeader)
      this.subscriptions.setPosition(partition, next)
    }
    this.recordLagAndLead(partition)
    const goOnFrom = new OffsetAndMetadata(nextOffset, epoch)
    return Fetch.forPartition(partition, records, positionAdvanced, goOnFrom)
  }

  /** How far it is to both ends of the log from where the partition goes on. */
  private recordLagAndLead(partition: TopicPartition): void {
    const lag = this.subscriptions.partitionLag(partition, this.fetchConfig.isolationLevel)
    if (lag !== null) this.metricsManager.recordPartitionLag(partition, lag)
    const lead = this.subscriptions.partitionLead(partition)
    if (lead !== null) this.metricsManager.recordPartitionLead(partition, lead)
  }

  /** Looks at a fetch for the first time. @returns `null` when there is nothing to hand out */
  private initialize(completedFetch: CompletedFetch): CompletedFetch | null {
    const { partition, partitionData } = completedFetch
    const error = Errors.forCode(partitionData.errorCode)
    let initialized: CompletedFetch | null = null
    try {
      if (!this.subscriptions.hasValidPosition(partition)) {
        this.logger.debug(`Ignoring what was fetched of ${partition}: it has no valid position`)
        return null
      }
      if (error === Errors.NONE) initialized = this.handleInitializeSuccess(completedFetch)
      else this.handleInitializeErrors(completedFetch)
      return initialized
    } finally {
      // What is handed out reports when it is drained; this partition of the answer is done.
      if (initialized === null) completedFetch.recordAggregatedMetrics(0, 0)
      // A partition in trouble goes to the end of the line.
      if (error !== Errors.NONE) this.subscriptions.movePartitionToEnd(partition)
    }
  }

  private handleInitializeSuccess(completedFetch: CompletedFetch): CompletedFetch | null {
    const { partition, partitionData } = completedFetch
    const position = this.subscriptions.positionOrNull(partition)
    const fetchOffset = completedFetch.nextFetchOffset()
    if (position === null || position.offset !== fetchOffset) {
      this.logger.debug(
        `Discarding stale fetch response for partition ${partition} since its offset ` +
          `${fetchOffset} does not match the expected position ${position}`,
      )
      return null
    }
    if (recordsSize(partitionData) > 0 && !hasBatch(completedFetch)) {
      throw new KafkaException(
        `Failed to make progress reading messages at ${partition}=${fetchOffset}. Received a ` +
          'non-empty fetch response from the server, but no complete records were found.',
      )
    }
    if (!this.updatePartitionState(completedFetch)) return null
    completedFetch.setInitialized()
    return completedFetch
  }

  /**
   * Takes note of what the broker says about the log.
   *
   * @returns whether the partition is still assigned
   */
  private updatePartitionState({ partition, partitionData }: CompletedFetch): boolean {
    const { subscriptions } = this
    const { highWatermark, logStartOffset, lastStableOffset, preferredReadReplica } = partitionData
    if (highWatermark >= 0 && !subscriptions.tryUpdatingHighWatermark(partition, highWatermark)) {
      return false
    }
    if (
      logStartOffset >= 0 &&
      !subscriptions.tryUpdatingLogStartOffset(partition, logStartOffset)
    ) {
      return false
    }
    if (
      lastStableOffset >= 0 &&
      !subscriptions.tryUpdatingLastStableOffset(partition, lastStableOffset)
    ) {
      return false
    }
    if (preferredReadReplica === INVALID_PREFERRED_REPLICA_ID) return true
    return subscriptions.tryUpdatingPreferredReadReplica(
      partition,
      preferredReadReplica,
      () => this.time.milliseconds() + this.metadata.metadataExpireMs,
    )
  }

  private handleInitializeErrors(completedFetch: CompletedFetch): void {
    const { partition, partitionData } = completedFetch
    const error = Errors.forCode(partitionData.errorCode)
    const fetchOffset = completedFetch.nextFetchOffset()
    switch (error) {
      case Errors.NOT_LEADER_OR_FOLLOWER:
      case Errors.REPLICA_NOT_AVAILABLE:
      case Errors.KAFKA_STORAGE_ERROR:
      case Errors.FENCED_LEADER_EPOCH:
      case Errors.OFFSET_NOT_AVAILABLE:
        this.logger.debug(`Error in fetch for partition ${partition}: ${error.name}`)
        requestMetadataUpdate(this.metadata, this.subscriptions, partition)
        return
      case Errors.UNKNOWN_TOPIC_OR_PARTITION:
      case Errors.UNKNOWN_TOPIC_ID:
      case Errors.INCONSISTENT_TOPIC_ID:
        this.logger.warn(`Received ${error.name} in fetch for partition ${partition}`)
        requestMetadataUpdate(this.metadata, this.subscriptions, partition)
        return
      case Errors.OFFSET_OUT_OF_RANGE:
        this.handleOffsetOutOfRange(partition, fetchOffset)
        return
      case Errors.TOPIC_AUTHORIZATION_FAILED:
        this.logger.warn(`Not authorized to read from partition ${partition}.`)
        throw new TopicAuthorizationException(
          `Not authorized to read from topic '${partition.topic}'; it takes the right READ on it.`,
          new Set([partition.topic]),
        )
      case Errors.UNKNOWN_LEADER_EPOCH:
        this.logger.debug(`Received ${error.name} in fetch for partition ${partition}`)
        return
      case Errors.UNKNOWN_SERVER_ERROR:
        this.logger.warn(
          `Unknown server error while fetching offset ${fetchOffset} of partition ${partition}`,
        )
        return
      case Errors.CORRUPT_MESSAGE:
        throw new KafkaException(
          `Encountered corrupt message when fetching offset ${fetchOffset} of topic ` +
            `'${partition.topic}', partition ${partition.partition}: the broker cannot read its ` +
            'log there. Seek past it to continue consumption.',
        )
      default:
        throw new IllegalStateException(
          `Unexpected error code ${partitionData.errorCode} while fetching at offset ` +
            `${fetchOffset} from partition ${partition}`,
        )
    }
  }

  private handleOffsetOutOfRange(partition: TopicPartition, fetchOffset: number): void {
    const clearedReplicaId = this.subscriptions.clearPreferredReadReplica(partition)
    if (clearedReplicaId !== null) {
      // A follower may be behind: the leader has the last word.
      this.logger.debug(
        `Going back from replica ${clearedReplicaId} to the leader for partition ${partition}: ` +
          `it does not have offset ${fetchOffset}`,
      )
      return
    }
    const position = this.subscriptions.positionOrNull(partition)
    if (position === null || position.offset !== fetchOffset) {
      this.logger.debug(
        `Discarding stale fetch response for partition ${partition} since the fetched offset ` +
          `${fetchOffset} does not match the current position ${position}`,
      )
      return
    }
    const message = `Fetch position ${position} is out of range for partition ${partition}`
    if (this.subscriptions.hasDefaultOffsetResetPolicy()) {
      this.logger.info(`${message}, resetting offset`)
      this.subscriptions.requestOffsetResetIfPartitionAssigned(partition)
      return
    }
    throw new OffsetOutOfRangeException(
      `${message}, and 'auto.offset.reset' is none: seek to an offset that the log has.`,
      new TopicPartitionMap([[partition, position.offset]]),
    )
  }
}

const INVALID_PREFERRED_REPLICA_ID = -1

/**
 * What is wrong with the first batch is found out again, and told, when its records are fetched.
 */
const hasBatch = (completedFetch: CompletedFetch): boolean => {
  try {
    return completedFetch.hasBatch()
  } catch (error) {
    if (error instanceof KafkaException) return true
    throw error
  }
}
