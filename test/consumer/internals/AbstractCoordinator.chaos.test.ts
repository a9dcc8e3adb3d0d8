/**
 * Members whose luck is drawn from a seed: slow answers, errors, lost connections, silence, slow
 * handlers, wakeups, and a program that catches everything and polls on. When the bad luck ends,
 * the member is in its group again, and nothing hangs.
 */

import { expect, test } from 'vitest'
import { SeededRandom } from '../../../src/common/Random.ts'
import { Simulation } from '../../../src/common/Simulation.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import { HEARTBEAT_INTERVAL_MS } from '../support/DummyCoordinator.ts'
import { SimulatedMember } from '../support/simulatedMember.ts'

const SEEDS = 10
const CHAOS_MS = 40_000

const MISFORTUNES: readonly (WireError | 'disconnected' | 'silence')[] = [
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
  Errors.GROUP_AUTHORIZATION_FAILED,
  Errors.UNKNOWN_SERVER_ERROR,
]

const run = async (seed: number): Promise<void> => {
  const random = new SeededRandom(seed)
  const simulation = new Simulation({ seed, maxDurationMs: 600_000 })
  let isChaos = true
  const member: SimulatedMember = new SimulatedMember(
    {
      latencyMs: random.nextInt(200),
      groupInstanceId: random.nextBoolean() ? 'printer-1' : null,
      rebalanceTimeoutMs: 15_000,
      errorOf: () =>
        isChaos && random.nextInt(4) === 0
          ? MISFORTUNES[random.nextInt(MISFORTUNES.length)]!
          : Errors.NONE,
    },
    simulation,
  )
  const poll = async (): Promise<void> => {
    try {
      await member.pollOnce(random.nextInt(3000))
    } catch (error) {
      // The program's own errors are none of the misfortunes.
      expect(error).toBeInstanceOf(Error)
      expect(error).not.toBeInstanceOf(TypeError)
    }
  }
  await simulation.run(async () => {
    while (member.elapsedMs() < CHAOS_MS) {
      if (random.nextInt(5) === 0) {
        simulation.schedule(random.nextInt(500), () => member.consumerClient.wakeup())
      }
      await poll()
      if (random.nextInt(3) === 0) await simulation.sleep(random.nextInt(20_000))
    }
    isChaos = false
    // What is silent now may be so for as long as a join may take, and five seconds.
    const untilMs = member.elapsedMs() + 90_000
    while (member.elapsedMs() < untilMs) await poll()
    expect(member.coordinator.membership.state).toBe('STABLE')
    expect(member.times('Heartbeat').at(-1)).toBeGreaterThan(untilMs - 2 * HEARTBEAT_INTERVAL_MS)
    await member.coordinator.close(simulation.timer(1000))
    member.consumerClient.close()
  })
  const asked = member.asks.length
  while (await simulation.step());
  expect(member.asks).toHaveLength(asked)
}

test(`${SEEDS} members with bad luck come back to their group, and end when closed`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    await run(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error })
    })
  }
})
