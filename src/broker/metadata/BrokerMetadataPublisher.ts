/**
 * Tells the parts of one broker what a new image of the cluster means for them, in the order in
 * which they need it.
 *
 *     new image ─► MetadataCache ─► ReplicaManager ─► GroupCoordinatorService
 *                  answers          logs are there     elections, resignations, lost topics
 *
 * I1  A coordinator is told of an election when the log is open, so it can read it at once.
 *
 * @kafka kafka.server.metadata.BrokerMetadataPublisher
 * @simplified there are no deltas: two images are compared, and only where it matters.
 */

import { Topic } from '../../common/Topic.ts'
import type { GroupCoordinatorService } from '../group/GroupCoordinatorService.ts'
import type { DeletedTopic } from '../group/OffsetMetadataManager.ts'
import type { ReplicaManager } from '../replica/ReplicaManager.ts'
import type { MetadataCache } from './MetadataCache.ts'
import { MetadataImage, type PartitionRegistration } from './MetadataImage.ts'

export interface BrokerMetadataPublisherOptions {
  brokerId: number
  metadataCache: MetadataCache
  replicaManager: ReplicaManager
  groupCoordinator: GroupCoordinatorService
}

export class BrokerMetadataPublisher {
  private readonly options: BrokerMetadataPublisherOptions
  private published = MetadataImage.EMPTY

  constructor(options: BrokerMetadataPublisherOptions) {
    this.options = options
  }

  onMetadataUpdate(image: MetadataImage): void {
    const { metadataCache, replicaManager, groupCoordinator } = this.options
    const before = this.published
    this.published = image
    metadataCache.setImage(image)
    replicaManager.applyImage(image)
    this.updateCoordinator(before, image)
    groupCoordinator.onTopicsDeleted(deletedTopics(before, image))
  }

  /** I1. */
  private updateCoordinator(before: MetadataImage, after: MetadataImage): void {
    const { groupCoordinator } = this.options
    const old = partitionsOf(before)
    const now = partitionsOf(after)
    for (let partition = 0; partition < Math.max(old.length, now.length); partition++) {
      const known = old[partition]
      const current = now[partition]
      if (this.isLed(current)) {
        if (known?.leaderEpoch === current.leaderEpoch) continue
        groupCoordinator.onElection(partition, current.leaderEpoch)
      } else if (this.isLed(known)) {
        const epoch = now[partition]?.leaderEpoch
        groupCoordinator.onResignation(partition, epoch)
      }
    }
  }

  private isLed(partition: PartitionRegistration | undefined): partition is PartitionRegistration {
    return partition?.leader === this.options.brokerId
  }
}

const partitionsOf = (image: MetadataImage): readonly PartitionRegistration[] =>
  image.topicsByName.get(Topic.GROUP_METADATA_TOPIC_NAME)?.partitions ?? []

const deletedTopics = (before: MetadataImage, after: MetadataImage): DeletedTopic[] =>
  [...before.topicsByName.values()].filter(({ id }) => after.topicById(id) === undefined)
