/**
 * The wait for metadata of a topic: asks for news until the topic is there, with the partition that
 * is wanted.
 *
 * One piece of news may not be enough. A topic that is created by being asked for has no leaders at
 * first; a partition that was just added may not be known everywhere.
 *
 * @kafka org.apache.kafka.clients.producer.KafkaProducer
 * @simplified a function of its own; in Java it is the loop in `waitOnMetadata`.
 */

import type { Cluster } from '../../common/Cluster.ts'
import { KafkaException, RetriableException, TimeoutException } from '../../common/errors.ts'
import type { Time } from '../../common/Time.ts'
import type { ProducerMetadata } from './ProducerMetadata.ts'
import type { ProducerMetrics } from './ProducerMetrics.ts'
import type { Sender } from './Sender.ts'

export interface TopicWanted {
  readonly topic: string
  /** `null`: no certain one. */
  readonly partition: number | null
  /** When the wait began, milliseconds since 1970; in the line of its topic, it may be. */
  readonly sinceMs: number
  /** From then on. */
  readonly maxWaitMs: number
}

export interface MetadataWaitContext {
  readonly metadata: ProducerMetadata
  readonly sender: Sender
  readonly metrics: Pick<ProducerMetrics, 'calls'>
  readonly time: Time
}

/**
 * @throws TimeoutException after `maxWaitMs`
 * @throws KafkaException when the producer is closed meanwhile
 * @throws InvalidTopicException, TopicAuthorizationException when the cluster says so of this topic
 */
export const awaitTopicMetadata = async (
  { metadata, sender, metrics, time }: MetadataWaitContext,
  wanted: TopicWanted,
): Promise<Cluster> => {
  const { topic, partition, sinceMs, maxWaitMs } = wanted
  const startMs = time.hiResClockMs()
  let count = metadata.fetch().partitionCountForTopic(topic)
  for (let elapsedMs = time.milliseconds() - sinceMs; ; ) {
    metadata.add(topic, sinceMs + elapsedMs)
    const version = metadata.requestUpdateForTopic(topic)
    sender.wakeup()
    try {
      await metadata.awaitUpdate(version, Math.max(0, maxWaitMs - elapsedMs))
    } catch (error) {
      if (error instanceof TimeoutException) throw timeout(metadata, wanted, count)
      if (!metadata.isClosed()) throw error
      throw new KafkaException('Producer closed while send in progress', { cause: error })
    }
    const cluster = metadata.fetch()
    elapsedMs = time.milliseconds() - sinceMs
    if (elapsedMs >= maxWaitMs) throw timeout(metadata, wanted, count)
    metadata.maybeThrowExceptionForTopic(topic)
    count = cluster.partitionCountForTopic(topic)
    if (count !== null && (partition === null || partition < count)) {
      metrics.calls.recordMetadataWait(time.hiResClockMs() - startMs)
      return cluster
    }
  }
}

/** Says what was missing, what the cluster said about it, and what is wrong with the connection. */
const timeout = (
  metadata: ProducerMetadata,
  { topic, partition, maxWaitMs }: TopicWanted,
  count: number | null,
): TimeoutException => {
  const missing =
    count === null
      ? `Topic ${topic} not present in metadata after ${maxWaitMs} ms.`
      : `Partition ${partition} of topic ${topic} with partition count ${count} is not present ` +
        `in metadata after ${maxWaitMs} ms.`
  const problem = metadata.connectionProblem()
  const message = problem === null ? missing : `${missing} ${problem}`
  const cause = metadata.getError(topic)?.exception()
  return cause instanceof RetriableException
    ? new TimeoutException(message, { cause })
    : new TimeoutException(message)
}
