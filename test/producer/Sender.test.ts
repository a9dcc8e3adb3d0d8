import { beforeEach, describe, expect, it } from 'vitest'
import { MockClient } from '../../src/clients/MockClient.ts'
import type { RequestDataOf } from '../../src/clients/RequestBuilder.ts'
import type { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import {
  ClusterAuthorizationException,
  InvalidRecordException,
  InvalidRequestException,
  NetworkException,
  RecordTooLargeException,
  TopicAuthorizationException,
  UnsupportedForMessageFormatException,
  UnsupportedVersionException,
} from '../../src/common/errors/ApiExceptions.ts'
import { KafkaException, TimeoutException } from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { Node } from '../../src/common/Node.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import type { BufferPool } from '../../src/producer/internals/BufferPool.ts'
import type { FutureRecordMetadata } from '../../src/producer/internals/FutureRecordMetadata.ts'
import { ProducerMetadata } from '../../src/producer/internals/ProducerMetadata.ts'
import type { RecordAccumulator } from '../../src/producer/internals/RecordAccumulator.ts'
import type { RecordAppendResult } from '../../src/producer/internals/RecordAppendResult.ts'
import { Sender } from '../../src/producer/internals/Sender.ts'
import type { SenderOptions } from '../../src/producer/internals/SenderOptions.ts'
import { SenderTurns } from '../../src/producer/internals/SenderTurns.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../src/protocol/Errors.ts'
import type { ProduceResponseInput } from '../../src/protocol/messages/Produce.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { metadataUpdateWith } from '../support/RequestTestUtils.ts'
import {
  accumulatorWith,
  ascii,
  type RecordAccumulatorOptions,
  RecordingCallback,
  record,
  rejectionOf,
  settle,
  TOPIC,
  traceOn,
} from './producerSupport.ts'
import { MatchingBufferPool } from './senderSupport.ts'

const NO_NEW_LEADER =
  'SenderTest.testWhenProduceResponseReturnsWithALeaderShipChangeErrorButNoNewLeaderInformation'
const REQUEST_TIMEOUT_MS = 5000
const DELIVERY_TIMEOUT_MS = 1500
const TOPIC_IDLE_MS = 60_000
const BATCH_SIZE = 16 * 1024
const TOTAL_SIZE = 1024 * 1024
const TOPIC_ID = Uuid.randomUuid(new SeededRandom(1))
const [tp0, tp1, tp2] = [0, 1, 2].map((p) => new TopicPartition(TOPIC, p)) as [
  TopicPartition,
  TopicPartition,
  TopicPartition,
]

/** Remembers the time-outs that the Sender polls with. */
class PolledClient extends MockClient {
  readonly timeouts: number[] = []

  override poll(timeoutMs: number, nowMs: number) {
    this.timeouts.push(timeoutMs)
    return super.poll(timeoutMs, nowMs)
  }
}

let time: MockTime
let metadata: ProducerMetadata
let client: PolledClient
let logger: RecordingLogger
let accumulator: RecordAccumulator
let pool: BufferPool
let sender: Sender

const updateMetadata = (
  nodes = 1,
  partitions = 3,
  leaderEpoch: number | ((topic: string, partition: number) => number) = -1,
) => {
  const topics = { [TOPIC]: partitions }
  const topicIds = { [TOPIC]: TOPIC_ID }
  client.updateMetadata(metadataUpdateWith(nodes, { topics, topicIds, leaderEpoch }))
}

/** No back-off, no linger, a delivery time-out below a request's: as in Kafka's own test. */
const setUp = (
  options: Partial<SenderOptions> = {},
  accumulatorOptions: Partial<RecordAccumulatorOptions> = {},
) => {
  ;({ accumulator, pool } = accumulatorWith({
    time,
    logger,
    batchSize: BATCH_SIZE,
    totalSize: TOTAL_SIZE,
    retryBackoffMs: 0,
    retryBackoffMaxMs: 0,
    deliveryTimeoutMs: DELIVERY_TIMEOUT_MS,
    ...accumulatorOptions,
  }))
  if (accumulatorOptions.bufferPool !== undefined) pool = accumulatorOptions.bufferPool
  sender = new Sender({
    client,
    metadata,
    accumulator,
    turns: new SenderTurns(1024 * 1024),
    guaranteeMessageOrder: false,
    maxRequestSize: 1024 * 1024,
    acks: -1,
    retries: 2 ** 31 - 1,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    retryBackoffMs: 50,
    transactionManager: null,
    time,
    logger,
    trace: traceOn(time),
    ...options,
  })
}

beforeEach(() => {
  time = new MockTime()
  logger = new RecordingLogger()
  metadata = new ProducerMetadata({
    refreshBackoffMs: 0,
    refreshBackoffMaxMs: 0,
    metadataExpireMs: 2 ** 50,
    metadataIdleMs: TOPIC_IDLE_MS,
    time,
    random: new SeededRandom(2),
    logger,
  })
  client = new PolledClient(time, metadata)
  setUp()
  metadata.add(TOPIC, time.milliseconds())
  updateMetadata()
})

const append = (
  { partition }: TopicPartition = tp0,
  options: Parameters<typeof record>[0] = {},
): FutureRecordMetadata => {
  const appended = record({ partition, ...options })
  const result = accumulator.append(appended, 1000, time.milliseconds(), metadata.fetch())
  return (result as RecordAppendResult).future
}

const run = async (times = 1): Promise<void> => {
  for (let i = 0; i < times; i++) await sender.runOnce()
}

interface Outcome {
  readonly offset?: number
  readonly error?: WireError
  readonly message?: string
  readonly recordErrors?: { batchIndex: number; batchIndexErrorMessage?: string }[]
  readonly leader?: { leaderId: number; leaderEpoch: number }
}

const produceResponse = (
  outcomes: readonly (readonly [TopicPartition, Outcome])[],
  nodes: readonly Node[] = [],
): ProduceResponseInput => ({
  responses: [
    {
      topicId: TOPIC_ID,
      partitionResponses: outcomes.map(([{ partition }, outcome]) => ({
        index: partition,
        errorCode: (outcome.error ?? Errors.NONE).code,
        baseOffset: outcome.offset ?? -1,
        errorMessage: outcome.message ?? null,
        recordErrors: outcome.recordErrors ?? [],
        ...(outcome.leader && { currentLeader: outcome.leader }),
      })),
    },
  ],
  nodeEndpoints: nodes.map(({ id, host, port, rack }) => ({ nodeId: id, host, port, rack })),
})

const respond = (outcome: Outcome = { offset: 0 }, tp = tp0): void =>
  client.respond(ApiKeys.PRODUCE, produceResponse([[tp, outcome]]))

const inFlight = () => [client.inFlightRequestCount(), sender.inFlightBatches(tp0).length]

/** What the oldest request without answer holds. */
const sentRequest = (): RequestDataOf<typeof ApiKeys.PRODUCE> =>
  client.requests()[0]!.requestBuilder.build(13) as RequestDataOf<typeof ApiKeys.PRODUCE>

describe('a batch on its way', () => {
  it('goes out in a request, and is done when the answer comes', async () => {
    covers('SenderTest.testSimple')
    const future = append()
    await run(2)
    expect(inFlight()).toEqual([1, 1])
    expect(sentRequest()).toMatchObject({ acks: -1, timeoutMs: 5000, transactionalId: null })
    expect(sentRequest().topicData[0]).toMatchObject({ name: TOPIC, topicId: TOPIC_ID })
    respond({ offset: 0 })
    await run()
    expect(inFlight()).toEqual([0, 0])
    expect(future.isDone()).toBe(true)
    expect((await future).offset).toBe(0)
    expect(pool.availableMemory()).toBe(TOTAL_SIZE)
  })

  it('waits for nobody with acks=0, and its offset is not known', async () => {
    setUp({ acks: 0 })
    const future = append()
    await run(2)
    expect(client.requests()[0]!.expectResponse).toBe(false)
    client.respond(ApiKeys.PRODUCE, null)
    await run()
    expect((await future).hasOffset()).toBe(false)
  })

  it('travels with those of other partitions of the same broker', async () => {
    const futures = [append(tp0), append(tp1), append(tp2)]
    await run(2)
    expect(client.inFlightRequestCount()).toBe(1)
    expect(sentRequest().topicData[0]!.partitionData.map(({ index }) => index)).toEqual([0, 1, 2])
    client.respond(
      ApiKeys.PRODUCE,
      produceResponse([
        [tp2, { offset: 30 }],
        [tp0, { offset: 10 }],
        [tp1, { offset: 20 }],
      ]),
    )
    await run()
    expect((await Promise.all(futures)).map(({ offset }) => offset)).toEqual([10, 20, 30])
  })

  it('is found again by the id that its topic had when it was sent', async () => {
    const future = append()
    await run(2)
    const other = Uuid.randomUuid(new SeededRandom(9))
    client.updateMetadata(
      metadataUpdateWith(1, { topics: { [TOPIC]: 3 }, topicIds: { [TOPIC]: other } }),
    )
    respond({ offset: 3 })
    await run()
    expect((await future).offset).toBe(3)
  })

  it('says so in the log when a broker answers for what it was not sent', async () => {
    append()
    await run(2)
    respond({ offset: 3 }, tp2)
    await expect(run()).rejects.toThrow(/partition 2.*was sent nothing for/)
  })

  it('does not keep two from a partition in flight when order must hold', async () => {
    covers('SenderTest.testSendInOrder')
    setUp({ guaranteeMessageOrder: true, retries: 1 })
    updateMetadata(2, 2)
    append(tp1)
    await run(2)
    expect(client.requests()[0]!.destination).toBe('1')
    expect(sender.inFlightBatches(tp1)).toHaveLength(1)
    time.sleep(900)
    append(tp1)
    // The partition moves to broker 0 meanwhile: the second batch must not overtake the first.
    client.prepareMetadataUpdate(
      metadataUpdateWith(1, { topics: { [TOPIC]: 2 }, topicIds: { [TOPIC]: TOPIC_ID } }),
    )
    await run()
    expect(client.inFlightRequestCount()).toBe(1)
    expect(sender.inFlightBatches(tp1)).toHaveLength(1)
  })

  it('asks for the leader of a partition that has none', async () => {
    client.updateMetadata(
      metadataUpdateWith(1, { topics: { [TOPIC]: 1 }, partition: { leaderId: -1 } }),
    )
    append()
    const before = metadata.updateVersion()
    await run()
    expect(metadata.containsTopic(TOPIC)).toBe(true)
    expect(metadata.updateVersion()).toBeGreaterThan(before)
    expect(client.inFlightRequestCount()).toBe(0)
  })
})

describe('trying again', () => {
  it('mends a lost connection, as often as `retries` allows', async () => {
    covers('SenderTest.testRetries')
    setUp({ retries: 1 })
    const node = new Node(0, 'localhost', 1969)
    const good = append()
    await run(2)
    expect(inFlight()).toEqual([1, 1])
    expect(client.isReady(node, time.milliseconds())).toBe(true)
    client.disconnect('0')
    expect([client.inFlightRequestCount(), sender.inFlightBatches(tp0).length]).toEqual([0, 1])
    expect(client.isReady(node, time.milliseconds())).toBe(false)
    await run(3)
    expect(inFlight()).toEqual([1, 1])
    respond({ offset: 0 })
    await run()
    expect((await good).offset).toBe(0)

    const bad = append()
    await run()
    for (let i = 0; i < 2; i++) {
      client.disconnect(client.requests()[0]!.destination)
      await run()
      expect(sender.inFlightBatches(tp0)).toHaveLength(0)
      await run(2)
      expect(sender.inFlightBatches(tp0)).toHaveLength(i > 0 ? 0 : 1)
    }
    expect(await rejectionOf(bad)).toBeInstanceOf(NetworkException)
    expect(logger.messages('warn').join('\n')).toMatch(
      /test-0, retrying \(0 attempts left\).*NETWORK_EXCEPTION.*Disconnected from node 0/,
    )
  })

  it('is not done where it would not help', async () => {
    covers('SenderTest.testCanRetryWithoutIdempotence')
    const future = append()
    await run(2)
    respond({ error: Errors.TOPIC_AUTHORIZATION_FAILED })
    await run()
    const error = (await rejectionOf(future)) as TopicAuthorizationException
    expect(error).toBeInstanceOf(TopicAuthorizationException)
    expect(error.unauthorizedTopics).toEqual(new Set([TOPIC]))
  })

  it('is not done where the broker says that the request itself is wrong', async () => {
    for (const [error, exceptionClass] of [
      [Errors.CLUSTER_AUTHORIZATION_FAILED, ClusterAuthorizationException],
      [Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT, UnsupportedForMessageFormatException],
    ] as const) {
      const future = append()
      await run(2)
      respond({ error })
      await run()
      expect(await rejectionOf(future)).toBeInstanceOf(exceptionClass)
    }
  })

  it('is not done when no version fits both sides', async () => {
    const future = append()
    client.prepareUnsupportedVersionResponse(ApiKeys.PRODUCE)
    await run(3)
    expect(await rejectionOf(future)).toBeInstanceOf(UnsupportedVersionException)
    expect(logger.messages('warn')[0]).toContain('Cannot send to node 0')
  })

  const retryingAfter = (retryBackoffMs: number, retryBackoffMaxMs: number) =>
    setUp({ retries: 10 }, { retryBackoffMs, retryBackoffMaxMs })

  it('waits, unless there is a new leader', async () => {
    covers('SenderTest.testProducerBatchRetriesWhenPartitionLeaderChanges')
    retryingAfter(10, 100)
    updateMetadata(1, 2, 100)
    const future = append()
    await run(2)
    expect(inFlight()).toEqual([1, 1])
    respond({ error: Errors.NOT_LEADER_OR_FOLLOWER })
    await run()
    expect(future.isDone()).toBe(false)
    // A new leader: at once.
    updateMetadata(1, 2, 101)
    await run()
    expect(inFlight()).toEqual([1, 1])
    respond({ error: Errors.NOT_LEADER_OR_FOLLOWER })
    await run()
    // The same leader again: not before the back-off is over.
    await run()
    expect(inFlight()).toEqual([0, 0])
    time.sleep(200)
    await run()
    expect(inFlight()).toEqual([1, 1])
    respond({ offset: 999 })
    await run()
    expect((await future).offset).toBe(999)
  })

  const threeOutcomes = async (
    leaders: readonly [Node, Node] | null,
  ): Promise<FutureRecordMetadata[]> => {
    retryingAfter(10, 100)
    updateMetadata(1, 3, (_, partition) => (partition + 1) * 100)
    const futures = [append(tp0), append(tp1), append(tp2)]
    await run(2)
    const moved = (i: 0 | 1): Outcome => ({
      error: Errors.NOT_LEADER_OR_FOLLOWER,
      ...(leaders && { leader: { leaderId: leaders[i].id, leaderEpoch: (i + 1) * 100 + 1 } }),
    })
    client.respond(
      ApiKeys.PRODUCE,
      produceResponse(
        [
          [tp0, moved(0)],
          [tp1, moved(1)],
          [tp2, { offset: 100 }],
        ],
        leaders ?? [],
      ),
    )
    await run()
    return futures
  }

  it('waits for news of a leader that has moved', async () => {
    covers(NO_NEW_LEADER)
    const futures = await threeOutcomes(null)
    expect(futures.map((future) => future.isDone())).toEqual([false, false, true])
    expect(metadata.currentLeader(tp0).epoch).toBe(100)
    expect(metadata.updateRequested()).toBe(true)
    await run()
    expect(sender.inFlightBatches(tp0)).toHaveLength(0)
    expect(client.hasInFlightRequests()).toBe(false)
  })

  it('goes at once to the new leader that the answer names', async () => {
    covers(
      'SenderTest.testWhenProduceResponseReturnsWithALeaderShipChangeErrorAndNewLeaderInformation',
    )
    const leaders = [
      new Node(9990, 'newhost9990', 9990, 'newrack9990'),
      new Node(9991, 'newhost9991', 9991, 'newrack9991'),
    ] as const
    const futures = await threeOutcomes(leaders)
    expect(futures.map((future) => future.isDone())).toEqual([false, false, true])
    for (const [i, tp] of [tp0, tp1].entries()) {
      const { leader, epoch } = metadata.currentLeader(tp)
      expect(leader?.equals(leaders[i]!)).toBe(true)
      expect(epoch).toBe((i + 1) * 100 + 1)
    }
    expect(metadata.updateRequested()).toBe(true)
    await run()
    expect([tp0, tp1].map((tp) => sender.inFlightBatches(tp).length)).toEqual([1, 1])
    expect(client.requests().map(({ destination }) => destination)).toEqual(['9990', '9991'])
  })
})

describe('what a broker says about single records', () => {
  it('comes to those records, and the rest hear that they were in bad company', async () => {
    covers('SenderTest.testRecordErrorPropagatedToApplication')
    const futures = Array.from({ length: 5 }, () => append())
    await run(2)
    respond({
      error: Errors.INVALID_RECORD,
      recordErrors: [
        { batchIndex: 0, batchIndexErrorMessage: '0' },
        { batchIndex: 2, batchIndexErrorMessage: '2' },
        { batchIndex: 3 },
      ],
    })
    await run()
    const errors = await Promise.all(futures.map((future) => rejectionOf(future)))
    for (const [i, message] of [
      [0, '0'],
      [2, '2'],
      [3, Errors.INVALID_RECORD.message],
    ] as const) {
      expect(errors[i]).toBeInstanceOf(InvalidRecordException)
      expect(errors[i]!.message).toBe(message)
    }
    for (const i of [1, 4]) expect(errors[i]!.constructor).toBe(KafkaException)
  })

  it("has the batch's own class when it is about one record", async () => {
    const futures = [append(), append()]
    await run(2)
    const recordErrors = [{ batchIndex: 1, batchIndexErrorMessage: 'too old' }]
    respond({ error: Errors.INVALID_TIMESTAMP, recordErrors })
    await run()
    expect((await rejectionOf(futures[1]!)).name).toBe('InvalidTimestampException')
    expect((await rejectionOf(futures[0]!)).constructor).toBe(KafkaException)
  })

  it("is the broker's text, or that of the error table", async () => {
    covers('SenderTest.testDefaultErrorMessage', 'SenderTest.testCustomErrorMessage')
    for (const message of [undefined, 'testCustomErrorMessage']) {
      const future = append()
      await run(2)
      respond({ error: Errors.INVALID_REQUEST, ...(message && { message }) })
      await run(2)
      const error = await rejectionOf(future.get(5000))
      expect(error).toBeInstanceOf(InvalidRequestException)
      expect(error.message).toBe(message ?? Errors.INVALID_REQUEST.message)
    }
  })
})

describe('delivery.timeout.ms', () => {
  it('ends a batch in flight; the answer that comes then changes nothing', async () => {
    covers('SenderTest.testInflightBatchesExpireOnDeliveryTimeout')
    setUp({ guaranteeMessageOrder: true })
    const future = append()
    await run()
    expect(inFlight()).toEqual([1, 1])
    respond({ offset: 0 })
    time.sleep(DELIVERY_TIMEOUT_MS)
    await run()
    expect(inFlight()).toEqual([0, 0])
    const error = await rejectionOf(future)
    expect(error).toBeInstanceOf(TimeoutException)
    expect(error.message).toMatch(/Expiring 1 record\(s\) for test-0: 1500 ms has passed/)
    expect(pool.availableMemory()).toBe(TOTAL_SIZE)
  })

  it('ends several at once', async () => {
    covers('SenderTest.testExpiredBatchesInMultiplePartitions')
    setUp({ guaranteeMessageOrder: true })
    const futures = [append(tp0), append(tp1)]
    await run()
    respond({ offset: 0 })
    time.sleep(DELIVERY_TIMEOUT_MS)
    await run()
    expect(inFlight()[1]).toBe(0)
    for (const future of futures) expect(await rejectionOf(future)).toBeInstanceOf(TimeoutException)
  })

  it('ends the first batch, and lets the second go after the answer to the first', async () => {
    covers('SenderTest.testWhenFirstBatchExpireNoSendSecondBatchIfGuaranteeOrder')
    setUp({ guaranteeMessageOrder: true })
    append()
    await run()
    expect(inFlight()).toEqual([1, 1])
    time.sleep(DELIVERY_TIMEOUT_MS / 2)
    append()
    await run()
    expect(inFlight()).toEqual([1, 1])
    time.sleep(DELIVERY_TIMEOUT_MS / 2)
    respond({ offset: 0 })
    await run()
    expect(inFlight()).toEqual([0, 0])
    await run()
    expect(inFlight()).toEqual([1, 1])
  })

  it('leaves no time for another attempt', async () => {
    covers('SenderTest.testExpiredBatchDoesNotRetry')
    const future = append()
    await run()
    time.sleep(DELIVERY_TIMEOUT_MS)
    respond({ error: Errors.NOT_LEADER_OR_FOLLOWER })
    for (let i = 0; i < 3; i++) {
      await run()
      expect([future.isDone(), ...inFlight()]).toEqual([true, 0, 0])
    }
    await rejectionOf(future)
  })

  it('leaves no time to split a batch either', async () => {
    covers('SenderTest.testExpiredBatchDoesNotSplitOnMessageTooLargeError')
    const futures = [append(), append()]
    await run()
    respond({ error: Errors.MESSAGE_TOO_LARGE })
    time.sleep(DELIVERY_TIMEOUT_MS)
    for (let i = 0; i < 2; i++) {
      await run()
      expect([futures.every((future) => future.isDone()), ...inFlight()]).toEqual([true, 0, 0])
    }
    await Promise.all(futures.map((future) => rejectionOf(future)))
  })

  it('decides how long a poll may wait', async () => {
    covers('SenderTest.testResetNextBatchExpiry')
    append()
    await run(2)
    time.sleep(DELIVERY_TIMEOUT_MS + 1)
    await run()
    expect(client.timeouts.slice(0, 2)).toEqual([0, DELIVERY_TIMEOUT_MS])
    expect(client.timeouts[2]).toBeGreaterThanOrEqual(1)
  })

  it('calls back, and a callback may send again', async () => {
    covers('SenderTest.testAppendInExpiryCallback')
    const expired: Error[] = []
    const callback = (_: unknown, exception: Error | null) => {
      expired.push(exception!)
      append(tp1)
    }
    for (let i = 0; i < 10; i++) append(tp1, { callback })
    time.sleep(10_000)
    client.disconnect('0')
    client.backoff(new Node(0, 'localhost', 1969), 100)
    await run()
    expect(expired).toHaveLength(10)
    expect(expired.every((error) => error instanceof TimeoutException)).toBe(true)
    expect(accumulator.getDeque(tp1)?.size).toBe(1)
    expect(accumulator.getDeque(tp1)?.peekFirst()?.recordCount).toBe(10)
  })
})

describe('memory', () => {
  it('comes back once when a request times out', async () => {
    covers('SenderTest.testNoDoubleDeallocation')
    const trace = traceOn(time)
    const options = { memory: TOTAL_SIZE, poolableSize: BATCH_SIZE, time, trace }
    const matching = new MatchingBufferPool(options)
    setUp({}, { bufferPool: matching })
    const future = append()
    await run()
    expect(inFlight()).toEqual([1, 1])
    const [batch] = sender.inFlightBatches(tp0)
    expect(batch!.bufferDeallocated).toBe(false)
    time.sleep(REQUEST_TIMEOUT_MS)
    expect(matching.out.size).toBe(1)
    await run()
    expect([future.isDone(), batch!.bufferDeallocated, matching.out.size]).toEqual([true, true, 0])
    await run()
    expect([matching.out.size, ...inFlight()]).toEqual([0, 0, 0])
    await rejectionOf(future)
  })

  it('of a batch that expired in flight is not given to another one', async () => {
    covers('SenderTest.testNoBufferReuseWhenBatchExpires')
    const buffer = pool.allocate(BATCH_SIZE, 0) as ByteBuffer
    pool.deallocate(buffer)
    const future = append()
    await run(2)
    expect(inFlight()).toEqual([1, 1])
    expect(sender.inFlightBatches(tp0)[0]!.buffer()).toBe(buffer)
    time.sleep(DELIVERY_TIMEOUT_MS + 100)
    await run()
    expect(pool.allocate(BATCH_SIZE, 0)).not.toBe(buffer)
    await rejectionOf(future)
  })
})

describe('a batch that is too large for the broker', () => {
  it('is split, and its parts are sent', async () => {
    const callback = new RecordingCallback()
    const value = new Uint8Array(9000)
    setUp({ retries: 0 }, { batchSize: 9200 })
    // Two records in one batch, as when compression has worked less well than expected.
    const futures = [append(tp0, { value, callback: callback.fn })]
    const batch = accumulator.getDeque(tp0)!.peekFirst()!
    Object.assign(batch, { recordsBuilder: largerBuilder(batch) })
    futures.push(append(tp0, { value, callback: callback.fn }))
    expect(batch.recordCount).toBe(2)
    await run(2)
    respond({ error: Errors.MESSAGE_TOO_LARGE })
    await run()
    for (const offset of [0, 1]) {
      await run()
      expect(sentRequest().topicData[0]!.partitionData).toHaveLength(1)
      respond({ offset })
      await run()
      expect((await futures[offset]!).offset).toBe(offset)
    }
    expect(callback.calls.map(({ metadata: { offset } }) => offset)).toEqual([0, 1])
    expect(pool.availableMemory()).toBe(TOTAL_SIZE)
    expect(logger.messages('warn')[0]).toMatch(/splitting and retrying \(0 attempts left\)/)
  })

  it('fails when it cannot be split: one record', async () => {
    const future = append()
    await run(2)
    respond({ error: Errors.MESSAGE_TOO_LARGE })
    await run()
    expect(await rejectionOf(future)).toBeInstanceOf(RecordTooLargeException)
  })

  /** A builder with room for more than a batch, which holds what the batch has. */
  const largerBuilder = (batch: object) => {
    const { recordsBuilder } = batch as { recordsBuilder: { writeLimit: number } }
    return Object.assign(recordsBuilder, { writeLimit: 64 * 1024 })
  }
})

it('forgets a topic that nothing was sent to, and takes it up again', async () => {
  covers('SenderTest.testMetadataTopicExpiry')
  const send = async (offset: number): Promise<void> => {
    const future = append()
    // Nobody but the Sender adds the topic here: its records are there, its leader is not known.
    await run()
    expect(metadata.containsTopic(TOPIC)).toBe(true)
    updateMetadata(1, 2)
    if (client.inFlightRequestCount() === 0) await run()
    respond({ offset })
    await run()
    expect(inFlight()).toEqual([0, 0])
    expect((await future).offset).toBe(offset)
  }
  await send(0)
  expect(metadata.containsTopic(TOPIC)).toBe(true)
  time.sleep(TOPIC_IDLE_MS)
  updateMetadata(1, 2)
  expect(metadata.containsTopic(TOPIC)).toBe(false)
  await send(1)
})

it('notes which brokers take nothing', async () => {
  covers('SenderTest.testNodeLatencyStats')
  setUp({}, { partitionAvailabilityTimeoutMs: 42 })
  const stats = () => {
    const { readyTimeMs, drainTimeMs } = accumulator.nodeStats.get(0)!
    return [readyTimeMs, drainTimeMs]
  }
  const sentMs = time.milliseconds()
  append()
  await run()
  expect([client.inFlightRequestCount(), stats()]).toEqual([1, [sentMs, sentMs]])
  client.throttle(metadata.fetch().nodeById(0)!, 100)
  // Nothing to send: nothing is noted.
  time.sleep(10)
  await run()
  expect([client.inFlightRequestCount(), stats()]).toEqual([1, [sentMs, sentMs]])
  append()
  for (let i = 0; i < 2; i++) {
    const nowMs = time.milliseconds()
    await run()
    expect([client.inFlightRequestCount(), stats()]).toEqual([1, [nowMs, sentMs]])
    time.sleep(10)
  }
  time.sleep(100)
  const nowMs = time.milliseconds()
  await run()
  expect([client.inFlightRequestCount(), stats()]).toEqual([2, [nowMs, nowMs]])
})

describe('the loop', () => {
  it('sends what is left when it is closed, then ends', async () => {
    setUp({}, { lingerMs: 1_000_000 })
    client.prepareResponse(ApiKeys.PRODUCE, produceResponse([[tp0, { offset: 7 }]]))
    const future = append()
    sender.initiateClose()
    expect(sender.isRunning()).toBe(false)
    await sender.run()
    expect((await future).offset).toBe(7)
    expect([client.active(), metadata.isClosed()]).toEqual([false, true])
    expect(() => append()).toThrow('Producer closed while send in progress')
  })

  it('gives up what is left when it is closed by force', async () => {
    const future = append()
    await run(2)
    sender.forceClose()
    await sender.run()
    expect((await rejectionOf(future)).message).toBe('Producer is closed forcefully.')
  })

  it('goes on after a turn that failed, with a pause', async () => {
    const future = append()
    let failures = 0
    client.readyCallback = () => {
      if (failures++ < 3) throw new Error(`no ${failures}`)
    }
    client.prepareResponse(ApiKeys.PRODUCE, produceResponse([[tp0, { offset: 0 }]]))
    const startMs = time.milliseconds()
    const looping = sender.run()
    await settle()
    sender.initiateClose()
    await looping
    expect((await future).offset).toBe(0)
    expect(logger.messages('error')).toHaveLength(3)
    expect(time.milliseconds() - startMs).toBe(3 * 50)
  })
})

it('tells its story on the trace bus', async () => {
  const { TraceBus } = await import('../../src/common/Trace.ts')
  const bus = new TraceBus(time)
  const names: string[] = []
  bus.listen(({ name }) => names.push(name))
  const trace = bus.from('p')
  setUp({ trace }, { trace })
  append(tp0, { value: ascii('v') })
  await run(2)
  respond({ error: Errors.LEADER_NOT_AVAILABLE })
  await run(2)
  respond({ offset: 1 })
  await run()
  expect(names.filter((name) => name.startsWith('producer.sender'))).toEqual([
    'producer.sender.runOnce',
    'producer.sender.sendProduceRequest',
    'producer.sender.runOnce',
    'producer.sender.runOnce',
    'producer.sender.handleProduceResponse',
    'producer.sender.completeBatch',
    'producer.sender.reenqueueBatch',
    'producer.sender.runOnce',
    'producer.sender.sendProduceRequest',
    'producer.sender.runOnce',
    'producer.sender.handleProduceResponse',
    'producer.sender.completeBatch',
  ])
})
