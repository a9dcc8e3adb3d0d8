/**
 * Describes topics by their names, page by page, so that no response grows without bound.
 *
 *     request  orders, payments, users
 *     page 1   orders(0…5), payments(0…2)      cursor payments/3
 *     request  payments, users                 cursor payments/3
 *     page 2   payments(3…5), users(0)         no cursor
 *
 * A topic is complete when the cursor has moved past it. A broker that does not know this API is
 * asked for its metadata instead.
 *
 * I1  At most one topic is partly known: the one that the cursor points into.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient
 * @simplified a class of its own; in Java
 *   `generateDescribeTopicsCallWithDescribeTopicPartitionsApi`. When the last page lacks a topic,
 *   its future fails; Java asks for it again, at once, until the deadline.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { type RequestBuilder, requestBuilder } from '../../clients/RequestBuilder.ts'
import { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import { ApiException } from '../../common/errors.ts'
import { Node } from '../../common/Node.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type {
  DescribeTopicPartitionsResponseData,
  DescribeTopicPartitionsResponsePartition,
  DescribeTopicPartitionsResponseTopic,
} from '../../protocol/messages/DescribeTopicPartitions.ts'
import { validAclOperations } from '../AclOperation.ts'
import type { TopicDescription, TopicPartitionInfo } from '../TopicDescription.ts'
import { Call } from './Call.ts'
import {
  DescribeTopicsByMetadataCall,
  type DescribeTopicsCallOptions,
} from './DescribeTopicsByMetadataCall.ts'

const DEFAULT_PARTITION_SIZE_LIMIT = 2000

/** A topic of which more is to come. */
type PartialDescription = TopicDescription & { readonly partitions: TopicPartitionInfo[] }

export class DescribeTopicPartitionsCall extends Call {
  private readonly call: DescribeTopicsCallOptions
  /** The brokers, by their ids: responses name ids alone. */
  private readonly nodes: ReadonlyMap<number, Node>
  /** Topics without outcome, in the order in which the broker goes through them. */
  private readonly remaining: Set<string>
  private unfinished: PartialDescription | null = null

  constructor(call: DescribeTopicsCallOptions, nodes: readonly Node[]) {
    const nodeProvider = call.context.nodeProviders.leastLoaded()
    super({ callName: 'describeTopicPartitions', deadlineMs: call.deadlineMs, nodeProvider })
    this.call = call
    this.nodes = new Map(nodes.map((node) => [node.id, node]))
    this.remaining = new Set([...call.topics.keys()].sort())
  }

  override createRequest(): RequestBuilder {
    const { partitionSizeLimitPerResponse = DEFAULT_PARTITION_SIZE_LIMIT } = this.call.options
    const { unfinished } = this
    return requestBuilder(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, {
      topics: Array.from(this.remaining, (name) => ({ name })),
      responsePartitionLimit: partitionSizeLimitPerResponse,
      // Where a topic begins no cursor is needed: it is the first one in the request.
      cursor: unfinished && {
        topicName: unfinished.name,
        partitionIndex: unfinished.partitions.length,
      },
    })
  }

  override handleResponse(response: ClientResponse): void {
    const { topics, nextCursor } = response.responseBody as DescribeTopicPartitionsResponseData
    const cursorTopic = nextCursor?.topicName ?? null
    let next: PartialDescription | null = null
    for (const topic of topics) {
      const name = topic.name ?? ''
      const { message } = Errors.forCode(topic.errorCode)
      const error = Errors.forCode(topic.errorCode).exception(`Topic '${name}': ${message}`)
      if (!this.remaining.has(name)) {
        this.call.context.logger.warn(`The response mentions topic '${name}' unasked`)
      } else if (error !== null) {
        this.finish(name, error)
      } else if (this.unfinished?.name === name) {
        this.unfinished.partitions.push(...this.partitionsOf(topic))
      } else if (cursorTopic === name) {
        next = this.descriptionOf(topic)
      } else {
        this.finish(name, this.descriptionOf(topic))
      }
    }
    // The cursor may have moved on to a topic of which this page holds nothing.
    if (this.unfinished !== null && this.unfinished.name !== cursorTopic) {
      this.finish(this.unfinished.name, this.unfinished)
    }
    if (next !== null) this.unfinished = next
    if (this.remaining.size === 0) return
    if (cursorTopic === null) this.failUnanswered()
    else this.call.context.submit(this)
  }

  override handleUnsupportedVersionException(): boolean {
    this.call.context.submit(new DescribeTopicsByMetadataCall(this.call))
    return false
  }

  override handleFailure(error: Error): void {
    // The call by metadata has taken over.
    if (error instanceof UnsupportedVersionException) return
    for (const name of [...this.remaining]) this.finish(name, error)
  }

  private finish(name: string, outcome: TopicDescription | Error): void {
    const future = this.call.futures.get(name)!
    if (outcome instanceof Error) future.completeExceptionally(outcome)
    else future.complete(outcome)
    this.remaining.delete(name)
    if (this.unfinished?.name === name) this.unfinished = null
  }

  private failUnanswered(): void {
    for (const name of [...this.remaining]) {
      this.finish(
        name,
        new ApiException(`The node response did not contain a result for topic ${name}`),
      )
    }
  }

  private descriptionOf(topic: DescribeTopicPartitionsResponseTopic): PartialDescription {
    const { includeAuthorizedOperations = false } = this.call.options
    return {
      name: topic.name ?? '',
      topicId: topic.topicId,
      isInternal: topic.isInternal,
      partitions: this.partitionsOf(topic),
      authorizedOperations: includeAuthorizedOperations
        ? validAclOperations(topic.topicAuthorizedOperations)
        : null,
    }
  }

  private partitionsOf(topic: DescribeTopicPartitionsResponseTopic): TopicPartitionInfo[] {
    return topic.partitions.map((partition) => this.partitionOf(partition))
  }

  private partitionOf(told: DescribeTopicPartitionsResponsePartition): TopicPartitionInfo {
    // A broker that is down is known by its id alone.
    const nodesOf = (ids: readonly number[]): Node[] =>
      ids.map((id) => this.nodes.get(id) ?? new Node(id, '', -1))
    return {
      partition: told.partitionIndex,
      leader: this.nodes.get(told.leaderId) ?? null,
      replicas: nodesOf(told.replicaNodes),
      isr: nodesOf(told.isrNodes),
      elr: told.eligibleLeaderReplicas && nodesOf(told.eligibleLeaderReplicas),
      lastKnownElr: told.lastKnownElr && nodesOf(told.lastKnownElr),
    }
  }
}
