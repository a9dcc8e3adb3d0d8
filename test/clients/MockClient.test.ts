import { beforeEach, describe, expect, it } from 'vitest'
import type { ClientResponse } from '../../src/clients/ClientResponse.ts'
import { Metadata } from '../../src/clients/Metadata.ts'
import { metadataRequestForTopics } from '../../src/clients/MetadataRequest.ts'
import { MockClient } from '../../src/clients/MockClient.ts'
import {
  awaitReady,
  isUnavailable,
  sendAndReceive,
  tryConnect,
} from '../../src/clients/NetworkClientUtils.ts'
import { NodeApiVersions } from '../../src/clients/NodeApiVersions.ts'
import { type RequestBuilder, requestBuilder } from '../../src/clients/RequestBuilder.ts'
import {
  AuthenticationException,
  UnsupportedVersionException,
} from '../../src/common/errors/ApiExceptions.ts'
import {
  IllegalArgumentException,
  IllegalStateException,
  IOException,
} from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { Node } from '../../src/common/Node.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { Simulation } from '../../src/common/Simulation.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { metadataUpdateWith } from '../support/RequestTestUtils.ts'

const NODE = new Node(0, 'localhost', 1969)
const OTHER = new Node(1, 'localhost', 1970)
const { PRODUCE, METADATA } = ApiKeys
type Produce = typeof PRODUCE
const PRODUCE_REQUEST = requestBuilder(PRODUCE, { acks: 1, timeoutMs: 1000, topicData: [] })

describe('MockClient', () => {
  let time: MockTime
  let client: MockClient
  let heard: ClientResponse<Produce>[]
  const now = () => time.milliseconds()
  const poll = () => client.poll(0, now())

  beforeEach(() => {
    time = new MockTime()
    client = new MockClient(time, [NODE, OTHER])
    heard = []
  })

  const send = (node = NODE, request: RequestBuilder<Produce> = PRODUCE_REQUEST) => {
    expect(client.ready(node, now())).toBe(true)
    const sent = client.newClientRequest({
      nodeId: node.idString(),
      request,
      createdTimeMs: now(),
      callback: (response) => heard.push(response),
    })
    client.send(sent, now())
    return sent
  }

  it('gives the prepared answers in their order, as they would come over the wire', async () => {
    client.prepareResponse(PRODUCE, { throttleTimeMs: 1 })
    client.prepareResponse(PRODUCE, { throttleTimeMs: 2 })
    send()
    send()
    const responses = await poll()
    expect(heard).toEqual(responses)
    expect(heard.map((r) => r.responseBody)).toMatchObject([
      { throttleTimeMs: 1, responses: [], nodeEndpoints: [] },
      { throttleTimeMs: 2, responses: [], nodeEndpoints: [] },
    ])
    expect(client.hasPendingResponses()).toBe(false)
  })

  it('shows a request to the test as the broker would read it', async () => {
    client.prepareResponse(PRODUCE, {}, { matcher: (request) => request.timeoutMs === 1000 })
    send()
    client.prepareResponse(PRODUCE, {}, { matcher: (request) => request.acks === -1 })
    expect(() => send()).toThrow(/does not match/)
    client.prepareResponse(METADATA, {})
    expect(() => send()).toThrow(/the answer is for Metadata/)
  })

  it('keeps requests without a prepared answer until they are answered', async () => {
    const [first, second, third] = [send(), send(), send(OTHER)]
    expect(client.requests()).toEqual([first, second, third])
    expect(client.inFlightRequestCount()).toBe(3)
    expect(client.inFlightRequestCount(NODE.idString())).toBe(2)
    client.respond(PRODUCE, { throttleTimeMs: 1 }, { node: OTHER })
    client.respondToRequest(second!, PRODUCE, { throttleTimeMs: 2 })
    client.respond(PRODUCE, { throttleTimeMs: 3 })
    await poll()
    expect(heard.map((r) => r.requestHeader.correlationId)).toEqual(
      [third, second, first].map((r) => r!.correlationId),
    )
    expect(client.hasInFlightRequests(NODE.idString())).toBe(false)
    expect(() => client.respond(PRODUCE, {})).toThrow(IllegalStateException)
  })

  it('fails what is in flight when a node is disconnected', async () => {
    send()
    client.disconnect(NODE.idString())
    await poll()
    expect(heard[0]!.wasDisconnected).toBe(true)
    expect(client.isConnected(NODE.idString())).toBe(false)
    client.prepareResponse(PRODUCE, null, { disconnected: true })
    send()
    await poll()
    expect(heard[1]!.wasDisconnected).toBe(true)
  })

  it('finds that a version does not fit', async () => {
    client.prepareUnsupportedVersionResponse(PRODUCE)
    send()
    client.setNodeApiVersions(
      NodeApiVersions.create([{ apiKey: PRODUCE.id, minVersion: 99, maxVersion: 99 }]),
    )
    client.prepareResponse(PRODUCE, {})
    send()
    await poll()
    for (const { versionMismatch } of heard) {
      expect(versionMismatch).toBeInstanceOf(UnsupportedVersionException)
    }
    expect(heard).toHaveLength(2)
  })

  it('times requests out', async () => {
    send()
    await time.sleep(4999)
    expect(await poll()).toEqual([])
    await time.sleep(1)
    await poll()
    expect(heard[0]!.wasDisconnected).toBe(true)
  })

  it('lets nodes back off, be slow, be throttled, be unreachable', async () => {
    client.backoff(NODE, 100)
    expect(client.ready(NODE, now())).toBe(false)
    expect(client.connectionFailed(NODE)).toBe(true)
    expect(client.connectionDelay(NODE, now())).toBe(100)
    expect(isUnavailable(client, NODE, time)).toBe(true)
    expect(client.leastLoadedNode(now()).node).toBe(OTHER)
    await time.sleep(100)
    tryConnect(client, NODE, time)
    expect(client.isReady(NODE, now())).toBe(true)
    expect(client.hasReadyNodes(now())).toBe(true)

    client.throttle(NODE, 50)
    expect(client.isReady(NODE, now())).toBe(false)
    expect(client.pollDelayMs(NODE, now())).toBe(50)

    client.delayReady(OTHER, 10)
    expect(client.ready(OTHER, now())).toBe(false)
    await time.sleep(10)
    expect(client.ready(OTHER, now())).toBe(true)

    client.setUnreachable(OTHER, 200)
    expect(client.ready(OTHER, now())).toBe(false)
    expect(client.connectionFailed(OTHER)).toBe(true)
    await time.sleep(200)
    expect(client.ready(OTHER, now())).toBe(true)
  })

  it('refuses a login, at once or at the next request', async () => {
    client.authenticationFailed(OTHER, 100)
    expect(client.authenticationException(OTHER)).toBeInstanceOf(AuthenticationException)
    client.createPendingAuthenticationError(NODE, 100)
    send()
    await poll()
    expect(heard[0]!.authenticationException).toBeInstanceOf(AuthenticationException)
    expect(heard[0]!.failure()).toMatch(/^authentication failed/)
    expect(client.authenticationException(NODE)).toBeInstanceOf(AuthenticationException)
  })

  it('keeps a Metadata fresh with prepared answers, the last one again and again', async () => {
    const metadata = new Metadata({
      refreshBackoffMs: 0,
      refreshBackoffMaxMs: 0,
      metadataExpireMs: 1000,
      random: new SeededRandom(1),
      logger: new RecordingLogger(),
    })
    metadata.bootstrap([{ host: 'localhost', port: 1 }])
    client = new MockClient(time, metadata)
    client.prepareMetadataUpdate(metadataUpdateWith(1, { topics: { a: 1 } }))
    client.prepareMetadataUpdate(metadataUpdateWith(2, { topics: { b: 1 } }))
    expect(client.hasPendingMetadataUpdates()).toBe(true)
    for (const topic of ['a', 'b', 'b']) {
      metadata.requestUpdate(true)
      await poll()
      expect(metadata.fetch().topics()).toEqual([topic])
    }
    metadata.newMetadataRequestBuilder = () => metadataRequestForTopics(['wanted'], true)
    client.prepareMetadataUpdate(metadataUpdateWith(1, { topics: { other: 1 } }), true)
    metadata.requestUpdate(true)
    await expect(poll()).rejects.toThrow(/expected \[other\], asked for \[wanted\]/)
  })

  it('waits in poll for an answer, a wakeup or the time-out, if it is told to', async () => {
    const simulation = new Simulation({ seed: 1 })
    client = new MockClient(simulation, [NODE])
    client.waitDuringPoll = true
    await simulation.run(async () => {
      const startMs = simulation.milliseconds()
      const waited = async (timeoutMs: number) => {
        await client.poll(timeoutMs, simulation.milliseconds())
        return simulation.milliseconds() - startMs
      }
      expect(await waited(100)).toBe(100)
      simulation.schedule(20, () => client.wakeup())
      expect(await waited(1000)).toBe(120)
      client.wakeup()
      expect(await waited(1000)).toBe(120)
      client.ready(NODE, simulation.milliseconds())
      const request = client.newClientRequest({
        nodeId: NODE.idString(),
        request: PRODUCE_REQUEST,
        createdTimeMs: simulation.milliseconds(),
      })
      client.send(request, simulation.milliseconds())
      simulation.schedule(30, () => client.respond(PRODUCE, {}))
      expect(await waited(1000)).toBe(150)
    })
  })

  it('is forgotten by reset, and over after close', () => {
    send()
    client.prepareResponse(PRODUCE, {})
    client.reset()
    expect(client.hasInFlightRequests()).toBe(false)
    expect(client.numAwaitingResponses()).toBe(0)
    client.initiateClose()
    expect(client.active()).toBe(false)
  })

  describe('with NetworkClientUtils', () => {
    it('waits until a node is ready, or the time is over', async () => {
      client.advanceTimeDuringPoll = true
      client.delayReady(NODE, 50)
      expect(await awaitReady(client, OTHER, time, 10)).toBe(true)
      expect(await awaitReady(client, NODE, time, 20)).toBe(false)
      await expect(awaitReady(client, NODE, time, -1)).rejects.toThrow(IllegalArgumentException)
      client.setUnreachable(NODE, 500)
      await expect(awaitReady(client, NODE, time, 1000)).rejects.toThrow(IOException)
      client.reset()
    })

    it('waits for the answer to one request', async () => {
      const request = () => {
        client.ready(NODE, now())
        return client.newClientRequest({
          nodeId: NODE.idString(),
          request: PRODUCE_REQUEST,
          createdTimeMs: now(),
        })
      }
      client.prepareResponse(PRODUCE, { throttleTimeMs: 5 })
      const response = await sendAndReceive(client, request(), time)
      expect(response.responseBody?.throttleTimeMs).toBe(5)
      client.prepareResponse(PRODUCE, null, { disconnected: true })
      await expect(sendAndReceive(client, request(), time)).rejects.toThrow(IOException)
      client.prepareUnsupportedVersionResponse(PRODUCE)
      await expect(sendAndReceive(client, request(), time)).rejects.toThrow(
        UnsupportedVersionException,
      )
      const last = request()
      client.close()
      await expect(sendAndReceive(client, last, time)).rejects.toThrow(/client was closed/)
    })
  })
})
