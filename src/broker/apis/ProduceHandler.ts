/**
 * `Produce`: from the request to what is appended, and from what became of it to the response.
 *
 *     acks  −1   answered when every in-sync replica has the records
 *            1   when the leader has them
 *            0   not answered at all; an error can only be told by closing the connection
 *
 * @kafka kafka.server.KafkaApis (handleProduceRequest)
 */

import {
  TransactionalIdAuthorizationException,
  UnsupportedForMessageFormatException,
} from '../../common/errors/ApiExceptions.ts'
import { ApiException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { Uuid } from '../../common/Uuid.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'
import type {
  PartitionProduceData,
  ProduceRequestData,
  ProduceResponseInput,
  TopicProduceData,
} from '../../protocol/messages/Produce.ts'
import { validateRecords } from '../../protocol/ProduceRecords.ts'
import { MemoryRecords } from '../../record/MemoryRecords.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import type { MetadataCache } from '../metadata/MetadataCache.ts'
import type { LogAppendResult, ProduceEntry } from '../replica/ProduceParams.ts'
import type { ReplicaManager } from '../replica/ReplicaManager.ts'
import { type Answer, guarded } from './Answer.ts'
import { CurrentLeaders } from './CurrentLeaders.ts'

type TopicResponse = NonNullable<ProduceResponseInput['responses']>[number]
type PartitionResponse = NonNullable<TopicResponse['partitionResponses']>[number]

/** The client that may write into Kafka's own topics. */
const ADMIN_CLIENT_ID = '__admin_client'

/** Where the answer to one partition goes. */
interface Slot {
  readonly responses: PartitionResponse[]
  readonly index: number
}

export interface ProduceOutcome {
  readonly response: ProduceResponseInput
  readonly hasErrors: boolean
}

export class ProduceHandler {
  private readonly metadataCache: MetadataCache
  private readonly replicaManager: ReplicaManager
  private readonly logger: Logger

  constructor(metadataCache: MetadataCache, replicaManager: ReplicaManager, logger: Logger) {
    this.metadataCache = metadataCache
    this.replicaManager = replicaManager
    this.logger = logger
  }

  /**
   * @throws TransactionalIdAuthorizationException for transactional records without a transactional
   *   id
   */
  handle(
    request: ProduceRequestData,
    version: number,
    clientId: string | null,
    answer: Answer<ProduceOutcome>,
  ): void {
    const responses: TopicResponse[] = []
    const entries: ProduceEntry[] = []
    const slots: Slot[] = []
    for (const topic of request.topicData) {
      responses.push(this.collect(topic, request, version, entries, slots))
    }
    const finish = guarded(answer, (results: readonly LogAppendResult[]) => {
      const leaders = new CurrentLeaders(this.metadataCache)
      for (const [i, result] of results.entries()) {
        const slot = slots[i]!
        slot.responses[slot.index] = this.partitionResponse(result, version, leaders)
      }
      const nodeEndpoints = leaders.nodeEndpoints()
      answer.respond({
        response: { responses, ...(version >= 10 && { nodeEndpoints }) },
        hasErrors: responses.some((each) => each.partitionResponses?.some(isError)),
      })
    })
    const params = {
      requiredAcks: request.acks,
      internalTopicsAllowed: clientId === ADMIN_CLIENT_ID,
      origin: 'client',
    } as const
    if (entries.length === 0) finish([])
    else this.replicaManager.handleProduceAppend(params, entries, finish)
  }

  /**
   * Sorts a topic's partitions into those that can be appended to and those whose error is known.
   */
  private collect(
    topic: TopicProduceData,
    request: ProduceRequestData,
    version: number,
    entries: ProduceEntry[],
    slots: Slot[],
  ): TopicResponse {
    const byId = version >= 13
    const name = byId ? this.metadataCache.getTopicName(topic.topicId) : topic.name
    const responses: PartitionResponse[] = []
    for (const [index, partition] of topic.partitionData.entries()) {
      const topicPartition = new TopicPartition(name ?? '', partition.index)
      const checked = this.check(topicPartition, name !== undefined, partition, request, version)
      if ('error' in checked) {
        responses.push(errorResponse(partition.index, checked.error))
        continue
      }
      responses.push({})
      slots.push({ responses, index })
      const topicId = byId ? topic.topicId : Uuid.ZERO_UUID
      entries.push({ topicPartition, topicId, records: checked.records })
    }
    return { name: name ?? '', topicId: topic.topicId, partitionResponses: responses }
  }

  private check(
    topicPartition: TopicPartition,
    topicIsKnown: boolean,
    partition: PartitionProduceData,
    request: ProduceRequestData,
    version: number,
  ): { records: MemoryRecords } | { error: WireError } {
    if (!topicIsKnown) return { error: Errors.UNKNOWN_TOPIC_ID }
    if (!this.metadataCache.contains(topicPartition)) {
      return { error: Errors.UNKNOWN_TOPIC_OR_PARTITION }
    }
    try {
      const records = MemoryRecords.readableRecords(partition.records ?? new Uint8Array(0))
      const batch = validateRecords(version, records)
      if (batch.isTransactional && request.transactionalId === null) {
        throw new TransactionalIdAuthorizationException(
          'Transactional records were sent without a transactional id.',
        )
      }
      return { records }
    } catch (error) {
      if (!(error instanceof ApiException)) throw error
      if (error instanceof TransactionalIdAuthorizationException) throw error
      this.logFailure(topicPartition, error)
      return { error: errorOf(error) }
    }
  }

  private partitionResponse(
    result: LogAppendResult,
    version: number,
    leaders: CurrentLeaders,
  ): PartitionResponse {
    const { entry, info, exception } = result
    const index = entry.topicPartition.partition
    if (exception === undefined) {
      return {
        index,
        errorCode: Errors.NONE.code,
        baseOffset: info.firstOffset,
        logAppendTimeMs: info.logAppendTime,
        logStartOffset: info.logStartOffset,
      }
    }
    const error = Errors.forException(exception)
    this.logFailure(entry.topicPartition, exception)
    const namesLeader = version >= 10 && error === Errors.NOT_LEADER_OR_FOLLOWER
    return {
      ...errorResponse(index, error),
      logStartOffset: info.logStartOffset,
      // Any other error says by its code all that a producer is told.
      errorMessage: result.recordErrors.length > 0 ? exception.message : null,
      recordErrors: result.recordErrors.map(({ batchIndex, message }) => ({
        batchIndex,
        batchIndexErrorMessage: message,
      })),
      ...(namesLeader && { currentLeader: leaders.leaderOf(entry.topicPartition) }),
    }
  }

  private logFailure(topicPartition: TopicPartition, { message }: Error): void {
    if (!this.logger.isEnabled('debug')) return
    this.logger.debug(`Produce to ${topicPartition} failed: ${message}`)
  }
}

const isError = (response: PartitionResponse): boolean => response.errorCode !== Errors.NONE.code

const errorResponse = (index: number, error: WireError): PartitionResponse => ({
  index,
  errorCode: error.code,
  baseOffset: -1,
  logAppendTimeMs: RecordBatch.NO_TIMESTAMP,
  logStartOffset: -1,
})

/** A batch of format 0 or 1 can be found, and is what a producer of today must not send. */
const errorOf = (error: ApiException): WireError =>
  error instanceof UnsupportedForMessageFormatException
    ? Errors.INVALID_RECORD
    : Errors.forException(error)
