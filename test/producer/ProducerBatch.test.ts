import { describe, expect, it } from 'vitest'
import { IllegalStateException, KafkaException } from '../../src/common/errors.ts'
import { RecordHeaders } from '../../src/common/header/RecordHeaders.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { AppendCallbacks } from '../../src/producer/internals/AppendCallbacks.ts'
import { ProducerBatch } from '../../src/producer/internals/ProducerBatch.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import {
  ascii,
  batchContext,
  batchOf,
  builderOf,
  RecordingCallback,
  record,
  rejectionOf,
  settle,
} from './producerSupport.ts'

const NOW = 1_488_748_346_917
const TP = new TopicPartition('topic', 1)
const tenBytes = (callback: RecordingCallback | null = null) =>
  record({ timestamp: NOW, key: null, value: new Uint8Array(10), callback: callback?.fn ?? null })

const newBatch = () => batchOf(TP, { createdMs: NOW, baseOffset: 128 })

/** With one record, its future and its callback. */
const batchOfOne = () => {
  const batch = newBatch()
  const callback = new RecordingCallback()
  const future = batch.tryAppend(tenBytes(callback), NOW)!
  return { batch, callback, future }
}

const fill = (batch: ProducerBatch, options: Parameters<typeof record>[0] = {}): number => {
  let count = 0
  const small = record({ timestamp: NOW, key: ascii('hi'), value: ascii('there'), ...options })
  while (batch.tryAppend(small, NOW) !== null) count++
  return count
}

describe('the end of a batch', () => {
  it('is the abort, when that came first: later outcomes are ignored', async () => {
    covers('ProducerBatchTest.testBatchAbort')
    const { batch, callback, future } = batchOfOne()
    const exception = new KafkaException('closed')
    batch.abort(exception)
    expect(future.isDone()).toBe(true)
    expect(callback.calls).toHaveLength(1)
    expect(callback.calls[0]!.exception).toBe(exception)
    expect(callback.calls[0]!.metadata).toMatchObject({ topicPartition: TP, offset: -1 })

    expect(batch.complete(500, 2_342_342_341)).toBe(false)
    expect(batch.completeExceptionally(new KafkaException('late'))).toBe(false)
    expect(callback.calls).toHaveLength(1)
    expect(await rejectionOf(future)).toBe(exception)
  })

  it('cannot be a second abort', async () => {
    covers('ProducerBatchTest.testBatchCannotAbortTwice')
    const { batch, callback, future } = batchOfOne()
    const exception = new KafkaException('first')
    batch.abort(exception)
    expect(() => batch.abort(new KafkaException('second'))).toThrow(IllegalStateException)
    expect(callback.calls).toHaveLength(1)
    expect(await rejectionOf(future)).toBe(exception)
  })

  it('cannot come twice when it was good', async () => {
    covers('ProducerBatchTest.testBatchCannotCompleteTwice')
    const { batch, callback, future } = batchOfOne()
    expect(batch.complete(500, 10)).toBe(true)
    expect(callback.calls).toHaveLength(1)
    expect(callback.calls[0]!.exception).toBeNull()
    expect(() => batch.complete(1000, 20)).toThrow(IllegalStateException)
    const metadata = await future
    expect([metadata.offset, metadata.timestamp]).toEqual([500, 10])
    expect(batch.finalState()).toBe('SUCCEEDED')
  })

  it('may be an error for each record', async () => {
    covers('ProducerBatchTest.testCompleteExceptionallyWithRecordErrors')
    const batch = newBatch()
    const futures = Array.from({ length: 5 }, () => batch.tryAppend(tenBytes(), NOW)!)
    expect(batch.recordCount).toBe(5)
    const topLevel = new KafkaException('top')
    const own = new Map([
      [0, new KafkaException('0')],
      [3, new KafkaException('3')],
    ])
    batch.completeExceptionally(topLevel, (i) => own.get(i) ?? topLevel)
    expect(batch.isDone()).toBe(true)
    for (const [i, future] of futures.entries()) {
      expect(await rejectionOf(future)).toBe(own.get(i) ?? topLevel)
    }
  })

  it('is told to callbacks in order, before the futures, whatever one of them does', async () => {
    const logger = new RecordingLogger()
    const context = batchContext(new MockTime(), logger)
    const batch = batchOf(TP, { createdMs: NOW, context })
    const calls: string[] = []
    const append = (name: string, then: () => unknown) => {
      const callback = () => {
        calls.push(name)
        return then() as undefined
      }
      return batch.tryAppend(record({ callback }), NOW)!
    }
    append('a', () => {
      throw new Error('a is broken')
    })
    append('b', () => Promise.reject(new Error('b is broken')))
    const last = append('c', () => {})
    last.then(() => calls.push('future'))
    batch.complete(0, -1)
    expect(calls).toEqual(['a', 'b', 'c'])
    await settle()
    expect(calls).toEqual(['a', 'b', 'c', 'future'])
    expect(logger.entries.map(({ cause }) => (cause as Error).message)).toEqual([
      'a is broken',
      'b is broken',
    ])
  })

  it('goes to interceptors before it goes to the user', () => {
    const calls: string[] = []
    const callback = new AppendCallbacks(
      () => calls.push('user'),
      { onAcknowledgement: () => calls.push('interceptors') },
      new RecordHeaders(),
      new RecordingLogger(),
    )
    const batch = newBatch()
    batch.tryAppend(record({ callback }), NOW)
    batch.complete(0, -1)
    expect(calls).toEqual(['interceptors', 'user'])
  })
})

describe('splitting a batch', () => {
  it('keeps headers', () => {
    covers('ProducerBatchTest.testSplitPreservesHeaders')
    const headers = [{ key: 'header-key', value: ascii('header-value') }]
    for (const compression of [Compression.NONE, Compression.gzip()]) {
      const batch = batchOf(TP, { createdMs: NOW, bufferSize: 1024, compression })
      const count = fill(batch, { headers })
      const parts = batch.split(200)
      expect(parts.length).toBeGreaterThanOrEqual(2)
      const records = parts.flatMap((part) => [...part.records().records()])
      expect(records).toHaveLength(count)
      for (const { headers: found } of records) {
        expect(found.map(({ key }) => key)).toEqual(['header-key'])
        expect(found[0]!.value).toEqual(headers[0]!.value)
      }
    }
  })

  it('keeps format and codec, and offsets begin at 0 again', () => {
    covers('ProducerBatchTest.testSplitPreservesMagicAndCompressionType')
    for (const compression of [Compression.NONE, Compression.gzip()]) {
      const batch = batchOf(TP, { createdMs: NOW, bufferSize: 1024, compression })
      fill(batch)
      const parts = batch.split(512)
      expect(parts.length).toBeGreaterThanOrEqual(2)
      for (const part of parts) {
        expect(part.isSplitBatch).toBe(true)
        expect(part.createdMs).toBe(NOW)
        for (const written of part.records().batches()) {
          expect([written.magic, written.baseOffset]).toEqual([2, 0])
          expect(written.compressionType).toBe(compression.type)
        }
      }
    }
  })

  it('moves each record to its part with its callback, and the futures follow', async () => {
    const batch = batchOf(TP, { createdMs: NOW, bufferSize: 1024 })
    const callbacks = Array.from({ length: 4 }, () => new RecordingCallback())
    const futures = callbacks.map(
      ({ fn }) => batch.tryAppend(record({ value: new Uint8Array(200), callback: fn }), NOW)!,
    )
    batch.close()
    const parts = batch.split(600)
    expect(parts.map((part) => part.recordCount)).toEqual([2, 2])
    expect(batch.produceFuture.completed()).toBe(true)
    expect(futures.map((future) => future.isDone())).toEqual([false, false, false, false])

    parts[1]!.complete(70, -1)
    expect(futures.map((future) => future.isDone())).toEqual([false, false, true, true])
    parts[0]!.completeExceptionally(new KafkaException('no'))
    expect((await futures[3]!).offset).toBe(71)
    expect((await rejectionOf(futures[0]!)).message).toBe('no')
    expect(callbacks.map(({ calls }) => calls.length)).toEqual([1, 1, 1, 1])
    expect(callbacks.map(({ calls }) => calls[0]!.metadata.offset)).toEqual([-1, -1, 70, 71])
  })

  it('refuses a batch without records', () => {
    expect(() => newBatch().split(100)).toThrow(IllegalStateException)
  })
})

describe('the time of a batch', () => {
  it('does not expire before it was made, whatever the clock says', () => {
    covers(
      'ProducerBatchTest.testBatchExpiration',
      'ProducerBatchTest.testBatchExpirationAfterReenqueue',
    )
    const batch = newBatch()
    expect(batch.hasReachedDeliveryTimeout(10_240, NOW - 2)).toBe(false)
    expect(batch.hasReachedDeliveryTimeout(10_240, NOW + 10_239)).toBe(false)
    expect(batch.hasReachedDeliveryTimeout(10_240, NOW + 10_240)).toBe(true)
    batch.reenqueued(NOW)
    expect(batch.hasReachedDeliveryTimeout(10_240, NOW - 2)).toBe(false)
    expect(batch.waitedTimeMs(NOW - 2)).toBe(0)
  })

  it('is counted from the last attempt when it waits, and from the first when it expires', () => {
    const batch = newBatch()
    batch.drained(NOW + 30)
    batch.reenqueued(NOW + 100)
    expect([batch.waitedTimeMs(NOW + 130), batch.queueTimeMs()]).toEqual([30, 30])
    expect([batch.attempts(), batch.inRetry()]).toEqual([1, true])
    expect(batch.hasReachedDeliveryTimeout(130, NOW + 130)).toBe(true)
  })
})

it('takes no records once its builder takes none', () => {
  covers('ProducerBatchTest.testShouldNotAttemptAppendOnceRecordsBuilderIsClosedForAppends')
  const recordsBuilder = builderOf({})
  const batch = new ProducerBatch({
    topicPartition: TP,
    recordsBuilder,
    createdMs: NOW,
    context: batchContext(),
  })
  expect(batch.tryAppend(tenBytes(), NOW)).not.toBeNull()
  expect(recordsBuilder.hasRoomFor(NOW, null, new Uint8Array(10))).toBe(true)
  recordsBuilder.closeForRecordAppends()
  expect(recordsBuilder.hasRoomFor(NOW, null, new Uint8Array(10))).toBe(false)
  expect(batch.tryAppend(tenBytes(), NOW + 1)).toBeNull()
})

it('notices that a retry goes to a new leader, once', () => {
  covers('ProducerBatchTest.testWithLeaderChangesAcrossRetries')
  const batch = newBatch()
  const state = () => [
    batch.hasLeaderChangedForTheOngoingRetry(),
    batch.currentLeaderEpoch(),
    batch.attemptsWhenLeaderLastChanged(),
  ]
  batch.maybeUpdateLeaderEpoch(null)
  expect(state()).toEqual([false, null, 0])
  // The first attempt has a leader for the first time: no change.
  batch.maybeUpdateLeaderEpoch(100)
  expect(state()).toEqual([false, 100, 0])
  // The second attempt goes to a new one, and still does when asked again.
  batch.reenqueued(0)
  batch.maybeUpdateLeaderEpoch(101)
  expect(state()).toEqual([true, 101, 1])
  batch.maybeUpdateLeaderEpoch(101)
  expect(state()).toEqual([true, 101, 1])
  // The third goes to the same one; older news, or none, change nothing.
  batch.reenqueued(0)
  for (const epoch of [101, 100, null]) {
    batch.maybeUpdateLeaderEpoch(epoch)
    expect(state()).toEqual([false, 101, 1])
  }
})
