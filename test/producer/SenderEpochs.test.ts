/** When numbering begins anew: gaps, brokers that have forgotten us, epochs that are used up. */

import { describe, expect, it } from 'vitest'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { rejectionOf } from './producerSupport.ts'
import { batchIn, MAX_EPOCH, PRODUCER_ID, SenderBench, tp0, tp1 } from './senderSupport.ts'

const { OUT_OF_ORDER_SEQUENCE_NUMBER, UNKNOWN_PRODUCER_ID, NOT_LEADER_OR_FOLLOWER } = Errors

describe('a new epoch', () => {
  it('begins when the batch behind the last acknowledged one is refused', async () => {
    covers('SenderTest.testEpochBumpOnOutOfOrderSequenceForNextBatch')
    const bench = await SenderBench.start()
    const first = bench.append(tp0)
    bench.append(tp0)
    await bench.run()
    // Two records: the next sequence is 2.
    expect([bench.inFlight, ...bench.sequences]).toEqual([1, 0, 2, -1])
    await bench.answer(tp0, { sequence: 0, offset: 0 })
    const { future: second } = await bench.send(tp0)
    expect([bench.inFlight, ...bench.sequences]).toEqual([1, 0, 3, 1])
    expect([(await first).offset, second.isDone()]).toEqual([0, false])
    await bench.answer(tp0, { sequence: 2, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    await bench.run()
    expect(bench.sequences).toEqual([1, 1, -1])
    expect(bench.manager.firstInFlightSequence(tp0)).toBe(0)
  })

  it('does not fail what was refused: it is sent again', async () => {
    covers('SenderTest.testBumpEpochWhenOutOfOrderSequenceReceived')
    const bench = await SenderBench.start({ sender: { guaranteeMessageOrder: true, retries: 10 } })
    const { future } = await bench.send(tp0)
    expect([bench.inFlight, bench.sender.inFlightBatches(tp0).length]).toEqual([1, 1])
    await bench.answer(tp0, { offset: 0, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    await bench.run()
    expect([future.isDone(), bench.sender.inFlightBatches(tp0).length]).toEqual([false, 1])
    expect(bench.manager.producerIdAndEpoch().epoch).toBe(1)
    await bench.answer(tp0, { sequence: 0, epoch: 1, offset: 0 })
    expect((await future).offset).toBe(0)
  })

  /** One batch of each partition is acknowledged. */
  const oneEach = async (options = {}) => {
    const bench = await SenderBench.start(options)
    for (const tp of [tp0, tp1]) {
      await bench.send(tp)
      expect(bench.stateOf(tp)).toEqual([PRODUCER_ID, 0, 1, -1])
      await bench.answer(tp, { epoch: 0, sequence: 0, offset: 0 })
      expect(bench.stateOf(tp)).toEqual([PRODUCER_ID, 0, 1, 0])
    }
    return bench
  }

  it('is taken over by other partitions with their next batch', async () => {
    covers('SenderTest.testEpochBumpOnOutOfOrderSequenceForNextBatchWhenThereIsNoBatchInFlight')
    const bench = await oneEach()
    await bench.send(tp0)
    await bench.answer(tp0, { epoch: 0, sequence: 1, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    await bench.run()
    expect(bench.stateOf(tp0)).toEqual([PRODUCER_ID, 1, 1, -1])
    expect(bench.stateOf(tp1)).toEqual([PRODUCER_ID, 0, 1, 0])
    expect(bench.manager.hasStaleProducerIdAndEpoch(tp1)).toBe(true)
    await bench.answer(tp0, { epoch: 1, sequence: 0, offset: 1 })
    expect(bench.stateOf(tp0)).toEqual([PRODUCER_ID, 1, 1, 0])
    await bench.send(tp1)
    expect(bench.stateOf(tp1)).toEqual([PRODUCER_ID, 1, 1, -1])
    expect(bench.manager.hasStaleProducerIdAndEpoch(tp1)).toBe(false)
    await bench.answer(tp1, { epoch: 1, sequence: 0, offset: 1 })
    expect(bench.stateOf(tp1)).toEqual([PRODUCER_ID, 1, 1, 0])
  })

  it('is taken over later by a partition with a batch in flight, even one that fails', async () => {
    covers('SenderTest.testEpochBumpOnOutOfOrderSequenceForNextBatchWhenBatchInFlightFails')
    const bench = await oneEach({ sender: { retries: 1 } })
    await bench.send(tp0)
    const { future: failing } = await bench.send(tp1)
    await bench.answer(tp0, { epoch: 0, sequence: 1, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    await bench.run()
    const stale = () => [...bench.stateOf(tp1), bench.manager.hasStaleProducerIdAndEpoch(tp1)]
    expect(bench.stateOf(tp0)).toEqual([PRODUCER_ID, 1, 1, -1])
    expect(stale()).toEqual([PRODUCER_ID, 0, 2, 0, true])
    await bench.answer(tp1, { epoch: 0, sequence: 1, error: NOT_LEADER_OR_FOLLOWER })
    await bench.run()
    expect(stale()).toEqual([PRODUCER_ID, 0, 2, 0, true])
    await bench.answer(tp0, { epoch: 1, sequence: 0, offset: 1 })
    await bench.answer(tp1, { epoch: 0, sequence: 1, error: NOT_LEADER_OR_FOLLOWER })
    expect((await rejectionOf(failing)).name).toBe('NotLeaderOrFollowerException')
    expect(stale()).toEqual([PRODUCER_ID, 0, 2, 0, true])
    await bench.send(tp1)
    expect(stale()).toEqual([PRODUCER_ID, 1, 1, -1, false])
    await bench.answer(tp1, { epoch: 1, sequence: 0, offset: 1 })
    await bench.send(tp0)
    await bench.answer(tp0, { epoch: 1, sequence: 1, offset: 2 })
    expect(bench.stateOf(tp0)).toEqual([PRODUCER_ID, 1, 2, 1])
  })

  it('does not touch a batch of the old one in another partition: it is tried again', async () => {
    covers('SenderTest.testBatchesDrainedWithOldProducerIdShouldSucceedOnSubsequentRetry')
    const bench = await SenderBench.start({ sender: { guaranteeMessageOrder: true, retries: 10 } })
    const refused = bench.append(tp0)
    const { future } = await bench.send(tp1)
    expect(bench.inFlight).toBe(1)
    bench.respondAll([
      [tp1, { error: NOT_LEADER_OR_FOLLOWER }],
      [tp0, { error: OUT_OF_ORDER_SEQUENCE_NUMBER }],
    ])
    await bench.run(2)
    expect([refused.isDone(), bench.manager.producerIdAndEpoch().epoch]).toEqual([false, 1])
    const [request] = bench.client.requests()
    expect([tp0, tp1].map((tp) => batchIn(request!, tp).producerEpoch)).toEqual([1, 0])
    bench.respondAll([
      [tp1, { error: NOT_LEADER_OR_FOLLOWER }],
      [tp0, { offset: 0 }],
    ])
    await bench.run(2)
    expect([refused.isDone(), future.isDone()]).toEqual([true, false])
    await bench.answer(tp1, { epoch: 0, sequence: 0, offset: 0 })
    expect((await future).offset).toBe(0)
    expect(bench.manager.sequenceNumber(tp1)).toBe(1)
  })
})

describe('a broker that has forgotten the producer (UNKNOWN_PRODUCER_ID)', () => {
  /** One batch is acknowledged, at offset 1000, while the log begins at 10. */
  const oneWritten = async () => {
    const bench = await SenderBench.start()
    const { future } = await bench.send(tp0)
    await bench.answer(tp0, { sequence: 0, offset: 1000, logStartOffset: 10 })
    expect((await future).offset).toBe(1000)
    expect([bench.manager.lastAckedOffset(tp0), ...bench.sequences]).toEqual([1000, 0, 1, 0])
    return bench
  }

  it('because our records were deleted gets the batch again, under a new epoch', async () => {
    covers('SenderTest.testIdempotentUnknownProducerHandlingWhenRetentionLimitReached')
    const bench = await oneWritten()
    bench.append(tp0)
    const { future } = await bench.send(tp0)
    await bench.answer(tp0, { sequence: 1, error: UNKNOWN_PRODUCER_ID, logStartOffset: 1010 })
    await bench.run()
    expect([bench.inFlight, ...bench.sequences]).toEqual([1, 1, 2, -1])
    await bench.answer(tp0, { sequence: 0, epoch: 1, offset: 1011, logStartOffset: 1010 })
    expect((await future).offset).toBe(1012)
    expect([bench.manager.lastAckedOffset(tp0), ...bench.sequences]).toEqual([1012, 1, 2, 1])
  })

  it('and does not say where its log begins is asked again, under the same epoch', async () => {
    covers('SenderTest.testUnknownProducerErrorShouldBeRetriedWhenLogStartOffsetIsUnknown')
    const bench = await oneWritten()
    const { future } = await bench.send(tp0)
    await bench.answer(tp0, { sequence: 1, error: UNKNOWN_PRODUCER_ID, logStartOffset: -1 })
    expect([bench.inFlight, ...bench.sequences]).toEqual([0, 0, 2, 0])
    await bench.run()
    await bench.answer(tp0, { sequence: 1, epoch: 0, offset: 1011, logStartOffset: 1010 })
    expect((await future).offset).toBe(1011)
    expect([bench.manager.lastAckedOffset(tp0), ...bench.sequences]).toEqual([1011, 0, 2, 1])
  })

  it('says so of every batch in flight: the epoch is counted up once', async () => {
    covers('SenderTest.testUnknownProducerErrorShouldBeRetriedForFutureBatchesWhenFirstFails')
    const bench = await oneWritten()
    const { future: second } = await bench.send(tp0)
    const { future: third } = await bench.send(tp0)
    const unknown = { error: UNKNOWN_PRODUCER_ID, logStartOffset: 1010 }
    await bench.answer(tp0, { sequence: 1, ...unknown })
    await bench.run()
    expect([bench.inFlight, ...bench.sequences]).toEqual([2, 1, 2, -1])
    // It still has the number that it was sent with.
    await bench.answer(tp0, { sequence: 2, epoch: 0, ...unknown })
    expect([bench.inFlight, ...bench.sequences]).toEqual([1, 1, 2, -1])
    await bench.answer(tp0, { sequence: 0, epoch: 1, offset: 1011 })
    expect([(await second).offset, third.isDone()]).toEqual([1011, false])
    expect([bench.inFlight, bench.manager.lastAckedOffset(tp0)]).toEqual([0, 1011])
    await bench.run()
    await bench.answer(tp0, { sequence: 1, epoch: 1, offset: 1012 })
    expect((await third).offset).toBe(1012)
    expect(bench.manager.producerIdAndEpoch().epoch).toBe(1)
  })

  it('although our records are still there gets them under a new epoch too', async () => {
    covers('SenderTest.testShouldRaiseOutOfOrderSequenceExceptionToUserIfLogWasNotTruncated')
    const bench = await oneWritten()
    const { future } = await bench.send(tp0)
    await bench.answer(tp0, { sequence: 1, error: UNKNOWN_PRODUCER_ID, logStartOffset: 10 })
    await bench.run()
    expect([future.isDone(), ...bench.sequences]).toEqual([false, 1, 1, -1])
  })

  it('No way back after UNKNOWN_PRODUCER_ID (platformatic/kafka #309): there is one, again and again', async () => {
    const bench = await oneWritten()
    for (let epoch = 1; epoch < 4; epoch++) {
      const { future } = await bench.send(tp0)
      await bench.answer(tp0, { error: UNKNOWN_PRODUCER_ID, logStartOffset: 2000 * epoch })
      await bench.run()
      await bench.answer(tp0, { sequence: 0, epoch, offset: 2000 * epoch })
      expect((await future).offset).toBe(2000 * epoch)
    }
    expect(bench.manager.hasError()).toBe(false)
  })
})

describe('when the epochs of an id are used up', () => {
  const guarantee = { sender: { guaranteeMessageOrder: true, retries: 10 } }

  const refuse = (bench: SenderBench) =>
    bench.respondAll([
      [tp1, { error: NOT_LEADER_OR_FOLLOWER }],
      [tp0, { error: OUT_OF_ORDER_SEQUENCE_NUMBER }],
    ])

  it('a new id is asked for, and what waits in the queues goes on', async () => {
    covers('SenderTest.testResetOfProducerStateShouldAllowQueuedBatchesToDrain')
    const bench = await SenderBench.start(guarantee, MAX_EPOCH)
    const refused = bench.append(tp0)
    const { future } = await bench.send(tp1)
    refuse(bench)
    await bench.run()
    await bench.initProducerId({ id: PRODUCER_ID + 1n })
    await bench.run()
    expect(bench.manager.producerIdAndEpoch().producerId).toBe(PRODUCER_ID + 1n)
    const [request] = bench.client.requests()
    // The one of the partition that was refused has the new id, the other one keeps its own.
    const ids = [tp0, tp1].map((tp) => batchIn(request!, tp))
    expect(
      ids.map(({ producerId, producerEpoch, baseSequence }) => [
        producerId,
        producerEpoch,
        baseSequence,
      ]),
    ).toEqual([
      [PRODUCER_ID + 1n, 0, 0],
      [PRODUCER_ID, MAX_EPOCH, 0],
    ])
    bench.respondAll([
      [tp1, { offset: 10 }],
      [tp0, { offset: 20 }],
    ])
    await bench.run()
    expect([(await future).offset, (await refused).offset]).toEqual([10, 20])
    expect(bench.manager.sequenceNumber(tp1)).toBe(1)
  })

  it('nothing happens to a batch that only lost its connection', async () => {
    covers('SenderTest.testRetryWhenProducerIdChanges')
    const bench = await SenderBench.start(guarantee, MAX_EPOCH)
    const { future } = await bench.send(tp0)
    bench.client.disconnect('0')
    expect(bench.inFlight).toBe(0)
    await bench.run(3)
    expect([bench.inFlight, future.isDone()]).toEqual([1, false])
    expect(bench.stateOf(tp0)).toEqual([PRODUCER_ID, MAX_EPOCH, 1, -1])
  })

  it('a producer that is closing asks for a new id, and sends what is left', async () => {
    covers('SenderTest.testCloseWithProducerIdReset')
    const bench = await SenderBench.start(guarantee, MAX_EPOCH)
    bench.append(tp0)
    await bench.send(tp1)
    refuse(bench)
    bench.sender.initiateClose()
    await bench.run()
    bench.prepareProducerId({ id: PRODUCER_ID + 1n, epoch: 1 })
    for (let i = 0; i < 5 && bench.accumulator.hasUndrained(); i++) await bench.run()
    expect(bench.accumulator.hasUndrained()).toBe(false)
  })

  it('a producer that is closed by force waits for no id', async () => {
    covers('SenderTest.testForceCloseWithProducerIdReset')
    const bench = await SenderBench.start(guarantee, MAX_EPOCH)
    bench.append(tp0)
    const { future } = await bench.send(tp1)
    refuse(bench)
    await bench.run()
    bench.sender.forceClose()
    await bench.run()
    await bench.sender.run()
    expect(bench.accumulator.hasUndrained()).toBe(false)
    expect((await rejectionOf(future)).message).toBe('Producer is closed forcefully.')
  })
})
