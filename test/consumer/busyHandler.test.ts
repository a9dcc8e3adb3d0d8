/**
 * A handler that computes and never waits: the program comes back for the next records without
 * giving the event loop a turn, and nothing but its own polls can send a heartbeat.
 */

import { expect, test } from 'vitest'
import { macrotask } from '#platform'
import type { ClientRequest } from '../../src/clients/ClientRequest.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { batch, fetchResponse, tp0 } from './support/ConsumerHarness.ts'
import { heartbeatIntervalMs, setUpMember } from './support/memberSetup.ts'

const RECORDS = 60
const HANDLING_MS = 500

test('a handler that only computes kept the heartbeat from going out (kafkajs #375)', async () => {
  const time = new MockTime()
  const { client, consumer, join } = setUpMember({
    time,
    settings: { 'max.poll.records': 1, 'enable.auto.commit': false },
  })
  consumer.subscribe([tp0.topic])
  await join(tp0)
  // As a real one: I/O takes a turn of the event loop.
  const poll = client.poll.bind(client)
  client.poll = async (timeoutMs, nowMs) => {
    await macrotask()
    return poll(timeoutMs, nowMs)
  }
  const beats: number[] = []
  const send = client.send.bind(client)
  client.send = (request: ClientRequest, nowMs: number) => {
    send(request, nowMs)
    if (request.apiKey !== ApiKeys.HEARTBEAT) return
    beats.push(time.milliseconds())
    client.respondToRequest(request, ApiKeys.HEARTBEAT, { errorCode: 0 })
  }
  const fetched = client.requests().find(({ apiKey }) => apiKey === ApiKeys.FETCH)!
  client.respondToRequest(
    fetched,
    ApiKeys.FETCH,
    fetchResponse([[tp0, { records: batch({ count: RECORDS }) }]]),
  )

  let seen = 0
  while (seen < RECORDS) {
    for (const _record of await consumer.poll(0)) {
      seen++
      time.sleep(HANDLING_MS)
    }
  }
  const gaps = beats.slice(1).map((atMs, i) => atMs - beats[i]!)
  expect(beats.length).toBeGreaterThanOrEqual((RECORDS * HANDLING_MS) / heartbeatIntervalMs / 2)
  for (const gap of gaps) expect(gap).toBeLessThanOrEqual(heartbeatIntervalMs + 2 * HANDLING_MS)
  await consumer.close(0)
})
