/**
 * Metadata, kept fresh by a client's own connections: once at a time, with back-off, from whom can
 * be asked, and from the beginning when nobody can.
 */

import { beforeEach, describe, expect, it } from 'vitest'
import { ApiVersions } from '../../src/clients/ApiVersions.ts'
import { Metadata } from '../../src/clients/Metadata.ts'
import { NetworkClient } from '../../src/clients/NetworkClient.ts'
import type { NetworkClientOptions } from '../../src/clients/NetworkClientOptions.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { Node } from '../../src/common/Node.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { TraceBus } from '../../src/common/Trace.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { MockSelector } from '../support/MockSelector.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { metadataUpdateWith, receiveOf } from '../support/RequestTestUtils.ts'

const NODE = new Node(0, 'localhost', 1969)
const ID = NODE.idString()
const { METADATA } = ApiKeys

let time: MockTime
let selector: MockSelector
/** Otherwise a connection is neither made nor refused. */
let answersConnects: boolean
let logger: RecordingLogger
let metadata: Metadata
let client: NetworkClient
/** Of the question that was sent last. */
let correlationId: number

const poll = (timeoutMs = 0) => client.poll(timeoutMs, time.milliseconds())

/** A client that knows one broker, and is connected to it. */
const knowing = async (options: Partial<NetworkClientOptions> = {}): Promise<void> => {
  metadata.bootstrap([{ host: 'localhost', port: 1969 }])
  metadata.updateWithCurrentRequestVersion(metadataUpdateWith(1), false, time.milliseconds())
  const traceBus = new TraceBus(time)
  traceBus.listen(({ name, fields }) => {
    if (name === 'clients.networkClient.doSend') {
      correlationId = (fields as { correlationId: number }).correlationId
    }
  })
  client = new NetworkClient({
    selector,
    metadata,
    clientId: 'app',
    maxInFlightRequestsPerConnection: 5,
    reconnectBackoffMs: 10,
    reconnectBackoffMaxMs: 10,
    defaultRequestTimeoutMs: 1000,
    connectionSetupTimeoutMs: 5000,
    connectionSetupTimeoutMaxMs: 5000,
    apiVersions: new ApiVersions(),
    discoverBrokerVersions: false,
    time,
    random: new SeededRandom(5),
    logger,
    trace: traceBus.from('app'),
    ...options,
  })
  while (!client.ready(NODE, time.milliseconds())) await poll()
}

/** Polls until the question is on its way. */
const ask = async (): Promise<void> => {
  metadata.requestUpdate(true)
  time.sleep(100)
  for (let i = 0; i < 5 && client.inFlightRequestCount() === 0; i++) await poll()
  expect(client.inFlightRequestCount()).toBe(1)
}

type MetadataAnswer = ReturnType<typeof metadataUpdateWith>['data']

const answer = async (more: Partial<MetadataAnswer> = {}): Promise<void> => {
  const data = { ...metadataUpdateWith(1).data, ...more }
  selector.completeReceive(receiveOf(NODE, METADATA, METADATA.latestVersion(), correlationId, data))
  await poll()
}

const rebootstrapped = () => logger.messages('info').some((m) => m.includes('Rebootstrapping'))

beforeEach(() => {
  time = new MockTime()
  answersConnects = true
  selector = new MockSelector(time, () => answersConnects)
  logger = new RecordingLogger()
  metadata = new Metadata({
    refreshBackoffMs: 50,
    refreshBackoffMaxMs: 50,
    metadataExpireMs: 300_000,
    random: new SeededRandom(1),
    logger,
  })
})

describe('metadata', () => {
  it('is asked for again when the connection with the question on it was lost', async () => {
    await knowing()
    await ask()
    selector.serverDisconnect(ID)
    await poll()
    expect(client.inFlightRequestCount()).toBe(0)
    await ask()
  })

  it('is asked for once at a time, however often it is wanted', async () => {
    await knowing()
    await ask()
    metadata.requestUpdate(true)
    time.sleep(100)
    await poll()
    expect(client.inFlightRequestCount()).toBe(1)
  })

  it('that does not come ends the connections, and is looked for from the beginning', async () => {
    await knowing({ metadataRecoveryStrategy: 'rebootstrap', rebootstrapTriggerMs: 500 })
    await ask()
    time.sleep(501)
    await poll()
    expect(rebootstrapped()).toBe(true)
    expect(selector.isChannelReady(ID)).toBe(false)
    expect(client.inFlightRequestCount()).toBe(0)
    expect(metadata.fetch().isBootstrapConfigured).toBe(true)
  })

  it('that does not come is waited for where the strategy is none', async () => {
    await knowing({ metadataRecoveryStrategy: 'none', rebootstrapTriggerMs: 500 })
    await ask()
    time.sleep(501)
    await poll()
    expect(rebootstrapped()).toBe(false)
    expect(selector.isChannelReady(ID)).toBe(true)
    expect(client.inFlightRequestCount()).toBe(1)
  })

  it('that has come in time is no reason to begin anew later', async () => {
    await knowing({ metadataRecoveryStrategy: 'rebootstrap', rebootstrapTriggerMs: 500 })
    await ask()
    const before = metadata.updateVersion()
    await answer()
    expect(metadata.updateVersion()).toBe(before + 1)
    time.sleep(501)
    await poll()
    expect(rebootstrapped()).toBe(false)
  })

  it('with REBOOTSTRAP_REQUIRED is like any other where the strategy is none', async () => {
    await knowing({ metadataRecoveryStrategy: 'none', rebootstrapTriggerMs: 500 })
    await ask()
    const before = metadata.updateVersion()
    await answer({ errorCode: Errors.REBOOTSTRAP_REQUIRED.code })
    expect(metadata.updateVersion()).toBe(before + 1)
    expect(rebootstrapped()).toBe(false)
  })

  it('is waited for with back-off when the node that was to be asked is lost', async () => {
    await knowing()
    metadata.requestUpdate(true)
    time.sleep(100)
    selector.channelNotReady(ID) // it could not be asked yet
    await poll()
    expect(client.inFlightRequestCount()).toBe(0)
    expect(metadata.timeToNextUpdate(time.milliseconds())).toBe(0)
    selector.serverDisconnect(ID)
    await poll()
    expect(metadata.timeToNextUpdate(time.milliseconds())).toBeGreaterThan(0)
  })

  it('is looked for again every reconnect.backoff.ms while a node is being connected', async () => {
    await knowing()
    selector.serverDisconnect(ID)
    await poll()
    answersConnects = false
    time.sleep(100)
    await poll() // begins to connect
    const startMs = time.milliseconds()
    await poll(5000)
    expect(time.milliseconds() - startMs).toBe(10)
  })

  it('names ten partitions whose leader has no listener of our kind, and says how many', async () => {
    await knowing()
    await ask()
    const partitions = Array.from({ length: 12 }, (_, partitionIndex) => ({
      errorCode: Errors.LISTENER_NOT_FOUND.code,
      partitionIndex,
      leaderId: -1,
      leaderEpoch: -1,
      replicaNodes: [],
      isrNodes: [],
      offlineReplicas: [],
    }))
    const { topics } = metadataUpdateWith(1, { topics: { t: 1 } }).data
    await answer({ topics: [{ ...topics[0]!, partitions }] })
    const [warning] = logger.messages('warn').filter((m) => m.includes('matching listener'))
    expect(warning).toMatch(/^12 partitions/)
    expect(warning?.match(/t-\d+/g)).toHaveLength(10)
  })
})
