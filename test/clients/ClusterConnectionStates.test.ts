import { beforeEach, describe, expect, it } from 'vitest'
import { ClusterConnectionStates } from '../../src/clients/ClusterConnectionStates.ts'
import {
  DefaultHostResolver,
  type HostResolver,
  UnknownHostException,
} from '../../src/clients/HostResolver.ts'
import { NO_TIMEOUT_MS } from '../../src/clients/KafkaClient.ts'
import { AuthenticationException } from '../../src/common/errors/ApiExceptions.ts'
import { IllegalStateException } from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

const NODE = '1001'
const OTHER = '2002'
const THIRD = '3003'
const RECONNECT_MS = 10_000
const RECONNECT_MAX_MS = 60_000
const SETUP_MS = 10_000
const SETUP_MAX_MS = 127_000
const JITTER = 0.2
const MANY_ADDRESSES = ['10.200.20.100', '10.200.20.101', '10.200.20.102']

/** Within the jitter of `expected`. */
const expectAbout = (actual: number, expected: number): void => {
  expect(actual).toBeGreaterThanOrEqual(Math.floor(expected * (1 - JITTER)))
  expect(actual).toBeLessThanOrEqual(Math.ceil(expected * (1 + JITTER)))
}

describe('ClusterConnectionStates', () => {
  let time: MockTime
  let logger: RecordingLogger
  let states: ClusterConnectionStates
  const now = () => time.milliseconds()

  const statesWith = (hostResolver: HostResolver) =>
    new ClusterConnectionStates({
      reconnectBackoffMs: RECONNECT_MS,
      reconnectBackoffMaxMs: RECONNECT_MAX_MS,
      connectionSetupTimeoutMs: SETUP_MS,
      connectionSetupTimeoutMaxMs: SETUP_MAX_MS,
      hostResolver,
      random: new SeededRandom(7),
      logger,
    })

  beforeEach(() => {
    time = new MockTime()
    logger = new RecordingLogger()
    states = statesWith(new DefaultHostResolver())
  })

  it('leads a node from connecting to ready to disconnected, and holds it back then', async () => {
    covers('ClusterConnectionStatesTest.testClusterConnectionStateChanges')
    expect(states.canConnect(NODE, now())).toBe(true)
    expect(states.connectionDelay(NODE, now())).toBe(0)

    states.connecting(NODE, now(), 'localhost')
    expect(states.connectionState(NODE)).toBe('CONNECTING')
    expect(states.isConnecting(NODE)).toBe(true)
    expect(states.isReady(NODE, now())).toBe(false)
    expect(states.isBlackedOut(NODE, now())).toBe(false)
    expect(states.hasReadyNodes(now())).toBe(false)
    expectAbout(states.connectionDelay(NODE, now()), SETUP_MS)

    await time.sleep(100)
    states.ready(NODE)
    expect(states.connectionState(NODE)).toBe('READY')
    expect(states.isReady(NODE, now())).toBe(true)
    expect(states.hasReadyNodes(now())).toBe(true)
    expect(states.isConnecting(NODE)).toBe(false)
    expect(states.connectionDelay(NODE, now())).toBe(NO_TIMEOUT_MS)

    await time.sleep(15_000)
    states.disconnected(NODE, now())
    expect(states.connectionState(NODE)).toBe('DISCONNECTED')
    expect(states.isDisconnected(NODE)).toBe(true)
    expect(states.isBlackedOut(NODE, now())).toBe(true)
    expect(states.hasReadyNodes(now())).toBe(false)
    expect(states.canConnect(NODE, now())).toBe(false)

    const backoffMs = states.connectionDelay(NODE, now())
    expectAbout(backoffMs, RECONNECT_MS)
    await time.sleep(backoffMs + 1)
    expect(states.canConnect(NODE, now())).toBe(true)
  })

  it('keeps nodes apart', async () => {
    covers('ClusterConnectionStatesTest.testMultipleNodeConnectionStates')
    states.connecting(OTHER, now(), 'localhost')
    expect(states.hasReadyNodes(now())).toBe(false)
    await time.sleep(1000)
    states.ready(OTHER)
    states.connecting(NODE, now(), 'localhost')
    expect(states.hasReadyNodes(now())).toBe(true)
    await time.sleep(1000)
    states.ready(NODE)
    await time.sleep(12_000)

    states.disconnected(OTHER, now())
    expect(states.hasReadyNodes(now())).toBe(true)
    expect(states.isBlackedOut(OTHER, now())).toBe(true)
    expect(states.isBlackedOut(NODE, now())).toBe(false)
    await time.sleep(states.connectionDelay(OTHER, now()))
    states.disconnected(NODE, now() + 1)
    expect(states.isBlackedOut(NODE, now())).toBe(true)
    expect(states.isBlackedOut(OTHER, now())).toBe(false)
    expect(states.hasReadyNodes(now())).toBe(false)
  })

  it('remembers a refused login until the node is ready', async () => {
    covers('ClusterConnectionStatesTest.testAuthorizationFailed')
    states.connecting(NODE, now(), 'localhost')
    states.authenticationFailed(NODE, now(), new AuthenticationException('no path to the CA'))
    await time.sleep(1000)
    expect(states.connectionState(NODE)).toBe('AUTHENTICATION_FAILED')
    expect(states.authenticationException(NODE)).toBeInstanceOf(AuthenticationException)
    expect(states.hasReadyNodes(now())).toBe(false)
    expect(states.canConnect(NODE, now())).toBe(false)

    await time.sleep(states.connectionDelay(NODE, now()) + 1)
    expect(states.canConnect(NODE, now())).toBe(true)
    states.ready(NODE)
    expect(states.authenticationException(NODE)).toBeNull()
  })

  it('counts the back-off after a refused login from the refusal', () => {
    states.connecting(NODE, now(), 'localhost')
    states.checkingApiVersions(NODE)
    time.sleep(8000)
    states.authenticationFailed(NODE, now(), new AuthenticationException('No path to CA'))
    expectAbout(states.connectionDelay(NODE, now()), RECONNECT_MS)
  })

  it('forgets all about a node that is removed, its back-off too', () => {
    covers('ClusterConnectionStatesTest.testRemoveNode')
    states.connecting(NODE, now(), 'localhost')
    states.ready(NODE)
    states.disconnected(NODE, now())
    states.remove(NODE)
    expect(states.canConnect(NODE, now())).toBe(true)
    expect(states.isBlackedOut(NODE, now())).toBe(false)
    expect(states.connectionDelay(NODE, now())).toBe(0)
    expect(() => states.connectionState(NODE)).toThrow(IllegalStateException)
  })

  it('never waits longer than the maximum to reconnect', async () => {
    covers('ClusterConnectionStatesTest.testMaxReconnectBackoff')
    for (let i = 0; i < 100; i++) {
      states.connecting(NODE, now(), 'localhost')
      await time.sleep(10)
      states.disconnected(NODE, now())
      const backoffMs = states.connectionDelay(NODE, now())
      expect(backoffMs).toBeLessThanOrEqual(RECONNECT_MAX_MS)
      expect(states.canConnect(NODE, now())).toBe(false)
      await time.sleep(backoffMs + 1)
      expect(states.canConnect(NODE, now())).toBe(true)
    }
  })

  it.each([
    ['fails at once', false],
    ['fails while versions are being asked for', true],
  ])('waits twice as long after each connection that %s', async (_, checkingVersions) => {
    covers('ClusterConnectionStatesTest.testExponentialReconnectBackoff')
    for (let i = 0; i < 10; i++) {
      states.connecting(NODE, now(), 'localhost')
      if (checkingVersions) states.checkingApiVersions(NODE)
      states.disconnected(NODE, now())
      const delayMs = states.connectionDelay(NODE, now())
      expectAbout(delayMs, Math.min(RECONNECT_MS * 2 ** i, RECONNECT_MAX_MS))
      await time.sleep(delayMs + 1)
    }
  })

  it('counts throttle time down, and prefers it to the connection delay', async () => {
    covers('ClusterConnectionStatesTest.testThrottled')
    states.connecting(NODE, now(), 'localhost')
    states.ready(NODE)
    expect(states.throttleDelayMs(NODE, now())).toBe(0)

    states.throttle(NODE, now() + 100)
    expect(states.throttleDelayMs(NODE, now())).toBe(100)
    expect(states.isReady(NODE, now())).toBe(false)
    states.throttle(NODE, now() + 20) // a shorter one does not move it back
    await time.sleep(50)
    expect(states.throttleDelayMs(NODE, now())).toBe(50)
    expect(states.pollDelayMs(NODE, now())).toBe(50)
    await time.sleep(50)
    expect(states.throttleDelayMs(NODE, now())).toBe(0)
    expect(states.isReady(NODE, now())).toBe(true)
    expect(states.pollDelayMs(NODE, now())).toBe(states.connectionDelay(NODE, now()))
  })

  it('tries the one address of a host again and again', () => {
    covers('ClusterConnectionStatesTest.testSingleIP')
    states = statesWith({ resolve: () => ['127.0.0.1'] })
    for (let i = 0; i < 3; i++) {
      states.connecting(NODE, now(), 'localhost')
      expect(states.currentAddress(NODE)).toBe('127.0.0.1')
    }
  })

  it('tries the addresses of a host in turn, and resolves again after the last', () => {
    covers('ClusterConnectionStatesTest.testMultipleIPs')
    let resolved = 0
    states = statesWith({
      resolve: () => {
        resolved++
        return MANY_ADDRESSES
      },
    })
    const tried = Array.from({ length: 3 }, () => {
      states.connecting(NODE, now(), 'many')
      return states.currentAddress(NODE)
    })
    expect(tried).toEqual(MANY_ADDRESSES)
    expect(resolved).toBe(1)
    states.connecting(NODE, now(), 'many')
    states.currentAddress(NODE)
    expect(resolved).toBe(2)
  })

  it('resolves again when the node has another host name', () => {
    covers(
      'ClusterConnectionStatesTest.testHostResolveChange',
      'ClusterConnectionStatesTest.testNodeWithNewHostname',
    )
    states = statesWith({ resolve: (host) => (host === 'old' ? ['10.0.0.1'] : ['10.0.0.2']) })
    states.connecting(NODE, now(), 'old')
    expect(states.currentAddress(NODE)).toBe('10.0.0.1')
    states.connecting(NODE, now(), 'new')
    expect(states.currentAddress(NODE)).toBe('10.0.0.2')
    expect(logger.messages('info')).toContainEqual(
      `Hostname for node ${NODE} changed from old to new.`,
    )
  })

  it('says whether a connection is being prepared', () => {
    covers('ClusterConnectionStatesTest.testIsPreparingConnection')
    expect(states.isPreparingConnection(NODE)).toBe(false)
    states.connecting(NODE, now(), 'localhost')
    expect(states.isPreparingConnection(NODE)).toBe(true)
    states.checkingApiVersions(NODE)
    expect(states.isPreparingConnection(NODE)).toBe(true)
    states.disconnected(NODE, now())
    expect(states.isPreparingConnection(NODE)).toBe(false)
  })

  it('gives each attempt twice as long to be made, until one succeeds', () => {
    covers('ClusterConnectionStatesTest.testExponentialConnectionSetupTimeout')
    for (let n = 0; SETUP_MS * 2 ** n <= SETUP_MAX_MS; n++) {
      states.connecting(NODE, now(), 'localhost')
      expect(states.connectingNodes().has(NODE)).toBe(true)
      expectAbout(states.connectionSetupTimeoutMs(NODE), SETUP_MS * 2 ** n)
      states.disconnected(NODE, now())
      expect(states.connectingNodes().has(NODE)).toBe(false)
    }
    states.connecting(NODE, now(), 'localhost')
    expectAbout(states.connectionSetupTimeoutMs(NODE), SETUP_MAX_MS)

    states.ready(NODE)
    expectAbout(states.connectionSetupTimeoutMs(NODE), SETUP_MS)
    states.disconnected(NODE, now())
    states.connecting(NODE, now(), 'localhost')
    expectAbout(states.connectionSetupTimeoutMs(NODE), SETUP_MS)
    expect(states.connectingNodes().has(NODE)).toBe(true)
  })

  it('begins both waits anew after a connection that stood, and they grow as before', () => {
    const fail = (): void => {
      states.connecting(NODE, now(), 'localhost')
      states.disconnected(NODE, now())
    }
    for (let i = 0; i < 3; i++) fail()
    states.connecting(NODE, now(), 'localhost')
    states.ready(NODE)
    states.disconnected(NODE, now())
    expectAbout(states.connectionSetupTimeoutMs(NODE), SETUP_MS)
    expectAbout(states.connectionDelay(NODE, now()), RECONNECT_MS)
    fail()
    expectAbout(states.connectionSetupTimeoutMs(NODE), 2 * SETUP_MS)
    expectAbout(states.connectionDelay(NODE, now()), 2 * RECONNECT_MS)
  })

  it('names the nodes whose set-up takes too long', async () => {
    covers('ClusterConnectionStatesTest.testTimedOutConnections')
    states.connecting(NODE, now(), 'localhost')
    states.connecting(OTHER, now(), 'localhost')
    expect(states.nodesWithConnectionSetupTimeout(now())).toEqual([])
    await time.sleep(SETUP_MS / 2)
    states.connecting(THIRD, now(), 'localhost')

    await time.sleep(SETUP_MS / 2 + SETUP_MS * JITTER)
    expect(states.nodesWithConnectionSetupTimeout(now())).toEqual([NODE, OTHER])
    states.disconnected(NODE, now())
    states.disconnected(OTHER, now())

    await time.sleep(SETUP_MS / 2 + SETUP_MS * JITTER)
    expect(states.nodesWithConnectionSetupTimeout(now())).toEqual([THIRD])
    states.disconnected(THIRD, now())
    expect(states.nodesWithConnectionSetupTimeout(now())).toEqual([])
  })

  it('does not begin with the address that failed last, after resolving again', () => {
    covers('ClusterConnectionStatesTest.testSkipLastAttemptedIp')
    states = statesWith({ resolve: () => MANY_ADDRESSES })
    states.connecting(NODE, now(), 'many')
    const first = states.currentAddress(NODE)
    states.ready(NODE)
    states.disconnected(NODE, now()) // it had stood: resolve again
    states.connecting(NODE, now(), 'many')
    expect(states.currentAddress(NODE)).not.toBe(first)
  })

  it('takes only the addresses of the first one’s family', () => {
    covers('ClientUtilsTest.testFilterPreferredAddresses', 'ClientUtilsTest.testResolveDnsLookup')
    states = statesWith({ resolve: () => ['10.0.0.1', '::1', '10.0.0.2'] })
    const tried = [1, 2, 3].map(() => {
      states.connecting(NODE, now(), 'mixed')
      return states.currentAddress(NODE)
    })
    expect(tried.slice(0, 2)).toEqual(['10.0.0.1', '10.0.0.2'])
    expect(tried).not.toContain('::1')
  })

  it('passes on that a host is unknown', () => {
    covers('ClientUtilsTest.testResolveUnknownHostException')
    states = statesWith({
      resolve: (host) => {
        throw new UnknownHostException(`No address for '${host}'`)
      },
    })
    states.connecting(NODE, now(), 'nowhere')
    expect(() => states.currentAddress(NODE)).toThrow(UnknownHostException)
  })
})
