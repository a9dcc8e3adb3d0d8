import { beforeEach, describe, expect, it } from 'vitest'
import { ClientRequest } from '../../src/clients/ClientRequest.ts'
import { InFlightRequest } from '../../src/clients/InFlightRequest.ts'
import { InFlightRequests } from '../../src/clients/InFlightRequests.ts'
import { NO_TIMEOUT_MS } from '../../src/clients/KafkaClient.ts'
import { metadataRequestForAllTopics } from '../../src/clients/MetadataRequest.ts'
import { IllegalStateException } from '../../src/common/errors.ts'
import { ByteBufferSend } from '../../src/network/ByteBufferSend.ts'
import { NetworkSend } from '../../src/network/NetworkSend.ts'
import { covers } from '../support/covers.ts'

const NODE = 'dest'
const MAX_IN_FLIGHT = 12

describe('InFlightRequests', () => {
  let requests: InFlightRequests
  let correlationId: number

  beforeEach(() => {
    requests = new InFlightRequests(MAX_IN_FLIGHT)
    correlationId = 0
  })

  /** A request whose bytes have left, unless `pending`. */
  const add = (
    destination = NODE,
    { sendTimeMs = 0, requestTimeoutMs = 10_000, pending = false } = {},
  ): InFlightRequest => {
    const request = new ClientRequest({
      destination,
      requestBuilder: metadataRequestForAllTopics(),
      correlationId: correlationId++,
      clientId: 'clientId',
      createdTimeMs: 0,
      expectResponse: true,
      requestTimeoutMs,
      callback: null,
    })
    const send = new NetworkSend(
      destination,
      new ByteBufferSend(pending ? [new Uint8Array(1)] : []),
    )
    const inFlight = new InFlightRequest({
      request,
      version: 0,
      isInternalRequest: false,
      send,
      sendTimeMs,
      trace: null,
    })
    requests.add(inFlight)
    return inFlight
  }

  it('completes the newest first where no answer is wanted', () => {
    covers('InFlightRequestsTest.testCompleteLastSent')
    const [first, second] = [add(), add()]
    expect(requests.count()).toBe(2)
    expect(requests.lastSent(NODE)).toBe(second)
    expect(requests.completeLastSent(NODE)).toBe(second)
    expect(requests.completeLastSent(NODE)).toBe(first)
    expect(requests.count()).toBe(0)
  })

  it('completes the oldest first where an answer came', () => {
    covers('InFlightRequestsTest.testCompleteNext')
    const [first, second] = [add(), add()]
    expect(requests.completeNext(NODE)).toBe(first)
    expect(requests.count(NODE)).toBe(1)
    expect(requests.completeNext(NODE)).toBe(second)
    expect(requests.isEmpty(NODE)).toBe(true)
  })

  it('clears a node, in the order of sending', () => {
    covers('InFlightRequestsTest.testClearAll')
    const sent = [add(), add()]
    const other = add('other')
    expect(requests.clearAll(NODE)).toEqual(sent)
    expect(requests.clearAll(NODE)).toEqual([])
    expect(requests.count()).toBe(1)
    expect(requests.lastSent('other')).toBe(other)
  })

  it('names the nodes of which any request has waited too long', () => {
    covers('InFlightRequestsTest.testTimedOutNodes')
    add('A', { requestTimeoutMs: 50 })
    add('B', { requestTimeoutMs: 200 })
    add('B', { requestTimeoutMs: 100 })
    expect(requests.nodesWithTimedOutRequests(50)).toEqual([])
    expect(requests.nodesWithTimedOutRequests(75)).toEqual(['A'])
    expect(requests.nodesWithTimedOutRequests(125)).toEqual(['A', 'B'])
  })

  it('does not count the time during which the node held us back', () => {
    add('A', { requestTimeoutMs: 50 })
    requests.incrementThrottleTime('A', 100)
    expect(requests.nodesWithTimedOutRequests(150)).toEqual([])
    expect(requests.nodesWithTimedOutRequests(151)).toEqual(['A'])
  })

  it('knows when the first time-out is due', () => {
    expect(requests.timeToNextTimeoutMs(0)).toBe(NO_TIMEOUT_MS)
    add('A', { requestTimeoutMs: 100 })
    add('B', { requestTimeoutMs: 50 })
    const dueMs = requests.timeToNextTimeoutMs(20)
    expect(requests.nodesWithTimedOutRequests(20 + dueMs - 1)).toEqual([])
    expect(requests.nodesWithTimedOutRequests(20 + dueMs)).toEqual(['B'])
    expect(requests.timeToNextTimeoutMs(1000)).toBe(0)
  })

  it('refuses to complete what is not there', () => {
    covers(
      'InFlightRequestsTest.testCompleteNextThrowsIfNoInFlights',
      'InFlightRequestsTest.testCompleteLastSentThrowsIfNoInFlights',
    )
    expect(() => requests.completeNext(NODE)).toThrow(IllegalStateException)
    expect(() => requests.completeLastSent(NODE)).toThrow(IllegalStateException)
    requests.completeNext(add().destination)
    expect(() => requests.completeNext(NODE)).toThrow(IllegalStateException)
  })

  it('lets no request follow one whose bytes have not left yet', () => {
    expect(requests.canSendMore(NODE)).toBe(true)
    add(NODE, { pending: true })
    expect(requests.canSendMore(NODE)).toBe(false)
    expect(requests.canSendMore('other')).toBe(true)
  })

  it('lets no more requests wait for an answer than the maximum', () => {
    for (let i = 0; i < MAX_IN_FLIGHT; i++) {
      expect(requests.canSendMore(NODE)).toBe(true)
      add()
    }
    expect(requests.canSendMore(NODE)).toBe(false)
    requests.completeNext(NODE)
    expect(requests.canSendMore(NODE)).toBe(true)
  })
})
