/**
 * A group whose only broker stops or crashes and comes back: its members go on where they were,
 * since what they committed and who they are is in `__consumer_offsets`.
 */

import { expect, test } from 'vitest'
import { type ClusterTest, onCluster, range } from './clusterSupport.ts'

const OPTIONS = {
  config: { 'group.initial.rebalance.delay.ms': 0, 'offsets.topic.num.partitions': 2 },
  errorsExpected: true,
}

const write = async (t: ClusterTest, from: number, count: number): Promise<void> => {
  const producer = t.producer()
  for (const i of range(count, from)) producer.send({ topic: 'orders', value: `${i}` })
  await producer.close()
}

/** To begin again from the bootstrap servers would be a change of metadata, and a rebalance. */
const settings = {
  'group.id': 'billing',
  'enable.auto.commit': false,
  'metadata.recovery.strategy': 'none',
} as const

for (const [how, end] of [
  ['stopped in order', 'stopBroker'],
  ['killed', 'killBroker'],
] as const) {
  test(
    `a consumer goes on in its generation when the broker was ${how}, and reads nothing twice`,
    onCluster(async (t) => {
      await t.createTopic('orders')
      const seen: string[] = []
      const consumer = t.consumer(settings)
      consumer.subscribe(['orders'])
      const readUntil = async (count: number): Promise<void> => {
        const deadlineMs = t.time.milliseconds() + 60_000
        while (seen.length < count) {
          expect(t.time.milliseconds(), `${count} records`).toBeLessThan(deadlineMs)
          for (const { value } of await consumer.poll(200)) seen.push(value ?? '')
        }
        await consumer.commitSync()
      }
      await write(t, 0, 20)
      await readUntil(20)
      const { generationId } = consumer.groupMetadata()
      const { port } = t.cluster.broker(1)
      await t.cluster[end](1)
      await t.time.sleep(500)
      await t.cluster.startBroker(1, port)
      await write(t, 20, 20)
      await readUntil(40)
      expect(consumer.groupMetadata().generationId).toBe(generationId)
      await consumer.close()
      expect(seen).toEqual(range(40).map(String))
      // Another consumer of the group starts where this one ended.
      await write(t, 40, 5)
      const next = t.consumer(settings)
      next.subscribe(['orders'])
      const values: (string | null)[] = []
      while (values.length < 5) for (const { value } of await next.poll(200)) values.push(value)
      expect(values).toEqual(range(5, 40).map(String))
    }, OPTIONS),
  )
}

test(
  'records that a dead member had not committed come to the next one, and no others',
  onCluster(async (t) => {
    await t.createTopic('orders')
    await write(t, 0, 30)
    const first = t.consumer({ ...settings, 'max.poll.records': 10, 'session.timeout.ms': 6000 })
    first.subscribe(['orders'])
    const seen: string[] = []
    while (seen.length < 10) for (const { value } of await first.poll(500)) seen.push(value ?? '')
    await first.commitSync()
    // It reads on, and is cut off from the world before it has committed.
    while (seen.length < 20) for (const { value } of await first.poll(500)) seen.push(value ?? '')
    t.world.network.faults.isolate('consumer')
    const second = t.consumer(settings, t.environment('second'))
    second.subscribe(['orders'])
    const values: string[] = []
    const deadlineMs = t.time.milliseconds() + 60_000
    while (values.length < 20) {
      expect(t.time.milliseconds()).toBeLessThan(deadlineMs)
      for (const { value } of await second.poll(500)) values.push(value ?? '')
    }
    expect(values).toEqual(range(20, 10).map(String))
    t.world.network.faults.healAll()
  }, OPTIONS),
)
