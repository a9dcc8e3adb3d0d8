/** The order of sequences through retries: batches that come back, in any order. */

import { describe, expect, it } from 'vitest'
import { DuplicateSequenceException } from '../../src/common/errors/ApiExceptions.ts'
import { TimeoutException } from '../../src/common/errors.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { rejectionOf } from './producerSupport.ts'
import { batchIn, PRODUCER_ID, REQUEST_TIMEOUT_MS, SenderBench, tp0, tp1 } from './senderSupport.ts'

const { OUT_OF_ORDER_SEQUENCE_NUMBER, LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER } = Errors
const { REQUEST_TIMED_OUT } = Errors

describe('several batches of a partition in flight', () => {
  it('have rising sequences, and are acknowledged one by one', async () => {
    covers('SenderTest.testIdempotenceWithMultipleInflights')
    const bench = await SenderBench.start()
    expect(bench.manager.sequenceNumber(tp0)).toBe(0)
    await bench.acknowledgeFirst(tp0)
    const { future: second } = await bench.send(tp0)
    const { future: third } = await bench.send(tp0)
    expect([bench.inFlight, ...bench.sequences]).toEqual([2, 0, 3, 0])
    await bench.answer(tp0, { sequence: 1, offset: 1 })
    expect([bench.inFlight, ...bench.sequences]).toEqual([1, 0, 3, 1])
    expect([(await second).offset, third.isDone()]).toEqual([1, false])
    await bench.answer(tp0, { sequence: 2, offset: 2 })
    expect([bench.inFlight, ...bench.sequences]).toEqual([0, 0, 3, 2])
    expect((await third).offset).toBe(2)
    expect(bench.sender.inFlightBatches(tp0)).toEqual([])
  })

  it('Many idempotent sends at once, all acknowledged with the same offset (kafkajs #598): each has its own', async () => {
    const bench = await SenderBench.start({ accumulator: { batchSize: 300 } })
    await bench.acknowledgeFirst(tp0)
    const futures = Array.from({ length: 40 }, (_, i) => bench.append(tp0, `value ${i}`))
    const bases: number[] = []
    for (let end = 1; end < 41; ) {
      await bench.run()
      const batch = batchIn(bench.client.requests()[0]!, tp0)
      bases.push(batch.baseSequence)
      bench.respond(tp0, { sequence: end, offset: 100 + end })
      end += batch.countOrNull
    }
    await bench.run()
    expect(bases.length).toBeGreaterThan(3)
    const offsets = (await Promise.all(futures)).map(({ offset }) => offset)
    expect(offsets).toEqual(Array.from({ length: 40 }, (_, i) => 101 + i))
  })

  it('are tried again one at a time, in their order, and new ones wait', async () => {
    covers('SenderTest.testIdempotenceWithMultipleInflightsRetriedInOrder')
    const bench = await SenderBench.start()
    await bench.acknowledgeFirst(tp0)
    const sent = [await bench.send(tp0), await bench.send(tp0), await bench.send(tp0)]
    expect([bench.inFlight, ...bench.sequences]).toEqual([3, 0, 4, 0])
    await bench.answer(tp0, { sequence: 1, error: LEADER_NOT_AVAILABLE })
    const last = bench.append(tp0)
    expect(bench.inFlight).toBe(2)
    await bench.answer(tp0, { sequence: 2, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    await bench.answer(tp0, { sequence: 3, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    await bench.run()
    // The last one has not been drained: it has no sequence yet.
    expect([bench.inFlight, ...bench.sequences]).toEqual([1, 0, 4, 0])
    expect(bench.queued(tp0)).toEqual([2, 3, -1])
    for (const [i, { future }] of sent.entries()) {
      const sequence = i + 1
      await bench.answer(tp0, { sequence, offset: sequence })
      expect((await future).offset).toBe(sequence)
      expect(bench.manager.lastAckedSequence(tp0)).toBe(sequence)
      if (i < 2) expect(bench.inFlight).toBe(0)
      if (i < 2) await bench.run()
      expect([bench.inFlight, bench.sender.inFlightBatches(tp0).length]).toEqual([1, 1])
    }
    await bench.answer(tp0, { sequence: 4, offset: 4 })
    expect((await last).offset).toBe(4)
    expect(bench.sequences).toEqual([0, 5, 4])
  })

  it('do not keep the Sender busy while one waits for the other', async () => {
    const bench = await SenderBench.start()
    const timeouts = bench.recordPollTimeouts()
    await bench.acknowledgeFirst(tp0)
    await bench.send(tp0)
    await bench.send(tp0)
    await bench.answer(tp0, { sequence: 1, error: LEADER_NOT_AVAILABLE })
    await bench.answer(tp0, { sequence: 2, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    timeouts.length = 0
    await bench.run(3)
    expect(bench.queued(tp0)).toEqual([2])
    expect(Math.min(...timeouts)).toBeGreaterThan(0)
  })

  it('do not keep other partitions waiting', async () => {
    const bench = await SenderBench.start()
    for (const tp of [tp0, tp1]) await bench.acknowledgeFirst(tp)
    await bench.send(tp0)
    await bench.send(tp0)
    await bench.answer(tp0, { sequence: 1, error: LEADER_NOT_AVAILABLE })
    await bench.answer(tp0, { sequence: 2, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    await bench.send(tp1)
    await bench.send(tp1)
    expect(bench.queued(tp0)).toEqual([2])
    expect(bench.stateOf(tp1)).toEqual([PRODUCER_ID, 0, 3, 0])
  })

  it('may be answered in another order, and are put back in theirs', async () => {
    covers('SenderTest.testCorrectHandlingOfOutOfOrderResponses')
    const bench = await SenderBench.start()
    await bench.acknowledgeFirst(tp0)
    const sent = [await bench.send(tp0), await bench.send(tp0)]
    const [one, two] = [...bench.client.requests()]
    await bench.answer(tp0, { request: two!, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    expect([bench.queued(tp0), bench.inFlight]).toEqual([[2], 1])
    await bench.answer(tp0, { request: one!, error: NOT_LEADER_OR_FOLLOWER })
    expect([bench.queued(tp0), bench.inFlight]).toEqual([[1, 2], 0])
    expect(sent.some(({ future }) => future.isDone())).toBe(false)
    await bench.run(2)
    expect([bench.inFlight, bench.manager.lastAckedSequence(tp0)]).toEqual([1, 0])
    for (const [i, { future }] of sent.entries()) {
      const sequence = i + 1
      await bench.answer(tp0, { sequence, offset: sequence })
      const told = [(await future).offset, bench.manager.lastAckedSequence(tp0)]
      expect(told).toEqual([sequence, sequence])
      expect(bench.inFlight).toBe(0)
      await bench.run()
      expect(bench.inFlight).toBe(1 - i)
    }
  })

  it('may succeed in another order: the last acknowledged sequence does not go back', async () => {
    covers('SenderTest.testCorrectHandlingOfOutOfOrderResponsesWhenSecondSucceeds')
    const bench = await SenderBench.start()
    await bench.acknowledgeFirst(tp0)
    const { future: one } = await bench.send(tp0)
    const { future: two } = await bench.send(tp0)
    const [first, second] = [...bench.client.requests()]
    await bench.answer(tp0, { request: second!, offset: 2 })
    expect([(await two).offset, one.isDone()]).toEqual([2, false])
    expect([bench.queued(tp0), bench.inFlight, bench.sequences[2]]).toEqual([[], 1, 2])
    await bench.answer(tp0, { request: first!, error: REQUEST_TIMED_OUT })
    expect([bench.queued(tp0), bench.inFlight, bench.sequences[2]]).toEqual([[1], 0, 2])
    await bench.run()
    expect([bench.inFlight, bench.sequences[2]]).toEqual([1, 2])
    await bench.answer(tp0, { sequence: 1, offset: 1 })
    expect([bench.queued(tp0), bench.inFlight, bench.sequences[2]]).toEqual([[], 0, 2])
    expect((await one).offset).toBe(1)
  })

  it('that were written long ago count as sent, at an offset that nobody knows', async () => {
    covers('SenderTest.testCorrectHandlingOfDuplicateSequenceError')
    const bench = await SenderBench.start()
    await bench.acknowledgeFirst(tp0)
    const { future: one } = await bench.send(tp0)
    await bench.send(tp0)
    const [first, second] = [...bench.client.requests()]
    await bench.answer(tp0, { request: second!, offset: 1000 })
    expect([bench.manager.lastAckedOffset(tp0), bench.sequences[2]]).toEqual([1000, 2])
    const error = Errors.DUPLICATE_SEQUENCE_NUMBER
    await bench.answer(tp0, { request: first!, error })
    expect([bench.manager.lastAckedOffset(tp0), bench.sequences[2]]).toEqual([1000, 2])
    const metadata = await one
    expect([metadata.hasOffset(), metadata.offset]).toEqual([false, -1])
    expect(error.exception()).toBeInstanceOf(DuplicateSequenceException)
  })

  it('that come back after a split leave nothing behind that could expire', async () => {
    covers('SenderTest.testTooLargeBatchesAreSafelyRemoved')
    const bench = await SenderBench.start({ accumulator: { batchSize: 200 } })
    bench.append(tp0, 'x'.repeat(100))
    const batch = bench.accumulator.getDeque(tp0)!.peekFirst()!
    Object.assign(batch.recordsBuilder, { writeLimit: 1000 })
    bench.append(tp0, 'y'.repeat(100))
    await bench.run()
    await bench.answer(tp0, { error: Errors.MESSAGE_TOO_LARGE, sequence: 0 })
    for (const sequence of [0, 1]) {
      await bench.run()
      await bench.answer(tp0, { sequence, offset: sequence })
    }
    expect(bench.sender.inFlightBatches(tp0)).toEqual([])
    expect(bench.manager.hasInflightBatches(tp0)).toBe(false)
    bench.time.sleep(2000)
    await bench.run()
    expect(bench.logger.messages('error')).toEqual([])
  })
})

describe('a batch that expires', () => {
  it('before it was sent has no sequence, so nothing is unresolved', async () => {
    covers('SenderTest.testExpiryOfUnsentBatchesShouldNotCauseUnresolvedSequences')
    const bench = await SenderBench.start()
    const future = bench.append(tp0)
    bench.time.sleep(10_000)
    bench.loseConnection()
    await bench.run()
    expect(await rejectionOf(future)).toBeInstanceOf(TimeoutException)
    expect(bench.manager.hasUnresolvedSequence(tp0)).toBe(false)
  })

  /** The first of two in flight fails, and expires; the second is back in the queue. */
  const firstOfTwoExpires = async (afterMs: number) => {
    const bench = await SenderBench.start()
    await bench.acknowledgeFirst(tp0)
    const { future: first } = await bench.send(tp0)
    bench.time.sleep(1000)
    const { future: second } = await bench.send(tp0)
    expect([bench.inFlight, bench.sender.inFlightBatches(tp0).length]).toEqual([2, 2])
    await bench.answer(tp0, { sequence: 1, error: REQUEST_TIMED_OUT })
    bench.time.sleep(afterMs)
    bench.loseConnection()
    await bench.run()
    expect(await rejectionOf(first)).toBeInstanceOf(TimeoutException)
    expect(bench.manager.hasUnresolvedSequence(tp0)).toBe(true)
    const third = bench.append(tp0)
    bench.time.sleep(20)
    expect(second.isDone()).toBe(false)
    await bench.run()
    return { bench, second, third }
  }

  it('was written after all when its successors are: nothing new goes before that is clear', async () => {
    covers(
      'SenderTest.testExpiryOfFirstBatchShouldNotCauseUnresolvedSequencesIfFutureBatchesSucceed',
    )
    const { bench, second, third } = await firstOfTwoExpires(600)
    await bench.answer(tp0, { sequence: 2, offset: 2 })
    expect((await second).offset).toBe(2)
    expect([bench.queued(tp0), bench.inFlight]).toEqual([[-1], 0])
    expect([bench.manager.sequenceNumber(tp0), bench.manager.hasUnresolvedSequences()]).toEqual([
      3,
      true,
    ])
    await bench.run()
    expect([bench.queued(tp0), bench.inFlight, third.isDone()]).toEqual([[], 1, false])
    expect(bench.manager.hasUnresolvedSequences()).toBe(false)
    expect(bench.sequences).toEqual([0, 4, 2])
  })

  it('left a gap when its successor is refused: a new epoch begins', async () => {
    covers('SenderTest.testExpiryOfFirstBatchShouldCauseEpochBumpIfFutureBatchesFail')
    const { bench } = await firstOfTwoExpires(600)
    await bench.answer(tp0, { sequence: 2, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    expect(bench.queued(tp0)).toEqual([2, -1])
    await bench.run()
    expect(bench.sequences).toEqual([1, 1, -1])
    expect(bench.manager.hasUnresolvedSequence(tp0)).toBe(false)
  })

  it('and was the only one leaves the question open: a new epoch begins', async () => {
    covers('SenderTest.testExpiryOfAllSentBatchesShouldCauseUnresolvedSequences')
    const bench = await SenderBench.start()
    const { future } = await bench.send(tp0)
    await bench.answer(tp0, { sequence: 0, error: NOT_LEADER_OR_FOLLOWER })
    expect(bench.manager.sequenceNumber(tp0)).toBe(1)
    bench.time.sleep(15_000)
    bench.loseConnection()
    await bench.run()
    expect(await rejectionOf(future)).toBeInstanceOf(TimeoutException)
    expect(bench.manager.hasUnresolvedSequence(tp0)).toBe(true)
    expect([bench.queued(tp0), bench.inFlight]).toEqual([[], 0])
    expect(bench.manager.producerIdAndEpoch().epoch).toBe(0)
    await bench.run()
    expect(bench.manager.producerIdAndEpoch().epoch).toBe(1)
    expect(bench.manager.hasUnresolvedSequences()).toBe(false)
  })

  it('in its first attempt leaves the question open too', async () => {
    const bench = await SenderBench.start()
    const { future } = await bench.send(tp0)
    bench.time.sleep(2000)
    await bench.run()
    expect(await rejectionOf(future)).toBeInstanceOf(TimeoutException)
    expect(bench.manager.hasUnresolvedSequence(tp0)).toBe(true)
    await bench.send(tp0)
    // Its answer comes late: the new epoch goes on.
    expect(bench.sequences).toEqual([1, 1, -1])
    await bench.answer(tp0, { sequence: 0, epoch: 0, offset: 0 })
    await bench.answer(tp0, { sequence: 0, epoch: 1, offset: 1 })
    expect(bench.manager.hasInflightBatches(tp0)).toBe(false)
    expect(bench.pool.availableMemory()).toBe(1024 * 1024)
  })

  it('while its request is tried again keeps its successor out until all is clear', async () => {
    covers('TransactionManagerTest.testDuplicateSequenceAfterProducerReset')
    const deliveryTimeoutMs = 3 * REQUEST_TIMEOUT_MS
    const bench = await SenderBench.start({ accumulator: { deliveryTimeoutMs } })
    const { future } = await bench.send(tp0)
    bench.time.sleep(REQUEST_TIMEOUT_MS)
    await bench.run()
    bench.time.sleep(REQUEST_TIMEOUT_MS)
    await bench.run()
    expect([bench.inFlight, bench.manager.hasInflightBatches(tp0)]).toEqual([1, true])
    expect(bench.manager.sequenceNumber(tp0)).toBe(1)
    bench.time.sleep(REQUEST_TIMEOUT_MS - 1)
    await bench.run()
    bench.time.sleep(1)
    await bench.run()
    expect(await rejectionOf(future)).toBeInstanceOf(TimeoutException)
    await bench.run()
    expect(bench.manager.producerIdAndEpoch().epoch).toBe(1)
    expect(bench.manager.sequenceNumber(tp0)).toBe(0)
    const { future: later } = await bench.send(tp0)
    expect([bench.manager.firstInFlightSequence(tp0), ...bench.sequences]).toEqual([0, 1, 1, -1])
    bench.time.sleep(REQUEST_TIMEOUT_MS)
    await bench.run()
    expect([bench.manager.hasInflightBatches(tp0), later.isDone()]).toEqual([true, false])
  })
})
