import { describe, expect, it } from 'vitest'
import { LeastLoadedNode } from '../../src/clients/LeastLoadedNode.ts'
import { MockClient } from '../../src/clients/MockClient.ts'
import { requestBuilder } from '../../src/clients/RequestBuilder.ts'
import {
  ClusterAuthorizationException,
  RecordTooLargeException,
  UnsupportedForMessageFormatException,
  UnsupportedVersionException,
} from '../../src/common/errors/ApiExceptions.ts'
import { KafkaException, TimeoutException } from '../../src/common/errors.ts'
import { ProducerIdAndEpoch } from '../../src/common/ProducerIdAndEpoch.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import type { TraceEntry } from '../../src/common/Trace.ts'
import type { RecordAppendResult } from '../../src/producer/internals/RecordAppendResult.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { CompressionRatioEstimator } from '../../src/record/CompressionRatioEstimator.ts'
import { CompressionType } from '../../src/record/CompressionType.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { covers } from '../support/covers.ts'
import { metadataUpdateWith } from '../support/RequestTestUtils.ts'
import { record, rejectionOf, traceOn } from './producerSupport.ts'
import {
  batchIn,
  MatchingBufferPool,
  PRODUCER_ID,
  REQUEST_TIMEOUT_MS,
  RETRY_BACKOFF_MS,
  SenderBench,
  tp0,
  tp1,
} from './senderSupport.ts'

describe('the producer id', () => {
  it('is asked for before anything is sent', async () => {
    covers('SenderTest.testInitProducerIdRequest')
    const bench = new SenderBench()
    bench.append(tp0)
    await bench.run()
    expect(bench.client.requests().map(({ apiKey }) => apiKey)).toEqual([ApiKeys.INIT_PRODUCER_ID])
    bench.client.respond(ApiKeys.INIT_PRODUCER_ID, { producerId: PRODUCER_ID })
    await bench.run()
    expect(bench.manager.producerIdAndEpoch()).toEqual(new ProducerIdAndEpoch(PRODUCER_ID, 0))
    expect(bench.manager.state).toBe('READY')
    await bench.run()
    expect(bench.client.requests().map(({ apiKey }) => apiKey)).toEqual([ApiKeys.PRODUCE])
  })

  it('is asked for again, after a pause, when the answer is an error that may pass', async () => {
    covers('SenderTest.testSenderShouldRetryWithBackoffOnRetriableError')
    const bench = new SenderBench()
    const startMs = bench.time.milliseconds()
    const waited = async (error: typeof Errors.NONE) => {
      await bench.initProducerId({ error })
      return bench.time.milliseconds() - startMs
    }
    expect(await waited(Errors.COORDINATOR_LOAD_IN_PROGRESS)).toBe(0)
    expect(await waited(Errors.COORDINATOR_LOAD_IN_PROGRESS)).toBe(RETRY_BACKOFF_MS)
    expect(await waited(Errors.NONE)).toBe(2 * RETRY_BACKOFF_MS)
    expect(bench.manager.hasProducerId()).toBe(true)
  })

  it('is asked for again when the connection was lost before the answer', async () => {
    const bench = new SenderBench()
    await bench.run()
    bench.client.disconnect('0')
    await bench.run()
    expect(bench.manager.hasInFlightRequest()).toBe(false)
    await bench.initProducerId()
    expect(bench.manager.hasProducerId()).toBe(true)
  })

  it('comes although the only broker may have one request in flight, and has one', async () => {
    covers('SenderTest.testIdempotentInitProducerIdWithMaxInFlightOne')
    class OneInFlight extends MockClient {
      private canSendMore = true

      override leastLoadedNode(nowMs: number): LeastLoadedNode {
        const [node] = bench.metadata.fetch().nodes
        const free = node !== undefined && this.isReady(node, nowMs) && this.canSendMore
        return new LeastLoadedNode(free ? node : null, free)
      }

      override poll(timeoutMs: number, nowMs: number) {
        this.canSendMore = this.inFlightRequestCount() < 1
        return super.poll(timeoutMs, nowMs)
      }
    }
    const bench: SenderBench = new SenderBench({
      client: (time, metadata) => new OneInFlight(time, metadata),
    })
    const { client, time } = bench
    const [node] = bench.metadata.fetch().nodes
    while (!client.ready(node!, time.milliseconds())) await client.poll(0, time.milliseconds())
    const request = requestBuilder(ApiKeys.METADATA, { topics: [] })
    const createdTimeMs = time.milliseconds()
    client.send(client.newClientRequest({ nodeId: '0', request, createdTimeMs }), createdTimeMs)
    await client.poll(0, createdTimeMs)
    await bench.run()
    expect(client.requests().map(({ apiKey }) => apiKey)).toEqual([ApiKeys.METADATA])
    client.respond(ApiKeys.METADATA, { brokers: [], topics: [] })
    await bench.run(3)
    client.respond(ApiKeys.INIT_PRODUCER_ID, { producerId: 123456n })
    await bench.run()
    expect(bench.manager.producerIdAndEpoch()).toEqual(new ProducerIdAndEpoch(123456n, 0))
  })

  it('is waited for while no broker is ready, however long that takes', async () => {
    covers('SenderTest.testNodeNotReady')
    const bench = new SenderBench()
    const [node] = bench.metadata.fetch().nodes
    bench.client.advanceTimeDuringPoll = true
    bench.client.delayReady(node!, REQUEST_TIMEOUT_MS + 20)
    bench.client.throttle(node!, REQUEST_TIMEOUT_MS + 20)
    bench.prepareProducerId()
    const startMs = bench.time.milliseconds()
    for (let i = 0; i < 200 && !bench.manager.hasProducerId(); i++) await bench.run()
    expect(bench.manager.hasProducerId()).toBe(true)
    expect(bench.time.milliseconds() - startMs).toBeGreaterThan(REQUEST_TIMEOUT_MS)
  })

  it('is waited for by records for `delivery.timeout.ms`, not longer', async () => {
    const bench = new SenderBench()
    const future = bench.append(tp0)
    bench.loseConnection()
    bench.client.setUnreachable(bench.metadata.fetch().nodes[0]!, 100_000)
    for (let i = 0; i < 100 && !future.isDone(); i++) {
      await bench.run()
      bench.time.sleep(RETRY_BACKOFF_MS)
    }
    expect(await rejectionOf(future)).toBeInstanceOf(TimeoutException)
    expect(bench.manager.hasUnresolvedSequences()).toBe(false)
    expect(bench.accumulator.incomplete.isEmpty()).toBe(true)
  })

  it('is told to the trace, and so is a new epoch', async () => {
    const bench = await SenderBench.start()
    await bench.send(tp0)
    await bench.answer(tp0, { error: Errors.OUT_OF_ORDER_SEQUENCE_NUMBER })
    await bench.run()
    const told = bench.events.filter(({ name }) => name.startsWith('producer.transactionManager'))
    expect(told.map(({ name, fields }) => [name.split('.')[2], fields])).toEqual([
      ['setProducerIdAndEpoch', { producerId: '343434', epoch: 0 }],
      ['setProducerIdAndEpoch', { producerId: '343434', epoch: 1 }],
      ['bumpIdempotentProducerEpoch', { producerId: '343434', epoch: 1, partitions: ['test-0'] }],
    ])
    const drains = bench.events.filter(({ name }) => name === 'producer.accumulator.drain')
    const sequences = (drains as TraceEntry<'producer.accumulator.drain'>[]).map(
      ({ fields }) => fields.baseSequences,
    )
    expect(sequences).toEqual([[0], [], [0]])
  })
})

describe('without the right to write', () => {
  it('what waits fails, the id is asked for again, and all is well when the right is granted', async () => {
    covers('SenderTest.testClusterAuthorizationExceptionInInitProducerIdRequest')
    const bench = new SenderBench()
    await bench.initProducerId({ error: Errors.CLUSTER_AUTHORIZATION_FAILED })
    const { manager } = bench
    expect([manager.hasProducerId(), manager.hasError()]).toEqual([false, true])
    expect(manager.lastError()).toBeInstanceOf(ClusterAuthorizationException)
    expect(manager.producerIdAndEpoch().epoch).toBe(-1)

    const refused = bench.append(tp0)
    await bench.run()
    expect(await rejectionOf(refused)).toBeInstanceOf(ClusterAuthorizationException)
    const startMs = bench.time.milliseconds()
    await bench.initProducerId()
    expect(bench.time.milliseconds() - startMs).toBe(RETRY_BACKOFF_MS)
    expect([manager.hasFatalError(), manager.hasProducerId()]).toEqual([false, true])
    const { future } = await bench.send(tp0)
    await bench.answer(tp0, { offset: 0, sequence: 0 })
    expect((await future).offset).toBe(0)
  })

  it('every later send fails too, when a broker said so of a batch', async () => {
    covers('SenderTest.testClusterAuthorizationExceptionInProduceRequest')
    const bench = await SenderBench.start()
    const { future } = await bench.send(tp0)
    await bench.answer(tp0, { error: Errors.CLUSTER_AUTHORIZATION_FAILED })
    expect((await rejectionOf(future)).message).toMatch(/not authorized to do idempotent sends/)
    expect(bench.manager.hasFatalError()).toBe(true)
    const { future: later } = await bench.send(tp0)
    expect(await rejectionOf(later)).toBeInstanceOf(ClusterAuthorizationException)
    expect(() => bench.manager.maybeFailWithError()).toThrow(KafkaException)
    expect(() => bench.manager.maybeFailWithError()).toThrow(/only a new producer can go on/)
  })

  it('memory in flight stays out of the pool until its answer comes', async () => {
    covers('SenderTest.testCancelInFlightRequestAfterFatalError')
    const time = new SenderBench().time
    const trace = traceOn(time)
    const options = { memory: 1024 * 1024, poolableSize: 16 * 1024, time, trace }
    const matching = new MatchingBufferPool(options)
    const bench = await SenderBench.start({ accumulator: { bufferPool: matching } })
    const { future: first } = await bench.send(tp0)
    const { future: second } = await bench.send(tp1)
    expect(matching.out.size).toBe(2)
    await bench.answer(tp0, { error: Errors.CLUSTER_AUTHORIZATION_FAILED })
    expect(await rejectionOf(first)).toBeInstanceOf(ClusterAuthorizationException)
    await bench.run()
    expect(await rejectionOf(second)).toBeInstanceOf(ClusterAuthorizationException)
    expect(matching.out.size).toBe(1)
    await bench.answer(tp1, { offset: 0 })
    expect(matching.out.size).toBe(0)
  })
})

describe('a broker that cannot take the batch', () => {
  it('because of its format fails the batch, and not the producer', async () => {
    covers('SenderTest.testUnsupportedForMessageFormatInProduceRequest')
    const bench = await SenderBench.start()
    const { future } = await bench.send(tp0)
    await bench.answer(tp0, { error: Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT })
    expect(await rejectionOf(future)).toBeInstanceOf(UnsupportedForMessageFormatException)
    expect(bench.manager.hasError()).toBe(false)
  })

  it('because of its version is a fatal error', async () => {
    covers('SenderTest.testUnsupportedVersionInProduceRequest')
    const bench = await SenderBench.start()
    const future = bench.append(tp0)
    bench.client.prepareUnsupportedVersionResponse(ApiKeys.PRODUCE)
    await bench.run()
    expect(await rejectionOf(future)).toBeInstanceOf(UnsupportedVersionException)
    expect(bench.manager.hasFatalError()).toBe(true)
    const { future: later } = await bench.send(tp0)
    expect(await rejectionOf(later)).toBeInstanceOf(UnsupportedVersionException)
  })

  it('and knows no InitProducerId at all ends the producer', async () => {
    const bench = new SenderBench()
    bench.client.prepareUnsupportedVersionResponse(ApiKeys.INIT_PRODUCER_ID)
    const future = bench.append(tp0)
    await bench.run(2)
    expect(bench.manager.lastError()).toBeInstanceOf(UnsupportedVersionException)
    expect(await rejectionOf(future)).toBeInstanceOf(UnsupportedVersionException)
  })
})

describe('a batch', () => {
  it('has producer id, epoch and sequence, and the next one follows', async () => {
    covers('SenderTest.testSequenceNumberIncrement')
    const bench = await SenderBench.start({ sender: { guaranteeMessageOrder: true, retries: 10 } })
    const { future } = await bench.send(tp0)
    const batch = batchIn(bench.client.requests()[0]!, tp0)
    expect([batch.producerId, batch.producerEpoch, batch.baseSequence]).toEqual([PRODUCER_ID, 0, 0])
    expect([batch.isValid(), batch.isTransactional]).toEqual([true, false])
    await bench.answer(tp0, { offset: 0 })
    expect(future.isDone()).toBe(true)
    expect(bench.sequences).toEqual([0, 1, 0])
  })

  it('that is too large is split into parts that share its sequences', async () => {
    covers('SenderTest.testIdempotentSplitBatchAndSend')
    const batchSize = 1024
    const estimator = new CompressionRatioEstimator()
    estimator.setEstimation('test', CompressionType.GZIP, 0.2)
    const bench = await SenderBench.start({
      sender: { retries: 1 },
      accumulator: {
        batchSize,
        deliveryTimeoutMs: 3000,
        estimator,
        compression: Compression.gzip(),
      },
    })
    // Bytes of chance: they do not compress, whatever the estimate says.
    const random = new SeededRandom(3)
    const append = () => {
      const appended = record({ value: random.nextBytes(batchSize / 2) })
      const nowMs = bench.time.milliseconds()
      const result = bench.accumulator.append(appended, 0, nowMs, bench.metadata.fetch())
      return (result as RecordAppendResult).future
    }
    const first = append()
    const second = append()
    await bench.run()
    expect(bench.sequences).toEqual([0, 2, -1])
    expect(bench.sender.inFlightBatches(tp0)[0]!.inflight).toBe(true)
    await bench.answer(tp0, { error: Errors.MESSAGE_TOO_LARGE, sequence: 0 })
    expect(bench.sequences).toEqual([0, 2, -1])
    const ratio = estimator.estimation('test', CompressionType.GZIP)
    expect(ratio).toBeGreaterThan(0.9)
    for (const [i, future] of [first, second].entries()) {
      await bench.run()
      expect([bench.inFlight, first.isDone(), second.isDone()]).toEqual([1, i > 0, false])
      await bench.answer(tp0, { sequence: i, epoch: 0, offset: i })
      expect(bench.sequences).toEqual([0, 2, i])
      expect((await future).offset).toBe(i)
    }
    expect(bench.queued(tp0)).toEqual([])
  })

  it('of one record that is too large leaves a gap, which a new epoch closes', async () => {
    covers(
      'SenderTest.testIdempotenceWithMultipleInflightsWhereFirstFailsFatallyAndSequenceOfFutureBatchesIsAdjusted',
    )
    const bench = await SenderBench.start()
    await bench.acknowledgeFirst(tp0)
    const { future: tooLarge } = await bench.send(tp0)
    const { future: next } = await bench.send(tp0)
    expect([bench.inFlight, ...bench.sequences]).toEqual([2, 0, 3, 0])
    await bench.answer(tp0, { error: Errors.MESSAGE_TOO_LARGE, sequence: 1 })
    expect(await rejectionOf(tooLarge)).toBeInstanceOf(RecordTooLargeException)
    await bench.answer(tp0, { error: Errors.OUT_OF_ORDER_SEQUENCE_NUMBER, sequence: 2 })
    expect([bench.inFlight, bench.manager.lastAckedSequence(tp0)]).toEqual([0, -1])
    await bench.run()
    expect(bench.inFlight).toBe(1)
    await bench.answer(tp0, { sequence: 0, epoch: 1, offset: 1 })
    expect([bench.inFlight, ...bench.sequences]).toEqual([0, 1, 1, 0])
    expect((await next).offset).toBe(1)
  })
})

it('a topic that appears later is sent to under the same id', async () => {
  const bench = await SenderBench.start()
  bench.client.updateMetadata(metadataUpdateWith(1, { topics: { test: 3 } }))
  await bench.send(tp1)
  expect(bench.stateOf(tp1)).toEqual([PRODUCER_ID, 0, 1, -1])
})
