/**
 * A member that is woken in the middle of giving up its partitions gets them again, and reads them.
 *
 * In Kafka 4.3.1 it does not: a `WakeupException` out of the listener, or during the commit before
 * the join, leaves the partitions marked as given up, and the consumer stands still without a word.
 */

import { expect, test } from 'vitest'
import { WakeupException } from '../../src/common/errors.ts'
import { type ClusterTest, onCluster, type StringConsumer } from './clusterSupport.ts'

const OPTIONS = { config: { 'group.initial.rebalance.delay.ms': 0 } }

const send = async (t: ClusterTest, ...values: string[]): Promise<void> => {
  const producer = t.producer()
  for (const value of values) await producer.send({ topic: 'orders', partition: 0, value })
  await producer.close()
}

/** What some polls bring; a wakeup is counted and the next poll made. */
const read = async (consumer: StringConsumer, count: number, polls = 100) => {
  const values: (string | null)[] = []
  let wakeups = 0
  for (let i = 0; i < polls && values.length < count; i++) {
    try {
      for (const { value } of await consumer.poll(100)) values.push(value)
    } catch (error) {
      if (!(error instanceof WakeupException)) throw error
      wakeups++
    }
  }
  return { values, wakeups }
}

const memberOf = (t: ClusterTest): StringConsumer =>
  t.consumer({ 'group.id': 'billing', 'heartbeat.interval.ms': 500 })

test(
  'a listener that ends in a wakeup does not keep its partitions from being read again',
  onCluster(async (t) => {
    await t.createTopic('orders', 1)
    await send(t, '0', '1')
    const consumer = memberOf(t)
    let isWoken = false
    consumer.subscribe(['orders'], {
      onPartitionsRevoked() {
        if (isWoken) return
        isWoken = true
        throw new WakeupException('woken in the listener')
      },
    })
    expect(await read(consumer, 2)).toEqual({ values: ['0', '1'], wakeups: 0 })
    consumer.enforceRebalance()
    await send(t, '2', '3')
    expect(await read(consumer, 2)).toEqual({ values: ['2', '3'], wakeups: 1 })
    await consumer.close()
  }, OPTIONS),
)

test(
  'nor does a wakeup during the commit before the join',
  onCluster(async (t) => {
    await t.createTopic('orders', 1)
    await send(t, '0', '1')
    const consumer = memberOf(t)
    consumer.subscribe(['orders'])
    expect(await read(consumer, 2)).toEqual({ values: ['0', '1'], wakeups: 0 })
    t.cluster.faults.on({ api: 'OFFSET_COMMIT', times: 1 }).delay(300)
    consumer.enforceRebalance()
    await send(t, '2', '3')
    const reading = read(consumer, 2)
    await t.time.sleep(50)
    consumer.wakeup()
    expect(await reading).toEqual({ values: ['2', '3'], wakeups: 1 })
    await consumer.close()
  }, OPTIONS),
)
