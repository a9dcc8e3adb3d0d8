/** What an accumulator does with batches that have sequences, and with those that have none yet. */

import { describe, expect, it } from 'vitest'
import { KafkaException } from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { Node } from '../../src/common/Node.ts'
import { ProducerIdAndEpoch } from '../../src/common/ProducerIdAndEpoch.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { ProducerBatch } from '../../src/producer/internals/ProducerBatch.ts'
import { NEVER_MS } from '../../src/producer/internals/ReadyCheck.ts'
import { TransactionManager } from '../../src/producer/internals/TransactionManager.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import {
  accumulatorWith,
  partitionResponse,
  type RecordAccumulatorOptions,
  RecordingCallback,
  record,
  snapshotOf,
  TOPIC,
  traceOn,
} from './producerSupport.ts'

const NODE = new Node(0, 'localhost', 1111)
const METADATA = snapshotOf([NODE], [NODE, NODE, NODE])
const tp0 = new TopicPartition(TOPIC, 0)

const accumulatorOf = (options: Partial<RecordAccumulatorOptions> = {}) =>
  accumulatorWith({ batchSize: 200, totalSize: 64 * 1024, lingerMs: 2 ** 31 - 1, ...options })

const managerOf = (): TransactionManager => {
  const manager = new TransactionManager({
    logger: new RecordingLogger(),
    trace: traceOn(new MockTime()),
  })
  manager.bumpIdempotentEpochAndResetIdIfNeeded()
  manager.producerIdObtained(new ProducerIdAndEpoch(7n, 0))
  return manager
}

describe('abortUndrainedBatches', () => {
  for (const idempotent of [false, true]) {
    it(`fails what never left, ${idempotent ? 'with' : 'without'} sequences`, () => {
      covers('RecordAccumulatorTest.testAbortUnsentBatches')
      const transactionManager = idempotent ? managerOf() : null
      const { accumulator, time } = accumulatorOf({ transactionManager })
      const cause = new KafkaException('no')
      const callback = new RecordingCallback()
      for (let i = 0; i < 100; i++) {
        const appended = record({ partition: i % 3, callback: callback.fn })
        accumulator.append(appended, 0, time.milliseconds(), METADATA.cluster())
      }
      const { readyNodes } = accumulator.ready(METADATA, time.milliseconds())
      const drained = accumulator.drain(METADATA, readyNodes, 2 ** 31, time.milliseconds()).get(0)!
      expect(accumulator.hasUndrained()).toBe(true)
      accumulator.abortUndrainedBatches(cause)
      const sent = drained.reduce((records, batch) => records + batch.recordCount, 0)
      expect(sent).toBeGreaterThan(0)
      expect(drained.every((batch) => batch.isClosed() && !batch.isDone())).toBe(true)
      expect(callback.calls).toHaveLength(100 - sent)
      expect(callback.calls.every(({ exception }) => exception === cause)).toBe(true)
      expect([accumulator.hasUndrained(), accumulator.incomplete.isEmpty()]).toEqual([false, false])
    })
  }
})

describe('a batch', () => {
  const idempotent = () => {
    const manager = managerOf()
    const { accumulator, time } = accumulatorOf({
      transactionManager: manager,
      lingerMs: 0,
      retryBackoffMs: 0,
      retryBackoffMaxMs: 0,
    })
    const append = (value: string) => {
      const appended = record({ value: new TextEncoder().encode(value) })
      accumulator.append(appended, 0, time.milliseconds(), METADATA.cluster())
    }
    const drain = () => accumulator.drain(METADATA, [NODE], 2 ** 31, time.milliseconds()).get(0)!
    return { manager, accumulator, time, append, drain }
  }

  /** Four batches in flight, behind a first one that is acknowledged: that one goes alone. */
  const drainAll = () => {
    const { manager, accumulator, time, append, drain } = idempotent()
    append('first')
    for (const first of drain()) {
      manager.handleCompletedBatch(first, partitionResponse())
      accumulator.completeAndDeallocateBatch(first)
    }
    const drained: ProducerBatch[] = []
    for (const value of ['a', 'b', 'c', 'd']) {
      append(value)
      drained.push(...drain())
    }
    return { manager, accumulator, time, append, drain, drained }
  }

  it('goes back to where its sequence belongs, in whatever order they come', () => {
    const { accumulator, append, drained } = drainAll()
    expect(drained.map(({ baseSequence }) => baseSequence)).toEqual([1, 2, 3, 4])
    append('e')
    for (const i of [2, 0, 3, 1]) accumulator.reenqueue(drained[i]!, 0)
    const queued = [...accumulator.getDeque(tp0)!].map(({ baseSequence }) => baseSequence)
    expect(queued).toEqual([1, 2, 3, 4, -1])
  })

  it('keeps its sequence when it is drained again, and goes only when it is its turn', () => {
    const { manager, accumulator, drain, drained } = drainAll()
    accumulator.reenqueue(drained[1]!, 0)
    expect(drain()).toEqual([])
    expect([...accumulator.ready(METADATA, 1).readyNodes]).toEqual([])
    manager.removeInFlightBatch(drained[0]!)
    expect([...accumulator.ready(METADATA, 1).readyNodes]).toEqual([NODE])
    expect(drain()).toEqual([drained[1]])
    expect(drained[1]!.baseSequence).toBe(2)
    expect(manager.sequenceNumber(tp0)).toBe(5)
  })

  it('says in words and in a snapshot whose it is', () => {
    const { accumulator, drained } = drainAll()
    expect(String(drained[3])).toMatch(/recordCount=1, baseSequence=4\)$/)
    const [snapshot] = accumulator.snapshot().incomplete
    expect(snapshot).toMatchObject({ producerEpoch: 0, baseSequence: 1 })
  })

  it('goes alone when it is the first of its partition, until it is acknowledged', () => {
    const { manager, accumulator, append, drain } = idempotent()
    append('first')
    const [first] = drain()
    append('second')
    const look = accumulator.ready(METADATA, 1)
    expect([[...look.readyNodes], look.nextReadyCheckDelayMs]).toEqual([[], NEVER_MS])
    expect(drain()).toEqual([])
    manager.handleCompletedBatch(first!, partitionResponse())
    expect([...accumulator.ready(METADATA, 1).readyNodes]).toEqual([NODE])
    expect(drain().map(({ baseSequence }) => baseSequence)).toEqual([1])
    append('third')
    expect(drain().map(({ baseSequence }) => baseSequence)).toEqual([2])
  })

  it('of an aborted producer is no longer in flight', () => {
    const { manager, accumulator } = drainAll()
    accumulator.abortBatches(new KafkaException('no'))
    expect(manager.hasInflightBatches(tp0)).toBe(false)
  })

  it('does not leave after a fatal error', () => {
    const { manager, append, drain } = drainAll()
    manager.transitionToFatalError(new KafkaException('no'))
    append('e')
    expect(drain()).toEqual([])
  })
})
