/**
 * A loop over records in a group, and its offsets: nothing is committed that its body has not
 * finished, however the loop, the consumer or the program ends.
 */

import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../src/common/Random.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { OffsetAndMetadata } from '../../src/consumer/OffsetAndMetadata.ts'
import { type ClusterTest, type ConsumerSettings, onCluster, range } from './clusterSupport.ts'

const P0 = new TopicPartition('orders', 0)
const AT_ONCE = {
  config: { 'group.initial.rebalance.delay.ms': 0, 'offsets.topic.num.partitions': 1 },
}

const write = async (t: ClusterTest, count: number, partitions = 1): Promise<void> => {
  await t.createTopic('orders', partitions)
  const producer = t.producer()
  for (const i of range(count)) {
    producer.send({ topic: 'orders', partition: i % partitions, value: String(i) })
  }
  await producer.flush()
}

const member = (t: ClusterTest, settings: ConsumerSettings = {}) => {
  const consumer = t.consumer({
    'group.id': 'billing',
    'auto.commit.interval.ms': 20,
    'max.poll.records': 10,
    ...settings,
  })
  consumer.subscribe(['orders'])
  return consumer
}

/** What the group has committed, asked by somebody outside. */
const committed = async (t: ClusterTest): Promise<number | undefined> => {
  const reader = t.consumer({ 'group.id': 'billing', 'client.id': 'reader' })
  const offsets = await reader.committed([P0])
  await reader.close()
  return offsets.get(P0)?.offset
}

describe('what is committed in the background', () => {
  test(
    'is what the body has finished, when the loop is left and the consumer closed',
    onCluster(async (t) => {
      await write(t, 25)
      const consumer = member(t)
      for await (const { offset } of consumer.records()) {
        await t.time.sleep(5)
        if (offset === 13) break
      }
      await consumer.close()
      expect(await committed(t)).toBe(13)
      const next = member(t)
      expect((await next.records().next()).value?.offset).toBe(13)
    }, AT_ONCE),
  )

  test(
    'never overtakes the body, whenever one looks',
    onCluster(async (t) => {
      await write(t, 60)
      const consumer = member(t)
      const reader = t.consumer({ 'group.id': 'billing', 'client.id': 'reader' })
      const controller = new AbortController()
      const seen: string[] = []
      for await (const { offset } of consumer.records({ signal: controller.signal })) {
        const stored = (await reader.committed([P0])).get(P0)?.offset ?? 0
        if (stored > offset) seen.push(`${stored} while the body has ${offset}`)
        await t.time.sleep(3)
        if (offset === 59) controller.abort()
      }
      expect(seen).toEqual([])
      await consumer.close()
      expect(await committed(t)).toBe(60)
    }, AT_ONCE),
  )

  test(
    'has nothing that only lay in a buffer when the program dies (a peer lost it)',
    onCluster(
      async (t) => {
        await write(t, 50)
        const dying = t.consumer(
          { 'group.id': 'billing', 'auto.commit.interval.ms': 20, 'max.poll.records': 10 },
          t.environment('far'),
        )
        dying.subscribe(['orders'])
        let last = -1
        for await (const { offset } of dying.records()) {
          last = offset
          await t.time.sleep(5)
          if (offset === 33) break
        }
        // It is cut off with most of its last poll in its hands, and never heard of again.
        t.world.network.faults.isolate('far')
        expect(last).toBe(33)
        const offset = await committed(t)
        expect(offset).toBeGreaterThan(20)
        expect(offset).toBeLessThanOrEqual(33)
        t.world.network.faults.healAll()
      },
      { ...AT_ONCE, errorsExpected: true },
    ),
  )

  test(
    'does not have the record in hand when somebody else closes the consumer',
    onCluster(async (t) => {
      await write(t, 10)
      const consumer = member(t)
      const closing = t.time.sleep(500).then(() => consumer.close())
      for await (const { offset } of consumer.records()) {
        if (offset < 4) continue
        // The program works on it, and is told to end.
        await closing
        break
      }
      expect(await committed(t)).toBe(4)
    }, AT_ONCE),
  )

  test.each(['subscribe', 'assign'] as const)(
    'is what the body had finished when it closed the consumer, and its loop ends there (%s)',
    (way) =>
      onCluster(async (t) => {
        await write(t, 10)
        const consumer = t.consumer({ 'group.id': 'billing' })
        if (way === 'subscribe') consumer.subscribe(['orders'])
        else consumer.assign([P0])
        const seen: number[] = []
        for await (const { offset } of consumer.records()) {
          seen.push(offset)
          if (offset === 3) await consumer.close()
        }
        expect(seen).toEqual(range(4))
        expect(await committed(t)).toBe(3)
      }, AT_ONCE)(),
  )

  test(
    'does not have it either when the program reads something else from here on',
    onCluster(async (t) => {
      await write(t, 10)
      const consumer = t.consumer({ 'group.id': 'billing', 'auto.commit.interval.ms': 0 })
      consumer.assign([P0])
      const iterator = consumer.records()
      for (const _ of range(4)) await iterator.next()
      consumer.assign([new TopicPartition('orders', 1)])
      await consumer.close()
      expect(await committed(t)).toBe(3)
    }, AT_ONCE),
  )
})

test(
  'a body that subscribes to something else gets no more of what it has left',
  onCluster(async (t) => {
    await write(t, 10)
    await t.createTopic('bills', 1)
    const producer = t.producer()
    for (const i of range(3)) producer.send({ topic: 'bills', value: String(i) })
    await producer.flush()
    const consumer = member(t)
    const seen: string[] = []
    for await (const { topic, offset } of consumer.records()) {
      seen.push(`${topic}@${offset}`)
      if (seen.length === 2) consumer.subscribe(['bills'])
      if (seen.length === 5) break
    }
    expect(seen).toEqual(['orders@0', 'orders@1', 'bills@0', 'bills@1', 'bills@2'])
    // What it had finished was committed before it was given up.
    expect(await committed(t)).toBe(2)
  }, AT_ONCE),
)

test(
  'one who leaves while he waits is not kept waiting, as a stream that is destroyed does',
  onCluster(async (t) => {
    await write(t, 1)
    const consumer = member(t)
    const records = consumer.records()
    await records.next()
    const waiting = records.next()
    await t.time.sleep(1000)
    const startMs = t.time.milliseconds()
    expect(await records.return!()).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
    // There is no poll any more that nobody could end.
    await consumer.close()
    expect(t.time.milliseconds() - startMs).toBeLessThan(100)
    expect(await committed(t)).toBe(1)
  }, AT_ONCE),
)

describe('a commit in the body', () => {
  const BY_HAND = { 'enable.auto.commit': false } as const

  test(
    'has the record in hand, as the offset of the next one (a peer: PR #196)',
    onCluster(async (t) => {
      await write(t, 10)
      const consumer = member(t, BY_HAND)
      for await (const { offset } of consumer.records()) {
        await consumer.commitSync()
        expect(await committed(t)).toBe(offset + 1)
        if (offset === 4) break
      }
      expect((await consumer.records().next()).value?.offset).toBe(5)
      await consumer.close()
      expect(await committed(t)).toBe(5)
    }, AT_ONCE),
  )

  test(
    'that names offsets finishes the record if they lie behind it',
    onCluster(async (t) => {
      await write(t, 10)
      const consumer = member(t, BY_HAND)
      const firstAfter = async (ahead: number): Promise<number | undefined> => {
        for await (const { offset } of consumer.records()) {
          await consumer.commitSync([[P0, new OffsetAndMetadata(offset + ahead)]])
          break
        }
        return consumer.position(P0)
      }
      expect(await firstAfter(0)).toBe(0)
      expect(await firstAfter(1)).toBe(1)
      expect(await committed(t)).toBe(1)
    }, AT_ONCE),
  )

  test(
    'costs no fetch, and ends by its signal when nobody answers',
    onCluster(
      async (t) => {
        await write(t, 10)
        const consumer = member(t, BY_HAND)
        const fetches = t.events('consumer.fetcher.sendFetches')
        let sent = 0
        for await (const { offset } of consumer.records()) {
          consumer.commitAsync()
          if (offset === 0) sent = fetches.length
          if (offset === 9) break
        }
        expect(fetches.length).toBe(sent)
        await t.cluster.close()
        const reason = new Error('enough')
        const controller = new AbortController()
        void t.time.sleep(300).then(() => controller.abort(reason))
        await expect(consumer.commitSync({ signal: controller.signal })).rejects.toBe(reason)
      },
      { ...AT_ONCE, errorsExpected: true },
    ),
  )
})

describe('a callback of a commit', () => {
  test(
    'may commit again and wait for it: poll returns when that is over',
    onCluster(async (t) => {
      await write(t, 10)
      const consumer = member(t, { 'enable.auto.commit': false })
      let count = 0
      while (count < 10) count += (await consumer.poll(100)).count()
      t.cluster.faults.on({ api: 'OFFSET_COMMIT' }).error('COORDINATOR_LOAD_IN_PROGRESS')
      const events: string[] = []
      consumer.commitAsync((_offsets, error) => {
        events.push(error!.constructor.name)
        void consumer.commitSync().then(() => events.push('committed'))
      })
      while (events.length === 0) await consumer.poll(100)
      expect(events).toEqual(['RetriableCommitFailedException', 'committed'])
      expect(await committed(t)).toBe(10)
    }, AT_ONCE),
  )
})

test(
  'an abort ends a poll that waits for the group, and the next one goes on joining',
  onCluster(async (t) => {
    await write(t, 3)
    const consumer = member(t)
    const reason = new Error('enough')
    for (const _ of range(4)) {
      const controller = new AbortController()
      void t.time.sleep(500).then(() => controller.abort(reason))
      const startMs = t.time.milliseconds()
      await expect(consumer.poll({ signal: controller.signal })).rejects.toBe(reason)
      expect(t.time.milliseconds() - startMs).toBeLessThan(520)
    }
    // A new group waits three seconds for more members.
    expect((await consumer.poll(5000)).count()).toBe(3)
    expect(consumer.groupMetadata().generationId).toBe(1)
  }),
)

test.each(range(4))('members that read in loops and come and go miss nothing (seed %i)', (seed) =>
  onCluster(
    async (t) => {
      const random = new SeededRandom(seed + 1)
      await write(t, 60, 3)
      const done = new Set<string>()
      const reader = async (): Promise<void> => {
        while (done.size < 60) {
          const consumer = member(t, {
            'max.poll.records': 1 + random.nextInt(5),
            'partition.assignment.strategy': seed % 2 === 0 ? 'range' : 'cooperative-sticky',
          })
          const controller = new AbortController()
          const give = setBack(t, 500 + random.nextInt(2000), controller)
          let left = 1 + random.nextInt(20)
          for await (const { value } of consumer.records({ signal: controller.signal })) {
            await t.time.sleep(random.nextInt(20))
            if (left-- === 0) break
            done.add(value!)
          }
          give()
          await consumer.close()
        }
      }
      await Promise.all([reader(), reader(), reader()])
      expect([...done].map(Number).sort((a, b) => a - b)).toEqual(range(60))
    },
    { ...AT_ONCE, seed: seed + 1 },
  )(),
)

test.each(range(4))(
  'at least once, and nothing twice after its commit, however the body ends (seed %i)',
  (seed) =>
    onCluster(
      async (t) => {
        const random = new SeededRandom(seed + 1)
        await write(t, 24, 2)
        const done: string[] = []
        const afterCommit: string[] = []
        const isCommitted = new Set<string>()
        while (new Set(done).size < 24) {
          const autoCommit = random.nextInt(2) === 0
          const consumer = member(t, {
            'enable.auto.commit': autoCommit,
            'max.poll.records': 1 + random.nextInt(7),
          })
          const controller = new AbortController()
          const leave = random.nextInt(12)
          const doneHere: string[] = []
          const give = setBack(t, 1000, controller)
          try {
            for await (const { value } of consumer.records({ signal: controller.signal })) {
              if (isCommitted.has(value!)) afterCommit.push(value!)
              if (random.nextInt(4) === 0) await t.time.sleep(random.nextInt(30))
              if (doneHere.length === leave) {
                const how = random.nextInt(4)
                if (how === 0) break
                if (how === 1) throw new Error('the body fails')
                if (how === 2) controller.abort()
                if (how === 3 && !autoCommit) await consumer.commitSync()
              }
              done.push(value!)
              doneHere.push(value!)
              if (!autoCommit && random.nextInt(3) === 0) {
                await consumer.commitSync()
                for (const each of doneHere) isCommitted.add(each)
              }
            }
          } catch (error) {
            expect((error as Error).message).toBe('the body fails')
          } finally {
            give()
            await consumer.close()
          }
        }
        expect([...new Set(done)].map(Number).sort((a, b) => a - b)).toEqual(range(24))
        expect(afterCommit).toEqual([])
      },
      { ...AT_ONCE, seed: seed + 1 },
    )(),
)

/** Ends a loop that has nothing left to read. */
const setBack = (t: ClusterTest, afterMs: number, controller: AbortController): (() => void) => {
  const scheduled = t.time.schedule(afterMs, () => controller.abort())
  return () => scheduled.cancel()
}
