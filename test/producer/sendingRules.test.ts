/**
 * What this producer promises beyond Kafka's, because its two threads are two loops here: order
 * behind sends that wait, bounded waiting, no starvation, no unhandled rejection. And what other
 * clients got wrong about producing.
 */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  BufferExhaustedException,
  KafkaException,
  TimeoutException,
} from '../../src/common/errors.ts'
import type { FutureRecordMetadata } from '../../src/producer/internals/FutureRecordMetadata.ts'
import { SenderTurns } from '../../src/producer/internals/SenderTurns.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { RecordingCallback, settle } from './producerSupport.ts'
import { failureOf, producerWorld } from './producerWorld.ts'

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const value = (i: number): string => `v${i}`
const offsetOf = async (sent: FutureRecordMetadata): Promise<number> => (await sent).offset

const unhandled: unknown[] = []
const note = (reason: unknown) => unhandled.push(reason)
beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
})
afterEach(() => {
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

describe('order', () => {
  it('is kept behind a send that waits for metadata', async () => {
    await producerWorld({}, async ({ producer, broker, time }) => {
      // The first waits for partition 5; those behind it could go at once, and do not.
      const sent = [
        producer.send({ topic: 't', partition: 5, value: 'first' }),
        ...range(5).map((i) => producer.send({ topic: 't', partition: 0, value: value(i) })),
      ]
      await time.sleep(3000)
      expect(broker.values()).toEqual([])
      expect(sent.every((future) => future.appended !== null)).toBe(true)
      broker.topics['t'] = 6
      expect(await Promise.all(sent.map(offsetOf))).toEqual([0, 0, 1, 2, 3, 4])
      expect(broker.values()).toEqual(range(5).map(value))
    })
  })

  it('is kept behind a send that waits for memory', async () => {
    const config = { 'buffer.memory': 10_000, 'batch.size': 250, 'linger.ms': 0 }
    await producerWorld(config, async ({ producer, broker }) => {
      await producer.partitionsFor('t')
      const text = (i: number): string => String(i).padStart(100, '0')
      const sent = range(60).map((i) => producer.send({ topic: 't', value: text(i) }))
      expect(sent[0]!.appended).toBeNull()
      expect(sent.at(-1)!.appended).not.toBeNull()
      expect(await Promise.all(sent.map(offsetOf))).toEqual(range(60))
      expect(broker.values()).toEqual(range(60).map(text))
    })
  })

  it('is nobody else’s: another topic passes a line', async () => {
    await producerWorld({ 'max.block.ms': 5000 }, async ({ producer }) => {
      await producer.partitionsFor('t')
      const stuck = producer.send({ topic: 'missing', value: 'a' })
      const free = producer.send({ topic: 't', value: 'b' })
      expect([stuck.appended === null, free.appended === null]).toEqual([false, true])
      expect(await offsetOf(free)).toBe(0)
      expect(stuck.isDone()).toBe(false)
      await failureOf(stuck)
    })
  })

  it('gives each its own outcome when several topics wait for the same news', async () => {
    await producerWorld(
      {},
      async ({ producer, broker }) => {
        const topics = ['a', 'b', 'c', 'd']
        const sent = topics.flatMap((topic) =>
          range(3).map((i) => producer.send({ topic, value: `${topic}${i}` })),
        )
        const metadata = await Promise.all(sent)
        expect(metadata.map(({ topic, offset }) => `${topic}${offset}`)).toEqual(
          topics.flatMap((topic) => range(3).map((i) => `${topic}${i}`)),
        )
        for (const topic of topics) {
          expect(broker.values(`${topic}-0`)).toEqual(range(3).map((i) => `${topic}${i}`))
        }
      },
      (broker) => {
        broker.topics = { a: 1, b: 1, c: 1, d: 1 }
      },
    )
  })

  it('holds through retries, one batch at a time', async () => {
    const config = {
      'max.in.flight.requests.per.connection': 1,
      'batch.size': 200,
      'linger.ms': 0,
    } as const
    let failures = 0
    await producerWorld(config, async ({ producer, broker }) => {
      broker.verdict = () => (failures++ % 3 < 2 ? Errors.NOT_ENOUGH_REPLICAS : Errors.NONE)
      const sent = range(40).map((i) => producer.send({ topic: 't', value: value(i) }))
      expect(await Promise.all(sent.map(offsetOf))).toEqual(range(40))
      expect(broker.values()).toEqual(range(40).map(value))
      expect(failures).toBeGreaterThan(6)
    })
  })
})

describe('waiting', () => {
  it('ends for each send after its own max.block.ms', async () => {
    await producerWorld({ 'max.block.ms': 1000 }, async ({ producer, time }) => {
      const start = time.milliseconds()
      const endOf = async (sent: FutureRecordMetadata): Promise<number> => {
        expect(await failureOf(sent)).toBeInstanceOf(TimeoutException)
        return time.milliseconds() - start
      }
      const first = endOf(producer.send({ topic: 'missing', value: 'a' }))
      await time.sleep(400)
      const second = endOf(producer.send({ topic: 'missing', value: 'b' }))
      expect(await Promise.all([first, second])).toEqual([1000, 1400])
    })
  })

  it('for metadata leaves less time to wait for memory', async () => {
    const config = { 'max.block.ms': 1000, 'buffer.memory': 300, 'batch.size': 300 }
    await producerWorld({ ...config, 'linger.ms': 0 }, async ({ producer, broker, time }) => {
      broker.verdict = () => 'silence'
      await producer.partitionsFor('t')
      producer.send({ topic: 't', value: 'holds the memory' }, () => {})
      const start = time.milliseconds()
      const sent = producer.send({ topic: 'late', value: 'a' })
      await time.sleep(600)
      broker.topics['late'] = 1
      expect(await failureOf(sent)).toBeInstanceOf(BufferExhaustedException)
      expect(time.milliseconds() - start).toBe(1000)
      await producer.close(0)
    })
  })

  it('is bounded by another buffer.memory bytes (kafkajs #526, #1278)', async () => {
    const config = { 'buffer.memory': 100_000, 'max.block.ms': 60_000 }
    await producerWorld(config, async ({ producer, broker }) => {
      const callback = new RecordingCallback()
      const text = 'x'.repeat(1000)
      const sent = range(200).map(() => producer.send({ topic: 'late', value: text }, callback.fn))
      const refused = sent.filter((future) => future.isDone())
      expect(refused.length).toBeGreaterThan(100)
      expect(callback.calls).toHaveLength(refused.length)
      const error = await failureOf(refused[0]!)
      expect(error).toBeInstanceOf(BufferExhaustedException)
      expect(error.message).toMatch(/'buffer\.memory' is 100000.*Await/)

      broker.topics['late'] = 1
      const kept = sent.filter((future) => !refused.includes(future))
      expect(await Promise.all(kept.map(offsetOf))).toEqual(range(kept.length))
      // There is room again for as many.
      const next = kept.map(() => producer.send({ topic: 'later', value: text }))
      broker.topics['later'] = 1
      expect(await Promise.all(next.map(offsetOf))).toEqual(range(kept.length))
    })
  })

  it('paces a program that awaits `appended`, in bounded memory', async () => {
    const config = { 'buffer.memory': 10_000, 'batch.size': 1000 }
    await producerWorld(config, async ({ producer, broker }) => {
      let waited = 0
      let failed = 0
      for (const i of range(1000)) {
        const sent = producer.send({ topic: 't', value: value(i).padEnd(100) }, (_, error) => {
          if (error !== null) failed++
        })
        if (sent.appended !== null) {
          waited++
          await sent.appended
        }
      }
      await producer.flush()
      expect([failed, broker.values().length]).toEqual([0, 1000])
      expect(broker.values().map((each) => each.trim())).toEqual(range(1000).map(value))
      expect(waited).toBeGreaterThan(50)
      expect(waited).toBeLessThan(500)
    })
  })

  it('leaves no line behind: the next send goes straight on', async () => {
    await producerWorld({}, async ({ producer }) => {
      for (const i of range(5)) {
        const sent = producer.send({ topic: 't', value: value(i) })
        if (i > 0) expect(sent.appended).toBeNull()
        await sent.appended
      }
      await producer.flush()
    })
  })
})

describe('starvation', () => {
  it('does not happen: a program that never awaits lets the Sender have its turn', async () => {
    const config = { 'max.request.size': 10_000, 'batch.size': 1000 }
    await producerWorld(config, async ({ producer, broker, trace }) => {
      await producer.partitionsFor('t')
      trace.length = 0
      const sent = range(500).map((i) => producer.send({ topic: 't', value: value(i).padEnd(90) }))
      const direct = sent.filter((future) => future.appended === null).length
      // About 10,000 bytes of some hundred each went without a turn; the rest waits for one.
      expect(direct).toBeGreaterThan(80)
      expect(direct).toBeLessThan(110)
      expect(await Promise.all(sent.map(offsetOf))).toEqual(range(500))
      expect(broker.values()).toHaveLength(500)
      const between: number[] = [0]
      for (const { name } of trace) {
        if (name === 'producer.sender.runOnce') between.push(0)
        else if (name === 'producer.accumulator.append') between[between.length - 1]!++
      }
      expect(Math.max(...between)).toBeLessThan(110)
    })
  })

  it('gives each record its own outcome when several topics wait for one turn', async () => {
    const topics = ['a', 'b', 'c']
    await producerWorld(
      { 'max.request.size': 1000 },
      async ({ producer, broker }) => {
        for (const topic of topics) await producer.partitionsFor(topic)
        const sent = range(90).map((i) =>
          producer.send({ topic: topics[i % 3]!, value: value(i).padEnd(100) }),
        )
        expect(sent.filter((future) => future.appended !== null).length).toBeGreaterThan(60)
        const metadata = await Promise.all(sent)
        expect(metadata.map(({ topic, offset }) => [topic, offset])).toEqual(
          range(90).map((i) => [topics[i % 3], Math.floor(i / 3)]),
        )
        for (const [j, topic] of topics.entries()) {
          expect(broker.values(`${topic}-0`).map((each) => each.trim())).toEqual(
            range(30).map((i) => value(3 * i + j)),
          )
        }
      },
      (broker) => {
        broker.topics = { a: 1, b: 1, c: 1 }
      },
    )
  })

  it('holds nobody back when there will be no more turns', async () => {
    const turns = new SenderTurns(100)
    turns.appended(100)
    expect(turns.isDue()).toBe(true)
    let released = 0
    void turns.next().then(() => released++)
    turns.take()
    await settle()
    expect([released, turns.isDue()]).toEqual([1, false])
    turns.appended(200)
    void turns.next().then(() => released++)
    turns.close()
    await turns.next()
    await settle()
    expect([released, turns.isDue()]).toEqual([2, false])
  })
})

describe('a failure', () => {
  it('that nobody looks at is counted and warned about, and rejects nothing', async () => {
    await producerWorld({ 'max.block.ms': 100 }, async ({ producer, broker, time, logger }) => {
      broker.verdict = () => Errors.TOPIC_AUTHORIZATION_FAILED
      await producer.partitionsFor('t')
      producer.send({ topic: 't', value: 'a' })
      producer.send({ topic: 't', value: 'b' })
      producer.send({ topic: 'missing', value: 'c' })
      await time.sleep(1000)
      const warnings = logger.messages('warn').filter((each) => each.includes('nobody looks'))
      expect(warnings).toHaveLength(2)
      expect(warnings[0]).toMatch(/A record for t-0 and 1 more failed.*TopicAuthorization/)
      expect(warnings[1]).toMatch(/A record for missing--1 failed.*so far 3/)
    })
  })

  it('that is looked at, or called back, is nobody’s warning', async () => {
    await producerWorld({ 'max.block.ms': 100 }, async ({ producer, broker, time, logger }) => {
      broker.verdict = () => Errors.TOPIC_AUTHORIZATION_FAILED
      await producer.partitionsFor('t')
      const failures = [
        failureOf(producer.send({ topic: 't', value: 'a' })),
        failureOf(producer.send({ topic: 'missing', value: 'b' })),
      ]
      producer.send({ topic: 't', value: 'c' }, () => {})
      await Promise.all(failures)
      await time.sleep(1000)
      expect(logger.messages('warn').filter((each) => each.includes('nobody looks'))).toEqual([])
    })
  })

  it('in a callback, also in an async one, hurts nobody else', async () => {
    await producerWorld({}, async ({ producer, broker, logger }) => {
      producer.send({ topic: 't', value: 'a' }, () => {
        throw new Error('broken')
      })
      producer.send({ topic: 't', value: 'b' }, async () => {
        throw new Error('broken later')
      })
      await producer.send({ topic: 't', value: 'c' })
      await settle()
      expect(broker.values()).toEqual(['a', 'b', 'c'])
      expect(logger.messages('error')).toHaveLength(2)
    })
  })

  it('of the serializer of a record that waited comes with its future', async () => {
    const failing = {
      serialize: () => {
        throw new KafkaException('I will not')
      },
    }
    await producerWorld({ 'value.serializer': failing }, async ({ producer }) => {
      const callback = new RecordingCallback()
      const sent = producer.send({ topic: 't', value: 'a' }, callback.fn)
      expect((await failureOf(sent)).message).toBe('I will not')
      expect(callback.calls).toHaveLength(1)
    })
  })
})

describe('a send always settles (kafkajs #1751)', () => {
  it('when the broker says nothing any more', async () => {
    const config = { 'delivery.timeout.ms': 3000, 'request.timeout.ms': 1000, 'linger.ms': 0 }
    await producerWorld(config, async ({ producer, broker, time }) => {
      await producer.partitionsFor('t')
      broker.verdict = () => 'silence'
      const start = time.milliseconds()
      const error = await failureOf(producer.send({ topic: 't', value: 'a' }))
      expect(error).toBeInstanceOf(TimeoutException)
      expect(error.message).toMatch(/Expiring 1 record\(s\) for t-0/)
      expect(time.milliseconds() - start).toBeLessThanOrEqual(3000)
      expect(broker.requests).toBeGreaterThan(1)
    })
  })

  it('when the broker goes away before it was ever asked', async () => {
    await producerWorld({ 'max.block.ms': 2000 }, async ({ producer, broker, time }) => {
      broker.metadataAnswers = false
      const start = time.milliseconds()
      expect(await failureOf(producer.send({ topic: 't', value: 'a' }))).toBeInstanceOf(
        TimeoutException,
      )
      expect(time.milliseconds() - start).toBe(2000)
    })
  })

  it('when the broker comes back', async () => {
    await producerWorld({ 'linger.ms': 0, 'request.timeout.ms': 500 }, async (world) => {
      const { producer, broker, time } = world
      await producer.partitionsFor('t')
      broker.verdict = () => 'silence'
      const sent = producer.send({ topic: 't', value: 'a' })
      await time.sleep(5000)
      broker.verdict = () => Errors.NONE
      expect(await offsetOf(sent)).toBe(0)
    })
  })

  it('with a time-out that cannot be negative, however the clock jumps', async () => {
    for (const key of ['max.block.ms', 'delivery.timeout.ms', 'request.timeout.ms', 'linger.ms']) {
      await expect(producerWorld({ [key]: -1 }, async () => {})).rejects.toThrow(key)
    }
    await producerWorld({}, async ({ producer }) => {
      const sent = producer.send({ topic: 't', value: 'a' })
      await expect(sent.get(-5)).rejects.toThrow(TimeoutException)
      await sent
    })
  })
})

it('does the same again with the same seed, to the last trace entry', async () => {
  const run = async (): Promise<string> => {
    const { trace } = await producerWorld({ 'batch.size': 300 }, async ({ producer, broker }) => {
      let attempts = 0
      broker.verdict = () => (attempts++ % 4 === 1 ? Errors.LEADER_NOT_AVAILABLE : Errors.NONE)
      for (const i of range(60)) producer.send({ topic: 't', value: value(i) }, () => {})
      await producer.flush()
    })
    return JSON.stringify(trace)
  }
  expect(await run()).toBe(await run())
})
