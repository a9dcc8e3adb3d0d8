/**
 * Reading record by record with `for await`: what is handed out, where the positions stand
 * meanwhile, and what comes again when the loop is left.
 */

import { describe, expect, test } from 'vitest'
import { IllegalStateException, WakeupException } from '../../src/common/errors.ts'
import { type ClusterTest, onCluster, partitionsOf, range } from './clusterSupport.ts'

const [P0, P1] = partitionsOf('orders', 2) as [
  ReturnType<typeof partitionsOf>[0],
  ReturnType<typeof partitionsOf>[0],
]

/** A consumer at the beginning of a topic with `count` records in each of its two partitions. */
const readerOf = async (t: ClusterTest, count: number, partitions = [P0]) => {
  await t.createTopic('orders', 2)
  const producer = t.producer()
  for (const i of range(count)) {
    for (const { topic, partition } of partitions) {
      producer.send({ topic, partition, value: `${partition}:${i}` })
    }
  }
  await producer.flush()
  const consumer = t.consumer({ 'max.poll.records': 1000 })
  consumer.assign(partitions)
  const controller = new AbortController()
  const records = () => consumer.records({ signal: controller.signal })
  /** What a loop gives until it has `count`; the last one is finished. */
  const take = async (count: number): Promise<(string | null)[]> => {
    const ending = new AbortController()
    const taken: (string | null)[] = []
    for await (const { value } of consumer.records({ signal: ending.signal })) {
      taken.push(value)
      if (taken.length === count) ending.abort()
    }
    return taken
  }
  const values = (from: number, to: number, partition = 0) =>
    range(to - from, from).map((i) => `${partition}:${i}`)
  return { consumer, controller, records, take, values, producer }
}

describe('a loop over records', () => {
  test(
    'gives them in order, poll after poll, and waits for what comes later',
    onCluster(async (t) => {
      const { take, values, producer } = await readerOf(t, 5)
      const later = t.time.sleep(1000).then(() => {
        for (const i of range(5, 5))
          producer.send({ topic: 'orders', partition: 0, value: `0:${i}` })
      })
      expect(await take(10)).toEqual(values(0, 10))
      await later
    }),
  )

  test(
    'gives those of several partitions one partition after the other',
    onCluster(async (t) => {
      const { take, values } = await readerOf(t, 3, [P0, P1])
      const taken = await take(6)
      const [first] = taken as [string]
      const order = first.startsWith('0') ? [0, 1] : [1, 0]
      expect(taken).toEqual(order.flatMap((partition) => values(0, 3, partition)))
    }),
  )

  test(
    'ends by an abort, after the record that it is at',
    onCluster(async (t) => {
      const { consumer, records, controller } = await readerOf(t, 5)
      const seen: number[] = []
      for await (const { offset } of records()) {
        seen.push(offset)
        if (offset === 2) controller.abort()
      }
      expect(seen).toEqual([0, 1, 2])
      expect(await consumer.position(P0)).toBe(3)
      expect(await records().next()).toEqual({ done: true, value: undefined })
    }),
  )

  test(
    'ends by an abort while it waits, at once, and the next call does not notice',
    onCluster(async (t) => {
      const { consumer, records, controller } = await readerOf(t, 0)
      await consumer.poll(1000)
      const before = t.time.milliseconds()
      void t.time.sleep(700).then(() => controller.abort())
      for await (const record of records()) expect.fail(`there is no record, and here is ${record}`)
      expect(t.time.milliseconds() - before).toBe(700)
      expect((await consumer.poll(10)).isEmpty()).toBe(true)
    }),
  )

  test(
    'makes no promise for a record that is at hand',
    onCluster(async (t) => {
      const { records } = await readerOf(t, 4)
      const iterator = records()
      expect((await iterator.next()).value?.offset).toBe(0)
      const second = iterator.next()
      expect((await second).value?.offset).toBe(1)
      const third = iterator.next()
      expect(third).toBe(second)
      expect((await third).value?.offset).toBe(2)
    }),
  )

  test(
    'answers in order one who asks several times before the first answer',
    onCluster(async (t) => {
      const { records } = await readerOf(t, 12)
      const iterator = records()
      const ask = async (times: number) => {
        const answers = await Promise.all(range(times).map(() => iterator.next()))
        return answers.map(({ value }) => value?.offset)
      }
      expect(await ask(5)).toEqual([0, 1, 2, 3, 4])
      expect(await ask(1)).toEqual([5])
      expect(await ask(4)).toEqual([6, 7, 8, 9])
      const answers = [await iterator.next(), await iterator.next()]
      expect(answers.map(({ value }) => value?.offset)).toEqual([10, 11])
    }),
  )

  test(
    'is over when it has thrown, and the next one goes on',
    onCluster(async (t) => {
      const { consumer, records, take, values } = await readerOf(t, 2)
      const iterator = records()
      consumer.wakeup()
      await expect(iterator.next()).rejects.toThrow(WakeupException)
      expect((await iterator.next()).done).toBe(true)
      expect(await take(2)).toEqual(values(0, 2))
    }),
  )

  test(
    'is ended by a second one, which goes on where it was',
    onCluster(async (t) => {
      const { records, take, values } = await readerOf(t, 5)
      const first = records()
      await first.next()
      await first.next()
      expect(await take(2)).toEqual(values(1, 3))
      expect((await first.next()).done).toBe(true)
    }),
  )

  test(
    'that is left while it waits loses nothing of what comes too late',
    onCluster(async (t) => {
      const { consumer, records, take, values, producer } = await readerOf(t, 0)
      const iterator = records()
      const asked = iterator.next()
      await t.time.sleep(100)
      await iterator.return?.()
      producer.send({ topic: 'orders', partition: 0, value: '0:0' })
      expect((await asked).done).toBe(true)
      expect(await consumer.position(P0)).toBe(0)
      expect(await take(1)).toEqual(values(0, 1))
    }),
  )

  test(
    'says what a poll would say to a consumer without partitions, and to a closed one',
    onCluster(async (t) => {
      const consumer = t.consumer()
      await expect(consumer.records().next()).rejects.toThrow(/call subscribe or assign first/)
      await consumer.close()
      await expect(consumer.records().next()).rejects.toThrow(IllegalStateException)
    }),
  )
})

describe('what comes again', () => {
  test.each(['break', 'throw'] as const)(
    'is the record at which the loop was left by %s, and all after it',
    (how) =>
      onCluster(async (t) => {
        const { consumer, records, take, values } = await readerOf(t, 5)
        const leave = async (): Promise<void> => {
          for await (const { offset } of records()) {
            if (offset < 2) continue
            if (how === 'break') break
            throw new Error('the body has failed')
          }
        }
        await leave().catch(() => undefined)
        expect(await consumer.position(P0)).toBe(2)
        expect(await take(3)).toEqual(values(2, 5))
      })(),
  )

  test(
    'is nothing of a partition that was finished, and all of one not begun',
    onCluster(async (t) => {
      const { consumer, records } = await readerOf(t, 2, [P0, P1])
      const iterator = records()
      const first = (await iterator.next()).value!.partition
      await iterator.next()
      await iterator.next() // of the other partition
      await iterator.return?.()
      const positions = [await consumer.position(P0), await consumer.position(P1)]
      expect(positions).toEqual(first === 0 ? [2, 0] : [0, 2])
    }),
  )
})

describe("the loop's body", () => {
  test(
    'meets the positions of what is done, and asking for them costs no fetch',
    onCluster(async (t) => {
      const { consumer, records } = await readerOf(t, 5)
      const fetches = t.events('consumer.fetcher.sendFetches')
      const iterator = records()
      const seen: number[][] = []
      let sent = 0
      for (const i of range(5)) {
        const { offset } = (await iterator.next()).value!
        seen.push([offset, await consumer.position(P0)])
        if (i === 0) sent = fetches.length
      }
      expect(seen).toEqual(range(5).map((offset) => [offset, offset]))
      expect(fetches.length).toBe(sent)
    }),
  )

  test(
    'may seek, also to the record in its hands',
    onCluster(async (t) => {
      const { consumer, records, controller } = await readerOf(t, 5)
      const seen: number[] = []
      for await (const { offset } of records()) {
        seen.push(offset)
        if (seen.length === 2) consumer.seek(P0, offset)
        if (seen.length === 4) consumer.seekToBeginning()
        if (seen.length === 6) controller.abort()
      }
      expect(seen).toEqual([0, 1, 1, 2, 0, 1])
      expect(await consumer.position(P0)).toBe(2)
    }),
  )

  test(
    'may pause a partition: nothing more comes of it until it is resumed',
    onCluster(async (t) => {
      const { consumer, records, controller, take } = await readerOf(t, 3, [P0, P1])
      const seen: string[] = []
      for await (const { value, partition } of records()) {
        seen.push(value!)
        if (seen.length === 1) consumer.pause([partition === 0 ? P0 : P1])
        if (seen.length === 4) controller.abort()
      }
      expect(seen.map((value) => value.slice(2))).toEqual(['0', '0', '1', '2'])
      consumer.resume(consumer.paused())
      expect(await take(2)).toEqual([1, 2].map((i) => `${seen[0]![0]}:${i}`))
    }),
  )

  test(
    'may assign other partitions: what is at hand of the old ones is dropped',
    onCluster(async (t) => {
      const { consumer, records, controller } = await readerOf(t, 3, [P0, P1])
      const seen: number[] = []
      let first = -1
      for await (const { partition } of records()) {
        if (first === -1) {
          first = partition
          consumer.assign([first === 0 ? P1 : P0])
          consumer.seekToBeginning()
        } else if (seen.push(partition) === 3) {
          controller.abort()
        }
      }
      expect(seen).toEqual(range(3).map(() => 1 - first))
    }),
  )

  test(
    'that polls gets the record in its hands again: it has not said that it is done',
    onCluster(async (t) => {
      const { consumer, records, controller } = await readerOf(t, 3)
      for await (const { offset } of records()) {
        if (offset < 1) continue
        const polled = await consumer.poll(1000)
        expect(polled.records(P0).map((record) => record.offset)).toEqual([1, 2])
        controller.abort()
      }
      expect(await consumer.position(P0)).toBe(3)
    }),
  )
})

describe('a signal', () => {
  test(
    'ends a poll with its reason, and no record is lost to it',
    onCluster(async (t) => {
      const { consumer, producer } = await readerOf(t, 0)
      await consumer.poll(100)
      const reason = new Error('the program ends')
      const aborted = AbortSignal.abort(reason)
      await expect(consumer.poll({ signal: aborted })).rejects.toBe(reason)
      for (const delayMs of [0, 1, 5, 50]) {
        const controller = new AbortController()
        void t.time.sleep(delayMs).then(() => controller.abort(reason))
        await expect(consumer.poll({ signal: controller.signal })).rejects.toBe(reason)
      }
      const sent = range(50)
      void (async () => {
        for (const i of sent) {
          producer.send({ topic: 'orders', partition: 0, value: String(i) })
          await t.time.sleep(3)
        }
      })()
      const got: number[] = []
      while (got.length < sent.length) {
        const controller = new AbortController()
        void t.time.sleep(7).then(() => controller.abort())
        const records = await consumer.poll({ signal: controller.signal }).catch(() => [])
        for (const { value } of records) got.push(Number(value))
      }
      expect(got).toEqual(sent)
    }),
  )

  test(
    'ends every other call that waits',
    onCluster(
      async (t) => {
        const { consumer } = await readerOf(t, 0)
        await t.cluster.close()
        const reason = new Error('enough')
        for (const call of [
          (signal: AbortSignal) => consumer.position(P0, { signal }),
          (signal: AbortSignal) => consumer.endOffsets([P0], { signal }),
          (signal: AbortSignal) => consumer.offsetsForTimes([[P0, 0]], { signal }),
          (signal: AbortSignal) => consumer.listTopics({ signal }),
        ]) {
          const controller = new AbortController()
          void t.time.sleep(500).then(() => controller.abort(reason))
          const before = t.time.milliseconds()
          await expect(call(controller.signal)).rejects.toBe(reason)
          expect(t.time.milliseconds() - before).toBeLessThan(1600)
        }
      },
      { errorsExpected: true },
    ),
  )
})
