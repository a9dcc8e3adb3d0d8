/** Where the coordinator is: found, lost, found again. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { macrotask } from '#platform'
import { NodeApiVersions } from '../../../src/clients/NodeApiVersions.ts'
import { type AnyApiKey, requestBuilder } from '../../../src/clients/RequestBuilder.ts'
import {
  AuthenticationException,
  GroupAuthorizationException,
  UnsupportedVersionException,
} from '../../../src/common/errors/ApiExceptions.ts'
import { IllegalStateException } from '../../../src/common/errors.ts'
import { Simulation } from '../../../src/common/Simulation.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import {
  DummyHarness,
  HEARTBEAT_INTERVAL_MS,
  joined,
  RETRY_BACKOFF_MS,
  SESSION_TIMEOUT_MS,
} from '../support/DummyCoordinator.ts'

let harness: DummyHarness

beforeEach(() => {
  harness = new DummyHarness()
})
afterEach(() => harness.close())

const pass = async (ms: number): Promise<void> => {
  harness.time.sleep(ms)
  await macrotask()
}

test('is looked for again after a back-off that grows, while it cannot be reached', async () => {
  covers('AbstractCoordinatorTest.testCoordinatorDiscoveryExponentialBackoff')
  harness = new DummyHarness({ retryBackoffMs: 10, retryBackoffMaxMs: 100 })
  const { client, coordinator, time } = harness
  for (let i = 0; i < 5; i++) harness.prepareFindCoordinator()
  client.backoff(harness.coordinatorNode, 100)
  const startMs = time.milliseconds()
  expect(await coordinator.ensureCoordinatorReady(time.timer(60_000))).toBe(true)
  const tookMs = time.milliseconds() - startMs
  // 10, 20, 40, 80 milliseconds, a fifth more or less.
  expect(tookMs).toBeGreaterThanOrEqual(150 * 0.8)
  expect(tookMs).toBeLessThanOrEqual(150 * 1.2 + 10)
})

test('is asked for once at a time, and not while no broker can be asked', async () => {
  covers('AbstractCoordinatorTest.testLookupCoordinator')
  const { client, coordinator, time } = harness
  client.backoff(harness.node, 50)
  expect(coordinator.lookupCoordinator().failed()).toBe(true)
  time.sleep(50)

  const future = coordinator.lookupCoordinator()
  expect(future.isDone()).toBe(false)
  expect(coordinator.lookupCoordinator()).toBe(future)

  harness.prepareFindCoordinator()
  await coordinator.ensureCoordinatorReady(time.timer(60_000))
  expect(coordinator.lookupCoordinator()).not.toBe(future)
})

test('a refused login is thrown, and is not thrown again once it is mended', async () => {
  covers('AbstractCoordinatorTest.testAuthenticationErrorInEnsureCoordinatorReady')
  const { client, coordinator, time } = harness
  client.createPendingAuthenticationError(harness.node, 300)
  const ensure = () => coordinator.ensureCoordinatorReady(time.timer(60_000))
  await expect(ensure()).rejects.toThrow(AuthenticationException)
  time.sleep(300)
  harness.prepareFindCoordinator()
  expect(await ensure()).toBe(true)
})

test('a group that we may not see is an error with its name', async () => {
  harness.prepareFindCoordinator(Errors.GROUP_AUTHORIZATION_FAILED)
  const thrown = await harness.coordinator
    .ensureCoordinatorReady(harness.time.timer(1000))
    .catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(GroupAuthorizationException)
  expect(thrown).toMatchObject({
    groupId: 'dummy-group',
    message: 'Not authorized to access group: dummy-group',
  })
})

test('an answer that names two coordinators is an error', async () => {
  const { coordinators } = harness.found()
  harness.client.prepareResponse(ApiKeys.FIND_COORDINATOR, {
    coordinators: [...coordinators, ...coordinators],
  })
  await expect(
    harness.coordinator.ensureCoordinatorReady(harness.time.timer(1000)),
  ).rejects.toThrow(IllegalStateException)
})

test('gets a connection of its own: no heartbeat stands behind a fetch', async () => {
  await harness.findCoordinator()
  expect(harness.coordinator.coordinator()).toMatchObject({
    id: 2 ** 31 - 1 - harness.node.id,
    host: harness.node.host,
    port: harness.node.port,
  })
})

test('is given up when it has not answered for a session, and looked for again', async () => {
  await harness.joinGroup()
  const { coordinator } = harness
  for (let ms = 0; ms < SESSION_TIMEOUT_MS; ms += 1000) {
    coordinator.pollHeartbeat(harness.time.milliseconds())
    await pass(1000)
  }
  expect(coordinator.coordinator()).toBeNull()
  expect(harness.logger.messages('info').join()).toMatch(/session timed out without receiving/)
  harness.prepareFindCoordinator()
  await pass(RETRY_BACKOFF_MS)
  await pass(RETRY_BACKOFF_MS)
  expect(coordinator.coordinator()).not.toBeNull()
  expect(coordinator.membership.state).toBe('STABLE')
})

test('the question that the user waits for was forgotten by the heartbeat loop', async () => {
  const simulation = new Simulation({ seed: 1 })
  const simulated = new DummyHarness({}, simulation)
  const { client, coordinator } = simulated
  client.waitDuringPoll = true
  await simulation.run(async () => {
    await simulated.joinGroup()
    coordinator.markCoordinatorUnknown('test')
    const waiting = coordinator.ensureCoordinatorReady(simulation.timer(60_000))
    // The loop sees an unknown coordinator in each of its turns meanwhile.
    await simulation.sleep(10 * RETRY_BACKOFF_MS)
    expect(simulated.asked()).toEqual(['FindCoordinator'])
    client.respond(ApiKeys.FIND_COORDINATOR, simulated.found())
    expect(await waiting).toBe(true)
    expect(simulated.asked()).toEqual([])
    await simulated.close()
  })
})

test('a coordinator that has been out of reach for long is worth a warning', async () => {
  const { coordinator, time, logger } = harness
  await harness.findCoordinator()
  coordinator.markCoordinatorUnknown(Errors.NOT_COORDINATOR)
  time.sleep(60_001)
  coordinator.markCoordinatorUnknown('still nobody')
  expect(logger.messages('warn')).toEqual([
    'The group coordinator has been out of reach for 60001 ms',
  ])
})

test('is found on brokers of all ages, and a member of a name is refused by the oldest', async () => {
  const oldest = (key: AnyApiKey, maxVersion: number) => ({
    apiKey: key.id,
    minVersion: 0,
    maxVersion,
  })
  harness = new DummyHarness({ groupInstanceId: 'printer-1' })
  const { client, coordinator, node } = harness
  client.setNodeApiVersions(
    NodeApiVersions.create([oldest(ApiKeys.FIND_COORDINATOR, 2), oldest(ApiKeys.JOIN_GROUP, 4)]),
  )
  const { id: nodeId, host, port } = node
  client.prepareResponse(
    ApiKeys.FIND_COORDINATOR,
    { nodeId, host, port },
    {
      matcher: ({ key }) => key === 'dummy-group',
    },
  )
  client.prepareResponse(ApiKeys.JOIN_GROUP, joined())
  await expect(coordinator.ensureActiveGroup()).rejects.toThrow(UnsupportedVersionException)
  expect(coordinator.coordinator()?.port).toBe(port)
})

// ---- platformatic/kafka #291

test('a stale coordinator was asked for ever (platformatic/kafka #291)', async () => {
  await harness.joinGroup()
  const { client, coordinator } = harness
  await pass(HEARTBEAT_INTERVAL_MS)
  harness.respondHeartbeat(Errors.NOT_COORDINATOR)
  harness.prepareFindCoordinator()
  harness.prepareHeartbeat()
  await pass(RETRY_BACKOFF_MS)
  await pass(RETRY_BACKOFF_MS)
  await pass(RETRY_BACKOFF_MS)
  await pass(RETRY_BACKOFF_MS)
  expect(client.numAwaitingResponses()).toBe(0)
  expect(coordinator.coordinator()).not.toBeNull()
  expect(coordinator.heartbeatLoop()?.isFailed()).toBe(false)
})

test('a coordinator that moves while a member joins is found at its new place', async () => {
  await harness.findCoordinator()
  harness.prepareJoin(joined({ error: Errors.NOT_COORDINATOR }))
  harness.prepareFindCoordinator()
  harness.prepareJoin()
  harness.prepareSync()
  expect(await harness.coordinator.ensureActiveGroup(harness.time.timer(1000))).toBe(true)
})

test('what is in flight to a coordinator that is given up fails, and is not late', async () => {
  await harness.joinGroup()
  const { consumerClient, coordinator, coordinatorNode } = harness
  const request = requestBuilder(ApiKeys.HEARTBEAT, { groupId: 'g', generationId: 1, memberId: '' })
  const future = consumerClient.send(coordinatorNode, request)
  await harness.poll()
  coordinator.markCoordinatorUnknown('test')
  await harness.poll()
  expect(future.failed()).toBe(true)
})
