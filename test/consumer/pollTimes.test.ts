/**
 * How long `poll` sits still: no longer than until a failed lookup of a position may be tried
 * again, and no longer than its signal lets it.
 */

import { expect, test } from 'vitest'
import { Simulation } from '../../src/common/Simulation.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { nodes, tp0, tp1 } from './support/ConsumerHarness.ts'
import { setUpConsumer } from './support/consumerSetup.ts'
import { setUpMember } from './support/memberSetup.ts'

test('a lookup that failed is tried again after retry.backoff.ms, also in a longer poll', () => {
  const time = new Simulation({ seed: 3 })
  return time.run(async () => {
    const settings = { 'retry.backoff.ms': 100, 'retry.backoff.max.ms': 100 }
    const { consumer, client, assign, prepareOffsets, prepareRecords } = setUpConsumer({
      time,
      settings,
      nodes: nodes(2),
    })
    client.waitDuringPoll = true
    // The other broker has a fetch, and nothing to say: without one nobody waits long anyway.
    assign(tp1)
    consumer.seek(tp1, 0)
    await consumer.poll(0)
    expect(client.inFlightRequestCount('1')).toBe(1)
    consumer.assign([tp0, tp1])
    prepareOffsets([tp0, Errors.OFFSET_NOT_AVAILABLE])
    prepareOffsets([tp0, 5])
    prepareRecords(tp0, 5, 2)
    const startMs = time.milliseconds()
    const records = await consumer.poll(10_000)
    expect(Array.from(records, ({ offset }) => offset)).toEqual([5, 6])
    expect(time.milliseconds() - startMs).toBeGreaterThanOrEqual(100)
    expect(time.milliseconds() - startMs).toBeLessThan(300)
    await consumer.close(0)
  })
})

test('an abort was heard late when the heartbeat loop was in the network at that moment', () => {
  const time = new Simulation({ seed: 3 })
  return time.run(async () => {
    const { consumer, client, join } = setUpMember({ time })
    consumer.subscribe(['test'])
    await join(tp1)
    client.waitDuringPoll = true
    const reason = new Error('enough')
    const controller = new AbortController()
    const poll = client.poll.bind(client)
    const user = new Promise<number>((resolve) => {
      client.poll = async (timeoutMs, nowMs) => {
        client.poll = poll
        const startMs = time.milliseconds()
        const ended = consumer.poll({ signal: controller.signal })
        await time.sleep(1)
        // The wakeup that comes with it ends this round, and not the one that stands behind it.
        controller.abort(reason)
        resolve(ended.catch(() => time.milliseconds() - startMs).then(Number))
        return poll(timeoutMs, nowMs)
      }
    })
    expect(await user).toBe(1)
    await consumer.close(0)
  })
})
