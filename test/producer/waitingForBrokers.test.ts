/** How long the Sender waits for a broker that is not ready: no longer than it must. */

import { expect, it } from 'vitest'
import { producerWorld } from './producerWorld.ts'

it('a broker in reconnect back-off gets its records as soon as that is over', async () => {
  await producerWorld({ 'linger.ms': 0 }, async ({ producer, client, metadata, time }) => {
    await producer.send({ topic: 't', value: 'before' })
    const [node] = metadata.fetch().nodes
    client.disconnect(node!.idString())
    client.backoff(node!, 300)
    const startMs = time.milliseconds()
    await producer.send({ topic: 't', value: 'after' })
    const tookMs = time.milliseconds() - startMs
    expect(tookMs).toBeGreaterThanOrEqual(300)
    // Not at delivery.timeout.ms, which is when there would be something to do otherwise.
    expect(tookMs).toBeLessThan(310)
  })
})

it('a throttled broker gets its records as soon as it may be asked again', async () => {
  await producerWorld({ 'linger.ms': 0 }, async ({ producer, client, metadata, time }) => {
    await producer.send({ topic: 't', value: 'before' })
    client.throttle(metadata.fetch().nodes[0]!, 700)
    const startMs = time.milliseconds()
    await producer.send({ topic: 't', value: 'after' })
    expect(time.milliseconds() - startMs).toBeGreaterThanOrEqual(700)
    expect(time.milliseconds() - startMs).toBeLessThan(710)
  })
})
