/**
 * The coordinator's answer to "where did this group stop?".
 *
 * A partition for which nothing was committed is not an error: it is in the result, with `null`.
 * One whose commit belongs to a transaction that is still open is a reason to ask again.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerCoordinator.OffsetFetchResponseHandler
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { offsetFetchResponseGroup } from '../../clients/OffsetFetchRequest.ts'
import { UnstableOffsetCommitException } from '../../common/errors/CoordinatorExceptions.ts'
import { KafkaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'
import type {
  OffsetFetchResponseData,
  OffsetFetchResponseGroup,
} from '../../protocol/messages/OffsetFetch.ts'
import { OffsetAndMetadata } from '../OffsetAndMetadata.ts'
import { notAuthorized } from './CoordinatorLookup.ts'
import {
  CoordinatorResponseHandler,
  type HandlingCoordinator,
} from './CoordinatorResponseHandler.ts'
import { Generation } from './Generation.ts'
import { topicsNotAuthorized } from './OffsetCommitResponseHandler.ts'
import type { RequestFuture } from './RequestFuture.ts'

/** `null`: nothing was committed. */
export type CommittedOffsets = TopicPartitionMap<OffsetAndMetadata | null>

export class OffsetFetchResponseHandler extends CoordinatorResponseHandler<
  typeof ApiKeys.OFFSET_FETCH,
  CommittedOffsets
> {
  private readonly logger: Logger
  private readonly member: HandlingCoordinator
  private readonly groupId: string
  private version = 0

  constructor(logger: Logger, member: HandlingCoordinator, groupId: string) {
    super(member, Generation.NO_GENERATION)
    this.logger = logger
    this.member = member
    this.groupId = groupId
  }

  override onSuccess(
    response: ClientResponse<typeof ApiKeys.OFFSET_FETCH>,
    future: RequestFuture<CommittedOffsets>,
  ): void {
    this.version = response.requestHeader.apiVersion
    super.onSuccess(response, future)
  }

  override handle(
    response: OffsetFetchResponseData,
    future: RequestFuture<CommittedOffsets>,
  ): void {
    const group = offsetFetchResponseGroup(response, this.version, this.groupId)
    const error = Errors.forCode(group.errorCode)
    if (error !== Errors.NONE) {
      this.logger.debug(`Offset fetch failed: ${error.message}`)
      future.raise(this.groupFailureOf(error))
      return
    }
    this.handlePartitions(group, future)
  }

  private groupFailureOf(error: WireError): Error {
    if (error === Errors.COORDINATOR_NOT_AVAILABLE || error === Errors.NOT_COORDINATOR) {
      this.member.markCoordinatorUnknown(error)
      return error.exception()!
    }
    if (error === Errors.GROUP_AUTHORIZATION_FAILED) return notAuthorized(this.groupId)
    if (error.retriable) return error.exception()!
    return new KafkaException(`Unexpected error in fetch offset response: ${error.message}`)
  }

  private handlePartitions(
    group: OffsetFetchResponseGroup,
    future: RequestFuture<CommittedOffsets>,
  ): void {
    const offsets: CommittedOffsets = new TopicPartitionMap()
    const unstable: TopicPartition[] = []
    const unauthorizedTopics = new Set<string>()
    for (const { name, partitions } of group.topics) {
      for (const data of partitions) {
        const partition = new TopicPartition(name, data.partitionIndex)
        const error = Errors.forCode(data.errorCode)
        if (error === Errors.NONE) offsets.set(partition, this.committed(partition, data))
        else if (error === Errors.TOPIC_AUTHORIZATION_FAILED) unauthorizedTopics.add(name)
        else if (error === Errors.UNSTABLE_OFFSET_COMMIT) unstable.push(partition)
        else {
          this.logger.debug(`Failed to fetch offset for partition ${partition}: ${error.message}`)
          future.raise(partitionFailure(partition, error))
          return
        }
      }
    }
    if (unauthorizedTopics.size > 0) {
      future.raise(topicsNotAuthorized('read the offsets of', unauthorizedTopics))
    } else if (unstable.length > 0) future.raise(this.unstable(unstable))
    else future.complete(offsets)
  }

  private committed(
    partition: TopicPartition,
    { committedOffset, committedLeaderEpoch, metadata }: PartitionData,
  ): OffsetAndMetadata | null {
    if (committedOffset >= 0) {
      return new OffsetAndMetadata(committedOffset, committedLeaderEpoch, metadata)
    }
    this.logger.info(`Found no committed offset for partition ${partition}`)
    return null
  }

  private unstable(partitions: readonly TopicPartition[]): UnstableOffsetCommitException {
    const names = partitions.join(', ')
    this.logger.info(
      `The offsets of [${names}] are not final yet: a transaction over them is open, or they ` +
        'wait to be replicated',
    )
    return new UnstableOffsetCommitException(
      `There are unstable offsets for the requested topic partitions [${names}]`,
    )
  }
}

type PartitionData = OffsetFetchResponseGroup['topics'][number]['partitions'][number]

const partitionFailure = (partition: TopicPartition, error: WireError): KafkaException =>
  new KafkaException(
    error === Errors.UNKNOWN_TOPIC_OR_PARTITION
      ? `Topic or Partition ${partition} does not exist`
      : `Unexpected error in fetch offset response for partition ${partition}: ${error.message}`,
  )
