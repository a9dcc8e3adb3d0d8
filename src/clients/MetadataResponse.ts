/**
 * A metadata response, read: numbers turned into errors, ids into brokers, -1 into "none".
 *
 * The message itself stays plain data (`MetadataResponseData`); this is the view of it that
 * `Metadata` works with.
 *
 * @kafka org.apache.kafka.common.requests.MetadataResponse
 */

import { Node } from '../common/Node.ts'
import { TopicPartition } from '../common/TopicPartition.ts'
import type { Uuid } from '../common/Uuid.ts'
import { Errors } from '../protocol/Errors.ts'
import type { MetadataResponseData } from '../protocol/messages/Metadata.ts'
import { PartitionMetadata } from './PartitionMetadata.ts'

/**
 * From this version on a leader epoch can be relied on. Before it (Kafka 2.4) a broker could hand
 * out old epochs while partitions were being moved, and a client that sends one of those back is
 * fenced off.
 */
const FIRST_VERSION_WITH_RELIABLE_LEADER_EPOCHS = 9

export interface TopicMetadata {
  readonly error: Errors
  readonly topic: string
  /** `Uuid.ZERO_UUID` when the broker did not say. */
  readonly topicId: Uuid
  readonly isInternal: boolean
  readonly partitions: readonly PartitionMetadata[]
  /** A bit field; the smallest int32 when it was not asked for. */
  readonly authorizedOperations: number
}

export class MetadataResponse {
  readonly data: MetadataResponseData
  readonly version: number
  readonly brokersById: ReadonlyMap<number, Node>
  readonly topicMetadata: readonly TopicMetadata[]

  /**
   * @param version the version the response came in; it says how far its epochs can be relied on
   */
  constructor(data: MetadataResponseData, version: number) {
    this.data = data
    this.version = version
    this.brokersById = new Map(
      data.brokers.map((b) => [b.nodeId, new Node(b.nodeId, b.host, b.port, b.rack)]),
    )
    this.topicMetadata = data.topics.map(topicMetadataOf)
  }

  get clusterId(): string | null {
    return this.data.clusterId
  }

  /** `null` when the broker named none, or one that it does not list. */
  get controller(): Node | null {
    return this.brokersById.get(this.data.controllerId) ?? null
  }

  get topLevelError(): Errors {
    return Errors.forCode(this.data.errorCode)
  }

  get hasReliableLeaderEpochs(): boolean {
    return this.version >= FIRST_VERSION_WITH_RELIABLE_LEADER_EPOCHS
  }

  /** The topics that could not be described, and why. */
  errors(): Map<string, Errors> {
    const errors = new Map<string, Errors>()
    for (const { topic, error } of this.topicMetadata) {
      if (error !== Errors.NONE) errors.set(topic, error)
    }
    return errors
  }
}

type TopicData = MetadataResponseData['topics'][number]

const topicMetadataOf = (data: TopicData): TopicMetadata => {
  // A request by id may be answered without a name, when the topic is gone.
  const topic = data.name ?? ''
  return {
    error: Errors.forCode(data.errorCode),
    topic,
    topicId: data.topicId,
    isInternal: data.isInternal,
    partitions: data.partitions.map((p) => partitionMetadataOf(topic, p)),
    authorizedOperations: data.topicAuthorizedOperations,
  }
}

const partitionMetadataOf = (
  topic: string,
  data: TopicData['partitions'][number],
): PartitionMetadata =>
  new PartitionMetadata({
    error: Errors.forCode(data.errorCode),
    topicPartition: new TopicPartition(topic, data.partitionIndex),
    leaderId: data.leaderId < 0 ? null : data.leaderId,
    leaderEpoch: data.leaderEpoch < 0 ? null : data.leaderEpoch,
    replicaIds: data.replicaNodes,
    inSyncReplicaIds: data.isrNodes,
    offlineReplicaIds: data.offlineReplicas,
  })
