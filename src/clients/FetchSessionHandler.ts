/**
 * The client's half of a fetch session with one broker (KIP-227).
 *
 * A consumer asks for the same partitions again and again. Without a session each request names
 * them all; with one, both sides remember the list, a request carries only what has changed since
 * the last one, and a response only the partitions that have something to say:
 *
 *      INITIAL ──full response with a session id──► incremental 1, 2, 3, …
 *         ▲                                              │  error, or a response that does not fit
 *         └───────── close existing, attempt new ◄───────┘
 *
 * What makes this delicate is forgetting. A partition that is no longer wanted must be named once,
 * as forgotten, or the broker goes on delivering it for ever; and a topic that was deleted and made
 * again under the same name is another topic with another id, so that the old one must be forgotten
 * and the new one added in the same breath.
 *
 * I1  `sessionPartitions` holds what the broker will hold once it has read the request that was
 *     built last.
 * I2  What is sent keeps the order of `add`, new partitions before changed ones: in this order the
 *     broker serves.
 * I3  A response that does not fit the session is refused as a whole, and the session is begun
 *     anew.
 *
 * @kafka org.apache.kafka.clients.FetchSessionHandler
 * @simplified no presized builder without copy: that one serves the replica fetcher.
 */

import { IllegalStateException } from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import { TopicPartitionMap } from '../common/TopicPartitionMap.ts'
import { Uuid } from '../common/Uuid.ts'
import { Errors } from '../protocol/Errors.ts'
import { FetchMetadata } from './FetchMetadata.ts'
import {
  describeFetchRequest,
  type FetchPartitionData,
  type FetchRequestData,
  samePartitionData,
  type TopicIdPartition,
} from './FetchRequestData.ts'
import type { FetchResponse } from './FetchResponse.ts'

/** Members of `toFind` that are not in `toSearch`, in their order. */
export const findMissing = <T>(
  toFind: Iterable<T>,
  toSearch: { has(item: T): boolean },
): readonly T[] => [...toFind].filter((item) => !toSearch.has(item))

const isZero = (id: Uuid): boolean => id.equals(Uuid.ZERO_UUID)

export class FetchSessionHandler {
  private readonly logger: Logger
  private readonly node: number
  private nextMetadata = FetchMetadata.INITIAL
  private sessionPartitions = new TopicPartitionMap<FetchPartitionData>()
  private topicNames: ReadonlyMap<string, string> = new Map()

  /** @param node the broker's id, for the log */
  constructor(logger: Logger, node: number) {
    this.logger = logger
    this.node = node
  }

  sessionId(): number {
    return this.nextMetadata.sessionId
  }

  /** Topic names by the text of their ids; empty while the session goes by names. */
  sessionTopicNames(): ReadonlyMap<string, string> {
    return this.topicNames
  }

  sessionTopicPartitions(): Iterable<TopicPartition> {
    return this.sessionPartitions.keys()
  }

  newBuilder(): FetchSessionBuilder {
    return new FetchSessionBuilder((next, topicNames, allHaveIds) =>
      this.build(next, topicNames, allHaveIds),
    )
  }

  /** @returns whether the response may be used */
  handleResponse(response: FetchResponse): boolean {
    if (response.error !== Errors.NONE) {
      this.logger.info(
        `Node ${this.node} was unable to process the fetch request with ${this.nextMetadata}: ` +
          `${response.error.name}.`,
      )
      this.nextMetadata =
        response.error === Errors.FETCH_SESSION_ID_NOT_FOUND
          ? FetchMetadata.INITIAL
          : this.nextMetadata.nextCloseExistingAttemptNew()
      return false
    }
    return this.nextMetadata.isFull()
      ? this.handleFullResponse(response)
      : this.handleIncrementalResponse(response)
  }

  /** No response: nobody knows what the broker has made of the request, so start again. */
  handleError(error: Error): void {
    this.logger.info(
      `Error sending fetch request ${this.nextMetadata} to node ${this.node}: ${error.message}`,
    )
    this.nextMetadata = this.nextMetadata.nextCloseExistingAttemptNew()
  }

  /** The next request will close the session. */
  notifyClose(): void {
    this.nextMetadata = this.nextMetadata.nextCloseExisting()
  }

  /** @returns what is wrong with a full response, or `null` */
  verifyFullFetchResponsePartitions(response: FetchResponse): string | null {
    const partitions = response.responseData(this.topicNames)
    return problems({
      omittedPartitions: findMissing(this.sessionPartitions.keys(), partitions),
      extraPartitions: findMissing(partitions.keys(), this.sessionPartitions),
      extraIds: findMissing(response.topicIds(), this.topicNames),
      response: [...partitions.keys()],
    })
  }

  /** As above; what an incremental response leaves out has nothing new to say. */
  verifyIncrementalFetchResponsePartitions(response: FetchResponse): string | null {
    const partitions = response.responseData(this.topicNames)
    return problems({
      omittedPartitions: [],
      extraPartitions: findMissing(partitions.keys(), this.sessionPartitions),
      extraIds: findMissing(response.topicIds(), this.topicNames),
      response: [...partitions.keys()],
    })
  }

  private build(
    next: TopicPartitionMap<FetchPartitionData>,
    topicNames: ReadonlyMap<string, string>,
    allHaveIds: boolean,
  ): FetchRequestData {
    const data = this.nextMetadata.isFull()
      ? this.buildFull(next, allHaveIds)
      : this.buildIncremental(next, allHaveIds)
    this.topicNames = data.canUseTopicIds ? topicNames : new Map()
    if (this.logger.isEnabled('debug')) {
      this.logger.debug(
        `Built ${describeFetchRequest(data)} with ${this.nextMetadata} for node ${this.node}.`,
      )
    }
    return data
  }

  private buildFull(
    next: TopicPartitionMap<FetchPartitionData>,
    canUseTopicIds: boolean,
  ): FetchRequestData {
    this.sessionPartitions = next
    const toSend = new TopicPartitionMap(next)
    return {
      toSend,
      toForget: [],
      toReplace: [],
      sessionPartitions: toSend,
      metadata: this.nextMetadata,
      canUseTopicIds,
    }
  }

  private buildIncremental(
    next: TopicPartitionMap<FetchPartitionData>,
    allHaveIds: boolean,
  ): FetchRequestData {
    const toForget: TopicIdPartition[] = []
    const toReplace: TopicIdPartition[] = []
    const changed: [TopicPartition, FetchPartitionData][] = []
    let canUseTopicIds = allHaveIds
    for (const [topicPartition, before] of [...this.sessionPartitions]) {
      const now = next.get(topicPartition)
      if (now === undefined) {
        this.sessionPartitions.delete(topicPartition)
        toForget.push({ topicId: before.topicId, topicPartition })
        // What has no id can only be forgotten by name.
        if (isZero(before.topicId)) canUseTopicIds = false
        continue
      }
      next.delete(topicPartition)
      if (samePartitionData(before, now)) continue
      changed.push([topicPartition, now])
      this.sessionPartitions.set(topicPartition, now)
      const isAnotherTopic = !before.topicId.equals(now.topicId)
      if (isAnotherTopic && !isZero(before.topicId) && !isZero(now.topicId)) {
        toReplace.push({ topicId: before.topicId, topicPartition })
      }
    }
    // What is left in `next` was not in the session: it is new.
    this.sessionPartitions.setAll(next)
    return {
      toSend: next.setAll(changed),
      toForget,
      toReplace,
      sessionPartitions: new TopicPartitionMap(this.sessionPartitions),
      metadata: this.nextMetadata,
      canUseTopicIds,
    }
  }

  private handleFullResponse(response: FetchResponse): boolean {
    const isEmpty = response.responseData(this.topicNames).size === 0
    if (isEmpty && response.throttleTimeMs > 0) {
      // A broker that wants us to slow down answers with nothing (KIP-219). That is no error, and
      // no data either.
      this.logger.debug(
        `Node ${this.node} asks this client to wait for ${response.throttleTimeMs} ms.`,
      )
      this.nextMetadata = FetchMetadata.INITIAL
      return false
    }
    const problem = this.verifyFullFetchResponsePartitions(response)
    if (problem !== null) {
      this.logger.info(`Node ${this.node} sent an invalid full fetch response with ${problem}`)
      this.nextMetadata = FetchMetadata.INITIAL
      return false
    }
    this.nextMetadata =
      response.sessionId === FetchMetadata.INVALID_SESSION_ID
        ? FetchMetadata.INITIAL
        : FetchMetadata.newIncremental(response.sessionId)
    return true
  }

  private handleIncrementalResponse(response: FetchResponse): boolean {
    const problem = this.verifyIncrementalFetchResponsePartitions(response)
    if (problem !== null) {
      this.logger.info(
        `Node ${this.node} sent an invalid incremental fetch response with ${problem}`,
      )
      this.nextMetadata = this.nextMetadata.nextCloseExistingAttemptNew()
      return false
    }
    this.nextMetadata =
      response.sessionId === FetchMetadata.INVALID_SESSION_ID
        ? FetchMetadata.INITIAL // the broker has closed the session
        : this.nextMetadata.nextIncremental()
    return true
  }
}

/**
 * Collects what is wanted next, in order; `build` turns it into a request, once.
 *
 * @kafka org.apache.kafka.clients.FetchSessionHandler.Builder
 */
export class FetchSessionBuilder {
  private readonly finish: FinishBuild
  private next: TopicPartitionMap<FetchPartitionData> | null = new TopicPartitionMap()
  private readonly topicNames = new Map<string, string>()
  private allHaveIds = true

  constructor(finish: FinishBuild) {
    this.finish = finish
  }

  add(topicPartition: TopicPartition, data: FetchPartitionData): void {
    this.unbuilt().set(topicPartition, data)
    if (isZero(data.topicId)) this.allHaveIds = false
    else this.topicNames.set(data.topicId.toString(), topicPartition.topic)
  }

  build(): FetchRequestData {
    const next = this.unbuilt()
    this.next = null
    return this.finish(next, this.topicNames, this.allHaveIds)
  }

  private unbuilt(): TopicPartitionMap<FetchPartitionData> {
    if (this.next === null) {
      throw new IllegalStateException('This builder has built its request; take a new one.')
    }
    return this.next
  }
}

type FinishBuild = (
  next: TopicPartitionMap<FetchPartitionData>,
  topicNames: ReadonlyMap<string, string>,
  allHaveIds: boolean,
) => FetchRequestData

/**
 * `name=(a, b)` for each list that holds a problem, then what the response holds; `null` without a
 * problem.
 */
const problems = (lists: {
  omittedPartitions: readonly TopicPartition[]
  extraPartitions: readonly TopicPartition[]
  extraIds: readonly string[]
  response: readonly TopicPartition[]
}): string | null => {
  const { response, ...found } = lists
  const parts = Object.entries(found)
    .filter(([, items]) => items.length > 0)
    .map(([name, items]) => `${name}=(${items.join(', ')})`)
  return parts.length === 0 ? null : `${parts.join(', ')}, response=(${response.join(', ')})`
}
