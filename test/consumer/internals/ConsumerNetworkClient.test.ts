import { beforeEach, describe, expect, test } from 'vitest'
import type { ClientRequest } from '../../../src/clients/ClientRequest.ts'
import type { ClientResponse } from '../../../src/clients/ClientResponse.ts'
import { MockClient } from '../../../src/clients/MockClient.ts'
import { requestBuilder } from '../../../src/clients/RequestBuilder.ts'
import {
  AuthenticationException,
  InvalidTopicException,
  TopicAuthorizationException,
} from '../../../src/common/errors/ApiExceptions.ts'
import {
  DisconnectException,
  IllegalArgumentException,
  IllegalStateException,
  KafkaException,
  TimeoutException,
  WakeupException,
} from '../../../src/common/errors.ts'
import type { Node } from '../../../src/common/Node.ts'
import { Simulation } from '../../../src/common/Simulation.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionSet } from '../../../src/common/TopicPartitionSet.ts'
import { ConsumerNetworkClient } from '../../../src/consumer/internals/ConsumerNetworkClient.ts'
import type { RequestFuture } from '../../../src/consumer/internals/RequestFuture.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { ConsumerHarness, metadataResponse } from '../support/ConsumerHarness.ts'

let harness: ConsumerHarness
let client: MockClient
let consumerClient: ConsumerNetworkClient
let node: Node

const question = requestBuilder(ApiKeys.LIST_OFFSETS, { replicaId: -1, topics: [] })
const answer = { topics: [] }
const send = (timeoutMs?: number): RequestFuture<ClientResponse<typeof ApiKeys.LIST_OFFSETS>> =>
  consumerClient.send(node, question, timeoutMs)
const prepareAnswer = (): void => client.prepareResponse(ApiKeys.LIST_OFFSETS, answer)

beforeEach(() => {
  harness = new ConsumerHarness()
  harness.updateMetadata()
  ;({ client, consumerClient } = harness)
  node = harness.metadata.fetch().nodes[0]!
})

/** A consumer's network client around a client of another kind. */
const around = (other: MockClient, requestTimeoutMs = 1000): ConsumerNetworkClient => {
  const { logger, metadata, time, trace } = harness
  client = other
  consumerClient = new ConsumerNetworkClient({
    logger,
    client,
    metadata,
    time,
    trace,
    retryBackoffMs: 100,
    requestTimeoutMs,
    maxPollTimeoutMs: 2 ** 31 - 1,
  })
  return consumerClient
}

describe('sending', () => {
  test('queues, and the next poll sends and brings the answer', async () => {
    covers('ConsumerNetworkClientTest.send')
    prepareAnswer()
    const future = send()
    expect(consumerClient.pendingRequestCount()).toBe(1)
    expect(consumerClient.pendingRequestCount(node)).toBe(1)
    expect(future.isDone()).toBe(false)
    expect(await consumerClient.pollFuture(future)).toBe(true)
    expect(future.succeeded()).toBe(true)
    expect(future.value().responseBody?.topics).toEqual([])
    expect(consumerClient.hasPendingRequests()).toBe(false)
  })

  test('twice to one node brings two answers', async () => {
    covers('ConsumerNetworkClientTest.multiSend')
    prepareAnswer()
    prepareAnswer()
    const [first, second] = [send(), send()]
    expect(consumerClient.pendingRequestCount(node)).toBe(2)
    expect(await consumerClient.awaitPendingRequests(node, harness.time.timer(1000))).toBe(true)
    expect(first.succeeded()).toBe(true)
    expect(second.succeeded()).toBe(true)
  })

  test('asks a node that is not ready once, and one that is for each request', () => {
    covers('ConsumerNetworkClientTest.testTrySend')
    let asked = 0
    let isReady = false
    class Slow extends MockClient {
      override ready(to: Node, nowMs: number): boolean {
        asked++
        return isReady && super.ready(to, nowMs)
      }
    }
    around(new Slow(harness.time, harness.metadata))
    send()
    send()
    consumerClient.trySend(harness.time.milliseconds())
    expect(asked).toBe(1)
    expect(client.inFlightRequestCount(node.idString())).toBe(0)

    asked = 0
    isReady = true
    consumerClient.trySend(harness.time.milliseconds())
    expect(asked).toBe(2)
    expect(consumerClient.pendingRequestCount(node)).toBe(2)
    expect(client.inFlightRequestCount(node.idString())).toBe(2)
  })

  test('had to wait for the next poll although the connection was made in this one', async () => {
    let isConnected = false
    class Connecting extends MockClient {
      override ready(to: Node, nowMs: number): boolean {
        return isConnected && super.ready(to, nowMs)
      }
      override async poll(timeoutMs: number, nowMs: number): Promise<ClientResponse[]> {
        isConnected = true
        return super.poll(timeoutMs, nowMs)
      }
    }
    around(new Connecting(harness.time, harness.metadata))
    send()
    await consumerClient.poll(harness.time.timer(0))
    expect(client.inFlightRequestCount()).toBe(1)
  })

  test('gets out and nothing else with transmitSends: no handler runs, no wakeup is raised', async () => {
    prepareAnswer()
    const future = send()
    consumerClient.wakeup()
    await consumerClient.transmitSends()
    expect(future.isDone()).toBe(false)
    await consumerClient.pollNoWakeup()
    expect(future.succeeded()).toBe(true)
  })
})

describe('a request that fails', () => {
  test('to be sent was lost, and nobody ever heard of it', async () => {
    let isBroken = true
    class Broken extends MockClient {
      override send(request: ClientRequest, nowMs: number): void {
        if (isBroken) throw new IllegalStateException('The selector has no such channel')
        super.send(request, nowMs)
      }
    }
    around(new Broken(harness.time, harness.metadata))
    const future = send()
    const poll = () => consumerClient.poll(harness.time.timer(0))
    await expect(poll()).rejects.toThrow(IllegalStateException)
    expect(consumerClient.pendingRequestCount(node)).toBe(1)
    await expect(poll()).rejects.toThrow(IllegalStateException)

    isBroken = false
    prepareAnswer()
    await poll()
    expect(future.succeeded()).toBe(true)
  })

  test('to be written stood in the way of all behind it: it fails alone', async () => {
    let sent = 0
    class Strict extends MockClient {
      override send(request: ClientRequest, nowMs: number): void {
        if (sent++ === 0) throw new IllegalArgumentException('1.5 is no whole number')
        super.send(request, nowMs)
      }
    }
    around(new Strict(harness.time, harness.metadata))
    const [unfit, next] = [send(), send()]
    prepareAnswer()
    await consumerClient.pollFuture(next)
    expect([unfit.exception().message, next.succeeded()]).toEqual(['1.5 is no whole number', true])
    expect(consumerClient.pendingRequestCount(node)).toBe(0)
  })

  test('because the login was refused fails so again within the back-off', async () => {
    covers('ConsumerNetworkClientTest.sendWithinBackoffPeriodAfterAuthenticationFailure')
    client.authenticationFailed(node, 300)
    prepareAnswer()
    const future = send()
    await consumerClient.pollFuture(future)
    expect(future.exception()).toBeInstanceOf(AuthenticationException)

    await harness.time.sleep(30)
    expect(client.connectionFailed(node)).toBe(true)
    const again = send()
    await consumerClient.pollFuture(again)
    expect(again.exception()).toBeInstanceOf(AuthenticationException)
  })

  test('because the connection is given up before it was sent', async () => {
    covers('ConsumerNetworkClientTest.testDisconnectWithUnsentRequests')
    const future = send()
    expect(consumerClient.hasPendingRequests(node)).toBe(true)
    expect(client.hasInFlightRequests(node.idString())).toBe(false)
    consumerClient.disconnectAsync(node)
    await consumerClient.pollNoWakeup()
    expect(future.exception()).toBeInstanceOf(DisconnectException)
  })

  test('because the connection is given up while it is in flight', async () => {
    covers('ConsumerNetworkClientTest.testDisconnectWithInFlightRequests')
    const future = send()
    await consumerClient.pollNoWakeup()
    expect(consumerClient.hasPendingRequests(node)).toBe(true)
    expect(client.hasInFlightRequests(node.idString())).toBe(true)
    consumerClient.disconnectAsync(node)
    await consumerClient.pollNoWakeup()
    expect(future.exception()).toBeInstanceOf(DisconnectException)
  })

  test('because no connection was made in time', async () => {
    covers('ConsumerNetworkClientTest.testTimeoutUnsentRequest')
    client.delayReady(node, 1000)
    const future = send(500)
    await consumerClient.pollNoWakeup()
    expect(consumerClient.hasPendingRequests()).toBe(true)
    expect(client.hasInFlightRequests()).toBe(false)
    await harness.time.sleep(501)
    await consumerClient.pollNoWakeup()
    expect(consumerClient.hasPendingRequests()).toBe(false)
    expect(future.exception()).toBeInstanceOf(TimeoutException)
    expect(future.exception().message).toMatch(/within 500 ms/)
  })

  test('does so by itself: younger ones wait on, until the connection is lost', async () => {
    covers('ConsumerNetworkClientTest.sendExpiry')
    let isReady = false
    let isDisconnected = false
    class Slow extends MockClient {
      override ready(to: Node, nowMs: number): boolean {
        return isReady && super.ready(to, nowMs)
      }
      override connectionFailed(): boolean {
        return isDisconnected
      }
    }
    around(new Slow(harness.time, harness.metadata), 10)
    const first = send()
    await harness.time.sleep(11)
    const second = send()
    expect(consumerClient.pendingRequestCount(node)).toBe(2)
    await consumerClient.poll(harness.time.timer(0))
    expect(first.failed()).toBe(true)
    expect(second.isDone()).toBe(false)
    expect(consumerClient.pendingRequestCount(node)).toBe(1)

    isReady = true
    prepareAnswer()
    await consumerClient.pollFuture(second)
    expect(second.succeeded()).toBe(true)

    isReady = false
    const third = send()
    isDisconnected = true
    await consumerClient.poll(harness.time.timer(0))
    expect(third.exception()).toBeInstanceOf(DisconnectException)
    expect(consumerClient.pendingRequestCount()).toBe(0)
  })
})

describe('waiting', () => {
  /** What the network client is told to wait. */
  const noteTimeouts = (inFlight: number): number[] => {
    const timeouts: number[] = []
    class Noting extends MockClient {
      override inFlightRequestCount(): number {
        return inFlight
      }
      override async poll(timeoutMs: number): Promise<never[]> {
        timeouts.push(timeoutMs)
        return []
      }
    }
    around(new Noting(harness.time, harness.metadata))
    return timeouts
  }

  test('is left out when what is waited for has happened', async () => {
    covers('ConsumerNetworkClientTest.doNotBlockIfPollConditionIsSatisfied')
    const timeouts = noteTimeouts(1)
    await consumerClient.poll(harness.time.timer(4000), { shouldBlock: () => false })
    expect(timeouts).toEqual([0])
  })

  test('lasts as long as it may when what is waited for has not happened', async () => {
    covers('ConsumerNetworkClientTest.blockWhenPollConditionNotSatisfied')
    const timeouts = noteTimeouts(1)
    await consumerClient.poll(harness.time.timer(4000), { shouldBlock: () => true })
    expect(timeouts).toEqual([4000])
  })

  test('lasts five seconds at most: then somebody looks up', async () => {
    const timeouts = noteTimeouts(1)
    await consumerClient.poll(harness.time.timer(60_000))
    expect(timeouts).toEqual([5000])
  })

  test('lasts one back-off when nothing is in flight, for then nothing will come', async () => {
    covers('ConsumerNetworkClientTest.blockOnlyForRetryBackoffIfNoInflightRequests')
    const timeouts = noteTimeouts(0)
    await consumerClient.poll(harness.time.timer(4000), { shouldBlock: () => true })
    expect(timeouts).toEqual([100])
  })

  test('for metadata ends with the time when none comes', async () => {
    covers('ConsumerNetworkClientTest.testAwaitForMetadataUpdateWithTimeout')
    client.advanceTimeDuringPoll = true
    client.leastLoadedNode = () =>
      ({ node: null, hasNodeAvailableOrConnectionReady: () => false }) as never
    expect(await consumerClient.awaitMetadataUpdate(harness.time.timer(10))).toBe(false)
  })

  test('for metadata ends when it comes', async () => {
    client.prepareMetadataUpdate(metadataResponse())
    expect(await consumerClient.awaitMetadataUpdate(harness.time.timer(10))).toBe(true)
  })
})

describe('wakeup', () => {
  test('ends the next poll, once, and leaves the request alone', async () => {
    covers('ConsumerNetworkClientTest.wakeup')
    const future = send()
    consumerClient.wakeup()
    await expect(consumerClient.poll(harness.time.timer(0))).rejects.toThrow(WakeupException)
    prepareAnswer()
    client.respond(ApiKeys.LIST_OFFSETS, answer)
    await consumerClient.pollFuture(future)
    expect(future.isDone()).toBe(true)
  })

  test('is kept for later while wakeups are not wanted, and dropped for ever when closing', async () => {
    consumerClient.wakeup()
    await consumerClient.pollNoWakeup()
    await expect(consumerClient.poll(harness.time.timer(0))).rejects.toThrow(WakeupException)
    consumerClient.wakeup()
    consumerClient.disableWakeups()
    await consumerClient.poll(harness.time.timer(0))
  })
})

describe('a poll that waits', () => {
  /** Everything on virtual time, so that a poll really waits. */
  const simulate = (body: (simulation: Simulation) => Promise<void>): Promise<void> => {
    const simulation = new Simulation({ seed: 1 })
    const waiting = new MockClient(simulation, harness.metadata)
    waiting.waitDuringPoll = true
    const { logger, metadata, trace } = harness
    client = waiting
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
    return simulation.run(() => body(simulation))
  }

  test('is woken by a disconnection that somebody else asks for', async () => {
    covers('ConsumerNetworkClientTest.testDisconnectWakesUpPoll')
    await simulate(async (simulation) => {
      const future = send()
      const polled = consumerClient.pollFuture(future)
      simulation.schedule(50, () => consumerClient.disconnectAsync(node))
      await polled
      expect(simulation.hiResClockMs()).toBeLessThan(100)
      expect(future.exception()).toBeInstanceOf(DisconnectException)
    })
  })

  test('ends as soon as its answer is there', async () => {
    await simulate(async (simulation) => {
      const future = send()
      simulation.schedule(20, () => client.respond(ApiKeys.LIST_OFFSETS, answer))
      await consumerClient.pollFuture(future)
      expect(future.succeeded()).toBe(true)
      expect(Math.floor(simulation.hiResClockMs())).toBe(20)
    })
  })

  test('did wait, although a handler had just brought what the caller was after', async () => {
    await simulate(async (simulation) => {
      const future = send()
      send() // still in flight, so that something is there to wait for
      await consumerClient.transmitSends()
      client.respond(ApiKeys.LIST_OFFSETS, answer)
      await consumerClient.transmitSends()
      await consumerClient.poll(simulation.timer(4000))
      expect(future.succeeded()).toBe(true)
      expect(Math.floor(simulation.hiResClockMs())).toBe(0)
    })
  })

  test('is ended by wakeup', async () => {
    await simulate(async (simulation) => {
      const future = send()
      simulation.schedule(30, () => consumerClient.wakeup())
      await expect(consumerClient.pollFuture(future)).rejects.toThrow(WakeupException)
      expect(Math.floor(simulation.hiResClockMs())).toBe(30)
    })
  })
})

describe('trouble with metadata reaches whoever polls', () => {
  const withTopicError = async (error: typeof Errors.NONE): Promise<void> => {
    harness.subscriptions.assignFromUser(new TopicPartitionSet([new TopicPartition('bad', 0)]))
    client.prepareMetadataUpdate(metadataResponse({ errors: { bad: error } }))
    harness.metadata.requestUpdate(false)
    await consumerClient.poll(harness.time.timer(0))
  }

  test('a refused login', async () => {
    covers('ConsumerNetworkClientTest.testAuthenticationExceptionPropagatedFromMetadata')
    harness.metadata.fatalError(new AuthenticationException('Authentication failed'))
    await expect(consumerClient.poll(harness.time.timer(0))).rejects.toThrow(
      AuthenticationException,
    )
    await consumerClient.poll(harness.time.timer(0))
  })

  test('a topic whose name cannot be', async () => {
    covers('ConsumerNetworkClientTest.testInvalidTopicExceptionPropagatedFromMetadata')
    await expect(withTopicError(Errors.INVALID_TOPIC_EXCEPTION)).rejects.toThrow(
      InvalidTopicException,
    )
  })

  test('a topic that we may not see', async () => {
    covers('ConsumerNetworkClientTest.testTopicAuthorizationExceptionPropagatedFromMetadata')
    await expect(withTopicError(Errors.TOPIC_AUTHORIZATION_FAILED)).rejects.toThrow(
      TopicAuthorizationException,
    )
  })

  test('anything else that is fatal', async () => {
    covers('ConsumerNetworkClientTest.testMetadataFailurePropagated')
    const failure = new KafkaException('This is the end')
    harness.metadata.fatalError(failure)
    await expect(consumerClient.poll(harness.time.timer(0))).rejects.toBe(failure)
  })
})
