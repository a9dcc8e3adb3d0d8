/**
 * The coordinator's word on a commit. It says it for each partition; the first error that concerns
 * the whole commit ends it.
 *
 *     NONE                               stored
 *     COORDINATOR_LOAD_IN_PROGRESS, …    try again
 *     NOT_COORDINATOR, …                 find the coordinator, try again
 *     REBALANCE_IN_PROGRESS              poll, so that we join, then commit again
 *     UNKNOWN_MEMBER_ID,                 the group has gone on without us: the commit has failed,
 *     ILLEGAL_GENERATION                 unless it is only this request that is old
 *     FENCED_INSTANCE_ID                 another instance has our name
 *     TOPIC_AUTHORIZATION_FAILED         goes on, to name all such topics at once
 *
 * A commit may have been sent in one generation and be answered in the next. What the coordinator
 * says about the old one then must not throw us out of the new one.
 *
 * @kafka
 *   org.apache.kafka.clients.consumer.internals.ConsumerCoordinator.OffsetCommitResponseHandler
 */

import { TopicAuthorizationException } from '../../common/errors/ApiExceptions.ts'
import { RebalanceInProgressException } from '../../common/errors/CoordinatorExceptions.ts'
import { KafkaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import type { ReadonlyTopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'
import type { OffsetCommitResponseData } from '../../protocol/messages/OffsetCommit.ts'
import { CommitFailedException } from '../CommitFailedException.ts'
import type { OffsetAndMetadata } from '../OffsetAndMetadata.ts'
import type { CommittingMember } from './CommittingMember.ts'
import { notAuthorized } from './CoordinatorLookup.ts'
import { CoordinatorResponseHandler } from './CoordinatorResponseHandler.ts'
import type { Generation } from './Generation.ts'
import type { RequestFuture } from './RequestFuture.ts'

export interface OffsetCommitResponseHandlerOptions {
  readonly logger: Logger
  readonly member: CommittingMember
  readonly groupId: string
  readonly groupInstanceId: string | null
  readonly offsets: ReadonlyTopicPartitionMap<OffsetAndMetadata>
  readonly sentGeneration: Generation
  readonly recordLatency: (latencyMs: number) => void
}

export class OffsetCommitResponseHandler extends CoordinatorResponseHandler<
  typeof ApiKeys.OFFSET_COMMIT,
  void
> {
  private readonly options: OffsetCommitResponseHandlerOptions

  constructor(options: OffsetCommitResponseHandlerOptions) {
    super(options.member, options.sentGeneration)
    this.options = options
  }

  override handle(response: OffsetCommitResponseData, future: RequestFuture<void>): void {
    this.options.recordLatency(this.latencyMs())
    const unauthorizedTopics = new Set<string>()
    for (const { name, partitions } of response.topics) {
      for (const { partitionIndex, errorCode } of partitions) {
        const error = Errors.forCode(errorCode)
        this.log(new TopicPartition(name, partitionIndex), error)
        if (error === Errors.NONE) continue
        if (error !== Errors.TOPIC_AUTHORIZATION_FAILED) {
          future.raise(this.failureOf(error))
          return
        }
        unauthorizedTopics.add(name)
      }
    }
    if (unauthorizedTopics.size === 0) future.complete(undefined)
    else future.raise(topicsNotAuthorized('commit to', unauthorizedTopics))
  }

  private failureOf(error: WireError): Error {
    const { member, groupId } = this.options
    switch (error) {
      case Errors.GROUP_AUTHORIZATION_FAILED:
        return notAuthorized(groupId)
      case Errors.OFFSET_METADATA_TOO_LARGE:
      case Errors.INVALID_COMMIT_OFFSET_SIZE:
      case Errors.COORDINATOR_LOAD_IN_PROGRESS:
      case Errors.UNKNOWN_TOPIC_OR_PARTITION:
        return error.exception()!
      case Errors.COORDINATOR_NOT_AVAILABLE:
      case Errors.NOT_COORDINATOR:
      case Errors.REQUEST_TIMED_OUT:
        member.markCoordinatorUnknown(error)
        return error.exception()!
      case Errors.FENCED_INSTANCE_ID:
        return this.whenFenced(error)
      case Errors.REBALANCE_IN_PROGRESS:
        // The generation stays ours: poll() finishes the rebalance, and the commit can be repeated.
        member.requestRejoin('offset commit failed since group is already rebalancing')
        return new RebalanceInProgressException(
          'Offset commit cannot be completed since the consumer group is executing a rebalance ' +
            'at the moment. Complete the rebalance by calling poll(), then commit again.',
        )
      case Errors.UNKNOWN_MEMBER_ID:
      case Errors.ILLEGAL_GENERATION:
        return this.whenUnknown(error)
      default:
        return new KafkaException(`Unexpected error in commit: ${error.message}`)
    }
  }

  private whenFenced(error: WireError): Error {
    const { logger, member, groupInstanceId } = this.options
    logger.info(
      `OffsetCommit failed with ${this.sentGeneration}: group instance id ${groupInstanceId} is ` +
        'fenced',
    )
    if (this.generationUnchanged()) return error.exception()!
    if (member.memberState() !== 'PREPARING_REBALANCE') return new CommitFailedException()
    return new RebalanceInProgressException(
      "Offset commit cannot be completed since the consumer member's old generation is fenced by " +
        'its group instance id; this consumer may have taken part in another rebalance meanwhile ' +
        'and have a new generation.',
    )
  }

  private whenUnknown(error: WireError): Error {
    const { logger, member } = this.options
    logger.info(`OffsetCommit failed with ${this.sentGeneration}: ${error.message}`)
    if (!this.generationUnchanged() && member.memberState() === 'PREPARING_REBALANCE') {
      return new RebalanceInProgressException(
        "Offset commit cannot be completed since the consumer member's generation is already " +
          'stale: it has taken part in another rebalance meanwhile. Complete the rebalance by ' +
          'calling poll(), then commit again.',
      )
    }
    // An illegal generation says nothing against the member's id.
    const shouldResetMemberId = error !== Errors.ILLEGAL_GENERATION
    member.resetStateOnResponseError('OFFSET_COMMIT', error, shouldResetMemberId)
    return new CommitFailedException()
  }

  private log(partition: TopicPartition, error: WireError): void {
    const { logger, offsets } = this.options
    const isStored = error === Errors.NONE
    // Most commits succeed, and most programs do not want to read about it.
    if (isStored && !logger.isEnabled('debug')) return
    const offset = offsets.get(partition)?.offset
    const what = `partition ${partition} at offset ${offset}`
    if (isStored) logger.debug(`Committed ${what}`)
    else if (error.retriable) logger.warn(`Offset commit failed on ${what}: ${error.message}`)
    else logger.error(`Offset commit failed on ${what}: ${error.message}`)
  }
}

export const topicsNotAuthorized = (
  what: string,
  topics: ReadonlySet<string>,
): TopicAuthorizationException =>
  new TopicAuthorizationException(`Not authorized to ${what} topics: [${[...topics]}]`, topics)
