/** Two loops want to poll one network client: the user's, and the heartbeat's. */

import { beforeEach, describe, expect, test } from 'vitest'
import type { ClientResponse } from '../../../src/clients/ClientResponse.ts'
import { MockClient } from '../../../src/clients/MockClient.ts'
import { requestBuilder } from '../../../src/clients/RequestBuilder.ts'
import { WakeupException } from '../../../src/common/errors.ts'
import type { Node } from '../../../src/common/Node.ts'
import { Simulation } from '../../../src/common/Simulation.ts'
import { ConsumerNetworkClient } from '../../../src/consumer/internals/ConsumerNetworkClient.ts'
import type { RequestFuture } from '../../../src/consumer/internals/RequestFuture.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { covers } from '../../support/covers.ts'
import { ConsumerHarness } from '../support/ConsumerHarness.ts'

const heartbeat = requestBuilder(ApiKeys.HEARTBEAT, { groupId: 'g', generationId: 1, memberId: '' })
const answer = { errorCode: 0 }

/** Waits as a real one does, and notices when its `poll` is entered twice at once. */
class GuardedClient extends MockClient {
  override waitDuringPoll = true
  /** What each poll was told to wait, milliseconds. */
  readonly polls: number[] = []
  /** Thrown by the next poll. */
  failure: Error | null = null
  private isPolling = false

  override async poll(timeoutMs: number, nowMs: number): Promise<ClientResponse[]> {
    if (this.isPolling) throw new Error('poll was entered twice at once')
    this.isPolling = true
    this.polls.push(timeoutMs)
    try {
      if (this.failure !== null) throw this.failure
      return await super.poll(timeoutMs, nowMs)
    } finally {
      this.isPolling = false
      this.failure = null
    }
  }
}

let simulation: Simulation
let client: GuardedClient
let consumerClient: ConsumerNetworkClient
let node: Node

beforeEach(() => {
  const harness = new ConsumerHarness()
  harness.updateMetadata()
  const { logger, metadata, trace } = harness
  simulation = new Simulation({ seed: 1 })
  node = metadata.fetch().nodes[0]!
  client = new GuardedClient(simulation, metadata)
  consumerClient = new ConsumerNetworkClient({
    logger,
    client,
    metadata,
    time: simulation,
    trace,
    retryBackoffMs: 100,
    requestTimeoutMs: 30_000,
    maxPollTimeoutMs: 5000,
  })
})

const send = (): RequestFuture<ClientResponse<typeof ApiKeys.HEARTBEAT>> =>
  consumerClient.send(node, heartbeat)
const elapsedMs = (): number => Math.floor(simulation.hiResClockMs())

describe('while the user waits in a poll', () => {
  /** Something is in flight, so that there is something to wait for. */
  const waitingUser = async (): Promise<void> => {
    send()
    await consumerClient.pollNoWakeup()
    client.polls.length = 0
    await consumerClient.poll(simulation.timer(4000))
  }

  test('the other loop does not poll, and does not wait either', () =>
    simulation.run(async () => {
      const user = waitingUser()
      await simulation.sleep(10)
      for (let i = 0; i < 5; i++) await consumerClient.pollNoWakeup()
      expect(elapsedMs()).toBe(10)
      expect(client.polls).toEqual([4000])
      await user
      expect(elapsedMs()).toBe(4000)
    }))

  test('what the other loop sends goes out at once', () =>
    simulation.run(async () => {
      const user = waitingUser()
      await simulation.sleep(10)
      send()
      await consumerClient.pollNoWakeup()
      await simulation.sleep(1)
      expect(client.requests()).toHaveLength(2)
      await user
    }))

  test('only what is queued wakes it: an idle heartbeat loop costs it no round', () =>
    simulation.run(async () => {
      const user = waitingUser()
      for (let i = 0; i < 20; i++) {
        await simulation.sleep(100)
        await consumerClient.pollNoWakeup()
        await consumerClient.transmitSends()
      }
      await user
      expect(client.polls).toEqual([4000])
    }))
})

describe('while the other loop is in a poll that does not wait', () => {
  test('the user waits for its turn, and then for as long as it may', () =>
    simulation.run(async () => {
      send()
      const other = consumerClient.pollNoWakeup()
      const user = consumerClient.poll(simulation.timer(4000))
      await Promise.all([other, user])
      expect(client.polls).toEqual([0, 4000])
      expect(elapsedMs()).toBe(4000)
    }))

  test('the user does not wait for what it has brought', () =>
    simulation.run(async () => {
      covers('ConsumerNetworkClientTest.testFutureCompletionOutsidePoll')
      const future = send()
      await consumerClient.pollNoWakeup()
      client.respond(ApiKeys.HEARTBEAT, answer)
      const other = consumerClient.pollNoWakeup()
      const user = consumerClient.pollFuture(future, simulation.timer(4000))
      await Promise.all([other, user])
      expect(future.succeeded()).toBe(true)
      expect(elapsedMs()).toBe(0)
    }))

  test('a wakeup was used up by it, and the user went on waiting', () =>
    simulation.run(async () => {
      send()
      const other = consumerClient.pollNoWakeup()
      const user = consumerClient.poll(simulation.timer(4000))
      consumerClient.wakeup()
      await other
      await expect(user).rejects.toThrow(WakeupException)
      expect(elapsedMs()).toBe(0)
    }))

  test('an error in it does not keep the user out', () =>
    simulation.run(async () => {
      send()
      client.failure = new Error('The selector has come to an end')
      const other = consumerClient.pollNoWakeup()
      const user = consumerClient.poll(simulation.timer(50))
      await expect(other).rejects.toThrow(/come to an end/)
      await user
      expect(client.polls).toEqual([0, 50])
    }))
})

describe('a handler that a poll begins with', () => {
  /** An answer that has come and that no handler has heard of. */
  const answered = async (handler: () => void): Promise<void> => {
    const future = send()
    future.addListener({ onSuccess: handler })
    await consumerClient.pollNoWakeup()
    client.respond(ApiKeys.HEARTBEAT, answer)
    await consumerClient.transmitSends()
    expect(future.isDone()).toBe(false)
  }

  test('may transmit: the poll was entered all the same, twice at once', () =>
    simulation.run(async () => {
      let transmitted: Promise<void> = Promise.resolve()
      await answered(() => {
        send()
        transmitted = consumerClient.transmitSends()
      })
      await consumerClient.poll(simulation.timer(50))
      await transmitted
      expect(client.requests()).toHaveLength(1)
    }))

  test('may throw: those who waited behind that poll waited for ever', () =>
    simulation.run(async () => {
      await answered(() => {
        throw new Error('The handler has failed')
      })
      // One is in its turn, two wait for theirs. The first of these fails before it begins.
      const first = consumerClient.transmitSends()
      const second = consumerClient.poll(simulation.timer(0))
      const third = consumerClient.poll(simulation.timer(50))
      await first
      await expect(second).rejects.toThrow(/handler has failed/)
      await third
    }))
})

test('of several that have waited for one turn, one begins at a time', () =>
  simulation.run(async () => {
    send()
    const all = [consumerClient.poll(simulation.timer(0))]
    for (let i = 0; i < 3; i++) {
      all.push(consumerClient.transmitSends(), consumerClient.poll(simulation.timer(0)))
    }
    await Promise.all(all)
    expect(client.polls).toEqual(Array.from(all, () => 0))
  }))

test('many polls at once take turns, and each has its own deadline', () =>
  simulation.run(async () => {
    send()
    await consumerClient.pollNoWakeup()
    const ended: number[] = []
    const poll = async (timeoutMs: number): Promise<void> => {
      await consumerClient.poll(simulation.timer(timeoutMs))
      ended.push(elapsedMs())
    }
    await Promise.all([poll(100), poll(250), poll(50)])
    // The last one's time was over when its turn came: it polls once, without waiting.
    expect(ended).toEqual([100, 250, 250])
    expect(client.polls.slice(1)).toEqual([100, 150, 0])
  }))

test('who transmits takes turns with a poll that waits as well: both began at once', () =>
  simulation.run(async () => {
    send()
    const first = consumerClient.transmitSends()
    const second = consumerClient.poll(simulation.timer(50))
    const third = consumerClient.transmitSends()
    await Promise.all([first, second, third])
    expect(client.requests()).toHaveLength(1)
  }))
