/** A member over minutes of virtual time: slow handlers, lost answers, moved coordinators. */

import { describe, expect, test } from 'vitest'
import { requestBuilder } from '../../../src/clients/RequestBuilder.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import {
  HEARTBEAT_INTERVAL_MS,
  MEMBER_ID,
  REBALANCE_TIMEOUT_MS,
  SESSION_TIMEOUT_MS,
} from '../support/DummyCoordinator.ts'
import { type Asked, type GroupApi, SimulatedMember } from '../support/simulatedMember.ts'

/** Runs a member to the end of `body`, and closes it. */
const simulate = (
  member: SimulatedMember,
  body: (member: SimulatedMember) => Promise<void>,
): Promise<void> =>
  member.time.run(async () => {
    await body(member)
    await member.coordinator.close(member.time.timer(1000))
    member.consumerClient.close()
  })

/** This error in the first answer of this kind, and no other. */
const once = (api: GroupApi, error: WireError | 'disconnected' | 'silence') => {
  let isDue = true
  return (asked: Asked): WireError | 'disconnected' | 'silence' => {
    if (!isDue || asked.api !== api) return Errors.NONE
    isDue = false
    return error
  }
}

const gaps = (times: readonly number[]): number[] =>
  times.slice(1).map((atMs, i) => atMs - times[i]!)

describe('a slow handler', () => {
  test('starved the heartbeat: the group rebalanced for ever (kafkajs #375, #1527)', async () => {
    const member = new SimulatedMember()
    await simulate(member, async () => {
      for (let i = 0; i < 5; i++) {
        await member.pollOnce()
        await member.time.sleep(5 * SESSION_TIMEOUT_MS)
      }
    })
    expect(member.times('JoinGroup')).toHaveLength(1)
    const beats = member.times('Heartbeat')
    expect(beats.length).toBeGreaterThan((25 * SESSION_TIMEOUT_MS) / HEARTBEAT_INTERVAL_MS - 10)
    for (const gap of gaps(beats)) expect(gap).toBeLessThan(HEARTBEAT_INTERVAL_MS + 200)
  })

  test('kept its partitions although it had not polled for max.poll.interval.ms', async () => {
    const member = new SimulatedMember()
    await simulate(member, async () => {
      await member.pollOnce()
      await member.time.sleep(REBALANCE_TIMEOUT_MS + 10_000)
      expect(member.coordinator.membership.state).toBe('UNJOINED')
      expect(member.logger.messages('warn').join()).toMatch(/consumer poll timeout has expired/)
      const beatsBefore = member.times('Heartbeat').length
      await member.time.sleep(10_000)
      expect(member.times('Heartbeat')).toHaveLength(beatsBefore)
      await member.pollOnce()
      expect(member.coordinator.membership.state).toBe('STABLE')
    })
    const left = member.asks.find(({ api }) => api === 'LeaveGroup')!
    expect(left).toMatchObject({
      memberId: MEMBER_ID,
      reason: 'consumer poll timeout has expired.',
    })
    expect(left.atMs).toBeGreaterThanOrEqual(REBALANCE_TIMEOUT_MS)
    expect(left.atMs).toBeLessThan(REBALANCE_TIMEOUT_MS + 300)
    expect(member.times('JoinGroup')).toHaveLength(2)
  })

  test('of a static member: it does not leave, but joins again', async () => {
    const member = new SimulatedMember({ groupInstanceId: 'printer-1' })
    await simulate(member, async () => {
      await member.pollOnce()
      await member.time.sleep(REBALANCE_TIMEOUT_MS + 10_000)
      expect(member.coordinator.membership.state).toBe('UNJOINED')
      await member.pollOnce()
    })
    expect(member.times('LeaveGroup')).toEqual([])
    expect(member.times('JoinGroup')).toHaveLength(2)
  })
})

test('a user who waits long in a poll sends heartbeats in time', async () => {
  const member = new SimulatedMember({
    errorOf: ({ api }) => (api === 'ListOffsets' ? 'silence' : Errors.NONE),
  })
  await simulate(member, async () => {
    await member.pollOnce()
    // Something that keeps every poll waiting for as long as it may.
    member.consumerClient.send(member.node, requestBuilder(ApiKeys.LIST_OFFSETS, { replicaId: -1 }))
    const timer = member.time.timer(30_000)
    while (timer.notExpired()) {
      member.coordinator.pollHeartbeat(timer.currentTimeMs())
      await member.consumerClient.poll(timer)
    }
  })
  const beats = member.times('Heartbeat')
  expect(beats.length).toBeGreaterThanOrEqual(9)
  for (const gap of gaps(beats)) expect(gap).toBeLessThan(HEARTBEAT_INTERVAL_MS + 200)
})

describe('a heartbeat', () => {
  test.each([
    ['that failed was not sent again (platformatic/kafka #376)', Errors.UNKNOWN_SERVER_ERROR],
    ['whose coordinator loads was not sent again', Errors.COORDINATOR_LOAD_IN_PROGRESS],
    ['whose connection was lost was not sent again', 'disconnected'],
  ] as const)('%s', async (_what, error) => {
    const member = new SimulatedMember({ errorOf: once('Heartbeat', error) })
    await simulate(member, async () => {
      await member.pollOnce()
      await member.time.sleep(2 * HEARTBEAT_INTERVAL_MS + 500)
    })
    const [first, second] = member.times('Heartbeat')
    expect(second! - first!).toBeLessThan(1000)
    expect(member.times('JoinGroup')).toHaveLength(1)
  })

  test('that is never answered costs the coordinator, not the membership', async () => {
    let isSilent = true
    const member = new SimulatedMember({
      errorOf: ({ api }) => (api === 'Heartbeat' && isSilent ? 'silence' : Errors.NONE),
    })
    await simulate(member, async () => {
      await member.pollOnce()
      await member.time.sleep(SESSION_TIMEOUT_MS + 1000)
      expect(member.times('FindCoordinator')).toHaveLength(2)
      isSilent = false
      await member.time.sleep(2 * HEARTBEAT_INTERVAL_MS)
      expect(member.coordinator.heartbeat.hasInflight()).toBe(false)
    })
    expect(member.times('JoinGroup')).toHaveLength(1)
  })

  test('answered ILLEGAL_GENERATION ended the consumer (platformatic/kafka #268)', async () => {
    const member = new SimulatedMember({ errorOf: once('Heartbeat', Errors.ILLEGAL_GENERATION) })
    await simulate(member, async () => {
      await member.pollOnce()
      await member.time.sleep(HEARTBEAT_INTERVAL_MS + 500)
      expect(member.coordinator.membership.state).toBe('UNJOINED')
      await member.pollOnce()
      expect(member.coordinator.generation().generationId).toBe(2)
    })
    const joins = member.asks.filter(({ api }) => api === 'JoinGroup')
    // The id is still good, so it is kept: a new one would have to wait for the old one's session.
    expect(joins.map(({ memberId }) => memberId)).toEqual(['', MEMBER_ID])
    expect(joins[1]?.reason).toMatch(/ILLEGAL_GENERATION from HEARTBEAT/)
    expect(member.coordinator.onJoinPrepareInvokes).toBe(2)
  })
})

describe('the consumer stopped silently (kafkajs #659, confluent-kafka-javascript #476)', () => {
  const errors = [
    'disconnected',
    'silence',
    Errors.COORDINATOR_LOAD_IN_PROGRESS,
    Errors.COORDINATOR_NOT_AVAILABLE,
    Errors.NOT_COORDINATOR,
    Errors.UNKNOWN_MEMBER_ID,
    Errors.ILLEGAL_GENERATION,
    Errors.REBALANCE_IN_PROGRESS,
    Errors.MEMBER_ID_REQUIRED,
    Errors.FENCED_INSTANCE_ID,
    Errors.INCONSISTENT_GROUP_PROTOCOL,
    Errors.GROUP_AUTHORIZATION_FAILED,
    Errors.GROUP_MAX_SIZE_REACHED,
    Errors.INVALID_GROUP_ID,
    Errors.UNSUPPORTED_VERSION,
    Errors.UNKNOWN_SERVER_ERROR,
    Errors.REQUEST_TIMED_OUT,
  ] as const

  /** Polls until the member has sent some heartbeats more, or an error is thrown. */
  const pollUntilWell = async (member: SimulatedMember): Promise<unknown> => {
    const beats = member.times('Heartbeat').length + 2
    const untilMs = member.elapsedMs() + 120_000
    while (member.times('Heartbeat').length < beats) {
      if (member.elapsedMs() > untilMs) return 'silence'
      try {
        await member.pollOnce(1000)
      } catch (error) {
        return error
      }
    }
    return null
  }

  const apis = ['FindCoordinator', 'JoinGroup', 'SyncGroup', 'Heartbeat'] as const
  test.each(apis)('after an error in the answer to %s', async (api) => {
    for (const error of errors) {
      const member = new SimulatedMember({ errorOf: once(api, error), retryBackoffMs: 500 })
      await simulate(member, async () => {
        // Either the program hears of it, or the member goes on.
        const outcome = await pollUntilWell(member)
        if (outcome === null) return
        expect(outcome, `${api} answered with ${error}`).toBeInstanceOf(Error)
        // And who catches it and polls on is in the group again.
        expect(await pollUntilWell(member)).toBeNull()
      })
    }
  })
})
