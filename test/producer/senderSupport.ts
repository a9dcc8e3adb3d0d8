/**
 * A `Sender` with producer id and sequences, before a client whose answers a test gives one by one.
 *
 *     const bench = await SenderBench.start()       it has id 343434, epoch 0
 *     bench.append(tp0); await bench.run()          a batch is in flight
 *     bench.respond(tp0, { sequence: 0, … })        checks what was sent, and answers it
 *     await bench.acknowledgeFirst(tp0)             now several batches may be in flight
 */

import { expect } from 'vitest'
import type { ClientRequest } from '../../src/clients/ClientRequest.ts'
import { MockClient } from '../../src/clients/MockClient.ts'
import type { RequestDataOf } from '../../src/clients/RequestBuilder.ts'
import type { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import type { Time } from '../../src/common/Time.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { TraceBus, type TraceEntry } from '../../src/common/Trace.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { BufferPool } from '../../src/producer/internals/BufferPool.ts'
import type { FutureRecordMetadata } from '../../src/producer/internals/FutureRecordMetadata.ts'
import { ProducerMetadata } from '../../src/producer/internals/ProducerMetadata.ts'
import type { RecordAccumulator } from '../../src/producer/internals/RecordAccumulator.ts'
import type { RecordAppendResult } from '../../src/producer/internals/RecordAppendResult.ts'
import { Sender } from '../../src/producer/internals/Sender.ts'
import type { SenderOptions } from '../../src/producer/internals/SenderOptions.ts'
import { SenderTurns } from '../../src/producer/internals/SenderTurns.ts'
import { TransactionManager } from '../../src/producer/internals/TransactionManager.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../src/protocol/Errors.ts'
import type { ProduceResponseInput } from '../../src/protocol/messages/Produce.ts'
import type { DefaultRecordBatch } from '../../src/record/DefaultRecordBatch.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { metadataUpdateWith } from '../support/RequestTestUtils.ts'
import { accumulatorWith, type RecordAccumulatorOptions, record, TOPIC } from './producerSupport.ts'

type ProduceData = RequestDataOf<typeof ApiKeys.PRODUCE>

export const PRODUCER_ID = 343434n
export const REQUEST_TIMEOUT_MS = 5000
export const RETRY_BACKOFF_MS = 50
export const DELIVERY_TIMEOUT_MS = 1500
export const MAX_EPOCH = 32_767
const TOPIC_ID = Uuid.randomUuid(new SeededRandom(1))

export const [tp0, tp1] = [0, 1].map((p) => new TopicPartition(TOPIC, p)) as [
  TopicPartition,
  TopicPartition,
]

export interface BenchOptions {
  readonly sender?: Partial<SenderOptions>
  readonly accumulator?: Partial<RecordAccumulatorOptions>
  readonly client?: (time: Time, metadata: ProducerMetadata) => MockClient
}

/** An answer about one partition, and what is expected of the batch that it answers. */
export interface Answer {
  readonly error?: WireError
  readonly offset?: number
  readonly logStartOffset?: number
  readonly epoch?: number
  readonly sequence?: number
  /** Default: the oldest one in flight. */
  readonly request?: ClientRequest
}

export class SenderBench {
  readonly time = new MockTime()
  readonly logger = new RecordingLogger()
  readonly metadata: ProducerMetadata
  readonly client: MockClient
  readonly manager: TransactionManager
  readonly accumulator: RecordAccumulator
  readonly pool: BufferPool
  readonly sender: Sender
  readonly events: TraceEntry[] = []

  /** No back-off of batches, no linger, as in Kafka's own test. */
  constructor(options: BenchOptions = {}) {
    const { time, logger } = this
    const bus = new TraceBus(time)
    bus.listen((entry) => this.events.push(entry))
    const trace = bus.from('producer')
    this.metadata = new ProducerMetadata({
      refreshBackoffMs: 0,
      refreshBackoffMaxMs: 0,
      metadataExpireMs: 2 ** 50,
      metadataIdleMs: 60_000,
      time,
      random: new SeededRandom(2),
      logger,
    })
    this.client = options.client?.(time, this.metadata) ?? new MockClient(time, this.metadata)
    this.manager = new TransactionManager({ logger, trace })
    const { accumulator, pool } = accumulatorWith({
      time,
      logger,
      trace,
      batchSize: 16 * 1024,
      totalSize: 1024 * 1024,
      retryBackoffMs: 0,
      retryBackoffMaxMs: 0,
      deliveryTimeoutMs: DELIVERY_TIMEOUT_MS,
      transactionManager: this.manager,
      ...options.accumulator,
    })
    this.accumulator = accumulator
    this.pool = options.accumulator?.bufferPool ?? pool
    this.sender = new Sender({
      client: this.client,
      metadata: this.metadata,
      accumulator,
      turns: new SenderTurns(1024 * 1024),
      guaranteeMessageOrder: false,
      maxRequestSize: 1024 * 1024,
      acks: -1,
      retries: 2 ** 31 - 1,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      retryBackoffMs: RETRY_BACKOFF_MS,
      transactionManager: this.manager,
      time,
      logger,
      trace,
      ...options.sender,
    })
    this.metadata.add(TOPIC, time.milliseconds())
    const topics = { topics: { [TOPIC]: 3 }, topicIds: { [TOPIC]: TOPIC_ID } }
    this.client.updateMetadata(metadataUpdateWith(1, topics))
  }

  /** With producer id. */
  static async start(options: BenchOptions = {}, epoch = 0): Promise<SenderBench> {
    const bench = new SenderBench(options)
    await bench.initProducerId({ epoch })
    expect(bench.manager.hasProducerId()).toBe(true)
    return bench
  }

  async initProducerId({ id = PRODUCER_ID, epoch = 0, error = Errors.NONE } = {}): Promise<void> {
    this.prepareProducerId({ id, epoch, error })
    await this.run()
  }

  prepareProducerId({ id = PRODUCER_ID, epoch = 0, error = Errors.NONE as WireError } = {}): void {
    const data = { producerId: id, producerEpoch: epoch, errorCode: error.code }
    const matcher = ({
      transactionalId,
      transactionTimeoutMs,
    }: {
      transactionalId: string | null
      transactionTimeoutMs: number
    }) => transactionalId === null && transactionTimeoutMs === 2 ** 31 - 1
    this.client.prepareResponse(ApiKeys.INIT_PRODUCER_ID, data, { matcher })
  }

  append(tp: TopicPartition, value = 'value'): FutureRecordMetadata {
    const { time, metadata } = this
    const bytes = new TextEncoder().encode(value)
    const appended = record({ partition: tp.partition, value: bytes })
    const result = this.accumulator.append(appended, 1000, time.milliseconds(), metadata.fetch())
    return (result as RecordAppendResult).future
  }

  async run(times = 1): Promise<void> {
    for (let i = 0; i < times; i++) await this.sender.runOnce()
  }

  /** Appends a record and sends it: a batch of its own. (A bare future would be awaited.) */
  async send(tp: TopicPartition): Promise<{ readonly future: FutureRecordMetadata }> {
    const future = this.append(tp)
    await this.run()
    return { future }
  }

  /**
   * The first batch of a partition goes alone. Here it is sent and acknowledged (sequence 0, offset
   * 0): from now on several may be in flight.
   */
  async acknowledgeFirst(tp: TopicPartition): Promise<void> {
    const { future } = await this.send(tp)
    await this.answer(tp, { sequence: 0, offset: 0 })
    expect((await future).offset).toBe(0)
  }

  /** Answers a request with a batch for `tp` alone; the answer arrives at the next `run`. */
  respond(tp: TopicPartition, answer: Answer = {}): void {
    const request = answer.request ?? this.client.requests()[0]!
    const batch = batchIn(request, tp)
    expect(batch.hasProducerId).toBe(true)
    if (answer.epoch !== undefined) expect(batch.producerEpoch).toBe(answer.epoch)
    if (answer.sequence !== undefined) expect(batch.baseSequence).toBe(answer.sequence)
    this.client.respondToRequest(request, ApiKeys.PRODUCE, produceResponse([[tp, answer]]))
  }

  /** Answers the oldest request, which has batches for several partitions. */
  respondAll(answers: readonly (readonly [TopicPartition, Answer])[]): void {
    this.client.respond(ApiKeys.PRODUCE, produceResponse(answers))
  }

  /** Answers, and lets the Sender see it. */
  async answer(tp: TopicPartition, answer: Answer = {}): Promise<void> {
    this.respond(tp, answer)
    await this.run()
  }

  /** Producer id, epoch, next sequence and last one acknowledged, of a partition. */
  stateOf(tp: TopicPartition) {
    const { producerId, epoch } = this.manager.producerIdAndEpoch(tp)
    return [producerId, epoch, this.manager.sequenceNumber(tp), this.manager.lastAckedSequence(tp)]
  }

  /** Epoch, next sequence and last one acknowledged of partition 0. */
  get sequences() {
    return this.stateOf(tp0).slice(1)
  }

  /** Requests in flight. */
  get inFlight(): number {
    return this.client.inFlightRequestCount()
  }

  /** The base sequences in the queue of a partition; -1: never drained. */
  queued(tp: TopicPartition): number[] {
    return [...(this.accumulator.getDeque(tp) ?? [])].map(({ baseSequence }) => baseSequence)
  }

  /** The time-out of each `poll` from now on: 0 again and again is a Sender that spins. */
  recordPollTimeouts(): number[] {
    const timeouts: number[] = []
    const { client } = this
    const poll = client.poll.bind(client)
    client.poll = (timeoutMs, nowMs) => {
      timeouts.push(timeoutMs)
      return poll(timeoutMs, nowMs)
    }
    return timeouts
  }

  /** The broker is gone for a moment. */
  loseConnection(): void {
    const node = this.metadata.fetch().nodes[0]!
    this.client.disconnect(node.idString())
    this.client.backoff(node, 10)
  }
}

/** The batch for `tp` in a request. */
export const batchIn = (request: ClientRequest, tp: TopicPartition): DefaultRecordBatch => {
  const { topicData } = request.requestBuilder.build(13) as ProduceData
  const data = topicData[0]!.partitionData.find(({ index }) => index === tp.partition)
  return MemoryRecords.readableRecords(data!.records!).firstBatch()!
}

const produceResponse = (
  answers: readonly (readonly [TopicPartition, Answer])[],
): ProduceResponseInput => ({
  responses: [
    {
      topicId: TOPIC_ID,
      partitionResponses: answers.map(([{ partition }, answer]) => ({
        index: partition,
        errorCode: (answer.error ?? Errors.NONE).code,
        baseOffset: answer.offset ?? -1,
        logStartOffset: answer.logStartOffset ?? -1,
      })),
    },
  ],
})

/** Knows each buffer that is out. */
export class MatchingBufferPool extends BufferPool {
  readonly out = new Set<ByteBuffer>()

  override allocate(size: number, maxTimeToBlockMs: number) {
    const buffer = super.allocate(size, maxTimeToBlockMs)
    if (!(buffer instanceof Promise)) this.out.add(buffer)
    return buffer
  }

  override deallocate(buffer: ByteBuffer, size?: number): void {
    if (!this.out.delete(buffer)) throw new Error('This buffer was not out')
    super.deallocate(buffer, size)
  }
}
