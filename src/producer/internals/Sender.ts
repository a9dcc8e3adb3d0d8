/**
 * The other half of a producer: a loop that takes batches from the accumulator and brings them to
 * their brokers.
 *
 *     runOnce ─► (idempotent: has it an id? see TransactionalRequests)
 *             ─► sendProducerData ─► client.poll ─► (answers) handleProduceResponse
 *                 │ accumulator.ready   which brokers have something to get?
 *                 │ client.ready        … and a connection
 *                 │ accumulator.drain   a batch of each of their partitions
 *                 │ expired batches     those that took too long fail here
 *                 └ sendProduceRequests one request for each broker
 *
 *     an answer: completeBatch ─► the batch succeeds, or see BatchOutcomes
 *
 * In Java this is a thread of its own. Here it is a loop of steps that gives the event loop back in
 * `client.poll` (and while it waits for a producer id): between two polls nobody interleaves with
 * it. `runOnce` is one step; tests call it by itself.
 *
 * I1  A batch that was drained is in `inFlightBatches` until it is answered, put back, or fails.
 * I2  With `guaranteeMessageOrder` a partition has at most one batch in flight: it is muted
 *     meanwhile.
 * I3  Memory goes back only when no request holds it any more: `batch.inflight` says so.
 * I4  A turn that fails is logged, and the next one comes after a pause: no error makes a loop that
 *     never rests.
 *
 * @kafka org.apache.kafka.clients.producer.internals.Sender
 * @simplified without transactions: nothing is committed or aborted at the end. In Java nothing
 *   expires while the producer waits for its id, and `close` leaves a batch without outcome when it
 *   is neither in a queue nor on a connection.
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
import { BatchOutcomes } from './BatchOutcomes.ts'
import { InFlightBatches } from './InFlightBatches.ts'
import {
  newLeaderOf,
  outcomeWithoutBody,
  type PartitionResponse,
  partitionResponseOf,
} from './PartitionResponse.ts'
import type { ProducerBatch } from './ProducerBatch.ts'
import type { ProducerMetadata } from './ProducerMetadata.ts'
import { NEVER_MS } from './ReadyCheck.ts'
import type { RecordAccumulator } from './RecordAccumulator.ts'
import type { SenderOptions } from './SenderOptions.ts'
import { TransactionalRequests } from './TransactionalRequests.ts'

type ProduceClientResponse = ClientResponse<typeof ApiKeys.PRODUCE>

export class Sender {
  private readonly options: SenderOptions
  private readonly client: KafkaClient
  private readonly metadata: ProducerMetadata
  private readonly accumulator: RecordAccumulator
  private readonly logger: Logger
  private readonly trace: Trace
  readonly batchesInFlight = new InFlightBatches()
  private readonly outcomes: BatchOutcomes
  /** `null`: the producer is not idempotent. */
  private readonly transactionalRequests: TransactionalRequests | null
  private running = true
  private forced = false

  constructor(options: SenderOptions) {
    this.options = options
    this.client = options.client
    this.metadata = options.metadata
    this.accumulator = options.accumulator
    this.logger = options.logger
    this.trace = options.trace
    const { batchesInFlight } = this
    const { transactionManager: manager } = options
    this.outcomes = new BatchOutcomes(options, batchesInFlight)
    this.transactionalRequests =
      manager && new TransactionalRequests(options, manager, batchesInFlight)
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
    while (!this.forced && this.hasUnfinished()) await this.runOnceAndReport()
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
    if (this.transactionalRequests !== null && (await this.transactionalRequests.takeTurn())) {
      // Without an id nothing is sent, but `delivery.timeout.ms` runs all the same.
      this.expireBatches(time.milliseconds())
      return
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

  private hasUnfinished(): boolean {
    const { accumulator, client, batchesInFlight } = this
    // A batch that its answer left out, or that a turn which failed had drained, is in no queue and
    // on no connection any more: it expires.
    return accumulator.hasUndrained() || client.hasInFlightRequests() || batchesInFlight.size > 0
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

    const waysOpened = this.expireBatches(nowMs)

    this.options.sensors?.updateProduceRequestMetrics(drained)
    this.sendProduceRequests(drained, nowMs)
    // There may be more for the same brokers, or for one that the ready check left out: look again
    // at once. But not for those without connection, or we would spin.
    if (result.readyNodes.size > 0 || waysOpened) return 0
    const untilExpiryMs = accumulator.nextExpiryTimeMs() - nowMs
    return Math.max(0, Math.min(result.nextReadyCheckDelayMs, notReadyTimeoutMs, untilExpiryMs))
  }

  /**
   * Fails what has had its time, in the queues and in flight. Whether batches behind it may go now,
   * which waited for the sake of its sequence.
   */
  private expireBatches(nowMs: number): boolean {
    const { accumulator, outcomes } = this
    accumulator.resetNextBatchExpiryTime()
    const expiredInFlight = this.batchesInFlight.takeExpired(accumulator, nowMs)
    const expiredInQueues = accumulator.expiredBatches(nowMs)
    outcomes.failExpiredBatches(expiredInQueues, nowMs, true)
    outcomes.failExpiredBatches(expiredInFlight, nowMs, false)
    return [...expiredInQueues, ...expiredInFlight].some((batch) => batch.hasSequence())
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
    this.options.sensors?.recordLatency(destination, response.requestLatencyMs)
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
    const { error, baseOffset } = response
    const { topicPartition, recordCount } = batch
    if (this.trace.enabled) {
      const { topic, partition } = topicPartition
      const fields = { topic, partition, baseOffset, records: recordCount, error: error.name }
      const { baseSequence } = batch
      this.trace.emit('producer.sender.completeBatch', { ...fields, baseSequence })
    }
    batch.inflight = false
    if (error === Errors.MESSAGE_TOO_LARGE && recordCount > 1 && !batch.isDone()) {
      this.outcomes.splitBatch(batch, response, correlationId)
    } else if (error !== Errors.NONE) {
      this.outcomes.retryOrFail(batch, response, correlationId, nowMs)
    } else {
      this.outcomes.succeed(batch, response)
    }
    if (this.options.guaranteeMessageOrder) this.accumulator.unmutePartition(topicPartition)
  }
}
