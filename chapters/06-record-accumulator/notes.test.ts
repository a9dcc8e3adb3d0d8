/**
 * The notes, checked: what the study notes say of the accumulator's neighbours, on a running
 * cluster. The claims about the accumulator itself are checked in accumulator.test.ts.
 */

import { describe, expect, test } from 'vitest'
import { onCluster, range } from '../../test/cluster/clusterSupport.ts'
import { note } from '../../test/support/notes.ts'

describe('N8: the client buffers for less I/O', () => {
  const requestsWith = async (lingerMs: number): Promise<number> => {
    let requests = 0
    await onCluster(async (t) => {
      const sent = t.events('producer.sender.sendProduceRequest')
      const producer = t.producer({ 'linger.ms': lingerMs })
      await producer.partitionsFor('orders')
      for (const i of range(50)) {
        producer.send({ topic: 'orders', value: `${i}` })
        await t.time.sleep(1)
      }
      await producer.flush()
      requests = sent.length
    })()
    return requests
  }

  test('a record each millisecond: fewer requests with a longer linger', async () => {
    note('N8', 'in part', 'less I/O is shown here; less garbage with the buffer pool: chapter 07')
    const [none, short, long] = [
      await requestsWith(0),
      await requestsWith(5),
      await requestsWith(25),
    ]
    expect([none, short, long]).toEqual([50, 9, 2])
  })
})

describe('N42: append, and then a wake-up', () => {
  test(
    'the sender is woken by a batch that is new or full, not by every record',
    onCluster(async (t) => {
      note('N42', 'holds with a condition', 'only for a full or new batch; with one thread no lock')
      const producer = t.producer({ 'linger.ms': 1000, 'batch.size': 1000 })
      await producer.partitionsFor('orders')
      const woken = t.events('producer.sender.wakeup')
      const before = woken.length
      const wakeUps = range(3).map(() => {
        producer.send({ topic: 'orders', value: 'x'.repeat(400) })
        return woken.length - before
      })
      // New; neither new nor full; a second batch, and the first one is full.
      expect(wakeUps).toEqual([1, 1, 2])
    }),
  )
})

describe('N60: from drained batches to requests', () => {
  test(
    'one request for each broker, with a batch of each of its partitions, in flight until answered',
    onCluster(
      async (t) => {
        note('N60', 'holds', 'a broker that takes no request now is left out before the drain')
        await t.createTopic('orders', 4)
        const producer = t.producer({ 'linger.ms': 5 })
        const partitions = await producer.partitionsFor('orders')
        const sent = t.events('producer.sender.sendProduceRequest')
        const futures = range(4).map((partition) =>
          producer.send({ topic: 'orders', partition, value: 'v' }),
        )
        // Time for the connections, and not for the answers.
        await t.time.sleep(250)
        const leaders = new Set(partitions.map(({ leader }) => leader!.id))
        expect(sent.map(({ fields }) => fields.node).toSorted()).toEqual([...leaders].toSorted())
        expect(sent.map(({ fields }) => fields.partitions.length)).toEqual([2, 2])
        expect(producer.snapshot().inFlight).toHaveLength(4)
        await Promise.all(futures)
        expect(producer.snapshot().inFlight).toEqual([])
      },
      { brokers: 2, link: { latencyMs: 50 } },
    ),
  )
})
