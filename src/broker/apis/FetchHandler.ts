/**
 * `Fetch`: from the request to what the replica manager is asked, and from what it read to the
 * response.
 *
 * Sessions (KIP-227) spare a client from naming all its partitions in every fetch. A broker may
 * decline by answering with session id 0, and this one does: each fetch names everything it wants.
 *
 * @kafka kafka.server.KafkaApis (handleFetchRequest)
 * @simplified no fetch sessions, no preferred read replica.
 */

import { IsolationLevel } from '../../common/IsolationLevel.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { Uuid } from '../../common/Uuid.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'
import type {
  FetchPartition,
  FetchRequestData,
  FetchResponseInput,
  FetchTopic,
} from '../../protocol/messages/Fetch.ts'
import type { KafkaConfig } from '../KafkaConfig.ts'
import type { MetadataCache } from '../metadata/MetadataCache.ts'
import type { FetchParams, LogReadResult } from '../replica/FetchParams.ts'
import type { FetchPartitionRequest } from '../replica/Partition.ts'
import type { ReplicaManager } from '../replica/ReplicaManager.ts'
import { type Answer, guarded } from './Answer.ts'
import { CurrentLeaders } from './CurrentLeaders.ts'

type TopicResponse = NonNullable<FetchResponseInput['responses']>[number]
type PartitionResponse = NonNullable<TopicResponse['partitions']>[number]

/** A session epoch that asks for a new session, or for none. */
const INITIAL_EPOCH = 0
const FINAL_EPOCH = -1
const INVALID_SESSION_ID = 0

/** Where the answer to one partition goes. */
interface Slot {
  readonly topic: TopicResponse & { readonly partitions: PartitionResponse[] }
  readonly index: number
}

export class FetchHandler {
  private readonly config: KafkaConfig
  private readonly metadataCache: MetadataCache
  private readonly replicaManager: ReplicaManager

  constructor(config: KafkaConfig, metadataCache: MetadataCache, replicaManager: ReplicaManager) {
    this.config = config
    this.metadataCache = metadataCache
    this.replicaManager = replicaManager
  }

  /** @throws IllegalArgumentException for an isolation level that there is not */
  handle(request: FetchRequestData, version: number, answer: Answer<FetchResponseInput>): void {
    if (request.sessionEpoch !== INITIAL_EPOCH && request.sessionEpoch !== FINAL_EPOCH) {
      // A session that nobody here knows: the client starts over with a full fetch.
      answer.respond({
        errorCode: Errors.FETCH_SESSION_ID_NOT_FOUND.code,
        sessionId: INVALID_SESSION_ID,
      })
      return
    }
    const responses: Slot['topic'][] = []
    const wanted: FetchPartitionRequest[] = []
    const slots: Slot[] = []
    for (const topic of request.topics) this.collect(topic, version, responses, wanted, slots)
    const params = this.paramsOf(request)
    const finish = guarded(answer, (results: readonly LogReadResult[]) => {
      const leaders = new CurrentLeaders(this.metadataCache)
      for (const [i, result] of results.entries()) {
        const { topic, index } = slots[i]!
        topic.partitions[index] = this.partitionResponse(result, params, version, leaders)
      }
      answer.respond({
        errorCode: Errors.NONE.code,
        sessionId: INVALID_SESSION_ID,
        responses,
        ...(version >= 16 && { nodeEndpoints: leaders.nodeEndpoints() }),
      })
    })
    if (wanted.length === 0) finish([])
    else this.replicaManager.fetchMessages(params, wanted, finish)
  }

  /** Sorts a topic's partitions into those that can be asked for and those whose error is known. */
  private collect(
    topic: FetchTopic,
    version: number,
    responses: Slot['topic'][],
    wanted: FetchPartitionRequest[],
    slots: Slot[],
  ): void {
    const byId = version >= 13
    const name = byId ? this.metadataCache.getTopicName(topic.topicId) : topic.topic
    const partitions: PartitionResponse[] = []
    const response = { topic: name ?? '', topicId: topic.topicId, partitions }
    responses.push(response)
    for (const [index, partition] of topic.partitions.entries()) {
      const topicPartition = new TopicPartition(name ?? '', partition.partition)
      if (name === undefined) {
        partitions.push(errorResponse(partition, Errors.UNKNOWN_TOPIC_ID))
      } else if (!this.metadataCache.contains(topicPartition)) {
        partitions.push(errorResponse(partition, Errors.UNKNOWN_TOPIC_OR_PARTITION))
      } else {
        partitions.push({})
        slots.push({ topic: response, index })
        wanted.push(requestOf(topicPartition, byId ? topic.topicId : Uuid.ZERO_UUID, partition))
      }
    }
  }

  private paramsOf(request: FetchRequestData): FetchParams {
    const isCommitted = IsolationLevel.forId(request.isolationLevel) === 'read_committed'
    const maxBytes = Math.min(request.maxBytes, this.config.get('fetch.max.bytes'))
    const replicaId =
      request.replicaState.replicaId >= 0 ? request.replicaState.replicaId : request.replicaId
    return {
      replicaId,
      maxWaitMs: request.maxWaitMs,
      minBytes: Math.min(request.minBytes, maxBytes),
      maxBytes,
      isolation: isCommitted ? 'txnCommitted' : 'highWatermark',
    }
  }

  private partitionResponse(
    result: LogReadResult,
    { isolation }: FetchParams,
    version: number,
    leaders: CurrentLeaders,
  ): PartitionResponse {
    const { request, divergingEpoch } = result
    const error = downConvert(result.error, version)
    const namesLeader =
      version >= 16 &&
      (error === Errors.NOT_LEADER_OR_FOLLOWER || error === Errors.FENCED_LEADER_EPOCH)
    return {
      partitionIndex: request.topicPartition.partition,
      errorCode: error.code,
      highWatermark: result.highWatermark,
      lastStableOffset: result.lastStableOffset,
      logStartOffset: result.logStartOffset,
      // Null says that nobody asked; who reads committed records only hears of none.
      abortedTransactions: isolation === 'txnCommitted' && error === Errors.NONE ? [] : null,
      records: result.records.toBytes(),
      ...(divergingEpoch !== undefined && { divergingEpoch }),
      ...(namesLeader && { currentLeader: leaders.leaderOf(request.topicPartition) }),
    }
  }
}

/**
 * Clients before version 6 do not know KAFKA_STORAGE_ERROR; this makes them look for another
 * leader.
 */
const downConvert = (error: WireError, version: number): WireError =>
  error === Errors.KAFKA_STORAGE_ERROR && version <= 5 ? Errors.NOT_LEADER_OR_FOLLOWER : error

const requestOf = (
  topicPartition: TopicPartition,
  topicId: Uuid,
  partition: FetchPartition,
): FetchPartitionRequest => ({
  topicPartition,
  topicId,
  fetchOffset: partition.fetchOffset,
  currentLeaderEpoch: partition.currentLeaderEpoch,
  lastFetchedEpoch: partition.lastFetchedEpoch,
  maxBytes: partition.partitionMaxBytes,
})

const errorResponse = ({ partition }: FetchPartition, error: WireError): PartitionResponse => ({
  partitionIndex: partition,
  errorCode: error.code,
  highWatermark: -1,
  records: new Uint8Array(0),
})
