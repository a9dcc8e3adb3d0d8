import { describe, expect, it } from 'vitest'
import { KafkaException, TimeoutException } from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { FutureRecordMetadata } from '../../src/producer/internals/FutureRecordMetadata.ts'
import { ProduceRequestResult } from '../../src/producer/internals/ProduceRequestResult.ts'
import { UnobservedFailures } from '../../src/producer/internals/UnobservedFailures.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { rejectionOf, settle, turnOf } from './producerSupport.ts'

const TP = new TopicPartition('test', 0)
const BASE_OFFSET = 45

const batch = (time = new MockTime()) => {
  const result = new ProduceRequestResult(TP, time, 1000)
  return { time, result, futureOf: (i: number) => new FutureRecordMetadata(result, i, 1234, 3, 5) }
}

describe('the future of a record', () => {
  it('can be awaited, and resolves to where the record is', async () => {
    covers('RecordSendTest.testBlocking')
    const { result, futureOf } = batch()
    const future = futureOf(5)
    let metadata: unknown = null
    future.then((m) => {
      metadata = m
    })
    await settle()
    expect([future.isDone(), metadata]).toEqual([false, null])
    result.set(BASE_OFFSET, -1, null)
    result.done()
    const known = await future
    expect(future.isDone()).toBe(true)
    expect([known.topic, known.partition, known.offset]).toEqual(['test', 0, BASE_OFFSET + 5])
    expect([known.timestamp, known.serializedKeySize, known.serializedValueSize]).toEqual([
      1234, 3, 5,
    ])
  })

  it('says when no outcome came in time, and may still be asked later', async () => {
    covers('RecordSendTest.testTimeout')
    const { time, result, futureOf } = batch()
    const future = futureOf(0)
    const rejection = rejectionOf(future.get(5))
    await time.sleep(5)
    expect(await rejection).toBeInstanceOf(TimeoutException)
    expect(future.isDone()).toBe(false)
    result.set(BASE_OFFSET, -1, null)
    result.done()
    expect((await future.get()).offset).toBe(BASE_OFFSET)
  })

  it('fails with the error of its own record', async () => {
    covers('RecordSendTest.testError')
    const { result, futureOf } = batch()
    const futures = [futureOf(0), futureOf(1)]
    result.set(-1, -1, (i) => new KafkaException(`record ${i}`))
    result.done()
    expect((await rejectionOf(futures[0]!)).message).toBe('record 0')
    expect((await rejectionOf(futures[1]!.get(5))).message).toBe('record 1')
  })

  it('counts one time-out down over all links of a chain', async () => {
    covers('FutureRecordMetadataTest.testFutureGetWithMilliSeconds')
    const time = new MockTime()
    const first = batch(time)
    const part = batch(time)
    const future = first.futureOf(0)
    future.chain(part.futureOf(0))
    const rejection = rejectionOf(future.get(1000))
    await time.sleep(600)
    first.result.set(-1, -1, () => new KafkaException('split'))
    first.result.done()
    await settle()
    expect(future.isDone()).toBe(false)
    await time.sleep(400)
    expect(await rejection).toBeInstanceOf(TimeoutException)
  })

  it('takes the time stamp of the broker, where the topic stamps records', async () => {
    const { result, futureOf } = batch()
    result.set(BASE_OFFSET, 777, null)
    result.done()
    expect((await futureOf(0)).timestamp).toBe(777)
  })

  it('makes one promise for all who ask, and none before', async () => {
    const { result, futureOf } = batch()
    const future = futureOf(0)
    expect(future.isObserved()).toBe(false)
    expect(future.get()).toBe(future.get())
    expect(future.isObserved()).toBe(true)
    let finished = false
    const last = future.finally(() => {
      finished = true
    })
    result.set(BASE_OFFSET, -1, null)
    result.done()
    expect([(await last).offset, finished]).toEqual([BASE_OFFSET, true])
    expect(await future.catch(() => 'unused')).toBe(await future)
  })
})

describe('the future of a record that waits', () => {
  it('has `appended` until the record is in its batch, and is then what that one is', async () => {
    const { time, result, futureOf } = batch()
    const future = FutureRecordMetadata.waiting(TP, time)
    expect(future.appended).toBeInstanceOf(Promise)
    future.resolveTo(futureOf(2))
    await expect(future.appended ?? Promise.resolve()).resolves.toBeUndefined()
    expect([future.appended, future.isDone()]).toEqual([null, false])
    result.set(BASE_OFFSET, -1, null)
    result.done()
    expect((await future).offset).toBe(BASE_OFFSET + 2)
  })

  it('never rejects `appended`: the future itself says what went wrong', async () => {
    const future = FutureRecordMetadata.waiting(TP, new MockTime())
    const appended = future.appended
    future.fail(new KafkaException('no'))
    await expect(appended).resolves.toBeUndefined()
    expect(future.appended).toBeNull()
    expect((await rejectionOf(future)).message).toBe('no')
  })
})

describe('a failure that nobody looks at', () => {
  const failedBatch = (observe: (future: FutureRecordMetadata) => void) => {
    const time = new MockTime()
    const logger = new RecordingLogger()
    const failures = new UnobservedFailures(time, logger)
    const { result, futureOf } = batch(time)
    const futures = [futureOf(0), futureOf(1), futureOf(2)]
    const error = new KafkaException('lost')
    result.set(-1, -1, () => error)
    for (const future of futures) failures.add(future, TP, error)
    result.done()
    observe(futures[1]!)
    return { time, logger, failures, futures }
  }

  it('is counted, and warned about once for all of a turn', async () => {
    const { time, logger, failures } = failedBatch((future) => {
      future.catch(() => {})
    })
    expect(failures.total).toBe(0)
    await turnOf(time)
    expect(failures.total).toBe(2)
    expect(logger.messages('warn')).toHaveLength(1)
    expect(logger.messages('warn')[0]).toMatch(/test-0 and 1 more failed.*lost.*so far 2/)
  })

  it('is no unhandled rejection, and can still be looked at later', async () => {
    const { time, futures } = failedBatch(() => {})
    await turnOf(time)
    expect((await rejectionOf(futures[0]!)).message).toBe('lost')
  })

  it('is not counted when the outcome is awaited after `send` has returned', async () => {
    const { time, logger, failures, futures } = failedBatch(() => {})
    const rejections = futures.map((future) => rejectionOf(future))
    await turnOf(time)
    await Promise.all(rejections)
    expect([failures.total, logger.messages('warn')]).toEqual([0, []])
  })
})
