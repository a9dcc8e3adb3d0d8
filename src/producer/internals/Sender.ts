/**
 * The other half of a producer: a loop that takes batches from the accumulator and brings them to
 * their brokers.
 *
 *     runOnce ─► sendProducerData ─► client.poll ─► (answers) handleProduceResponse
 *                 │ accumulator.ready   which brokers have something to get?
 *                 │ client.ready        … and a connection
 *                 │ accumulator.drain   a batch of each of their partitions
 *                 │ expired batches     those that took too long fail here
 *                 └ sendProduceRequests one request for each broker
 *
 *     an answer:  none ───────────► completeBatch ─► the batch succeeds
 *                 too large ──────► splitAndReenqueue
 *                 retriable ──────► reenqueueBatch: back to the front, to go after a back-off
 *                 anything else ──► failBatch
 *
 * In Java this is a thread of its own. Here it is a loop of steps that gives the event loop back in
 * `client.poll`, and nowhere else: between two polls nobody interleaves with it. `runOnce` is one
 * step; tests call it by itself.
 *
 * I1  A batch that was drained is in `inFlightBatches` until it is answered, put back, or fails.
 * I2  With `guaranteeMessageOrder` a partition has at most one batch in flight: it is muted
 *     meanwhile.
 * I3  Memory goes back only when no request holds it any more: `batch.inflight` says so.
 * I4  A turn that fails is logged, and the next one comes after a pause: no error makes a loop that
 *     never rests.
 *
 * @kafka org.apache.kafka.clients.producer.internals.Sender
 * @simplified without `TransactionManager`: its requests go out at the head of `runOnce`, it is
 *   asked in `completeBatch`, `failBatch` and `canRetry`, and comes with the idempotent producer.
 *   Metrics come with the metrics.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import type { KafkaClient } from '../../clients/KafkaClient.ts'
import type { LeaderIdAndEpoch } from '../../clients/LeaderAndEpoch.ts'
import type { Logger } from '../../common/Logger.ts'
import { Node } from '../../common/Node.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { Trace } from '../../common/Trace.ts'
import type { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import { BatchesOfRequest } from './BatchesOfRequest.ts'
import { InFlightBatches } from './InFlightBatches.ts'
import {
  expiryException,
  formatErrMsg,
  newLeaderOf,
  outcomeWithoutBody,
  type PartitionResponse,
  partitionResponseOf,
  recordExceptions,
  staleMetadataMessage,
  topLevelException,
} from './PartitionResponse.ts'
import type { ErrorsByIndex } from './ProduceRequestResult.ts'
import type { ProducerBatch } from './ProducerBatch.ts'
import type { ProducerMetadata } from './ProducerMetadata.ts'
import { NEVER_MS } from './ReadyCheck.ts'
import type { RecordAccumulator } from './RecordAccumulator.ts'
import type { SenderOptions } from './SenderOptions.ts'

type ProduceClientResponse = ClientResponse<typeof ApiKeys.PRODUCE>

export class Sender {
  private readonly options: SenderOptions
  private readonly client: KafkaClient
  private readonly metadata: ProducerMetadata
  private readonly accumulator: RecordAccumulator
  private readonly logger: Logger
  private readonly trace: Trace
  readonly batchesInFlight = new InFlightBatches()
  private running = true
  private forced = false

  constructor(options: SenderOptions) {
    this.options = options
    this.client = options.client
    this.metadata = options.metadata
    this.accumulator = options.accumulator
    this.logger = options.logger
    this.trace = options.trace
  }

  /** The batches of a partition that are in flight. */
  inFlightBatches(topicPartition: TopicPartition): readonly ProducerBatch[] {
    return this.batchesInFlight.of(topicPartition)
  }

  /** The loop; resolves when the Sender was closed and everything is sent, or given up. */
  async run(): Promise<void> {
    this.logger.debug('Starting the Sender.')
    while (this.running) await this.runOnceAndReport()

    this.logger.debug('The Sender is closing; it sends what is left.')
    while (!this.forced && (this.accumulator.hasUndrained() || this.client.hasInFlightRequests())) {
      await this.runOnceAndReport()
    }
    if (this.forced) {
      this.logger.debug('Aborting incomplete batches, because the producer is closed by force.')
      this.accumulator.abortIncompleteBatches()
    }
    // Who waits for a turn, or for metadata, would wait for ever.
    this.options.turns.close()
    try {
      this.client.close()
    } catch (error) {
      this.logger.error('Failed to close the network client', error)
    }
    this.logger.debug('The Sender is closed.')
  }

  /** One turn. */
  async runOnce(): Promise<void> {
    const { time, turns } = this.options
    turns.take()
    if (this.trace.enabled) {
      this.trace.emit('producer.sender.runOnce', { inFlightBatches: this.batchesInFlight.size })
    }
    const nowMs = time.milliseconds()
    const pollTimeoutMs = this.sendProducerData(nowMs)
    await this.client.poll(pollTimeoutMs, nowMs)
  }

  /** Ends the wait of a `poll`: there is something to do. */
  wakeup(): void {
    if (this.trace.enabled) this.trace.emit('producer.sender.wakeup', {})
    this.client.wakeup()
  }

  /** No more appends; what is there is still sent. */
  initiateClose(): void {
    // First the accumulator: after the loop has seen `running` false, nobody may append any more.
    this.accumulator.close()
    this.running = false
    this.wakeup()
  }

  /** No more appends, and what is there is given up. */
  forceClose(): void {
    this.forced = true
    this.initiateClose()
  }

  isRunning(): boolean {
    return this.running
  }

  /** I4. */
  private async runOnceAndReport(): Promise<void> {
    try {
      await this.runOnce()
    } catch (error) {
      this.logger.error('Uncaught error in a turn of the Sender', error)
      await this.options.time.sleep(this.options.retryBackoffMs)
    }
  }

  /** Returns how long `poll` may wait, milliseconds. */
  private sendProducerData(nowMs: number): number {
    const { accumulator, client, metadata } = this
    const snapshot = metadata.fetchMetadataSnapshot()
    const result = accumulator.ready(snapshot, nowMs)

    // An election is under way, or the topic was forgotten while its records waited: both times,
    // ask.
    if (result.unknownLeaderTopics.size > 0) {
      for (const topic of result.unknownLeaderTopics) metadata.add(topic, nowMs)
      const topics = [...result.unknownLeaderTopics].join(', ')
      this.logger.debug(`Asking for metadata: leaders are missing in topics [${topics}]`)
      metadata.requestUpdate(false)
    }

    let notReadyTimeoutMs = NEVER_MS
    for (const node of result.readyNodes) {
      const canDrain = client.ready(node, nowMs)
      accumulator.nodeStats.update(node.id, nowMs, canDrain)
      if (canDrain) continue
      result.readyNodes.delete(node)
      notReadyTimeoutMs = Math.min(notReadyTimeoutMs, client.pollDelayMs(node, nowMs))
    }

    const { maxRequestSize, guaranteeMessageOrder } = this.options
    const drained = accumulator.drain(snapshot, result.readyNodes, maxRequestSize, nowMs)
    for (const batches of drained.values()) {
      for (const batch of batches) {
        this.batchesInFlight.add(batch)
        if (guaranteeMessageOrder) accumulator.mutePartition(batch.topicPartition)
      }
    }

    accumulator.resetNextBatchExpiryTime()
    const expiredInFlight = this.batchesInFlight.takeExpired(accumulator, nowMs)
    this.failExpiredBatches(accumulator.expiredBatches(nowMs), nowMs, true)
    this.failExpiredBatches(expiredInFlight, nowMs, false)

    this.sendProduceRequests(drained, nowMs)
    // There may be more for the same brokers: look again at once. But not for those without
    // connection, or we would spin.
    if (result.readyNodes.size > 0) return 0
    const untilExpiryMs = accumulator.nextExpiryTimeMs() - nowMs
    return Math.max(0, Math.min(result.nextReadyCheckDelayMs, notReadyTimeoutMs, untilExpiryMs))
  }

  private failExpiredBatches(batches: ProducerBatch[], nowMs: number, deallocate: boolean): void {
    for (const batch of batches) {
      const error = expiryException(batch, nowMs, this.metadata.connectionProblem())
      this.failBatch(batch, error, undefined, deallocate)
    }
  }

  private sendProduceRequests(collated: Map<number, ProducerBatch[]>, nowMs: number): void {
    for (const [destination, batches] of collated) {
      if (batches.length > 0) this.sendProduceRequest(nowMs, destination, batches)
    }
  }

  private sendProduceRequest(nowMs: number, destination: number, batches: ProducerBatch[]): void {
    const { acks, requestTimeoutMs, time } = this.options
    const { topicIds } = this.metadata.fetchMetadataSnapshot()
    const sent = new BatchesOfRequest(batches, topicIds)
    for (const batch of batches) batch.inflight = true
    if (this.trace.enabled) {
      this.trace.emit('producer.sender.sendProduceRequest', {
        node: destination,
        acks,
        partitions: sent.partitions(),
        bytes: sent.sizeInBytes(),
      })
    }
    const clientRequest = this.client.newClientRequest({
      nodeId: String(destination),
      request: sent.toRequest(acks, requestTimeoutMs),
      createdTimeMs: nowMs,
      expectResponse: acks !== 0,
      requestTimeoutMs,
      callback: (response) => this.handleProduceResponse(response, sent, time.milliseconds()),
    })
    this.client.send(clientRequest, nowMs)
  }

  private handleProduceResponse(
    response: ProduceClientResponse,
    sent: BatchesOfRequest,
    nowMs: number,
  ): void {
    const { destination, requestHeader, responseBody, versionMismatch } = response
    const { correlationId } = requestHeader
    if (this.trace.enabled) {
      this.trace.emit('producer.sender.handleProduceResponse', {
        node: Number(destination),
        correlationId,
        partitions: sent.partitions(),
      })
    }
    if (versionMismatch !== null) {
      this.logger.warn(`Cannot send to node ${destination}: ${versionMismatch.message}`)
    }
    if (responseBody === null) {
      const outcome = outcomeWithoutBody(response)
      for (const batch of sent.batches) this.completeBatch(batch, outcome, correlationId, nowMs)
      return
    }
    const newLeaders: [TopicPartition, LeaderIdAndEpoch][] = []
    for (const { topicId, name, partitionResponses } of responseBody.responses) {
      for (const partition of partitionResponses) {
        const batch = sent.find(topicId, name, partition.index)
        const outcome = partitionResponseOf(partition)
        this.completeBatch(batch, outcome, correlationId, nowMs)
        const leader = newLeaderOf(outcome)
        if (leader !== null) newLeaders.push([batch.topicPartition, leader])
      }
    }
    if (newLeaders.length === 0) return
    const nodes = responseBody.nodeEndpoints.map((e) => new Node(e.nodeId, e.host, e.port, e.rack))
    this.metadata.updatePartitionLeadership(
      newLeaders,
      nodes.filter((node) => !node.isEmpty()),
    )
  }

  /** Ends a batch, or has it tried again. */
  private completeBatch(
    batch: ProducerBatch,
    response: PartitionResponse,
    correlationId: number,
    nowMs: number,
  ): void {
    const { error, baseOffset, logAppendTime } = response
    const { topicPartition, recordCount } = batch
    if (this.trace.enabled) {
      const { topic, partition } = topicPartition
      const fields = { topic, partition, baseOffset, records: recordCount, error: error.name }
      this.trace.emit('producer.sender.completeBatch', fields)
    }
    batch.inflight = false
    if (error === Errors.MESSAGE_TOO_LARGE && recordCount > 1 && !batch.isDone()) {
      this.splitBatch(batch, response, correlationId)
    } else if (error !== Errors.NONE) {
      this.retryOrFail(batch, response, correlationId, nowMs)
    } else if (batch.complete(baseOffset, logAppendTime)) {
      this.maybeRemoveAndDeallocateBatch(batch)
    } else {
      // It had expired or was aborted while in flight; only its memory was still owed.
      this.accumulator.deallocate(batch)
    }
    if (this.options.guaranteeMessageOrder) this.accumulator.unmutePartition(topicPartition)
  }

  /** Not counted as an attempt: what is sent next is something else. */
  private splitBatch(
    batch: ProducerBatch,
    response: PartitionResponse,
    correlationId: number,
  ): void {
    const attemptsLeft = this.options.retries - batch.attempts()
    this.warnOfAttempt(batch, response, correlationId, 'splitting and retrying', attemptsLeft)
    const count = this.accumulator.splitAndReenqueue(batch)
    this.maybeRemoveAndDeallocateBatch(batch)
    if (this.trace.enabled) {
      const { topic, partition } = batch.topicPartition
      const deque = [...(this.accumulator.getDeque(batch.topicPartition) ?? [])]
      const parts = deque.slice(0, count).map(({ recordCount }) => recordCount)
      this.trace.emit('producer.sender.splitBatch', { topic, partition, parts })
    }
  }

  private retryOrFail(
    batch: ProducerBatch,
    response: PartitionResponse,
    correlationId: number,
    nowMs: number,
  ): void {
    if (this.canRetry(batch, response, nowMs)) {
      const attemptsLeft = this.options.retries - batch.attempts() - 1
      this.warnOfAttempt(batch, response, correlationId, 'retrying', attemptsLeft)
      this.reenqueueBatch(batch, nowMs, response.error.name)
    } else {
      const exception = topLevelException(response, batch.topicPartition)
      const ofRecords = response.recordErrors.length > 0 ? recordExceptions(response) : undefined
      this.failBatch(batch, exception, ofRecords, true)
    }
    // The error may say that our picture of the cluster is old.
    if (!response.error.refreshMetadata) return
    this.logger.warn(staleMetadataMessage(response, batch.topicPartition))
    this.metadata.requestUpdate(false)
  }

  private warnOfAttempt(
    { topicPartition }: ProducerBatch,
    response: PartitionResponse,
    correlationId: number,
    what: string,
    attemptsLeft: number,
  ): void {
    this.logger.warn(
      `Got error produce response with correlation id ${correlationId} on topic-partition ` +
        `${topicPartition}, ${what} (${attemptsLeft} attempts left). ` +
        `Error: ${formatErrMsg(response)}`,
    )
  }

  private reenqueueBatch(batch: ProducerBatch, nowMs: number, error: string): void {
    this.accumulator.reenqueue(batch, nowMs)
    this.batchesInFlight.remove(batch)
    if (this.trace.enabled) {
      const { topic, partition } = batch.topicPartition
      const attempts = batch.attempts()
      this.trace.emit('producer.sender.reenqueueBatch', { topic, partition, attempts, error })
    }
  }

  /** @param deallocate `false` while a request may still read the batch's bytes (I3) */
  private failBatch(
    batch: ProducerBatch,
    exception: Error,
    ofRecords: ErrorsByIndex | undefined,
    deallocate: boolean,
  ): void {
    if (batch.completeExceptionally(exception, ofRecords)) {
      this.batchesInFlight.remove(batch)
      this.accumulator.completeBatch(batch)
    }
    if (deallocate) this.accumulator.deallocate(batch)
  }

  private maybeRemoveAndDeallocateBatch(batch: ProducerBatch): void {
    this.batchesInFlight.remove(batch)
    this.accumulator.completeAndDeallocateBatch(batch)
  }

  private canRetry(batch: ProducerBatch, { error }: PartitionResponse, nowMs: number): boolean {
    return (
      !batch.hasReachedDeliveryTimeout(this.accumulator.deliveryTimeoutMs, nowMs) &&
      batch.attempts() < this.options.retries &&
      !batch.isDone() &&
      error.retriable
    )
  }
}
