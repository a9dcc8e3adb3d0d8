/**
 * Connections that end at an inconvenient moment: while a poll is awaited, somebody else may end
 * one, and its results come nevertheless. In Java the lock of the one thread rules that out.
 */

import { beforeEach, describe, expect, it } from 'vitest'
import { ApiVersions } from '../../src/clients/ApiVersions.ts'
import { ManualMetadataUpdater } from '../../src/clients/ManualMetadataUpdater.ts'
import { NetworkClient } from '../../src/clients/NetworkClient.ts'
import { NodeApiVersions } from '../../src/clients/NodeApiVersions.ts'
import { requestBuilder } from '../../src/clients/RequestBuilder.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { Node } from '../../src/common/Node.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { TraceBus } from '../../src/common/Trace.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { MockSelector } from '../support/MockSelector.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { receiveOf } from '../support/RequestTestUtils.ts'

const NODE = new Node(0, 'localhost', 1969)
const ID = NODE.idString()
const { PRODUCE } = ApiKeys

/** Somebody does something while the poll is awaited. */
class InterruptedSelector extends MockSelector {
  meanwhile: (() => void) | null = null

  override async poll(timeoutMs: number): Promise<void> {
    await super.poll(timeoutMs)
    this.meanwhile?.()
    this.meanwhile = null
  }
}

class Updater extends ManualMetadataUpdater {
  disconnects = 0

  override handleServerDisconnect(): void {
    this.disconnects++
  }
}

let time: MockTime
let selector: InterruptedSelector
let updater: Updater
let apiVersions: ApiVersions
let client: NetworkClient

const newClient = (): NetworkClient =>
  new NetworkClient({
    selector,
    metadataUpdater: updater,
    clientId: 'app',
    maxInFlightRequestsPerConnection: 5,
    reconnectBackoffMs: 100,
    reconnectBackoffMaxMs: 1000,
    defaultRequestTimeoutMs: 1000,
    connectionSetupTimeoutMs: 5000,
    connectionSetupTimeoutMaxMs: 5000,
    apiVersions,
    discoverBrokerVersions: false,
    time,
    random: new SeededRandom(5),
    logger: new RecordingLogger(),
    trace: new TraceBus(time).from('app'),
  })

const poll = () => client.poll(0, time.milliseconds())

const awaitReady = async (): Promise<void> => {
  while (!client.ready(NODE, time.milliseconds())) await poll()
}

const sendRequest = (expectResponse: boolean) => {
  const request = client.newClientRequest({
    nodeId: ID,
    request: requestBuilder(PRODUCE, { acks: 1, timeoutMs: 1000, topicData: [] }),
    createdTimeMs: time.milliseconds(),
    expectResponse,
  })
  client.send(request, time.milliseconds())
  return request
}

beforeEach(() => {
  time = new MockTime()
  selector = new InterruptedSelector(time)
  updater = new Updater([NODE])
  apiVersions = new ApiVersions()
  client = newClient()
})

describe('a connection that somebody ends while a poll is awaited', () => {
  it('takes the request with it that the poll has just sent', async () => {
    await awaitReady()
    sendRequest(false)
    selector.meanwhile = () => client.disconnect(ID)
    expect(await poll()).toEqual([])
    const [lost] = await poll()
    expect(lost?.wasDisconnected).toBe(true)
  })

  it('takes the request with it whose answer the poll has just received', async () => {
    await awaitReady()
    const { correlationId } = sendRequest(true)
    await poll()
    selector.completeReceive(receiveOf(NODE, PRODUCE, PRODUCE.latestVersion(), correlationId, {}))
    selector.meanwhile = () => client.disconnect(ID)
    expect(await poll()).toEqual([])
    const responses = await poll()
    expect(responses.map((response) => response.wasDisconnected)).toEqual([true])
  })

  it('is not lost a second time by what the poll tells of it', async () => {
    await awaitReady()
    selector.serverDisconnect(ID)
    selector.meanwhile = () => client.disconnect(ID)
    await poll()
    expect(updater.disconnects).toBe(0)
    // One failure, so one step of back-off, with its 20 %.
    expect(client.connectionDelay(NODE, time.milliseconds())).toBeLessThanOrEqual(120)
  })
})

describe('a connection that is lost', () => {
  it('takes what is known of the node with it: it may come back as another version', async () => {
    await awaitReady()
    apiVersions.update(ID, NodeApiVersions.create())
    selector.serverDisconnect(ID)
    await poll()
    expect(apiVersions.get(ID)).toBeNull()
  })

  it('makes its node unready at once, also before the loss is told', async () => {
    await awaitReady()
    expect(client.isReady(NODE, time.milliseconds())).toBe(true)
    selector.channelNotReady(ID)
    expect(client.isReady(NODE, time.milliseconds())).toBe(false)
    expect(() => sendRequest(true)).toThrow('is not ready')
  })
})
