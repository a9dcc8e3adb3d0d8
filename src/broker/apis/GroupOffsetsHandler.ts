/**
 * The APIs about a group's offsets: which topics and partitions there are is asked here, what the
 * group has committed for them in the coordinator.
 *
 * From version 10 on OffsetCommit and OffsetFetch name topics by their id, so an offset of a topic
 * that was deleted and made anew cannot be taken for one of the new topic.
 *
 * @kafka kafka.server.KafkaApis (handleOffsetCommitRequest, handleOffsetFetchRequest,
 *   handleOffsetDeleteRequest)
 * @simplified no authorisation: everybody may see and change every offset.
 */

import { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { Uuid } from '../../common/Uuid.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'
import type {
  OffsetCommitRequestData,
  OffsetCommitRequestTopic,
  OffsetCommitResponseInput,
} from '../../protocol/messages/OffsetCommit.ts'
import type {
  OffsetDeleteRequestData,
  OffsetDeleteRequestTopic,
  OffsetDeleteResponseInput,
} from '../../protocol/messages/OffsetDelete.ts'
import type {
  OffsetFetchRequestData,
  OffsetFetchRequestGroup,
  OffsetFetchRequestTopics,
  OffsetFetchResponseInput,
} from '../../protocol/messages/OffsetFetch.ts'
import { CompletableFuture } from '../coordinator/CompletableFuture.ts'
import type { FetchedGroup, FetchedTopic } from '../group/fetchedOffsets.ts'
import type { GroupCoordinatorService } from '../group/GroupCoordinatorService.ts'
import type { GroupRequestContext } from '../group/GroupRequestContext.ts'
import type { MetadataCache } from '../metadata/MetadataCache.ts'
import { TopicAnswers } from './TopicAnswers.ts'

const TOPIC_ID_MIN_VERSION = 10
/** Since this version of OffsetFetch one request can name several groups. */
const BATCH_MIN_VERSION = 8

export class GroupOffsetsHandler {
  private readonly groupCoordinator: GroupCoordinatorService
  private readonly metadataCache: MetadataCache

  constructor(groupCoordinator: GroupCoordinatorService, metadataCache: MetadataCache) {
    this.groupCoordinator = groupCoordinator
    this.metadataCache = metadataCache
  }

  // ---- OffsetCommit

  commitOffsets(
    context: GroupRequestContext,
    request: OffsetCommitRequestData,
  ): CompletableFuture<OffsetCommitResponseInput> {
    const useTopicIds = context.requestVersion >= TOPIC_ID_MIN_VERSION
    const answers = new TopicAnswers<PartitionAnswer>(useTopicIds)
    const known: OffsetCommitRequestTopic[] = []
    for (const topic of request.topics) {
      const named = this.named(topic, useTopicIds)
      const { topicId, name, partitions } = named
      const error = whatIsUnknown(named, useTopicIds)
      if (error !== undefined) {
        answers.add({ topicId, name, partitions: partitions.map((each) => failed(each, error)) })
        continue
      }
      const [there, missing] = this.splitByPresence(name, partitions)
      if (missing.length > 0) answers.add({ topicId, name, partitions: missing })
      if (there.length > 0) known.push({ topicId, name, partitions: there })
    }
    if (known.length === 0) return CompletableFuture.completedFuture({ topics: answers.topics })
    return this.groupCoordinator
      .commitOffsets(context, { ...request, topics: known })
      .thenApply(({ topics = [] }) => ({ topics: answers.merge(topics) }))
  }

  /** A topic with both its id and its name, as far as the cluster knows them. */
  private named(topic: OffsetCommitRequestTopic, useTopicIds: boolean): OffsetCommitRequestTopic {
    return useTopicIds
      ? { ...topic, name: this.metadataCache.getTopicName(topic.topicId) ?? '' }
      : { ...topic, topicId: this.metadataCache.getTopicId(topic.name) }
  }

  /** Those partitions that there are, and the answers to the others. */
  private splitByPresence<P extends { readonly partitionIndex: number }>(
    topic: string,
    partitions: readonly P[],
  ): [there: P[], missing: PartitionAnswer[]] {
    const there: P[] = []
    const missing: PartitionAnswer[] = []
    for (const partition of partitions) {
      const topicPartition = new TopicPartition(topic, partition.partitionIndex)
      if (this.metadataCache.contains(topicPartition)) there.push(partition)
      else missing.push(failed(partition, Errors.UNKNOWN_TOPIC_OR_PARTITION))
    }
    return [there, missing]
  }

  // ---- OffsetFetch

  fetchOffsets(
    context: GroupRequestContext,
    request: OffsetFetchRequestData,
  ): CompletableFuture<OffsetFetchResponseInput> {
    const { requestVersion } = context
    const futures = groupsOf(request, requestVersion).map((group) =>
      group.topics === null
        ? this.fetchAllOffsetsForGroup(context, group, request.requireStable)
        : this.fetchOffsetsForGroup(context, group, group.topics, request.requireStable),
    )
    return CompletableFuture.all(futures).thenApply((groups) =>
      offsetFetchResponse(groups, requestVersion),
    )
  }

  private fetchAllOffsetsForGroup(
    context: GroupRequestContext,
    group: OffsetFetchRequestGroup,
    requireStable: boolean,
  ): CompletableFuture<FetchedGroup> {
    const future = this.groupCoordinator.fetchOffsets(context, group, requireStable)
    if (context.requestVersion < TOPIC_ID_MIN_VERSION) return future
    return future.thenApply((response) => ({
      ...response,
      // A topic whose id nobody knows any more cannot be named in this version.
      topics: (response.topics ?? [])
        .map((topic) => ({ ...topic, topicId: this.metadataCache.getTopicId(topic.name ?? '') }))
        .filter(({ topicId }) => !topicId.equals(Uuid.ZERO_UUID)),
    }))
  }

  private fetchOffsetsForGroup(
    context: GroupRequestContext,
    group: OffsetFetchRequestGroup,
    topics: readonly OffsetFetchRequestTopics[],
    requireStable: boolean,
  ): CompletableFuture<FetchedGroup> {
    const useTopicIds = context.requestVersion >= TOPIC_ID_MIN_VERSION
    const known: OffsetFetchRequestTopics[] = []
    const unknown: FetchedTopic[] = []
    for (const topic of topics) {
      const name = useTopicIds ? this.metadataCache.getTopicName(topic.topicId) : topic.name
      if (name !== undefined) known.push({ ...topic, name })
      else unknown.push(unknownTopicId(topic))
    }
    return this.groupCoordinator
      .fetchOffsets(context, { ...group, topics: known }, requireStable)
      .thenApply((response) =>
        response.errorCode
          ? response
          : { ...response, topics: [...(response.topics ?? []), ...unknown] },
      )
  }

  // ---- OffsetDelete

  deleteOffsets(
    context: GroupRequestContext,
    request: OffsetDeleteRequestData,
  ): CompletableFuture<OffsetDeleteResponseInput> {
    const answers = new TopicAnswers<PartitionAnswer>(false)
    const known: OffsetDeleteRequestTopic[] = []
    for (const { name, partitions } of request.topics) {
      const [there, missing] = this.splitByPresence(name, partitions)
      if (missing.length > 0) answers.add({ name, partitions: missing })
      if (there.length > 0) known.push({ name, partitions: there })
    }
    // The group is asked even when nothing is left: whether it is there is an answer, too.
    return this.groupCoordinator
      .deleteOffsets(context, { ...request, topics: known })
      .thenApply((response) =>
        response.errorCode ? response : { topics: answers.merge(response.topics ?? []) },
      )
  }
}

interface PartitionAnswer {
  readonly partitionIndex?: number | undefined
  readonly errorCode?: number | undefined
}

const failed = (
  { partitionIndex }: { readonly partitionIndex: number },
  error: WireError,
): PartitionAnswer => ({ partitionIndex, errorCode: error.code })

const whatIsUnknown = (
  { topicId, name }: OffsetCommitRequestTopic,
  useTopicIds: boolean,
): WireError | undefined => {
  if (useTopicIds && name === '') return Errors.UNKNOWN_TOPIC_ID
  return topicId.equals(Uuid.ZERO_UUID) ? Errors.UNKNOWN_TOPIC_OR_PARTITION : undefined
}

const unknownTopicId = ({ topicId, name, partitionIndexes }: OffsetFetchRequestTopics) => ({
  topicId,
  name,
  partitions: partitionIndexes.map((partitionIndex) => ({
    partitionIndex,
    committedOffset: -1,
    metadata: '',
    errorCode: Errors.UNKNOWN_TOPIC_ID.code,
  })),
})

/** @kafka org.apache.kafka.common.requests.OffsetFetchRequest (groups) */
const groupsOf = (
  request: OffsetFetchRequestData,
  version: number,
): readonly OffsetFetchRequestGroup[] => {
  if (version >= BATCH_MIN_VERSION) return request.groups
  const topics = request.topics?.map((topic) => ({ ...topic, topicId: Uuid.ZERO_UUID })) ?? null
  return [{ groupId: request.groupId, memberId: null, memberEpoch: -1, topics }]
}

/** @kafka org.apache.kafka.common.requests.OffsetFetchResponse.Builder */
const offsetFetchResponse = (
  groups: readonly FetchedGroup[],
  version: number,
): OffsetFetchResponseInput => {
  if (version >= BATCH_MIN_VERSION) return { groups }
  const [group] = groups
  if (group === undefined || groups.length > 1) {
    throw new UnsupportedVersionException(
      `Version ${version} of OffsetFetchResponse only supports one group.`,
    )
  }
  return { errorCode: group.errorCode, topics: group.topics }
}
