import { beforeEach, describe, expect, it } from 'vitest'
import { ApiVersions } from '../../src/clients/ApiVersions.ts'
import type { ClientRequest } from '../../src/clients/ClientRequest.ts'
import type { ClientResponse } from '../../src/clients/ClientResponse.ts'
import { NO_TIMEOUT_MS } from '../../src/clients/KafkaClient.ts'
import { ManualMetadataUpdater } from '../../src/clients/ManualMetadataUpdater.ts'
import { Metadata } from '../../src/clients/Metadata.ts'
import { metadataRequestForTopics } from '../../src/clients/MetadataRequest.ts'
import type { MetadataUpdater, ServerDisconnect } from '../../src/clients/MetadataUpdater.ts'
import { NetworkClient } from '../../src/clients/NetworkClient.ts'
import type { NetworkClientOptions } from '../../src/clients/NetworkClientOptions.ts'
import { requestBuilder } from '../../src/clients/RequestBuilder.ts'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import {
  AuthenticationException,
  UnsupportedVersionException,
} from '../../src/common/errors/ApiExceptions.ts'
import {
  DisconnectException,
  IllegalArgumentException,
  IllegalStateException,
  IOException,
  KafkaException,
} from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { Node } from '../../src/common/Node.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { TraceBus, type TraceEntry } from '../../src/common/Trace.ts'
import { ChannelState } from '../../src/network/ChannelState.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { RequestHeader } from '../../src/protocol/RequestHeader.ts'
import { covers } from '../support/covers.ts'
import { MockSelector } from '../support/MockSelector.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { metadataUpdateWith, receiveOf, receiveOfBytes } from '../support/RequestTestUtils.ts'

const REQUEST_TIMEOUT_MS = 1000
const RECONNECT_MS = 10_000
const RECONNECT_MAX_MS = 100_000
const SETUP_MS = 5000
const SETUP_MAX_MS = 127_000
const NODE = new Node(0, 'localhost', 1969)
const OTHER = new Node(1, 'localhost', 1970)
const ID = NODE.idString()
const { PRODUCE, METADATA, API_VERSIONS } = ApiKeys
const VERSIONS = ApiKeys.values().map((key) => ({
  apiKey: key.id,
  minVersion: key.oldestVersion(),
  maxVersion: key.latestVersion(),
}))
const PRODUCE_REQUEST = requestBuilder(PRODUCE, { acks: 1, timeoutMs: 1000, topicData: [] })
const METADATA_REQUEST = metadataRequestForTopics([], true)

/** Remembers what it was told. */
class TestMetadataUpdater extends ManualMetadataUpdater {
  readonly disconnects: ServerDisconnect[] = []
  failure: KafkaException | null = null

  override handleServerDisconnect(_nowMs?: number, disconnect?: ServerDisconnect): void {
    this.disconnects.push(disconnect!)
  }

  override handleFailedRequest(_nowMs?: number, fatalException?: KafkaException | null): void {
    this.failure = fatalException ?? null
  }
}

describe('NetworkClient', () => {
  let time: MockTime
  let selector: MockSelector
  let updater: TestMetadataUpdater
  let logger: RecordingLogger
  let traceBus: TraceBus
  let client: NetworkClient
  /** Of the client that was made last. */
  let asksForVersions: boolean
  const now = () => time.milliseconds()
  const poll = (timeoutMs = 0) => client.poll(timeoutMs, now())

  const clientWith = (options: Partial<NetworkClientOptions> = {}) => {
    asksForVersions = options.discoverBrokerVersions ?? true
    return new NetworkClient({
      selector,
      ...(options.metadata === undefined && { metadataUpdater: updater }),
      clientId: 'mock',
      maxInFlightRequestsPerConnection: Number.MAX_SAFE_INTEGER,
      reconnectBackoffMs: RECONNECT_MS,
      reconnectBackoffMaxMs: RECONNECT_MAX_MS,
      defaultRequestTimeoutMs: REQUEST_TIMEOUT_MS,
      connectionSetupTimeoutMs: SETUP_MS,
      connectionSetupTimeoutMaxMs: SETUP_MAX_MS,
      apiVersions: new ApiVersions(),
      time,
      random: new SeededRandom(5),
      logger,
      trace: traceBus.from('mock'),
      ...options,
    })
  }

  beforeEach(() => {
    time = new MockTime()
    selector = new MockSelector(time)
    updater = new TestMetadataUpdater([NODE])
    logger = new RecordingLogger()
    traceBus = new TraceBus(time)
    client = clientWith()
  })

  const answerVersions = (correlationId: number, node = NODE, version = 4) =>
    selector.delayedReceive(
      receiveOf(node, API_VERSIONS, version, correlationId, { apiKeys: VERSIONS }),
    )

  const awaitReady = async (node = NODE) => {
    if (asksForVersions) answerVersions(0, node)
    for (let i = 0; !client.ready(node, now()); i++) {
      expect(i).toBeLessThan(10)
      await poll(1)
    }
  }

  const newRequest = (more: { requestTimeoutMs?: number; expectResponse?: boolean } = {}) =>
    client.newClientRequest({
      nodeId: ID,
      request: PRODUCE_REQUEST,
      createdTimeMs: now(),
      ...more,
    })

  const sendRequest = (...args: Parameters<typeof newRequest>): ClientRequest => {
    const request = newRequest(...args)
    client.send(request, now())
    return request
  }

  const answer = ({ correlationId }: ClientRequest, throttleTimeMs = 0) =>
    selector.completeReceive(
      receiveOf(NODE, PRODUCE, PRODUCE.latestVersion(), correlationId, { throttleTimeMs }),
    )

  /** Of the only send that the last poll completed. */
  const sentHeader = () => {
    expect(selector.completedSendBuffers).toHaveLength(1)
    return RequestHeader.parse(ByteBuffer.wrap(selector.completedSendBuffers[0]!.subarray(4)))
  }

  const metadataWith = (refreshBackoffMs = 50) =>
    new Metadata({
      refreshBackoffMs,
      refreshBackoffMaxMs: refreshBackoffMs,
      metadataExpireMs: 5000,
      random: new SeededRandom(1),
      logger,
    })

  describe('requests and responses', () => {
    it('may not go to a node that is not ready', () => {
      covers('NetworkClientTest.testSendToUnreadyNode')
      const request = client.newClientRequest({
        nodeId: '5',
        request: METADATA_REQUEST,
        createdTimeMs: now(),
        expectResponse: false,
      })
      expect(() => client.send(request, now())).toThrow(IllegalStateException)
      expect(() => client.ready(Node.NO_NODE, now())).toThrow(IllegalArgumentException)
    })

    it.each([
      ['after asking for versions', {}],
      ['without back-off', { reconnectBackoffMs: 0, reconnectBackoffMaxMs: 0 }],
      ['without asking for versions', { discoverBrokerVersions: false }],
    ])('come in pairs, %s', async (_, options) => {
      covers(
        'NetworkClientTest.testSimpleRequestResponse',
        'NetworkClientTest.testSimpleRequestResponseWithStaticNodes',
        'NetworkClientTest.testSimpleRequestResponseWithNoBrokerDiscovery',
      )
      client = clientWith(options)
      await awaitReady()
      const heard: ClientResponse[] = []
      const request = client.newClientRequest({
        nodeId: ID,
        request: PRODUCE_REQUEST,
        createdTimeMs: now(),
        callback: (response) => heard.push(response),
      })
      client.send(request, now())
      await poll(1)
      expect(client.inFlightRequestCount()).toBe(1)
      answer(request)
      const responses = await poll(1)
      expect(responses).toHaveLength(1)
      expect(heard).toEqual(responses)
      expect(responses[0]!.hasResponse()).toBe(true)
      expect(responses[0]!.failure()).toBe('')
      expect(responses[0]!.requestHeader).toEqual({
        apiKey: PRODUCE,
        apiVersion: PRODUCE.latestVersion(),
        correlationId: request.correlationId,
        clientId: 'mock',
      })
      expect(responses[0]!.requestLatencyMs).toBe(2)
      expect(client.hasInFlightRequests()).toBe(false)
    })

    it('are over when sent, where no response is wanted', async () => {
      await awaitReady()
      sendRequest({ expectResponse: false })
      expect(client.inFlightRequestCount(ID)).toBe(1)
      const [response] = await poll()
      expect(response!.hasResponse()).toBe(false)
      expect(response!.wasDisconnected).toBe(false)
      expect(response!.failure()).toBe('no response was asked for')
      expect(client.inFlightRequestCount(ID)).toBe(0)
    })

    it('have correlation ids of their own, which leave SASL’s alone and wrap around', () => {
      covers('NetworkClientTest.testCorrelationId')
      const ids = new Set(Array.from({ length: 100 }, () => client.nextCorrelationId()))
      expect(ids.size).toBe(100)
      ;(client as unknown as { correlation: number }).correlation = 2 ** 31 - 9
      expect(client.nextCorrelationId()).toBe(2 ** 31 - 9)
      expect(client.nextCorrelationId()).toBe(-(2 ** 31))
      expect(client.nextCorrelationId()).toBe(-(2 ** 31) + 1)
    })

    it('keep working past the last correlation id (platformatic/kafka #302)', async () => {
      await awaitReady()
      ;(client as unknown as { correlation: number }).correlation = 2 ** 31 - 9
      for (const expected of [2 ** 31 - 9, -(2 ** 31)]) {
        const request = sendRequest()
        expect(request.correlationId).toBe(expected)
        await poll()
        answer(request)
        expect((await poll())[0]!.hasResponse()).toBe(true)
      }
    })

    it('end with a version mismatch when no version fits, and are not sent', async () => {
      await awaitReady()
      const request = client.newClientRequest({
        nodeId: ID,
        request: requestBuilder(METADATA, { topics: null }, { oldest: 99, latest: 99 }),
        createdTimeMs: now(),
      })
      client.send(request, now())
      expect(client.inFlightRequestCount(ID)).toBe(0)
      const [response] = await poll(1000)
      expect(response!.versionMismatch).toBeInstanceOf(UnsupportedVersionException)
      expect(response!.hasResponse()).toBe(false)
      expect(response!.failure()).toMatch(/^version mismatch: .*Metadata/)
    })

    it('end with a version mismatch when the version cannot say what must be said', async () => {
      await awaitReady()
      const request = client.newClientRequest({
        nodeId: ID,
        request: metadataRequestForTopics(['t'], false, { oldest: 3, latest: 3 }),
        createdTimeMs: now(),
      })
      client.send(request, now())
      const [response] = await poll()
      expect(response!.versionMismatch?.message).toMatch(/version 3 cannot forbid/)
    })

    it('go on when a callback throws', async () => {
      await awaitReady()
      const heard: number[] = []
      for (const i of [1, 2]) {
        const request = client.newClientRequest({
          nodeId: ID,
          request: PRODUCE_REQUEST,
          createdTimeMs: now(),
          expectResponse: false,
          callback: () => {
            heard.push(i)
            throw new Error('callback')
          },
        })
        client.send(request, now())
        await poll()
      }
      expect(heard).toEqual([1, 2])
      expect(logger.messages('error')).toHaveLength(2)
    })

    it('tell the trace what happens to them', async () => {
      const entries: TraceEntry[] = []
      traceBus.listen((entry) => entries.push(entry))
      await awaitReady()
      entries.length = 0
      const request = sendRequest()
      await poll(7)
      answer(request)
      await poll()
      const bytes = expect.any(Number)
      const api = { api: 'Produce', apiVersion: PRODUCE.latestVersion(), correlationId: 1, bytes }
      expect(entries.map(({ name, fields }) => [name, fields])).toEqual([
        ['clients.networkClient.doSend', { ...api, node: 0 }],
        ['clients.networkClient.handleCompletedReceives', { ...api, node: 0, latencyMs: 7 }],
        ['clients.clientResponse.onComplete', { api: 'Produce', correlationId: 1, failure: '' }],
      ])
    })
  })

  describe('asking for versions', () => {
    const connectAndAsk = async () => {
      client.ready(NODE, now())
      await poll()
      expect(client.hasInFlightRequests(ID)).toBe(true)
      await poll()
    }
    const refuse = (errorCode: number, apiKeys: typeof VERSIONS, version = 0) =>
      selector.completeReceive(receiveOf(NODE, API_VERSIONS, version, 0, { errorCode, apiKeys }))

    it('makes a node ready', async () => {
      covers('NetworkClientTest.testApiVersionsRequest')
      await connectAndAsk()
      expect(client.isReady(NODE, now())).toBe(false)
      selector.completeReceive(receiveOf(NODE, API_VERSIONS, 4, 0, { apiKeys: VERSIONS }))
      expect(await poll()).toEqual([])
      expect(client.hasInFlightRequests(ID)).toBe(false)
      expect(client.isReady(NODE, now())).toBe(true)
      expect(client.hasReadyNodes(now())).toBe(true)
    })

    it('says who asks, in the newest version', async () => {
      await connectAndAsk()
      expect(sentHeader()).toMatchObject({ apiKeyId: 18, apiVersion: 4, clientId: 'mock' })
      const text = String.fromCharCode(...selector.completedSendBuffers[0]!)
      expect(text).toContain('annotated-kafka')
    })

    it('gives a node up that answers with an error', async () => {
      covers('NetworkClientTest.testInvalidApiVersionsRequest')
      await connectAndAsk()
      refuse(Errors.INVALID_REQUEST.code, [], 4)
      expect(await poll()).toEqual([])
      expect(client.hasInFlightRequests(ID)).toBe(false)
      expect(client.isReady(NODE, now())).toBe(false)
      expect(client.connectionFailed(NODE)).toBe(true)
      expect(logger.messages('warn').join()).toContain('INVALID_REQUEST')
    })

    it.each([
      [
        'in the newest version that the broker names',
        [{ apiKey: 18, minVersion: 0, maxVersion: 2 }],
        2,
      ],
      ['in version 0 when it names none', [], 0],
      [
        'in version 0 when it names what it refused',
        [{ apiKey: 18, minVersion: 0, maxVersion: 9 }],
        0,
      ],
    ])('is done again %s', async (_, apiKeys, version) => {
      covers(
        'NetworkClientTest.testUnsupportedApiVersionsRequestWithVersionProvidedByTheBroker',
        'NetworkClientTest.testUnsupportedApiVersionsRequestWithoutVersionProvidedByTheBroker',
      )
      await connectAndAsk()
      refuse(Errors.UNSUPPORTED_VERSION.code, apiKeys)
      await poll()
      expect(client.hasInFlightRequests(ID)).toBe(true)
      await poll()
      expect(sentHeader()).toMatchObject({ apiKeyId: 18, apiVersion: version })
      selector.completeReceive(receiveOf(NODE, API_VERSIONS, version, 1, { apiKeys: VERSIONS }))
      await poll()
      expect(client.hasInFlightRequests(ID)).toBe(false)
      expect(client.isReady(NODE, now())).toBe(true)
    })

    it('is done no more than a node refuses version 0', async () => {
      await connectAndAsk()
      refuse(Errors.UNSUPPORTED_VERSION.code, [])
      await poll()
      await poll()
      selector.completeReceive(
        receiveOf(NODE, API_VERSIONS, 0, 1, { errorCode: Errors.UNSUPPORTED_VERSION.code }),
      )
      await poll()
      expect(client.connectionFailed(NODE)).toBe(true)
    })

    it('waits for a channel’s handshake, and not longer than set-up may take', async () => {
      covers(
        'NetworkClientTest.testConnectionDoesNotRemainStuckInCheckingApiVersionsState' +
          'IfChannelNeverBecomesReady',
      )
      client.ready(NODE, now())
      selector.channelNotReady(ID)
      await poll()
      expect(client.isReady(NODE, now())).toBe(false)
      expect(client.hasInFlightRequests(ID)).toBe(false)
      await time.sleep(SETUP_MS * 1.2 + 1)
      await poll()
      expect(client.connectionFailed(NODE)).toBe(true)
    })

    it('fails quietly when the server leaves, and is held back longer each time', async () => {
      covers('NetworkClientTest.testServerDisconnectAfterInternalApiVersionRequest')
      for (let i = 0; i < 5; i++) {
        await connectAndAsk()
        selector.serverDisconnect(ID)
        expect(await poll()).toEqual([])
        expect(client.hasInFlightRequests(ID)).toBe(false)
        const delayMs = client.connectionDelay(NODE, now())
        const expected = Math.min(RECONNECT_MS * 2 ** i, RECONNECT_MAX_MS)
        expect(Math.abs(delayMs - expected)).toBeLessThanOrEqual(expected * 0.2)
        await time.sleep(delayMs + 1)
      }
    })

    it('fails quietly when we leave', async () => {
      covers('NetworkClientTest.testClientDisconnectAfterInternalApiVersionRequest')
      await connectAndAsk()
      client.disconnect(ID)
      expect(client.hasInFlightRequests(ID)).toBe(false)
      expect(await poll()).toEqual([])
    })
  })

  describe('time', () => {
    it.each([
      ['its own', REQUEST_TIMEOUT_MS + 5000],
      ['the default', undefined],
    ])(
      'limits a request to %s, and a late answer is never mistaken',
      async (_, requestTimeoutMs) => {
        covers(
          'NetworkClientTest.testRequestTimeout',
          'NetworkClientTest.testDefaultRequestTimeout',
        )
        const metadata = metadataWith()
        metadata.updateWithCurrentRequestVersion(metadataUpdateWith(2), false, now())
        client = clientWith({ metadata, discoverBrokerVersions: false })
        await awaitReady()
        const options = requestTimeoutMs === undefined ? {} : { requestTimeoutMs }
        answer(sendRequest(options))
        expect((await poll())[0]!.wasDisconnected).toBe(false)
        expect(metadata.updateRequested()).toBe(false)

        sendRequest(options)
        await poll()
        await time.sleep((requestTimeoutMs ?? REQUEST_TIMEOUT_MS) + 1)
        const [response] = await poll()
        expect(response!.timedOut).toBe(true)
        expect(response!.wasDisconnected).toBe(true)
        expect(response!.failure()).toBe('timed out')
        expect(metadata.updateRequested()).toBe(true)
        expect(selector.isChannelReady(ID)).toBe(false)
      },
    )

    it('limits the making of connections', async () => {
      covers('NetworkClientTest.testConnectionSetupTimeout')
      for (const node of [NODE, OTHER]) {
        client.ready(node, now())
        selector.serverConnectionBlocked(node.idString())
      }
      await poll()
      expect(client.connectionFailed(NODE)).toBe(false)
      await time.sleep(SETUP_MS * 1.2 + 1)
      await poll()
      expect(client.connectionFailed(NODE)).toBe(true)
      expect(client.connectionFailed(OTHER)).toBe(true)
      expect(updater.disconnects[0]!.problem).toMatch(
        /did not answer within \d+ ms\. Check that localhost:1969 can be reached/,
      )
    })

    it('during which a node holds us back does not count against requests', async () => {
      covers('NetworkClientTest.testConnectionTimeoutAfterThrottling')
      await awaitReady()
      const first = sendRequest()
      await poll()
      sendRequest()
      await poll()
      answer(first, REQUEST_TIMEOUT_MS)
      await time.sleep(REQUEST_TIMEOUT_MS)
      await poll()
      await time.sleep(1)
      await poll()
      expect(client.inFlightRequestCount(ID)).toBe(1)
      expect(client.connectionFailed(NODE)).toBe(false)
    })

    it('for which a node is throttled passes before it is ready again', async () => {
      covers('NetworkClientTest.testConnectionThrottling')
      await awaitReady()
      answer(sendRequest(), 100)
      await poll()
      for (const leftMs of [100, 50]) {
        expect(client.ready(NODE, now())).toBe(false)
        expect(client.pollDelayMs(NODE, now())).toBe(leftMs)
        await time.sleep(50)
      }
      expect(client.ready(NODE, now())).toBe(true)
      expect(client.pollDelayMs(NODE, now())).toBe(NO_TIMEOUT_MS)
    })

    it('is not asked for by old versions, where the broker waits itself', async () => {
      await awaitReady()
      const request = client.newClientRequest({
        nodeId: ID,
        request: requestBuilder(PRODUCE, { acks: 1, topicData: [] }, { oldest: 5, latest: 5 }),
        createdTimeMs: now(),
      })
      client.send(request, now())
      const { correlationId } = request
      selector.completeReceive(receiveOf(NODE, PRODUCE, 5, correlationId, { throttleTimeMs: 100 }))
      await poll()
      expect(client.pollDelayMs(NODE, now())).toBe(NO_TIMEOUT_MS)
    })

    it.each([
      ['constant', RECONNECT_MS],
      ['growing', RECONNECT_MAX_MS],
    ])('before connecting again is %s', async (_, reconnectBackoffMaxMs) => {
      covers(
        'NetworkClientTest.testConnectionDelayWithNoExponentialBackoff',
        'NetworkClientTest.testConnectionDelayConnectedWithNoExponentialBackoff',
        'NetworkClientTest.testConnectionDelayDisconnectedWithNoExponentialBackoff',
        'NetworkClientTest.testConnectionDelay',
        'NetworkClientTest.testConnectionDelayConnected',
        'NetworkClientTest.testConnectionDelayDisconnected',
      )
      client = clientWith({ reconnectBackoffMaxMs })
      expect(client.connectionDelay(NODE, now())).toBe(0)
      await awaitReady()
      expect(client.connectionDelay(NODE, now())).toBe(NO_TIMEOUT_MS)

      const delays: number[] = []
      for (let i = 0; i < 2; i++) {
        selector.serverDisconnect(ID)
        await poll()
        delays.push(client.connectionDelay(NODE, now()))
        await time.sleep(delays[i]!)
        expect(client.connectionDelay(NODE, now())).toBe(0)
        client.ready(NODE, now())
      }
      if (reconnectBackoffMaxMs === RECONNECT_MS) {
        expect(delays).toEqual([RECONNECT_MS, RECONNECT_MS])
      } else {
        expect(Math.abs(delays[0]! - RECONNECT_MS)).toBeLessThanOrEqual(RECONNECT_MS * 0.2)
        expect(Math.abs(delays[1]! - 2 * RECONNECT_MS)).toBeLessThanOrEqual(RECONNECT_MS * 0.4)
      }
    })
  })

  describe('connections that go', () => {
    it('fail their requests, oldest first, and tell each', async () => {
      covers('NetworkClientTest.testDisconnectWithMultipleInFlights')
      client = clientWith({ discoverBrokerVersions: false })
      await awaitReady()
      const heard: ClientResponse[] = []
      const sent = [1, 2].map(() =>
        client.newClientRequest({
          nodeId: ID,
          request: METADATA_REQUEST,
          createdTimeMs: now(),
          callback: (response) => heard.push(response),
        }),
      )
      for (const request of sent) {
        client.send(request, now())
        await poll()
      }
      expect(client.inFlightRequestCount()).toBe(2)
      client.disconnect(ID)
      const responses = await poll()
      expect(responses).toEqual(heard)
      expect(responses.map((r) => r.wasDisconnected)).toEqual([true, true])
      expect(responses.map((r) => r.requestHeader.correlationId)).toEqual(
        sent.map((r) => r.correlationId),
      )
      expect(client.inFlightRequestCount()).toBe(0)
    })

    it('fail a user’s metadata request as any other', async () => {
      covers('NetworkClientTest.testDisconnectDuringUserMetadataRequest')
      await awaitReady()
      const request = client.newClientRequest({
        nodeId: ID,
        request: METADATA_REQUEST,
        createdTimeMs: now(),
      })
      client.send(request, now())
      await poll()
      selector.serverDisconnect(ID)
      const [response] = await poll()
      expect(response!.wasDisconnected).toBe(true)
      expect(response!.timedOut).toBe(false)
    })

    it('are held back when we end them, and no longer when they are ended twice', async () => {
      covers('NetworkClientTest.testCallDisconnect')
      await awaitReady()
      expect(client.connectionFailed(NODE)).toBe(false)
      client.disconnect(ID)
      expect(client.isReady(NODE, now())).toBe(false)
      expect(client.connectionFailed(NODE)).toBe(true)
      await time.sleep(RECONNECT_MAX_MS)
      expect(client.connectionDelay(NODE, now())).toBe(0)
      client.disconnect(ID)
      expect(client.connectionDelay(NODE, now())).toBe(0)
      client.disconnect('never seen')
    })

    it('take their requests along in silence when they are closed', async () => {
      covers('NetworkClientTest.testClose')
      await awaitReady()
      sendRequest()
      expect(client.hasInFlightRequests(ID)).toBe(true)
      client.closeConnection(ID)
      expect(client.inFlightRequestCount(ID)).toBe(0)
      expect(client.hasInFlightRequests()).toBe(false)
      expect(client.isReady(NODE, now())).toBe(false)
      expect(client.connectionDelay(NODE, now())).toBe(0)
      expect(await poll()).toEqual([])
    })

    it('can be closed before they are made, and made again', async () => {
      covers('NetworkClientTest.testCloseConnectingNode')
      client.ready(NODE, now())
      selector.serverConnectionBlocked(ID)
      await poll(1)
      client.closeConnection(ID)
      await poll()
      await awaitReady(OTHER)
      expect(client.isReady(NODE, now())).toBe(false)
      answerVersions(1)
      while (!client.ready(NODE, now())) await poll(1)
      expect(client.isReady(NODE, now())).toBe(true)
    })

    it('are given up when what comes is no answer', async () => {
      await awaitReady()
      const first = sendRequest()
      await poll()
      sendRequest()
      await poll()
      selector.completeReceive(receiveOfBytes(NODE, new TextEncoder().encode('HTTP/1.1 400 Bad')))
      const responses = await poll()
      expect(responses.map((r) => [r.requestHeader.correlationId, r.wasDisconnected])).toEqual([
        [first.correlationId, true],
        [first.correlationId + 1, true],
      ])
      expect(client.connectionFailed(NODE)).toBe(true)
      expect(logger.messages('error').join()).toMatch(/no Produce response .* Is it a Kafka broker/)
    })

    it('are given up when the answer is to another request', async () => {
      await awaitReady()
      const request = sendRequest()
      await poll()
      selector.completeReceive(
        receiveOf(NODE, PRODUCE, PRODUCE.latestVersion(), request.correlationId + 5, {}),
      )
      expect((await poll())[0]!.wasDisconnected).toBe(true)
    })

    it('say where nobody listens and what to check, once until it changes', async () => {
      for (let i = 0; i < 3; i++) {
        client.ready(NODE, now())
        selector.serverDisconnect(ID, ChannelState.NOT_CONNECTED)
        await poll()
        await time.sleep(client.connectionDelay(NODE, now()))
      }
      expect(updater.disconnects.map(({ problem }) => problem)[2]).toMatch(
        /localhost:1969 .*could not be established.*check that the broker runs there/,
      )
      expect(logger.messages('warn')).toHaveLength(1)
      await awaitReady()
      selector.serverDisconnect(ID, ChannelState.NOT_CONNECTED)
      await poll()
      expect(logger.messages('warn')).toHaveLength(2)
    })

    it('before versions are known are suspected to lead to something else', async () => {
      client.ready(NODE, now())
      await poll()
      selector.serverDisconnect(ID)
      await poll()
      expect(updater.disconnects[0]!.problem).toMatch(
        /localhost:1969 is a Kafka listener without TLS/,
      )
    })

    it('after being ready are nothing to warn of', async () => {
      await awaitReady()
      selector.serverDisconnect(ID)
      await poll()
      expect(updater.disconnects).toEqual([
        { nodeId: ID, authenticationException: null, problem: null },
      ])
      expect(logger.messages('warn')).toEqual([])
    })

    it('before they begin (an unknown host) are failures like others', () => {
      covers('NetworkClientTest.testDnsLookupFailure')
      client = clientWith({
        hostResolver: {
          resolve: () => {
            throw new IOException('unknown host')
          },
        },
      })
      expect(client.ready(new Node(1234, 'badhost', 1234), now())).toBe(false)
      expect(client.connectionFailed(new Node(1234, 'badhost', 1234))).toBe(true)
      expect(updater.disconnects[0]!.problem).toContain('badhost:1234')
    })
  })

  describe('addresses', () => {
    const OLD = ['10.200.20.100', '10.200.20.101', '10.200.20.102']
    const NEW = ['10.200.20.103', '10.200.20.104', '10.200.20.105']
    let addresses: readonly string[]
    let resolutions: number

    const connect = async () => {
      client.ready(NODE, now())
      await time.sleep(SETUP_MAX_MS)
      await poll()
      return client.isReady(NODE, now())
    }
    const clientThatReaches = (canConnect: (host: string) => boolean) => {
      addresses = OLD
      resolutions = 0
      selector = new MockSelector(time, canConnect)
      client = clientWith({
        discoverBrokerVersions: false,
        hostResolver: {
          resolve: () => {
            resolutions++
            return addresses
          },
        },
      })
    }
    const loseConnection = async () => {
      addresses = NEW
      selector.serverDisconnect(ID)
      await poll()
      await time.sleep(RECONNECT_MAX_MS)
    }

    it('are looked up again after a connection was lost', async () => {
      covers('NetworkClientTest.testReconnectAfterAddressChange')
      clientThatReaches((host) => addresses.includes(host))
      expect(await connect()).toBe(true)
      await loseConnection()
      expect(await connect()).toBe(true)
      expect(selector.addresses).toEqual([OLD[0], NEW[0]])
      expect(resolutions).toBe(2)
    })

    it('are tried in turn while none answers', async () => {
      covers('NetworkClientTest.testFailedConnectionToFirstAddress')
      clientThatReaches(() => selector.addresses.length > 1)
      expect(await connect()).toBe(false)
      await time.sleep(RECONNECT_MAX_MS)
      expect(await connect()).toBe(true)
      expect(selector.addresses).toEqual([OLD[0], OLD[1]])
      expect(resolutions).toBe(1)
    })

    it('are tried in turn after they changed, too', async () => {
      covers('NetworkClientTest.testFailedConnectionToFirstAddressAfterReconnect')
      clientThatReaches((host) => host !== NEW[0])
      expect(await connect()).toBe(true)
      await loseConnection()
      expect(await connect()).toBe(false)
      await time.sleep(RECONNECT_MAX_MS)
      expect(await connect()).toBe(true)
      expect(selector.addresses).toEqual([OLD[0], NEW[0], NEW[1]])
      expect(resolutions).toBe(2)
    })
  })

  describe('the least loaded node', () => {
    it('is the one that is there, as long as it is of use', async () => {
      covers('NetworkClientTest.testLeastLoadedNode')
      client.ready(NODE, now())
      expect(client.leastLoadedNode(now()).node).toBe(NODE)
      await awaitReady()
      expect(client.leastLoadedNode(now()).node).toBe(NODE)
      selector.serverDisconnect(ID)
      await poll()
      const none = client.leastLoadedNode(now())
      expect(none.node).toBeNull()
      expect(none.hasNodeAvailableOrConnectionReady()).toBe(false)
    })

    it('is nobody while all are fully loaded, which is no reason to despair', async () => {
      covers('NetworkClientTest.testHasNodeAvailableOrConnectionReady')
      client = clientWith({ maxInFlightRequestsPerConnection: 1 })
      await awaitReady()
      expect(client.leastLoadedNode(now()).hasNodeAvailableOrConnectionReady()).toBe(true)
      sendRequest()
      await poll()
      const busy = client.leastLoadedNode(now())
      expect(busy.node).toBeNull()
      expect(busy.hasNodeAvailableOrConnectionReady()).toBe(true)
    })

    it('is each in turn while none can be reached', async () => {
      covers(
        'NetworkClientTest.testLeastLoadedNodeProvideDisconnectedNodes' +
          'PrioritizedByLastConnectionTimestamp',
      )
      updater.setNodes([NODE, OTHER, new Node(2, 'localhost', 1971)])
      client = clientWith({ reconnectBackoffMaxMs: 0 })
      for (let round = 0; round < 10; round++) {
        const ids = new Set<number>()
        for (let i = 0; i < 3; i++) {
          const node = client.leastLoadedNode(now()).node!
          ids.add(node.id)
          client.ready(node, now())
          client.disconnect(node.idString())
          await time.sleep(SETUP_MS + 1)
          await poll()
        }
        expect(ids.size).toBe(3)
      }
    })

    it('is not one that is throttled', async () => {
      covers('NetworkClientTest.testLeastLoadedNodeConsidersThrottledConnections')
      await awaitReady()
      answer(sendRequest(), 100)
      await poll(1)
      expect(client.leastLoadedNode(now()).node).toBeNull()
    })

    it('is the one with fewer requests in flight', async () => {
      updater.setNodes([NODE, OTHER])
      client = clientWith({ discoverBrokerVersions: false })
      await awaitReady()
      await awaitReady(OTHER)
      sendRequest()
      await poll()
      for (let i = 0; i < 10; i++) expect(client.leastLoadedNode(now()).node).toBe(OTHER)
    })

    it('cannot be told without nodes', () => {
      updater.setNodes([])
      expect(() => client.leastLoadedNode(now())).toThrow(IllegalStateException)
    })
  })

  describe('metadata', () => {
    const updaterOf = (it: NetworkClient) =>
      (it as unknown as { metadataUpdater: MetadataUpdater }).metadataUpdater

    it('that no version can ask for is a fatal failure', () => {
      covers('NetworkClientTest.testUnsupportedVersionDuringInternalMetadataRequest')
      const request = metadataRequestForTopics(['topic_1'], false, { oldest: 3, latest: 3 })
      client.sendInternalMetadataRequest(request, ID, now())
      expect(updater.failure).toBeInstanceOf(UnsupportedVersionException)
    })

    it('is asked for before anything else, and comes back unseen by users', async () => {
      const metadata = metadataWith()
      metadata.updateWithCurrentRequestVersion(metadataUpdateWith(1), false, now())
      client = clientWith({ metadata, discoverBrokerVersions: false })
      await awaitReady()
      metadata.requestUpdate(true)
      await time.sleep(60)
      expect(client.isReady(NODE, now())).toBe(false)
      await poll()
      const header = sentHeader()
      expect(header).toMatchObject({ apiKeyId: METADATA.id })
      expect(client.isReady(NODE, now())).toBe(true)
      selector.completeReceive(
        receiveOf(NODE, METADATA, header.apiVersion, header.correlationId, {
          brokers: [{ nodeId: 0, host: 'localhost', port: 1969 }],
          topics: [{ name: 'topic', partitions: [{ leaderId: 0 }] }],
        }),
      )
      expect(await poll()).toEqual([])
      expect(metadata.fetch().topics()).toEqual(['topic'])
      expect(metadata.updateRequested()).toBe(false)
    })

    it('can be asked for again after a version did not fit', async () => {
      const metadata = metadataWith()
      metadata.updateWithCurrentRequestVersion(metadataUpdateWith(1), false, now())
      metadata.newMetadataRequestBuilder = () =>
        metadataRequestForTopics(['topic_1'], false, { oldest: 3, latest: 3 })
      client = clientWith({ metadata, discoverBrokerVersions: false })
      await awaitReady()
      for (let i = 0; i < 2; i++) {
        metadata.requestUpdate(true)
        await time.sleep(60)
        await poll()
        expect(() => metadata.maybeThrowFatalException()).toThrow(UnsupportedVersionException)
      }
    })

    it('from a broker that knows nobody is not taken', async () => {
      const metadata = metadataWith()
      metadata.bootstrap([{ host: 'localhost', port: 1969 }])
      client = clientWith({ metadata, discoverBrokerVersions: false })
      await poll()
      await poll()
      const { apiVersion, correlationId } = sentHeader()
      const bootstrapNode = metadata.fetch().nodes[0]!
      selector.completeReceive(receiveOf(bootstrapNode, METADATA, apiVersion, correlationId, {}))
      await poll()
      expect(metadata.fetch().isBootstrapConfigured).toBe(true)
      expect(metadata.updateRequested()).toBe(true)
    })

    it('still comes when another node refuses the login', async () => {
      covers('NetworkClientTest.testAuthenticationFailureWithInFlightMetadataRequest')
      const metadata = metadataWith()
      metadata.updateWithCurrentRequestVersion(metadataUpdateWith(2), false, now())
      client = clientWith({ metadata, discoverBrokerVersions: false })
      await awaitReady()
      metadata.requestUpdate(true)
      await time.sleep(60)
      await poll()
      const { apiVersion, correlationId } = sentHeader()
      expect(client.ready(OTHER, now())).toBe(false)
      selector.serverAuthenticationFailed(OTHER.idString())
      await poll()
      expect(client.authenticationException(OTHER)).toBeInstanceOf(AuthenticationException)
      expect(() => metadata.maybeThrowFatalException()).toThrow(AuthenticationException)

      const before = metadata.updateVersion()
      selector.completeReceive(
        receiveOf(NODE, METADATA, apiVersion, correlationId, metadataUpdateWith(2).data),
      )
      await poll()
      expect(metadata.updateVersion()).toBe(before + 1)
    })

    it('that does not come for too long, or on a broker’s word, is bootstrapped anew', async () => {
      covers('NetworkClientTest.testRebootstrap')
      const metadata = metadataWith()
      let count = 0
      const rebootstrap = metadata.rebootstrap.bind(metadata)
      metadata.rebootstrap = () => {
        count++
        rebootstrap()
      }
      client = clientWith({
        metadata,
        discoverBrokerVersions: false,
        reconnectBackoffMaxMs: 0,
        rebootstrapTriggerMs: 1000,
        metadataRecoveryStrategy: 'rebootstrap',
      })
      metadata.bootstrap([{ host: 'localhost', port: 9999 }])
      metadata.requestUpdate(true)
      await poll()
      await time.sleep(1001)
      await poll()
      expect(count).toBe(1)
      await time.sleep(1)
      await poll()
      expect(count).toBe(1)

      updaterOf(client).handleFailedRequest(now(), new KafkaException('no'))
      await poll()
      expect(count).toBe(1)
      await time.sleep(1000)
      await poll()
      expect(count).toBe(2)

      const header = client
        .newClientRequest({ nodeId: ID, request: METADATA_REQUEST, createdTimeMs: now() })
        .makeHeader(METADATA.latestVersion())
      const { data } = metadataUpdateWith(0)
      const errorCode = Errors.REBOOTSTRAP_REQUIRED.code
      updaterOf(client).handleSuccessfulResponse(header, now(), { ...data, errorCode })
      expect(count).toBe(2)
      await time.sleep(50)
      await poll()
      expect(count).toBe(3)
    })

    it('bootstrapped anew fails what was on the old connections', async () => {
      covers('NetworkClientTest.testInflightRequestsDuringRebootstrap')
      const metadata = metadataWith()
      metadata.bootstrap([{ host: 'localhost', port: 9999 }])
      client = clientWith({
        metadata,
        discoverBrokerVersions: false,
        reconnectBackoffMaxMs: 0,
        defaultRequestTimeoutMs: 5000,
        rebootstrapTriggerMs: 1000,
        metadataRecoveryStrategy: 'rebootstrap',
      })
      metadata.updateWithCurrentRequestVersion(metadataUpdateWith(2), false, now())
      await awaitReady(NODE)
      await awaitReady(OTHER)
      sendRequest()
      await poll()
      metadata.requestUpdate(true)
      await time.sleep(60)
      await poll()
      expect(client.inFlightRequestCount()).toBe(2)
      await time.sleep(1001)
      const responses = await poll()
      expect(responses.map((r) => [r.requestHeader.apiKey, r.wasDisconnected])).toEqual([
        [PRODUCE, true],
      ])
      expect(client.inFlightRequestCount()).toBe(0)
      expect(client.connectionFailed(NODE) && client.connectionFailed(OTHER)).toBe(true)
    })

    it('that cannot be had tells those who wait why', async () => {
      const metadata = metadataWith()
      metadata.bootstrap([{ host: 'localhost', port: 9999 }])
      client = clientWith({ metadata })
      await poll()
      selector.serverDisconnect('-1', ChannelState.NOT_CONNECTED)
      await poll()
      expect(metadata.connectionProblem()).toMatch(/localhost:9999.*'bootstrap.servers'/)
      expect(metadata.updateRequested()).toBe(true)
    })
  })

  describe('closing', () => {
    it('sends nothing more once it has begun', async () => {
      await awaitReady()
      expect(client.active()).toBe(true)
      client.initiateClose()
      expect(client.active()).toBe(false)
      await expect(poll()).rejects.toThrow(DisconnectException)
      expect(() => sendRequest()).toThrow(/no longer active, state is CLOSING/)
      client.close()
      client.close()
      expect(logger.messages('warn')).toHaveLength(1)
    })

    it('of a connection while a poll is being awaited leaves nothing to answer', async () => {
      await awaitReady()
      const request = sendRequest()
      await poll()
      answer(request)
      const polling = poll()
      client.closeConnection(ID)
      expect(await polling).toEqual([])
      expect(client.connectionDelay(NODE, now())).toBe(0)
    })

    it('ends a poll that waits without looking at what it brought', async () => {
      await awaitReady()
      sendRequest({ expectResponse: false })
      const polling = poll()
      client.close()
      expect(await polling).toEqual([])
    })
  })

  it('needs to know where its nodes come from', () => {
    expect(() => new NetworkClient({ ...clientOptionsWithoutNodes() })).toThrow(
      IllegalArgumentException,
    )
  })

  const clientOptionsWithoutNodes = (): NetworkClientOptions => {
    const { options } = client as unknown as { options: NetworkClientOptions }
    const { metadataUpdater: _, ...rest } = options
    return rest
  }
})
