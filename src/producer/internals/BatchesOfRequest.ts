/**
 * The batches of one produce request: how they stand in it, and how to find each again when the
 * answer comes.
 *
 * From version 13 on an answer names topics by id. Which id means which topic is remembered here,
 * when the request is made: a topic may be deleted and made again, with a new id, while the request
 * is on its way.
 *
 * @kafka org.apache.kafka.clients.producer.internals.Sender
 * @simplified a class of its own; in Java `sendProduceRequest` holds these as local maps.
 */

import { produceRequest } from '../../clients/ProduceRequest.ts'
import type { RequestBuilder } from '../../clients/RequestBuilder.ts'
import { IllegalStateException } from '../../common/errors.ts'
import type { Uuid } from '../../common/Uuid.ts'
import type { ApiKeys } from '../../protocol/ApiKeys.ts'
import type { ProducerBatch } from './ProducerBatch.ts'

interface TopicData {
  readonly name: string
  readonly topicId?: Uuid
  readonly partitionData: { readonly index: number; readonly records: Uint8Array }[]
}

export class BatchesOfRequest {
  readonly batches: readonly ProducerBatch[]
  private readonly byPartition = new Map<string, ProducerBatch>()
  private readonly topicNames = new Map<string, string>()
  private readonly topicData = new Map<string, TopicData>()

  /** @param topicIds of the topics whose id is known */
  constructor(batches: readonly ProducerBatch[], topicIds: ReadonlyMap<string, Uuid>) {
    this.batches = batches
    for (const batch of batches) {
      const { topic, partition, key } = batch.topicPartition
      this.byPartition.set(key, batch)
      this.dataOf(topic, topicIds).partitionData.push({
        index: partition,
        records: batch.records().bytes,
      })
    }
  }

  /** The request; the batches' bytes go into it by reference. */
  toRequest(acks: number, timeoutMs: number): RequestBuilder<typeof ApiKeys.PRODUCE> {
    const topicData = [...this.topicData.values()]
    return produceRequest({ transactionalId: null, acks, timeoutMs, topicData })
  }

  /**
   * The batch that a part of an answer speaks of.
   *
   * @param topicName as the answer has it: empty from version 13 on
   * @throws IllegalStateException when nothing was sent for that partition
   */
  find(topicId: Uuid, topicName: string, index: number): ProducerBatch {
    const topic = this.topicNames.get(topicId.toString()) ?? topicName
    const batch = this.byPartition.get(`${topic}-${index}`)
    if (batch === undefined) {
      throw new IllegalStateException(
        `Cannot find a batch for topic id ${topicId}, topic name '${topicName}', partition ` +
          `${index}: the broker answers for a partition that it was sent nothing for`,
      )
    }
    return batch
  }

  /** As `orders-0`, for traces. */
  partitions(): string[] {
    return [...this.byPartition.keys()]
  }

  sizeInBytes(): number {
    return this.batches.reduce((bytes, batch) => bytes + batch.records().sizeInBytes, 0)
  }

  private dataOf(topic: string, topicIds: ReadonlyMap<string, Uuid>): TopicData {
    const known = this.topicData.get(topic)
    if (known !== undefined) return known
    const topicId = topicIds.get(topic)
    const data: TopicData = { name: topic, ...(topicId && { topicId }), partitionData: [] }
    this.topicData.set(topic, data)
    if (topicId) this.topicNames.set(topicId.toString(), topic)
    return data
  }
}
