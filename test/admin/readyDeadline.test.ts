/**
 * How long calls wait for a node that is not ready: `request.timeout.ms` from the first try on, for
 * all of them together, and what is left of it is the time for the request.
 */

import { describe, expect, test } from 'vitest'
import type { Call } from '../../src/admin/internals/Call.ts'
import { CallsToSend, type NodeStep } from '../../src/admin/internals/CallsToSend.ts'
import { MockClient } from '../../src/clients/MockClient.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { Node } from '../../src/common/Node.ts'

const NODE = new Node(0, 'localhost', 8121)
/** It is only carried about. */
const callOf = (name: string): Call => ({ name }) as unknown as Call

const setUp = () => {
  const time = new MockTime()
  const client = new MockClient(time, {
    fetchNodes: () => [NODE],
    isUpdateNeeded: () => false,
    update: () => {},
    updateWithCurrentMetadata: () => {},
    close: () => {},
  })
  const calls = new CallsToSend({ client, requestTimeoutMs: 1000 })
  return {
    time,
    client,
    calls,
    step: (busy = false): NodeStep | undefined =>
      [...calls.steps(() => busy, time.milliseconds())][0],
    overdue: () =>
      [...calls.takeOverdue(time.milliseconds())].flatMap(({ calls }) =>
        calls.map((call) => (call as unknown as { name: string }).name),
      ),
  }
}

describe('calls for a node that is not ready', () => {
  test('wait at most request.timeout.ms, counted from the first try', () => {
    const { time, client, calls, step, overdue } = setUp()
    client.delayReady(NODE, 10_000)
    calls.add(NODE, callOf('first'))
    expect(step()).toEqual({ what: 'wait', waitMs: 1000 })
    time.sleep(400)
    // Another call, and another try, do not begin the time anew.
    calls.add(NODE, callOf('second'))
    expect(step()).toEqual({ what: 'wait', waitMs: 600 })
    time.sleep(599)
    expect(overdue()).toEqual([])
    time.sleep(1)
    expect(overdue()).toEqual(['first', 'second'])
    expect(step()).toBeUndefined()
  })

  test('wait no longer than the connection asks for', () => {
    const { client, calls, step } = setUp()
    client.backoff(NODE, 70)
    calls.add(NODE, callOf('first'))
    expect(step()).toEqual({ what: 'wait', waitMs: 70 })
  })

  test('have what is left of the time for the request, once the node is ready', () => {
    const { time, client, calls, step, overdue } = setUp()
    client.delayReady(NODE, 300)
    calls.add(NODE, callOf('first'))
    step()
    time.sleep(300)
    expect(step()).toMatchObject({ what: 'send', remainingRequestTimeMs: 700 })
    // The next one has not waited, and has all of it.
    time.sleep(5000)
    expect(step()).toMatchObject({ what: 'send', remainingRequestTimeMs: 1000 })
    expect(overdue()).toEqual([])
  })

  test('do not lose time while the node is busy with another call', () => {
    const { time, client, calls, step, overdue } = setUp()
    client.delayReady(NODE, 10_000)
    calls.add(NODE, callOf('first'))
    step()
    time.sleep(900)
    expect(step(true)).toBeUndefined()
    time.sleep(5000)
    expect(overdue()).toEqual([])
    expect(step()).toEqual({ what: 'wait', waitMs: 1000 })
    calls.forgetReadyDeadline(NODE)
    time.sleep(5000)
    expect(overdue()).toEqual([])
  })
})
