/** Producer id, epoch and sequences by themselves: what is asked for, counted, and begun anew. */

import { describe, expect, it } from 'vitest'
import { OutOfOrderSequenceException } from '../../src/common/errors/ApiExceptions.ts'
import { ProducerFencedException } from '../../src/common/errors/CoordinatorExceptions.ts'
import { IllegalStateException, KafkaException, TimeoutException } from '../../src/common/errors.ts'
import { ProducerIdAndEpoch } from '../../src/common/ProducerIdAndEpoch.ts'
import type { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { ProducerBatch } from '../../src/producer/internals/ProducerBatch.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { compareSequences } from '../../src/record/RecordBatch.ts'
import { covers } from '../support/covers.ts'
import { batchContext, batchOf, partitionResponse, record, rejectionOf } from './producerSupport.ts'
import { MAX_EPOCH, SenderBench, tp0, tp1 } from './senderSupport.ts'

const MAX_INT = 2 ** 31 - 1

/** A batch of one record, as if it had been drained. */
const writeBatch = ({ manager, time, logger }: SenderBench, tp: TopicPartition): ProducerBatch => {
  manager.maybeUpdateProducerIdAndEpoch(tp)
  const context = batchContext(time, logger)
  const batch = batchOf(tp, { createdMs: time.milliseconds(), context })
  batch.tryAppend(record(), time.milliseconds())
  batch.setProducerState(manager.producerIdAndEpoch(), manager.sequenceNumber(tp))
  manager.incrementSequenceNumber(tp, 1)
  manager.addInFlightBatch(batch)
  batch.close()
  return batch
}

const complete = ({ manager }: SenderBench, batch: ProducerBatch): void =>
  manager.handleCompletedBatch(batch, partitionResponse())

const started = (epoch = 1) => SenderBench.start({}, epoch)

describe('a sequence', () => {
  it('begins at 0, and counts records', () => {
    covers('TransactionManagerTest.testDefaultSequenceNumber')
    const { manager } = new SenderBench()
    expect(manager.sequenceNumber(tp0)).toBe(0)
    manager.incrementSequenceNumber(tp0, 3)
    expect(manager.sequenceNumber(tp0)).toBe(3)
  })

  it('after 2^31 - 1 is 0', () => {
    covers('TransactionManagerTest.testSequenceNumberOverflow')
    const { manager } = new SenderBench()
    expect(manager.sequenceNumber(tp0)).toBe(0)
    for (const [increment, expected] of [
      [MAX_INT, MAX_INT],
      [100, 99],
      [MAX_INT, 98],
    ] as const) {
      manager.incrementSequenceNumber(tp0, increment)
      expect(manager.sequenceNumber(tp0)).toBe(expected)
    }
    expect(compareSequences(0, MAX_INT)).toBe(1)
    expect(compareSequences(MAX_INT - 4, 5)).toBe(-10)
    expect(compareSequences(7, 7)).toBe(0)
  })

  it('of a retry at the turn of the numbers stays before those behind it', async () => {
    const bench = await started()
    const { manager } = bench
    manager.maybeUpdateProducerIdAndEpoch(tp0)
    manager.incrementSequenceNumber(tp0, MAX_INT)
    const [last, first, second] = [0, 1, 2].map(() => writeBatch(bench, tp0))
    expect([last, first, second].map((batch) => batch!.baseSequence)).toEqual([MAX_INT, 0, 1])
    expect(last!.lastSequence).toBe(MAX_INT)
    expect(manager.nextBatchBySequence(tp0)).toBe(last)
    for (const batch of [second!, last!, first!]) {
      bench.accumulator.incomplete.add(batch)
      bench.accumulator.reenqueue(batch, 0)
    }
    expect(bench.queued(tp0)).toEqual([MAX_INT, 0, 1])
    complete(bench, last!)
    complete(bench, first!)
    expect(manager.lastAckedSequence(tp0)).toBe(0)
    manager.markSequenceUnresolved(second!)
    complete(bench, second!)
    manager.maybeResolveSequences()
    expect([manager.hasUnresolvedSequences(), manager.producerIdAndEpoch().epoch]).toEqual([
      false,
      1,
    ])
  })

  it('is needed to track a batch, and to put it back', async () => {
    const bench = await started()
    const batch = batchOf(tp0, { createdMs: 0 })
    expect(() => bench.manager.addInFlightBatch(batch)).toThrow(IllegalStateException)
    expect(() => bench.accumulator.reenqueue(batch, 0)).toThrow(/never given a sequence/)
    const done = writeBatch(bench, tp0)
    complete(bench, done)
    expect(() => bench.accumulator.reenqueue(done, 0)).toThrow(/not known to be in flight/)
    expect(() => bench.manager.incrementSequenceNumber(tp1, 1)).toThrow(/none were ever set/)
  })
})

describe('whether a producer may send', () => {
  it('is no question for an idempotent one', () => {
    covers('TransactionManagerTest.testFailIfNotReadyForSendIdempotentProducer')
    expect(() => new SenderBench().manager.maybeFailWithError()).not.toThrow()
  })

  it('is answered with the fatal error', () => {
    covers('TransactionManagerTest.testFailIfNotReadyForSendIdempotentProducerFatalError')
    const { manager } = new SenderBench()
    manager.transitionToFatalError(new KafkaException('out of luck'))
    expect(() => manager.maybeFailWithError()).toThrow(KafkaException)
    expect(() => manager.maybeFailWithError()).toThrow(/out of luck/)
  })

  it('is settled for ever after a change of state that nobody foresaw', async () => {
    const { manager } = await started()
    expect(() => manager.transitionToAbortableError(new KafkaException('x'))).toThrow(
      'Invalid transition from state READY to ABORTABLE_ERROR',
    )
    expect(manager.hasFatalError()).toBe(true)
  })

  it('ends for good with what InitProducerId may answer and no retry can mend', async () => {
    for (const [error, expected] of [
      [Errors.INVALID_PRODUCER_EPOCH, ProducerFencedException],
      [Errors.PRODUCER_FENCED, ProducerFencedException],
      [Errors.UNKNOWN_SERVER_ERROR, KafkaException],
    ] as const) {
      const bench = new SenderBench()
      const future = bench.append(tp0)
      await bench.initProducerId({ error })
      expect(bench.manager.lastError()).toBeInstanceOf(expected)
      await bench.run()
      expect(await rejectionOf(future)).toBeInstanceOf(expected)
    }
  })
})

describe('a new epoch', () => {
  it('numbers what is in flight from 0, when the broker has forgotten us', async () => {
    covers('TransactionManagerTest.testBumpEpochAndResetSequenceNumbersAfterUnknownProducerId')
    const bench = await started()
    const [b1, b2, b3, b4, b5] = [1, 2, 3, 4, 5].map(() => writeBatch(bench, tp0))
    expect(bench.manager.sequenceNumber(tp0)).toBe(5)
    complete(bench, b1!)
    expect(bench.manager.canRetry(partitionResponse(Errors.UNKNOWN_PRODUCER_ID, -1), b2!)).toBe(
      true,
    )
    await bench.run()
    expect([b2!.producerEpoch, b2!.sequenceHasBeenReset()]).toEqual([2, true])
    expect([b2, b3, b4, b5].map((batch) => batch!.baseSequence)).toEqual([0, 1, 2, 3])
    b2!.close()
    const [written] = b2!.records().batches()
    expect([written!.producerEpoch, written!.baseSequence, written!.isValid()]).toEqual([
      2,
      0,
      true,
    ])
    expect(b2!.sequenceHasBeenReset()).toBe(false)
  })

  it('leaves other partitions alone until they have nothing in flight', async () => {
    covers(
      'TransactionManagerTest.testHealthyPartitionRetriesDuringEpochBump',
      'TransactionManagerTest.testFailedInflightBatchAfterEpochBump',
    )
    const bench = await started()
    const { manager, accumulator } = bench
    const [tp0b1, tp0b2] = [1, 2, 3].map(() => writeBatch(bench, tp0))
    const [tp1b1, tp1b2] = [1, 2].map(() => writeBatch(bench, tp1))
    complete(bench, tp0b1!)
    complete(bench, tp1b1!)
    expect(manager.canRetry(partitionResponse(Errors.UNKNOWN_PRODUCER_ID, -1), tp0b2!)).toBe(true)
    await bench.run()
    const inFlight = (tp: TopicPartition, batch: ProducerBatch) => [
      manager.nextBatchBySequence(tp) === batch,
      manager.firstInFlightSequence(tp),
      batch.producerEpoch,
      batch.sequenceHasBeenReset(),
    ]
    expect(inFlight(tp0, tp0b2!)).toEqual([true, 0, 2, true])
    expect(inFlight(tp1, tp1b2!)).toEqual([true, 1, 1, false])

    bench.append(tp1)
    await bench.run()
    expect(bench.queued(tp1)).toEqual([-1])
    // Despite its old epoch it is tried again, and the new one waits behind it.
    expect(manager.canRetry(partitionResponse(Errors.NOT_LEADER_OR_FOLLOWER, -1), tp1b2!)).toBe(
      true,
    )
    accumulator.incomplete.add(tp1b2!)
    accumulator.reenqueue(tp1b2!, bench.time.milliseconds())
    await bench.run()
    expect([bench.queued(tp1), tp1b2!.producerEpoch]).toEqual([[-1], 1])
    complete(bench, tp1b2!)
    manager.maybeUpdateProducerIdAndEpoch(tp1)
    expect([manager.hasInflightBatches(tp1), manager.sequenceNumber(tp1)]).toEqual([false, 0])
    await bench.run()
    expect(bench.queued(tp1)).toEqual([])
    const tp1b3 = manager.nextBatchBySequence(tp1)!
    expect([tp1b3.producerEpoch, tp1b3.baseSequence]).toEqual([2, 0])
    complete(bench, tp1b3)
    expect([manager.hasInflightBatches(tp1), manager.sequenceNumber(tp1)]).toEqual([false, 1])
  })

  it('begins when the only batch in flight timed out', async () => {
    covers('TransactionManagerTest.testBumpEpochAfterTimeoutWithoutPendingInflightRequests')
    const bench = await started(5)
    const { manager } = bench
    manager.bumpIdempotentEpochAndResetIdIfNeeded()
    expect(manager.producerIdAndEpoch().epoch).toBe(5)
    const b1 = writeBatch(bench, tp0)
    complete(bench, b1)
    expect(manager.lastAckedSequence(tp0)).toBe(0)
    // One that was acknowledged meanwhile changes nothing.
    manager.markSequenceUnresolved(b1)
    manager.maybeResolveSequences()
    expect([manager.hasUnresolvedSequences(), manager.producerIdAndEpoch().epoch]).toEqual([
      false,
      5,
    ])
    const b2 = writeBatch(bench, tp0)
    manager.markSequenceUnresolved(b2)
    manager.handleFailedBatch(b2, new TimeoutException('late'), false)
    expect(manager.hasUnresolvedSequences()).toBe(true)
    manager.maybeResolveSequences()
    expect(manager.hasUnresolvedSequences()).toBe(false)
    await bench.run()
    expect(manager.producerIdAndEpoch().epoch).toBe(6)
  })

  /** Three in flight, the first of which timed out. */
  const threeWithOneLost = async () => {
    const bench = await started()
    const batches = [1, 2, 3].map(() => writeBatch(bench, tp0))
    bench.manager.markSequenceUnresolved(batches[0]!)
    bench.manager.handleFailedBatch(batches[0]!, new TimeoutException('late'), false)
    const state = () => {
      bench.manager.bumpIdempotentEpochAndResetIdIfNeeded()
      return [bench.manager.hasUnresolvedSequences(), bench.manager.producerIdAndEpoch().epoch]
    }
    expect(state()).toEqual([true, 1])
    return { bench, manager: bench.manager, second: batches[1]!, third: batches[2]!, state }
  }

  it('is not needed when the last batch in flight was written', async () => {
    covers('TransactionManagerTest.testNoProducerIdResetAfterLastInFlightBatchSucceeds')
    const { bench, manager, second, third, state } = await threeWithOneLost()
    manager.handleFailedBatch(second, new TimeoutException('late'), false)
    expect(state()).toEqual([true, 1])
    complete(bench, third)
    manager.maybeResolveSequences()
    expect([...state(), manager.sequenceNumber(tp0)]).toEqual([false, 1, 3])
  })

  it('is needed when the last batch in flight failed', async () => {
    covers('TransactionManagerTest.testEpochBumpAfterLastInFlightBatchFailsIdempotentProducer')
    const { bench, manager, second, third, state } = await threeWithOneLost()
    complete(bench, second)
    expect(state()).toEqual([true, 1])
    manager.handleFailedBatch(third, new TimeoutException('late'), false)
    await bench.run()
    expect([...state(), manager.sequenceNumber(tp0)]).toEqual([false, 2, 0])
  })

  it('does not begin any more after a fatal error', async () => {
    covers('TransactionManagerTest.testNoFailedBatchHandlingWhenTxnManagerIsInFatalError')
    const bench = await started(5)
    const { manager } = bench
    manager.handleFailedBatch(writeBatch(bench, tp0), new OutOfOrderSequenceException('gap'), false)
    manager.bumpIdempotentEpochAndResetIdIfNeeded()
    expect(manager.producerIdAndEpoch().epoch).toBe(6)
    manager.transitionToFatalError(new KafkaException('out of luck'))
    manager.handleFailedBatch(writeBatch(bench, tp0), new TimeoutException('late'), true)
    manager.bumpIdempotentEpochAndResetIdIfNeeded()
    expect(manager.producerIdAndEpoch().epoch).toBe(6)
  })
})

describe('a new id, when the epochs of the old one are used up', () => {
  it('begins the partition that asked for it at 0, and no other', async () => {
    covers('TransactionManagerTest.testProducerIdReset')
    const { manager } = await started(MAX_EPOCH)
    for (const tp of [tp0, tp1]) {
      expect(manager.sequenceNumber(tp)).toBe(0)
      manager.incrementSequenceNumber(tp, 3)
      expect(manager.sequenceNumber(tp)).toBe(3)
    }
    manager.requestIdempotentEpochBumpForPartition(tp0)
    manager.bumpIdempotentEpochAndResetIdIfNeeded()
    expect([tp0, tp1].map((tp) => manager.sequenceNumber(tp))).toEqual([0, 3])
    expect([manager.hasProducerId(), manager.hasPendingRequests()]).toEqual([false, true])
  })

  it('keeps what is in flight in other partitions under the old one', async () => {
    covers('TransactionManagerTest.testBatchFailureAfterProducerReset')
    const bench = await started(MAX_EPOCH)
    const { manager } = bench
    const tp0b1 = writeBatch(bench, tp0)
    const tp1b1 = writeBatch(bench, tp1)
    complete(bench, tp0b1)
    complete(bench, tp1b1)
    const tp0b2 = writeBatch(bench, tp0)
    const tp1b2 = writeBatch(bench, tp1)
    expect([tp0, tp1].map((tp) => manager.sequenceNumber(tp))).toEqual([2, 2])
    expect(manager.canRetry(partitionResponse(Errors.UNKNOWN_PRODUCER_ID, -1), tp0b2)).toBe(true)
    manager.bumpIdempotentEpochAndResetIdIfNeeded()
    expect([tp0, tp1].map((tp) => manager.sequenceNumber(tp))).toEqual([1, 2])
    expect(manager.nextBatchBySequence(tp0)).toBe(tp0b2)
    expect(manager.nextBatchBySequence(tp1)).toBe(tp1b2)
    // Under no id nothing is sent; under the next one it is numbered again.
    expect(tp0b2.producerId).toBe(-1n)
    manager.producerIdObtained(new ProducerIdAndEpoch(77n, 0))
    expect([tp0b2.producerId, tp0b2.producerEpoch, tp0b2.baseSequence]).toEqual([77n, 0, 0])
    expect(tp1b2.producerEpoch).toBe(MAX_EPOCH)
  })

  it('is taken over when the batches of the old one are done', async () => {
    covers('TransactionManagerTest.testBatchCompletedAfterProducerReset')
    const bench = await started(MAX_EPOCH)
    const { manager } = bench
    const b1 = writeBatch(bench, tp0)
    writeBatch(bench, tp1)
    const b2 = writeBatch(bench, tp0)
    expect(manager.sequenceNumber(tp0)).toBe(2)
    manager.requestIdempotentEpochBumpForPartition(tp1)
    await bench.initProducerId({ id: 99n })
    expect(manager.producerIdAndEpoch()).toEqual(new ProducerIdAndEpoch(99n, 0))
    complete(bench, b1)
    expect([manager.sequenceNumber(tp0), manager.lastAckedSequence(tp0)]).toEqual([2, 0])
    expect(manager.nextBatchBySequence(tp0)).toBe(b2)
    expect(b2.producerEpoch).toBe(MAX_EPOCH)
    complete(bench, b2)
    manager.maybeUpdateProducerIdAndEpoch(tp0)
    expect([manager.sequenceNumber(tp0), manager.lastAckedSequence(tp0)]).toEqual([0, -1])
    expect(manager.nextBatchBySequence(tp0)).toBeNull()
  })
})
