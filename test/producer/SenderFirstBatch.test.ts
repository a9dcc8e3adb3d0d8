/**
 * The first batch of a partition goes alone, for a broker that does not know the producer would
 * take its successor in its place. Whatever becomes of it, the next one goes on. (Java's client
 * sends several at once, and the first may be lost.)
 */

import { describe, expect, it } from 'vitest'
import { Errors, type WireError } from '../../src/protocol/Errors.ts'
import { DELIVERY_TIMEOUT_MS, PRODUCER_ID, SenderBench, tp0, tp1 } from './senderSupport.ts'

const { DUPLICATE_SEQUENCE_NUMBER, INVALID_RECORD, MESSAGE_TOO_LARGE } = Errors
const { NOT_LEADER_OR_FOLLOWER, OUT_OF_ORDER_SEQUENCE_NUMBER, UNKNOWN_PRODUCER_ID } = Errors

describe('the first batch of a partition', () => {
  it('goes alone; when it is acknowledged the next one follows, and then several', async () => {
    const bench = await SenderBench.start()
    const { future: first } = await bench.send(tp0)
    const { future: second } = await bench.send(tp0)
    expect([bench.inFlight, bench.queued(tp0), ...bench.sequences]).toEqual([1, [-1], 0, 1, -1])
    await bench.answer(tp0, { sequence: 0, offset: 0 })
    expect([(await first).offset, second.isDone()]).toEqual([0, false])
    await bench.run()
    expect([bench.inFlight, bench.queued(tp0), ...bench.sequences]).toEqual([1, [], 0, 2, 0])
    for (let i = 0; i < 3; i++) await bench.send(tp0)
    expect([bench.inFlight, bench.queued(tp0), ...bench.sequences]).toEqual([4, [], 0, 5, 0])
  })

  it('was refused for ever when its successor was written in its place: that one waits', async () => {
    const bench = await SenderBench.start()
    const { future: first } = await bench.send(tp0)
    const { future: second } = await bench.send(tp0)
    await bench.answer(tp0, { sequence: 0, error: NOT_LEADER_OR_FOLLOWER })
    await bench.run()
    expect([bench.inFlight, bench.queued(tp0)]).toEqual([1, [-1]])
    for (const [sequence, future] of [first, second].entries()) {
      await bench.answer(tp0, { sequence, epoch: 0, offset: sequence })
      expect((await future).offset).toBe(sequence)
      await bench.run()
    }
  })

  it('is waited for by its own partition alone', async () => {
    const bench = await SenderBench.start()
    for (const tp of [tp0, tp0, tp1, tp1]) await bench.send(tp)
    expect(bench.inFlight).toBe(2)
    const [, ofTp1] = bench.client.requests()
    await bench.answer(tp1, { request: ofTp1!, sequence: 0, offset: 0 })
    await bench.run()
    await bench.send(tp1)
    expect([bench.queued(tp0), bench.stateOf(tp0)]).toEqual([[-1], [PRODUCER_ID, 0, 1, -1]])
    expect([bench.queued(tp1), bench.stateOf(tp1)]).toEqual([[], [PRODUCER_ID, 0, 3, 0]])
  })

  it('under a new epoch goes alone too', async () => {
    const bench = await SenderBench.start()
    for (const tp of [tp0, tp1]) await bench.acknowledgeFirst(tp)
    await bench.send(tp0)
    await bench.answer(tp0, { sequence: 1, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    await bench.run()
    // Partition 0 is numbered anew, and partition 1, with nothing in flight, at its next batch.
    for (const tp of [tp0, tp1, tp1]) await bench.send(tp)
    for (const tp of [tp0, tp1]) {
      expect([bench.queued(tp), bench.stateOf(tp)]).toEqual([[-1], [PRODUCER_ID, 1, 1, -1]])
      await bench.answer(tp, { epoch: 1, sequence: 0, offset: 1 })
    }
    await bench.run()
    for (const tp of [tp0, tp1]) {
      await bench.send(tp)
      expect([bench.queued(tp), bench.stateOf(tp)]).toEqual([[], [PRODUCER_ID, 1, 3, 0]])
    }
  })

  it('does not keep the Sender busy while the next one waits for it', async () => {
    const bench = await SenderBench.start()
    await bench.send(tp0)
    bench.append(tp0)
    const timeouts = bench.recordPollTimeouts()
    await bench.run(3)
    expect([bench.inFlight, bench.queued(tp0)]).toEqual([1, [-1]])
    expect(timeouts).toEqual([DELIVERY_TIMEOUT_MS, DELIVERY_TIMEOUT_MS, DELIVERY_TIMEOUT_MS])
  })

  const answered = (error: WireError) => (bench: SenderBench) => bench.answer(tp0, { error })

  it.each<[how: string, happens: (bench: SenderBench) => unknown, epoch: number]>([
    ['may be tried again', answered(NOT_LEADER_OR_FOLLOWER), 0],
    ['is refused for good', answered(INVALID_RECORD), 1],
    ['comes back in parts', answered(MESSAGE_TOO_LARGE), 0],
    ['was written long ago', answered(DUPLICATE_SEQUENCE_NUMBER), 0],
    ['is of a producer that the broker does not know', answered(UNKNOWN_PRODUCER_ID), 0],
    ['leaves a gap, as the broker says', answered(OUT_OF_ORDER_SEQUENCE_NUMBER), 1],
    ['loses its connection', (bench) => bench.client.disconnect('0'), 0],
    ['expires in flight', (bench) => bench.time.sleep(DELIVERY_TIMEOUT_MS - 500), 1],
    [
      'expires while it backs off',
      async (bench) => {
        bench.time.sleep(DELIVERY_TIMEOUT_MS - 520)
        await bench.answer(tp0, { error: NOT_LEADER_OR_FOLLOWER })
        bench.time.sleep(20)
      },
      1,
    ],
    [
      'is out of attempts',
      async (bench) => {
        await bench.answer(tp0, { error: NOT_LEADER_OR_FOLLOWER })
        bench.time.sleep(50)
        await bench.run()
        await bench.answer(tp0, { sequence: 0, error: NOT_LEADER_OR_FOLLOWER })
      },
      1,
    ],
  ])('blocks nothing when it %s', async (_, happens, epoch) => {
    const backoff = { retryBackoffMs: 50, retryBackoffMaxMs: 50 }
    const bench = await SenderBench.start({ sender: { retries: 1 }, accumulator: backoff })
    bench.append(tp0)
    await bench.send(tp0)
    bench.time.sleep(500)
    const { future: next } = await bench.send(tp0)
    expect([bench.inFlight, bench.queued(tp0)]).toEqual([1, [-1]])
    await happens(bench)
    for (let turn = 0; turn < 6 && !next.isDone(); turn++) {
      await bench.run()
      bench.time.sleep(50)
      await bench.run()
      const request = bench.client.requests().at(-1)
      if (request !== undefined) await bench.answer(tp0, { request, offset: 7 })
    }
    expect([next.isDone(), bench.manager.producerIdAndEpoch().epoch]).toEqual([true, epoch])
    expect((await next).offset).toBe(7)
    expect(bench.manager.hasInflightBatches(tp0)).toBe(false)
  })
})
