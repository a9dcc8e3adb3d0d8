/**
 * From an answer to the next picture: which topics to keep, which partitions to believe, what to
 * ask again.
 *
 *     response ─► topic wanted? ──no──► left out
 *                    │yes
 *                 topic has an error ──► noted; asked again if the error says that things move
 *                    │no
 *                 each partition: is its leader epoch older than ours? ──yes──► what we had stays
 *                    │no
 *                 taken
 *
 * @kafka org.apache.kafka.clients.Metadata
 * @simplified a class of its own; in Java these are private methods of `Metadata`.
 */

import { InvalidMetadataException, type KafkaException } from '../common/errors.ts'
import { Uuid } from '../common/Uuid.ts'
import { Errors } from '../protocol/Errors.ts'
import type { LeaderEpochs } from './LeaderEpochs.ts'
import type { MetadataRefresh } from './MetadataRefresh.ts'
import type { MetadataResponse, TopicMetadata } from './MetadataResponse.ts'
import { MetadataSnapshot } from './MetadataSnapshot.ts'
import type { PartitionMetadata } from './PartitionMetadata.ts'

/** Whether what is said of a topic is kept; `topicId` is `null` when it is not known. */
export type RetainToldTopic = (topic: string, topicId: Uuid | null, isInternal: boolean) => boolean

export class MetadataResponseHandler {
  private readonly leaderEpochs: LeaderEpochs
  private readonly refresh: MetadataRefresh

  constructor(leaderEpochs: LeaderEpochs, refresh: MetadataRefresh) {
    this.leaderEpochs = leaderEpochs
    this.refresh = refresh
  }

  /**
   * @param isPartialUpdate the answer speaks of some topics only; the others stay as they are in
   * `current`
   */
  nextSnapshot(
    current: MetadataSnapshot,
    response: MetadataResponse,
    isPartialUpdate: boolean,
    retainTopic: RetainToldTopic,
  ): MetadataSnapshot {
    const partitions: PartitionMetadata[] = []
    const topicIds = new Map<string, Uuid>()
    const unauthorizedTopics = new Set<string>()
    const invalidTopics = new Set<string>()
    const internalTopics = new Set<string>()
    for (const told of response.topicMetadata) {
      const topicId = idOf(told)
      if (topicId !== null) topicIds.set(told.topic, topicId)
      if (!retainTopic(told.topic, topicId, told.isInternal)) continue
      if (told.isInternal) internalTopics.add(told.topic)
      if (told.error === Errors.NONE) {
        partitions.push(...this.believed(current, told, response.hasReliableLeaderEpochs))
        continue
      }
      this.askAgainOn(told.error.exception())
      if (told.error === Errors.INVALID_TOPIC_EXCEPTION) invalidTopics.add(told.topic)
      if (told.error === Errors.TOPIC_AUTHORIZATION_FAILED) unauthorizedTopics.add(told.topic)
    }

    const news = {
      clusterId: response.clusterId,
      nodes: response.brokersById,
      partitions,
      unauthorizedTopics,
      invalidTopics,
      internalTopics,
      controller: response.controller,
      topicIds,
    }
    if (!isPartialUpdate) return new MetadataSnapshot(news)
    const told = new Set(response.topicMetadata.map(({ topic }) => topic))
    return current.mergeWith(
      news,
      (topic, isInternal) => !told.has(topic) && retainTopic(topic, null, isInternal),
    )
  }

  private believed(
    current: MetadataSnapshot,
    told: TopicMetadata,
    hasReliableLeaderEpochs: boolean,
  ): PartitionMetadata[] {
    const topicId = idOf(told)
    // Ids can be compared only if both are known.
    const knownTopicId = topicId === null ? null : current.topicId(told.topic)
    const believed: PartitionMetadata[] = []
    for (const partition of told.partitions) {
      // Also with an error: the epoch counts, and a later error must not hide an election.
      const latest = hasReliableLeaderEpochs
        ? this.newerByEpoch(current, partition, topicId, knownTopicId)
        : this.withoutEpoch(partition)
      if (latest !== null) believed.push(latest)
      this.askAgainOn(partition.error.exception())
    }
    return believed
  }

  private newerByEpoch(
    current: MetadataSnapshot,
    told: PartitionMetadata,
    topicId: Uuid | null,
    knownTopicId: Uuid | null,
  ): PartitionMetadata | null {
    const { topicPartition, leaderEpoch } = told
    if (leaderEpoch === null) return this.withoutEpoch(told)
    const verdict = this.leaderEpochs.judge(topicPartition, leaderEpoch, topicId, knownTopicId)
    if (verdict === 'older') return current.partitionMetadata(topicPartition)
    if (verdict === 'newer') this.refresh.madeProgress()
    return told
  }

  /**
   * An old broker, or an error that leaves the leader out: nothing to compare by, so what was told
   * last counts.
   */
  private withoutEpoch(told: PartitionMetadata): PartitionMetadata {
    this.leaderEpochs.remove(told.topicPartition)
    this.refresh.madeProgress()
    return told.withoutLeaderEpoch()
  }

  private askAgainOn(error: KafkaException | null): void {
    if (error instanceof InvalidMetadataException) this.refresh.requestUpdate(false)
  }
}

const idOf = (told: TopicMetadata): Uuid | null =>
  told.topicId.equals(Uuid.ZERO_UUID) ? null : told.topicId
