/**
 * Batches that are given up beside others of their partition: what went wrong, or would have.
 * Java's client has some of these to this day.
 */

import { describe, expect, it } from 'vitest'
import type { ClientRequest } from '../../src/clients/ClientRequest.ts'
import { MockClient } from '../../src/clients/MockClient.ts'
import type { RequestDataOf } from '../../src/clients/RequestBuilder.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import type { TopicPartition } from '../../src/common/TopicPartition.ts'
import { TopicPartitionMap } from '../../src/common/TopicPartitionMap.ts'
import type { FutureRecordMetadata } from '../../src/producer/internals/FutureRecordMetadata.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { rejectionOf } from './producerSupport.ts'
import {
  type Answer,
  batchIn,
  DELIVERY_TIMEOUT_MS,
  MAX_EPOCH,
  PRODUCER_ID,
  SenderBench,
  tp0,
  tp1,
} from './senderSupport.ts'

const { MESSAGE_TOO_LARGE, NOT_LEADER_OR_FOLLOWER, OUT_OF_ORDER_SEQUENCE_NUMBER } = Errors
const { REQUEST_TIMED_OUT } = Errors

/** Epoch and base sequence of what is in flight for partition 0. */
const sent = (bench: SenderBench) =>
  bench.client.requests().map((request) => {
    const { producerEpoch, baseSequence } = batchIn(request, tp0)
    return [producerEpoch, baseSequence]
  })

describe('written twice: a batch that was numbered anew although it may be in the log', () => {
  it('when the one before it timed out just as its delivery.timeout.ms was over', async () => {
    const bench = await SenderBench.start()
    await bench.acknowledgeFirst(tp0)
    const { future: first } = await bench.send(tp0)
    bench.time.sleep(1000)
    await bench.send(tp0)
    bench.respond(tp0, { sequence: 1, error: REQUEST_TIMED_OUT })
    bench.respond(tp0, { sequence: 2, error: REQUEST_TIMED_OUT })
    bench.time.sleep(DELIVERY_TIMEOUT_MS - 1000)
    // The answers arrive before the look for expired batches, as they do at the end of a poll.
    await bench.client.poll(0, bench.time.milliseconds())
    expect((await rejectionOf(first)).name).toBe('TimeoutException')
    expect(bench.manager.hasUnresolvedSequence(tp0)).toBe(true)
    await bench.run()
    expect(sent(bench)).toEqual([[0, 2]])
    await bench.answer(tp0, { sequence: 2, offset: 2 })
    await bench.send(tp0)
    expect(sent(bench)).toEqual([[0, 3]])
  })

  it('when the one before it was refused for good, but at a second attempt', async () => {
    const bench = await SenderBench.start()
    await bench.acknowledgeFirst(tp0)
    await bench.send(tp0)
    await bench.send(tp0)
    bench.respond(tp0, { sequence: 1, error: REQUEST_TIMED_OUT })
    bench.respond(tp0, { sequence: 2, error: REQUEST_TIMED_OUT })
    await bench.run(2)
    await bench.answer(tp0, { sequence: 1, error: MESSAGE_TOO_LARGE })
    await bench.run()
    expect(sent(bench)).toEqual([[0, 2]])
  })

  it('when one behind it was refused for good, while it waits for its second attempt', async () => {
    const backoff = { retryBackoffMs: 100, retryBackoffMaxMs: 100 }
    const bench = await SenderBench.start({ accumulator: backoff })
    await bench.acknowledgeFirst(tp0)
    const { future: first } = await bench.send(tp0)
    await bench.send(tp0)
    const { future: third } = await bench.send(tp0)
    await bench.answer(tp0, { sequence: 1, error: REQUEST_TIMED_OUT })
    await bench.answer(tp0, { sequence: 2, error: MESSAGE_TOO_LARGE })
    await bench.answer(tp0, { sequence: 3, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    bench.time.sleep(200)
    await bench.run()
    expect(sent(bench)).toEqual([[0, 1]])
    await bench.answer(tp0, { offset: 1 })
    expect((await first).offset).toBe(1)
    // The third one finds the gap, and begins the new epoch.
    await bench.run()
    await bench.answer(tp0, { sequence: 3, epoch: 0, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    bench.time.sleep(200)
    await bench.run()
    await bench.answer(tp0, { sequence: 0, epoch: 1, offset: 2 })
    expect((await third).offset).toBe(2)
  })
})

describe('failed without need', () => {
  it('the next batch, when the one before it was out of attempts and had not been written', async () => {
    const bench = await SenderBench.start({ sender: { retries: 1 } })
    await bench.acknowledgeFirst(tp0)
    const { future: lost } = await bench.send(tp0)
    await bench.answer(tp0, { sequence: 1, error: NOT_LEADER_OR_FOLLOWER })
    await bench.run()
    const { future: next } = await bench.send(tp0)
    await bench.answer(tp0, { sequence: 1, error: NOT_LEADER_OR_FOLLOWER })
    expect((await rejectionOf(lost)).name).toBe('NotLeaderOrFollowerException')
    await bench.answer(tp0, { sequence: 2, epoch: 0, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    await bench.run()
    await bench.answer(tp0, { sequence: 0, epoch: 1, offset: 1 })
    expect((await next).offset).toBe(1)
  })

  it('a batch that was refused under its old epoch, after it had been numbered anew', async () => {
    const bench = await SenderBench.start()
    await bench.acknowledgeFirst(tp0)
    await bench.send(tp0)
    const { future: second } = await bench.send(tp0)
    await bench.answer(tp0, { sequence: 1, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    await bench.run()
    // Its leader has moved: the first one, under the new epoch, is there before the second.
    const [late, first] = bench.client.requests()
    await bench.answer(tp0, { request: first!, sequence: 0, epoch: 1, offset: 1 })
    const error = Errors.INVALID_PRODUCER_EPOCH
    await bench.answer(tp0, { request: late!, sequence: 2, epoch: 0, error })
    await bench.run()
    await bench.answer(tp0, { sequence: 1, epoch: 1, offset: 2 })
    expect((await second).offset).toBe(2)
  })

  it('what is behind two gaps, of which only the later one was remembered', async () => {
    const backoff = { retryBackoffMs: 100, retryBackoffMaxMs: 100 }
    const bench = await SenderBench.start({ accumulator: backoff })
    await bench.acknowledgeFirst(tp0)
    for (let i = 0; i < 3; i++) await bench.send(tp0)
    const { future: third } = await bench.send(tp0)
    await bench.send(tp0)
    await bench.answer(tp0, { sequence: 1, error: REQUEST_TIMED_OUT })
    await bench.answer(tp0, { sequence: 2, error: REQUEST_TIMED_OUT })
    await bench.answer(tp0, { sequence: 3, error: MESSAGE_TOO_LARGE })
    await bench.answer(tp0, { sequence: 4, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    await bench.answer(tp0, { sequence: 5, error: MESSAGE_TOO_LARGE })
    for (const sequence of [1, 2]) {
      bench.time.sleep(200)
      await bench.run()
      await bench.answer(tp0, { sequence, offset: sequence })
    }
    bench.time.sleep(200)
    await bench.run()
    await bench.answer(tp0, { sequence: 4, epoch: 0, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    bench.time.sleep(200)
    await bench.run()
    await bench.answer(tp0, { sequence: 0, epoch: 1, offset: 3 })
    expect((await third).offset).toBe(3)
  })

  it('batches at a gap, because a late answer counted as acknowledged under the new epoch', async () => {
    const bench = await SenderBench.start()
    for (let i = 0; i < 9; i++) bench.append(tp0)
    await bench.run()
    bench.time.sleep(DELIVERY_TIMEOUT_MS)
    await bench.run(2)
    await bench.send(tp0)
    await bench.answer(tp0, { sequence: 0, epoch: 0, offset: 0 })
    expect(bench.sequences).toEqual([1, 1, -1])
    await bench.answer(tp0, { sequence: 0, epoch: 1, offset: 9 })
    expect(bench.sequences).toEqual([1, 1, 0])
    // The broker has lost what it had: nothing but a new epoch helps.
    await bench.send(tp0)
    await bench.answer(tp0, { sequence: 1, epoch: 1, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    await bench.run()
    expect(sent(bench)).toEqual([[2, 0]])
  })
})

/** A broker that keeps its logs, checks sequences, and answers as chance will have it. */
class ChancyBroker {
  readonly logs = new TopicPartitionMap<string[]>()
  private readonly bench: SenderBench
  private readonly chance: SeededRandom
  private readonly written = new Map<string, number>()
  private readonly next = new Map<string, number>()
  private readonly known = new Set<string>()

  constructor(bench: SenderBench, chance: SeededRandom) {
    this.bench = bench
    this.chance = chance
    for (const tp of [tp0, tp1]) this.logs.set(tp, [])
  }

  /** Answers the oldest request. */
  answer(mayFail: boolean): void {
    const { client } = this.bench
    const [request] = client.requests()
    if (request === undefined) return
    if (request.apiKey === ApiKeys.INIT_PRODUCER_ID) {
      client.respond(ApiKeys.INIT_PRODUCER_ID, { producerId: PRODUCER_ID + 1n })
      return
    }
    this.bench.respondAll(
      partitionsIn(request).map((tp) => [tp, this.outcome(request, tp, mayFail)] as const),
    )
  }

  /** All answers are lost; the last requests may be as well. */
  loseConnection(): void {
    for (const request of this.bench.client.requests()) {
      if (request.apiKey !== ApiKeys.PRODUCE || this.chance.nextInt(3) === 0) break
      for (const tp of partitionsIn(request)) this.write(request, tp)
    }
    this.bench.client.disconnect('0')
  }

  private outcome(request: ClientRequest, tp: TopicPartition, mayFail: boolean): Answer {
    const dice = mayFail ? this.chance.nextInt(20) : 20
    if (dice === 0) return { error: NOT_LEADER_OR_FOLLOWER }
    if (dice === 1) return { error: MESSAGE_TOO_LARGE }
    if (dice === 2) return { error: Errors.INVALID_RECORD }
    const answer = this.write(request, tp)
    return dice < 5 && answer.error === undefined ? { error: REQUEST_TIMED_OUT } : answer
  }

  /** As `ProducerAppendInfo.checkSequence`. */
  private write(request: ClientRequest, tp: TopicPartition): Answer {
    const batch = batchIn(request, tp)
    const numbering = `${tp} ${batch.producerId} ${batch.producerEpoch}`
    const duplicateOf = this.written.get(`${numbering} ${batch.baseSequence}`)
    if (duplicateOf !== undefined) return { offset: duplicateOf }
    const producer = `${tp} ${batch.producerId}`
    // Of a producer that the partition does not know, any sequence will do; of a new epoch only 0.
    const first = this.known.has(producer) ? 0 : batch.baseSequence
    const expected = this.next.get(numbering) ?? first
    if (batch.baseSequence !== expected) return { error: OUT_OF_ORDER_SEQUENCE_NUMBER }
    const values = Array.from(batch, ({ value }) => new TextDecoder().decode(value!))
    const log = this.logs.get(tp)!
    this.known.add(producer)
    this.next.set(numbering, expected + values.length)
    this.written.set(`${numbering} ${batch.baseSequence}`, log.length)
    const offset = log.push(...values) - values.length
    return { offset }
  }
}

const partitionsIn = (request: ClientRequest): TopicPartition[] => {
  const data = request.requestBuilder.build(13) as RequestDataOf<typeof ApiKeys.PRODUCE>
  const indexes = data.topicData.flatMap(({ partitionData }) => partitionData)
  return indexes.map(({ index }) => (index === 0 ? tp0 : tp1))
}

describe('left without an outcome by close', () => {
  it('a batch that its answer left out', async () => {
    const bench = await SenderBench.start()
    const answered = bench.append(tp0)
    const left = bench.append(tp1)
    await bench.run()
    bench.respond(tp0, { sequence: 0, offset: 0 })
    bench.sender.initiateClose()
    bench.client.advanceTimeDuringPoll = true
    await bench.sender.run()
    expect([answered.isDone(), left.isDone()]).toEqual([true, true])
    expect((await rejectionOf(left)).name).toBe('TimeoutException')
  })

  it('a batch that a turn which failed had drained', async () => {
    const bench = await SenderBench.start()
    const future = bench.append(tp0)
    const { client } = bench
    const send = client.send.bind(client)
    client.send = () => {
      client.send = send
      throw new Error('not now')
    }
    bench.sender.initiateClose()
    client.advanceTimeDuringPoll = true
    await bench.sender.run()
    expect(future.isDone()).toBe(true)
    expect((await rejectionOf(future)).name).toBe('TimeoutException')
  })
})

describe('whatever a broker answers, and whatever answer is lost', () => {
  const play = async (seed: number, epoch: number, retries: number) => {
    const chance = new SeededRandom(seed)
    const accumulator = { batchSize: 160 << (seed % 3), retryBackoffMs: 20, retryBackoffMaxMs: 20 }
    const bench = await SenderBench.start({ sender: { retries }, accumulator }, epoch)
    const broker = new ChancyBroker(bench, chance)
    const sends: { tp: TopicPartition; value: string; future: FutureRecordMetadata }[] = []
    for (let i = 0; i < 300; i++) {
      const dice = chance.nextInt(100)
      if (dice < 40) {
        const tp = chance.nextInt(2) === 0 ? tp0 : tp1
        const value = String(1000 + i)
        sends.push({ tp, value, future: bench.append(tp, value) })
      } else if (dice < 65) broker.answer(true)
      else if (dice < 75) bench.time.sleep(chance.nextInt(60))
      else if (dice === 75) broker.loseConnection()
      else if (dice === 76) bench.time.sleep(1000 + chance.nextInt(600))
      if (chance.nextInt(3) > 0) await bench.run()
    }
    for (let i = 0; i < 400 && !bench.accumulator.incomplete.isEmpty(); i++) {
      broker.answer(false)
      bench.time.sleep(1)
      await bench.run()
    }
    // Expired ones may still be in flight; they hold memory.
    for (let i = 0; i < 20 && bench.inFlight > 0; i++) {
      broker.answer(false)
      await bench.run()
    }
    return { bench, broker, sends }
  }

  it.each([
    [0, 2 ** 31 - 1],
    [0, 3],
    [MAX_EPOCH - 1, 2 ** 31 - 1],
  ])(
    'nothing is written twice or in another order (epoch %i, %i retries)',
    async (epoch, retries) => {
      for (let seed = 0; seed < 40; seed++) {
        const { bench, broker, sends } = await play(seed, epoch, retries)
        for (const log of broker.logs.values())
          expect(log, `${seed}`).toEqual([...new Set(log)].sort())
        for (const { tp, value, future } of sends) {
          expect(future.isDone(), `${seed}: ${value}`).toBe(true)
          const acknowledged = await future.then(
            () => true,
            () => false,
          )
          if (acknowledged) expect(broker.logs.get(tp), `${seed}`).toContain(value)
        }
        expect(bench.pool.availableMemory(), `${seed}`).toBe(1024 * 1024)
        expect(bench.manager.state, `${seed}`).toBe('READY')
      }
    },
  )
})

describe('slept on', () => {
  class RecordingClient extends MockClient {
    timeoutMs = -1

    override poll(timeoutMs: number, nowMs: number) {
      this.timeoutMs = timeoutMs
      return super.poll(timeoutMs, nowMs)
    }
  }

  const start = () =>
    SenderBench.start({ client: (time, metadata) => new RecordingClient(time, metadata) })

  /** One more waits, and the one before it expires: the next turn comes at once, and sends it. */
  const goesAtOnce = async (bench: SenderBench) => {
    await bench.run(2)
    expect(bench.queued(tp0)).toEqual([-1])
    bench.time.sleep(500)
    const { inFlight } = bench
    await bench.run()
    expect([bench.queued(tp0), (bench.client as RecordingClient).timeoutMs]).toEqual([[-1], 0])
    await bench.run()
    expect([bench.queued(tp0), bench.inFlight]).toEqual([[], inFlight + 1])
  }

  it('although the last batch of the old epoch had expired, and the next one could go', async () => {
    const bench = await start()
    await bench.send(tp0)
    await bench.send(tp1)
    const request = bench.client.requests()[1]!
    await bench.answer(tp1, { request, error: OUT_OF_ORDER_SEQUENCE_NUMBER })
    bench.time.sleep(DELIVERY_TIMEOUT_MS - 500)
    bench.append(tp0)
    await goesAtOnce(bench)
  })

  it('although the first batch of a partition had expired, and the next one could go', async () => {
    const bench = await start()
    await bench.send(tp0)
    bench.time.sleep(DELIVERY_TIMEOUT_MS - 500)
    bench.append(tp0)
    await goesAtOnce(bench)
  })

  it('although nothing was in flight any more that could tell what became of an expired one', async () => {
    const bench = await start()
    await bench.acknowledgeFirst(tp0)
    await bench.send(tp0)
    bench.time.sleep(500)
    await bench.send(tp0)
    bench.time.sleep(DELIVERY_TIMEOUT_MS - 500)
    await bench.run()
    bench.append(tp0)
    await goesAtOnce(bench)
  })
})
